"""Which journals a person means: by their ids, or all unsent ones of an endpoint between two dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.application.mapped import mapped
from app.application.ports.delivery import Attempt
from app.application.ports.journal_sets import JournalState
from app.application.ports.journals import Journal, JournalStep
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.domain.errors import Fault, Invalid, JournalAlreadySent, NotFound
from app.domain.journal import FINISHED, JournalLine
from app.domain.mapping import Mapped

AT_ONCE = 50
"""So many journals are answered in place; more become a batch."""

MOST_BY_DATE = 100_000
MOST_NAMED = 50
"""A refusal names so many of the journals that it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Either `journal_ids` (with the version that was looked at, where given), or an endpoint and dates, both included."""

    journal_ids: tuple[UUID, ...] = ()
    versions: tuple[int | None, ...] = ()
    endpoint: str | None = None
    date_from: date | None = None
    date_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalDetails:
    """A journal with everything that is known about it. `lines` are on our codes; `sent` is the journal as the ERP would get it now, None
    once it is finished: what it got is kept with the attempt."""

    journal: Journal
    lines: Sequence[JournalLine]
    sent: Mapped | None
    transaction_ids: Sequence[UUID]
    attempts: Sequence[Attempt]
    blocked_by: Sequence[UUID]
    steps: Sequence[JournalStep]


async def selected_ids(uow: UnitOfWork, selection: Selection) -> Sequence[UUID]:
    """The ids that a selection means: each once, as they were named, or by date in the order in which they are sent."""
    if selection.journal_ids:
        return tuple(dict.fromkeys(selection.journal_ids))
    if selection.endpoint is None or selection.date_from is None or selection.date_to is None:
        raise Invalid("name journal_ids, or endpoint, from and to")
    if await uow.endpoints.get(selection.endpoint) is None:
        raise NotFound(f"there is no endpoint {selection.endpoint}")
    ids = await uow.journals.select(
        endpoint=selection.endpoint, date_from=selection.date_from, date_to=selection.date_to, limit=MOST_BY_DATE + 1
    )
    if len(ids) > MOST_BY_DATE:
        message = f"at most {MOST_BY_DATE} journals at a time: choose fewer days"
        raise Invalid(message, Fault(pointer="/from", message=message))
    return ids


async def get_journal(uow: UnitOfWork, journal_id: UUID, *, lock: bool = False) -> Journal:
    """The journal; `NotFound` where the tenant has none of this id."""
    journal = await uow.journals.get(journal_id, lock=lock)
    if journal is None:
        raise NotFound("there is no such journal")
    return journal


async def take(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """Locks journals and their lanes for a person's step; `NotFound` where the tenant lacks one of them."""
    if await uow.journal_sets.take(ids) != len(ids):
        raise NotFound("there is no such journal" if len(ids) == 1 else "one of the journals is not there")


async def take_journal(uow: UnitOfWork, journal_id: UUID) -> Journal:
    """One journal, locked with its lane for a person's step."""
    await take(uow, [journal_id])
    return await get_journal(uow, journal_id, lock=True)


async def refuse_out_of_reach(uow: UnitOfWork, ids: Sequence[UUID], now: datetime) -> None:
    """`JournalAlreadySent` where one is sent, marked or being sent."""
    refused = await uow.journal_sets.out_of_reach(ids, MOST_NAMED, now)
    if refused:
        faults = [Fault(pointer="/journal_ids", message=_out_of_reach(each)) for each in refused]
        raise JournalAlreadySent(faults[0].message, *faults)


def _out_of_reach(state: JournalState) -> str:
    told = f"journal {state.reference} is {state.status}"
    if state.in_hand_until is None:
        return told
    return f"{told}: the ERP has it in hand until {state.in_hand_until:%Y-%m-%d %H:%M:%S} UTC, unless it answers before"


class ReadJournal:
    """A journal with the lines it carries, its transactions, every attempt, and what it has to wait for."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, journal_id: UUID) -> JournalDetails:
        async with self._units_of_work(tenant_id, reading=True) as uow:
            journal = await get_journal(uow, journal_id)
            document, endpoint = await uow.journals.document(journal), await uow.endpoints.get(journal.endpoint)
            return JournalDetails(
                journal=journal,
                lines=document.lines,
                sent=None if endpoint is None or journal.status in FINISHED else mapped(endpoint, document),
                transaction_ids=await uow.journals.transactions_of(journal_id),
                attempts=await uow.attempts.of_journal(journal_id),
                blocked_by=await uow.journals.blocking(journal),
                steps=await uow.journals.steps(journal_id),
            )
