"""A person gives themselves a new password."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.application.people.manage_users import check_password
from app.application.people.throttle import count_tries, name_key
from app.application.ports.clock import Clock
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.users import Passwords
from app.application.token_hash import token_hash
from app.domain.errors import Conflict, Fault, Invalid, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class MustWait:
    """Too many wrong passwords in a row: none was looked at."""

    wait: timedelta


class ChangePassword:
    """Changes the password of whoever knows the present one, and ends all of their other sessions. Wrong ones count as failed tries to
    sign in do, so that somebody at a screen that was left open cannot try on."""

    def __init__(self, units_of_work: UnitsOfWork, passwords: Passwords, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._passwords = passwords
        self._clock = clock

    async def __call__(self, tenant_id: UUID, name: str, token: str, *, current: str, new: str) -> MustWait | None:
        """None where it is done. `token` is that of the session that stays. Raises `Invalid` with a pointer,
        `NotFound`, or `Conflict` where there is no password to change."""
        check_password(new, "/new")
        if new == current:
            raise _invalid("/new", "must be another one than the present password")
        key = name_key(name)
        async with self._units_of_work(tenant_id) as uow:
            user = await uow.users.get(name)
            if user is None:
                raise NotFound(f"there is no user {name}")
            if not user.has_password:
                raise Conflict("you have no password here: you sign in at your organisation's sign-in service")
            wait = await count_tries(uow, [key], self._clock.now())
            await uow.commit()
        if wait is not None:
            return MustWait(wait=wait)
        if not await self._passwords.matches(current, user.password_hash):
            raise _invalid("/current", "is not the present password")
        kept = await self._passwords.hash(new)
        async with self._units_of_work(tenant_id) as uow:
            found = await uow.users.get(name)
            if found is None or not found.active or found.password_hash != user.password_hash:
                raise _invalid("/current", "is not the present password any more")
            await uow.users.set_password(name, kept)
            await uow.user_sessions.end_all(name, but=token_hash(token))
            await uow.sign_in_throttle.forget(key)
            await uow.audit.write(name, "user.password", name, {"by": "themselves"})
            await uow.commit()
        return None


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid("the password was not changed", Fault(pointer=pointer, message=message))
