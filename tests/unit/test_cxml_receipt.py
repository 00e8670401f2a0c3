"""ReceiptRequest: receipts, corrections, returns, and the end of receiving."""

from pathlib import Path

import pytest

from app.adapters.procurement.cxml import CxmlDocumentReader
from app.application.ports.procurement import ReadDocument
from app.domain.errors import Invalid

RECEIPT = (Path(__file__).parents[1] / "data" / "cxml" / "receipt.xml").read_text()


def read(*changes: tuple[str, str]) -> ReadDocument:
    text = RECEIPT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return CxmlDocumentReader().read(text.encode())


def test_one_document_becomes_events_per_order() -> None:
    document = read()
    assert document.kind == "ReceiptRequest"
    assert [(event["id"], event["type"], event["data"]) for event in document.events] == [
        (
            "r-1@buyer.example#1",
            "goods.received",
            {
                "order_number": "PO-1",
                "receipt_number": "R-7",
                "receipt_date": "2026-11-04",
                "lines": [{"line_number": 1, "quantity": "5.5"}],
            },
        ),
        (
            "r-1@buyer.example#2",
            "goods.returned",
            {"order_number": "PO-1", "receipt_number": "R-7", "receipt_date": "2026-11-04", "lines": [{"line_number": 2, "quantity": "2"}]},
        ),
        (
            "r-1@buyer.example#3",
            "receiving.closed",
            {"order_number": "PO-1", "line_numbers": [1], "reason": "Closed for receiving by receipt R-7", "date": "2026-11-04"},
        ),
        (
            "r-1@buyer.example#4",
            "goods.returned",
            {
                "order_number": "PO-2",
                "receipt_number": "R-7",
                "receipt_date": "2026-11-04",
                "lines": [{"line_number": 10, "quantity": "1"}],
            },
        ),
        (
            "r-1@buyer.example#5",
            "receiving.closed",
            {"order_number": "PO-2", "line_numbers": [10, 20], "reason": "Closed for receiving by receipt R-7", "date": "2026-11-04"},
        ),
    ]
    assert {event["source"] for event in document.events} == {"/cxml/DUNS/buyer"}
    assert {event["time"] for event in document.events} == {"2026-11-05T23:30:00-07:00"}
    assert ["not others of the order" in warning for warning in document.warnings] == [True]


def test_the_same_order_in_two_places_is_one_order() -> None:
    document = read(('<OrderIDInfo orderID="PO-2"/>', '<OrderIDInfo orderID="PO-1"/>'))
    assert [event["type"] for event in document.events] == ["goods.received", "goods.returned", "receiving.closed"]
    assert document.events[1]["data"]["lines"] == [{"line_number": 2, "quantity": "2"}, {"line_number": 10, "quantity": "1"}]


def test_a_single_event_keeps_the_documents_id() -> None:
    first = RECEIPT.index('<ReceiptItem receiptLineNumber="2"')
    last = RECEIPT.index("</ReceiptRequest>")
    body = RECEIPT[:first] + "</ReceiptOrder>" + RECEIPT[last:]
    [event] = CxmlDocumentReader().read(body.encode()).events
    assert (event["id"], event["type"]) == ("r-1@buyer.example", "goods.received")


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        (('operation="new"', 'operation="delete"'), "ReceiptRequestHeader/@operation", "Only new receipts"),
        (('receiptID="R-7"', ""), "ReceiptRequestHeader/@receiptID", "missing"),
        (('receiptDate="2026-11-04T23:59:59-0700"', 'receiptDate="2026-11-31"'), "ReceiptRequestHeader/@receiptDate", "ISO 8601"),
        (
            ('quantity="1" type="returned"', 'quantity="-1" type="returned"'),
            "ReceiptOrder[2]/ReceiptItem[1]/@quantity",
            "or its correction",
        ),
        (('type="returned"', 'type="lost"'), "ReceiptOrder[2]/ReceiptItem[1]/@type", "received or returned"),
        (('quantity="5"', 'quantity="5,5"'), "ReceiptOrder[1]/ReceiptItem[1]/@quantity", "plain decimal"),
        (('quantity="5"', ""), "ReceiptOrder[1]/ReceiptItem[1]/@quantity", "missing"),
        (('<ReceiptItemReference lineNumber="2"/>', ""), "ReceiptOrder[1]/ReceiptItem[2]", "ReceiptItemReference is missing"),
        (('<OrderIDInfo orderID="PO-2"/>', ""), "ReceiptOrder[2]", "No order number"),
    ],
)
def test_refused(change: tuple[str, str], pointer: str, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(change)
    [fault] = refused.value.faults
    assert fault.pointer == f"/Request/ReceiptRequest/{pointer}"
    assert message in fault.message


def test_a_receipt_without_a_header_is_refused() -> None:
    start, end = RECEIPT.index("<ReceiptRequestHeader"), RECEIPT.index("<ReceiptOrder>")
    with pytest.raises(Invalid, match="ReceiptRequestHeader is missing"):
        CxmlDocumentReader().read((RECEIPT[:start] + RECEIPT[end:]).encode())


def test_an_order_closed_without_naming_lines_is_refused() -> None:
    start = RECEIPT.index('<ReceiptItem receiptLineNumber="4"')
    end = RECEIPT.rindex("</ReceiptOrder>")
    with pytest.raises(Invalid, match="which lines"):
        CxmlDocumentReader().read((RECEIPT[:start] + RECEIPT[end:]).encode())


def test_a_receipt_that_moves_nothing_is_refused() -> None:
    start = RECEIPT.index("<ReceiptOrder>")
    end = RECEIPT.index("</ReceiptRequest>")
    with pytest.raises(Invalid, match="moves nothing"):
        CxmlDocumentReader().read((RECEIPT[:start] + RECEIPT[end:]).encode())


def test_sums_stay_within_what_the_contract_carries() -> None:
    large = "9" * 15
    with pytest.raises(Invalid, match="more than 15 digits"):
        read(('quantity="5"', f'quantity="{large}"'), ('quantity="0.5"', f'quantity="{large}"'))
