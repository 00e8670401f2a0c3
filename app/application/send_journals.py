"""A person sends journals that are valid, or has one tried again."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from app.application.deliver import Deliver
from app.application.ports.batches import Batch, BatchKind
from app.application.ports.clock import Clock, Ids
from app.application.ports.delivery import LaneClaims
from app.application.ports.journal_sets import JournalState
from app.application.ports.journals import Journal
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.select_journals import (
    AT_ONCE,
    MOST_NAMED,
    Selection,
    get_journal,
    refuse_out_of_reach,
    selected_ids,
    take,
    take_journal,
)
from app.domain.errors import Conflict, DomainError, Fault, JournalAlreadySent, JournalBlocked, JournalNotValid
from app.domain.journal import FINISHED, JournalStatus

SIDE_BY_SIDE = 8
UNDER_WAY = frozenset({JournalStatus.QUEUED, JournalStatus.SENDING, JournalStatus.UNKNOWN}) | FINISHED
STUCK = frozenset({JournalStatus.INVALID, JournalStatus.REJECTED, JournalStatus.FAILED})
OUT_OF_REACH = FINISHED | {JournalStatus.SENDING}


class SendJournals:
    """Releases valid journals and delivers them at once. All or none: what is not valid, was sent, or would skip an earlier unsent
    journal of its order is refused. More than are answered in place are left to the workers as a batch."""

    def __init__(
        self, units_of_work: UnitsOfWork, claims: LaneClaims, deliver: Deliver, clock: Clock, ids: Ids, lease_seconds: int
    ) -> None:
        self._units_of_work = units_of_work
        self._claims = claims
        self._deliver = deliver
        self._clock = clock
        self._ids = ids
        self._lease_seconds = lease_seconds

    async def __call__(self, tenant_id: UUID, selection: Selection, actor: str) -> Sequence[Journal] | Batch:
        """The journals as they are after one attempt each, or the batch."""
        async with self._units_of_work(tenant_id) as uow:
            ids = await selected_ids(uow, selection)
            await take(uow, ids)
            await _check(uow, ids, _versions(selection))
            now = self._clock.now()
            await uow.journal_sets.queue(ids, actor=actor, now=now)
            batch = None
            told: dict[str, object] = {"journal_ids": [str(each) for each in ids]}
            if len(ids) > AT_ONCE:
                batch = Batch(id=self._ids.new(), kind=BatchKind.SEND, actor=actor, created_at=now)
                await uow.batches.add(batch, ids)
                told = {"batch_id": str(batch.id), "journals": len(ids)}
            await uow.audit.write(actor, "journals.send", "", told)
            await uow.commit()
        return await self._deliver_now(tenant_id, ids) if batch is None else batch

    async def retry(self, tenant_id: UUID, journal_id: UUID, actor: str, reason: str | None = None) -> Journal:
        """Puts a journal that is invalid, rejected, failed or unknown to work again; unknown is looked up before anything is sent."""
        async with self._units_of_work(tenant_id) as uow:
            journal = await take_journal(uow, journal_id)
            if journal.status in OUT_OF_REACH:
                raise JournalAlreadySent(f"journal {journal.reference} is {journal.status}")
            if journal.held:
                raise Conflict(f"journal {journal.reference} is held: release it first")
            if journal.status in STUCK:
                journal = replace(journal, status=JournalStatus.OPEN)
            await uow.journals.update(journal, "retry", actor=actor, reason=reason)
            await uow.dispatch.want(journal_id, self._clock.now())
            await uow.audit.write(actor, "journal.retry", journal.reference, _because(reason))
            await uow.commit()
        return (await self._deliver_now(tenant_id, [journal_id]))[0]

    async def hold(self, tenant_id: UUID, journal_id: UUID, actor: str, *, held: bool, reason: str | None = None) -> Journal:
        """Holds a journal back, with all later ones of its lane, or lets it go again. What an ERP that polls has in hand is refused."""
        action = "hold" if held else "release"
        async with self._units_of_work(tenant_id) as uow:
            journal = await take_journal(uow, journal_id)
            await refuse_out_of_reach(uow, [journal_id], self._clock.now())
            await uow.journals.update(replace(journal, held=held), action, actor=actor, reason=reason)
            if not held:
                await uow.dispatch.wake(journal_id, self._clock.now())
            await uow.audit.write(actor, f"journal.{action}", journal.reference, _because(reason))
            await uow.commit()
        async with self._units_of_work(tenant_id) as uow:
            return await get_journal(uow, journal_id)

    async def _deliver_now(self, tenant_id: UUID, ids: Sequence[UUID]) -> Sequence[Journal]:
        """Works the lanes through here and now; a lane that a worker has already is left to it."""
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def work(endpoint: str, lane_key: str) -> None:
            async with places:
                now = self._clock.now()
                lane = await self._claims.claim_one(tenant_id, endpoint, lane_key, now=now, lease_seconds=self._lease_seconds)
                if lane is not None:
                    await self._deliver(lane, now + timedelta(seconds=self._lease_seconds))

        journals = await self._journals(tenant_id, ids)
        lanes = dict.fromkeys((journal.endpoint, journal.lane_key) for journal in journals)
        await asyncio.gather(*(work(endpoint, lane_key) for endpoint, lane_key in lanes))
        return await self._journals(tenant_id, ids)

    async def _journals(self, tenant_id: UUID, ids: Sequence[UUID]) -> Sequence[Journal]:
        async with self._units_of_work(tenant_id) as uow:
            return [await get_journal(uow, journal_id) for journal_id in ids]


def _versions(selection: Selection) -> Mapping[UUID, int]:
    named = zip(selection.journal_ids, selection.versions, strict=False)
    return {journal_id: version for journal_id, version in named if version is not None}


async def _check(uow: UnitOfWork, ids: Sequence[UUID], versions: Mapping[UUID, int]) -> None:
    """Raises what stands against sending all of them, and names them."""
    refused = [(each, _refusal(each)) for each in await uow.journal_sets.not_sendable(ids, versions, MOST_NAMED)]
    for kind in (JournalAlreadySent, JournalNotValid, Conflict):
        if first := next((error for _, error in refused if type(error) is kind), None):
            raise kind(first.detail, *(Fault(pointer="/journal_ids", message=error.detail) for _, error in refused))
    skipped = [f"jnl_{each.hex}" for each in await uow.journal_sets.skipped(ids, MOST_NAMED)]
    if skipped:
        raise JournalBlocked(
            f"earlier journals of the same order are not sent and would be skipped: {', '.join(skipped)}",
            *(Fault(pointer="/journal_ids", message=f"{each} would be skipped") for each in skipped),
        )


def _refusal(state: JournalState) -> DomainError:
    if state.status in UNDER_WAY:
        return JournalAlreadySent(f"journal {state.reference} is {state.status}")
    if state.status is not JournalStatus.VALID:
        return JournalNotValid(f"journal {state.reference} is {state.status}: validate it first")
    if state.held:
        return Conflict(f"journal {state.reference} is held: release it first")
    return JournalNotValid(f"journal {state.reference} changed, it is in version {state.version} now: look again")


def _because(reason: str | None) -> Mapping[str, str]:
    return {} if reason is None else {"reason": reason}
