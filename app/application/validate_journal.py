"""One journal's validation: local rules, reference data, then the ERP's own answer. Two units of work with the call between them."""

from dataclasses import dataclass, replace
from uuid import UUID

from app.application.asked_by_person import made_call
from app.application.check_locally import check_locally
from app.application.connect_endpoint import ConnectEndpoint
from app.application.mapped import mapped
from app.application.next_call import minimum_of
from app.application.polled_endpoint import POLL
from app.application.ports.attempt_witness import AttemptWitness
from app.application.ports.clock import Clock, Ids
from app.application.ports.delivery import Attempt
from app.application.ports.erp import Answered, ErpConnection, Exchange, Prepared
from app.application.ports.journals import Journal
from app.application.ports.secrecy import SealedByOther
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.select_journals import get_journal
from app.application.settle_delivery import judged
from app.application.take_turns import SEALED, finished
from app.domain.delivery import Misconfigured, Problem, Purpose, ValidateOutcome, Validation, ValidationLevel
from app.domain.errors import Conflict, JournalAlreadySent, NotFound
from app.domain.journal import JournalStatus

CHECKABLE = frozenset({JournalStatus.OPEN, JournalStatus.VALID, JournalStatus.INVALID, JournalStatus.REJECTED, JournalStatus.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a validation came to, about the journal as it was when its document was built. `attempt` and `exchange` are None where no
    call was needed."""

    journal: Journal
    outcome: ValidateOutcome
    minimum: str
    attempt: Attempt | None = None
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A call that is to be made; its attempt is committed."""

    journal: Journal
    connection: ErpConnection
    prepared: Prepared
    attempt: Attempt
    minimum: str


class ValidateJournal:
    def __init__(self, units_of_work: UnitsOfWork, connect: ConnectEndpoint, clock: Clock, ids: Ids, witness: AttemptWitness) -> None:
        self._units_of_work = units_of_work
        self._connect = connect
        self._clock = clock
        self._ids = ids
        self._witness = witness

    async def ask(self, tenant_id: UUID, journal_id: UUID, *, paid: bool = False) -> Verdict:
        """The verdict, which `record` stores. Raises `JournalAlreadySent` where the journal is sent or under way, `Conflict` where its
        ERP polls by now. `paid`: the call's token is taken already."""
        async with self._units_of_work(tenant_id) as uow:
            question = await self._prepare(uow, journal_id)
            if isinstance(question, Question) and not paid:
                await uow.dispatch.charge(question.journal.endpoint, 1, question.attempt.started_at)
            await uow.commit()
        if isinstance(question, Verdict):
            return question
        answered: Answered[ValidateOutcome] = await question.connection.validate(question.prepared)
        outcome = answered.results[question.journal.reference]
        self._witness.saw(made_call(tenant_id, question.journal, question.attempt, outcome, answered.exchange))
        return Verdict(
            journal=question.journal,
            outcome=outcome,
            minimum=question.minimum,
            attempt=question.attempt,
            exchange=answered.exchange,
        )

    async def record(self, uow: UnitOfWork, verdict: Verdict, actor: str, *, take: bool = True) -> Journal | None:
        """Completes the attempt and stores the verdict. None where it was not taken: because it may not be, or because the journal is
        not the one that was asked about any more, a late transaction included."""
        if verdict.attempt is not None and verdict.exchange is not None:
            await uow.attempts.finish(finished(verdict.attempt, verdict.outcome, verdict.exchange, self._clock.now()))
        latest = await get_journal(uow, verdict.journal.id, lock=True)
        asked = verdict.journal
        if not take or (latest.version, latest.transactions) != (asked.version, asked.transactions):
            return None
        journal = _judged(latest, verdict)
        await uow.journals.update(journal, "validate", actor=actor)
        return journal

    async def _prepare(self, uow: UnitOfWork, journal_id: UUID) -> Question | Verdict:
        journal = await get_journal(uow, journal_id, lock=True)
        if journal.status not in CHECKABLE:
            raise JournalAlreadySent(f"journal {journal.reference} is {journal.status}")
        endpoint = await uow.endpoints.get(journal.endpoint)
        if endpoint is None:
            raise NotFound(f"there is no endpoint {journal.endpoint}")
        if endpoint.delivery == POLL:
            raise Conflict(f"{endpoint.name} is polled by the ERP: it is asked when it comes")
        try:
            connection = self._connect(uow.tenant_id, endpoint)
        except SealedByOther:
            return Verdict(journal=journal, outcome=Misconfigured(reason=SEALED), minimum="")
        sent = mapped(endpoint, await uow.journals.document(journal))
        now, capabilities = self._clock.now(), connection.capabilities
        minimum = minimum_of(endpoint, connection)
        local = (await check_locally(uow, journal.endpoint, [(journal, sent)], connection, now=now))[journal.id]
        if not local.valid:
            return Verdict(journal=journal, outcome=local, minimum=minimum)
        if capabilities.highest_validation is ValidationLevel.LOCAL:
            return Verdict(journal=journal, outcome=local, minimum=minimum)
        prepared = connection.prepare(Purpose.VALIDATE, [sent.document])
        attempt = Attempt(
            id=self._ids.new(), journal_id=journal_id, purpose=Purpose.VALIDATE, fence=0, started_at=now, request=prepared.body
        )
        await uow.attempts.start(attempt)
        return Question(journal=journal, connection=connection, prepared=prepared, attempt=attempt, minimum=minimum)


def unanswered(outcome: ValidateOutcome) -> str | None:
    """Why an ERP gave no verdict, None where it gave one."""
    return None if isinstance(outcome, Validation) else str(getattr(outcome, "reason", "the ERP is throttling"))


def _judged(journal: Journal, verdict: Verdict) -> Journal:
    if isinstance(verdict.outcome, Validation):
        return judged(verdict.outcome, journal, verdict.minimum)
    problem = Problem(line=None, code="erp-did-not-answer", message=str(unanswered(verdict.outcome)))
    return replace(journal, status=JournalStatus.OPEN, validation_level=None, problems=(problem,))
