"""Turns of lanes of one endpoint: each stores what its last call brought and begins its next one. One unit of work for all of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.application.check_locally import check_locally
from app.application.connect_endpoint import ConnectEndpoint
from app.application.flow import JITTER_PERMILLE, Flow
from app.application.next_call import NOT_BACK, Called, Step, absent_after, begin, minimum_of, purpose_of, resumed
from app.application.ports.chance import Chance
from app.application.ports.clock import Clock, Ids
from app.application.ports.delivery import Attempt, DeliveryRow, Lane
from app.application.ports.erp import ErpConnection, Exchange
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Endpoint
from app.application.ports.turns import Head, Leases, Place, TurnWrites
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.settle_delivery import Outcome, Settlement, outcome_json, settle, settled_validation
from app.domain.breaker import Breaker
from app.domain.delivery import Purpose, Unknown, Validation, ValidationLevel
from app.domain.journal import JournalDocument, JournalStatus

SEALED = "the credentials were sealed by a secret key that this service does not have: send them again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a lane brings: its last call, if it made one. No call begins at `ends_at` or after."""

    lane: Lane
    called: Called | None
    ends_at: datetime


@dataclass(slots=True)
class _Group:
    """The turns of a unit of work, and what comes of them. `heads` are what each can go on with, by its place in `turns`."""

    turns: Sequence[Turn]
    now: datetime
    writes: TurnWrites
    heads: dict[int, Head]
    pause_reason: str | None = None


class TakeTurns:
    """As many statements for thirty lanes as for one. What is not locked by its lease any more only has its attempt ended."""

    def __init__(self, units_of_work: UnitsOfWork, connect: ConnectEndpoint, clock: Clock, ids: Ids, chance: Chance) -> None:
        self._units_of_work = units_of_work
        self._connect = connect
        self._clock = clock
        self._ids = ids
        self._chance = chance
        self._flow = Flow(chance)

    async def __call__(self, turns: Sequence[Turn]) -> Sequence[Step | None]:
        """The next call of each; None where there is none to make now, and the lane is given back."""
        now, first = self._clock.now(), turns[0].lane
        ended = [finished(called.step.attempt, called.outcome, called.exchange, now) for turn in turns if (called := turn.called)]
        group = _Group(turns, now, TurnWrites(ended=ended), {})
        async with self._units_of_work(first.tenant_id) as uow:
            keys = [turn.lane.lane_key for turn in turns]
            found = await uow.turns.heads(first.endpoint, keys)
            leases = await uow.turns.hold(first.endpoint, keys)
            steps: Mapping[int, Step] = {}
            if leases is not None:
                held = [place for place, turn in enumerate(turns) if leases.fences.get(turn.lane.lane_key) == turn.lane.fence]
                for place in held:
                    self._settle(group, place, found.get(turns[place].lane.lane_key, ()))
                steps = await self._go_on(uow, group, leases, [called.outcome for place in held if (called := turns[place].called)])
            await uow.turns.write(group.writes)
            await _give_back(uow, [turn.lane for place, turn in enumerate(turns) if place not in steps], now)
            await uow.commit()
        return [steps.get(place) for place in range(len(turns))]

    def _settle(self, group: _Group, place: int, heads: Sequence[Head]) -> None:
        """Applies an outcome to what is there now, and finds the head that the lane can go on with at once, if there is one."""
        called = group.turns[place].called
        if not heads:
            return
        head = heads[0]
        if called is None or head.journal.id != called.step.journal.id:  # a person finished it meanwhile
            group.heads[place] = head
            return
        if isinstance(called.outcome, Validation) and _changed(head, called.step):
            group.heads[place] = head  # the verdict is about what is not there any more
            return
        settlement = settle(
            called.outcome,
            head.journal,
            failures=head.row.failures,
            now=group.now,
            jitter_permille=self._chance.permille(JITTER_PERMILLE),
            absent_after=absent_after(head.row, called.step.connection),
            minimum=called.step.minimum,
        )
        group.pause_reason = settlement.pause_reason or group.pause_reason
        if (left := _applied(group, head, settlement, called.outcome)) is not None:
            group.heads[place] = left
        elif settlement.go_on and len(heads) > 1:
            group.heads[place] = heads[1]

    async def _go_on(self, uow: UnitOfWork, group: _Group, leases: Leases, outcomes: Sequence[Outcome]) -> Mapping[int, Step]:
        """What the outcomes mean for the endpoint as a whole, and the next calls that it allows."""
        endpoint = leases.endpoint
        breaker = await self._flow.told(uow, endpoint.name, leases.breaker, outcomes, group.now)
        ready = {place: head for place, head in group.heads.items() if _may_call(group.turns[place], head, breaker, group.now)}
        if group.pause_reason is None and ready and not endpoint.paused:
            try:
                return await self._begin(uow, group, ready, endpoint, self._connected(group.turns, endpoint))
            except SealedByOther:
                group.pause_reason = SEALED
        if group.pause_reason is not None:
            await uow.endpoints.pause(endpoint.name, paused=True, reason=group.pause_reason)
        return {}

    async def _begin(
        self, uow: UnitOfWork, group: _Group, ready: Mapping[int, Head], endpoint: Endpoint, connection: ErpConnection
    ) -> Mapping[int, Step]:
        """The next calls, not committed yet."""
        ended = {attempt.id for attempt in group.writes.ended}
        kept = {place: head.journal.status for place, head in ready.items()}
        begun = {place: resumed(head, ended) for place, head in ready.items()}
        documents = await _documents(uow, group.turns, begun)
        group.writes.ended.extend(_lost(begun.values(), group.now))
        begun = await _checked(uow, group, begun, documents, endpoint, connection)
        return {
            place: begin(
                group.turns[place].lane,
                head,
                kept[place],
                documents[place],
                endpoint,
                connection,
                self._ids.new(),
                group.now,
                group.writes,
            )
            for place, head in begun.items()
        }

    def _connected(self, turns: Sequence[Turn], endpoint: Endpoint) -> ErpConnection:
        """The connection of a call before, where nobody changed the endpoint since."""
        for turn in turns:
            if turn.called is not None and turn.called.step.endpoint == endpoint:
                return turn.called.step.connection
        return self._connect(turns[0].lane.tenant_id, endpoint)


