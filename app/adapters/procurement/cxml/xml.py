"""Bytes to an element tree, with nothing fetched, nothing expanded and no exception but `Malformed`.

The prolog is cut off before the parser sees it. Encodings are decoded here, against a short list. A DOCTYPE that only points to a DTD is
accepted and dropped; one that brings declarations of its own is refused. Without a DOCTYPE an entity that is not XML's own five is a
syntax error, also inside an attribute, where the parser would otherwise leave it out without a word.
"""

import codecs
import re

from lxml import etree

from app.application.ports.procurement import Malformed

Element = etree._Element

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ENCODINGS = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252"})
_DECLARED = re.compile(rb"\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BEFORE_DOCTYPE = re.compile(r"(?:\s|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_LITERAL = r"(?:\"[^\"]*\"|'[^']*')"
_DOCTYPE = re.compile(rf"<!DOCTYPE\s+[^\s\[\]<>\"']+(?:\s+SYSTEM\s+{_LITERAL}|\s+PUBLIC\s+{_LITERAL}\s+{_LITERAL})?\s*>")


def parse(body: bytes) -> Element:
    """The root element of a well-formed document; comments and processing instructions are gone. Raises `Malformed`."""
    text = _without_prolog(_decode(body))
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise Malformed(f"The body is not well-formed XML: {str(error).partition(' (<string>')[0][:200].strip()}") from None


def _decode(body: bytes) -> str:
    encoding, rest = _encoding(body)
    try:
        return rest.decode(encoding)
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not {encoding}: byte {error.start} does not fit") from None


def _encoding(body: bytes) -> tuple[str, bytes]:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return encoding, body[len(mark) :]
    declared = _DECLARED.match(body)
    name = declared.group(1).decode("ascii") if declared else "utf-8"
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = name
    if encoding not in _ENCODINGS:
        raise Malformed(f"The encoding {name} is not accepted: send UTF-8, or UTF-16 with a byte order mark")
    return encoding, body


def _without_prolog(text: str) -> str:
    end = _end(_BEFORE_DOCTYPE.match(text))
    if text.startswith("<!DOCTYPE", end):
        doctype = _DOCTYPE.match(text, end)
        if doctype is None:
            raise Malformed("The DOCTYPE declares entities or rules of its own; only a reference to the cXML DTD is accepted")
        end = doctype.end()
    return "\n" * text.count("\n", 0, end) + text[end:]  # so that line numbers in messages stay right


def _end(found: re.Match[str] | None) -> int:
    return found.end() if found else 0
