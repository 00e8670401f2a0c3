"""References from one document to another."""

from app.adapters.procurement.cxml.reading import Notes, attribute, child, identifier
from app.adapters.procurement.cxml.xml import Element


def order_number(info: Element | None, at: Element, notes: Notes) -> str:
    """OrderReference/@orderID, else OrderIDInfo/@orderID, else OrderReference/DocumentReference/@payloadID, where some put the number."""
    reference = child(info, "OrderReference")
    for place, name in ((reference, "orderID"), (child(info, "OrderIDInfo"), "orderID")):
        found = identifier(place, name, notes)
        if found:
            return found
    document = child(reference, "DocumentReference")
    found = identifier(document, "payloadID", notes)
    if not found:
        notes.fault(at, "No order number: neither OrderReference nor OrderIDInfo names one")
    elif document is not None and "@" in found:
        notes.warn(document, "The order is named only by this payloadID, which is taken as the order number", "payloadID")
    return found


def invoice_number(header: Element) -> str:
    """The number of the invoice that a header refers to; empty where it names none."""
    return attribute(child(header, "InvoiceReference"), "invoiceID") or attribute(child(header, "InvoiceIDInfo"), "invoiceID")


def credited_invoice(header: Element) -> str:
    """The same, or a DocumentReference's payloadID: some put the number there. With an @ in it it is a payload id and no number."""
    places = (child(header, "InvoiceReference", "DocumentReference"), child(header, "DocumentReference"))
    others = (attribute(place, "payloadID") for place in places)
    return invoice_number(header) or next((found for found in others if found and "@" not in found), "")
