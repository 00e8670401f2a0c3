"""cXML documents: orders, receipts and invoices as procurement systems send them."""

from app.adapters.procurement.cxml.options import Options
from app.adapters.procurement.cxml.reader import CxmlDocumentReader

__all__ = ["CxmlDocumentReader", "Options"]
