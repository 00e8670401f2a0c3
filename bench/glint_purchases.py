"""Purchases through Glint: events in over HTTP, journals out over HTTP to the reference ERP, a process of its own that books them."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from app.demo.client import Http
from bench.events import KINDS, STARTS_ON, Service, glint, set_up
from bench.purchase import DESCRIPTION, INVOICE_DATE, LINE_AMOUNT, LINES, ORDER_AMOUNT, QUANTITY, UNIT_PRICE
from bench.server import Server
from tests.events import ACCOUNTS, event, invoice, order, receipt
from tests.reference_erp_process import ReferenceErp

CHARGE_CODE = "E1"
POLL_SECONDS, PATIENCE_SECONDS = 0.01, 60
AUTOMATIC = {"adapter": "json", "release": "automatic", "starts_on": STARTS_ON, "rate_limit_per_minute": 60_000, "max_concurrency": 8}


def purchase(name: str) -> list[dict[str, Any]]:
    """The three events of an order."""
    numbers = range(1, LINES + 1)
    code = {"code": CHARGE_CODE, "percentage": "100"}
    line = {"description": DESCRIPTION, "quantity": str(QUANTITY), "unit_price": UNIT_PRICE, "account_codes": [code]}
    received = [{"line_number": number, "quantity": str(QUANTITY)} for number in numbers]
    invoiced = [{"order_number": name, "amount": LINE_AMOUNT} | each for each in received]
    events = (
        order(name, lines=[line | {"line_number": number} for number in numbers]),
        receipt(name, receipt_number=f"R-{name}", lines=received),
        invoice(name, invoice_number=f"I-{name}", invoice_date=INVOICE_DATE, lines=invoiced),
    )
    return [event(f"{name}-{kind}", kind, data) for kind, data in zip(KINDS, events, strict=True)]


class GlintBuyer:
    """Sends an order's events one after the other, and asks for its last journal until it is booked: an order's journals go in order."""

    def __init__(self, service: Service) -> None:
        self._http = Http(service.url, service.headers["authorization"].removeprefix("Bearer "))

    def buy(self, name: str) -> None:
        answers = [self._http.post("/v1/events", each) for each in purchase(name)]
        last = answers[-1]["transactions"][-1]["delivery"][-1]["journal_id"]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (journal := self._http.get(f"/v1/journals/{last}"))["status"] != "sent":
            if time.monotonic() > deadline:
                raise RuntimeError(f"the journal of {name} is {journal['status']}: {journal['problems']}")
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        self._http.close()


class GlintPurchases:
    """A running service with its ERP, and who buys there."""

    def __init__(self, service: Service, erp: ReferenceErp, buyers: int) -> None:
        self._erp = erp
        self.buyers: Sequence[GlintBuyer] = [GlintBuyer(service) for _ in range(buyers)]

    def check(self, orders: int) -> None:
        """That the ERP's ledger holds all of them, and nothing that is still to come."""
        balances = {code: Decimal(balance) for code, balance in self._erp.balances().items() if Decimal(balance)}
        amount = orders * Decimal(ORDER_AMOUNT)
        expected = {CHARGE_CODE: amount, ACCOUNTS["AP"]["account_code"]: -amount}
        if balances != expected:
            raise RuntimeError(f"the ERP's balances are {balances}, and not {expected}")


@asynccontextmanager
async def glint_purchases(server: Server, buyers: int) -> AsyncIterator[GlintPurchases]:
    """A service of one process, its worker included, and the reference ERP."""
    with ReferenceErp(server.folder / "erp.db") as erp:
        erp.load_chart({account["account_code"]: account["type"] for account in ACCOUNTS.values()} | {CHARGE_CODE: "expense"})
        async with server.database("purchases") as database_url:
            with glint(database_url.replace("+asyncpg", ""), server.folder, worker=True) as url:
                service = await set_up(url, AUTOMATIC | {"url": erp.url, "credentials": {"token": erp.token}})
                bought = GlintPurchases(service, erp, buyers)
                yield bought
                for buyer in bought.buyers:
                    buyer.close()
