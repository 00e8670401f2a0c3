"""The operator keeps the people of a tenant."""

from collections.abc import Sequence
from uuid import UUID

from app.application.ports.clock import Clock
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.users import Passwords, User, UserRole
from app.domain.errors import Conflict, Fault, Invalid, NotFound

SHORTEST, LONGEST = 12, 256
LONGEST_NAME = 100


class ManageUsers:
    """Adds, lists and disables users and changes passwords. A disabled user and a new password end the user's sessions; each change is
    in the audit log, passwords never. A user is never deleted: the audit log names people for ever."""

    def __init__(self, units_of_work: UnitsOfWork, passwords: Passwords, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._passwords = passwords
        self._clock = clock

    async def add(self, tenant_id: UUID, actor: str, *, name: str, roles: Sequence[UserRole], password: str) -> User:
        """Raises `Invalid`, or `Conflict` where the name is taken."""
        _check_name(name)
        check_password(password)
        if not roles:
            raise _invalid("/roles", "a user has at least one role")
        kept = await self._passwords.hash(password)
        user = User(name=name, roles=tuple(dict.fromkeys(roles)), password_hash=kept, created_at=self._clock.now())
        async with self._units_of_work(tenant_id) as uow:
            if not await uow.users.add(user):
                raise Conflict(f"there is a user {name} already")
            await uow.audit.write(actor, "user.add", name, {"roles": [str(each) for each in user.roles]})
            await uow.commit()
        return user

    async def list(self, tenant_id: UUID) -> Sequence[User]:
        async with self._units_of_work(tenant_id) as uow:
            return await uow.users.list()

    async def set_active(self, tenant_id: UUID, actor: str, name: str, *, active: bool) -> None:
        """Raises `NotFound`."""
        async with self._units_of_work(tenant_id) as uow:
            if not await uow.users.set_active(name, active=active):
                raise NotFound(f"there is no user {name}")
            await uow.user_sessions.end_all(name)
            await uow.audit.write(actor, "user.enable" if active else "user.disable", name, {})
            await uow.commit()

    async def set_password(self, tenant_id: UUID, actor: str, name: str, password: str) -> None:
        """Raises `NotFound`, or `Invalid` where it is too short."""
        check_password(password)
        kept = await self._passwords.hash(password)
        async with self._units_of_work(tenant_id) as uow:
            if not await uow.users.set_password(name, kept):
                raise NotFound(f"there is no user {name}")
            await uow.user_sessions.end_all(name)
            await uow.audit.write(actor, "user.password", name, {})
            await uow.commit()


def _check_name(name: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise _invalid("/name", f"a name has 1 to {LONGEST_NAME} printable characters, and no space at its ends")


def check_password(password: str, pointer: str = "/password") -> None:
    """`Invalid` where it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise _invalid(pointer, f"a password has {SHORTEST} to {LONGEST} characters")


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(message, Fault(pointer=pointer, message=message))
