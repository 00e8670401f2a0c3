"""People who use the screens: who they are, what they may do, and how long they are signed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID


class UserRole(StrEnum):
    """What a person may do besides looking at everything, which whoever has any role may."""

    VIEWER = "viewer"
    SENDER = "sender"
    MARKER = "marker"
    POSTER = "poster"
    SET_UP = "set_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """`name` is unique in a tenant and is the actor of what the person does. They sign in by password, `password_hash` being as the hasher
    encodes it, by OpenID Connect as `oidc_name` (`identity_name.py`), which no other user of the tenant has, or by both."""

    name: str
    roles: tuple[UserRole, ...]
    password_hash: str | None = field(repr=False)
    oidc_name: str | None = None
    active: bool = True
    created_at: datetime | None = None

    @property
    def has_password(self) -> bool:
        return self.password_hash is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSession:
    """Somebody is signed in: until `ends_at`, and as long as `seen_at` is recent. `notice` is what the next page tells them, once."""

    token_hash: bytes = field(repr=False)
    user_name: str
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    notice: Mapping[str, Any] | None = None


class Users(Protocol):
    async def add(self, user: User) -> bool:
        """False where the tenant has a user of this name or of this `oidc_name`, in which case nothing changes."""
        ...

    async def get(self, name: str) -> User | None: ...

    async def get_by_oidc_name(self, oidc_name: str) -> User | None:
        """Compared letter by letter."""
        ...

    async def list(self) -> Sequence[User]:
        """By name, those that are disabled too."""
        ...

    async def set_password(self, name: str, password_hash: str) -> bool:
        """False where there is no such user."""
        ...

    async def set_oidc_name(self, name: str, oidc_name: str | None) -> bool:
        """False where there is no such user. `Conflict` where it is another user's."""
        ...

    async def set_active(self, name: str, *, active: bool) -> bool:
        """False where there is no such user."""
        ...


class UserSessions(Protocol):
    async def start(self, session: UserSession) -> None: ...

    async def get(self, token_hash: bytes) -> tuple[UserSession, User] | None:
        """With its user, whether active or not."""
        ...

    async def seen(self, token_hash: bytes, at: datetime) -> None: ...

    async def tell(self, token_hash: bytes, notice: Mapping[str, Any] | None) -> None:
        """What the next page says; None once it was said."""
        ...

    async def end(self, token_hash: bytes) -> None: ...

    async def end_all(self, user_name: str, *, but: bytes | None = None) -> None:
        """All of theirs, but the one of this hash."""
        ...

    async def forget_ended(self, *, seen_before: datetime, now: datetime) -> None:
        """Those whose time is over."""
        ...


class SignInThrottle(Protocol):
    """Tries to sign in, counted by name and by address before a password is looked at, so that tries side by side count too."""

    async def lock(self, keys: Sequence[str]) -> Mapping[str, tuple[int, datetime]]:
        """How often each failed in a row, and when last; locked, in a fixed order, until the unit of work ends."""
        ...

    async def count(self, key: str, failures: int, at: datetime) -> None: ...

    async def forget(self, key: str) -> None: ...

    async def take_back(self, key: str) -> None:
        """One try less: of an address from which others fail, a right password does not wipe their failures out."""
        ...

    async def forget_older(self, than: datetime) -> None:
        """But for those that somebody has locked."""
        ...


class Passwords(Protocol):
    """Hashes passwords slowly. Each call takes as long as any other, so none of it is done on the event loop."""

    async def hash(self, password: str) -> str: ...

    async def matches(self, password: str, kept: str | None) -> bool:
        """Takes as long where `kept` is None: time does not tell whether there is such a user."""
        ...

    def is_outdated(self, kept: str) -> bool:
        """Hashed with weaker settings than today's."""
        ...


class TenantNames(Protocol):
    """The look-up that crosses tenants: which one a person says they belong to. Outside any unit of work."""

    async def find(self, name: str) -> UUID | None:
        """By its exact name; the only tenant there is where the name is empty."""
        ...


IDLE = timedelta(hours=8)
LONGEST = timedelta(hours=24)
