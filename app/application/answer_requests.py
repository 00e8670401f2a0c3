"""An ERP that polls says what it made of a journal."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.application.poll_requests import stored_request
from app.application.polled_endpoint import POLLED_LEVEL, polled_endpoint
from app.application.ports.clock import Clock
from app.application.ports.delivery import Attempt
from app.application.ports.journals import Journal
from app.application.ports.polling import PollLease, PollPurpose
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.select_journals import get_journal
from app.application.settle_delivery import Settlement, outcome_json, settle
from app.domain.delivery import Booked, Problem, Rejected, Validation
from app.domain.errors import Fault, Invalid, JournalAlreadySent, LeaseExpired, NotFound, VerdictDiffers
from app.domain.journal import FINISHED, JournalStatus
from app.domain.journal_json import journal_json

NO_REASON = Problem(line=None, code="refused", message="The ERP gave no reason")


class PollResult(StrEnum):
    """What an ERP answers: the first two to a validation, the others to a posting."""

    VALID = "valid"
    INVALID = "invalid"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


RESULTS = {
    PollPurpose.VALIDATE: frozenset({PollResult.VALID, PollResult.INVALID}),
    PollPurpose.POST: frozenset({PollResult.ACCEPTED, PollResult.REJECTED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One response. `pointer` is where it stands in the body."""

    lease_id: UUID
    journal_id: UUID
    result: PollResult
    erp_reference: str | None = None
    problems: tuple[Problem, ...] = ()
    pointer: str = ""


class AnswerRequests:
    """Takes an ERP's verdict on a journal that was leased to it.

    The same verdict again changes nothing, another one for the same lease is refused. A late one counts as long as nobody has
    concluded the journal or been offered it since; `accepted` counts even then, since the ERP has booked it.
    """

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._clock = clock

    async def check(self, tenant_id: UUID, name: str) -> None:
        """Raises `NotFound`, or `Conflict` where the endpoint is not polled."""
        async with self._units_of_work(tenant_id) as uow:
            await polled_endpoint(uow, name)

    async def __call__(self, tenant_id: UUID, name: str, verdict: Verdict, actor: str) -> bool:
        """False where the same was said before."""
        async with self._units_of_work(tenant_id) as uow:
            endpoint = await polled_endpoint(uow, name)
            lease = await _lease(uow, name, verdict)
            journal = await get_journal(uow, lease.journal_id, lock=True)
            lease = await _lease(uow, name, verdict)  # once more, now that no other answer can come between
            _check_fits(lease, verdict)
            if _said_before(lease, journal, verdict):
                return False
            attempt = next(each for each in await uow.attempts.of_journal(journal.id) if each.id == lease.id)
            await _check_counts(uow, lease, journal, verdict, attempt)
            now = self._clock.now()
            outcome = _outcome(verdict)
            settlement = settle(
                outcome,
                journal,
                failures=0,
                now=now,
                jitter_permille=0,
                absent_after=None,
                minimum=endpoint.minimum_validation or POLLED_LEVEL,
            )
            await uow.attempts.finish(_finished(attempt, verdict, outcome, now))
            await uow.journals.update(settlement.journal, str(attempt.purpose), actor=actor)
            await _settle_place(uow, lease, verdict, settlement, now)
            await uow.commit()
        return True


async def _lease(uow: UnitOfWork, name: str, verdict: Verdict) -> PollLease:
    lease = await uow.polls.find(verdict.lease_id)
    if lease is None or lease.lane.endpoint != name:
        raise NotFound(f"{name} has no such lease")
    return lease


def _check_fits(lease: PollLease, verdict: Verdict) -> None:
    faults = []
    if verdict.journal_id != lease.journal_id:
        faults.append(Fault(pointer=f"{verdict.pointer}/journal_id", message="is not the journal of this lease"))
    if verdict.result not in RESULTS[lease.purpose]:
        message = f"the lease is to {lease.purpose}: must be one of {', '.join(sorted(RESULTS[lease.purpose]))}"
        faults.append(Fault(pointer=f"{verdict.pointer}/result", message=message))
    elif verdict.result is PollResult.ACCEPTED and verdict.erp_reference is None:
        faults.append(Fault(pointer=f"{verdict.pointer}/erp_reference", message="must be given with accepted"))
    if faults:
        raise Invalid("the response does not fit its lease", *faults)


def _said_before(lease: PollLease, journal: Journal, verdict: Verdict) -> bool:
    """Verdicts are the same by result and reference; the words of the problems do not make another one."""
    if lease.verdict is not None:
        if (lease.verdict["result"], lease.verdict["erp_reference"]) == (verdict.result, verdict.erp_reference):
            return True
        raise VerdictDiffers(f"the lease was answered with {lease.verdict['result']} {lease.verdict['erp_reference'] or ''}".rstrip())
    if journal.status in FINISHED:
        if verdict.result is PollResult.ACCEPTED and verdict.erp_reference == journal.number:
            return True
        raise JournalAlreadySent(f"journal {journal.reference} is {journal.status}{f' under {journal.number}' if journal.number else ''}")
    return False


async def _check_counts(uow: UnitOfWork, lease: PollLease, journal: Journal, verdict: Verdict, attempt: Attempt) -> None:
    """Booked is booked. Any other verdict is about the journal as it was offered, and has to be the newest offer's."""
    newest = await uow.dispatch.hold_lease(lease.lane)
    if verdict.result is PollResult.ACCEPTED:
        return
    waiting = JournalStatus.SENDING if lease.purpose is PollPurpose.POST else JournalStatus.OPEN
    if not newest or journal.status is not waiting:
        raise LeaseExpired(f"journal {journal.reference} was offered again or concluded since")
    if lease.purpose is PollPurpose.VALIDATE and attempt.request != stored_request(journal_json(await uow.journals.document(journal))):
        raise LeaseExpired(f"journal {journal.reference} changed since it was offered")


def _outcome(verdict: Verdict) -> Booked | Rejected | Validation:
    """A warning is what an ERP complains of in a journal that it finds valid."""
    match verdict.result:
        case PollResult.ACCEPTED:
            return Booked(number=verdict.erp_reference or "")
        case PollResult.REJECTED:
            return Rejected(problems=verdict.problems or (NO_REASON,))
        case PollResult.INVALID:
            return Validation(level=POLLED_LEVEL, problems=verdict.problems or (NO_REASON,))
        case PollResult.VALID:
            return Validation(level=POLLED_LEVEL, problems=tuple(replace(each, severity="warning") for each in verdict.problems))


def _finished(attempt: Attempt, verdict: Verdict, outcome: Booked | Rejected | Validation, now: datetime) -> Attempt:
    name, detail = outcome_json(outcome)
    return replace(
        attempt,
        finished_at=now,
        response=stored_request(_kept(verdict)),
        duration_ms=round((now - attempt.started_at).total_seconds() * 1000),
        outcome=name,
        detail=detail,
    )


def _kept(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the lease keeps it."""
    problems: list[Mapping[str, Any]] = [{"line": each.line, "code": each.code, "message": each.message} for each in verdict.problems]
    return {"result": str(verdict.result), "erp_reference": verdict.erp_reference, "problems": problems}


async def _settle_place(uow: UnitOfWork, lease: PollLease, verdict: Verdict, settlement: Settlement, now: datetime) -> None:
    """The journal's place in its lane, and the lane goes on."""
    if settlement.done:
        await uow.dispatch.finish(lease.journal_id)
    elif settlement.withdrawn:
        await uow.dispatch.withdraw(lease.journal_id)
    await uow.polls.answer(lease, _kept(verdict), now, for_all=settlement.done)
    await uow.polls.release(lease)
