"""Debtors' balances as JSON and as a table."""

from typing import Any

from app.api.tables import Cell, Money, Table, shown, table_of
from app.application.ports.debtors import BalanceBy
from app.application.reports.debtors import DebtorsReport

Json = dict[str, Any]


def debtors_table(report: DebtorsReport) -> Table:
    """A row per debtor, warehouse or sales territory and control account: the columns add up."""
    base, key = report.base, report.by.value
    named = report.by is not BalanceBy.CONTROL_ACCOUNT
    rows: list[dict[str, Cell]] = [
        {
            **({key: each.code, "name": each.name} if named else {}),
            "control_account": each.account,
            "account_code": each.account_code,
            "debit": Money(each.debit, base),
            "credit": Money(each.credit, base),
            "balance": Money(each.debit - each.credit, base),
        }
        for each in report.sums
    ]
    columns = (*((key, "name") if named else ()), "control_account", "account_code", "debit", "credit", "balance")
    total = Money(sum(each.debit - each.credit for each in report.sums), base)
    return table_of("debtors", rows, columns, as_of=report.as_of, base_currency=base.code, by=key, total=total)


def show_debtors_report(report: DebtorsReport, table: Table) -> Json:
    """The table's records as `rows`, and each control account with the sum of its debtors beside its balance in the ledger."""
    base = report.base
    return {
        **shown(table.summary),
        "rows": table.records(),
        "control_accounts": [
            {
                "account": each.account,
                "account_code": each.account_code,
                "debtors_balance": base.to_text(each.debtors),
                "ledger_balance": base.to_text(each.ledger),
                "difference": base.to_text(each.ledger - each.debtors),
            }
            for each in report.controls
        ],
    }
