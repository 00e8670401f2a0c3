"""InvoiceDetailItem and InvoiceDetailServiceItem → what one invoice line says, with the document's own signs."""

from dataclasses import dataclass
from decimal import Decimal

from app.adapters.procurement.cxml.charges import read_modifications
from app.adapters.procurement.cxml.money import ZERO, amount, plain, quantity, same, unit_price
from app.adapters.procurement.cxml.reading import Notes, attribute, child, children, line_number, text
from app.adapters.procurement.cxml.tax import Tax, TaxRule, read_tax
from app.adapters.procurement.cxml.xml import Element

_SERVICE_CHARGES = {"isshippingserviceitem": "shipping", "isspecialhandlingserviceitem": "handling"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """`subtotal` is None where the document gives quantity and price alone. `charges` are kinds and amounts beside the line.

    `discounts` are taken off its amount and `costs` are added, each as written.
    `charge_kind` is set on a line that is itself a charge, such as a service item for shipping; it has no order line.
    """

    element: Element
    order_number: str
    line_number: int
    quantity: Decimal | None
    price: Decimal | None
    subtotal: Decimal | None
    discounts: tuple[Decimal, ...]
    costs: tuple[Decimal, ...]
    charges: tuple[tuple[str, Decimal], ...]
    tax: Tax
    charge_kind: str | None

    @property
    def base(self) -> Decimal:
        """The line before its discounts and charges; quantity x price where no subtotal is given."""
        return self.subtotal if self.subtotal is not None else (self.quantity or ZERO) * (self.price or ZERO)

    @property
    def amount(self) -> Decimal:
        """The line's total without tax and without the charges beside it."""
        return self.base + sum(self.costs, ZERO) - sum(self.discounts, ZERO)

    @property
    def figures(self) -> tuple[Decimal, ...]:
        """All that must have one sign. The quantity speaks only for a line that is worth nothing."""
        return (self.base or self.quantity or ZERO, *self.discounts, *self.costs)


def read_line(item: Element, order_number: str, rule: TaxRule, credit: bool, notes: Notes) -> InvoiceLine:
    """Signs as written; a line that contradicts itself is a fault. In a credit memo any negative figure says credit."""
    kind = _charge_kind(item)
    reference = (
        child(item, "InvoiceDetailItemReference") if item.tag == "InvoiceDetailItem" else child(item, "InvoiceDetailServiceItemReference")
    )
    number = 0
    if kind is None:
        number = _order_line(item, reference, notes)
    charges, discounts, costs = _beside(item, notes)
    subtotal = amount(child(item, "SubtotalAmount"), notes)
    line = InvoiceLine(
        element=item,
        order_number=order_number,
        line_number=number,
        quantity=quantity(item, "quantity", notes),
        price=unit_price(item, notes, exact=subtotal is None),
        subtotal=subtotal,
        discounts=discounts,
        costs=costs,
        charges=charges,
        tax=read_tax(child(item, "Tax"), rule, notes),
        charge_kind=kind,
    )
    _check(line, credit, notes)
    return line


def _order_line(item: Element, reference: Element | None, notes: Notes) -> int:
    if reference is None:
        notes.fault(item, f"{item.tag}Reference is missing")
        return 0
    return line_number(reference, "lineNumber", notes) or 0


def _charge_kind(item: Element) -> str | None:
    for extrinsic in children(item, "Extrinsic"):
        kind = _SERVICE_CHARGES.get(attribute(extrinsic, "name").lower())
        if kind and text(extrinsic).lower() in ("yes", "true"):
            return kind
    return None


def _beside(item: Element, notes: Notes) -> tuple[tuple[tuple[str, Decimal], ...], tuple[Decimal, ...], tuple[Decimal, ...]]:
    """Charges, discounts and costs: shipping and handling are charges, what else modifies the price belongs to the line's amount."""
    found = [
        ("shipping", amount(child(item, "InvoiceDetailLineShipping"), notes) or ZERO),
        ("handling", amount(child(item, "InvoiceDetailLineSpecialHandling"), notes) or ZERO),
        ("discount", amount(child(item, "InvoiceDetailDiscount"), notes) or ZERO),
        *read_modifications(child(item, "InvoiceItemModifications"), notes),
    ]
    charges = tuple((kind, value) for kind, value in found if value and kind not in ("discount", "other"))
    discounts, costs = (tuple(value for kind, value in found if value and kind == wanted) for wanted in ("discount", "other"))
    return charges, discounts, costs


def _check(line: InvoiceLine, credit: bool, notes: Notes) -> None:
    if line.subtotal is None and (line.quantity is None or line.price is None):
        if not notes.faults:
            notes.fault(line.element, "The line has neither SubtotalAmount nor both a quantity and UnitPrice")
        return
    if line.quantity is None and line.element.tag == "InvoiceDetailItem":
        notes.fault(line.element, "quantity is missing", "quantity")
    if line.quantity is None or line.price is None:
        return
    product = line.quantity * line.price
    if line.quantity < 0 and line.price < 0:
        notes.fault(line.element, "Quantity and price are both negative; a credit has one of them negative, or neither")
    elif product * line.base < 0 and not credit:
        notes.fault(line.element, f"SubtotalAmount {plain(line.base)} has another sign than quantity x price")
    elif not same(abs(line.base), abs(product)):
        notes.warn(
            line.element, f"SubtotalAmount {plain(line.base)} is not quantity x price, {product.normalize():f}; it is taken as it stands"
        )
