"""A person has journals checked by the ERP."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.application.ask_polling_erp import ask_polling_erp
from app.application.connect_endpoint import ConnectEndpoint
from app.application.deliver import finished
from app.application.ports.clock import Clock, Ids
from app.application.ports.delivery import Attempt
from app.application.ports.erp import Answered, ErpConnection, Prepared
from app.application.ports.journals import Journal
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.select_journals import Selection, get_journal, selected_ids
from app.application.settle_delivery import judged
from app.domain.delivery import Problem, Purpose, ValidateOutcome, Validation
from app.domain.errors import JournalAlreadySent, NotFound
from app.domain.journal import JournalStatus

CHECKABLE = frozenset({JournalStatus.OPEN, JournalStatus.VALID, JournalStatus.INVALID, JournalStatus.REJECTED, JournalStatus.FAILED})
SIDE_BY_SIDE = 8


class ValidateJournals:
    """Asks the ERP about each journal and stores its verdict. An ERP that does not answer makes nothing valid; one that polls is
    offered the journals, which stay open until it has answered."""

    def __init__(self, units_of_work: UnitsOfWork, connect: ConnectEndpoint, clock: Clock, ids: Ids) -> None:
        self._units_of_work = units_of_work
        self._connect = connect
        self._clock = clock
        self._ids = ids

    async def __call__(self, tenant_id: UUID, selection: Selection, actor: str) -> Sequence[Journal]:
        """The journals as they are afterwards. One that is sent already or under way is a `JournalAlreadySent`."""
        async with self._units_of_work(tenant_id) as uow:
            ids = await selected_ids(uow, selection)
            for journal_id in ids:
                journal = await get_journal(uow, journal_id)
                if journal.status not in CHECKABLE:
                    raise JournalAlreadySent(f"journal {journal.reference} is {journal.status}")
            await uow.audit.write(actor, "journals.validate", "", {"journal_ids": [str(each) for each in ids]})
            await uow.commit()
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def in_place(journal_id: UUID) -> Journal:
            async with places:
                return await self._validate(tenant_id, journal_id, actor)

        return await asyncio.gather(*(in_place(journal_id) for journal_id in ids))

    async def _validate(self, tenant_id: UUID, journal_id: UUID, actor: str) -> Journal:
        asked = await ask_polling_erp(self._units_of_work, self._clock, tenant_id, journal_id, actor)
        if asked is not None:
            return asked
        journal, connection, prepared, attempt, minimum = await self._start(tenant_id, journal_id)
        answered: Answered[ValidateOutcome] = await connection.validate(prepared)
        outcome = answered.results[journal.reference]
        now = self._clock.now()
        async with self._units_of_work(tenant_id) as uow:
            await uow.attempts.finish(finished(attempt, outcome, answered.exchange, now))
            latest = await get_journal(uow, journal_id, lock=True)
            if (latest.version, latest.transactions) == (journal.version, journal.transactions):
                await uow.journals.update(_judged(latest, outcome, minimum), "validate", actor=actor)
            await uow.commit()
        async with self._units_of_work(tenant_id) as uow:
            return await get_journal(uow, journal_id)

    async def _start(self, tenant_id: UUID, journal_id: UUID) -> tuple[Journal, ErpConnection, Prepared, Attempt, str]:
        async with self._units_of_work(tenant_id) as uow:
            journal = await get_journal(uow, journal_id, lock=True)
            endpoint = await uow.endpoints.get(journal.endpoint)
            if endpoint is None:
                raise NotFound(f"there is no endpoint {journal.endpoint}")
            connection = self._connect(tenant_id, endpoint)
            prepared = connection.prepare(Purpose.VALIDATE, [await uow.journals.document(journal)])
            attempt = Attempt(
                id=self._ids.new(),
                journal_id=journal_id,
                purpose=Purpose.VALIDATE,
                fence=0,
                started_at=self._clock.now(),
                request=prepared.body,
            )
            await uow.attempts.start(attempt)
            await uow.dispatch.charge(journal.endpoint, 1, attempt.started_at)
            await uow.commit()
        return journal, connection, prepared, attempt, endpoint.minimum_validation or connection.capabilities.highest_validation


def _judged(journal: Journal, outcome: ValidateOutcome, minimum: str) -> Journal:
    if isinstance(outcome, Validation):
        return judged(outcome, journal, minimum)
    text = getattr(outcome, "reason", "the ERP is throttling")
    return replace(journal, status=JournalStatus.OPEN, problems=(Problem(line=None, code="erp-did-not-answer", message=text),))
