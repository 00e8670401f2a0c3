"""Refreshing: once, however many want a token; stored before it is used; right whatever is lost on the way."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.adapters.currencies import IsoCurrencies
from app.adapters.postgres.engine import make_engine
from app.adapters.postgres.unit_of_work import PostgresUnitsOfWork
from app.application.ports.authorisations import Authorisation, AuthorisationStatus
from app.application.ports.sign_in import AccessToken, NotAuthorised, NoTokenNow, TokenAnswer
from app.application.serial import lock_set_up
from app.application.sign_in import endpoint_sign_in
from app.application.sign_in.endpoint_sign_in import LEASE
from app.bootstrap import Container
from tests.authorisation_server import NETSUITE, STRICT, XERO
from tests.sign_in_office import ENDPOINT, Office, office
from tests.tenant_wall import TenantWall

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[STRICT], ids=lambda vendor: vendor.name)
async def at(container: Container, tenant_wall: TenantWall, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    tenant_wall.taken()
    async with office(container, request.param) as made:
        await made.put()
        assert (await made.authorise()).status_code == 200
        made.vendor.granted.clear()
        yield made
    assert tenant_wall.taken() == []


@asynccontextmanager
async def elsewhere(at: Office) -> AsyncIterator[Container]:
    """Another process as far as the database can tell: an engine of its own."""
    engine = make_engine(at.container.engine.url.render_as_string(hide_password=False), pool_size=4)
    try:
        yield replace(at.container, engine=engine, units_of_work=PostgresUnitsOfWork(engine, IsoCurrencies()))
    finally:
        await engine.dispose()


async def row(at: Office) -> Authorisation:
    async with at.container.units_of_work(at.tenant_id) as uow:
        found = await uow.authorisations.get("erp")
    assert found is not None
    return found


async def token(at: Office) -> AccessToken:
    answer = await (await at.sign_in()).token()
    assert isinstance(answer, AccessToken), answer
    return answer


@asynccontextmanager
async def late(at: Office, hours: int = 1) -> AsyncIterator[asyncio.Task[TokenAnswer]]:
    """A refresh whose answer only comes after what is done meanwhile."""
    at.clock.forward(hours=hours)
    gate = at.vendor.gate = threading.Event()
    refreshing = asyncio.ensure_future((await at.sign_in()).token())
    while not at.vendor.granted:
        await asyncio.sleep(0.01)
    at.vendor.gate = None
    yield refreshing
    assert not refreshing.done()
    gate.set()
    await refreshing


async def test_a_token_is_given_as_stored_until_its_last_minute(at: Office) -> None:
    first = await token(at)
    at.clock.forward(seconds=STRICT.access_seconds - 61)
    assert await token(at) == first
    assert at.vendor.granted == []
    at.clock.forward(seconds=1)
    assert await token(at) != first
    assert at.vendor.granted == ["refresh_token"]


async def test_forty_callers_of_two_processes_refresh_once(at: Office) -> None:
    at.clock.forward(hours=1)
    at.vendor.delay = 0.5
    async with elsewhere(at) as other:
        callers = [*[await at.sign_in() for _ in range(20)], *[await at.sign_in(other) for _ in range(20)]]
        answers = await asyncio.gather(*(each.token() for each in callers))
    assert at.vendor.granted == ["refresh_token"]
    assert len(set(answers)) == 1
    assert isinstance(answers[0], AccessToken)
    assert answers[0].value in at.vendor.issued


async def test_a_refused_token_is_replaced_once_for_all_that_met_the_refusal(at: Office) -> None:
    old = await token(at)
    at.vendor.end_access()
    at.vendor.delay = 0.3
    async with elsewhere(at) as other:
        callers = [*[await at.sign_in() for _ in range(10)], *[await at.sign_in(other) for _ in range(10)]]
        answers = await asyncio.gather(*(each.refused(old) for each in callers))
    assert at.vendor.granted == ["refresh_token"]
    (new,) = set(answers)
    assert isinstance(new, AccessToken)
    assert new != old
    assert await (await at.sign_in()).refused(old) == new, "who comes late with the same refusal gets what is there"
    assert at.vendor.granted == ["refresh_token"]


async def test_while_one_refreshes_a_token_that_lasts_is_given_all_the_same(at: Office) -> None:
    first = await token(at)
    at.clock.forward(seconds=STRICT.access_seconds - 30)
    async with late(at, hours=0) as refreshing:
        assert await token(at) == first
    assert refreshing.result() != first


async def test_the_claim_is_committed_before_the_vendor_is_called_and_nothing_is_open_meanwhile(at: Office) -> None:
    before = await row(at)
    async with late(at):
        during = await row(at)
        assert during.fence > before.fence
        assert during.refreshing_until == at.clock.now() + LEASE
        async with at.container.engine.connect() as connection:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
            assert (await connection.execute(text(query))).scalar_one() == 0
    after = await row(at)
    assert (after.fence, after.refreshing_until) == (during.fence, None)


@pytest.mark.parametrize("at", [XERO], indirect=True)
async def test_a_process_that_died_after_the_claim_is_followed_by_another(at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """It died before the vendor's answer was stored: the vendor has given a new refresh token, and takes the old one for a while."""
    monkeypatch.setattr(endpoint_sign_in, "WAITS", 3)
    at.clock.forward(hours=1)
    at.vendor.delay = 0.3
    dying = asyncio.create_task(token(at))
    while not at.vendor.granted:
        await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    await asyncio.sleep(0.4)
    waited = await (await at.sign_in()).token()
    assert isinstance(waited, NoTokenNow), "its lease has not ended"
    assert at.vendor.granted == ["refresh_token"]
    at.clock.forward(seconds=LEASE.total_seconds())
    await token(at)
    assert at.vendor.granted == ["refresh_token"] * 2


