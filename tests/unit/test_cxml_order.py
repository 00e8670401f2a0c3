"""OrderRequest: what each form of an order becomes."""

from pathlib import Path
from typing import Any

import pytest

from app.adapters.procurement.cxml import CxmlDocumentReader, Options
from app.application.ports.procurement import ReadDocument
from app.domain.errors import Invalid

ORDER = (Path(__file__).parents[1] / "data" / "cxml" / "order.xml").read_text()
LINE_20 = ORDER[ORDER.index('<ItemOut quantity="3"') : ORDER.index("</OrderRequest>")]
UPDATE = ('type="new"', 'type="update"')
CODE_4200 = '<Accounting name="one"><Segment type="Account" id="4200" description="Parts"/></Accounting>'


def changed(*changes: tuple[str, str]) -> bytes:
    text = ORDER
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def read(*changes: tuple[str, str], options: Options | None = None) -> ReadDocument:
    return CxmlDocumentReader(options=options or Options()).read(changed(*changes))


def data(*changes: tuple[str, str], options: Options | None = None) -> dict[str, Any]:
    found: dict[str, Any] = read(*changes, options=options).events[0]["data"]
    return found


def faults(*changes: tuple[str, str], options: Options | None = None) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        read(*changes, options=options)
    return [(fault.pointer, fault.message) for fault in refused.value.faults]


def test_a_new_order_is_order_created() -> None:
    document = read()
    assert (document.payload_id, document.kind, document.warnings) == ("20261102.1@buyer.example", "OrderRequest", ())
    assert document.events == (
        {
            "specversion": "1.0",
            "id": "20261102.1@buyer.example",
            "source": "/cxml/DUNS/123%20456%2F7",
            "type": "order.created",
            "time": "2026-11-02T01:02:03+13:00",
            "data": {
                "order_number": "PO/2026/1",
                "currency": "NZD",
                "order_date": "2026-11-02",
                "supplier": {"code": "ACME", "name": "Acme Ltd"},
                "lines": [
                    {
                        "line_number": 1,
                        "sku": "A-1",
                        "description": "Widget, blue",
                        "unit": "EA",
                        "quantity": "2",
                        "unit_price": "10.50",
                        "account_codes": [{"code": "4100-12", "amount": "12.60"}, {"code": "4100-13", "amount": "8.40"}],
                    },
                    {
                        "line_number": 20,
                        "description": "Bolt",
                        "unit": "EA",
                        "quantity": "3",
                        "unit_price": "3.5",
                        "account_codes": [{"code": "4200", "percentage": "100"}],
                    },
                ],
                "charges": [{"kind": "shipping", "amount": "12.00"}],
            },
        },
    )


def test_the_same_bytes_give_the_same_events() -> None:
    assert read() == read()


def test_an_order_without_a_type_is_new() -> None:
    assert read((' type="new"', "")).events[0]["type"] == "order.created"


def test_an_update_carries_its_version() -> None:
    event = read(UPDATE).events[0]
    assert event["type"] == "order.changed"
    assert event["data"]["version"] == 3
    assert [line["line_number"] for line in event["data"]["lines"]] == [1, 20]


def test_an_update_leaves_out_a_line_of_quantity_0() -> None:
    assert [line["line_number"] for line in data(UPDATE, ('quantity="3"', 'quantity="0"'))["lines"]] == [1]


def test_an_update_without_a_version_is_refused() -> None:
    [(pointer, message)] = faults(UPDATE, (' orderVersion="3"', ""))
    assert pointer == "/Request/OrderRequest/OrderRequestHeader/@orderVersion"
    assert "must carry orderVersion" in message


@pytest.mark.parametrize("version", ["1", "0", "-2", "two", "2.0", "1000000000"])
def test_versions_that_no_update_can_have(version: str) -> None:
    [(_, message)] = faults(UPDATE, ('orderVersion="3"', f'orderVersion="{version}"'))
    assert "whole number from 2" in message


def test_long_texts_are_cut() -> None:
    document = read(("Widget,", "W" * 600))
    assert len(document.events[0]["data"]["lines"][0]["description"]) == 500
    assert "cut to 500" in document.warnings[0]


def test_an_update_to_nothing_is_refused() -> None:
    [(_, message)] = faults(UPDATE, ('quantity="3"', 'quantity="0"'), ('quantity="2"', 'quantity="0"'))
    assert "type delete" in message


