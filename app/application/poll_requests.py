"""An ERP asks what there is to validate or to post."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.application.mapped import mapped
from app.application.polled_endpoint import polled_endpoint
from app.application.ports.clock import Clock, Ids
from app.application.ports.delivery import Attempt, Lane
from app.application.ports.journals import Journal
from app.application.ports.polling import PollLease, PollPurpose
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.select_journals import get_journal
from app.domain.delivery import Problem, Purpose, ValidationLevel
from app.domain.journal import JournalStatus
from app.domain.journal_json import journal_json

MAYBE_BOOKED = frozenset({JournalStatus.SENDING, JournalStatus.UNKNOWN})
ATTEMPTS = {PollPurpose.VALIDATE: Purpose.VALIDATE, PollPurpose.POST: Purpose.SEND}


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRequest:
    """One journal for the ERP, leased to it. `journal` is what it should validate or post."""

    lease: PollLease
    journal: dict[str, Any]


class PollRequests:
    """Leases journals to an ERP that polls: those at the head of their lanes, the oldest first, never one to two pollers at once.

    A lease that runs out unanswered offers its journal again under a new one; what was offered for posting stays `sending`
    meanwhile, since there is no way to look it up: the ERP knows by our reference what it has. A paused endpoint is offered nothing,
    nor is anybody a journal that the endpoint's mapping leads nowhere.
    """

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._ids = ids

    async def __call__(self, tenant_id: UUID, name: str, *, limit: int, lease_seconds: int, actor: str) -> Sequence[PollRequest]:
        """Raises `NotFound`, or `Conflict` where the endpoint is not polled. Leases and payloads are kept before this returns."""
        async with self._units_of_work(tenant_id) as uow:
            endpoint = await polled_endpoint(uow, name)
            if endpoint.paused:
                return []
            now = self._clock.now()
            until = now + timedelta(seconds=lease_seconds)
            requests: list[PollRequest] = []
            offered: list[Journal] = []
            kept_back: list[Lane] = []
            for lane, journal_id in await uow.polls.lease(name, limit=limit, now=now, until=until):
                journal = await get_journal(uow, journal_id)
                sent = mapped(endpoint, await uow.journals.document(journal))
                if sent.problems:
                    await _refuse(uow, journal, sent.problems, actor)
                    kept_back.append(lane)
                    continue
                lease = PollLease(id=self._ids.new(), journal_id=journal_id, lane=lane, purpose=_purpose(journal), leased_until=until)
                requests.append(PollRequest(lease=lease, journal=journal_json(sent.document)))
                offered.append(journal)
            await uow.polls.give_back(kept_back)
            await uow.polls.offer([request.lease for request in requests], now)
            for request, journal in zip(requests, offered, strict=True):
                await self._start(uow, request, journal, actor)
            await uow.commit()
        return requests

    async def _start(self, uow: UnitOfWork, request: PollRequest, journal: Journal, actor: str) -> None:
        lease = request.lease
        attempt = Attempt(
            id=lease.id,
            journal_id=journal.id,
            purpose=ATTEMPTS[lease.purpose],
            fence=lease.lane.fence,
            started_at=self._clock.now(),
            request=stored_request(request.journal),
        )
        await uow.attempts.start(attempt)
        if lease.purpose is PollPurpose.POST and journal.status is not JournalStatus.SENDING:
            await uow.journals.update(_sending(journal), "send", actor=actor)


async def _refuse(uow: UnitOfWork, journal: Journal, problems: tuple[Problem, ...], actor: str) -> None:
    """It waits until a person has mended the mapping. One that the ERP may have booked stays what it is meanwhile."""
    if journal.status in MAYBE_BOOKED:
        return
    purpose = _purpose(journal)
    status, level = JournalStatus.REJECTED, journal.validation_level
    if purpose is PollPurpose.VALIDATE:
        status, level = JournalStatus.INVALID, ValidationLevel.LOCAL
    refused = replace(journal, status=status, validation_level=level, problems=problems)
    await uow.journals.update(refused, str(ATTEMPTS[purpose]), actor=actor)
    await uow.dispatch.withdraw(journal.id)


def stored_request(journal: dict[str, Any]) -> str:
    """A journal as the attempt keeps it."""
    return json.dumps(journal, ensure_ascii=False, separators=(",", ":"))


def _purpose(journal: Journal) -> PollPurpose:
    return PollPurpose.VALIDATE if journal.status is JournalStatus.OPEN else PollPurpose.POST


def _sending(journal: Journal) -> Journal:
    """From here on the ERP may book it: it takes no late transaction any more."""
    return replace(journal, status=JournalStatus.SENDING, gathering=False)
