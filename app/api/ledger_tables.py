"""The ledger of an account and the balances of orders as the wire has them: the body for JSON, and the same as a table."""

from datetime import date
from typing import Any

from app.api.ids import Kind, format_id
from app.api.presenters import CREDIT_POSITIVE
from app.api.tables import Cell, Money, Table, table_of
from app.application.ports.reports import LedgerKey
from app.application.reports.ledger import LedgerPage, RunningLine
from app.application.reports.orders import OrderBalances, OrdersPage
from app.domain.errors import Fault, Invalid
from app.domain.money import Amounts, Currency
from app.domain.transaction import Role

Json = dict[str, Any]


def ledger_table(page: LedgerPage) -> Table:
    """The lines of a page with the running balance."""
    return table_of(
        "ledger",
        [_ledger_cells(line, page.base) for line in page.lines],
        LEDGER_COLUMNS,
        **{page.selector.kind: page.selector.value},
        opening_balance=Money(page.opening, page.base),
        closing_balance=Money(page.closing, page.base),
    )


LEDGER_COLUMNS = (
    "accounting_date",
    "transaction_id",
    "line",
    "event_type",
    "subject_type",
    "subject_number",
    "supplier_code",
    "document_type",
    "document_number",
    "document_date",
    "role",
    "account",
    "account_code",
    "charge_code",
    "order_line",
    "description",
    "currency",
    "side",
    "amount",
    "debit",
    "credit",
    "balance",
)


def _ledger_cells(line: RunningLine, base: Currency) -> dict[str, Cell]:
    posted = line.posted
    is_debit = posted.side == "debit"
    return {
        "accounting_date": posted.key.accounting_date,
        "transaction_id": format_id(Kind.TRANSACTION, posted.transaction_id),
        "line": posted.key.line,
        "event_type": posted.event_type,
        "subject_type": posted.subject.type,
        "subject_number": posted.subject.number,
        "supplier_code": posted.supplier_code,
        "document_type": posted.document.type,
        "document_number": posted.document.number,
        "document_date": posted.document.date,
        "role": posted.role.value,
        "account": posted.account,
        "account_code": posted.account_code,
        "charge_code": posted.charge_code,
        "order_line": posted.order_line,
        "description": posted.description,
        "currency": posted.currency.code,
        "side": posted.side,
        "amount": Money(posted.amount, posted.currency),
        "debit": Money(posted.base_amount if is_debit else 0, base),
        "credit": Money(0 if is_debit else posted.base_amount, base),
        "balance": Money(line.balance, base),
    }


def place_of(key: LedgerKey) -> int:
    """A ledger line's place as one number: the day, the transaction's sequence, the line."""
    return key.accounting_date.toordinal() << 96 | key.sequence << 32 | key.line


def key_of(place: int) -> LedgerKey:
    """The line of a place; raises `Invalid` where there is no such day."""
    try:
        return LedgerKey(date.fromordinal(place >> 96), place >> 32 & (2**63 - 1), place & (2**31 - 1))
    except (ValueError, OverflowError) as error:
        raise Invalid("the cursor is not one of this list", Fault(pointer="/query/cursor", message="not a cursor of this list")) from error


def show_ledger(page: LedgerPage, table: Table, next_cursor: str | None) -> Json:
    """Opening, lines with running balance, closing: base currency, debit positive."""
    return {
        page.selector.kind: page.selector.value,
        "from": page.date_from and page.date_from.isoformat(),
        "to": page.date_to and page.date_to.isoformat(),
        "base_currency": page.base.code,
        "opening_balance": page.base.to_text(page.opening),
        "closing_balance": page.base.to_text(page.closing),
        "items": table.records(),
        "next_cursor": next_cursor,
    }


def show_orders_report(page: OrdersPage, next_cursor: str | None) -> Json:
    """By order the balances per role."""
    return {"base_currency": page.base.code, "items": [_show_order(each, page.base) for each in page.orders], "next_cursor": next_cursor}


def _show_order(each: OrderBalances, base: Currency) -> Json:
    order = each.order
    return {
        "order_number": order.number,
        "supplier": {"code": order.supplier_code, "name": order.supplier_name} if order.supplier_code else None,
        "status": order.status,
        "currency": order.currency,
        "balances": {
            role.value: {"amount": each.currency.to_text(amounts.document), "base_amount": base.to_text(amounts.base)}
            for role, amounts in _by_role(each).items()
        },
    }


def orders_table(page: OrdersPage) -> Table:
    """A row per order and role."""
    columns = ("order_number", "supplier_code", "supplier_name", "status", "currency", "role", "amount", "base_amount", "base_currency")
    rows: list[dict[str, Cell]] = [
        {
            "order_number": each.order.number,
            "supplier_code": each.order.supplier_code,
            "supplier_name": each.order.supplier_name,
            "status": each.order.status,
            "currency": each.order.currency,
            "role": role.value,
            "amount": Money(amounts.document, each.currency),
            "base_amount": Money(amounts.base, page.base),
            "base_currency": page.base.code,
        }
        for each in page.orders
        for role, amounts in _by_role(each).items()
    ]
    return table_of("orders", rows, columns)


def _by_role(each: OrderBalances) -> dict[Role, Amounts]:
    """Estimate, grni and ap credit positive, the others debit positive, in the order of the roles."""
    signs = {role: 1 if role in CREDIT_POSITIVE else -1 for role in each.balances}
    return {
        role: Amounts(signs[role] * each.balances[role].document, signs[role] * each.balances[role].base)
        for role in Role
        if role in each.balances
    }
