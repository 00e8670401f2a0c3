"""The addends of one balance of an order, found by its key and checked against the targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.domain.explain_accruals import estimate_part, grni_parts
from app.domain.explain_invoices import invoice_accounts, invoiced_parts
from app.domain.explain_parts import ExplanationMismatch, Part, same_account, total, translated
from app.domain.explain_words import money_of
from app.domain.money import Amounts
from app.domain.order import Order, OrderLine
from app.domain.posting_manager import PostingManager
from app.domain.targets import BalanceKey, Balances, commitment_targets, header_targets, line_targets
from app.domain.transaction import Ledger, Role

NOTHING = Amounts(0, 0)
CREDIT_POSITIVE = frozenset({Role.ESTIMATE, Role.GRNI, Role.AP})


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An order as it stood, and the posting manager version it stood on."""

    order: Order
    manager: PostingManager

    def targets(self, order_line: int | None) -> Balances:
        """All balances of a line, or of what has no line."""
        if order_line not in self._known:
            self._known[order_line] = self._targets(order_line)
        return self._known[order_line]

    def balance(self, key: BalanceKey) -> Amounts:
        return self.targets(key.order_line).get(key, NOTHING)

    @cached_property
    def commitments(self) -> Mapping[BalanceKey, Amounts]:
        return commitment_targets(self.order, self.manager)

    @cached_property
    def _known(self) -> dict[int | None, Balances]:
        return {}

    def _targets(self, order_line: int | None) -> Balances:
        if order_line is None:
            return header_targets(self.order, self.manager)
        line = self.order.lines.get(order_line)
        return {} if line is None else line_targets(self.order, line, self.manager)


def parts_of(moment: Moment, key: BalanceKey) -> Sequence[Part]:
    """What a balance is made of; `ExplanationMismatch` where that does not add up to it."""
    line = None if key.order_line is None else moment.order.lines.get(key.order_line)
    if key.order_line is None:
        parts = _header(moment, key)
    elif line is None:
        parts = []
    elif key.role is Role.EXPENSE:
        parts = _expense(moment, key)
    else:
        parts = _of_line(moment.order, line, moment.manager, key)
    if total(parts, key.charge_code) != moment.balance(key):
        raise ExplanationMismatch(f"{key}: the parts give {total(parts, key.charge_code)}, the target is {moment.balance(key)}")
    return parts


def _of_line(order: Order, line: OrderLine, manager: PostingManager, key: BalanceKey) -> list[Part]:
    found: list[Part] = []
    ledger = Ledger.COMMITMENT if manager.commitment_offset_account else Ledger.ACTUAL
    if key.role is Role.ESTIMATE and key.ledger is ledger and same_account(key, manager.estimate_account):
        found.append(estimate_part(order, line, manager, sign=1))
    if key.role is Role.COMMITMENT_OFFSET and manager.estimate_account and same_account(key, manager.commitment_offset_account):
        found.append(estimate_part(order, line, manager, sign=-1))
    accrued = Role.ESTIMATE if manager.one_account else Role.GRNI
    if key.role is accrued and key.ledger is Ledger.ACTUAL and same_account(key, manager.grni_account):
        found += grni_parts(order, line, manager)
    if manager.ap_account is not None and same_account(key, invoice_accounts(manager).get(key.role)):
        found += invoiced_parts(order, line, key.role)
    return found


def _spoken(role: Role) -> str:
    """As accountants write it."""
    return role.upper() if role in (Role.GRNI, Role.AP) else role.replace("_", " ")


def _expense(moment: Moment, key: BalanceKey) -> list[Part]:
    """What balances: the other side's amounts of the same charge code, commitments with an offset of their own left out."""
    money = money_of(moment.order)
    found = []
    for other, amounts in moment.targets(key.order_line).items():
        if other.charge_code == key.charge_code and other.role is not Role.EXPENSE and other.ledger is Ledger.ACTUAL:
            cost = Amounts(-amounts.document, -amounts.base)
            shown = amounts if other.role in CREDIT_POSITIVE else cost
            word = "cost of" if other.role in CREDIT_POSITIVE else "less"
            words = (f"Expense of {key.charge_code}: {word} {_spoken(other.role)} {money.both(shown)}.",)
            figures = {other.role.value: moment.order.currency.to_text(shown.document)}
            found.append(Part(amounts=cost, words=words, figures=figures))
    return found


def _header(moment: Moment, key: BalanceKey) -> list[Part]:
    """Shipping on its own account: committed, and invoiced."""
    order = moment.order
    committed = moment.commitments.get(key, NOTHING)
    whole = moment.balance(key)
    invoiced = Amounts(whole.document - committed.document, whole.base - committed.base)
    currency, found = order.currency, []
    if key.role in (Role.ESTIMATE, Role.COMMITMENT_OFFSET, Role.SHIPPING):
        if order.released:
            words = f"No shipping is committed, since the order is {'cancelled' if order.cancelled else 'closed'}."
        else:
            ordered, billed = currency.to_text(order.shipping_ordered), currency.to_text(order.shipping_invoiced)
            open_part = translated(order, abs(committed.document), order.rate)
            words = f"Shipping ordered {ordered}, invoiced {billed}: {open_part} committed."
        figures = {
            "shipping_ordered": currency.to_text(order.shipping_ordered),
            "shipping_invoiced": currency.to_text(order.shipping_invoiced),
            "rate": money_of(order).rate(order.rate),
        }
        found.append(Part(amounts=committed, words=(words,), figures=figures))
    if key.role in (Role.AP, Role.TAX, Role.SHIPPING):
        lines = tuple(
            f"Invoices less credits without a line: shipping {translated(order, part.shipping, part.rate)}, "
            f"recoverable tax on it {translated(order, part.tax, part.rate)}."
            for part in order.header
        )
        rows = [
            {"rate": money_of(order).rate(part.rate), "shipping": currency.to_text(part.shipping), "tax": currency.to_text(part.tax)}
            for part in order.header
        ]
        found.append(Part(amounts=invoiced, words=lines, figures={"invoices": rows}))
    return found