async def test_an_answer_that_was_lost_where_the_old_token_is_refused_asks_for_reconnection(at: Office) -> None:
    at.clock.forward(hours=1)
    at.vendor.server.fault("book_then_drop", on="send", times=1)
    first = await (await at.sign_in()).token()
    assert isinstance(first, NoTokenNow)
    assert (await row(at)).status is AuthorisationStatus.AUTHORISED
    second = await (await at.sign_in()).token()
    assert isinstance(second, NotAuthorised)
    assert ((await row(at)).status, (await row(at)).sealed) == (AuthorisationStatus.RECONNECT, None)
    assert at.vendor.granted == ["refresh_token"] * 2


@pytest.mark.parametrize("at", [XERO, NETSUITE], indirect=True, ids=lambda vendor: vendor.name)
async def test_an_answer_that_was_lost_where_the_old_token_is_still_taken(at: Office) -> None:
    at.clock.forward(hours=1)
    at.vendor.server.fault("book_then_drop", on="send", times=1)
    assert isinstance(await (await at.sign_in()).token(), NoTokenNow)
    at.clock.forward(minutes=29)
    await token(at)
    assert (await row(at)).status is AuthorisationStatus.AUTHORISED


@pytest.mark.parametrize(
    ("mode", "details"),
    [
        ("fail", {"status": 500}),
        ("fail", {"status": 400}),
        ("throttle", {}),
        ("unavailable", {}),
        ("garbage", {}),
        ("half_body", {}),
        ("flood", {}),
        ("fail", {"status": 302}),
    ],
)
@pytest.mark.parametrize("at", [XERO], indirect=True, ids=["xero"])
async def test_whatever_says_neither_yes_nor_no_is_tried_again(at: Office, mode: str, details: dict[str, Any]) -> None:
    at.clock.forward(hours=1)
    at.vendor.server.fault(mode, on="send", times=1, **details)
    first = await (await at.sign_in()).token()
    assert isinstance(first, NoTokenNow), first
    kept = await row(at)
    assert (kept.status, kept.refreshing_until, kept.reason) == (AuthorisationStatus.AUTHORISED, None, first.reason)
    await token(at)
    assert (await row(at)).reason is None


