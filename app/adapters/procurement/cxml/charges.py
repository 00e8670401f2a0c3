"""Charges beside the lines, summed per kind and order, and the Modifications that some of them come from."""

from dataclasses import dataclass, field
from decimal import Decimal

from app.adapters.procurement.cxml.money import ZERO, amount, modifications, plain
from app.adapters.procurement.cxml.reading import Notes, attribute, child, children
from app.adapters.procurement.cxml.xml import Element

_KINDS = {
    "shipping": "shipping",
    "shipping charge": "shipping",
    "shipping charges": "shipping",
    "freight": "freight",
    "freight charge": "freight",
    "freight charges": "freight",
    "handling": "handling",
    "handling charge": "handling",
    "handling charges": "handling",
    "special handling": "handling",
}


@dataclass(slots=True, kw_only=True)
class Charges:
    """Amounts per kind and order number (None: of the whole document); a discount is kept as what is taken off.

    `figures` are the single amounts before they were summed, for a look at their signs.
    """

    amounts: dict[tuple[str, str | None], Decimal] = field(default_factory=dict)
    figures: list[Decimal] = field(default_factory=list)

    def add(self, kind: str, value: Decimal | None, order_number: str | None = None) -> None:
        if value:
            key = (kind, order_number)
            self.figures.append(value)
            self.amounts[key] = self.amounts.get(key, ZERO) + value

    def of(self, kind: str) -> Decimal:
        return sum((value for (found, _), value in self.amounts.items() if found == kind), ZERO)

    def net(self) -> Decimal:
        """All charges less all discounts."""
        return sum((-value if kind == "discount" else value for (kind, _), value in self.amounts.items()), ZERO)

    def as_data(self, sign: int = 1) -> list[dict[str, str]]:
        """In the contract's shape, zero amounts left out."""
        written = []
        for (kind, order_number), value in self.amounts.items():
            signed = value * (-sign if kind == "discount" else sign)
            if signed:
                charge = {"kind": kind, "amount": plain(signed)}
                written.append(charge if order_number is None else {**charge, "order_number": order_number})
        return written


def read_modifications(holder: Element | None, notes: Notes) -> list[tuple[str, Decimal]]:
    """Kind and amount of each Modification under a holder; a deduction is a `discount` and positive. Percentages are refused."""
    found: list[tuple[str, Decimal]] = []
    for modification in modifications(holder):
        name = attribute(child(modification, "ModificationDetail"), "name").lower()
        for part in children(modification, "AdditionalCost", "AdditionalDeduction"):
            deduction = part.tag == "AdditionalDeduction"
            value = amount(child(part, "DeductionAmount") if deduction else part, notes)
            if value is not None:
                found.append(("discount" if deduction else _KINDS.get(name, "other"), value))
            elif children(part, "Percentage", "DeductionPercent", "DeductedPrice"):
                notes.fault(part, "Only a Modification with an amount of money can be read, not a percentage or a deducted price")
    return found
