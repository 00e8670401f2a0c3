"""What makes a journal bookable. Plain functions that return problems."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from app.reference_erp.messages import Account, Journal, Line, Period, Problem
from app.reference_erp.money import MAX_MINOR, minor_digits, to_minor


def problems_of(journal: Journal, accounts: Mapping[str, Account], periods: Sequence[Period]) -> list[Problem]:
    """Everything that is wrong at once; empty where it can be booked. `accounts` holds at least those the journal names."""
    problems = [*_currency_problems(journal), *_date_problems(journal.accounting_date, periods), *_numbering_problems(journal)]
    for line in journal.lines:
        problems += _account_problems(line, accounts)
    if any(problem.code == "unknown-currency" for problem in problems):
        return problems
    amounts = [problem for line in journal.lines for problem in _amount_problems(journal, line)]
    return problems + (amounts or list(_balance_problems(journal)))


def _currency_problems(journal: Journal) -> Iterable[Problem]:
    for currency in sorted({journal.currency, journal.base_currency}):
        if minor_digits(currency) is None:
            yield Problem(line=None, code="unknown-currency", message=f"{currency} is not a currency of this ledger")


def _date_problems(day: date, periods: Sequence[Period]) -> Iterable[Problem]:
    """Without periods every date is open; where periods overlap, each must be open."""
    around = [period for period in periods if period.starts_on <= day <= period.ends_on]
    if periods and not around:
        yield Problem(line=None, code="no-period", message=f"{day} lies in no period")
    for period in around:
        if period.status == "closed":
            yield Problem(line=None, code="period-closed", message=f"{day} lies in period {period.period}, which is closed")


def _numbering_problems(journal: Journal) -> Iterable[Problem]:
    if not journal.lines:
        yield Problem(line=None, code="empty-journal", message="The journal has no lines")
    for number, times in Counter(line.line for line in journal.lines).items():
        if times > 1:
            yield Problem(line=number, code="line-repeated", message=f"Line number {number} is used {times} times")


def _account_problems(line: Line, accounts: Mapping[str, Account]) -> Iterable[Problem]:
    account = accounts.get(line.account_code)
    if account is None:
        yield Problem(line=line.line, code="unknown-account", message=f"Account {line.account_code} is not in the chart of accounts")
    elif not account.active:
        yield Problem(line=line.line, code="inactive-account", message=f"Account {line.account_code} is not active")


def _amount_problems(journal: Journal, line: Line) -> Iterable[Problem]:
    minors = [_minor(line.amount, journal.currency), _minor(line.base_amount, journal.base_currency)]
    if None in minors:
        yield Problem(line=line.line, code="too-many-decimals", message="An amount has more decimals than its currency")
    elif minors == [0, 0]:
        yield Problem(line=line.line, code="zero-amount", message="Amount and base amount are both zero")
    elif max(minor for minor in minors if minor is not None) > MAX_MINOR:
        yield Problem(line=line.line, code="amount-too-large", message="An amount is larger than this ledger can hold")


def _balance_problems(journal: Journal) -> Iterable[Problem]:
    totals: Counter[str] = Counter()
    for line in journal.lines:
        sign = 1 if line.side == "debit" else -1
        totals["amount"] += sign * (_minor(line.amount, journal.currency) or 0)
        totals["base"] += sign * (_minor(line.base_amount, journal.base_currency) or 0)
    if totals["amount"]:
        yield Problem(line=None, code="unbalanced", message=f"Debits and credits differ in {journal.currency}")
    if totals["base"]:
        yield Problem(line=None, code="unbalanced-base", message=f"Debits and credits differ in {journal.base_currency}, the base currency")


def _minor(amount: str, currency: str) -> int | None:
    return to_minor(amount, minor_digits(currency) or 0)
