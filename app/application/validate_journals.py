"""A person has journals checked."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from app.application.ask_polling_erp import ask_for_batches, ask_polling_erp
from app.application.asked_by_person import pause_where_shut_out
from app.application.connect_endpoint import ConnectEndpoint
from app.application.flow import Flow
from app.application.ports.batches import Batch, BatchKind
from app.application.ports.clock import Clock, Ids
from app.application.ports.journals import Journal
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.select_journals import AT_ONCE, MOST_NAMED, Selection, get_journal, selected_ids
from app.application.validate_journal import CHECKABLE, ValidateJournal
from app.domain.errors import Fault, JournalAlreadySent, NotFound

SIDE_BY_SIDE = 8


class ValidateJournals:
    """Checks each journal by our own rules and by what the ERP told of itself, then asks the ERP, and stores the verdict. An ERP that does
    not answer makes nothing valid; one that polls is offered the journals, which stay open until it has answered. More than are answered
    in place become a batch, in which each journal has its own outcome. Calls count for the endpoint's breaker, and are made whatever it
    says: a person asks. An ERP that does not let us in pauses its endpoint, as in delivery."""

    def __init__(
        self, units_of_work: UnitsOfWork, connect: ConnectEndpoint, one: ValidateJournal, flow: Flow, clock: Clock, ids: Ids
    ) -> None:
        self._units_of_work = units_of_work
        self._connect = connect
        self.one = one
        self._flow = flow
        self._clock = clock
        self._ids = ids

    async def __call__(self, tenant_id: UUID, selection: Selection, actor: str) -> Sequence[Journal] | Batch:
        """The journals as they are afterwards, or the batch. Where one of few is sent or under way: `JournalAlreadySent`."""
        async with self._units_of_work(tenant_id) as uow:
            ids = await selected_ids(uow, selection)
            batch = None
            if len(ids) > AT_ONCE:
                batch = await self._put_to_work(uow, ids, actor)
            else:
                await _check(uow, ids)
            told = {"journal_ids": [str(each) for each in ids]} if batch is None else {"batch_id": str(batch.id), "journals": len(ids)}
            await uow.audit.write(actor, "journals.validate", "", told)
            await uow.commit()
        if batch is not None:
            return batch
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def in_place(journal_id: UUID) -> Journal:
            async with places:
                return await self._validate(tenant_id, journal_id, actor)

        return await asyncio.gather(*(in_place(journal_id) for journal_id in ids))

    async def _validate(self, tenant_id: UUID, journal_id: UUID, actor: str) -> Journal:
        asked = await ask_polling_erp(self._units_of_work, self._connect, self._clock, tenant_id, journal_id, actor)
        if asked is not None:
            return asked
        verdict = await self.one.ask(tenant_id, journal_id)
        async with self._units_of_work(tenant_id) as uow:
            await self.one.record(uow, verdict, actor)
            if verdict.attempt is not None:
                endpoint = verdict.journal.endpoint
                await pause_where_shut_out(uow, endpoint, verdict.outcome)
                await self._flow.told(uow, endpoint, await uow.dispatch.lock_breaker(endpoint), [verdict.outcome], self._clock.now())
            await uow.commit()
        async with self._units_of_work(tenant_id) as uow:
            return await get_journal(uow, journal_id)

    async def _put_to_work(self, uow: UnitOfWork, ids: Sequence[UUID], actor: str) -> Batch:
        now = self._clock.now()
        batch = Batch(id=self._ids.new(), kind=BatchKind.VALIDATE, actor=actor, created_at=now)
        if await uow.batches.add(batch, ids) != len(ids):
            raise NotFound("one of the journals is not there")
        await ask_for_batches(uow, [batch.id], now)
        await uow.batches.put_to_work(batch.id, now)
        return batch


async def _check(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    for journal_id in ids:
        await get_journal(uow, journal_id)
    refused = await uow.journal_sets.states(ids, MOST_NAMED, other_than=sorted(CHECKABLE))
    if refused:
        faults = [Fault(pointer="/journal_ids", message=f"journal {each.reference} is {each.status}") for each in refused]
        raise JournalAlreadySent(faults[0].message, *faults)