def test_a_deleted_order_is_cancelled_without_reading_its_lines() -> None:
    event = read(('type="new"', 'type="delete"'), ("10.50", "nonsense")).events[0]
    assert event["type"] == "order.cancelled"
    assert event["data"] == {"order_number": "PO/2026/1", "reason": "Cancelled by the procurement system"}


def test_the_comment_is_the_reason_of_a_cancellation() -> None:
    event = read(('type="new"', 'type="delete"'), ("<Total>", "<Comments>Not needed</Comments><Total>")).events[0]
    assert event["data"]["reason"] == "Not needed"


@pytest.mark.parametrize(
    ("old", "new", "price"),
    [
        (
            "<Description",
            '<PriceBasisQuantity quantity="100" conversionFactor="1"><UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity><Description',
            "0.105",
        ),
        ("<Description", '<PriceBasisQuantity quantity="1" conversionFactor="0.25"/><Description', "2.6250"),
        ("<Description", '<PriceBasisQuantity quantity="3" conversionFactor="6"/><Description', "21.00"),
        ("10.50", "1,010.50", "1010.50"),
        ("10.50", "1,234,567", "1234567"),
        ("10.50", ".5", "0.5"),
        ("10.50", "1.0000000000", "1.000000"),
        ("10.50", "-10.50", "-10.50"),
    ],
)
def test_prices(old: str, new: str, price: str) -> None:
    body = changed(("12.60", "0.60"))
    at = ORDER.index("<ItemOut")
    text = body.decode()[:at] + body.decode()[at:].replace(old, new, 1)
    line = CxmlDocumentReader().read(text.encode()).events[0]["data"]["lines"][0]
    assert line["unit_price"] == price


@pytest.mark.parametrize(
    "price", ["10,50", "1.234,50", "1,234", "12 000", "1e3", "NaN", "Infinity", "0x10", "١٢", "10.1234567", "9" * 16, "--1", "10."]
)
def test_numbers_that_could_mean_two_things_are_refused(price: str) -> None:
    assert [pointer for pointer, _ in faults(("10.50", price))] == ["/Request/OrderRequest/ItemOut[1]/ItemDetail/UnitPrice/Money"]


@pytest.mark.parametrize(
    ("basis", "message"),
    [
        ('quantity="3" conversionFactor="1"', "not exact in 6 decimals"),
        ('quantity="0" conversionFactor="1"', "above 0"),
        ('quantity="x" conversionFactor="1"', "above 0"),
    ],
)
def test_a_price_basis_that_does_not_come_out_is_refused(basis: str, message: str) -> None:
    at = '<UnitPrice><Money currency="NZD">10.50</Money></UnitPrice>'
    [(_, found)] = faults((at, f"{at}<PriceBasisQuantity {basis}/>"), ("10.50", "10.00"))
    assert message in found


def test_segments_are_joined_as_set_up() -> None:
    line = data(options=Options(segment_separator="."))["lines"][0]
    assert [share["code"] for share in line["account_codes"]] == ["4100.12", "4100.13"]


def test_one_code_twice_in_a_line_is_one_code() -> None:
    line = data(('type="Centre" id="13"', 'type="Centre" id="12"'))["lines"][0]
    assert line["account_codes"] == [{"code": "4100-12", "amount": "21.00"}]


