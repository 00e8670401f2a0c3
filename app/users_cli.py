"""The operator's way to the people who use the screens: `glint users`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from app.application.people import People
from app.application.ports.users import UserRole
from app.bootstrap import build
from app.config import Settings
from app.domain.errors import DomainError
from app.observability import configure_logging
from app.wiring import wire_tenant_directory

OPERATOR = "operator"
DONE, REFUSED = 0, 1


def run_add(tenant: str | None, name: str, roles: Sequence[UserRole], password: str) -> int:
    """Adds a user; 0 added, 1 refused, with the reason on standard error."""

    async def add(people: People, tenant_id: UUID) -> str:
        user = await people.users.add(tenant_id, OPERATOR, name=name, roles=roles, password=password)
        return f"{user.name} may sign in: {', '.join(user.roles)}\n"

    return asyncio.run(_run(tenant, add))


def run_list(tenant: str | None) -> int:
    """Prints a line per user: name, roles, and whether disabled."""

    async def listed(people: People, tenant_id: UUID) -> str:
        users = await people.users.list(tenant_id)
        return "".join(f"{user.name}\t{','.join(user.roles)}\t{'active' if user.active else 'disabled'}\n" for user in users)

    return asyncio.run(_run(tenant, listed))


def run_set_active(tenant: str | None, name: str, *, active: bool) -> int:
    """Disables a user, whose sessions end at once, or lets one in again."""

    async def change(people: People, tenant_id: UUID) -> str:
        await people.users.set_active(tenant_id, OPERATOR, name, active=active)
        return f"{name} may {'sign in again' if active else 'not sign in any more'}\n"

    return asyncio.run(_run(tenant, change))


def run_password(tenant: str | None, name: str, password: str) -> int:
    """Changes a password; the user's sessions end at once."""

    async def change(people: People, tenant_id: UUID) -> str:
        await people.users.set_password(tenant_id, OPERATOR, name, password)
        return f"{name} has a new password, and is signed out everywhere\n"

    return asyncio.run(_run(tenant, change))


async def _run(wanted: str | None, command: Callable[[People, UUID], Awaitable[str]]) -> int:
    settings = Settings()
    configure_logging("ERROR")
    container = await build(settings)
    try:
        tenants = await wire_tenant_directory(container.engine).list()
        named = [each for each in tenants if wanted in (each.name, str(each.id)) or wanted is None]
        if len(named) != 1:
            sys.stderr.write(f"glint users: {_which(wanted, len(tenants))}\n")
            return REFUSED
        sys.stdout.write(await command(container.people, named[0].id))
        return DONE
    except DomainError as error:
        sys.stderr.write(f"glint users: {error.detail}\n")
        return REFUSED
    finally:
        await container.close()


def _which(wanted: str | None, tenants: int) -> str:
    if wanted is not None:
        return f"there is no tenant {wanted}"
    return "there is no tenant yet" if tenants == 0 else f"there are {tenants} tenants: say which with --tenant"
