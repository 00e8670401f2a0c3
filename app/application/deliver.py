"""Delivers what stands at the head of a leased lane: validate, send, and where an answer was lost, find before anything else.

Between two calls there is one unit of work: it stores what the first one brought, and commits the attempt and the payload of the
next one. So a worker that dies leaves an open attempt, and whoever takes the lane next looks the journal up in the ERP. Lanes of one
endpoint that come to that point together share the unit of work, and the call where the ERP takes several journals in one.
"""

from datetime import datetime, timedelta
from uuid import UUID

from app.application.gathered import Gathered
from app.application.next_call import Called, Step, make
from app.application.ports.attempt_witness import AttemptWitness, MadeCall
from app.application.ports.delivery import Lane
from app.application.settle_delivery import outcome_json
from app.application.take_turns import TakeTurns
from app.application.turn_group import Turn

LEASE_MARGIN = timedelta(seconds=1)
ORDER_LANE = "order:"


class Deliver:
    """Works through a leased lane until its head has to wait, needs a person, there is none, or the lease is used up."""

    def __init__(self, take_turns: TakeTurns, witness: AttemptWitness) -> None:
        self._take_turns = take_turns
        self._witness = witness
        self._gathered: dict[tuple[UUID, str], Gathered[Turn, Step | None]] = {}

    async def __call__(self, lane: Lane, lease_ends_at: datetime) -> None:
        called: Called | None = None
        while (step := await self._turn(Turn(lane=lane, called=called, ends_at=lease_ends_at - LEASE_MARGIN))) is not None:
            if step.pays:
                lane.allowance.take()
            called = await make(step)
            self._witness.saw(_made(lane, called))

    async def _turn(self, turn: Turn) -> Step | None:
        key = (turn.lane.tenant_id, turn.lane.endpoint)
        if key not in self._gathered:
            self._gathered[key] = Gathered(self._take_turns)
        return await self._gathered[key](turn)


def _made(lane: Lane, called: Called) -> MadeCall:
    step = called.step
    return MadeCall(
        tenant_id=lane.tenant_id,
        endpoint=lane.endpoint,
        order_number=lane.lane_key.removeprefix(ORDER_LANE) if lane.lane_key.startswith(ORDER_LANE) else None,
        journal_id=step.journal.id,
        reference=step.journal.reference,
        attempt_id=step.attempt.id,
        purpose=step.prepared.purpose,
        outcome=outcome_json(called.outcome)[0],
        duration_ms=called.exchange.duration_ms,
        journals=step.call.journals,
        counts=step.pays,
    )
