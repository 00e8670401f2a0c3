"""Trial balance, and balances per account and charge code."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.application.ports.reports import LedgerSum
from app.application.reports.books import Books
from app.domain.accounts import Account
from app.domain.money import Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """Debits and credits of an account code, in base minor units. `accounts` are the names that the code goes by."""

    account_code: str
    accounts: Sequence[str]
    charge_code: str | None
    debit: int
    credit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancesReport:
    as_of: date
    base: Currency
    balances: Sequence[AccountBalance]


class TrialBalance:
    """Debits, credits and balance (debit positive) per account code up to a day by accounting date, in base currency.
    A code that several accounts share shows all their names."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def __call__(self, tenant_id: UUID, as_of: date | None) -> BalancesReport:
        async with self._books.open(tenant_id) as books:
            day = as_of or books.today
            sums, chart = await books.uow.reports.account_sums(day), await books.uow.accounts.list()
            return BalancesReport(as_of=day, base=books.base, balances=_by_code(sums, chart))


class Balances:
    """Debits, credits and balance (debit positive) per account and charge code up to a day by accounting date, in base currency."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def __call__(self, tenant_id: UUID, as_of: date | None) -> BalancesReport:
        async with self._books.open(tenant_id) as books:
            day = as_of or books.today
            sums = await books.uow.reports.sums(day)
            return BalancesReport(
                as_of=day,
                base=books.base,
                balances=[
                    AccountBalance(
                        account_code=each.account_code,
                        accounts=[each.account] if each.account else [],
                        charge_code=each.charge_code,
                        debit=each.debit,
                        credit=each.credit,
                    )
                    for each in sums
                ],
            )


def _by_code(sums: Iterable[LedgerSum], chart: Iterable[Account]) -> list[AccountBalance]:
    """Once over the sums: there may be a code for each of many thousand cost centres."""
    found: dict[str, list[LedgerSum]] = defaultdict(list)
    for each in sums:
        found[each.account_code].append(each)
    named: dict[str, set[str]] = defaultdict(set)
    for account in chart:
        named[account.code].add(account.name)
    return [
        AccountBalance(
            account_code=code,
            accounts=sorted(named[code] | {each.account for each in ours if each.account}),
            charge_code=None,
            debit=sum(each.debit for each in ours),
            credit=sum(each.credit for each in ours),
        )
        for code, ours in sorted(found.items())
    ]
