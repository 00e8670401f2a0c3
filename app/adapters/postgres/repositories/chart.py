"""The chart of accounts, the posting manager's versions, and the periods."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, exists, insert, literal_column, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.statements import contains, statement
from app.adapters.postgres.tables import account, account_transaction_line, gl_interface, period, posting_manager_version
from app.application.ports.setup import AccountFilter, PostingManagerVersion
from app.domain.accounts import Account, AccountType
from app.domain.periods import Period, PeriodStatus
from app.domain.posting_manager import ACCOUNT_ROLES, PostingManager, posting_manager

INSERTED: ColumnElement[bool] = literal_column("xmax = 0")
"""Of an upsert: whether the row is new. A row that was updated in place carries its updater in `xmax`."""

NAMED = "SELECT * FROM account WHERE tenant_id = :tenant_id AND name = ANY(:names)"
PAGE = """
SELECT * FROM account WHERE tenant_id = :tenant_id AND (CAST(:after AS text) IS NULL OR name > :after)
  AND (name ILIKE :pattern OR account_code ILIKE :pattern)
  AND (active OR NOT :active_only) AND (CAST(:type AS text) IS NULL OR type = :type) AND NOT name = ANY(:besides)
ORDER BY name LIMIT :limit
"""
RECORD_ACCOUNTS = (
    gl_interface.c.trade_debtors_account,
    gl_interface.c.invoice_account,
    gl_interface.c.journal_account,
    gl_interface.c.tax_account,
)
POLICIES = tuple(field.name for field in fields(PostingManager) if field.name not in (*ACCOUNT_ROLES, "version"))


class PostgresAccountChart:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def get(self, name: str) -> Account | None:
        found = select(account).where(account.c.tenant_id == self._tenant_id, account.c.name == name)
        row = (await self._connection.execute(found)).one_or_none()
        return None if row is None else _account(row)

    async def named(self, names: Collection[str]) -> Mapping[str, Account]:
        parameters = {"tenant_id": self._tenant_id, "names": sorted(names)}
        return {row.name: _account(row) for row in await self._connection.execute(statement(NAMED), parameters)}

    async def list(self) -> Sequence[Account]:
        mine = select(account).where(account.c.tenant_id == self._tenant_id)
        return [_account(row) for row in await self._connection.execute(mine.order_by(account.c.name))]

    async def page(self, wanted: AccountFilter, *, after: str | None, limit: int) -> Sequence[Account]:
        parameters = {
            "tenant_id": self._tenant_id,
            "pattern": contains(wanted.search or ""),
            "active_only": wanted.active_only,
            "type": wanted.type,
            "besides": sorted(wanted.besides),
            "after": after,
            "limit": limit,
        }
        return [_account(row) for row in await self._connection.execute(statement(PAGE), parameters)]

    async def put(self, put: Account) -> bool:
        values = {"account_code": put.code, "type": str(put.type), "active": put.active}
        upserted = upsert(account).values(tenant_id=self._tenant_id, name=put.name, **values)
        done = upserted.on_conflict_do_update(index_elements=["tenant_id", "name"], set_=values).returning(INSERTED)
        return bool((await self._connection.execute(done)).scalar_one())

    async def delete(self, name: str) -> None:
        await self._connection.execute(delete(account).where(account.c.tenant_id == self._tenant_id, account.c.name == name))

    async def is_in_use(self, name: str) -> bool:
        versions, lines = posting_manager_version, account_transaction_line
        named = exists().where(versions.c.tenant_id == self._tenant_id, versions.c.accounts.has_key(name))
        posted = exists().where(lines.c.tenant_id == self._tenant_id, lines.c.account == name)
        record = exists().where(gl_interface.c.tenant_id == self._tenant_id, or_(*(column == name for column in RECORD_ACCOUNTS)))
        return bool((await self._connection.execute(select(or_(named, posted, record)))).scalar_one())


class PostgresPostingManagers:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def latest(self) -> PostingManager | None:
        versions = posting_manager_version
        newest = select(versions).where(versions.c.tenant_id == self._tenant_id).order_by(versions.c.version.desc()).limit(1)
        row = (await self._connection.execute(newest)).one_or_none()
        return None if row is None else _manager(row)

    async def get(self, version: int) -> PostingManager | None:
        versions = posting_manager_version
        found = select(versions).where(versions.c.tenant_id == self._tenant_id, versions.c.version == version)
        row = (await self._connection.execute(found)).one_or_none()
        return None if row is None else _manager(row)

    async def get_all(self, wanted: Sequence[int]) -> Mapping[int, PostingManager]:
        versions = posting_manager_version
        found = select(versions).where(versions.c.tenant_id == self._tenant_id, versions.c.version.in_(wanted))
        return {row.version: _manager(row) for row in await self._connection.execute(found)}

    async def page(self, before: int | None, limit: int) -> Sequence[PostingManagerVersion]:
        versions = posting_manager_version
        newest = select(versions).where(versions.c.tenant_id == self._tenant_id).order_by(versions.c.version.desc()).limit(limit)
        if before is not None:
            newest = newest.where(versions.c.version < before)
        return [PostingManagerVersion(manager=_manager(row), made_at=row.created_at) for row in await self._connection.execute(newest)]

    async def add(self, manager: PostingManager) -> None:
        accounts = {role: named for role in ACCOUNT_ROLES if (named := getattr(manager, role)) is not None}
        row = {
            "tenant_id": self._tenant_id,
            "version": manager.version,
            "document": {role: named.name for role, named in accounts.items()} | {policy: getattr(manager, policy) for policy in POLICIES},
            "accounts": {named.name: {"code": named.code, "type": named.type} for named in accounts.values()},
        }
        await self._connection.execute(insert(posting_manager_version).values(row))


class PostgresPeriods:
    def __init__(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def get(self, name: str) -> Period | None:
        found = select(period).where(period.c.tenant_id == self._tenant_id, period.c.name == name)
        row = (await self._connection.execute(found)).one_or_none()
        return None if row is None else _period(row)

    async def list(self) -> Sequence[Period]:
        mine = select(period).where(period.c.tenant_id == self._tenant_id)
        return [_period(row) for row in await self._connection.execute(mine.order_by(period.c.starts_on, period.c.name))]

    async def put(self, put: Period) -> bool:
        values = {"starts_on": put.starts_on, "ends_on": put.ends_on, "status": str(put.status)}
        upserted = upsert(period).values(tenant_id=self._tenant_id, name=put.name, **values)
        done = upserted.on_conflict_do_update(index_elements=["tenant_id", "name"], set_=values).returning(INSERTED)
        return bool((await self._connection.execute(done)).scalar_one())


def _account(row: Row[Any]) -> Account:
    return Account(name=row.name, code=row.account_code, type=AccountType(row.type), active=row.active)


def _period(row: Row[Any]) -> Period:
    return Period(name=row.name, starts_on=row.starts_on, ends_on=row.ends_on, status=PeriodStatus(row.status))


def _manager(row: Row[Any]) -> PostingManager:
    return manager_of(row.document, row.accounts, row.version)


def manager_of(document: Mapping[str, Any], accounts: Mapping[str, Any], version: int) -> PostingManager:
    """A version with the accounts as they were when it was made: what became of them since does not reach it."""
    then = {name: Account(name=name, code=each["code"], type=AccountType(each["type"])) for name, each in accounts.items()}
    return posting_manager(document, then, version)