async def test_a_vendor_that_is_away_delays_and_pauses_nothing(at: Office) -> None:
    at.clock.forward(hours=1)
    at.vendor.server.stop()
    journal = await at.record("T-1")
    assert await at.send(journal) == "queued"
    assert (await at.endpoint())["paused"] is False
    at.vendor.server.start()
    assert await at.send(journal, "retry") == "sent"


async def test_a_late_result_is_not_written_over_a_newer_one(at: Office) -> None:
    """A person authorises anew while it is being refreshed. The fence keeps the late result out."""
    async with late(at) as refreshing:
        assert (await at.authorise()).status_code == 200
        newer = await token(at)
        stored = await row(at)
    assert refreshing.result() == newer, "it answers with what is there"
    assert await row(at) == stored


@pytest.mark.parametrize("at", [XERO], indirect=True, ids=["xero"])
async def test_a_result_that_comes_after_its_lease_is_not_written_over_that_of_the_next(at: Office) -> None:
    async with late(at) as refreshing:
        at.clock.forward(seconds=LEASE.total_seconds())
        newer = await token(at)
        stored = await row(at)
    assert refreshing.result() == newer
    assert await row(at) == stored
    assert at.vendor.granted == ["refresh_token"] * 2


async def test_a_late_refusal_does_not_end_a_newer_authorisation(at: Office) -> None:
    at.vendor.end_refresh()
    async with late(at) as refreshing:
        assert (await at.authorise()).status_code == 200
        newer = await token(at)
    assert refreshing.result() == newer
    assert (await row(at)).status is AuthorisationStatus.AUTHORISED


async def test_revoked_while_it_is_being_refreshed_stays_revoked(at: Office) -> None:
    async with late(at) as refreshing:
        assert (await at.api("POST", f"{ENDPOINT}/revoke")).status_code == 200
    assert isinstance(refreshing.result(), NotAuthorised)
    assert ((await row(at)).status, (await row(at)).sealed) == (AuthorisationStatus.NOT_AUTHORISED, None)


async def test_deleted_and_made_again_while_it_is_being_refreshed(at: Office) -> None:
    async with late(at) as refreshing:
        assert (await at.api("DELETE", ENDPOINT)).status_code == 204
        await at.put()
    assert isinstance(refreshing.result(), NotAuthorised)
    assert (await row(at)).sealed is None


async def test_the_new_refresh_token_is_stored_before_the_access_token_is_used(at: Office) -> None:
    """Whoever has the new access token finds the new refresh token in the database already."""
    at.clock.forward(hours=1)
    before = (await row(at)).sealed
    given = await token(at)
    after = await row(at)
    assert after.sealed not in (before, None)
    assert after.access_expires_at == at.clock.now() + timedelta(seconds=STRICT.access_seconds)
    async with elsewhere(at) as other:
        assert await (await at.sign_in(other)).token() == given


async def test_a_database_that_is_away_is_no_reason_to_reconnect(at: Office) -> None:
    gone = make_engine("postgresql+asyncpg://nobody@127.0.0.1:1/nowhere", pool_size=1)
    sign_in = await at.sign_in(replace(at.container, units_of_work=PostgresUnitsOfWork(gone, IsoCurrencies())))
    assert isinstance(await sign_in.token(), NoTokenNow)
    await gone.dispose()


@pytest.mark.parametrize("what", ["refresh", "link", "callback"])
async def test_whatever_is_sealed_is_sealed_inside_the_set_up_lock(at: Office, what: str) -> None:
    """So that a rotation of keys, which takes it for each tenant, never passes a seal that is under way."""
    at.clock.forward(hours=1)
    location = await at.follow(await at.link())
    sealing: dict[str, Callable[[], Awaitable[object]]] = {
        "refresh": lambda: token(at),
        "link": at.link,
        "callback": lambda: at.come_back(location),
    }
    asked = len(at.vendor.granted)
    async with at.container.units_of_work(at.tenant_id) as uow:
        await lock_set_up(uow)
        waiting = asyncio.ensure_future(sealing[what]())
        await asyncio.sleep(1)
        assert not waiting.done()
        assert len(at.vendor.granted) - asked == (0 if what == "link" else 1), "the vendor is not asked under the lock"
    await waiting
