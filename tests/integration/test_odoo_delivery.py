"""A purchase from its events to the ledger of a real Odoo, through the worker, and the two books compared afterwards."""

import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.erp.http import HttpClient
from app.application.connect_endpoint import credentials_context
from app.domain.delivery import Purpose
from app.domain.journal import JournalStatus
from tests.contract.odoo_harness import OdooHarness, harness
from tests.erps.odoo_books import CLERK
from tests.erps.odoo_server import OdooServer
from tests.events import invoice, order, receipt
from tests.world import World

pytestmark = pytest.mark.anyio

MAPPING = {
    "account_codes": {"table": {"2000": "2120"}},
    "charge_codes": {"table": {"E1": {"account": "4100.12", "dimensions": {"Department": "12", "Fund": "G"}}}},
}


@pytest.fixture
async def books(odoo: OdooServer, request: pytest.FixtureRequest) -> AsyncIterator[OdooHarness]:
    async with HttpClient() as http:
        with harness(odoo, http, request.param) as books:
            yield books


async def connect(world: World, books: OdooHarness) -> None:
    """An endpoint that sends by itself."""
    key = json.dumps({"api_key": books.odoo.keys[CLERK]}).encode()
    settings: dict[str, Any] = {"api": books.api, "database": books.odoo.database, "timeout_seconds": 20, "time_limit_seconds": 5}
    await world.add_endpoint(
        books.front.url,
        adapter="odoo",
        settings=settings | ({"login": CLERK} if books.api == "json-rpc" else {}),
        credentials=world.secrets.seal(key, credentials_context(world.tenant_id, "erp")),
        mapping=MAPPING,
    )


async def purchase(world: World) -> None:
    await world.record("e1", "order.created", order())
    await world.record("e2", "goods.received", receipt(quantity="2"))
    await world.record("e3", "invoice.matched", invoice(quantity="2", amount="20.00"))


async def purposes(world: World) -> list[Purpose]:
    async with world.units_of_work(world.tenant_id) as uow:
        return [each.purpose for journal in await world.journals() for each in await uow.attempts.of_journal(journal.id)]


def left(books: OdooHarness) -> dict[str, str]:
    """What stands on Odoo's accounts in the end."""
    return {code: amount for code, amount in books.balances().items() if Decimal(amount)}


@pytest.mark.parametrize("books", ["json-2", "json-rpc"], indirect=True)
async def test_a_purchase_is_booked_in_order_and_the_books_agree(world: World, books: OdooHarness) -> None:
    await connect(world, books)
    await purchase(world)
    await world.deliver()

    journals = await world.journals()
    assert [journal.status for journal in journals] == [JournalStatus.SENT] * 3
    assert [journal.number for journal in journals] == [f"MISC/2026/11/000{number}" for number in (1, 2, 3)]
    assert [move["name"] for journal in journals for move in books.moves(journal.reference)] == [journal.number for journal in journals]
    assert left(books) == {"2120": "-20.00", "4100.12": "20.00"}
    report = await world.operations.reports.reconciliation(world.tenant_id, "erp", since=date(2026, 11, 1), as_of=date(2026, 11, 30))
    assert report.found.equal
    assert {each.account_code for each in report.found.accounts} == {"2100", "2110", "2120", "4100.12"}


@pytest.mark.parametrize("books", ["json-2"], indirect=True)
async def test_odoo_killed_between_draft_and_posting_loses_and_doubles_nothing(world: World, books: OdooHarness) -> None:
    await connect(world, books)
    await purchase(world)
    books.meanwhile("account.move", "action_post", books.odoo.kill)
    await world.deliver()
    assert (await world.statuses())[0] == JournalStatus.UNKNOWN

    books.restart()
    for _ in range(3):
        world.clock.forward(seconds=30)
        await world.deliver()

    journals = await world.journals()
    assert [journal.status for journal in journals] == [JournalStatus.SENT] * 3
    assert [[move["state"] for move in books.moves(journal.reference)] for journal in journals] == [["posted"]] * 3
    assert Purpose.FIND in await purposes(world)
    assert left(books) == {"2120": "-20.00", "4100.12": "20.00"}
