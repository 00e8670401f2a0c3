"""Tax elements: how much of a tax can be recovered, and how much cannot."""

from dataclasses import dataclass
from decimal import Decimal

from app.adapters.procurement.cxml.money import ZERO, amount, plain, same, total
from app.adapters.procurement.cxml.options import Options
from app.adapters.procurement.cxml.reading import Notes, attribute, child, children, says_yes
from app.adapters.procurement.cxml.xml import Element

_ON_CHARGES = frozenset({"shippingtax", "specialhandlingtax"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """Amounts as signed in the document; `on_charges` is the part that its TaxDetail puts on shipping or handling."""

    recoverable: Decimal = ZERO
    other: Decimal = ZERO
    on_charges: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.recoverable + self.other

    def __add__(self, more: "Tax") -> "Tax":
        return Tax(
            recoverable=self.recoverable + more.recoverable, other=self.other + more.other, on_charges=self.on_charges + more.on_charges
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRule:
    """What counts as recoverable: the option if it is set, else what a TaxDetail says, else what the invoice's header says."""

    option: bool | None
    by_default: bool

    def recovers(self, detail: Element | None) -> bool:
        if self.option is not None:
            return self.option
        stated = attribute(detail, "isVatRecoverable").lower()
        return self.by_default if stated not in ("yes", "no") else stated == "yes"


@dataclass(frozen=True, slots=True)
class _Detail:
    amount: Decimal | None
    recoverable: bool
    on_charges: bool


def read_tax(tax: Element | None, rule: TaxRule, notes: Notes) -> Tax:
    """The Money of a Tax element, divided by its TaxDetails where they differ in what can be recovered."""
    if tax is None:
        return Tax()
    details = [_detail(found, rule, notes) for found in children(tax, "TaxDetail")]
    detailed = [found.amount for found in details if found.amount is not None]
    complete = bool(details) and len(detailed) == len(details)
    stated = amount(tax, notes)
    if stated is None and complete:
        stated = total(detailed)
        if stated:
            notes.warn(tax, f"Tax has no amount of its own; its details come to {plain(stated)}")
    if not stated:
        return Tax()
    agrees = complete and same(stated, total(detailed))
    on_charges = total([found.amount or ZERO for found in details if found.on_charges]) if agrees else ZERO
    kinds = {found.recoverable for found in details} or {rule.recovers(None)}
    if len(kinds) == 1:
        if complete and not agrees:
            notes.warn(tax, f"The tax {plain(stated)} is not the sum of its details, {plain(total(detailed))}; it is taken as it stands")
        return Tax(recoverable=stated, on_charges=on_charges) if kinds == {True} else Tax(other=stated, on_charges=on_charges)
    if not agrees:
        notes.fault(tax, "Some of the tax is recoverable and some is not, and its details do not say how much of each")
    recoverable = total([found.amount or ZERO for found in details if found.recoverable])
    return Tax(recoverable=recoverable, other=stated - recoverable, on_charges=on_charges)


def tax_rule(header: Element, options: Options) -> TaxRule:
    """The rule for one invoice: all its tax is recoverable unless its header says no."""
    stated = attribute(child(header, "InvoiceDetailHeaderIndicator"), "isVatRecoverable").lower()
    return TaxRule(option=options.tax_recoverable, by_default=stated != "no")


def _detail(detail: Element, rule: TaxRule, notes: Notes) -> _Detail:
    found = amount(child(detail, "TaxAmount"), notes)
    if found and says_yes(detail, "isWithholdingTax"):
        notes.fault(detail, "Tax that the buyer withholds (isWithholdingTax) is not read", "isWithholdingTax")
    if found and says_yes(detail, "isIncludedInPrice"):
        notes.fault(detail, "Tax inside the price (isIncludedInPrice) is not read: send prices without it", "isIncludedInPrice")
    return _Detail(found, rule.recovers(detail), attribute(detail, "purpose").lower() in _ON_CHARGES)
