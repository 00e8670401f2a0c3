"""What a tenant may choose about the reading of its documents."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Whatever is left alone follows the document.

    tax_recoverable: None follows the document (recoverable unless it says otherwise); True or False overrules it.
    segment_separator: what joins the ids of an accounting's segments to one account code.
    default_account_code: for order lines without any Distribution; None refuses them.
    supplier_on_invoices: send From's identity as the supplier of an invoice; without it the order's supplier is taken.
    """

    tax_recoverable: bool | None = None
    segment_separator: str = "-"
    default_account_code: str | None = None
    supplier_on_invoices: bool = False
