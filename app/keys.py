"""The operator's way to a key of a tenant whose first one was lost: `glint new-key`."""

import asyncio
import sys
from collections.abc import Sequence

from app.application.ports.setup import Scope
from app.bootstrap import build
from app.config import Settings, read_settings
from app.observability import configure_logging
from app.wiring import wire_tenant_directory

OPERATOR = "operator"
MADE, UNKNOWN_TENANT = 0, 1


def run_new_key(tenant: str, name: str, scopes: Sequence[Scope]) -> int:
    """Makes a key of the tenant of this name or id and prints its secret, this once; 0 made, 1 no such tenant."""
    settings = read_settings()
    configure_logging("ERROR")
    return asyncio.run(_make(settings, tenant, name, scopes))


async def _make(settings: Settings, wanted: str, name: str, scopes: Sequence[Scope]) -> int:
    container = await build(settings)
    try:
        tenants = await wire_tenant_directory(container.engine).list()
        tenant = next((each for each in tenants if wanted in (each.name, str(each.id))), None)
        if tenant is None:
            sys.stderr.write(f"glint new-key: there is no tenant {wanted}\n")
            return UNKNOWN_TENANT
        _, secret = await container.configure.create_key(tenant.id, OPERATOR, name=name, scopes=scopes)
    finally:
        await container.close()
    sys.stdout.write(secret + "\n")
    return MADE
