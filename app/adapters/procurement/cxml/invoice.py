"""InvoiceDetailRequest → invoice.matched, invoice.credited, invoice.cancelled."""

from typing import Any

from app.adapters.procurement.cxml.dates import local_date
from app.adapters.procurement.cxml.envelope import Draft, Envelope
from app.adapters.procurement.cxml.invoice_line import InvoiceLine, read_line
from app.adapters.procurement.cxml.invoice_signs import direction, write_lines
from app.adapters.procurement.cxml.invoice_summary import Figures, read_summary
from app.adapters.procurement.cxml.money import document_currency, plain
from app.adapters.procurement.cxml.options import Options
from app.adapters.procurement.cxml.reading import Notes, attribute, check_length, child, children, identifier, says_yes, words
from app.adapters.procurement.cxml.references import credited_invoice, invoice_number, order_number
from app.adapters.procurement.cxml.tax import TaxRule, tax_rule
from app.adapters.procurement.cxml.xml import Element

_INVOICES = frozenset({"", "standard"})
_CREDITS = frozenset({"creditmemo", "linelevelcreditmemo"})
_CANCELLED = "Cancelled by a cXML invoice document with operation delete"


def read_invoice(envelope: Envelope, options: Options, notes: Notes) -> list[Draft]:
    """One event. Credits come in four sign conventions and leave with positive figures."""
    header = child(envelope.request, "InvoiceDetailRequestHeader")
    if header is None:
        notes.fault(envelope.request, "InvoiceDetailRequestHeader is missing")
        return []
    number = identifier(header, "invoiceID", notes)
    if not number:
        notes.fault(header, "invoiceID is missing", "invoiceID")
    operation = attribute(header, "operation").lower() or "new"
    if operation == "delete":
        return [Draft(type="invoice.cancelled", data=_cancelled(envelope, header, number, options, notes))]
    _refuse_what_is_not_read(envelope.request, header, operation, notes)
    rule = tax_rule(header, options)
    lines = _lines(envelope.request, rule, _is_credit(header), notes)
    notes.check()  # what follows adds figures up, and half-read ones would only make further faults
    figures = read_summary(envelope.request, lines, rule, notes)
    return [_draft(envelope, header, number, lines, figures, options, notes)]


def _refuse_what_is_not_read(request: Element, header: Element, operation: str, notes: Notes) -> None:
    purpose = attribute(header, "purpose")
    if operation != "new":
        notes.fault(header, "operation must be new or delete", "operation")
    if purpose.lower() not in _INVOICES | _CREDITS:
        notes.fault(header, f"Documents with purpose {purpose[:40]} are not read: only invoices and credit memos are", "purpose")
    if says_yes(header, "isInformationOnly"):
        notes.fault(header, "An invoice for information only is not posted", "isInformationOnly")
    if children(request, "InvoiceDetailHeaderOrder") or says_yes(child(header, "InvoiceDetailHeaderIndicator"), "isHeaderInvoice"):
        notes.fault(request, "Header invoices (InvoiceDetailHeaderOrder) are not read: they do not say which order lines they are for")


def _is_credit(header: Element) -> bool:
    return attribute(header, "purpose").lower() in _CREDITS


def _lines(request: Element, rule: TaxRule, credit: bool, notes: Notes) -> list[InvoiceLine]:
    lines: list[InvoiceLine] = []
    for order in children(request, "InvoiceDetailOrder"):
        of_order = order_number(child(order, "InvoiceDetailOrderInfo"), order, notes)
        for item in children(order, "InvoiceDetailItem", "InvoiceDetailServiceItem"):
            lines.append(read_line(item, of_order, rule, credit, notes))
    if not lines and not notes.faults:
        notes.fault(request, "The invoice has no InvoiceDetailOrder with an InvoiceDetailItem or InvoiceDetailServiceItem")
    return lines


def _draft(
    envelope: Envelope, header: Element, number: str, lines: list[InvoiceLine], figures: Figures, options: Options, notes: Notes
) -> Draft:
    currency = document_currency(envelope.request, notes)
    sign = direction(envelope.request, lines, figures, notes)
    credited = sign < 0 or _is_credit(header)
    price_only = credited and says_yes(child(header, "InvoiceDetailHeaderIndicator"), "isPriceBasedLineLevelCreditMemo")
    data: dict[str, Any] = {"invoice_number": number, "invoice_date": local_date(header, "invoiceDate", notes)}
    if options.supplier_on_invoices:
        data["supplier"] = _supplier(envelope, notes)
    named = credited_invoice(header) if credited else ""
    check_length(named, "The number of the credited invoice", header, notes)
    if named:
        data["credits_invoice"] = named
    elif credited:
        notes.warn(header, "The credit does not name the invoice that it credits")
    data["currency"] = currency
    data["lines"] = write_lines(lines, sign, price_only, notes)
    data["charges"] = figures.charges.as_data(sign)
    data["tax"] = _tax(figures, sign)
    if not data["lines"] and not data["charges"]:
        notes.fault(envelope.request, "The invoice comes to nothing: no line and no charge has an amount")
    if not data["lines"] and any("order_number" not in charge for charge in data["charges"]):
        notes.fault(envelope.request, "The invoice has charges only, and does not say which order they are for")
    return Draft(type="invoice.credited" if credited else "invoice.matched", data=data)


def _tax(figures: Figures, sign: int) -> list[dict[str, Any]]:
    parts = ((figures.tax.recoverable * sign, True), (figures.tax.other * sign, False))
    return [{"amount": plain(part), "recoverable": recoverable} for part, recoverable in parts if part]


def _cancelled(envelope: Envelope, header: Element, number: str, options: Options, notes: Notes) -> dict[str, Any]:
    named = invoice_number(header)
    if named and named != number:
        notes.fault(
            header, f"The document deletes {number} by its invoiceID and {named[:40]} by its reference: name one invoice", "invoiceID"
        )
    data: dict[str, Any] = {"invoice_number": number, "reason": words(child(header, "Comments"), notes) or _CANCELLED}
    return {**data, "supplier": _supplier(envelope, notes)} if options.supplier_on_invoices else data


def _supplier(envelope: Envelope, notes: Notes) -> dict[str, str]:
    code = envelope.party("From")
    if not code:
        notes.fault(envelope.root, "Header/From has no identity, which is to be the invoice's supplier")
    check_length(code, "The identity in Header/From", envelope.root, notes)
    return {"code": code}
