"""Calls to an ERP that a person asks for, outside of delivery: they cost, are told and count as the dispatcher's own do."""

from uuid import UUID

from app.application.deliver import ORDER_LANE
from app.application.ports.attempt_witness import MadeCall
from app.application.ports.delivery import Attempt
from app.application.ports.erp import Exchange
from app.application.ports.journals import Journal
from app.application.ports.unit_of_work import UnitOfWork
from app.application.settle_delivery import Outcome, outcome_json
from app.domain.delivery import Misconfigured, Unauthorised


def made_call(tenant_id: UUID, journal: Journal, attempt: Attempt, outcome: Outcome, exchange: Exchange) -> MadeCall:
    """What logs and metrics are told of a call about this journal alone."""
    return MadeCall(
        tenant_id=tenant_id,
        endpoint=journal.endpoint,
        order_number=journal.lane_key.removeprefix(ORDER_LANE) if journal.lane_key.startswith(ORDER_LANE) else None,
        journal_id=journal.id,
        reference=journal.reference,
        attempt_id=attempt.id,
        purpose=attempt.purpose,
        outcome=outcome_json(outcome)[0],
        duration_ms=exchange.duration_ms,
        journals=1,
        counts=True,
    )


async def pause_where_shut_out(uow: UnitOfWork, endpoint: str, outcome: object) -> bool:
    """Whether the ERP did not let us in: then its endpoint is paused for a person. What a person paused awaits no sign-in."""
    if not isinstance(outcome, Unauthorised | Misconfigured):
        return False
    known = await uow.endpoints.get(endpoint)
    awaits = isinstance(outcome, Unauthorised) and known is not None and (not known.paused or known.awaits_sign_in)
    await uow.endpoints.pause(endpoint, paused=True, reason=outcome.reason, awaits_sign_in=awaits)
    return True
