"""Migrations: each goes up, down and up again; together they make exactly the tables that the code queries; many may run them at once."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import ischema_names

from app.adapters.postgres.engine import make_engine
from app.adapters.postgres.migrate import alembic_config, run_on, upgrade
from app.adapters.postgres.readiness import PostgresReadiness
from app.adapters.postgres.tables import metadata
from app.adapters.postgres.tables.base import Xid8
from tests.databases import drop_database, execute, with_database

pytestmark = pytest.mark.anyio

SCRIPTS = ScriptDirectory.from_config(alembic_config())
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]

LEFT_OVER = """
SELECT string_agg(kind || ' ' || name, ', ' ORDER BY kind, name) FROM (
    SELECT 'relation' AS kind, relname::text AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'alembic_version%'
    UNION ALL SELECT 'function', proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'type', typname::text FROM pg_type
    WHERE typnamespace = 'public'::regnamespace AND typname NOT LIKE '%alembic_version%'
) AS found
"""


@pytest.fixture
def empty_database_url(postgres_server_url: str) -> Iterator[str]:
    name = f"glint_test_{uuid.uuid4().hex}"
    execute(postgres_server_url, f"CREATE DATABASE {name}")
    yield with_database(postgres_server_url, name)
    drop_database(postgres_server_url, name)


async def test_revisions_are_one_line() -> None:
    assert len(SCRIPTS.get_heads()) == 1
    assert sorted(REVISIONS) == REVISIONS


async def test_each_revision_goes_up_down_and_up_again(empty_database_url: str) -> None:
    def steps(connection: Connection) -> None:
        config = alembic_config(connection)
        for revision in REVISIONS:
            command.upgrade(config, revision)
            command.downgrade(config, "-1")
            command.upgrade(config, revision)

    await run_on(empty_database_url, steps)
    assert await _differences(empty_database_url) == []


async def test_all_the_way_down_leaves_nothing(empty_database_url: str) -> None:
    await upgrade(empty_database_url)
    await run_on(empty_database_url, lambda connection: command.downgrade(alembic_config(connection), "base"))
    assert await asyncio.to_thread(execute, empty_database_url, LEFT_OVER) is None


async def test_charts_of_before_are_taken_over_and_given_back(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "0005")
    endpoint = """INSERT INTO erp_endpoint (tenant_id, name, adapter, url, environment, settings, delivery, grouping, release, omit,
        commitments, starts_on, mapping, rate_limit_per_minute, max_concurrency)
        VALUES (gen_random_uuid(), 'erp', 'json', '', 'test', '{}', 'push', 'daily', 'manual', '{}', 'send', '2026-01-01', '{}', 60, 4)"""
    known = """INSERT INTO erp_reference_data (tenant_id, endpoint, accounts, open_periods, read_at)
        SELECT tenant_id, name, '["20", "10", "10"]', '[]', '2026-11-01T00:00:00Z' FROM erp_endpoint"""
    await asyncio.to_thread(execute, empty_database_url, endpoint, known)
    await upgrade(empty_database_url, "0006")
    told = "SELECT string_agg(code || ':' || name || ':' || active, ' ' ORDER BY code) FROM erp_account"
    assert await asyncio.to_thread(execute, empty_database_url, told) == "10::true 20::true"
    state = "SELECT source || ' ' || (asked_at = read_at) FROM erp_reference_data"
    assert await asyncio.to_thread(execute, empty_database_url, state) == "erp true"
    await asyncio.to_thread(execute, empty_database_url, "UPDATE erp_account SET active = false WHERE code = '20'")
    await run_on(empty_database_url, lambda connection: command.downgrade(alembic_config(connection), "0005"))
    assert await asyncio.to_thread(execute, empty_database_url, "SELECT accounts::text FROM erp_reference_data") == '["10"]'


async def test_whoever_was_a_poster_stays_a_user_when_the_role_goes(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "0011")
    people = """INSERT INTO app_user (tenant_id, name, roles, password_hash)
        VALUES (gen_random_uuid(), 'pia', '{poster}', ''), (gen_random_uuid(), 'paul', '{sender,poster}', '')"""
    await asyncio.to_thread(execute, empty_database_url, people)
    await run_on(empty_database_url, lambda connection: command.downgrade(alembic_config(connection), "0010"))
    told = "SELECT string_agg(name || ':' || roles::text, ' ' ORDER BY name) FROM app_user"
    assert await asyncio.to_thread(execute, empty_database_url, told) == "paul:{sender} pia:{viewer}"


async def test_the_ledger_by_month_is_made_of_that_by_day(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "0011")
    days = """INSERT INTO ledger_day (tenant_id, accounting_date, role, account, account_code, charge_code, debit, credit)
        SELECT '01a20217-19cc-7fe9-8a91-e66f6abb30b8', CAST(day AS date), 'grni', 'GRNI', '2110', code, 5, 7
        FROM unnest(ARRAY['2026-01-31', '2026-02-01', '2026-02-28']) AS day, unnest(ARRAY['E1', 'E2']) AS code"""
    await asyncio.to_thread(execute, empty_database_url, days)
    await upgrade(empty_database_url, "0012")
    told = "SELECT string_agg(month || ' ' || account_code || ' ' || debit || ' ' || credit, ', ' ORDER BY month) FROM ledger_month"
    assert await asyncio.to_thread(execute, empty_database_url, told) == "2026-01-01 2110 10 14, 2026-02-01 2110 20 28"


async def test_people_without_a_password_are_kept_when_there_has_to_be_one(empty_database_url: str) -> None:
    await upgrade(empty_database_url, "0013")
    people = """INSERT INTO app_user (tenant_id, name, roles, password_hash, oidc_name) VALUES
        (gen_random_uuid(), 'anna', '{viewer}', NULL, 'anna@uni.example'),
        (gen_random_uuid(), 'otto', '{viewer}', 'a hash', 'otto@uni.example')"""
    await asyncio.to_thread(execute, empty_database_url, people)
    await run_on(empty_database_url, lambda connection: command.downgrade(alembic_config(connection), "0012"))
    told = "SELECT string_agg(name || ':' || password_hash || ':' || active, ' ' ORDER BY name) FROM app_user"
    assert await asyncio.to_thread(execute, empty_database_url, told) == "anna::false otto:a hash:true"


async def test_migrations_make_the_tables_that_the_code_queries(database_url: str) -> None:
    assert await _differences(database_url) == []


async def test_a_difference_would_be_seen(database_url: str) -> None:
    await asyncio.to_thread(execute, database_url, "ALTER TABLE lane ADD COLUMN extra text", "DROP INDEX lane_due_idx")
    assert {difference[0] for difference in await _differences(database_url)} == {"remove_column", "add_index"}


async def test_several_processes_may_bring_it_up_at_once(empty_database_url: str) -> None:
    await asyncio.gather(*(upgrade(empty_database_url) for _ in range(4)))
    assert await _complaint(empty_database_url) is None


async def test_readiness_tells_an_old_schema_and_a_dead_database(empty_database_url: str) -> None:
    assert "schema" in (await _complaint(empty_database_url) or "")
    await upgrade(empty_database_url, REVISIONS[0])
    assert "schema" in (await _complaint(empty_database_url) or "")
    await upgrade(empty_database_url)
    assert await _complaint(empty_database_url) is None
    assert "does not answer" in (await _complaint(with_database(empty_database_url, "glint_nowhere")) or "")
    assert "does not answer" in (await _complaint("postgresql+asyncpg://glint@127.0.0.1:1/glint") or "")


async def _complaint(url: str) -> str | None:
    engine = make_engine(url, pool_size=1)
    try:
        return await PostgresReadiness(engine).complaint()
    finally:
        await engine.dispose()


async def _differences(url: str) -> list[Any]:
    """What autogenerate would put into a next migration."""
    found: list[Any] = []

    def compare(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        found.extend(compare_metadata(context, metadata))

    ischema_names["xid8"] = Xid8  # the inspector knows only the types of SQLAlchemy itself
    try:
        await run_on(url, compare)
    finally:
        del ischema_names["xid8"]
    return found
