"""A person asks for a validation that the ERP will fetch by itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.application.polled_endpoint import POLL
from app.application.ports.clock import Clock
from app.application.ports.journals import Journal
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.problems import problem_of
from app.application.select_journals import get_journal
from app.application.validate_journal import CHECKABLE
from app.domain.errors import JournalAlreadySent
from app.domain.journal import JournalStatus


async def ask_polling_erp(units_of_work: UnitsOfWork, clock: Clock, tenant_id: UUID, journal_id: UUID, actor: str) -> Journal | None:
    """The journal, open until the ERP has answered; None where it is not for an ERP that polls. Asked again, nothing changes."""
    async with units_of_work(tenant_id) as uow:
        journal = await get_journal(uow, journal_id, lock=True)
        endpoint = await uow.endpoints.get(journal.endpoint)
        if endpoint is None or endpoint.delivery != POLL:
            return None
        if journal.status is not JournalStatus.OPEN:
            asked = replace(journal, status=JournalStatus.OPEN, validation_level=None, problems=())
            await uow.journals.update(asked, "validate", actor=actor)
        await uow.polls.want_validation(journal_id, clock.now())
        await uow.commit()
    async with units_of_work(tenant_id) as uow:
        return await get_journal(uow, journal_id)


async def ask_for_batches(uow: UnitOfWork, batch_ids: Sequence[UUID], now: datetime) -> None:
    """What waits in these batches for ERPs that poll: each is asked when it comes. What is sent or under way is refused."""
    under_way = problem_of(JournalAlreadySent("the journal is sent or under way"))
    for batch_id in batch_ids:
        await uow.batches.ask_pollers(batch_id, CHECKABLE, under_way, now)
