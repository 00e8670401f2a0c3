"""The charts of ERPs that can be asked, asked for again by night."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.application.ask_erp import ask_erp, keep_told
from app.application.connect_endpoint import ConnectEndpoint
from app.application.ports.chart_pulls import Pull, PullClaims, PullState
from app.application.ports.clock import Clock
from app.application.ports.erp import Checked
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Endpoint
from app.application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from app.application.take_turns import SEALED
from app.domain.pull_times import FRESH, after_failure, is_night, next_night

LEASE = timedelta(minutes=15)
MOST_PLANNED = 1_000
LONGEST_PROBLEM = 1_000


class PullCharts:
    """Asks each ERP whose endpoint pushes, is not paused, and was not asked in the last 20 hours, at its own minute of the night in the
    tenant's time zone. A failure is kept and tried again half an hour later, as long as it is night."""

    def __init__(self, units_of_work: UnitsOfWork, claims: PullClaims, connect: ConnectEndpoint, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._claims = claims
        self._connect = connect
        self._clock = clock

    async def __call__(self) -> bool:
        """Asks one ERP that is due; False where none is."""
        now = self._clock.now()
        for each in await self._claims.unplanned(MOST_PLANNED):
            async with self._units_of_work(each.tenant_id) as uow:
                await uow.chart_pulls.plan(each.endpoint, next_night(f"{each.tenant_id}/{each.endpoint}", now, ZoneInfo(each.time_zone)))
                await uow.commit()
        pull = await self._claims.claim(now, now + LEASE)
        if pull is None:
            return False
        await self._pull(pull, now)
        return True

    async def _pull(self, pull: Pull, now: datetime) -> None:
        async with self._units_of_work(pull.tenant_id) as uow:
            endpoint = await uow.endpoints.get(pull.endpoint)
            known = await uow.reference_data.state(pull.endpoint)
            fresh = known is not None and known.asked_at is not None and known.asked_at > now - FRESH
            if endpoint is None or fresh or not is_night(now, ZoneInfo(pull.time_zone)):
                await _not_now(uow, pull, now)
                await uow.commit()
                return
        checked = await self._ask(pull, endpoint)
        async with self._units_of_work(pull.tenant_id) as uow:
            now = self._clock.now()
            kept = isinstance(checked, Checked) and await keep_told(uow, pull.endpoint, checked, now)
            await uow.chart_pulls.settle(pull, _told(pull, now) if kept else _failed(pull, now, checked))
            await uow.commit()

    async def _ask(self, pull: Pull, endpoint: Endpoint) -> Checked | str:
        """What the ERP told, or why it could not be asked."""
        try:
            return await ask_erp(self._connect, pull.tenant_id, endpoint)
        except SealedByOther:
            return SEALED


async def _not_now(uow: UnitOfWork, pull: Pull, now: datetime) -> None:
    before = await uow.chart_pulls.state(pull.endpoint)
    failed_at, problem = (before.failed_at, before.problem) if before else (None, None)
    state = PullState(next_at=_next(pull, now), failures=pull.failures, failed_at=failed_at, problem=problem)
    await uow.chart_pulls.settle(pull, state)


def _told(pull: Pull, now: datetime) -> PullState:
    return PullState(next_at=_next(pull, now), failures=0, failed_at=None, problem=None)


def _failed(pull: Pull, now: datetime, told: Checked | str) -> PullState:
    problem = told if isinstance(told, str) else " ".join(told.problems) or "the ERP did not let Glint in"
    again = after_failure(_name(pull), now, ZoneInfo(pull.time_zone))
    return PullState(next_at=again, failures=pull.failures + 1, failed_at=now, problem=problem[:LONGEST_PROBLEM])


def _next(pull: Pull, now: datetime) -> datetime:
    return next_night(_name(pull), now, ZoneInfo(pull.time_zone))


def _name(pull: Pull) -> str:
    return f"{pull.tenant_id}/{pull.endpoint}"
