"""A person marks journals as sent, though nothing goes to the ERP, or takes the mark back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.application.look_up_journal import Finding, LookedUp, LookUpJournal
from app.application.ports.clock import Clock
from app.application.ports.journal_sets import JournalState, Mark
from app.application.ports.journals import Journal
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.select_journals import AT_ONCE, MOST_NAMED, get_journal, refuse_out_of_reach, take, take_journal
from app.domain.errors import Conflict, ErpDidNotAnswer, Fault, Invalid
from app.domain.journal import JournalStatus

BY_HAND = "booked_by_hand"
SIDE_BY_SIDE = 8
MOST_LOOKED_UP = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """How many journals were marked, those that the ERP turned out to have, which are sent, and the first of all of them."""

    count: int
    found: Sequence[UUID]
    journals: Sequence[Journal]


class MarkAsSent:
    """Takes journals out of delivery for good: not required, or booked by hand under the ERP's own number. All or none, and nothing goes
    to the ERP. Refused for what is sent, marked or being sent; what is unknown is looked up in the ERP first, and is sent where it is
    there. An ERP that polls cannot be asked: once its lease has run out unanswered, what a person says of the journal counts."""

    def __init__(self, units_of_work: UnitsOfWork, look_up: LookUpJournal, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._look_up = look_up

    async def __call__(self, tenant_id: UUID, journal_ids: Sequence[UUID], mark: Mark, actor: str) -> Marked:
        """Raises `JournalAlreadySent`, or `ErpDidNotAnswer` where the ERP cannot tell about one that is unknown."""
        ids = tuple(dict.fromkeys(journal_ids))
        _check_mark(mark, ids)
        async with self._units_of_work(tenant_id) as uow:
            await take(uow, ids)
            unknown = await self._check(uow, ids)
            if not unknown:
                return await self._mark(uow, ids, mark, actor, found=())
        if len(unknown) > MOST_LOOKED_UP:
            raise Conflict(f"{len(unknown)} of the journals have to be looked up in the ERP first: at most {MOST_LOOKED_UP} at a time")
        looked_up = await self._find(tenant_id, [each.id for each in unknown])
        async with self._units_of_work(tenant_id) as uow:
            await take(uow, ids)
            found = await self._settle_found(uow, looked_up, actor)
            uncertain = [each for each in looked_up if each.finding is Finding.CANNOT_TELL]
            if uncertain:
                await uow.commit()
                told = [f"journal {each.journal.reference} may be in the ERP: {each.told}" for each in uncertain]
                raise ErpDidNotAnswer(told[0], *(Fault(pointer="/journal_ids", message=text) for text in told))
            rest = [journal_id for journal_id in ids if journal_id not in found]
            looked_at = {each.journal.id: each.journal.version for each in looked_up}
            if any(looked_at.get(each.id) != each.version for each in await self._check(uow, rest)):
                raise Conflict("one of the journals changed while it was looked up: look again")
            return await self._mark(uow, ids, mark, actor, found=found)

    async def unmark(self, tenant_id: UUID, journal_id: UUID, reason: str, actor: str) -> Journal:
        """Takes a mark back: the journal is open again, in its lane where it stood; what was never marked is a `Conflict`."""
        async with self._units_of_work(tenant_id) as uow:
            journal = await take_journal(uow, journal_id)
            if journal.status is not JournalStatus.MARKED_AS_SENT:
                raise Conflict(f"journal {journal.reference} is {journal.status}, not marked as sent")
            endpoint = await uow.endpoints.get(journal.endpoint)
            wanted = endpoint is not None and endpoint.release == "automatic"
            opened = replace(
                journal,
                status=JournalStatus.OPEN,
                number=None,
                reason_code=None,
                reason=None,
                finished_at=None,
                validation_level=None,
                problems=(),
            )
            await uow.journals.update(opened, "unmark", actor=actor, reason=reason)
            await uow.journal_sets.put_back(journal_id, wanted=wanted, now=self._clock.now())
            await uow.audit.write(actor, "journal.unmark", journal.reference, {"reason": reason, "was": journal.reason_code})
            await uow.commit()
        async with self._units_of_work(tenant_id) as uow:
            return await get_journal(uow, journal_id)

    async def _mark(self, uow: UnitOfWork, ids: Sequence[UUID], mark: Mark, actor: str, *, found: Sequence[UUID]) -> Marked:
        rest = [journal_id for journal_id in ids if journal_id not in found]
        if rest:
            now = self._clock.now()
            await uow.journal_sets.mark(rest, mark, actor=actor, now=now)
            await uow.polls.forget(rest, now)
            told = {"reason_code": mark.reason_code, "reason": mark.reason, "erp_reference": mark.number, "journals": len(rest)}
            await uow.audit.write(actor, "journals.mark_as_sent", "", told | {"journal_ids": [str(each) for each in rest[:MOST_NAMED]]})
        await uow.commit()
        journals = [await get_journal(uow, journal_id) for journal_id in ids[:AT_ONCE]]
        return Marked(count=len(rest), found=found, journals=journals)

    async def _check(self, uow: UnitOfWork, ids: Sequence[UUID]) -> Sequence[JournalState]:
        """Those that have to be looked up; raises where one is sent, marked or being sent."""
        await refuse_out_of_reach(uow, ids, self._clock.now())
        return await uow.journal_sets.to_look_up(ids, MOST_LOOKED_UP + 1)

    async def _find(self, tenant_id: UUID, ids: Sequence[UUID]) -> Sequence[LookedUp]:
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def in_place(journal_id: UUID) -> LookedUp:
            async with places:
                return await self._look_up(tenant_id, journal_id)

        return await asyncio.gather(*(in_place(journal_id) for journal_id in ids))

    async def _settle_found(self, uow: UnitOfWork, looked_up: Sequence[LookedUp], actor: str) -> Sequence[UUID]:
        """What the ERP has is sent, whatever becomes of the rest. A journal that was settled meanwhile keeps what was found then."""
        now = self._clock.now()
        found = [each for each in looked_up if each.finding is Finding.BOOKED]
        for each in found:
            journal = await get_journal(uow, each.journal.id)
            if journal.status is JournalStatus.UNKNOWN:
                sent = replace(journal, status=JournalStatus.SENT, number=each.told, problems=(), finished_at=now)
                await uow.journals.update(sent, "found_booked", actor=actor)
                await uow.dispatch.finish(journal.id)
                await uow.dispatch.wake(journal.id, now)
        return [each.journal.id for each in found]


def _check_mark(mark: Mark, ids: Sequence[UUID]) -> None:
    if mark.reason_code != BY_HAND:
        if mark.number is not None:
            raise _invalid("/erp_reference", "only what was booked by hand has a reference in the ERP")
        return
    if len(ids) != 1:
        raise _invalid("/journal_ids", "what was booked by hand is marked one journal at a time, each with its reference")
    if mark.number is None:
        raise _invalid("/erp_reference", "name the reference under which it was booked by hand")


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(message, Fault(pointer=pointer, message=message))
