"""The watch on the tenant wall sees what it should."""

import pytest

from tests.tenant_wall import crosses_tenants


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT account.tenant_id, account.name FROM account",
        "SELECT account.tenant_id FROM account WHERE account.name = $1",
        "DELETE FROM period WHERE name = $1",
        "UPDATE journal SET status = $1",
        "INSERT INTO lane (endpoint) VALUES ($1)",
        "SELECT 1 FROM api_key WHERE name = $1",
    ],
)
def test_a_statement_without_its_tenant_is_seen(statement: str) -> None:
    assert crosses_tenants(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT account.name FROM account WHERE account.tenant_id = $1 AND account.name = $2",
        "INSERT INTO lane (tenant_id, endpoint) VALUES ($1, $2)",
        "SELECT nextval('ledger_sequence')",
        "select pg_catalog.version()",
        "SELECT tenant_id, name FROM api_key WHERE hash = ANY($1) AND revoked_at IS NULL",
    ],
)
def test_what_names_its_tenant_or_is_allowed_passes(statement: str) -> None:
    assert not crosses_tenants(statement)
