"""The next call about a lane's head: what it is for, its attempt written before it, and the call itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.application.ports.delivery import Attempt, DeliveryRow, Lane
from app.application.ports.erp import Answered, ErpConnection, Exchange, Prepared
from app.application.ports.journals import Journal
from app.application.ports.setup import Endpoint
from app.application.ports.turns import Head, TurnWrites
from app.application.settle_delivery import Outcome
from app.domain.delivery import FindOutcome, Purpose, SendOutcome, ValidateOutcome
from app.domain.journal import JournalDocument, JournalStatus

NOT_BACK = "the worker did not come back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call that is to be made; its attempt is committed. `journal` is as its document was built from."""

    journal: Journal
    document: JournalDocument
    endpoint: Endpoint
    connection: ErpConnection
    prepared: Prepared
    attempt: Attempt

    @property
    def minimum(self) -> str:
        """The level that a validation must reach."""
        return minimum_of(self.endpoint, self.connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call that was made, and what came back."""

    step: Step
    outcome: Outcome
    exchange: Exchange


def resumed(head: Head, ended: Collection[UUID]) -> Head:
    """The head, unknown where its send may have been booked: an attempt that nobody ended is one whose worker died. `ended` are the
    attempts that are being ended now."""
    row = replace(head.row, open_attempts=tuple(each for each in head.row.open_attempts if each.id not in ended))
    lost = head.journal.status is JournalStatus.SENDING or any(each.purpose is Purpose.SEND for each in row.open_attempts)
    return Head(row=row, journal=replace(head.journal, status=JournalStatus.UNKNOWN) if lost else head.journal)


def begin(
    lane: Lane,
    head: Head,
    was: JournalStatus,
    document: JournalDocument,
    endpoint: Endpoint,
    connection: ErpConnection,
    attempt_id: UUID,
    now: datetime,
    writes: TurnWrites,
) -> Step:
    """Adds the attempt with its payload to what is written. `was` is the status that the journal is kept with."""
    journal, purpose = head.journal, purpose_of(head.journal)
    prepared = connection.prepare(purpose, [document])
    attempt = Attempt(id=attempt_id, journal_id=journal.id, purpose=purpose, fence=lane.fence, started_at=now, request=prepared.body)
    if purpose is Purpose.SEND:
        journal = replace(journal, status=JournalStatus.SENDING, gathering=False)
    writes.started.append(attempt)
    if journal.status is not was:
        writes.steps.append((journal, str(purpose)))
    return Step(journal=journal, document=document, endpoint=endpoint, connection=connection, prepared=prepared, attempt=attempt)


async def make(step: Step) -> Called:
    """Makes the call. No unit of work is open meanwhile."""
    answered: Answered[ValidateOutcome] | Answered[SendOutcome] | Answered[FindOutcome]
    match step.prepared.purpose:
        case Purpose.VALIDATE:
            answered = await step.connection.validate(step.prepared)
        case Purpose.SEND:
            answered = await step.connection.send(step.prepared)
        case Purpose.FIND:
            answered = await step.connection.find(step.prepared)
    results: Mapping[str, Outcome] = dict(answered.results)
    return Called(step=step, outcome=results[step.journal.reference], exchange=answered.exchange)


def minimum_of(endpoint: Endpoint, connection: ErpConnection) -> str:
    """The level that a validation must reach: the endpoint's, else as far as its ERP can go."""
    return endpoint.minimum_validation or connection.capabilities.highest_validation


def absent_after(row: DeliveryRow, connection: ErpConnection) -> datetime | None:
    """From when on a look-up that finds nothing means that nothing will come: the ERP's own time limit after the last send."""
    return row.last_sent_at and row.last_sent_at + timedelta(seconds=connection.capabilities.time_limit)


def purpose_of(journal: Journal) -> Purpose:
    """Unknown is looked up, valid is sent, anything else is validated first."""
    if journal.status is JournalStatus.UNKNOWN:
        return Purpose.FIND
    return Purpose.SEND if journal.status in (JournalStatus.VALID, JournalStatus.QUEUED) else Purpose.VALIDATE