def test_a_line_without_distribution_takes_the_default_code_where_there_is_one() -> None:
    bare = ("<Distribution>" + LINE_20.split("<Distribution>")[1].split("</ItemOut>")[0], "")
    [(pointer, message)] = faults(bare)
    assert pointer == "/Request/OrderRequest/ItemOut[2]"
    assert "no Distribution" in message
    assert data(bare, options=Options(default_account_code="9999"))["lines"][1]["account_codes"] == [{"code": "9999", "percentage": "100"}]


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ((">8.40<", "><"), "ItemOut[1]", "does not say how"),
        (("12.60", "-12.60"), "ItemOut[1]/Distribution[1]", "must not be negative"),
        ((CODE_4200, '<Accounting name="one"/>'), "ItemOut[2]/Distribution", "no AccountingSegment or Segment"),
        (
            (CODE_4200, '<Accounting><Segment type="Account" id=" "/></Accounting>'),
            "ItemOut[2]/Distribution/Accounting/Segment/@id",
            "no id",
        ),
        (('lineNumber="20"', 'lineNumber="1"'), "ItemOut[2]/@lineNumber", "there twice"),
        (('lineNumber="20"', 'lineNumber="0"'), "ItemOut[2]/@lineNumber", "whole number from 1"),
        (('lineNumber="20"', 'lineNumber="2.0"'), "ItemOut[2]/@lineNumber", "whole number from 1"),
        (('lineNumber="20"', ""), "ItemOut[2]/@lineNumber", "missing"),
        (('quantity="3"', 'quantity="0"'), "ItemOut[2]/@quantity", "above 0"),
        (('quantity="3"', 'quantity="-3"'), "ItemOut[2]/@quantity", "above 0"),
        (('quantity="3"', ""), "ItemOut[2]/@quantity", "missing"),
        (('quantity="3"', 'quantity="three"'), "ItemOut[2]/@quantity", "plain decimal"),
        (('quantity="3"', 'quantity="3" itemType="composite"'), "ItemOut[2]", "Grouped lines"),
        (('quantity="3"', 'quantity="3" isReturn="yes"'), "ItemOut[2]", "Return orders"),
        ((">3.5<", "><"), "ItemOut[2]/ItemDetail", "UnitPrice"),
        (('"NZD">3.5', '"AUD">3.5'), "ItemOut[2]/ItemDetail/UnitPrice/Money/@currency", "in NZD, and this amount is in AUD"),
        (('"NZD">3.5', '"">3.5'), "ItemOut[2]/ItemDetail/UnitPrice/Money/@currency", "three capital letters"),
        (('orderID="PO/2026/1"', ""), "OrderRequestHeader/@orderID", "missing"),
        (('orderID="PO/2026/1"', f'orderID="{"9" * 300}"'), "OrderRequestHeader/@orderID", "longer than 100"),
        (('orderDate="2026-11-02"', 'orderDate="02/11/2026"'), "OrderRequestHeader/@orderDate", "ISO 8601"),
        (('type="new"', 'type="replace"'), "OrderRequestHeader/@type", "new, update or delete"),
        (('type="new"', 'type="new" orderType="blanket"'), "OrderRequestHeader/@orderType", "blanket are not read"),
        (("<Identity>ACME</Identity>", f"<Identity>{'9' * 101}</Identity>"), "OrderRequestHeader", "longer than 100"),
        (('id="4200"', f'id="{"9" * 101}"'), "ItemOut[2]/Distribution", "longer than 100"),
        (("12.00", "-12.00"), "OrderRequestHeader", "must not be negative"),
    ],
)
def test_refused(change: tuple[str, str], pointer: str, message: str) -> None:
    found = faults(change)
    assert [place for place, _ in found] == [f"/Request/OrderRequest/{pointer}"]
    assert message in found[0][1]


def test_all_faults_are_told_at_once() -> None:
    found = faults(("10.50", "x"), (">3.5<", ">y<"), ('orderID="PO/2026/1"', ""))
    assert len(found) == 3


def test_an_order_without_lines_is_refused() -> None:
    body = ORDER[: ORDER.index("<ItemOut")] + ORDER[ORDER.index("</OrderRequest>") :]
    with pytest.raises(Invalid, match="no ItemOut"):
        CxmlDocumentReader().read(body.encode())


def test_lines_without_any_number_are_counted_on_a_new_order_only() -> None:
    bare = ((' lineNumber="1"', ""), (' lineNumber="20"', ""))
    document = read(*bare)
    assert [line["line_number"] for line in document.events[0]["data"]["lines"]] == [1, 2]
    assert "position" in document.warnings[0]
    assert len(faults(UPDATE, *bare)) == 2


def test_the_supplier_can_come_from_the_lines() -> None:
    empty = ("<Identity>ACME</Identity>", "<Identity/>")
    first = ("<ItemDetail>", '<SupplierID domain="internal">S-77</SupplierID><ItemDetail>')
    assert data(empty, first)["supplier"] == {"code": "S-77", "name": "Acme Ltd"}
    document = read(empty)
    assert "supplier" not in document.events[0]["data"]
    assert "names no supplier" in document.warnings[0]
    contact = ("<Total>", '<Contact role="supplierCorporate" addressID="S-78"><Name>Acme</Name></Contact><Total>')
    assert data(empty, contact)["supplier"]["code"] == "S-78"


