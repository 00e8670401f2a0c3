"""A random month of procurement in a real ERP: its trial balance is Glint's, and every journal stands there once.

Of 60 journals, so that it can run every day; `GLINT_TEST_JOURNALS=500` makes it as long as a real one."""

import asyncio
import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.application.connect_endpoint import credentials_context
from app.domain.errors import DomainError
from app.domain.journal import JournalStatus
from app.domain.mapping import map_document
from app.domain.reconciliation import delivered_amounts
from tests.erps.odoo_books import CLERK
from tests.erps.odoo_server import OdooServer
from tests.erps.tryton_books import APPLICATION_KEY
from tests.erps.tryton_server import TrytonServer
from tests.random_events import RandomEvents
from tests.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

JOURNALS = int(os.environ.get("GLINT_TEST_JOURNALS", "60"))
SEED = 2026
PATIENCE_SECONDS = 900
MOST_ROUNDS = 30
LONGER_THAN_ITS_LIMIT = 400
MAPPING = {
    "account_codes": {"table": {"2100": "2110", "2110": "2120", "2000": "9999", "5100": "5300", "1400": "1400"}, "otherwise": "5900"},
    "charge_codes": {"otherwise": "4100"},
}
"""To accounts that both ERPs have, which take entries without a partner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealErp:
    """An ERP with fresh books, and its ledger read past the adapter: balances per account, debit positive, and journals by reference."""

    adapter: str
    url: str
    settings: Mapping[str, Any]
    credentials: Mapping[str, str]
    balances: Callable[[], dict[str, Decimal]]
    references: Callable[[], Counter[str]]


def odoo_books(odoo: OdooServer) -> RealErp:
    def balances() -> dict[str, Decimal]:
        codes = {each["id"]: each["code"] for each in odoo.client().read("account.account", [], "code")}
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in odoo.client().read("account.move.line", [["parent_state", "=", "posted"]], "account_id", "balance"):
            sums[codes[line["account_id"][0]]] += Decimal(line["balance"])
        return _not_zero(sums)

    def references() -> Counter[str]:
        return Counter(str(move["ref"]) for move in odoo.client().read("account.move", [["state", "=", "posted"]], "ref"))

    return RealErp(
        adapter="odoo",
        url=odoo.url,
        settings={"database": odoo.database, "timeout_seconds": 60},
        credentials={"api_key": odoo.keys[CLERK]},
        balances=balances,
        references=references,
    )


def tryton_books(tryton: TrytonServer) -> RealErp:
    def balances() -> dict[str, Decimal]:
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for each in tryton.client().read("account.move.line", [["move.state", "=", "posted"]], "account.code", "debit", "credit"):
            sums[each["account."]["code"]] += each["debit"] - each["credit"]
        return _not_zero(sums)

    def references() -> Counter[str]:
        moves = tryton.client().read("account.move", [["state", "=", "posted"]], "description")
        return Counter(move["description"].partition("]")[0].lstrip("[") for move in moves)

    return RealErp(
        adapter="tryton",
        url=tryton.url,
        settings={"database": tryton.database, "journal": "MISC", "timeout_seconds": 60},
        credentials={"application_key": APPLICATION_KEY},
        balances=balances,
        references=references,
    )


def _not_zero(sums: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {code: amount.quantize(Decimal("0.01")) for code, amount in sums.items() if amount}


async def live_a_month(world: World) -> None:
    """Random events until there are so many journals. What a rule forbids is refused, as in life."""
    made, batch = 0, 0
    while made < JOURNALS:
        for event in RandomEvents(SEED + batch, orders=20, prefix=f"B{batch}-").take(300):
            try:
                result = await world.operations.record_event(world.tenant_id, event)
            except DomainError:
                continue
            made += len(result.transactions)
            if made >= JOURNALS:
                return
        batch += 1


async def deliver_all(world: World) -> None:
    """As a worker does over time: an ERP may refuse one of two calls at the same moment, and what may be booked is looked up."""
    worker = world.worker()
    for _ in range(MOST_ROUNDS):
        while await worker.start_due():
            await worker.finish()
        if set(await world.statuses()) == {JournalStatus.SENT}:
            return
        world.clock.forward(seconds=LONGER_THAN_ITS_LIMIT)


@pytest.fixture(params=["odoo", "tryton"])
def real_erp(request: pytest.FixtureRequest) -> RealErp:
    server = request.getfixturevalue(request.param)
    return odoo_books(server) if request.param == "odoo" else tryton_books(server)


async def test_a_random_month_leaves_the_same_trial_balance(world: World, real_erp: RealErp) -> None:
    await world.add_endpoint(
        real_erp.url,
        adapter=real_erp.adapter,
        settings=real_erp.settings,
        credentials=world.secrets.seal(json.dumps(dict(real_erp.credentials)).encode(), credentials_context(world.tenant_id, "erp")),
        mapping=MAPPING,
        max_concurrency=1,
    )
    await live_a_month(world)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await deliver_all(world)

    journals = await world.journals()
    told = [(journal.reference, journal.status, journal.problems) for journal in journals]
    assert [each for each in told if each[1:] != (JournalStatus.SENT, ())] == []
    assert len(journals) >= JOURNALS
    assert real_erp.references() == Counter(journal.reference for journal in journals)
    async with world.units_of_work(world.tenant_id) as uow:
        documents = await uow.journals.documents(journals)
    ours: defaultdict[str, Decimal] = defaultdict(Decimal)
    for document in documents.values():
        for code, amount in delivered_amounts(map_document(MAPPING, document).document).items():
            ours[code] += amount
    assert real_erp.balances() == _not_zero(ours)
    report = await world.operations.reports.reconciliation(world.tenant_id, "erp", since=date(2026, 1, 1), as_of=date(2026, 12, 31))
    assert report.found.equal
