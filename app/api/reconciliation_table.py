"""A reconciliation as the wire has it: the body for JSON, and the same as one table."""

from decimal import Decimal
from typing import Any

from app.api.ids import Kind, format_id
from app.api.tables import Cell, Money, Table, shown, table_of
from app.application.reports.reconciliation import ReconciliationReport
from app.domain.money import Currency
from app.domain.reconciliation import AccountBalance, Traced

COLUMNS = ("what", "account_code", "ours", "theirs", "difference", "reference", "journal_id", "number", "our_date", "their_date")


def show_reconciliation(report: ReconciliationReport) -> dict[str, Any]:
    """Amounts in base currency, debit positive; `difference` is theirs − ours. `journals` explain the differences of `accounts`."""
    return {
        "endpoint": report.endpoint,
        "from": report.since.isoformat(),
        "as_of": report.as_of.isoformat(),
        "base_currency": report.base.code,
        "equal": report.found.equal,
        "accounts": [shown(_account(each, report.base)) for each in report.found.accounts],
        "journals": [shown({"what": str(each.trace)} | _traced(each, report)) for each in report.found.traced],
    }


def reconciliation_table(report: ReconciliationReport) -> Table:
    """A row per account, then a row per journal and account that differ."""
    empty: dict[str, Cell] = dict.fromkeys(COLUMNS)
    accounts = [empty | {"what": "account"} | _account(each, report.base) for each in report.found.accounts]
    journals = [empty | {"what": str(each.trace)} | _traced(each, report) for each in report.found.traced]
    return table_of(
        "reconciliation",
        accounts + journals,
        COLUMNS,
        endpoint=report.endpoint,
        since=report.since,
        as_of=report.as_of,
        base_currency=report.base.code,
        equal=report.found.equal,
    )


def _account(balance: AccountBalance, base: Currency) -> dict[str, Cell]:
    return {"account_code": balance.account_code} | _amounts(balance.ours, balance.theirs, base)


def _traced(traced: Traced, report: ReconciliationReport) -> dict[str, Cell]:
    journal_id = report.journals.get(traced.reference or "")
    return {
        "account_code": traced.account_code,
        **_amounts(traced.ours, traced.theirs, report.base),
        "reference": traced.reference,
        "journal_id": None if journal_id is None else format_id(Kind.JOURNAL, journal_id),
        "number": traced.number,
        "our_date": traced.our_date,
        "their_date": traced.their_date,
    }


def _amounts(ours: Decimal, theirs: Decimal, base: Currency) -> dict[str, Cell]:
    return {"ours": _money(ours, base), "theirs": _money(theirs, base), "difference": _money(theirs - ours, base)}


def _money(amount: Decimal, base: Currency) -> Cell:
    """An ERP may hold finer amounts than the currency has: they are shown as they are."""
    minor = amount.scaleb(base.digits)
    return Money(int(minor), base) if minor == minor.to_integral_value() else format(amount, "f")
