"""InvoiceDetailRequest: invoices, credits in all their sign conventions, cancellations; charges and tax once."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from app.adapters.procurement.cxml import CxmlDocumentReader, Options
from app.application.ports.procurement import ReadDocument
from app.domain.errors import Invalid

DOCUMENTS = Path(__file__).parents[1] / "data" / "cxml"
INVOICE = (DOCUMENTS / "invoice.xml").read_text()
CREDIT = (DOCUMENTS / "credit.xml").read_text()
SUMMARY_TAX = ">21.00</Money><Description"


def money(element: str, figure: str) -> str:
    return f'<{element}><Money currency="NZD">{figure}</Money></{element}>'


def read(*changes: tuple[str, str], options: Options | None = None, text: str = INVOICE) -> ReadDocument:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return CxmlDocumentReader(options=options or Options()).read(text.encode())


def event(*changes: tuple[str, str], options: Options | None = None) -> dict[str, Any]:
    [found] = read(*changes, options=options).events
    return found


def data(*changes: tuple[str, str], options: Options | None = None) -> dict[str, Any]:
    found: dict[str, Any] = event(*changes, options=options)["data"]
    return found


def refused(*changes: tuple[str, str], options: Options | None = None) -> str:
    with pytest.raises(Invalid) as error:
        read(*changes, options=options)
    return " | ".join(f"{fault.pointer} {fault.message}" for fault in error.value.faults)


def credit(purpose: str, quantity: str, price: str, sign: str) -> str:
    text = CREDIT.replace('purpose="creditMemo"', f'purpose="{purpose}"').replace('quantity="-2"', f'quantity="{quantity}"')
    return text.replace(">-", f">{sign}").replace(">50.00<", f">{price}<")


def test_an_invoice_is_matched() -> None:
    document = read()
    assert document.warnings == ()
    [found] = document.events
    assert (found["id"], found["type"], found["source"], found["time"]) == (
        "i-1@supplier.example",
        "invoice.matched",
        "/cxml/DUNS/ACME",
        "2017-01-24T15:18:07+05:30",
    )
    assert found["data"] == {
        "invoice_number": "INV-9",
        "invoice_date": "2017-01-24",
        "currency": "NZD",
        "lines": [
            {"order_number": "PO-1", "line_number": 1, "quantity": "2", "amount": "100.00"},
            {"order_number": "PO-1", "line_number": 2, "amount": "40.00"},
        ],
        "charges": [],
        "tax": [{"amount": "21.00", "recoverable": True}],
    }


@pytest.mark.parametrize(
    ("info", "number"),
    [
        ('<OrderReference orderID="A"><DocumentReference payloadID="C"/></OrderReference><OrderIDInfo orderID="B"/>', "A"),
        ('<OrderReference orderID=" "><DocumentReference payloadID="C"/></OrderReference><OrderIDInfo orderID="B"/>', "B"),
        ('<OrderReference><DocumentReference payloadID="C"/></OrderReference>', "C"),
    ],
)
def test_where_the_order_number_is(info: str, number: str) -> None:
    found = data(('<OrderReference orderID="PO-1"><DocumentReference payloadID="o@b"/></OrderReference>', info))
    assert {line["order_number"] for line in found["lines"]} == {number}


def test_an_order_named_by_a_payload_id_alone_is_told() -> None:
    document = read(('orderID="PO-1"', ""))
    assert document.events[0]["data"]["lines"][0]["order_number"] == "o@b"
    assert "only by this payloadID" in document.warnings[0]


def test_the_supplier_is_sent_on_request() -> None:
    assert data(options=Options(supplier_on_invoices=True))["supplier"] == {"code": "ACME"}


def test_without_a_subtotal_the_unit_price_goes_on() -> None:
    line = data((money("SubtotalAmount", "100.00"), ""))["lines"][0]
    assert line == {"order_number": "PO-1", "line_number": 1, "quantity": "2", "unit_price": "50.00"}


def test_a_subtotal_that_is_not_quantity_times_price_is_taken_and_told() -> None:
    document = read(("50.00", "50.50"))
    assert document.events[0]["data"]["lines"][0]["amount"] == "100.00"
    assert document.warnings == (
        "/Request/InvoiceDetailRequest/InvoiceDetailOrder/InvoiceDetailItem: "
        "SubtotalAmount 100.00 is not quantity x price, 101; it is taken as it stands",
    )


def test_rounding_to_the_cent_is_not_told() -> None:
    assert read(("50.00", "49.9977")).warnings == ()


def test_a_price_need_not_be_exact_beside_a_subtotal() -> None:
    basis = '</UnitPrice><PriceBasisQuantity quantity="3" conversionFactor="1"/>'
    assert data(("50.00", "150.0000000001"), ("</UnitPrice>", basis))["lines"][0]["amount"] == "100.00"
    assert "not exact" in refused(("50.00", "100.00"), ("</UnitPrice>", basis), (money("SubtotalAmount", "100.00"), ""))


def test_invoice_lines_for_one_order_line_are_one_line() -> None:
    service = INVOICE[INVOICE.index("<InvoiceDetailServiceItem ") : INVOICE.index("</InvoiceDetailOrder>")]
    item = INVOICE[INVOICE.index("<InvoiceDetailItem ") : INVOICE.index("<InvoiceDetailServiceItem ")]
    assert data((service, item))["lines"] == [{"order_number": "PO-1", "line_number": 1, "quantity": "4", "amount": "200.00"}]


def test_several_orders_leave_header_charges_without_an_order() -> None:
    order = INVOICE[INVOICE.index("<InvoiceDetailOrder>") : INVOICE.index("<InvoiceDetailSummary>")]
    second = order.replace('orderID="PO-1"', 'orderID="PO-2"')
    found = data(
        ("<InvoiceDetailSummary>", f"{second}<InvoiceDetailSummary>"),
        ("<GrossAmount>", f"{money('ShippingAmount', '9.00')}<GrossAmount>"),
    )
    assert [line["order_number"] for line in found["lines"]] == ["PO-1", "PO-1", "PO-2", "PO-2"]
    assert found["charges"] == [{"kind": "shipping", "amount": "9.00"}]
    assert found["tax"] == [{"amount": "42.00", "recoverable": True}]


def test_charges_on_lines_carry_their_order_and_count_once() -> None:
    document = read(
        (
            "</InvoiceDetailItem>",
            f"{money('InvoiceDetailLineShipping', '5.00')}{money('InvoiceDetailLineSpecialHandling', '2.00')}</InvoiceDetailItem>",
        ),
        ("<GrossAmount>", f"{money('SpecialHandlingAmount', '2.00')}{money('ShippingAmount', '5.00')}<GrossAmount>"),
        ('<NetAmount><Money currency="NZD">161.00', '<NetAmount><Money currency="NZD">168.00'),
    )
    assert document.events[0]["data"]["charges"] == [
        {"kind": "shipping", "amount": "5.00", "order_number": "PO-1"},
        {"kind": "handling", "amount": "2.00", "order_number": "PO-1"},
    ]
    assert document.warnings == ()


def test_a_summary_that_differs_from_the_lines_charges_is_told() -> None:
    document = read(
        ("</InvoiceDetailItem>", f"{money('InvoiceDetailLineShipping', '5.00')}</InvoiceDetailItem>"),
        ("<GrossAmount>", f"{money('ShippingAmount', '30.00')}<GrossAmount>"),
    )
    assert document.events[0]["data"]["charges"] == [{"kind": "shipping", "amount": "5.00", "order_number": "PO-1"}]
    assert any("ShippingAmount is 30.00 and the lines' come to 5.00" in warning for warning in document.warnings)


def test_discounts_at_the_header_are_charges_and_on_lines_part_of_the_line() -> None:
    found = data(("<NetAmount>", f"{money('InvoiceDetailDiscount', '14.00')}<NetAmount>"))
    assert found["charges"] == [{"kind": "discount", "amount": "-14.00", "order_number": "PO-1"}]
    found = data(
        ("</InvoiceDetailItem>", f"{money('InvoiceDetailDiscount', '14.00')}</InvoiceDetailItem>"),
        ("<NetAmount>", f"{money('InvoiceDetailDiscount', '14.00')}<NetAmount>"),
    )
    assert (found["charges"], found["lines"][0]["amount"]) == ([], "86.00")


def test_modifications() -> None:
    def cost(figure: str, name: str) -> str:
        return f'<Modification>{money("AdditionalCost", figure)}<ModificationDetail name="{name}"/></Modification>'

    deduction = f"<Modification><AdditionalDeduction>{money('DeductionAmount', '3.00')}</AdditionalDeduction></Modification>"
    parts = cost("1.00", "Eco fee") + cost("2.00", "Freight") + deduction
    on_line = f"<InvoiceItemModifications>{parts}</InvoiceItemModifications>"
    on_header = f"<InvoiceHeaderModifications>{cost('7.00', 'Shipping')}{deduction}</InvoiceHeaderModifications>"
    found = data(("</InvoiceDetailItem>", f"{on_line}</InvoiceDetailItem>"), ("<NetAmount>", f"{on_header}<NetAmount>"))
    assert found["lines"][0]["amount"] == "98.00"
    assert found["charges"] == [
        {"kind": "freight", "amount": "2.00", "order_number": "PO-1"},
        {"kind": "shipping", "amount": "7.00", "order_number": "PO-1"},
        {"kind": "discount", "amount": "-3.00", "order_number": "PO-1"},
    ]


def test_a_service_item_for_shipping_is_a_charge() -> None:
    document = read(
        ('<InvoiceDetailServiceItemReference lineNumber="2"/>', '<InvoiceDetailServiceItemReference lineNumber="0"/>'),
        ("</InvoiceDetailServiceItem>", '<Extrinsic name="IsShippingServiceItem">yes</Extrinsic></InvoiceDetailServiceItem>'),
    )
    found = document.events[0]["data"]
    assert [line["line_number"] for line in found["lines"]] == [1]
    assert found["charges"] == [{"kind": "shipping", "amount": "40.00", "order_number": "PO-1"}]
    assert document.warnings == ()


def test_tax_of_the_summary_is_taken_where_lines_have_none() -> None:
    found = data((">15.00<", ">0.00<"), (">6.00<", ">0.00<"))
    assert found["tax"] == [{"amount": "21.00", "recoverable": True}]


def test_tax_that_differs_is_taken_from_the_lines_and_told() -> None:
    document = read((SUMMARY_TAX, SUMMARY_TAX.replace("21", "22")))
    assert document.events[0]["data"]["tax"] == [{"amount": "21.00", "recoverable": True}]
    assert "The summary's tax 22.00 is not the lines' 21.00" in document.warnings[0]


@pytest.mark.parametrize(
    "proof",
    [
        ("161.00</Money></NetAmount>", "172.50</Money></NetAmount>"),
        (
            "</Tax><GrossAmount>",
            "".join(
                f'<TaxDetail purpose="{purpose}" category="gst">{money("TaxAmount", figure)}</TaxDetail>'
                for purpose, figure in (("tax", "21.00"), ("shippingTax", "1.50"))
            )
            + "</Tax><GrossAmount>",
        ),
    ],
)
def test_tax_on_header_shipping_is_counted_where_the_document_proves_it(proof: tuple[str, str]) -> None:
    text = INVOICE.replace(SUMMARY_TAX, SUMMARY_TAX.replace("21.00", "22.50")).replace(
        "</Tax>\n        <GrossAmount>", "</Tax><GrossAmount>"
    )
    text = text.replace(*proof).replace("<GrossAmount>", f"{money('ShippingAmount', '10.00')}<GrossAmount>")
    found = CxmlDocumentReader().read(text.encode()).events[0]["data"]
    assert found["tax"] == [{"amount": "22.50", "recoverable": True}]
    assert found["charges"] == [{"kind": "shipping", "amount": "10.00", "order_number": "PO-1"}]


def detail(figure: str, more: str = "") -> tuple[str, str]:
    return (
        "GST</Description></Tax>\n        </InvoiceDetailItem>",
        f'GST</Description><TaxDetail category="gst" {more}>{money("TaxAmount", figure)}</TaxDetail></Tax></InvoiceDetailItem>',
    )


def test_tax_that_cannot_be_recovered() -> None:
    assert data(detail("15.00", 'isVatRecoverable="no"'))["tax"] == [
        {"amount": "6.00", "recoverable": True},
        {"amount": "15.00", "recoverable": False},
    ]


@pytest.mark.parametrize(("option", "recoverable"), [(True, True), (False, False)])
def test_the_option_overrules_the_document(option: bool, recoverable: bool) -> None:
    found = data(detail("15.00", 'isVatRecoverable="no"'), options=Options(tax_recoverable=option))
    assert found["tax"] == [{"amount": "21.00", "recoverable": recoverable}]


def test_the_header_can_say_that_tax_is_not_recoverable() -> None:
    found = data(("<InvoiceDetailHeaderIndicator/>", '<InvoiceDetailHeaderIndicator isVatRecoverable="no"/>'))
    assert found["tax"] == [{"amount": "21.00", "recoverable": False}]


def test_tax_in_details_only() -> None:
    document = read((">15.00</Money><Description", "></Money><Description"), detail("15.00"))
    assert document.events[0]["data"]["tax"] == [{"amount": "21.00", "recoverable": True}]
    assert any("no amount of its own" in warning for warning in document.warnings)


def test_details_that_do_not_add_up_are_told_or_refused() -> None:
    assert "not the sum of its details" in read(detail("14.00")).warnings[0]
    mixed = detail("14.00", 'isVatRecoverable="no"')
    also = (mixed[0], mixed[1].replace("</Tax>", f'<TaxDetail category="x">{money("TaxAmount", "2.00")}</TaxDetail></Tax>'))
    assert "Some of the tax is recoverable" in refused(also)


@pytest.mark.parametrize("flag", ["isWithholdingTax", "isIncludedInPrice"])
def test_taxes_that_are_not_read(flag: str) -> None:
    assert flag in refused(detail("15.00", f'{flag}="yes"'))


CONVENTIONS = [
    ("creditMemo", "-2", "50.00", "-"),
    ("lineLevelCreditMemo", "-2", "50.00", "-"),
    ("lineLevelCreditMemo", "2", "50.00", "-"),
    ("standard", "-2", "50.00", "-"),
    ("creditMemo", "2", "50.00", ""),
    ("standard", "2", "-50.00", "-"),
]


@pytest.mark.parametrize(("purpose", "quantity", "price", "sign"), CONVENTIONS)
def test_credits_leave_with_positive_figures(purpose: str, quantity: str, price: str, sign: str) -> None:
    document = CxmlDocumentReader().read(credit(purpose, quantity, price, sign).encode())
    assert document.warnings == ()
    [found] = document.events
    assert found["type"] == "invoice.credited"
    assert found["data"] == {
        "invoice_number": "CR-1",
        "invoice_date": "2026-11-08",
        "credits_invoice": "INV-9",
        "currency": "NZD",
        "lines": [{"order_number": "PO-1", "line_number": 1, "quantity": "2", "amount": "90.00"}],
        "charges": [{"kind": "shipping", "amount": "4.00", "order_number": "PO-1"}],
        "tax": [{"amount": "15.00", "recoverable": True}],
    }


def test_a_price_credit_has_no_quantity() -> None:
    text = credit("lineLevelCreditMemo", "2", "-50.00", "-").replace(
        "<InvoiceDetailHeaderIndicator/>", '<InvoiceDetailHeaderIndicator isPriceBasedLineLevelCreditMemo="yes"/>'
    )
    [found] = CxmlDocumentReader().read(text.encode()).events
    assert found["data"]["lines"] == [{"order_number": "PO-1", "line_number": 1, "amount": "90.00"}]


@pytest.mark.parametrize("figure", ["100.00", "15.00", "4.00", "10.00"])
def test_mixed_signs_are_refused(figure: str) -> None:
    text = credit("standard", "-2", "50.00", "-").replace(f">-{figure}<", f">{figure}<")
    with pytest.raises(Invalid):
        CxmlDocumentReader().read(text.encode())


def test_lines_of_both_signs_are_refused() -> None:
    assert "mixes positive and negative" in refused(("40.00", "-40.00"), (">6.00<", ">-6.00<"))


def test_no_combination_of_signs_leaves_with_a_negative_figure() -> None:
    for purpose, quantity, price, sign in product(("standard", "creditMemo"), ("2", "-2"), ("50.00", "-50.00"), ("", "-")):
        try:
            [found] = CxmlDocumentReader().read(credit(purpose, quantity, price, sign).encode()).events
        except Invalid:
            continue
        assert found["data"]["lines"] == [{"order_number": "PO-1", "line_number": 1, "quantity": "2", "amount": "90.00"}]
        assert found["type"] == ("invoice.matched" if (purpose, sign) == ("standard", "") else "invoice.credited")


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ('<InvoiceReference invoiceID="INV-7"/>', "INV-7"),
        ('<InvoiceReference><DocumentReference payloadID="INV-6"/></InvoiceReference>', "INV-6"),
        ('<DocumentReference payloadID="INV-5"/>', "INV-5"),
        ('<DocumentReference payloadID="99@supplier.example"/>', None),
        ("", None),
    ],
)
def test_what_a_credit_names(reference: str, number: str | None) -> None:
    text = credit("creditMemo", "2", "50.00", "").replace('<InvoiceIDInfo invoiceID="INV-9"/>', reference)
    document = CxmlDocumentReader().read(text.encode())
    assert document.events[0]["data"].get("credits_invoice") == number
    assert bool(document.warnings) == (number is None)


def test_a_deleted_invoice_is_cancelled() -> None:
    found = event(('operation="new"', 'operation="delete"'))
    assert found["type"] == "invoice.cancelled"
    assert found["data"] == {"invoice_number": "INV-9", "reason": "Cancelled by a cXML invoice document with operation delete"}
    named = ("<InvoiceDetailHeaderIndicator/>", '<InvoiceIDInfo invoiceID="INV-8"/>')
    assert "name one invoice" in refused(('operation="new"', 'operation="delete"'), named)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('purpose="standard"', 'purpose="debitMemo"'), "purpose debitMemo are not read"),
        (('operation="new"', 'operation="update"'), "new or delete"),
        (('operation="new"', 'operation="new" isInformationOnly="yes"'), "for information only"),
        (("<InvoiceDetailHeaderIndicator/>", '<InvoiceDetailHeaderIndicator isHeaderInvoice="yes"/>'), "Header invoices"),
        (('invoiceID="INV-9"', ""), "invoiceID is missing"),
        (('invoiceDate="2017-01-24 15:18:07 +0530"', ""), "invoiceDate is missing"),
        (('<InvoiceDetailItemReference lineNumber="1"/>', ""), "InvoiceDetailItemReference is missing"),
        (('<InvoiceDetailItemReference lineNumber="1"/>', "<InvoiceDetailItemReference/>"), "lineNumber is missing"),
        ((' quantity="2"', ""), "quantity is missing"),
        ((money("SubtotalAmount", "40.00"), ""), "neither SubtotalAmount nor"),
        (
            (
                '<InvoiceDetailOrderInfo><OrderReference orderID="PO-1"><DocumentReference payloadID="o@b"/></OrderReference>',
                "<InvoiceDetailOrderInfo>",
            ),
            "No order number",
        ),
        (("100.00", "100,00"), "plain decimal"),
        (('"NZD">6.00', '"AUD">6.00'), "this amount is in AUD"),
        (('quantity="2"', 'quantity="-2"'), "has another sign"),
        (("</InvoiceDetailItem>", f"{money('InvoiceDetailDiscount', '100.01')}</InvoiceDetailItem>"), "discounts are more than the line"),
    ],
)
def test_refused(change: tuple[str, str], message: str) -> None:
    assert message in refused(change)


def test_a_header_invoice_is_refused() -> None:
    text = INVOICE.replace("InvoiceDetailOrder>", "InvoiceDetailHeaderOrder>")
    with pytest.raises(Invalid, match="Header invoices"):
        CxmlDocumentReader().read(text.encode())


def test_totals_that_do_not_fit_are_told() -> None:
    assert "NetAmount is 160.00" in read(("161.00</Money></NetAmount>", "160.00</Money></NetAmount>")).warnings[0]
    assert "SubtotalAmount is 141.00" in read(("140.00", "141.00")).warnings[0]


def test_a_document_of_other_kinds_is_refused() -> None:
    for old, new in (("InvoiceDetailRequest>", "PunchOutSetupRequest>"), ("InvoiceDetailRequest>", "ProfileRequest>")):
        with pytest.raises(Invalid, match="is not read here"):
            CxmlDocumentReader().read(INVOICE.replace(old, new).encode())


def without(text: str, start: str, end: str) -> bytes:
    return (text[: text.index(start)] + text[text.index(end) + len(end) :]).encode()


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("<InvoiceDetailRequestHeader", "</InvoiceDetailRequestHeader>", "InvoiceDetailRequestHeader is missing"),
        ("<InvoiceDetailOrder>", "</InvoiceDetailOrder>", "no InvoiceDetailOrder"),
    ],
)
def test_parts_that_must_be_there(start: str, end: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        CxmlDocumentReader().read(without(INVOICE, start, end))


def test_an_invoice_may_have_no_summary() -> None:
    body = without(INVOICE, "<InvoiceDetailSummary>", "</InvoiceDetailSummary>")
    assert CxmlDocumentReader().read(body).events == read().events


def test_lines_that_move_nothing_are_left_out() -> None:
    nothing = (("40.00", "0.00"), (">6.00<", "><"))
    assert [line["line_number"] for line in data(*nothing)["lines"]] == [1]
    assert "comes to nothing" in refused(*nothing, ('quantity="2"', 'quantity="0"'), ("100.00", "0"), (">15.00<", "><"), (">21.00<", "><"))


def test_an_order_line_with_and_without_a_quantity_is_refused() -> None:
    other = '<InvoiceDetailServiceItemReference lineNumber="2"/>'
    assert "both with and without a quantity" in refused((other, other.replace("2", "1")))


def test_a_supplier_to_be_sent_must_be_there() -> None:
    empty = ('<From><Credential domain="DUNS"><Identity>ACME</Identity>', '<From><Credential domain="DUNS"><Identity/>')
    assert "Header/From has no identity" in refused(empty, options=Options(supplier_on_invoices=True))


def test_sums_stay_within_what_the_contract_carries() -> None:
    item = INVOICE[INVOICE.index("<InvoiceDetailItem ") : INVOICE.index("<InvoiceDetailServiceItem ")]
    large = item.replace("100.00", "9" * 15)
    assert "more than 15 digits" in refused((item, large * 2))


def test_charges_alone_must_say_which_order_they_are_for() -> None:
    service = INVOICE[INVOICE.index("<InvoiceDetailServiceItem ") : INVOICE.index("</InvoiceDetailOrder>")]
    item = INVOICE[INVOICE.index("<InvoiceDetailItem ") : INVOICE.index("<InvoiceDetailServiceItem ")]
    freight = service.replace(
        "</InvoiceDetailServiceItem>", '<Extrinsic name="isShippingServiceItem">yes</Extrinsic></InvoiceDetailServiceItem>'
    )
    bill = ((item, ""), (service, freight), (">21.00<", ">6.00<"))
    assert data(*bill)["charges"] == [{"kind": "shipping", "amount": "40.00", "order_number": "PO-1"}]
    info = '<InvoiceDetailOrderInfo><OrderReference orderID="PO-2"/></InvoiceDetailOrderInfo>'
    order = f"<InvoiceDetailOrder>{info}{freight}</InvoiceDetailOrder>"
    two = (*bill, ("<InvoiceDetailSummary>", f"{order}<InvoiceDetailSummary>{money('SpecialHandlingAmount', '1.00')}"))
    assert "which order they are for" in refused(*two)
