"""Deliveries to an ERP that asks for signatures: they arrive signed, and no record holds the secret."""

import json
from pathlib import Path

import pytest

from app.application.connect_endpoint import credentials_context
from app.domain.journal import JournalStatus
from tests.events import entry
from tests.reference_erp_process import ReferenceErp
from tests.world import World, make_world

pytestmark = pytest.mark.anyio

SECRET, OTHER = "whsec_" + "A" * 44, "whsec_" + "B" * 44


async def connect(world: World, erp: ReferenceErp, **secrets: str) -> None:
    credentials = json.dumps({"token": erp.token, **secrets}).encode()
    await world.add_endpoint(erp.url, credentials=world.secrets.seal(credentials, credentials_context(world.tenant_id, "erp")))


async def test_validated_and_sent_with_a_signature_that_is_kept_nowhere(database_url: str, tmp_path: Path) -> None:
    with ReferenceErp(tmp_path / "erp.db", signing_secret=OTHER) as erp:
        erp.load_chart({"1000": "asset", "4000": "income"})
        async with make_world(database_url) as world:
            await connect(world, erp, signing_secret=SECRET, previous_signing_secret=OTHER)
            await world.record("e-1", "entry.recorded", entry("T-1"))
            await world.deliver()

            (journal,) = await world.journals()
            assert journal.status is JournalStatus.SENT
            async with world.units_of_work(world.tenant_id) as uow:
                attempts = await uow.attempts.of_journal(journal.id)
            assert [attempt.outcome for attempt in attempts] == ["validation", "booked"]
            assert not any(secret.removeprefix("whsec_") in repr(attempts) for secret in (SECRET, OTHER))


async def test_a_signature_that_is_refused_pauses_the_endpoint_and_books_nothing(database_url: str, tmp_path: Path) -> None:
    with ReferenceErp(tmp_path / "erp.db", signing_secret=OTHER) as erp:
        erp.load_chart({"1000": "asset", "4000": "income"})
        async with make_world(database_url) as world:
            await connect(world, erp, signing_secret=SECRET)
            await world.record("e-1", "entry.recorded", entry("T-1"))
            await world.deliver()

            async with world.units_of_work(world.tenant_id) as uow:
                endpoint = await uow.endpoints.get("erp")
            assert endpoint is not None
            assert endpoint.paused
            assert erp.balances() == {}

            await connect(world, erp, signing_secret=OTHER, previous_signing_secret=SECRET)
            await world.deliver()
            assert await world.statuses() == [JournalStatus.SENT]
