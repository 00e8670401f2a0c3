"""The operator keeps the people of a tenant."""

from collections.abc import Sequence
from uuid import UUID

from app.application.people.identity_name import LONGEST as LONGEST_IDENTITY
from app.application.people.identity_name import identity_name
from app.application.ports.clock import Clock
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.users import Passwords, User, UserRole
from app.domain.errors import Conflict, Fault, Invalid, NotFound

SHORTEST, LONGEST = 12, 256
LONGEST_NAME = 100


class ManageUsers:
    """Adds, lists and disables users and changes how they sign in. A disabled user, a new password and another name at the issuer end the
    user's sessions; each change is in the audit log, passwords never. A user is never deleted: the audit log names people for ever."""

    def __init__(self, units_of_work: UnitsOfWork, passwords: Passwords, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._passwords = passwords
        self._clock = clock

    async def add(
        self,
        tenant_id: UUID,
        actor: str,
        *,
        name: str,
        roles: Sequence[UserRole],
        password: str | None = None,
        oidc_name: str | None = None,
    ) -> User:
        """With a password, a name at the issuer, or both. Raises `Invalid`, or `Conflict` where either name is taken."""
        _check_name(name)
        if not roles:
            raise _invalid("/roles", "a user has at least one role")
        if password is None and oidc_name is None:
            raise _invalid("/password", "a user signs in by password, by OpenID Connect, or by both")
        kept_name = None if oidc_name is None else _checked_identity(oidc_name)
        kept = None if password is None else await self._hashed(password)
        user = User(name=name, roles=tuple(dict.fromkeys(roles)), password_hash=kept, oidc_name=kept_name, created_at=self._clock.now())
        async with self._units_of_work(tenant_id) as uow:
            if not await uow.users.add(user):
                taken = await uow.users.get(name) is not None
                raise Conflict(f"there is a user {name} already" if taken else f"another user signs in as {kept_name}")
            told = {"roles": [str(each) for each in user.roles]} | ({} if kept_name is None else {"oidc": kept_name})
            await uow.audit.write(actor, "user.add", name, told)
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
        kept = await self._hashed(password)
        async with self._units_of_work(tenant_id) as uow:
            if not await uow.users.set_password(name, kept):
                raise NotFound(f"there is no user {name}")
            await uow.user_sessions.end_all(name)
            await uow.audit.write(actor, "user.password", name, {})
            await uow.commit()

    async def set_oidc_name(self, tenant_id: UUID, actor: str, name: str, oidc_name: str) -> str | None:
        """As it is kept; an empty one takes it away. Raises `NotFound`, `Invalid`, or `Conflict` where it is another user's, or where
        nothing else is left to sign in with."""
        kept = _checked_identity(oidc_name) if oidc_name else None
        async with self._units_of_work(tenant_id) as uow:
            user = await uow.users.get(name)
            if user is None:
                raise NotFound(f"there is no user {name}")
            if kept is None and not user.has_password:
                raise Conflict(f"{name} has no password: give one first, or disable {name}")
            await uow.users.set_oidc_name(name, kept)
            await uow.user_sessions.end_all(name)
            await uow.audit.write(actor, "user.oidc", name, {"oidc": kept})
            await uow.commit()
        return kept

    async def _hashed(self, password: str) -> str:
        check_password(password)
        return await self._passwords.hash(password)


def _check_name(name: str) -> None:
    if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise _invalid("/name", f"a name has 1 to {LONGEST_NAME} printable characters, and no space at its ends")


def check_password(password: str, pointer: str = "/password") -> None:
    """`Invalid` where it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise _invalid(pointer, f"a password has {SHORTEST} to {LONGEST} characters")


def _checked_identity(told: str) -> str:
    if (name := identity_name(told)) is None:
        raise _invalid("/oidc", f"a name at the issuer has 1 to {LONGEST_IDENTITY} printable characters, and no space at its ends")
    return name


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(message, Fault(pointer=pointer, message=message))
