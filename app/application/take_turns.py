"""Turns of lanes of one endpoint: each stores what its last call brought and begins its next one. One unit of work for all of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from app.application.check_locally import check_locally
from app.application.compose_calls import Wish, compose
from app.application.connect_endpoint import ConnectEndpoint
from app.application.flow import JITTER_PERMILLE, Flow
from app.application.mapped import mapped
from app.application.next_call import Called, Step, minimum_of, purpose_of, resumed
from app.application.ports.chance import Chance
from app.application.ports.clock import Clock, Ids
from app.application.ports.delivery import Attempt, Lane
from app.application.ports.erp import ErpConnection, Exchange
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Endpoint
from app.application.ports.turns import Head, Leases, TurnWrites
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.settle_delivery import Outcome, Settlement, outcome_json, settled_validation
from app.application.turn_group import Turn, TurnGroup, just_validated, lost
from app.domain.delivery import CannotTell, Purpose, Rejected, Retryable, Unknown, ValidationLevel
from app.domain.journal import JournalStatus
from app.domain.mapping import Mapped

FAILURES = (Retryable, Unknown, CannotTell)
SEALED = "the credentials were sealed by a secret key that this service does not have: send them again"


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
        group = TurnGroup(turns=turns, now=now, writes=TurnWrites(ended=list(_ended(turns, now))))
        async with self._units_of_work(first.tenant_id) as uow:
            keys = [turn.lane.lane_key for turn in turns]
            found = await uow.turns.heads(first.endpoint, keys)
            leases = await uow.turns.hold(first.endpoint, keys)
            steps: Mapping[int, Step] = {}
            if leases is not None:
                held = [place for place, turn in enumerate(turns) if leases.fences.get(turn.lane.lane_key) == turn.lane.fence]
                for place in held:
                    group.settle(place, found.get(turns[place].lane.lane_key, ()), self._chance.permille(JITTER_PERMILLE))
                steps = await self._go_on(uow, group, leases, _told(called for place in held if (called := turns[place].called)))
            await uow.turns.write(group.writes)
            await _give_back(uow, [turn.lane for place, turn in enumerate(turns) if place not in steps], now)
            await uow.commit()
        return [steps.get(place) for place in range(len(turns))]

    async def _go_on(self, uow: UnitOfWork, group: TurnGroup, leases: Leases, outcomes: Sequence[Outcome]) -> Mapping[int, Step]:
        """What the outcomes mean for the endpoint as a whole, and the next calls that it allows."""
        endpoint = leases.endpoint
        ready = group.ready(await self._flow.told(uow, endpoint.name, leases.breaker, outcomes, group.now))
        if group.pause_reason is None and ready and not endpoint.paused:
            try:
                connection = self._connected(group.turns, endpoint)
                if connection.capabilities.batch_max != leases.batch_max:
                    await uow.turns.learn(endpoint.name, connection.capabilities.batch_max)
                return await self._begin(uow, group, ready, endpoint, connection)
            except SealedByOther:
                group.pause_reason = SEALED
        if group.pause_reason is not None:
            awaits = group.awaits_sign_in and (not endpoint.paused or endpoint.awaits_sign_in)  # what a person paused stays paused
            await uow.endpoints.pause(endpoint.name, paused=True, reason=group.pause_reason, awaits_sign_in=awaits)
        return {}

    async def _begin(
        self, uow: UnitOfWork, group: TurnGroup, ready: Mapping[int, Head], endpoint: Endpoint, connection: ErpConnection
    ) -> Mapping[int, Step]:
        """The next calls, not committed yet."""
        ended = {attempt.id for attempt in group.writes.ended}
        heads = {place: resumed(head, ended) for place, head in ready.items()}
        group.writes.ended.extend(lost(heads.values(), group.now))
        documents = await _documents(uow, group.turns, heads, endpoint)
        wishes = [
            Wish(
                place=place,
                lane=group.turns[place].lane,
                head=head,
                kept=ready[place].journal.status,
                document=documents[place].document,
            )
            for place, head in (await _checked(uow, group, heads, documents, endpoint, connection)).items()
        ]
        return compose(wishes, endpoint, connection, group, self._ids.new)

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


def _ended(turns: Sequence[Turn], now: datetime) -> Iterator[Attempt]:
    """The attempts of the calls that came back. What came back about several journals is kept with the first of them."""
    kept = set()
    for turn in turns:
        if (called := turn.called) is None:
            continue
        attempt = finished(called.step.attempt, called.outcome, called.exchange, now)
        yield attempt if attempt.call_id is None or attempt.call_id not in kept else replace(attempt, response=None)
        kept.add(attempt.call_id)


def _told(calls: Iterable[Called]) -> list[Outcome]:
    """What the endpoint is told: one outcome for each call. Where anything of an answer could be used, the ERP is there. A failure is
    told by the lane that paid for the call alone: the others may come back in another unit of work."""
    told: dict[int, Outcome] = {}
    for called in calls:
        if isinstance(called.outcome, FAILURES) and not called.step.pays:
            continue
        said = told.setdefault(id(called.step.call), called.outcome)
        if isinstance(said, FAILURES):
            told[id(called.step.call)] = called.outcome
    return list(told.values())


async def _documents(uow: UnitOfWork, turns: Sequence[Turn], heads: Mapping[int, Head], endpoint: Endpoint) -> dict[int, Mapped]:
    """What each call is about, by its place. What was validated just now is what is sent."""
    documents, to_build = {}, {}
    for place, head in heads.items():
        called = turns[place].called
        if called is not None and just_validated(head, called):
            documents[place] = Mapped(document=called.step.document)
        else:
            to_build[place] = head.journal
    built = await uow.journals.documents(list(to_build.values())) if to_build else {}
    return documents | {place: mapped(endpoint, built[journal.id]) for place, journal in to_build.items()}


async def _checked(
    uow: UnitOfWork,
    group: TurnGroup,
    heads: Mapping[int, Head],
    documents: Mapping[int, Mapped],
    endpoint: Endpoint,
    connection: ErpConnection,
) -> Mapping[int, Head]:
    """The heads that a call is to be made about, after the checks that need none. What they find is settled as the ERP's own verdict
    would be; where the ERP has no checks of its own they are all there is."""
    left, capabilities = _mapped_ones(group, heads, documents), connection.capabilities
    asked = {place: head for place, head in left.items() if purpose_of(head.journal) is Purpose.VALIDATE}
    if not asked:
        return left
    checked = [(head.journal, documents[place]) for place, head in asked.items()]
    verdicts = await check_locally(uow, endpoint.name, checked, connection, now=group.now)
    for place, head in asked.items():
        verdict = verdicts[head.journal.id]
        if verdict.valid and capabilities.highest_validation is not ValidationLevel.LOCAL:
            continue
        settlement = settled_validation(verdict, head.journal, now=group.now, minimum=minimum_of(endpoint, connection))
        if (same := group.apply(head, settlement, verdict)) is not None:
            left[place] = same
        else:
            del left[place]
    return left


def _mapped_ones(group: TurnGroup, heads: Mapping[int, Head], documents: Mapping[int, Mapped]) -> dict[int, Head]:
    """Without those whose mapping broke after they were validated: they are not sent, but wait rejected for a person to mend it. What is
    only looked up goes on, since that books nothing."""
    left = dict(heads)
    for place, head in heads.items():
        problems = documents[place].problems
        if problems and purpose_of(head.journal) is Purpose.SEND:
            rejected = Rejected(problems=problems)
            journal = replace(head.journal, status=JournalStatus.REJECTED, problems=problems)
            group.apply(head, Settlement(journal=journal, withdrawn=True), rejected)
            del left[place]
    return left


async def _give_back(uow: UnitOfWork, lanes: Sequence[Lane], now: datetime) -> None:
    """A lease that was lost stays with who has it; its calls were made all the same."""
    if lanes:
        await uow.turns.release(lanes)
    if unpaid := sum(lane.allowance.unpaid for lane in lanes):
        await uow.dispatch.charge(lanes[0].endpoint, unpaid, now)
