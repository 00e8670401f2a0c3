"""A person asks for a validation that the ERP will fetch by itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.application.check_locally import check_locally
from app.application.connect_endpoint import ConnectEndpoint
from app.application.mapped import mapped
from app.application.polled_endpoint import POLL
from app.application.ports.clock import Clock
from app.application.ports.journals import Journal
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Endpoint
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.problems import problem_of
from app.application.select_journals import get_journal
from app.application.settle_delivery import judged
from app.application.validate_journal import CHECKABLE
from app.domain.delivery import ValidationLevel
from app.domain.errors import JournalAlreadySent
from app.domain.journal import JournalStatus


async def ask_polling_erp(
    units_of_work: UnitsOfWork, connect: ConnectEndpoint, clock: Clock, tenant_id: UUID, journal_id: UUID, actor: str
) -> Journal | None:
    """The journal, open until the ERP has answered; None where it is not for an ERP that polls. Asked again, nothing changes. What the
    checks that need no call refuse is invalid at once, and the ERP is not asked."""
    async with units_of_work(tenant_id) as uow:
        journal = await get_journal(uow, journal_id, lock=True)
        endpoint = await uow.endpoints.get(journal.endpoint)
        if endpoint is None or endpoint.delivery != POLL:
            return None
        refused = await _refused(uow, connect, endpoint, journal, clock.now())
        if refused is not None:
            await uow.journals.update(refused, "validate", actor=actor)
            await uow.commit()
            return await _now(units_of_work, tenant_id, journal_id)
        if journal.status is not JournalStatus.OPEN:
            asked = replace(journal, status=JournalStatus.OPEN, validation_level=None, problems=())
            await uow.journals.update(asked, "validate", actor=actor)
        await uow.polls.want_validation(journal_id, clock.now())
        await uow.commit()
    return await _now(units_of_work, tenant_id, journal_id)


async def ask_for_batches(uow: UnitOfWork, batch_ids: Sequence[UUID], now: datetime) -> None:
    """What waits in these batches for ERPs that poll: each is asked when it comes. What is sent or under way is refused."""
    under_way = problem_of(JournalAlreadySent("the journal is sent or under way"))
    for batch_id in batch_ids:
        await uow.batches.ask_pollers(batch_id, CHECKABLE, under_way, now)


async def _refused(uow: UnitOfWork, connect: ConnectEndpoint, endpoint: Endpoint, journal: Journal, now: datetime) -> Journal | None:
    """The journal with what our checks found, None where they found nothing. What cannot be opened of the endpoint is not needed."""
    try:
        connection = connect(uow.tenant_id, endpoint)
    except SealedByOther:
        return None
    sent = mapped(endpoint, await uow.journals.document(journal))
    found = (await check_locally(uow, endpoint.name, [(journal, sent)], connection, now=now))[journal.id]
    return None if found.valid else judged(found, journal, ValidationLevel.LOCAL)


async def _now(units_of_work: UnitsOfWork, tenant_id: UUID, journal_id: UUID) -> Journal:
    async with units_of_work(tenant_id) as uow:
        return await get_journal(uow, journal_id)
