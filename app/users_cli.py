"""The operator's way to the people who use the screens: `glint users`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from app.application.people import People
from app.application.ports.users import User, UserRole
from app.bootstrap import build
from app.config import read_settings
from app.domain.errors import DomainError
from app.observability import configure_logging
from app.wiring import wire_tenant_directory

OPERATOR = "operator"
DONE, REFUSED = 0, 1


def run_add(tenant: str | None, name: str, roles: Sequence[UserRole], password: str | None, oidc_name: str | None) -> int:
    """Adds a user, with a password, a name at the issuer, or both; 0 added, 1 refused, with the reason on standard error."""

    async def add(people: People, tenant_id: UUID) -> str:
        user = await people.users.add(tenant_id, OPERATOR, name=name, roles=roles, password=password, oidc_name=oidc_name)
        return f"{user.name} may sign in: {', '.join(user.roles)}\n"

    return asyncio.run(_run(tenant, add))


def run_list(tenant: str | None) -> int:
    """Prints a line per user: name, roles, whether disabled, and how they sign in."""

    async def listed(people: People, tenant_id: UUID) -> str:
        users = await people.users.list(tenant_id)
        return "".join(f"{_line(user)}\n" for user in users)

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


def run_oidc(tenant: str | None, name: str, oidc_name: str) -> int:
    """Changes by which name the issuer knows a user, or takes it away where it is empty; the user's sessions end at once."""

    async def change(people: People, tenant_id: UUID) -> str:
        kept = await people.users.set_oidc_name(tenant_id, OPERATOR, name, oidc_name)
        return f"{name} signs in as {kept} now\n" if kept is not None else f"{name} signs in by password alone now\n"

    return asyncio.run(_run(tenant, change))


def _line(user: User) -> str:
    ways = (["password"] if user.has_password else []) + ([f"oidc {user.oidc_name}"] if user.oidc_name is not None else [])
    return "\t".join((user.name, ",".join(user.roles), "active" if user.active else "disabled", ", ".join(ways)))


async def _run(wanted: str | None, command: Callable[[People, UUID], Awaitable[str]]) -> int:
    settings = read_settings()
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
