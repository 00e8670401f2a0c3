"""What is sent to an `xml` endpoint; `docs/xml-adapter/account-transaction.xsd` says the same. Pure."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from lxml import etree

from app.adapters.erp.xml.hardened import Element
from app.domain.delivery import Problem
from app.domain.journal import JournalDocument, JournalLine

NAMESPACE = "urn:glint:account-transaction:1"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_DEFAULT: dict[Any, str] = {None: NAMESPACE}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def request_body(journals: Sequence[JournalDocument]) -> str:
    """The body of a validation and of a sending alike: an `account-transaction-request`."""
    root = etree.Element(f"{{{NAMESPACE}}}account-transaction-request", nsmap=_DEFAULT)
    for journal in journals:
        _journal(_child(root, "account-transaction"), journal)
    return DECLARATION + etree.tostring(root, encoding="unicode")


def problems_of(journal: JournalDocument) -> tuple[Problem, ...]:
    """What XML has no characters for where a changed one would name something else; in descriptions they are replaced."""
    return tuple(_unwritable(journal))


def _unwritable(journal: JournalDocument) -> Iterator[Problem]:
    if _NOT_XML.search(journal.reference):
        yield Problem(line=None, code="not-xml", message="the reference has a character that XML cannot carry")
    for line in journal.lines:
        named = {
            "account code": line.account_code,
            "charge code": line.charge_code or "",
            "tax code": line.tax_code or "",
            "dimensions": "".join(f"{name}{value}" for name, value in line.dimensions.items()),
        }
        for word, text in named.items():
            if _NOT_XML.search(text):
                yield Problem(line=line.line, code="not-xml", message=f"the {word} has a character that XML cannot carry")


def _journal(element: Element, journal: JournalDocument) -> None:
    _child(element, "reference", journal.reference)
    _child(element, "accounting-date", journal.accounting_date.isoformat())
    _child(element, "currency", journal.currency)
    _child(element, "base-currency", journal.base_currency)
    _child(element, "description", journal.description)
    lines = _child(element, "lines")
    for line in journal.lines:
        _line(_child(lines, "line"), line, journal)


def _line(element: Element, line: JournalLine, journal: JournalDocument) -> None:
    """Our names of accounts stay here: an ERP knows codes. What has no value is left out."""
    _child(element, "number", str(line.line))
    _child(element, "account-code", line.account_code)
    _child(element, "side", line.side)
    _money(element, "amount", line.amount, journal.currency)
    _money(element, "base-amount", line.base_amount, journal.base_currency)
    if line.charge_code is not None:
        _child(element, "charge-code", line.charge_code)
    _child(element, "role", line.role)
    _child(element, "ledger", line.ledger)
    _child(element, "description", line.description)
    for name, value in sorted(line.dimensions.items()):
        _child(element, "dimension", value).set("name", name)
    if line.tax_code is not None:
        _child(element, "tax-code", line.tax_code)


def _money(parent: Element, name: str, amount: Decimal, currency: str) -> None:
    _child(parent, name, format(amount, "f")).set("iso-currency-code", currency)


def _child(parent: Element, name: str, text: str | None = None) -> Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if text:
        element.text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return element
