"""Journals of an endpoint: made with their transactions, validated, sent, or marked as sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from app.domain.delivery import Problem, ValidationLevel
from app.domain.journal import JournalDocument, JournalPart, JournalStatus
from app.domain.money import Amounts, Currency
from app.domain.omission import ShippingAccount

WORKER = "worker"
"""The actor of what the dispatcher does by itself."""
REFERENCE_MARK = "\0"
"""Where the reference goes in the description of a new journal, since the store gives it. No text that is kept holds one."""
GATHERING = frozenset({JournalStatus.OPEN, JournalStatus.VALID, JournalStatus.INVALID})
"""A daily journal takes late transactions in these states, and never again once it has left them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """A journal's header. Totals in minor units; `number` is the ERP's own, None until it is booked. `gathering`: a daily journal that
    takes late transactions; `part` and `omit`: what of its transactions it carries, fixed when it is made; where that is more than
    `most_lines`, the lines of one transaction are split and this journal is `group`, from 1, of them; `posting_date` is sent in
    place of the accounting date where a person chose another. `transactions` counts them: events add to a gathering journal without a
    new version."""

    id: UUID
    endpoint: str
    reference: str
    accounting_date: date
    currency: Currency
    base_currency: Currency
    debit_total: int
    base_debit_total: int
    description: str
    lane_key: str
    status: JournalStatus = JournalStatus.OPEN
    number: str | None = None
    version: int = 1
    held: bool = False
    validation_level: ValidationLevel | None = None
    problems: tuple[Problem, ...] = ()
    reason_code: str | None = None
    reason: str | None = None
    sequence: int = 0
    created_at: datetime | None = None
    finished_at: datetime | None = None
    gathering: bool = False
    part: JournalPart = JournalPart.ALL
    omit: tuple[str, ...] = ()
    most_lines: int | None = None
    group: int = 1
    posting_date: date | None = None
    transactions: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A transaction in a journal: how many of its lines it carries, and what they debit in document and base minor units."""

    transaction_id: UUID
    lines: int
    totals: Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalStep:
    """Something that was done to a journal. `actor` is a key's name or `worker`; `status` is the journal's after it."""

    at: datetime
    actor: str
    action: str
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSummary:
    """Over all history of an endpoint. The total is in base minor units."""

    oldest_not_sent: date | None
    transactions_not_posted: int
    debit_total: int


@dataclass(frozen=True, slots=True)
class NewJournal:
    """A journal that is made, with its transaction. `wanted`: it goes to the ERP by itself."""

    journal: Journal
    member: Member
    wanted: bool


class Journals(Protocol):
    async def add(self, journals: Sequence[NewJournal], reference_prefix: str) -> None:
        """Journals that nobody will send. The store gives each its reference: the prefix and a number used once."""
        ...

    async def gather(
        self, journal: Journal, members: Sequence[Member], reference_prefix: str, *, most: int, most_lines: int | None = None
    ) -> tuple[UUID, JournalStatus | None]:
        """Puts transactions into the journal that gathers for this one's endpoint, day, currency, part and
        omit; into this one where none does. Answers which took them, and the status it had before, None where it is new.

        An open one stays as it is, so that many may add at the same time. A checked one is put back to open. One that would carry
        more than `most` gathers no longer, and stays as it is besides; those that add at the same time do not see each other, so it may
        carry some more. With `most_lines` they wait for each other, and it never carries more lines. Until the unit of work ends nobody
        can close the one that took them."""
        ...

    async def shipping_accounts(self, transaction_ids: Sequence[UUID]) -> Mapping[UUID, ShippingAccount]:
        """Where the order of each transaction posted shipping last before it."""
        ...

    async def get(self, journal_id: UUID, *, lock: bool = False) -> Journal | None:
        """Locked, nothing is added to it until the unit of work ends."""
        ...

    async def get_all(self, journal_ids: Sequence[UUID]) -> Mapping[UUID, Journal]:
        """Those of these that there are, as they are now."""
        ...

    async def document(self, journal: Journal) -> JournalDocument:
        """What is sent, built from the posted transactions: the lines of its part, without what it omits."""
        ...

    async def documents(self, journals: Sequence[Journal]) -> Mapping[UUID, JournalDocument]:
        """The same of several, in one go."""
        ...

    async def update(self, journal: Journal, action: str, *, actor: str = WORKER, reason: str | None = None) -> None:
        """Stores status, number, problems, marks, posting date; its version grows by one, and the step is kept with who and when.
        One that is not open, valid or invalid any more gathers no longer, and its totals are what it carries now."""
        ...

    async def steps(self, journal_id: UUID) -> Sequence[JournalStep]:
        """What was done to it, oldest first."""
        ...

    async def page(
        self, *, endpoint: str | None, date_from: date, date_to: date, status: str | None, after_place: int, limit: int
    ) -> Sequence[Journal]: ...

    async def select(self, *, endpoint: str, date_from: date, date_to: date, limit: int) -> Sequence[UUID]:
        """The unsent journals of an endpoint on these accounting dates, oldest first."""
        ...

    async def summary(self, endpoint: str | None) -> JournalSummary: ...

    async def transactions_of(self, journal_id: UUID) -> Sequence[UUID]: ...

    async def blocking(self, journal: Journal) -> Sequence[UUID]:
        """Earlier journals of the same lane that are not finished."""
        ...
