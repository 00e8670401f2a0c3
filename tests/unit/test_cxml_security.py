"""Hostile and broken bodies: a clean `Malformed`, nothing fetched, nothing expanded, no other exception."""

import time
from pathlib import Path

import pytest

from app.adapters.procurement.cxml import CxmlDocumentReader
from app.application.ports.procurement import Malformed
from app.domain.errors import Invalid

ORDER = (Path(__file__).parents[1] / "data" / "cxml" / "order.xml").read_text()
DOCTYPE = '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.060/cXML.dtd">'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
BODY = ORDER.split(DOCTYPE)[1]
EXPECTED = CxmlDocumentReader().read(ORDER.encode())


def malformed(body: bytes) -> str:
    with pytest.raises(Malformed) as refused:
        CxmlDocumentReader().read(body)
    return refused.value.detail


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY file SYSTEM "file:///etc/passwd">',
        '<!ENTITY net SYSTEM "http://127.0.0.1:1/x">',
        '<!ENTITY % remote SYSTEM "http://127.0.0.1:1/x.dtd"> %remote;',
        '<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">',
        '<!ENTITY big "' + "x" * 100_000 + '">',
        '<!ATTLIST OrderRequestHeader type CDATA "delete">',
        "",
    ],
)
def test_a_document_with_declarations_of_its_own_is_refused(subset: str) -> None:
    for head in (f'<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/x.dtd" [{subset}]>', f"<!DOCTYPE cXML [{subset}]>"):
        assert "declares entities or rules of its own" in malformed(f"{DECLARATION}<!-- x -->{head}{BODY}".encode())


@pytest.mark.parametrize(
    "place",
    ['orderID="PO&file;1"', 'orderID="PO&nbsp;1"', "10.50&file;", "Widget &file;"],
)
def test_an_entity_that_is_not_xmls_own_is_refused_wherever_it_stands(place: str) -> None:
    original = {"o": 'orderID="PO/2026/1"', "1": "10.50", "W": "Widget"}[place[0]]
    assert "not well-formed" in malformed(ORDER.replace(original, place, 1).encode())


def test_xmls_own_entities_and_character_references_are_read() -> None:
    document = CxmlDocumentReader().read(ORDER.replace('"A-1"', "").replace(">A-1<", ">A &amp; &#66;&lt;<").encode())
    assert document.events[0]["data"]["lines"][0]["sku"] == "A & B<"


def test_comments_instructions_and_cdata_do_not_cut_a_text() -> None:
    body = ORDER.replace(">A-1<", "><!-- 1 -->A<?x y?>-<![CDATA[1]]><").replace("10.50", "10<!-- no -->.50")
    assert CxmlDocumentReader().read(body.encode()).events == EXPECTED.events


@pytest.mark.parametrize(
    "doctype",
    [
        "",
        "<!DOCTYPE cXML>",
        "<!DOCTYPE cXML SYSTEM 'http://127.0.0.1:1/cXML.dtd' >",
        '<!DOCTYPE cXML PUBLIC "-//x//cXML" "file:///etc/passwd">',
        '<?xml-stylesheet href="http://127.0.0.1:1/x.xsl"?><!-- <!DOCTYPE x [ <!ENTITY y "z"> ]> -->' + DOCTYPE,
    ],
)
def test_a_doctype_is_accepted_and_not_followed(doctype: str) -> None:
    assert CxmlDocumentReader().read(f"{DECLARATION}{doctype}{BODY}".encode()).events == EXPECTED.events


def test_xinclude_is_not_followed() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    [event] = CxmlDocumentReader().read(ORDER.replace(">A-1<", f">{include}A-2<").encode()).events
    assert "sku" not in event["data"]["lines"][0]


@pytest.mark.parametrize(
    "body",
    [
        ORDER.encode("utf-16"),
        b"\xff\xfe" + ORDER.replace("UTF-8", "UTF-16").encode("utf-16-le"),
        b"\xfe\xff" + ORDER.encode("utf-16-be"),
        b"\xef\xbb\xbf" + ORDER.encode(),
        ORDER.replace("UTF-8", "us-ascii").encode("ascii"),
        ORDER.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        ("\n " + ORDER).encode(),
        ORDER.replace("\n", "\r\n").encode(),
    ],
)
def test_encodings_that_are_read(body: bytes) -> None:
    assert CxmlDocumentReader().read(body).events == EXPECTED.events


