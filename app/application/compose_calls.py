"""Which journals go to the ERP in one call. Pure, but for the attempts that it adds to what is written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.application.next_call import Step, purpose_of
from app.application.ports.delivery import Attempt, Lane
from app.application.ports.erp import ErpConnection, Prepared
from app.application.ports.setup import Endpoint
from app.application.ports.turns import Head
from app.application.shared_call import SharedCall
from app.application.turn_group import TurnGroup
from app.domain.delivery import Purpose
from app.domain.journal import JournalDocument, JournalStatus

MOST_BYTES = 4_000_000
"""Of a body about several journals; one alone is as large as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A call that a lane needs now. `kept` is the status that its journal is stored with."""

    place: int
    lane: Lane
    head: Head
    kept: JournalStatus
    document: JournalDocument


def compose(
    wishes: Sequence[Wish], endpoint: Endpoint, connection: ErpConnection, group: TurnGroup, new_id: Callable[[], UUID]
) -> dict[int, Step]:
    """The steps by their lanes' places. A lane that rides and found no call to share has none, and is given back."""
    steps: dict[int, Step] = {}
    for purpose in Purpose:
        for members, prepared in _calls(purpose, [each for each in wishes if purpose_of(each.head.journal) is purpose], connection):
            steps |= _begun(members, prepared, endpoint, connection, group, new_id)
    return steps


def _calls(purpose: Purpose, wishes: Sequence[Wish], connection: ErpConnection) -> Iterator[tuple[Sequence[Wish], Prepared]]:
    """A lane that pays leads each call; first those that ride fill it, then others that could go alone."""
    most = 1 if purpose is Purpose.FIND else max(1, connection.capabilities.batch_max)
    leads, riders = [each for each in wishes if not each.lane.rides], [each for each in wishes if each.lane.rides]
    while leads:
        lead, *others = leads
        members = [lead, *riders, *others][:most]
        prepared = _prepared(purpose, members, connection)
        while len(members) > 1 and len(prepared.body.encode()) > MOST_BYTES:
            members = members[: len(members) // 2]
            prepared = _prepared(purpose, members, connection)
        yield members, prepared
        gone = {each.place for each in members}
        leads, riders = [each for each in others if each.place not in gone], [each for each in riders if each.place not in gone]


def _prepared(purpose: Purpose, members: Sequence[Wish], connection: ErpConnection) -> Prepared:
    return connection.prepare(purpose, [each.document for each in members])


def _begun(
    members: Sequence[Wish],
    prepared: Prepared,
    endpoint: Endpoint,
    connection: ErpConnection,
    group: TurnGroup,
    new_id: Callable[[], UUID],
) -> Iterator[tuple[int, Step]]:
    """Adds the attempts to what is written: the first has the body, the others of the same call name it."""
    call, first = SharedCall(connection, prepared), new_id()
    for number, wish in enumerate(members):
        journal = wish.head.journal
        attempt = Attempt(
            id=new_id() if number else first,
            journal_id=journal.id,
            purpose=prepared.purpose,
            fence=wish.lane.fence,
            started_at=group.now,
            request="" if number else prepared.body,
            call_id=first if len(members) > 1 else None,
        )
        group.writes.started.append(attempt)
        if prepared.purpose is Purpose.SEND:
            journal = replace(journal, status=JournalStatus.SENDING, gathering=False)
        if journal.status is not wish.kept:
            group.writes.steps.append((journal, str(prepared.purpose)))
        yield (
            wish.place,
            Step(journal=journal, document=wish.document, endpoint=endpoint, call=call, attempt=attempt, pays=not number),
        )
