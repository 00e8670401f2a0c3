"""Steps that play a purchase from its cXML documents: order, part receipt, the rest, and an invoice with another price."""

from decimal import Decimal
from pathlib import Path

from app.demo.client import Client, Json
from app.demo.errors import DemoError
from app.demo.set_up import SHIPPING, ship_to
from app.demo.steps import Chapter, Done, Step
from app.demo.tables import money

DOCUMENTS = Path(__file__).with_name("documents")


def chapters() -> tuple[Chapter, ...]:
    """The same goods twice: shipping on an account of its own, then spread over the lines."""
    return (
        Chapter(
            title="A purchase, shipping on its own account",
            steps=(
                ship_to(SHIPPING),
                _document("Order PO-4711", "PO-4711", "shipping-on-its-own-account/1-order.xml"),
                _document("Receipt R-2001", "PO-4711", "shipping-on-its-own-account/2-part-receipt.xml"),
                _document("Receipt R-2002", "PO-4711", "shipping-on-its-own-account/3-rest-receipt.xml"),
                _document("Invoice SL-88213", "PO-4711", "shipping-on-its-own-account/4-invoice.xml"),
            ),
        ),
        Chapter(
            title="The same purchase, shipping spread over the lines",
            steps=(
                ship_to(None),
                _document("Order PO-4712", "PO-4712", "shipping-spread-over-the-lines/1-order.xml"),
                _document("Receipt R-2003", "PO-4712", "shipping-spread-over-the-lines/2-part-receipt.xml"),
                _document("Receipt R-2004", "PO-4712", "shipping-spread-over-the-lines/3-rest-receipt.xml"),
                _document("Invoice SL-88240", "PO-4712", "shipping-spread-over-the-lines/4-invoice.xml"),
            ),
        ),
    )


def _document(title: str, order_number: str, name: str) -> Step:
    """A document as the procurement system or the supplier sends it. Its payloadID makes it count once."""
    kind, _, number = title.partition(" ")
    told = {"Order": _ordered, "Receipt": _received, "Invoice": _invoiced}[kind]

    def run(client: Client) -> Done:
        client.glint.post_xml("/v1/cxml", (DOCUMENTS / name).read_bytes())
        order = client.glint.get(f"/v1/orders/{order_number}")
        posted = [transaction for transaction in order["transactions"] if transaction["document"]["number"] == number]
        if not posted:
            raise DemoError(f"{title} was accepted, but has no transaction among those of {order_number}")
        return Done(text=told(order), transactions=tuple(transaction["id"] for transaction in posted))

    return Step(title=title, run=run)


def _ordered(order: Json) -> str:
    lines = ", ".join(f"{line['ordered']} {_goods(line)}" for line in order["lines"])
    return f"{lines}, shipping {', '.join(charge['amount'] for charge in order['charges'])}"


def _received(order: Json) -> str:
    return ", ".join(f"{line['received']} of {line['ordered']} {_goods(line)}" for line in order["lines"])


def _invoiced(order: Json) -> str:
    return f"{_balance(order, 'ap')} to pay, price variance {_balance(order, 'price_variance')}"


def _balance(order: Json, role: str) -> str:
    return money(sum((Decimal(balance["amount"]) for balance in order["balances"] if balance["role"] == role), Decimal(0)))


def _goods(line: Json) -> str:
    """`meters` for `Conductivity meter, hand-held`."""
    return f"{line['description'].partition(',')[0].split()[-1]}s"
