"""What an ERP's answer means. Outcomes are values: an adapter returns one, the dispatcher decides what follows."""

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What a call to an ERP is for."""

    VALIDATE = "validate"
    SEND = "send"
    FIND = "find"


class ValidationLevel(StrEnum):
    """How far a validation went, from our own rules to the ERP's own answer."""

    LOCAL = "local"
    REFERENCE_DATA = "reference_data"
    DRAFT = "draft"
    ERP_DRY_RUN = "erp_dry_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One complaint about a journal. `line` is our line number, or None where it is about the whole journal."""

    line: int | None
    code: str
    message: str
    severity: str = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """The ERP has the journal in its ledger. `number` is the ERP's own number; `problems` are how it differs from what was sent, such
    as a date that the ERP moved by itself."""

    number: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedAsync:
    """The ERP took the journal into a job that has to be polled."""

    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The ERP will not book this journal as it is: a person has to mend something."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """Too fast. `retry_after` in seconds, None where the ERP did not say. Burns no attempt."""

    retry_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retryable:
    """Certainly not booked (nothing left this machine, or the ERP said so); later it may work."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The request may have been carried out: look it up by reference before anything is sent again."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unauthorised:
    """The credentials were refused; the endpoint is paused."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Misconfigured:
    """The endpoint's address or settings cannot be right (3xx, 403, 404, a forbidden network); the endpoint is paused."""

    reason: str


SendOutcome = Booked | AcceptedAsync | Rejected | Throttled | Retryable | Unknown | Unauthorised | Misconfigured


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """A verdict on a journal. Valid where no problem has severity `error`."""

    level: ValidationLevel
    problems: tuple[Problem, ...] = ()

    @property
    def valid(self) -> bool:
        return all(problem.severity != "error" for problem in self.problems)


ValidateOutcome = Validation | Throttled | Retryable | Unauthorised | Misconfigured


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBooked:
    """The ERP has it, under this number of its own; `problems` as for `Booked`."""

    number: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDraft:
    """The ERP has an unposted draft of it: it is finished, not sent again."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The ERP does not have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotTell:
    """The look-up itself failed."""

    reason: str


FindOutcome = FoundBooked | FoundDraft | Absent | CannotTell
