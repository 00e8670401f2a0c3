"""What is committed and accrued for an order line, per charge code: where one account carries both, each by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.accounts import Coding
from app.domain.allocation import allocate
from app.domain.events import Matching
from app.domain.money import MILLIONTHS, Amounts
from app.domain.order import Order, OrderLine
from app.domain.posting_manager import PostingManager
from app.domain.targets import Balances, grni_amounts
from app.domain.transaction import Role

OPEN_ROLES = frozenset({Role.ESTIMATE, Role.GRNI})
ByCode = Mapping[str | None, Amounts]
"""Per charge code; None is shipping on its own account. Signed, credit positive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """An order line on a day. Quantities and price in millionths; `codings` newest first; `re_accrued`: a credit note lowered what
    was invoiced, so that received goods are accrued again."""

    number: int
    sku: str
    description: str
    unit: str
    ordered: int
    unit_price: int
    received: int
    invoiced: int
    receiving_closed: bool
    re_accrued: bool
    codings: tuple[Coding, ...]


def carries(balances: Balances) -> bool:
    """Whether anything is committed or accrued."""
    return any(key.role in OPEN_ROLES for key in balances)


def may_be_outstanding(order: Order, line: OrderLine, balances: Balances) -> bool:
    """False only where nothing is committed and nothing accrued. On one account the two may cancel out to no balance at all,
    for which received and invoiced must differ."""
    if carries(balances):
        return True
    if order.released or line.closed:
        return False
    return line.received > line.invoiced or (line.received < line.invoiced and line.matching is Matching.THREE_WAY)


def committed_and_accrued(balances: Balances, accrued_on_one_account: ByCode | None) -> tuple[ByCode, ByCode]:
    """A line's Estimate and its GRNI, per charge code, from its balances. Where one account carries both, what of it is GRNI
    must be told."""
    committed: dict[str | None, Amounts] = {}
    accrued: dict[str | None, Amounts] = {}
    for key, amounts in balances.items():
        if key.role in OPEN_ROLES:
            _add(accrued if key.role is Role.GRNI else committed, key.charge_code, amounts, 1)
    for code, amounts in (accrued_on_one_account or {}).items():
        _add(accrued, code, amounts, 1)
        _add(committed, code, amounts, -1)
    return _nonzero(committed), _nonzero(accrued)


def accrued_on_one_account(order: Order, line: OrderLine, manager: PostingManager) -> ByCode | None:
    """What of the role estimate is GRNI; None where GRNI has an account of its own, or none."""
    if not manager.one_account:
        return None
    found: dict[str | None, Amounts] = {}
    for coding, amounts in grni_amounts(order, line, manager).items():
        parts, base_parts = allocate(amounts.document, coding.weights), allocate(amounts.base, coding.weights)
        for code, part, base_part in zip(coding.codes, parts, base_parts, strict=True):
            _add(found, code, Amounts(part, base_part), 1)
    return found


def difference(after: ByCode | None, before: ByCode | None) -> ByCode:
    """after − before, per charge code."""
    found: dict[str | None, Amounts] = {}
    for sign, side in ((1, after), (-1, before)):
        for code, amounts in (side or {}).items():
            _add(found, code, amounts, sign)
    return found


def total(parts: Iterable[Amounts]) -> Amounts:
    """Their sum."""
    document, base = 0, 0
    for part in parts:
        document, base = document + part.document, base + part.base
    return Amounts(document, base)


def percentage(code: str | None, codings: Iterable[Coding]) -> int | None:
    """A charge code's share in the first of these codings that has it, in millionths of a percent; shares sum to exactly 100."""
    for coding in codings:
        if code in coding.codes:
            shares = allocate(100 * MILLIONTHS, coding.weights)
            return sum(share for each, share in zip(coding.codes, shares, strict=True) if each == code)
    return None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Units received, or given back where negative, in millionths."""

    date: date
    units: int


def oldest_open_receipt(receipts: Iterable[Receipt], invoiced: int) -> date | None:
    """The date of the receipt that the first uninvoiced unit came with: invoices take the oldest, returns the newest first."""
    kept: list[Receipt] = []
    for receipt in receipts:
        if receipt.units > 0:
            kept.append(receipt)
            continue
        left = -receipt.units
        while left and kept:
            newest = kept.pop()
            taken = min(left, newest.units)
            left -= taken
            if taken < newest.units:
                kept.append(Receipt(newest.date, newest.units - taken))
    end = 0
    for receipt in kept:
        end += receipt.units
        if end > invoiced:
            return receipt.date
    return None


def _add(found: dict[str | None, Amounts], code: str | None, amounts: Amounts, sign: int) -> None:
    before = found.get(code, Amounts(0, 0))
    found[code] = Amounts(before.document + sign * amounts.document, before.base + sign * amounts.base)


def _nonzero(found: ByCode) -> ByCode:
    return {code: amounts for code, amounts in found.items() if amounts.document or amounts.base}
