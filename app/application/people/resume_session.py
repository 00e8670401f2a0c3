"""Who a session is of, and its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.application.ports.clock import Clock
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.users import IDLE, User
from app.application.sign_in.consent_state import tenant_of
from app.application.token_hash import token_hash

SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody at work. `notice`: what was left for the next page, which is taken with it."""

    tenant_id: UUID
    tenant_name: str
    time_zone: str
    base_currency: str
    user: User
    notice: Mapping[str, Any] | None = field(default=None)


class ResumeSession:
    """A session counts while its user is active, for 24 hours at most, and no longer than 8 hours after its last request."""

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._clock = clock

    async def __call__(self, token: str, *, take_notice: bool = False) -> SignedIn | None:
        """None where nobody is signed in with it, or not any more."""
        tenant_id, now = tenant_of(token), self._clock.now()
        if tenant_id is None:
            return None
        async with self._units_of_work(tenant_id) as uow:
            found, tenant = await uow.user_sessions.get(token_hash(token)), await uow.tenants.get()
            if found is None or tenant is None:
                return None
            session, user = found
            if not user.active or session.ends_at <= now or session.seen_at <= now - IDLE:
                return None
            notice = session.notice if take_notice else None
            if notice is not None:
                await uow.user_sessions.tell(session.token_hash, None)
            if seen := session.seen_at < now - SEEN_EVERY:
                await uow.user_sessions.seen(session.token_hash, now)
            if seen or notice is not None:
                await uow.commit()
        return SignedIn(
            tenant_id=tenant_id,
            tenant_name=tenant.name,
            time_zone=tenant.time_zone,
            base_currency=tenant.base_currency,
            user=user,
            notice=notice,
        )

    async def tell(self, token: str, notice: Mapping[str, Any]) -> None:
        """Leaves a notice for the next page."""
        if (tenant_id := tenant_of(token)) is not None:
            async with self._units_of_work(tenant_id) as uow:
                await uow.user_sessions.tell(token_hash(token), notice)
                await uow.commit()

    async def end(self, token: str) -> None:
        """Signs out."""
        if (tenant_id := tenant_of(token)) is not None:
            async with self._units_of_work(tenant_id) as uow:
                found = await uow.user_sessions.get(token_hash(token))
                if found is not None:
                    await uow.user_sessions.end(token_hash(token))
                    await uow.audit.write(found[1].name, "session.end", found[1].name, {})
                    await uow.commit()
