"""The port to an ERP: one adapter per destination, one connection per endpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from app.domain.delivery import FindOutcome, Purpose, SendOutcome, ValidateOutcome, ValidationLevel
from app.domain.journal import JournalDocument
from app.domain.local_validation import OpenPeriod

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a destination can do. `time_limit` in seconds: after that a request it did not answer is certainly over."""

    batch_max: int
    atomic_batch: bool
    dry_run: Literal["none", "draft", "erp"]
    highest_validation: ValidationLevel
    max_lines: int | None
    time_limit: int
    async_result: bool = False
    idempotency_key_lifetime: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where an endpoint is and how to sign in. Credentials are plain here and nowhere else."""

    url: str
    environment: Literal["live", "test"] = "live"
    settings: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request that is ready to go: `body` is stored with the attempt before the call is made."""

    purpose: Purpose
    references: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What happened on the wire: `status` None where no answer came, `body` capped, no credentials anywhere."""

    status: int | None
    body: str
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Generic[Result]):
    """A result for every reference that was asked about."""

    results: Mapping[str, Result]
    exchange: Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What an endpoint answered when it was tested; `problems` are sentences, empty when all is well. `open_dates` are those of the
    open periods whose dates the ERP tells."""

    reachable: bool
    signed_in: bool
    accounts: tuple[str, ...]
    open_periods: tuple[str, ...]
    problems: tuple[str, ...]
    open_dates: tuple[OpenPeriod, ...] = ()


class ErpConnection(Protocol):
    """One endpoint. Methods never raise for what an ERP or a network does; that is an outcome."""

    capabilities: Capabilities

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        """The request for these journals. Pure."""
        ...

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]: ...

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]: ...

    async def find(self, reference: str) -> Answered[FindOutcome]: ...

    async def check(self) -> Checked: ...


class ErpAdapters(Protocol):
    """The destinations that are built in."""

    def names(self) -> tuple[str, ...]: ...

    def check_settings(self, adapter: str, connection: Connection) -> None:
        """Raises `Invalid` where the adapter is unknown or the connection's shape is wrong."""
        ...

    def connect(self, adapter: str, connection: Connection) -> ErpConnection: ...
