"""A person signs in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from app.application.people.throttle import BY_ADDRESS, count_tries, keys_of
from app.application.ports.clock import Clock
from app.application.ports.secrecy import Tokens
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.ports.users import IDLE, LONGEST, Passwords, TenantNames, User, UserSession
from app.application.sign_in.consent_state import new_state
from app.application.token_hash import token_hash

NO_TENANT = UUID(int=0)
"""Tries that name no tenant of ours are counted here."""
LONGEST_TYPED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """`token` names the tenant and is shown this once; only its hash is kept."""

    token: str = field(repr=False)
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """Tenant, name or password: nobody is told which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyTries:
    """No password was looked at."""

    wait: timedelta


class StartSession:
    """Starts a session where tenant, name and password are right. A try is counted as failed before its password is looked at, by name
    and by address, and forgotten once it turns out right; after some failures in a row it has to wait, whoever is right or not. Unknown
    tenants and users take as long as known ones."""

    def __init__(self, units_of_work: UnitsOfWork, passwords: Passwords, tenants: TenantNames, tokens: Tokens, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._passwords = passwords
        self._tenants = tenants
        self._tokens = tokens
        self._clock = clock

    async def __call__(self, tenant_name: str, name: str, password: str, address: str) -> Started | Wrong | TooManyTries:
        if max(len(tenant_name), len(name), len(password)) > LONGEST_TYPED or "\x00" in tenant_name + name:
            return Wrong()
        tenant_id = await self._tenants.find(tenant_name) or NO_TENANT
        keys = keys_of(name, address)
        user, wait = await self._counted(tenant_id, name, keys)
        if wait is not None:
            return TooManyTries(wait=wait)
        matches = await self._passwords.matches(password, None if user is None else user.password_hash)
        if user is None or not matches or not user.active:
            return Wrong()
        outdated = user.password_hash is not None and self._passwords.is_outdated(user.password_hash)
        renewed = await self._passwords.hash(password) if outdated else None
        return await self._start(tenant_id, user, keys, renewed) or Wrong()

    async def _counted(self, tenant_id: UUID, name: str, keys: Sequence[str]) -> tuple[User | None, timedelta | None]:
        async with self._units_of_work(tenant_id) as uow:
            if (wait := await count_tries(uow, keys, self._clock.now())) is not None:
                return None, wait
            user = await uow.users.get(name)
            await uow.commit()
            return user, None

    async def _start(self, tenant_id: UUID, user: User, keys: Sequence[str], renewed: str | None) -> Started | None:
        async with self._units_of_work(tenant_id) as uow:
            if not await _is_as_it_was(uow, user):
                return None  # disabled, or given another password, while this one was looked at
            if renewed is not None:
                await uow.users.set_password(user.name, renewed)
            for key in sorted(keys):
                await (uow.sign_in_throttle.take_back if key.startswith(BY_ADDRESS) else uow.sign_in_throttle.forget)(key)
            address = keys[1].removeprefix(BY_ADDRESS)
            started = await open_session(uow, tenant_id, user, self._tokens, self._clock.now(), address=address, by="password")
            await uow.commit()
        return started


async def open_session(
    uow: UnitOfWork, tenant_id: UUID, user: User, tokens: Tokens, now: datetime, *, address: str, by: Literal["password", "oidc"]
) -> Started:
    """The session of somebody who proved who they are, and its entry in the audit log, which says how: `by`."""
    token = new_state(tenant_id, tokens)
    await uow.user_sessions.forget_ended(seen_before=now - IDLE, now=now)
    session = UserSession(token_hash=token_hash(token), user_name=user.name, started_at=now, seen_at=now, ends_at=now + LONGEST)
    await uow.user_sessions.start(session)
    await uow.audit.write(user.name, "session.start", user.name, {"address": address, "by": by})
    return Started(token=token, ends_at=session.ends_at)


async def _is_as_it_was(uow: UnitOfWork, user: User) -> bool:
    found = await uow.users.get(user.name)
    return found is not None and found.active and found.password_hash == user.password_hash