def test_an_empty_sender_leaves_the_source_without_a_name() -> None:
    document = read((' domain="DUNS"><Identity>123 456/7</Identity>', ' domain=""><Identity/>'))
    assert document.events[0]["source"] == "/cxml/-/-"
    assert "no identity" in document.warnings[0]


def modification(part: str, name: str = "") -> str:
    return f'<Modification>{part}<ModificationDetail name="{name}"/></Modification>'


def test_modifications_of_the_total_are_charges() -> None:
    money = '<Money currency="NZD">{}</Money>'.format
    parts = (
        modification(f"<AdditionalDeduction><DeductionAmount>{money('2.00')}</DeductionAmount></AdditionalDeduction>"),
        modification(f"<AdditionalCost>{money('4')}</AdditionalCost>", "Freight"),
        modification(f"<AdditionalCost>{money('0.00')}</AdditionalCost>", "Toll"),
    )
    document = read(('currency="NZD">31.50</Money>', f'currency="NZD">33.50</Money><Modifications>{"".join(parts)}</Modifications>'))
    assert document.events[0]["data"]["charges"][1:] == [{"kind": "discount", "amount": "-2.00"}, {"kind": "freight", "amount": "4"}]
    assert document.warnings == ()


def test_a_modification_in_percent_is_refused() -> None:
    percent = modification("<AdditionalDeduction><DeductionPercent percent='5'/></AdditionalDeduction>")
    assert "not a percentage" in faults(("</Money>", f"</Money><Modifications>{percent}</Modifications>"))[0][1]


def test_shipping_of_zero_is_no_charge() -> None:
    assert "charges" not in data(("12.00", "0.00"))


def test_shipping_on_lines_counts_once() -> None:
    document = read(("<ItemDetail>", '<Shipping><Money currency="NZD">5.00</Money></Shipping><ItemDetail>'))
    assert document.events[0]["data"]["charges"] == [{"kind": "shipping", "amount": "5.00"}]
    assert "the lines' is taken" in document.warnings[0]


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        (("</Shipping>", '</Shipping><Tax><Money currency="NZD">4.73</Money></Tax>'), "Tax on an order is not committed"),
        (("31.50", "99.99"), "total 99.99"),
        (("12.60", "12.61"), "distributions come to 21.01"),
        (("12.00", ""), "Shipping/Money: The Money is empty"),
        (('quantity="2"', 'quantity="2" isDeliveryCompleted="yes"'), "isDeliveryCompleted is not acted on"),
        (("10.50</Money>", "10.50</Money><Modifications><Modification/></Modifications>"), "with its modifications in it"),
        (("</UnitOfMeasure>", '</UnitOfMeasure><Extrinsic name="LineType">Amount</Extrinsic>'), "amount line"),
        (('deploymentMode="production"', 'deploymentMode="test"'), "marked as a test"),
        (("+13:00", ""), "no time zone"),
    ],
)
def test_warnings(change: tuple[str, str], warning: str) -> None:
    [found] = read(change).warnings
    assert warning in found


def test_money_in_an_extrinsic_may_be_in_another_currency() -> None:
    assert data(("</Shipping>", '</Shipping><Extrinsic name="x"><Money currency="EUR">1</Money></Extrinsic>'))["currency"] == "NZD"


@pytest.mark.parametrize(
    ("start", "end", "pointer", "message"),
    [
        ("<OrderRequestHeader", "</OrderRequestHeader>", "", "OrderRequestHeader is missing"),
        ("<ItemDetail>", "</ItemDetail>", "/ItemOut[1]", "ItemDetail is missing"),
    ],
)
def test_parts_that_must_be_there(start: str, end: str, pointer: str, message: str) -> None:
    body = ORDER[: ORDER.index(start)] + ORDER[ORDER.index(end) + len(end) :]
    with pytest.raises(Invalid) as refused:
        CxmlDocumentReader().read(body.encode())
    assert [(fault.pointer, fault.message) for fault in refused.value.faults] == [(f"/Request/OrderRequest{pointer}", message)]


def test_a_sender_too_long_to_keep_is_refused() -> None:
    assert "longer than 300" in faults(("123 456/7", "x" * 300))[0][1]
