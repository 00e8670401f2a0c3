"""The cXML Response that answers a document."""

import re
from datetime import datetime

from lxml import etree

_DOCTYPE = '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.060/cXML.dtd">'
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def response(payload_id: str, code: int, text: str, detail: str, *, timestamp: datetime) -> bytes:
    """A Response with one Status. Characters that XML cannot hold become U+FFFD, so that an answer can always be given."""
    root = etree.Element("cXML", payloadID=_clean(payload_id), timestamp=timestamp.isoformat(timespec="seconds"))
    status = etree.SubElement(etree.SubElement(root, "Response"), "Status", code=str(code), text=_clean(text))
    status.text = _clean(detail) or None
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", doctype=_DOCTYPE)


def _clean(value: str) -> str:
    return _NOT_XML.sub("\ufffd", value)
