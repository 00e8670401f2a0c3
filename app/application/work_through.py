"""What a person who posts journals to the GL works through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.application.browse import MOST_BLOCKING
from app.application.ports.clock import Clock
from app.application.ports.currencies import Currencies
from app.application.ports.journals import Journal, JournalSummary
from app.application.ports.setup import Endpoint
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.ports.worklists import Tally, Worklist
from app.application.select_journals import MOST_BY_DATE
from app.domain.errors import Fault, Invalid, NotFound
from app.domain.journal import JournalStatus
from app.domain.money import Currency

DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A page of a worklist with what stands around it: how many match by status, the unsent journals before its first day, and the
    endpoint's summary over all history. `worklist` None: the tenant has no endpoint."""

    endpoints: Sequence[Endpoint]
    worklist: Worklist | None
    journals: Sequence[Journal]
    blocked_by: Mapping[UUID, Sequence[UUID]]
    tallies: Mapping[JournalStatus, Tally]
    before: Tally
    summary: JournalSummary
    base: Currency
    today: date

    @property
    def matching(self) -> Tally:
        """Of the wanted status, or of all."""
        wanted = None if self.worklist is None else self.worklist.status
        found = [tally for status, tally in self.tallies.items() if wanted in (None, status)]
        return Tally(count=sum(each.count for each in found), total=sum(each.total for each in found))


class WorkThrough:
    """Reads worklists, each in one snapshot. Dates that are left out are the last seven days in the tenant's time zone; an endpoint that
    is left out is the tenant's first."""

    def __init__(self, units_of_work: UnitsOfWork, currencies: Currencies, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._currencies = currencies
        self._clock = clock

    async def __call__(
        self,
        tenant_id: UUID,
        *,
        endpoint: str | None,
        date_from: date | None,
        date_to: date | None,
        settled: bool,
        status: JournalStatus | None,
        after_place: int | None,
        limit: int,
    ) -> Work:
        """Raises `NotFound` where there is no such endpoint, `Invalid` where the dates are the wrong way round."""
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            base, today = await self._tenant(uow)
            endpoints = await uow.endpoints.list()
            wanted = _wanted(endpoints, endpoint, date_from, date_to or max(today, date_from or today))
            if wanted is None:
                nothing = JournalSummary(oldest_not_sent=None, transactions_not_posted=0, debit_total=0)
                return Work(
                    endpoints=(),
                    worklist=None,
                    journals=(),
                    blocked_by={},
                    tallies={},
                    before=Tally(),
                    summary=nothing,
                    base=base,
                    today=today,
                )
            worklist = Worklist(endpoint=wanted[0], date_from=wanted[1], date_to=wanted[2], settled=settled, status=status)
            page = await uow.worklists.page(worklist, after_place=after_place, limit=limit)
            return Work(
                endpoints=endpoints,
                worklist=worklist,
                journals=page,
                blocked_by=await uow.journal_sets.blocked_by([journal.id for journal in page], MOST_BLOCKING),
                tallies=await uow.worklists.tallies(worklist),
                before=await uow.worklists.unsent_before(worklist.endpoint, worklist.date_from),
                summary=await uow.journals.summary(worklist.endpoint),
                base=base,
                today=today,
            )

    async def ids(self, tenant_id: UUID, worklist: Worklist) -> Sequence[UUID]:
        """All that match; `Invalid` where they are more than anybody may handle at a time."""
        async with self._units_of_work(tenant_id) as uow:
            found = await uow.worklists.ids(worklist, MOST_BY_DATE + 1)
        if len(found) > MOST_BY_DATE:
            message = f"at most {MOST_BY_DATE} journals at a time: choose fewer days"
            raise Invalid(message, Fault(pointer="/from", message=message))
        return found

    async def chosen(self, tenant_id: UUID, ids: Sequence[UUID]) -> Sequence[Journal]:
        """These journals, in this order; those that are not there are left out."""
        async with self._units_of_work(tenant_id) as uow:
            found = await uow.journals.get_all(ids)
        return [found[each] for each in dict.fromkeys(ids) if each in found]

    async def _tenant(self, uow: UnitOfWork) -> tuple[Currency, date]:
        tenant = await uow.tenants.get()
        base = self._currencies.get(tenant.base_currency) if tenant else None
        if tenant is None or base is None:
            raise NotFound("there is no such tenant")
        return base, self._clock.now().astimezone(ZoneInfo(tenant.time_zone)).date()


def _wanted(endpoints: Sequence[Endpoint], endpoint: str | None, date_from: date | None, last: date) -> tuple[str, date, date] | None:
    names = [each.name for each in endpoints]
    if endpoint is not None and endpoint not in names:
        raise NotFound(f"there is no endpoint {endpoint}")
    first = date_from or last - timedelta(days=DAYS - 1)
    if first > last:
        raise Invalid(f"from {first} is after to {last}", Fault(pointer="/from", message="is after the last day"))
    return (endpoint or names[0], first, last) if names else None
