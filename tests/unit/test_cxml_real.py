"""A real order and a real invoice, as two procurement systems wrote them."""

from pathlib import Path

import pytest

from app.adapters.procurement.cxml import CxmlDocumentReader

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "cxml"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not there")


def test_the_real_order() -> None:
    document = CxmlDocumentReader().read((SHARED / "order-3309.xml").read_bytes())
    [event] = document.events
    assert (document.kind, document.warnings) == ("OrderRequest", ())
    assert event["id"] == "1585687161.003309@stg1565utl2.int.coupahost.com"
    assert (event["type"], event["source"], event["time"]) == ("order.created", "/cxml/NetworkID/kasdflkjasdf", "2020-03-31T21:39:21+01:00")
    data = event["data"]
    code = "10012-c50-B94641-000384"
    assert (data["order_number"], data["currency"], data["order_date"]) == ("3309", "USD", "2020-03-31")
    assert [(line["line_number"], line["quantity"], line["unit_price"]) for line in data["lines"]] == [(1, "1", "8.1"), (2, "9", "9.29")]
    assert [line["account_codes"] for line in data["lines"]] == [[{"code": code, "amount": "8.1"}], [{"code": code, "amount": "83.61"}]]
    assert "charges" not in data


def test_the_real_invoice() -> None:
    document = CxmlDocumentReader().read((SHARED / "invoice-3495.xml").read_bytes())
    [event] = document.events
    assert (document.kind, document.warnings) == ("InvoiceDetailRequest", ())
    assert (event["id"], event["type"]) == ("1240598937@devtrunk.coupahost.com", "invoice.matched")
    assert event["data"] == {
        "invoice_number": "3495",
        "invoice_date": "2009-05-01",
        "currency": "USD",
        "lines": [{"order_number": "123", "line_number": 1, "quantity": "1", "amount": "365"}],
        "charges": [
            {"kind": "shipping", "amount": "30", "order_number": "123"},
            {"kind": "handling", "amount": "5", "order_number": "123"},
        ],
        "tax": [{"amount": "8", "recoverable": True}],
    }
