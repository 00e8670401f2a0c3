"""Open lines and balances as the wire has them: the body for JSON, and the same as a table."""

from typing import Any

from app.api.presenters import show_supplier
from app.api.tables import Cell, Money, Quantity, Table, shown, table_of
from app.application.reports.balances import BalancesReport
from app.application.reports.open_lines import CodeShare, OpenLine, OpenReport
from app.domain.money import Currency

Json = dict[str, Any]

SHIPPING = "Shipping"


def _line_cells(open_line: OpenLine, *, aged: bool) -> dict[str, Cell]:
    line = open_line.line
    cells: dict[str, Cell] = {
        "order_number": open_line.order_number,
        "order_date": open_line.order_date,
        "line_number": line.number if line else None,
        "sku": line.sku if line else None,
        "description": line.description if line else SHIPPING,
        "unit": line.unit if line else None,
        "ordered": Quantity(line.ordered) if line else None,
        "received": Quantity(line.received) if line else None,
        "invoiced": Quantity(line.invoiced) if line else None,
        "unit_price": Quantity(line.unit_price) if line else None,
        "receiving": ("closed" if line.receiving_closed else "open") if line else None,
    }
    if aged:
        cells["oldest_receipt_date"] = open_line.oldest_receipt
        cells["age_days"] = open_line.age_days
        cells["re_accrued_by_credit"] = line is not None and line.re_accrued
    return cells


def _share_cells(share: CodeShare, currency: Currency, base: Currency) -> dict[str, Cell]:
    return {
        "account_code": share.code,
        "percentage": None if share.percentage is None else Quantity(share.percentage),
        "amount": Money(share.amounts.document, currency),
        "base_amount": Money(share.amounts.base, base),
    }


def show_open_report(report: OpenReport, *, aged: bool) -> Json:
    """Per order line with its account codes inside; `aged` for what has a receipt."""
    return {
        "as_of": report.as_of.isoformat(),
        "base_currency": report.base.code,
        "total": report.base.to_text(report.total),
        "ledger_balance": None if report.ledger_balance is None else report.base.to_text(report.ledger_balance),
        "totals": [
            {"currency": currency.code, "amount": currency.to_text(amounts.document), "base_amount": report.base.to_text(amounts.base)}
            for currency, amounts in report.totals().items()
        ],
        "lines": [
            {
                **shown(_line_cells(line, aged=aged)),
                "supplier": show_supplier(line.supplier),
                "account_codes": [shown(_share_cells(share, line.currency, report.base)) for share in line.codes],
                "currency": line.currency.code,
                "amount": line.currency.to_text(line.amounts.document),
                "base_amount": report.base.to_text(line.amounts.base),
            }
            for line in report.lines
        ],
    }


def open_table(report: OpenReport, title: str, *, aged: bool) -> Table:
    """A row per order line and account code, so that the columns add up."""
    rows = [
        {
            "supplier_code": line.supplier.code if line.supplier else None,
            "supplier_name": line.supplier.name if line.supplier else None,
            **_line_cells(line, aged=aged),
            **_share_cells(share, line.currency, report.base),
            "currency": line.currency.code,
            "base_currency": report.base.code,
        }
        for line in report.lines
        for share in line.codes
    ]
    return table_of(
        title,
        rows,
        _open_columns(aged=aged),
        as_of=report.as_of,
        base_currency=report.base.code,
        total=Money(report.total, report.base),
        ledger_balance=None if report.ledger_balance is None else Money(report.ledger_balance, report.base),
    )


def _open_columns(*, aged: bool) -> tuple[str, ...]:
    product = ("order_number", "order_date", "line_number", "sku", "description", "unit")
    figures = ("ordered", "received", "invoiced", "unit_price", "receiving")
    age = ("oldest_receipt_date", "age_days", "re_accrued_by_credit") if aged else ()
    money = ("account_code", "percentage", "amount", "base_amount", "currency", "base_currency")
    return ("supplier_code", "supplier_name", *product, *figures, *age, *money)


def balances_table(report: BalancesReport, title: str, *, charge_codes: bool) -> Table:
    """Debit, credit and balance (debit positive) per account code, and per charge code where wanted."""
    base = report.base
    rows: list[dict[str, Cell]] = [
        {
            "account_code": each.account_code,
            "account": ", ".join(each.accounts) or None,
            "charge_code": each.charge_code,
            "debit": Money(each.debit, base),
            "credit": Money(each.credit, base),
            "balance": Money(each.debit - each.credit, base),
        }
        for each in report.balances
    ]
    columns = ("account_code", "account", *(("charge_code",) if charge_codes else ()), "debit", "credit", "balance")
    return table_of(
        title,
        rows,
        columns,
        as_of=report.as_of,
        base_currency=base.code,
        total_debit=Money(sum(each.debit for each in report.balances), base),
        total_credit=Money(sum(each.credit for each in report.balances), base),
    )


def show_balances_report(table: Table, name: str) -> Json:
    """The table's records under `name`, between the day and the totals."""
    head, totals = dict(list(table.summary.items())[:2]), dict(list(table.summary.items())[2:])
    return {**shown(head), name: table.records(), **shown(totals)}
