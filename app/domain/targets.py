"""Target balances: what each account should hold for an order, as a pure function of its state (POSTING.md 1 and 2).

There is no code per event here, and none elsewhere knows about debits and credits of procurement. Amounts are signed, credit
positive, in minor units: (document, base). Each line's targets sum to zero in both currencies, since expense is what balances.
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from app.domain.accounts import Account, Coding
from app.domain.allocation import allocate
from app.domain.events import Matching
from app.domain.money import Amounts, in_base
from app.domain.order import Order, OrderLine, open_accruals
from app.domain.posting_manager import GrniBalance, PostingManager
from app.domain.transaction import Ledger, Role


class BalanceKey(NamedTuple):
    """What a balance is kept per. `order_line` and `charge_code` are None for shipping on its own account."""

    order_line: int | None
    role: Role
    ledger: Ledger
    account: str | None
    account_code: str
    charge_code: str | None


Balances = Mapping[BalanceKey, Amounts]
Key = TypeVar("Key")


def line_targets(order: Order, line: OrderLine, manager: PostingManager) -> dict[BalanceKey, Amounts]:
    """The balances of one order line, per role, account and charge code."""
    sheet = _Sheet(line.number)
    _estimate(sheet, order, line, manager)
    _grni(sheet, order, line, manager)
    _invoices(sheet, line, manager)
    return sheet.balanced_by_expense()


def header_targets(order: Order, manager: PostingManager) -> dict[BalanceKey, Amounts]:
    """The balances of shipping on its own account, which belong to no line: committed and invoiced."""
    if manager.shipping_account is None:
        return {}
    sheet = _Sheet(None)
    _shipping_committed(sheet, order, manager, manager.shipping_account)
    _shipping_invoiced(sheet, order, manager, manager.shipping_account)
    return sheet.nonzero()


def commitment_targets(order: Order, manager: PostingManager) -> dict[BalanceKey, Amounts]:
    """Only the open commitments of an order and what they stand against: what a roll over the year's end moves."""
    found: dict[BalanceKey, Amounts] = {}
    for line in order.lines.values():
        sheet = _Sheet(line.number)
        _estimate(sheet, order, line, manager)
        found |= sheet.balanced_by_expense()
    if manager.shipping_account is not None:
        header = _Sheet(None)
        _shipping_committed(header, order, manager, manager.shipping_account)
        found |= header.nonzero()
    return found


def estimate_amount(order: Order, line: OrderLine, manager: PostingManager) -> int:
    """T − V(used): what is ordered and neither received nor invoiced. 0 once closed, cancelled or receiving is closed."""
    if order.released or line.closed or line.receiving_closed:
        return 0
    terms = line.terms
    return terms.total - terms.value_of_first(min(used_units(line, manager), terms.quantity))


def used_units(line: OrderLine, manager: PostingManager) -> int:
    """Units that are not committed any more: max(R, I). Signed GRNI lets the Estimate follow receipts only; without a GRNI account
    receipts post nothing, so that what is received stays committed until it is invoiced."""
    if manager.grni_account is None:
        return line.invoiced
    return line.received if _is_signed(line, manager) else max(line.received, line.invoiced)


def grni_amounts(order: Order, line: OrderLine, manager: PostingManager) -> dict[Coding, Amounts]:
    """The value of units received and not yet invoiced, by coding: first in, first out, each layer at its terms and rate."""
    if order.released or line.closed:
        return {}
    found: dict[Coding, Amounts] = {}
    for coding, amounts in open_accruals(line.layers, line.invoiced):
        _accumulate(found, coding, amounts)
    if line.invoiced > line.received and _is_signed(line, manager):
        ahead = line.terms.value_of_first(line.received) - line.terms.value_of_first(line.invoiced)
        _accumulate(found, line.coding, Amounts(ahead, in_base(ahead, order.rate)))
    return found


def _is_signed(line: OrderLine, manager: PostingManager) -> bool:
    return manager.grni_balance is GrniBalance.SIGNED and line.matching is Matching.THREE_WAY


def _estimate(sheet: "_Sheet", order: Order, line: OrderLine, manager: PostingManager) -> None:
    account, offset = manager.estimate_account, manager.commitment_offset_account
    if account is None:
        return
    amount = estimate_amount(order, line, manager)
    amounts = Amounts(amount, in_base(amount, order.rate))
    if offset is None:
        sheet.split(Role.ESTIMATE, Ledger.ACTUAL, account, line.coding, amounts)
    else:
        sheet.split(Role.ESTIMATE, Ledger.COMMITMENT, account, line.coding, amounts)
        sheet.split(Role.COMMITMENT_OFFSET, Ledger.COMMITMENT, offset, line.coding, _negative(amounts))