def test_latin_letters_arrive() -> None:
    body = ORDER.replace("UTF-8", "windows-1252").replace(">A-1<", ">Köln €<").encode("cp1252")
    assert CxmlDocumentReader().read(body).events[0]["data"]["lines"][0]["sku"] == "Köln €"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not well-formed"),
        (b"   ", "not well-formed"),
        (b"{}", "not well-formed"),
        (b"\x00", "not well-formed"),
        (b"<cXML>\x00</cXML>", "not well-formed"),
        (b"<cXML>\xff</cXML>", "is not utf-8"),
        (b"<cXML/><cXML/>", "not well-formed"),
        (b"<?xml version='1.0' encoding='UTF-7'?>+ADw-cXML/+AD4-", "UTF-7 is not accepted"),
        (b"<?xml version='1.0' encoding='UTF-16'?><cXML/>", "UTF-16 is not accepted"),
        (b"<?xml version='1.0' encoding='nonsense'?><cXML/>", "nonsense is not accepted"),
        (b"<?xml version='1.0' encoding='rot13'?><cXML/>", "rot13 is not accepted"),
        (b"\xff\xfe<\x00c\x00", "not well-formed"),
        (b"\xff\xfe\x00", "is not utf-16-le"),
        (b"\xff\xfe\x00\xd8", "is not utf-16-le"),
        ("<cXML/>".encode("utf-16-le"), "not well-formed"),
        ("<cXML/>".encode("utf-32"), "not well-formed"),
        (b"<cXML>&#0;</cXML>", "not well-formed"),
        (b"<cXML>&#xD800;</cXML>", "not well-formed"),
        (b"<!DOCTYPE cXML SYSTEM 'x", "declares entities or rules"),
        (b"<html/>", "not cXML"),
        (b"<x:cXML xmlns:x='urn:x'/>", "not cXML"),
        (b"<cXML xmlns='urn:x'/>", "not cXML"),
        (b"<a>" * 100_000, "not well-formed"),
        (b"<a>" * 100_000 + b"</a>" * 100_000, "not well-formed"),
        (b"<!--" * 100_000, "not well-formed"),
        (b"<!-- -->" * 100_000 + b"<!DOCTYPE", "declares entities or rules"),
        (b"<?x " * 100_000, "not well-formed"),
        (b"<cXML " + b"a" * 12_000_000, "not well-formed"),
    ],
)
def test_malformed_and_quickly(body: bytes, message: str) -> None:
    started = time.perf_counter()
    assert message in malformed(body)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "body", [b"<cXML/>", b"<cXML><Request/></cXML>", b"<cXML><Response/></cXML>", b"<cXML><Request>x</Request></cXML>"]
)
def test_cxml_that_asks_for_nothing_is_invalid(body: bytes) -> None:
    with pytest.raises(Invalid, match="Request"):
        CxmlDocumentReader().read(body)


def test_many_faults_are_cut_off() -> None:
    item = ORDER[ORDER.index("<ItemOut") : ORDER.index("</ItemOut>") + len("</ItemOut>")].replace("10.50", "x")
    body = ORDER.replace("</OrderRequest>", item * 5_000 + "</OrderRequest>")
    with pytest.raises(Invalid) as refused:
        CxmlDocumentReader().read(body.encode())
    assert len(refused.value.faults) == 50


def test_many_warnings_are_cut_off() -> None:
    item = ORDER[ORDER.index("<ItemOut") : ORDER.index("</ItemOut>") + len("</ItemOut>")].replace("12.60", "12.61")
    items = "".join(item.replace('lineNumber="1"', f'lineNumber="{number}"') for number in range(100, 400))
    document = CxmlDocumentReader().read(ORDER.replace("</OrderRequest>", items + "</OrderRequest>").encode())
    assert len(document.warnings) == 101


def test_the_envelope_must_tell_documents_apart() -> None:
    for old, name in (('payloadID="20261102.1@buyer.example"', "payloadID"), ('timestamp="2026-11-02T01:02:03+13:00"', "timestamp")):
        with pytest.raises(Invalid) as refused:
            CxmlDocumentReader().read(ORDER.replace(old, "").encode())
        assert [fault.pointer for fault in refused.value.faults] == [f"/@{name}"]
