"""What an operator sees of delivery: gauges from the database, counters, and one log line per call without anything secret."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from app.adapters.postgres.delivery_gauges import GAUGES, PostgresDeliveryGauges
from app.adapters.postgres.engine import make_engine
from app.api.gauges import exposed
from app.application.ports.delivery_gauges import EndpointGauge
from app.application.select_journals import AT_ONCE, Selection
from app.domain.breaker import Breaker
from app.observability import configure_logging
from tests.api_fixtures import Api
from tests.events import entry, order
from tests.fakes import FakeClock
from tests.reference_erp_process import ReferenceErp
from tests.world import World

pytestmark = pytest.mark.anyio

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("INFO", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:], root.level = before, level


async def gauge(world: World) -> EndpointGauge:
    found = await PostgresDeliveryGauges(world.engine, world.clock).read()
    assert found is not None
    (only,) = found
    return only


async def test_an_endpoint_without_journals_is_all_zeros(world: World) -> None:
    await world.add_endpoint(NOWHERE)
    assert await gauge(world) == EndpointGauge(
        tenant_id=world.tenant_id,
        endpoint="erp",
        oldest_unsent_seconds=0,
        lanes_due=0,
        lanes_waiting=0,
        unknown=0,
        breaker_open=False,
        paused=False,
    )


async def test_what_is_due_what_waits_and_what_is_unknown(world: World, erp: ReferenceErp) -> None:
    await world.add_endpoint(erp.url, settings={"time_limit_seconds": 5, "timeout_seconds": 2, "batch_max": 1})
    for number in range(3):
        await world.record(f"e{number}", "entry.recorded", entry(f"T-{number}"))
    assert (await gauge(world)).lanes_due == 3
    erp.fault("fail", status=500, times=1)
    await world.deliver()
    seen = await gauge(world)
    assert (seen.lanes_due, seen.lanes_waiting, seen.unknown) == (0, 1, 1)
    erp.fault("none")
    world.clock.forward(seconds=30)
    await world.deliver()
    seen = await gauge(world)
    assert (seen.lanes_due, seen.lanes_waiting, seen.unknown, seen.oldest_unsent_seconds) == (0, 0, 0, 0)


async def test_the_age_of_the_oldest_unsent_and_the_breaker(world: World) -> None:
    await world.add_endpoint(NOWHERE)
    await world.record("e1", "order.created", order())
    (journal,) = await world.journals()
    assert journal.created_at is not None
    world.clock.moment = journal.created_at + timedelta(hours=2)
    async with world.units_of_work(world.tenant_id) as uow:
        await uow.dispatch.set_breaker("erp", Breaker(failures=5, open_until=world.clock.now() + timedelta(seconds=1)))
        await uow.endpoints.pause("erp", paused=True, reason="tests")
        await uow.commit()
    seen = await gauge(world)
    assert (seen.oldest_unsent_seconds, seen.breaker_open, seen.paused) == (7200, True, True)
    world.clock.forward(seconds=1)
    assert not (await gauge(world)).breaker_open


async def test_gauges_are_exposed_with_their_labels(world: World) -> None:
    await world.add_endpoint(NOWHERE)
    families = {family.name: family for family in text_string_to_metric_families(exposed([await gauge(world)]).decode())}
    labels = {"tenant": str(world.tenant_id), "endpoint": "erp"}
    assert families["glint_delivery_paused"].samples[0].labels == labels
    assert set(families) == {
        f"glint_delivery_{name}" for name in ("oldest_unsent_seconds", "lanes_due", "lanes_waiting", "unknown", "breaker_open", "paused")
    }


async def test_metrics_answer_with_all_of_it(api: Api, anonymous: Api) -> None:
    body = {"adapter": "json", "url": NOWHERE, "environment": "test"}
    assert (await api("PUT", "/v1/erp-endpoints/erp", body)).status_code == 201
    answer = await anonymous("GET", "/metrics")
    assert answer.status_code == 200
    assert "glint_delivery_lanes_due{" in answer.text
    assert "glint_http_requests_total" in answer.text


async def test_without_a_database_the_gauges_are_left_out() -> None:
    engine = make_engine("postgresql+asyncpg://nobody@127.0.0.1:9/none", pool_size=1)
    assert await PostgresDeliveryGauges(engine, FakeClock()).read() is None
    await engine.dispose()


async def test_the_gauges_do_not_read_history(world: World) -> None:
    """With every index it could want the planner scans no journal that is sent."""
    async with world.engine.connect() as connection:
        await connection.execute(text("SET enable_seqscan = off"))
        plan = "\n".join((await connection.execute(text(f"EXPLAIN {GAUGES}"), {"now": world.clock.now()})).scalars())
    assert "journal_unsent_idx" in plan
    assert "journal_unknown_idx" in plan
    assert "lane_due_idx" in plan


@pytest.mark.parametrize("count", [1, AT_ONCE + 1])
async def test_a_validation_that_a_person_asks_for_is_counted_and_logged_too(
    world: World, erp: ReferenceErp, logged: io.StringIO, count: int
) -> None:
    """In place, or in a batch."""
    await world.add_endpoint(erp.url, release="manual", rate_limit_per_minute=60_000)
    for number in range(count):
        await world.record(f"e{number}", "order.created", order(f"PO-{number}"))
    journals = await world.journals()
    selection = Selection(journal_ids=tuple(journal.id for journal in journals))
    await world.operations.validate_journals(world.tenant_id, selection, "ops")
    await world.deliver()
    lines = [line for line in map(json.loads, logged.getvalue().splitlines()) if line["event"] == "attempt"]
    assert sorted(line["journal_id"] for line in lines) == sorted(f"jnl_{journal.id.hex}" for journal in journals)
    async with world.units_of_work(world.tenant_id) as uow:
        (attempt,) = await uow.attempts.of_journal(journals[0].id)
    line = next(line for line in lines if line["attempt_id"] == f"att_{attempt.id.hex}")
    assert (line["tenant_id"], line["endpoint"], line["order_number"]) == (str(world.tenant_id), "erp", "PO-0")
    assert (line["journal"], line["purpose"], line["outcome"]) == (journals[0].reference, "validate", "validation")
    assert line["duration_ms"] == attempt.duration_ms
    labels = {"tenant": str(world.tenant_id), "endpoint": "erp", "purpose": "validate"}
    counted = world.metrics.registry.get_sample_value
    assert counted("glint_delivery_attempts_total", labels | {"outcome": "validation"}) == count
    assert counted("glint_delivery_call_seconds_count", labels) == count


async def test_each_call_is_counted_and_logged_without_what_it_said(world: World, erp: ReferenceErp, logged: io.StringIO) -> None:
    await world.add_endpoint(erp.url)
    await world.record("e1", "order.created", order())
    await world.deliver()
    lines: list[dict[str, Any]] = [json.loads(line) for line in logged.getvalue().splitlines()]
    validate, send = (line for line in lines if line["event"] == "attempt")
    (journal,) = await world.journals()
    assert (validate["purpose"], validate["outcome"]) == ("validate", "validation")
    assert (send["purpose"], send["outcome"]) == ("send", "booked")
    assert send["tenant_id"] == str(world.tenant_id)
    assert (send["endpoint"], send["order_number"], send["journal"]) == ("erp", "PO-1", journal.reference)
    assert send["journal_id"] == f"jnl_{journal.id.hex}"
    assert send["attempt_id"].startswith("att_")
    assert send["trace_id"] == validate["trace_id"]
    assert isinstance(send["duration_ms"], int)
    known = {"tenant_id", "endpoint", "order_number", "journal", "journal_id", "attempt_id", "purpose", "outcome", "duration_ms"}
    assert set(send) == known | {"journals"} | {"event", "level", "logger", "timestamp", "trace_id"}
    assert "erp-token" not in logged.getvalue()
    assert "Widget" not in logged.getvalue()
    labels = {"tenant": str(world.tenant_id), "endpoint": "erp", "purpose": "send"}
    counted = world.metrics.registry.get_sample_value
    assert counted("glint_delivery_attempts_total", labels | {"outcome": "booked"}) == 1
    assert counted("glint_delivery_calls_total", labels) == 1
    assert counted("glint_delivery_call_seconds_count", labels) == 1
