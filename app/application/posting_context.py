"""What posting an event depends on besides the event and its orders: the tenant's set-up at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.application.ports.currencies import Currencies
from app.application.ports.setup import JournalTerms, Tenant
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.errors import NoPostingManager, NotFound
from app.domain.money import Currency
from app.domain.periods import Period, accounting_date
from app.domain.posting_manager import PostingManager

NO_POSTING_MANAGER = PostingManager()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingContext:
    """Loaded once per unit of work. `latest` is None until a posting manager is set up; entries do without."""

    tenant: Tenant
    base: Currency
    latest: PostingManager | None
    periods: Sequence[Period]
    endpoints: Sequence[JournalTerms]
    today: date

    def manager_for_new_orders(self) -> PostingManager:
        if self.latest is None:
            raise NoPostingManager("set up the posting manager first: PUT /v1/posting-manager")
        return self.latest

    def accounting_date(self, document_date: date) -> date:
        """By the newest posting manager's policy; `PeriodClosed` where it rejects."""
        policy = self.latest or NO_POSTING_MANAGER
        return accounting_date(document_date, self.periods, policy=policy.closed_period, cutoff_days=policy.cutoff_days, today=self.today)


async def load_context(uow: UnitOfWork, currencies: Currencies, now: datetime) -> PostingContext:
    """The set-up of the unit of work's tenant."""
    found = await uow.posting_set_up.get()
    base = currencies.get(found.tenant.base_currency) if found else None
    if found is None or base is None:
        raise NotFound("there is no such tenant")
    return PostingContext(
        tenant=found.tenant,
        base=base,
        latest=found.manager,
        periods=found.periods,
        endpoints=found.endpoints,
        today=now.astimezone(ZoneInfo(found.tenant.time_zone)).date(),
    )
