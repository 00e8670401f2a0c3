"""People, their sessions, and failed tries to sign in, in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.tables import app_user, sign_in_failure, user_session
from app.application.ports.users import User, UserRole, UserSession

KEEPING = {"started_at", "seen_at", "ends_at"}


class PostgresUsers:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, user: User) -> bool:
        row = {
            "tenant_id": self._tenant_id,
            "name": user.name,
            "roles": [str(role) for role in user.roles],
            "password_hash": user.password_hash,
            "oidc_name": user.oidc_name,
            "active": user.active,
            "created_at": user.created_at or func.now(),
        }
        added = upsert(app_user).values(row).on_conflict_do_nothing().returning(app_user.c.name)
        return (await self._connection.execute(added)).one_or_none() is not None

    async def get(self, name: str) -> User | None:
        mine = select(app_user).where(app_user.c.tenant_id == self._tenant_id, app_user.c.name == name)
        row = (await self._connection.execute(mine)).one_or_none()
        return None if row is None else _user(row)

    async def get_by_oidc_name(self, oidc_name: str) -> User | None:
        mine = select(app_user).where(app_user.c.tenant_id == self._tenant_id, app_user.c.oidc_name == oidc_name)
        row = (await self._connection.execute(mine)).one_or_none()
        return None if row is None else _user(row)

    async def list(self) -> Sequence[User]:
        mine = select(app_user).where(app_user.c.tenant_id == self._tenant_id).order_by(app_user.c.name)
        return [_user(row) for row in await self._connection.execute(mine)]

    async def set_password(self, name: str, password_hash: str) -> bool:
        return await self._set(name, password_hash=password_hash)

    async def set_oidc_name(self, name: str, oidc_name: str | None) -> bool:
        return await self._set(name, oidc_name=oidc_name)

    async def set_active(self, name: str, *, active: bool) -> bool:
        return await self._set(name, active=active)

    async def _set(self, name: str, **values: object) -> bool:
        mine = update(app_user).where(app_user.c.tenant_id == self._tenant_id, app_user.c.name == name)
        return (await self._connection.execute(mine.values(values).returning(app_user.c.name))).one_or_none() is not None


class PostgresUserSessions:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def start(self, session: UserSession) -> None:
        times = {name: getattr(session, name) for name in KEEPING}
        row = {"tenant_id": self._tenant_id, "token_hash": session.token_hash, "user_name": session.user_name, **times}
        await self._connection.execute(insert(user_session).values(row))

    async def get(self, token_hash: bytes) -> tuple[UserSession, User] | None:
        theirs = (app_user.c.tenant_id == user_session.c.tenant_id) & (app_user.c.name == user_session.c.user_name)
        mine = select(user_session, app_user).join(app_user, theirs).where(*self._one(token_hash))
        row = (await self._connection.execute(mine)).one_or_none()
        if row is None:
            return None
        times = {name: getattr(row, name) for name in KEEPING}
        return UserSession(token_hash=row.token_hash, user_name=row.user_name, notice=row.notice, **times), _user(row)

    async def seen(self, token_hash: bytes, at: datetime) -> None:
        await self._connection.execute(update(user_session).where(*self._one(token_hash)).values(seen_at=at))

    async def tell(self, token_hash: bytes, notice: Mapping[str, Any] | None) -> None:
        kept = null() if notice is None else dict(notice)
        await self._connection.execute(update(user_session).where(*self._one(token_hash)).values(notice=kept))

    async def end(self, token_hash: bytes) -> None:
        await self._connection.execute(delete(user_session).where(*self._one(token_hash)))

    async def end_all(self, user_name: str, *, but: bytes | None = None) -> None:
        theirs = delete(user_session).where(user_session.c.tenant_id == self._tenant_id, user_session.c.user_name == user_name)
        if but is not None:
            theirs = theirs.where(user_session.c.token_hash != but)
        await self._connection.execute(theirs)

    async def forget_ended(self, *, seen_before: datetime, now: datetime) -> None:
        over = or_(user_session.c.seen_at < seen_before, user_session.c.ends_at < now)
        await self._connection.execute(delete(user_session).where(user_session.c.tenant_id == self._tenant_id, over))

    def _one(self, token_hash: bytes) -> tuple[Any, Any]:
        return user_session.c.tenant_id == self._tenant_id, user_session.c.token_hash == token_hash


class PostgresSignInThrottle:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def lock(self, keys: Sequence[str]) -> Mapping[str, tuple[int, datetime]]:
        """A key that never failed gets a row first: what is not there cannot be locked."""
        rows = [{"tenant_id": self._tenant_id, "key": key, "failures": 0, "last_at": func.now()} for key in sorted(keys)]
        await self._connection.execute(upsert(sign_in_failure).values(rows).on_conflict_do_nothing())
        table = sign_in_failure.c
        mine = select(sign_in_failure).where(table.tenant_id == self._tenant_id, table.key.in_(keys)).order_by(table.key)
        found = await self._connection.execute(mine.with_for_update())
        return {row.key: (row.failures, row.last_at) for row in found if row.failures}

    async def count(self, key: str, failures: int, at: datetime) -> None:
        await self._connection.execute(update(sign_in_failure).where(*self._one(key)).values(failures=failures, last_at=at))

    async def forget(self, key: str) -> None:
        await self._connection.execute(delete(sign_in_failure).where(*self._one(key)))

    async def take_back(self, key: str) -> None:
        fewer = func.greatest(sign_in_failure.c.failures - 1, 0)
        await self._connection.execute(update(sign_in_failure).where(*self._one(key)).values(failures=fewer))

    async def forget_older(self, than: datetime) -> None:
        mine = sign_in_failure.c.tenant_id == self._tenant_id
        free = select(sign_in_failure.c.key).where(mine, sign_in_failure.c.last_at < than).with_for_update(skip_locked=True)
        await self._connection.execute(delete(sign_in_failure).where(mine, sign_in_failure.c.key.in_(free)))

    def _one(self, key: str) -> tuple[Any, Any]:
        return sign_in_failure.c.tenant_id == self._tenant_id, sign_in_failure.c.key == key


def _user(row: Row[Any]) -> User:
    return User(
        name=row.name,
        roles=tuple(UserRole(role) for role in row.roles),
        password_hash=row.password_hash,
        oidc_name=row.oidc_name,
        active=row.active,
        created_at=row.created_at,
    )
