"""The port to an ERP: one adapter per destination, one connection per endpoint."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, Literal, Protocol, TypeVar

from app.application.ports.sign_in import SignIn
from app.application.ports.vendor_sign_in import VendorSignIn
from app.domain.booked import BookedEntry
from app.domain.delivery import CannotTell, FindOutcome, Problem, Purpose, SendOutcome, ValidateOutcome, ValidationLevel
from app.domain.erp_chart import ErpAccount
from app.domain.journal import JournalDocument
from app.domain.local_validation import OpenPeriod

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a destination can do.

    `dry_run`: how it can check without booking: not at all, by a draft, or by the ERP's own dry run. `highest_validation` is the level
    that `validate` reaches. `time_limit` in seconds: after that a request it did not answer is certainly over.
    `idempotency_key_lifetime` in seconds, None where the ERP has no such keys. `commitments`: it keeps commitments beside the actual
    ledger. `foreign_currency`: it books another currency than its base. `reads_books`: its ledger can be read back for reconciliation.
    """

    batch_max: int
    atomic_batch: bool
    dry_run: Literal["none", "draft", "erp"]
    highest_validation: ValidationLevel
    max_lines: int | None
    time_limit: int
    async_result: bool = False
    idempotency_key_lifetime: int | None = None
    commitments: bool = False
    foreign_currency: bool = True
    reads_books: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where an endpoint is and how to sign in. Credentials are plain here and nowhere else.

    `sign_in` is there where people authorise the endpoint at its vendor: it gives the access tokens.
    """

    url: str
    environment: Literal["live", "test"] = "live"
    settings: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)
    sign_in: SignIn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request that is ready to go: `body` is stored with the attempt before the call is made. A look-up has none."""

    purpose: Purpose
    journals: tuple[JournalDocument, ...]
    body: str

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(journal.reference for journal in self.journals)


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
    accounts: tuple[ErpAccount, ...]
    open_periods: tuple[str, ...]
    problems: tuple[str, ...]
    open_dates: tuple[OpenPeriod, ...] = ()


class ErpConnection(Protocol):
    """One endpoint. Methods never raise for what an ERP or a network does; that is an outcome."""

    capabilities: Capabilities

    def problems(self, journal: JournalDocument) -> tuple[Problem, ...]:
        """What this ERP can certainly not take, told without asking it. Pure."""
        ...

    def prepare(self, purpose: Purpose, journals: Sequence[JournalDocument]) -> Prepared:
        """The request for these journals. Pure."""
        ...

    async def validate(self, prepared: Prepared) -> Answered[ValidateOutcome]:
        """The ERP's own word on each, at `capabilities.highest_validation`. Books nothing and leaves nothing behind."""
        ...

    async def send(self, prepared: Prepared) -> Answered[SendOutcome]:
        """Books each journal that is not there yet; a draft of it that a crash left is finished."""
        ...

    async def find(self, prepared: Prepared) -> Answered[FindOutcome]:
        """Whether the ERP has each of these journals, by our reference."""
        ...

    async def check(self) -> Checked:
        """Whether it can be reached and signed in to, its chart of accounts and its open periods."""
        ...

    async def entries(self, accounts: Collection[str], since: date, as_of: date) -> Sequence[BookedEntry] | CannotTell:
        """What the ERP's ledger holds on these accounts between two accounting dates, both included, whoever booked it. Posted only."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterDescription:
    """An adapter as people choose it. `settings` and `credentials` are JSON schemas of what an endpoint of it is given; None where it does
    not tell them. `capabilities` are those with the settings that an endpoint has unless told otherwise. `signs_in`: people may have to
    authorise its endpoints at the vendor."""

    name: str
    title: str
    capabilities: Capabilities
    signs_in: bool
    settings: Mapping[str, Any] | None
    credentials: Mapping[str, Any] | None


class ErpAdapters(Protocol):
    """The destinations that there are."""

    def names(self) -> tuple[str, ...]: ...

    def describe(self, adapter: str) -> AdapterDescription:
        """Raises `Invalid` where it is unknown."""
        ...

    def check_settings(self, adapter: str, connection: Connection) -> None:
        """Raises `Invalid` where the adapter is unknown or the connection's shape is wrong."""
        ...

    def connect(self, adapter: str, connection: Connection) -> ErpConnection: ...

    def sign_in(self, adapter: str, connection: Connection) -> VendorSignIn | None:
        """How this endpoint signs in at its vendor; None where it needs no such tokens. Raises as `check_settings` does."""
        ...
