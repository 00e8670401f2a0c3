"""The next call about a lane's head: what it is for, its attempt written before it, and the call itself."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.application.ports.delivery import Attempt, DeliveryRow
from app.application.ports.erp import ErpConnection, Exchange, Prepared
from app.application.ports.journals import Journal
from app.application.ports.setup import Endpoint
from app.application.ports.turns import Head
from app.application.settle_delivery import Outcome
from app.application.shared_call import SharedCall
from app.domain.delivery import Purpose
from app.domain.journal import JournalDocument, JournalStatus

NOT_BACK = "the worker did not come back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One lane's part in a call that is to be made; its attempt is committed. `journal` is as its document was built from.
    One lane of each call `pays` for it."""

    journal: Journal
    document: JournalDocument
    endpoint: Endpoint
    call: SharedCall
    attempt: Attempt
    pays: bool

    @property
    def connection(self) -> ErpConnection:
        return self.call.connection

    @property
    def prepared(self) -> Prepared:
        return self.call.prepared

    @property
    def minimum(self) -> str:
        """The level that a validation must reach."""
        return minimum_of(self.endpoint, self.connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call that was made, and what came back about this lane's journal."""

    step: Step
    outcome: Outcome
    exchange: Exchange


def resumed(head: Head, ended: Collection[UUID]) -> Head:
    """The head, unknown where its send may have been booked: an attempt that nobody ended is one whose worker died. `ended` are the
    attempts that are being ended now."""
    row = replace(head.row, open_attempts=tuple(each for each in head.row.open_attempts if each.id not in ended))
    lost = head.journal.status is JournalStatus.SENDING or any(each.purpose is Purpose.SEND for each in row.open_attempts)
    return Head(row=row, journal=replace(head.journal, status=JournalStatus.UNKNOWN) if lost else head.journal)


async def make(step: Step) -> Called:
    """Makes the call, or waits for the answer of the lane that made it."""
    answered = await step.call.answer()
    return Called(step=step, outcome=answered.results[step.journal.reference], exchange=answered.exchange)


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