def _shipping_committed(sheet: "_Sheet", order: Order, manager: PostingManager, shipping: Account) -> None:
    """max(0, ordered − invoiced), released on close; Estimate carries it."""
    account, offset = manager.estimate_account, manager.commitment_offset_account
    if account is None or order.released:
        return
    committed = max(0, order.shipping_ordered - order.shipping_invoiced)
    amounts = Amounts(committed, in_base(committed, order.rate))
    ledger = Ledger.COMMITMENT if offset else Ledger.ACTUAL
    sheet.add(Role.ESTIMATE, ledger, account, None, amounts)
    if offset:
        sheet.add(Role.COMMITMENT_OFFSET, ledger, offset, None, _negative(amounts))
    else:
        sheet.add(Role.SHIPPING, ledger, shipping, None, _negative(amounts))


def _shipping_invoiced(sheet: "_Sheet", order: Order, manager: PostingManager, shipping: Account) -> None:
    """AP for shipping and the tax on it; tax is shipping's cost where no tax account is set."""
    if manager.ap_account is None:
        return
    for part in order.header:
        total = part.shipping + part.tax
        payable, tax = Amounts(total, in_base(total, part.rate)), Amounts(part.tax, in_base(part.tax, part.rate))
        sheet.add(Role.AP, Ledger.ACTUAL, manager.ap_account, None, payable)
        if manager.tax_account is None:
            tax = Amounts(0, 0)
        else:
            sheet.add(Role.TAX, Ledger.ACTUAL, manager.tax_account, None, _negative(tax))
        cost = Amounts(tax.document - payable.document, tax.base - payable.base)
        sheet.add(Role.SHIPPING, Ledger.ACTUAL, shipping, None, cost)


def _grni(sheet: "_Sheet", order: Order, line: OrderLine, manager: PostingManager) -> None:
    if manager.grni_account is None:
        return
    role = Role.ESTIMATE if manager.one_account else Role.GRNI
    for coding, amounts in grni_amounts(order, line, manager).items():
        sheet.split(role, Ledger.ACTUAL, manager.grni_account, coding, amounts)


def _invoices(sheet: "_Sheet", line: OrderLine, manager: PostingManager) -> None:
    """AP and, where they have accounts of their own, recoverable tax and the differences. None of it without an AP account."""
    if manager.ap_account is None:
        return
    found: dict[tuple[Role, Account, Coding], Amounts] = {}
    for part in line.sums:
        _accumulate(found, (Role.AP, manager.ap_account, part.coding), Amounts(part.total, in_base(part.total, part.rate)))
        debits = (
            (Role.TAX, manager.tax_account, Amounts(part.tax, in_base(part.tax, part.rate))),
            (Role.PRICE_VARIANCE, manager.price_variance_account, Amounts(part.variance, in_base(part.variance, part.rate))),
            (Role.EXCHANGE_DIFFERENCE, manager.exchange_difference_account if manager.grni_account else None, Amounts(0, part.exchange)),
        )
        for role, account, amounts in debits:
            if account is not None:
                _accumulate(found, (role, account, part.coding), _negative(amounts))
    for (role, account, coding), amounts in found.items():
        sheet.split(role, Ledger.ACTUAL, account, coding, amounts)


def _negative(amounts: Amounts) -> Amounts:
    return Amounts(-amounts.document, -amounts.base)


def _accumulate(found: dict[Key, Amounts], key: Key, amounts: Amounts) -> None:
    if key in found:
        before = found[key]
        found[key] = Amounts(before.document + amounts.document, before.base + amounts.base)
    else:
        found[key] = amounts


class _Sheet:
    """Collects the balances of one line, per charge code."""

    __slots__ = ("_balances", "_order_line")

    def __init__(self, order_line: int | None) -> None:
        self._order_line = order_line
        self._balances: dict[BalanceKey, Amounts] = {}

    def add(self, role: Role, ledger: Ledger, account: Account, code: str | None, amounts: Amounts) -> None:
        _accumulate(self._balances, BalanceKey(self._order_line, role, ledger, account.name, account.code, code), amounts)

    def split(self, role: Role, ledger: Ledger, account: Account, coding: Coding, amounts: Amounts) -> None:
        """Allocates the cumulative target over the codes, document and base each on its own."""
        document, base = amounts
        if not (document or base):
            return
        order_line, name, account_code = self._order_line, account.name, account.code
        parts = allocate(document, coding.weights)
        base_parts = parts if base == document else allocate(base, coding.weights)
        for code, part, base_part in zip(coding.codes, parts, base_parts, strict=True):
            _accumulate(self._balances, BalanceKey(order_line, role, ledger, name, account_code, code), Amounts(part, base_part))

    def balanced_by_expense(self) -> dict[BalanceKey, Amounts]:
        """With each charge code's expense: what balances its part of the actual ledger. Commitments and their offset balance alone."""
        cost: dict[str, Amounts] = {}
        for key, amounts in self._balances.items():
            if key.ledger is Ledger.ACTUAL and key.charge_code is not None:
                _accumulate(cost, key.charge_code, amounts)
        for code, amounts in cost.items():
            self._balances[BalanceKey(self._order_line, Role.EXPENSE, Ledger.ACTUAL, None, code, code)] = _negative(amounts)
        return self.nonzero()

    def nonzero(self) -> dict[BalanceKey, Amounts]:
        return {key: amounts for key, amounts in self._balances.items() if amounts.document or amounts.base}
