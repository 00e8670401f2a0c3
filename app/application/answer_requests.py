"""An ERP that polls says what it made of a journal."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.application.late_booking import keep_late_booking
from app.application.mapped import mapped
from app.application.poll_requests import stored_request
from app.application.poll_verdict import PollResult, Verdict, check_fits, kept_verdict, outcome_of
from app.application.polled_endpoint import POLLED_LEVEL, polled_endpoint
from app.application.ports.clock import Clock
from app.application.ports.delivery import Attempt
from app.application.ports.journals import Journal
from app.application.ports.polling import PollLease, PollPurpose
from app.application.ports.setup import Endpoint
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.select_journals import get_journal
from app.application.settle_delivery import Settlement, outcome_json, settle
from app.domain.delivery import Booked, Rejected, Validation
from app.domain.errors import JournalAlreadySent, LeaseExpired, NotFound, VerdictDiffers
from app.domain.journal import FINISHED, JournalStatus
from app.domain.journal_json import journal_json


class AnswerRequests:
    """Takes an ERP's verdict on a journal that was leased to it.

    The same verdict again changes nothing, another one for the same lease is refused. A late one counts as long as nobody has
    concluded the journal or been offered it since; `accepted` counts even then, since the ERP has booked it. Where a person has marked
    the journal as sent under another number it is refused, and kept as a problem of the journal.
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
            check_fits(lease, verdict)
            if _said_before(lease, journal, verdict):
                return False
            attempt = next(each for each in await uow.attempts.of_journal(journal.id) if each.id == lease.id)
            now = self._clock.now()
            outcome = outcome_of(verdict)
            answered = _finished(attempt, verdict, outcome, now)
            if journal.status in FINISHED:
                if isinstance(outcome, Booked):
                    await keep_late_booking(uow, journal, attempt, answered, outcome.number, actor)
                raise _concluded(journal)
            await _check_counts(uow, endpoint, lease, journal, verdict, attempt)
            minimum = endpoint.minimum_validation or POLLED_LEVEL
            settlement = settle(outcome, journal, failures=0, now=now, jitter_permille=0, absent_after=None, minimum=minimum)
            await uow.attempts.finish(answered)
            await uow.journals.update(_let_go(settlement), str(attempt.purpose), actor=actor)
            await _settle_place(uow, lease, verdict, settlement, now)
            await uow.commit()
        return True


async def _lease(uow: UnitOfWork, name: str, verdict: Verdict) -> PollLease:
    lease = await uow.polls.find(verdict.lease_id)
    if lease is None or lease.lane.endpoint != name:
        raise NotFound(f"{name} has no such lease")
    return lease


def _said_before(lease: PollLease, journal: Journal, verdict: Verdict) -> bool:
    """Verdicts are the same by result and reference; the words of the problems do not make another one."""
    if lease.verdict is not None:
        if (lease.verdict["result"], lease.verdict["erp_reference"]) == (verdict.result, verdict.erp_reference):
            return True
        raise VerdictDiffers(f"the lease was answered with {lease.verdict['result']} {lease.verdict['erp_reference'] or ''}".rstrip())
    known = verdict.result is PollResult.ACCEPTED and verdict.erp_reference == journal.number
    return known and journal.status in FINISHED


def _concluded(journal: Journal) -> JournalAlreadySent:
    return JournalAlreadySent(f"journal {journal.reference} is {journal.status}{f' under {journal.number}' if journal.number else ''}")


def _let_go(settlement: Settlement) -> Journal:
    """A person who holds a journal holds nothing any more once the ERP has booked it."""
    return replace(settlement.journal, held=False) if settlement.done else settlement.journal


async def _check_counts(
    uow: UnitOfWork, endpoint: Endpoint, lease: PollLease, journal: Journal, verdict: Verdict, attempt: Attempt
) -> None:
    """Booked is booked. Any other verdict is about the journal as it was offered, and has to be the newest offer's."""
    newest = await uow.dispatch.hold_lease(lease.lane)
    if verdict.result is PollResult.ACCEPTED:
        return
    waiting = JournalStatus.SENDING if lease.purpose is PollPurpose.POST else JournalStatus.OPEN
    if not newest or journal.status is not waiting:
        raise LeaseExpired(f"journal {journal.reference} was offered again or concluded since")
    if lease.purpose is PollPurpose.VALIDATE:
        now = mapped(endpoint, await uow.journals.document(journal)).document
        if attempt.request != stored_request(journal_json(now)):
            raise LeaseExpired(f"journal {journal.reference} changed since it was offered, or its mapping did")


def _finished(attempt: Attempt, verdict: Verdict, outcome: Booked | Rejected | Validation, now: datetime) -> Attempt:
    name, detail = outcome_json(outcome)
    return replace(
        attempt,
        finished_at=now,
        response=stored_request(kept_verdict(verdict)),
        duration_ms=round((now - attempt.started_at).total_seconds() * 1000),
        outcome=name,
        detail=detail,
    )


async def _settle_place(uow: UnitOfWork, lease: PollLease, verdict: Verdict, settlement: Settlement, now: datetime) -> None:
    """The journal's place in its lane, and the lane goes on."""
    if settlement.done:
        await uow.dispatch.finish(lease.journal_id)
    elif settlement.withdrawn:
        await uow.dispatch.withdraw(lease.journal_id)
    await uow.polls.answer(lease, kept_verdict(verdict), now, for_all=settlement.done)
    await uow.polls.release(lease)
