"""Odoo's own purchase flow, through its own API, in a database of its own with its modules for purchases and stock."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from bench.purchase import DESCRIPTION, INVOICE_DATE, LINES, ORDER_AMOUNT, QUANTITY, UNIT_PRICE
from bench.server import Server
from tests.erps.odoo import NEWEST
from tests.erps.odoo_client import OdooClient

MODULES = ("purchase_stock", "stock_account")
POSTED_BILLS = (("move_type", "=", "in_invoice"), ("state", "=", "posted"))


class OdooBuyer:
    """Has a supplier and products of its own, so that orders side by side need not wait for each other's stock."""

    def __init__(self, client: OdooClient, number: int) -> None:
        self._client = client
        self._supplier = client.create("res.partner", name=f"Acme {number}")
        kind = {"type": "consu", "is_storable": True, "purchase_method": "receive", "supplier_taxes_id": []}
        self._products = [client.create("product.product", name=f"{DESCRIPTION} {number}-{line}", **kind) for line in range(LINES)]

    def buy(self, name: str) -> None:
        call = self._client.call
        lines = [[0, 0, {"product_id": product, "product_qty": QUANTITY, "price_unit": float(UNIT_PRICE)}] for product in self._products]
        order = self._client.create("purchase.order", partner_id=self._supplier, partner_ref=name, order_line=lines)
        call("purchase.order", "button_confirm", [order])
        (confirmed,) = self._client.read("purchase.order", [["id", "=", order]], "picking_ids")
        if call("stock.picking", "button_validate", confirmed["picking_ids"]) is not True:
            raise RuntimeError("Odoo asks something before it receives the goods")
        bill = int(call("purchase.order", "action_create_invoice", [order])["res_id"])
        call("account.move", "write", [bill], vals={"invoice_date": INVOICE_DATE})
        call("account.move", "action_post", [bill])


class OdooPurchases:
    """A running Odoo, and who buys there."""

    def __init__(self, client: OdooClient, buyers: int) -> None:
        self._client = client
        self.buyers: Sequence[OdooBuyer] = [OdooBuyer(client, number) for number in range(buyers)]

    def check(self, orders: int) -> None:
        """That so many bills stand in the ledger, each with the whole amount."""
        amounts = [Decimal(bill["amount_total"]) for bill in self._client.read("account.move", POSTED_BILLS, "amount_total")]
        if amounts != [Decimal(ORDER_AMOUNT)] * orders:
            raise RuntimeError(f"Odoo has {len(amounts)} bills of {sum(amounts)}, and not {orders} of {ORDER_AMOUNT} each")


@contextmanager
def odoo_purchases(server: Server, buyers: int) -> Iterator[OdooPurchases]:
    """On the same PostgreSQL as Glint."""
    with NEWEST.running(server.url) as odoo:
        odoo.add_modules(*MODULES)
        yield OdooPurchases(odoo.client(), buyers)
