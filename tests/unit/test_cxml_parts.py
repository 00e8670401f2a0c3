"""Numbers, dates and the Response on their own."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from lxml import etree

from app.adapters.procurement.cxml import CxmlDocumentReader
from app.adapters.procurement.cxml.dates import instant, local_date
from app.adapters.procurement.cxml.money import number, plain
from app.adapters.procurement.cxml.reading import Notes


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", "1"),
        ("-1.50", "-1.50"),
        ("+2", "2"),
        (".5", "0.5"),
        ("1,234.50", "1234.50"),
        ("-1,234,567", "-1234567"),
        ("1,234,567.8", "1234567.8"),
        ("007", "7"),
    ],
)
def test_numbers(written: str, value: str) -> None:
    assert number(written) == Decimal(value)


@pytest.mark.parametrize("written", ["", "1,234", "1,23.4", "12,34,567", "1.2.3", "1 000", "1'000", "1e5", "nan", "-", ".", "1.", "1" * 41])
def test_no_numbers(written: str) -> None:
    assert number(written) is None


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("365", "365"),
        ("8.10", "8.10"),
        ("-0.00", "0.00"),
        ("1E+3", "1000"),
        ("1.5000000", "1.500000"),
        ("-2.5", "-2.5"),
        ("0E-9", "0.000000"),
    ],
)
def test_numbers_as_the_contract_writes_them(value: str, written: str) -> None:
    assert plain(Decimal(value)) == written


@pytest.mark.parametrize(
    ("written", "time", "day"),
    [
        ("2009-05-04T01:24:51-07:00", "2009-05-04T01:24:51-07:00", "2009-05-04"),
        ("2020-03-31T23:39:21+0100", "2020-03-31T23:39:21+01:00", "2020-03-31"),
        ("2017-01-24 15:18:07 +0530", "2017-01-24T15:18:07+05:30", "2017-01-24"),
        ("2020-11-16T12:17:51.945+13:00", "2020-11-16T12:17:51.945000+13:00", "2020-11-16"),
        ("2020-11-16T12:17Z", "2020-11-16T12:17:00Z", "2020-11-16"),
        ("2020-11-16T12:17:00+00", "2020-11-16T12:17:00Z", "2020-11-16"),
        ("2020-11-16T12:17:51.123456789Z", "2020-11-16T12:17:51.123456Z", "2020-11-16"),
        ("2020-11-16T12:17:51", "2020-11-16T12:17:51Z", "2020-11-16"),
        ("2020-11-16", "2020-11-16T00:00:00Z", "2020-11-16"),
    ],
)
def test_dates(written: str, time: str, day: str) -> None:
    element, notes = etree.Element("x", at=written), Notes()
    assert (instant(element, "at", notes), local_date(element, "at", notes)) == (time, day)
    assert not notes.faults
    assert datetime.fromisoformat(time).astimezone(UTC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "16/11/2020",
        "20201116",
        "2020-11-31",
        "2020-13-01",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "2020-11-16T12",
        "2020-11-16TZ",
        "2020-11-16T24:00:00Z",
        "2020-11-16T12:60Z",
        "2020-11-16T12:00:00+14:01",
        "2020-11-16T12:00:00+01:75",
        "٢٠٢٠-11-16",
    ],
)
def test_no_dates(written: str) -> None:
    element, notes = etree.Element("x", at=written), Notes()
    assert (instant(element, "at", notes), local_date(element, "at", notes)) == ("", "")
    assert [fault.pointer for fault in notes.faults] == ["/@at"]


AT = datetime(2026, 11, 2, 1, 2, 3, 456, tzinfo=timezone(timedelta(hours=13)))


def test_a_response() -> None:
    body = CxmlDocumentReader().response("1@glint", 200, "OK", "Order PO-1 is recorded", timestamp=AT)
    assert body.decode() == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.060/cXML.dtd">\n'
        '<cXML payloadID="1@glint" timestamp="2026-11-02T01:02:03+13:00">'
        '<Response><Status code="200" text="OK">Order PO-1 is recorded</Status></Response></cXML>'
    )


@pytest.mark.parametrize("detail", ["", '<a> & "b" ]]>', "Māori €", "nul \x00 \x1b \ud800 \ufffe end", "a\nb"])
def test_any_text_can_be_answered(detail: str) -> None:
    body = CxmlDocumentReader().response(detail, 422, detail, detail, timestamp=AT)
    status = etree.fromstring(body).find("Response/Status")
    assert status is not None
    expected = "".join("\ufffd" if character in "\x00\x1b\ud800\ufffe" else character for character in detail)
    assert (status.text or "") == expected
    assert status.get("code") == "422"
