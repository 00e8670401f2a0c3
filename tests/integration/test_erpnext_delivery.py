"""Journals to ERPNext through the application: at once, and by its queue."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

import pytest

from app.application.connect_endpoint import credentials_context
from app.domain.journal import JournalStatus
from tests.contract.erpnext_stand_in import JOURNAL_ENTRY, KEY, SECRET, ErpNext
from tests.contract.faulty_server import FaultyServer
from tests.events import entry
from tests.world import World, make_world

pytestmark = pytest.mark.anyio


@dataclass
class Office:
    world: World
    site: ErpNext
    server: FaultyServer

    async def later(self, seconds: int) -> None:
        self.world.clock.forward(seconds=seconds)
        await self.world.deliver()

    def docstatus(self) -> list[int]:
        return [doc["docstatus"] for doc in self.site.docs[JOURNAL_ENTRY].values()]


@asynccontextmanager
async def office(database_url: str) -> AsyncIterator[Office]:
    site = ErpNext()
    for code, title in (("1000", "Bank"), ("4000", "Income")):
        site.account(code, title)
    with FaultyServer(site.app, lambda method, path, _: "send" if path.endswith("frappe.client.submit") else None) as server:
        async with make_world(database_url) as world:
            credentials = json.dumps({"api_key": KEY, "api_secret": SECRET}).encode()
            await world.add_endpoint(
                server.url,
                adapter="erpnext",
                settings={"company": "ABC", "timeout_seconds": 2, "time_limit_seconds": 60},
                credentials=world.secrets.seal(credentials, credentials_context(world.tenant_id, "erp")),
                commitments="omit",
            )
            yield Office(world, site, server)


def long(number: str) -> dict[str, object]:
    debits = [{"account": "Bank", "side": "debit", "amount": "1.00"} for _ in range(150)]
    return entry(number, lines=[*debits, {"account_code": "4000", "side": "credit", "amount": "150.00"}])


async def test_an_answer_that_got_lost_is_looked_up_and_not_booked_again(database_url: str) -> None:
    async with office(database_url) as at:
        at.server.fault("book_then_drop", times=1)
        await at.world.record("e-1", "entry.recorded", entry("T-1"))
        await at.world.deliver()
        await at.later(5)

        (journal,) = await at.world.journals()
        assert (journal.status, journal.number, journal.problems) == (JournalStatus.SENT, "ACC-JV-2026-00001", ())
        assert at.docstatus() == [1]


async def test_what_is_queued_is_unknown_until_it_is_posted(database_url: str) -> None:
    async with office(database_url) as at:
        await at.world.record("e-1", "entry.recorded", long("T-1"))
        await at.world.deliver()
        assert await at.world.statuses() == [JournalStatus.UNKNOWN]
        await at.later(5)
        assert await at.world.statuses() == [JournalStatus.UNKNOWN]

        at.site.run_queue()
        await at.later(5)

        assert await at.world.statuses() == [JournalStatus.SENT]
        assert at.docstatus() == [1]


async def test_what_fails_in_the_queue_is_rejected_with_erpnexts_words_in_the_end(database_url: str) -> None:
    async with office(database_url) as at:
        await at.world.record("e-1", "entry.recorded", long("T-1"))
        await at.world.deliver()
        at.site.freeze(date(2026, 12, 31))
        at.site.run_queue()

        await at.later(5)
        assert await at.world.statuses() == [JournalStatus.UNKNOWN], "within the time limit it may still come"
        await at.later(70)

        (journal,) = await at.world.journals()
        assert journal.status is JournalStatus.REJECTED
        assert "not authorized to add or update entries" in journal.problems[0].message
        assert at.docstatus() == []
