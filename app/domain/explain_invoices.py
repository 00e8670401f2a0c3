"""Invoices explained: payables, recoverable tax and the two differences of a line."""

from app.domain.accounts import Account
from app.domain.explain_parts import Part, translated
from app.domain.explain_words import money_of
from app.domain.money import Amounts, in_base
from app.domain.order import Invoiced, Order, OrderLine
from app.domain.posting_manager import PostingManager
from app.domain.transaction import Role


def invoice_accounts(manager: PostingManager) -> dict[Role, Account | None]:
    return {
        Role.AP: manager.ap_account,
        Role.TAX: manager.tax_account,
        Role.PRICE_VARIANCE: manager.price_variance_account,
        Role.EXCHANGE_DIFFERENCE: manager.exchange_difference_account if manager.grni_account else None,
    }


def invoiced_parts(order: Order, line: OrderLine, role: Role) -> list[Part]:
    """One part for each coding that something was invoiced on."""
    codings = dict.fromkeys(each.coding for each in line.sums)
    parts = []
    for coding in codings:
        sums = [each for each in line.sums if each.coding == coding]
        amounts = [_of_role(each, role) for each in sums]
        whole = Amounts(sum(each.document for each in amounts), sum(each.base for each in amounts))
        words = tuple(_invoice_words(order, each, role) for each in sums)
        parts.append(Part(amounts=whole, coding=coding, words=words, figures={"invoices": [_invoice_row(order, each) for each in sums]}))
    return parts


def _of_role(invoiced: Invoiced, role: Role) -> Amounts:
    if role is Role.EXCHANGE_DIFFERENCE:
        return Amounts(0, -invoiced.exchange)
    amount = {Role.AP: invoiced.total, Role.TAX: -invoiced.tax, Role.PRICE_VARIANCE: -invoiced.variance}[role]
    return Amounts(amount, in_base(amount, invoiced.rate))


def _invoice_words(order: Order, invoiced: Invoiced, role: Role) -> str:
    money = money_of(order)
    if role is Role.EXCHANGE_DIFFERENCE:
        fixed = money.base_text(invoiced.exchange)
        return f"Accruals relieved at rate {money.rate(invoiced.rate)} instead of their layers' rates: {fixed} exchange difference."
    if role is Role.TAX:
        return f"Recoverable tax on the line's invoices less credits: {translated(order, invoiced.tax, invoiced.rate)}."
    if role is Role.PRICE_VARIANCE:
        variance = translated(order, invoiced.variance, invoiced.rate)
        return f"Invoices less the order's price of the units they relieved, fixed when they were booked: {variance}."
    return f"Invoices less credits of the line, with charges and tax: {translated(order, invoiced.total, invoiced.rate)}."


def _invoice_row(order: Order, invoiced: Invoiced) -> dict[str, str]:
    return {
        "rate": money_of(order).rate(invoiced.rate),
        "total": order.currency.to_text(invoiced.total),
        "recoverable_tax": order.currency.to_text(invoiced.tax),
        "price_variance": order.currency.to_text(invoiced.variance),
        "exchange_difference": order.base_currency.to_text(invoiced.exchange),
    }
