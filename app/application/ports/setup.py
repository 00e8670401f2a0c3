"""What a tenant has set up: itself, its keys, accounts, posting manager versions, periods, endpoints, and who changed them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from app.domain.accounts import Account, AccountType
from app.domain.periods import Period
from app.domain.posting_manager import PostingManager


class Scope(StrEnum):
    """What a key may do. `admin` makes tenants and belongs to none."""

    EVENTS_WRITE = "events:write"
    TRANSACTIONS_READ = "transactions:read"
    TRANSACTIONS_RESPOND = "transactions:respond"
    JOURNALS_OPERATE = "journals:operate"
    CONFIG_WRITE = "config:write"
    REPORTS_READ = "reports:read"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """`reference_prefix` begins the reference of every journal of the tenant."""

    id: UUID
    name: str
    base_currency: str
    time_zone: str
    reference_prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key without its secret, which is stored only as a hash."""

    id: UUID
    tenant_id: UUID
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An ERP endpoint as configured (CONTRACT.md 6). `credentials` is the sealed blob, None where there are none. `awaits_sign_in`: it is
    paused because the sign-in was refused, so that a new authorisation ends the pause."""

    name: str
    adapter: str
    url: str
    environment: str
    starts_on: date
    settings: Mapping[str, Any] = field(default_factory=dict)
    credentials: bytes | None = None
    delivery: str = "push"
    grouping: str = "per_transaction"
    release: str = "manual"
    omit: tuple[str, ...] = ()
    commitments: str = "send"
    minimum_validation: str | None = None
    mapping: Mapping[str, Any] = field(default_factory=dict)
    description_template: str | None = None
    rate_limit_per_minute: int = 60
    max_concurrency: int = 4
    max_lines: int | None = None
    paused: bool = False
    paused_reason: str | None = None
    awaits_sign_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalTerms:
    """What of an endpoint decides about the journals that are made for it."""

    name: str
    starts_on: date
    grouping: str
    release: str
    omit: tuple[str, ...]
    commitments: str
    description_template: str | None
    max_lines: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingSetUp:
    """What a tenant's events are posted by: the newest posting manager, if there is one, the periods by date, the endpoints by name."""

    tenant: Tenant
    manager: PostingManager | None
    periods: tuple[Period, ...]
    endpoints: tuple[JournalTerms, ...]


class PostingSetUps(Protocol):
    async def get(self) -> PostingSetUp | None:
        """As it is at this moment; None where there is no such tenant."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingManagerVersion:
    """With the accounts as they were when it was made."""

    manager: PostingManager
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    id: int
    at: datetime
    actor: str
    command: str
    subject: str
    detail: Mapping[str, Any]


class Tenants(Protocol):
    async def add(self, tenant: Tenant) -> None:
        """Raises `TenantExists` where the name is taken."""
        ...

    async def get(self) -> Tenant | None:
        """The unit of work's own tenant."""
        ...

    async def update(self, tenant: Tenant) -> None: ...


class ApiKeys(Protocol):
    async def add(self, key: ApiKey, secret_hash: bytes) -> None: ...

    async def list(self) -> Sequence[ApiKey]: ...

    async def revoke(self, key_id: UUID) -> bool:
        """False where the tenant has no such key in force."""
        ...


class KeyDirectory(Protocol):
    """The look-up that crosses tenants: which tenants keys belong to. Outside any unit of work."""

    async def find(self, hashes: Sequence[bytes]) -> "Sequence[ApiKey | None]":
        """The key of each of these secrets' hashes; None where there is none, or it is revoked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Accounts that have `search` in name or code, in capitals or not; active ones alone, of one type, and but for those in `besides`."""

    search: str | None = None
    active_only: bool = False
    type: AccountType | None = None
    besides: frozenset[str] = frozenset()


class AccountChart(Protocol):
    async def get(self, name: str) -> Account | None: ...

    async def named(self, names: Collection[str]) -> Mapping[str, Account]:
        """By name; those that are not there are left out."""
        ...

    async def list(self) -> Sequence[Account]: ...

    async def page(self, wanted: AccountFilter, *, after: str | None, limit: int) -> Sequence[Account]:
        """By name, past `after`."""
        ...

    async def put(self, account: Account) -> bool:
        """True where it was not there before."""
        ...

    async def delete(self, name: str) -> None: ...

    async def is_in_use(self, name: str) -> bool:
        """Whether a posting manager version, a GL interface record or a posted line names it."""
        ...


class PostingManagers(Protocol):
    async def latest(self) -> PostingManager | None: ...

    async def get(self, version: int) -> PostingManager | None: ...

    async def get_all(self, versions: Sequence[int]) -> Mapping[int, PostingManager]:
        """Those of these versions that there are."""
        ...

    async def page(self, before: int | None, limit: int) -> Sequence[PostingManagerVersion]:
        """Versions below `before`, the newest first."""
        ...

    async def add(self, manager: PostingManager) -> None: ...


class Periods(Protocol):
    async def get(self, name: str) -> Period | None: ...

    async def list(self) -> Sequence[Period]: ...

    async def put(self, period: Period) -> bool:
        """True where it was not there before."""
        ...


class Endpoints(Protocol):
    async def get(self, name: str, *, lock: bool = False) -> Endpoint | None:
        """`lock`: no other unit of work changes it until this one ends."""
        ...

    async def list(self) -> Sequence[Endpoint]: ...

    async def put(self, endpoint: Endpoint) -> bool:
        """True where it was not there before."""
        ...

    async def reseal(self, name: str, credentials: bytes) -> None:
        """The same credentials, sealed anew. Nothing else of it changes."""
        ...

    async def delete(self, name: str) -> None: ...

    async def has_journals(self, name: str) -> bool: ...

    async def pause(self, name: str, *, paused: bool, reason: str | None, awaits_sign_in: bool = False) -> None: ...


class AuditLog(Protocol):
    async def write(self, actor: str, command: str, subject: str, detail: Mapping[str, Any]) -> None: ...

    async def write_each(self, actor: str, command: str, details: Mapping[str, Mapping[str, Any]]) -> None:
        """One entry per subject, all at once."""
        ...

    async def page(self, before: int | None, limit: int) -> Sequence[AuditEntry]:
        """Newest first."""
        ...


class Secrets(Protocol):
    """Seals credentials at rest. `context` is the row they belong to: a blob moved to another row does not open."""

    def seal(self, plain: bytes, context: str) -> bytes: ...

    def open(self, sealed: bytes, context: str) -> bytes: ...
