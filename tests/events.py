"""Events for tests: small bodies in the contract's shape, each field open to change."""

from typing import Any

ACCOUNTS = {
    "Estimate": {"account_code": "2100", "type": "liability"},
    "GRNI": {"account_code": "2110", "type": "liability"},
    "AP": {"account_code": "2000", "type": "liability"},
    "Shipping": {"account_code": "5100", "type": "expense"},
    "Tax": {"account_code": "1400", "type": "asset"},
    "Bank": {"account_code": "1000", "type": "asset"},
    "Membership fees": {"account_code": "4000", "type": "income"},
}
POSTING_MANAGER: dict[str, Any] = {
    "estimate_account": "Estimate",
    "grni_account": "GRNI",
    "ap_account": "AP",
    "shipping_account": "Shipping",
    "tax_account": "Tax",
}


def event(event_id: str, event_type: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A CloudEvent."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "/tests",
        "type": event_type,
        "time": "2026-11-15T01:02:03Z",
        "data": data,
    } | more


def order(number: str = "PO-1", *, quantity: str = "2", unit_price: str = "10.50", **more: Any) -> dict[str, Any]:
    """The data of an order with one line, coded to E1."""
    line = {
        "line_number": 1,
        "description": "Widget",
        "quantity": quantity,
        "unit_price": unit_price,
        "account_codes": [{"code": "E1", "percentage": "100"}],
    }
    return {
        "order_number": number,
        "currency": "NZD",
        "order_date": "2026-11-02",
        "supplier": {"code": "ACME", "name": "Acme Ltd"},
        "lines": [line],
    } | more


def receipt(number: str = "PO-1", *, receipt_number: str = "R-1", quantity: str = "1", line: int = 1, **more: Any) -> dict[str, Any]:
    """The data of a receipt of one line."""
    return {
        "order_number": number,
        "receipt_number": receipt_number,
        "receipt_date": "2026-11-05",
        "lines": [{"line_number": line, "quantity": quantity}],
    } | more


def invoice(
    number: str = "PO-1", *, invoice_number: str = "INV-1", quantity: str = "1", amount: str = "10.50", **more: Any
) -> dict[str, Any]:
    """The data of an invoice of one line."""
    return {
        "invoice_number": invoice_number,
        "invoice_date": "2026-11-10",
        "currency": "NZD",
        "lines": [{"order_number": number, "line_number": 1, "quantity": quantity, "amount": amount}],
    } | more


def entry(number: str = "T-1", *, amount: str = "120.00", **more: Any) -> dict[str, Any]:
    """The data of a club's takings."""
    return {
        "transaction_number": number,
        "date": "2026-11-03",
        "description": "Membership payments",
        "currency": "NZD",
        "lines": [
            {"account": "Bank", "side": "debit", "amount": amount},
            {"account_code": "4000", "side": "credit", "amount": amount},
        ],
    } | more
