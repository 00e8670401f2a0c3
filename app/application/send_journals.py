"""A person sends journals that are valid, or has one tried again."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import zip_longest
from uuid import UUID

from app.application.deliver import Deliver
from app.application.ports.clock import Clock
from app.application.ports.delivery import LaneClaims
from app.application.ports.journals import Journal
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.select_journals import Selection, get_journal, selected_ids
from app.domain.errors import Conflict, JournalAlreadySent, JournalBlocked, JournalNotValid
from app.domain.journal import FINISHED, JournalStatus

SIDE_BY_SIDE = 8
UNDER_WAY = frozenset({JournalStatus.QUEUED, JournalStatus.SENDING, JournalStatus.UNKNOWN}) | FINISHED
STUCK = frozenset({JournalStatus.INVALID, JournalStatus.REJECTED, JournalStatus.FAILED})


class SendJournals:
    """Releases valid journals and delivers them at once. All or none: what is not valid, was sent, or would skip an earlier unsent
    journal of its order is refused."""

    def __init__(self, units_of_work: UnitsOfWork, claims: LaneClaims, deliver: Deliver, clock: Clock, lease_seconds: int) -> None:
        self._units_of_work = units_of_work
        self._claims = claims
        self._deliver = deliver
        self._clock = clock
        self._lease_seconds = lease_seconds

    async def __call__(self, tenant_id: UUID, selection: Selection, actor: str) -> Sequence[Journal]:
        """The journals as they are after one attempt each."""
        async with self._units_of_work(tenant_id) as uow:
            ids = await selected_ids(uow, selection)
            journals = [
                await self._release(uow, journal_id, version, ids, actor)
                for journal_id, version in zip_longest(ids, selection.versions[: len(ids)])
            ]
            await uow.audit.write(actor, "journals.send", "", {"journal_ids": [str(each) for each in ids]})
            await uow.commit()
        return await self._deliver_now(tenant_id, journals)

    async def retry(self, tenant_id: UUID, journal_id: UUID, actor: str) -> Journal:
        """Puts a journal that is invalid, rejected, failed or unknown to work again; unknown is looked up before anything is sent."""
        async with self._units_of_work(tenant_id) as uow:
            journal = await get_journal(uow, journal_id, lock=True)
            if journal.status in FINISHED:
                raise JournalAlreadySent(f"journal {journal.reference} is {journal.status}")
            if journal.status in STUCK:
                journal = replace(journal, status=JournalStatus.OPEN)
                await uow.journals.update(journal, "retry", actor=actor)
            await uow.dispatch.want(journal_id, self._clock.now())
            await uow.audit.write(actor, "journal.retry", journal.reference, {})
            await uow.commit()
        return (await self._deliver_now(tenant_id, [journal]))[0]

    async def hold(self, tenant_id: UUID, journal_id: UUID, actor: str, *, held: bool) -> Journal:
        """Holds a journal back, with all later ones of its lane, or lets it go again."""
        async with self._units_of_work(tenant_id) as uow:
            journal = await get_journal(uow, journal_id, lock=True)
            if journal.status in FINISHED or journal.status is JournalStatus.SENDING:
                raise JournalAlreadySent(f"journal {journal.reference} is {journal.status}")
            await uow.journals.update(replace(journal, held=held), "hold" if held else "release", actor=actor)
            if not held:
                await uow.dispatch.wake(journal_id, self._clock.now())
            await uow.audit.write(actor, "journal.hold" if held else "journal.release", journal.reference, {})
            await uow.commit()
        async with self._units_of_work(tenant_id) as uow:
            return await get_journal(uow, journal_id)

    async def _release(self, uow: UnitOfWork, journal_id: UUID, version: int | None, selected: Sequence[UUID], actor: str) -> Journal:
        journal = await get_journal(uow, journal_id, lock=True)
        if journal.status in UNDER_WAY:
            raise JournalAlreadySent(f"journal {journal.reference} is {journal.status}")
        if journal.status is not JournalStatus.VALID:
            raise JournalNotValid(f"journal {journal.reference} is {journal.status}: validate it first")
        if version is not None and version != journal.version:
            raise JournalNotValid(f"journal {journal.reference} changed since version {version}: look again")
        if journal.held:
            raise Conflict(f"journal {journal.reference} is held: release it first")
        blocking = [each for each in await uow.journals.blocking(journal) if each not in selected]
        if blocking:
            names = ", ".join(f"jnl_{each.hex}" for each in blocking)
            raise JournalBlocked(f"journal {journal.reference} would skip earlier journals of its order that are not sent: {names}")
        queued = replace(journal, status=JournalStatus.QUEUED, gathering=False)
        await uow.journals.update(queued, "send", actor=actor)
        await uow.dispatch.want(journal_id, self._clock.now())
        return queued

    async def _deliver_now(self, tenant_id: UUID, journals: Sequence[Journal]) -> Sequence[Journal]:
        """Works the lanes through here and now; a lane that a worker has already is left to it."""
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def work(endpoint: str, lane_key: str) -> None:
            async with places:
                now = self._clock.now()
                lane = await self._claims.claim_one(tenant_id, endpoint, lane_key, now=now, lease_seconds=self._lease_seconds)
                if lane is not None:
                    await self._deliver(lane, now + timedelta(seconds=self._lease_seconds))

        lanes = dict.fromkeys((journal.endpoint, journal.lane_key) for journal in journals)
        await asyncio.gather(*(work(endpoint, lane_key) for endpoint, lane_key in lanes))
        async with self._units_of_work(tenant_id) as uow:
            return [await get_journal(uow, journal.id) for journal in journals]