def finished(attempt: Attempt, outcome: Outcome, exchange: Exchange, now: datetime) -> Attempt:
    """The attempt with what came back."""
    name, detail = outcome_json(outcome)
    return replace(
        attempt,
        finished_at=now,
        status_code=exchange.status,
        response=exchange.body,
        duration_ms=exchange.duration_ms,
        outcome=name,
        detail=detail,
    )


async def _documents(uow: UnitOfWork, turns: Sequence[Turn], heads: Mapping[int, Head]) -> dict[int, JournalDocument]:
    """What each call is about, by its place. What was validated just now is what is sent."""
    documents, to_build = {}, {}
    for place, head in heads.items():
        called = turns[place].called
        if called is not None and _just_validated(head, called):
            documents[place] = called.step.document
        else:
            to_build[place] = head.journal
    built = await uow.journals.documents(list(to_build.values())) if to_build else {}
    return documents | {place: built[journal.id] for place, journal in to_build.items()}


async def _checked(
    uow: UnitOfWork,
    group: _Group,
    heads: Mapping[int, Head],
    documents: Mapping[int, JournalDocument],
    endpoint: Endpoint,
    connection: ErpConnection,
) -> dict[int, Head]:
    """The heads that a call is to be made about, after the checks that need none. What they find is settled as the ERP's own verdict
    would be; where the ERP has no checks of its own they are all there is."""
    left, capabilities = dict(heads), connection.capabilities
    asked = {place: head for place, head in heads.items() if purpose_of(head.journal) is Purpose.VALIDATE}
    if not asked:
        return left
    checked = [(head.journal, documents[place]) for place, head in asked.items()]
    verdicts = await check_locally(uow, endpoint.name, checked, max_lines=capabilities.max_lines, now=group.now)
    for place, head in asked.items():
        verdict = verdicts[head.journal.id]
        if verdict.valid and capabilities.highest_validation is not ValidationLevel.LOCAL:
            continue
        settlement = settled_validation(verdict, head.journal, now=group.now, minimum=minimum_of(endpoint, connection))
        if (next_head := _applied(group, head, settlement, verdict)) is not None:
            left[place] = next_head
        else:
            del left[place]
    return left


def _applied(group: _Group, head: Head, settlement: Settlement, outcome: Outcome) -> Head | None:
    """Has the settlement written; the same head as it is then, None where nothing more is to be done about it now."""
    group.writes.steps.append((settlement.journal, outcome_json(outcome)[0]))
    if (moved := _place(head.row, settlement)) is not None:
        group.writes.places.append(moved)
    if settlement.done or not settlement.go_on:
        return None
    row = replace(head.row, failures=settlement.failures, next_at=settlement.next_at or group.now)
    return Head(row=row, journal=settlement.journal)


async def _give_back(uow: UnitOfWork, lanes: Sequence[Lane], now: datetime) -> None:
    """A lease that was lost stays with who has it; its calls were made all the same."""
    if lanes:
        await uow.turns.release(lanes)
    if unpaid := sum(lane.allowance.unpaid for lane in lanes):
        await uow.dispatch.charge(lanes[0].endpoint, unpaid, now)


def _may_call(turn: Turn, head: Head, breaker: Breaker, now: datetime) -> bool:
    allowed = not breaker.is_open(now) and now < turn.ends_at and turn.lane.allowance.left > 0
    return allowed and head.row.wanted and not head.journal.held and head.row.next_at <= now


def _place(row: DeliveryRow, settlement: Settlement) -> Place | None:
    """Where the journal stands in its lane now, None where it is where it was: what is due already is not postponed to now."""
    plain = Place(journal_id=row.journal_id, done=settlement.done, wanted=row.wanted, failures=row.failures, next_at=row.next_at)
    if settlement.done:
        return plain
    if settlement.withdrawn:
        return replace(plain, wanted=False)
    if settlement.next_at is None or (settlement.go_on and row.failures == settlement.failures):
        return None
    return replace(plain, failures=settlement.failures, next_at=settlement.next_at)


def _lost(heads: Iterable[Head], now: datetime) -> Iterator[Attempt]:
    """Attempts whose outcome nobody wrote, ended."""
    name, detail = outcome_json(Unknown(reason=NOT_BACK))
    for head in heads:
        for each in head.row.open_attempts:
            opened = Attempt(id=each.id, journal_id=head.journal.id, purpose=each.purpose, fence=0, started_at=now, request="")
            yield replace(opened, finished_at=now, outcome=name, detail=detail)


def _changed(head: Head, step: Step) -> bool:
    """Whether the journal is another one than its document was built from."""
    return (head.journal.version, head.journal.transactions) != (step.journal.version, step.journal.transactions)


def _just_validated(head: Head, called: Called) -> bool:
    """Whether the call before made this journal valid, as against a person who validated a later version of it meanwhile."""
    same = called.step.journal.id == head.journal.id and not _changed(head, called.step)
    return same and isinstance(called.outcome, Validation) and head.journal.status is JournalStatus.VALID
