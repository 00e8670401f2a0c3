"""An ERP's chart of accounts: looked at, and loaded for an ERP that cannot be asked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.application.ports.chart_pulls import PullState
from app.application.ports.clock import Clock
from app.application.ports.reference_data import ChartState
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.erp_chart import ErpAccount
from app.domain.errors import Fault, Invalid, NotFound

MOST_ACCOUNTS = 100_000
MOST_FAULTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPage:
    """`state` is None where nothing is known of the ERP; `pull` where it is not asked by night."""

    state: ChartState | None
    pull: PullState | None
    accounts: Sequence[ErpAccount]


class ReadErpChart:
    """What is known of an ERP's accounts, by code: all of them, or those that have a text in code or name."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, name: str, *, search: str | None, after: str | None, limit: int) -> ChartPage:
        async with self._units_of_work(tenant_id) as uow:
            if await uow.endpoints.get(name) is None:
                raise NotFound(f"there is no endpoint {name}")
            return ChartPage(
                state=await uow.reference_data.state(name),
                pull=await uow.chart_pulls.state(name),
                accounts=await uow.reference_data.search(name, search, after=after, limit=limit),
            )


class LoadErpChart:
    """Puts a chart in place of the one that is there, for an ERP that cannot be asked. One that can be asked replaces it by its own."""

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._clock = clock

    async def __call__(self, tenant_id: UUID, actor: str, name: str, accounts: Sequence[ErpAccount]) -> ChartPage:
        """Raises `Invalid` where a code comes twice or there are more than 100,000."""
        _check(accounts)
        async with self._units_of_work(tenant_id) as uow:
            if await uow.endpoints.get(name, lock=True) is None:
                raise NotFound(f"there is no endpoint {name}")
            await uow.reference_data.load(name, accounts, self._clock.now())
            await uow.audit.write(actor, "endpoint.chart_load", name, {"accounts": len(accounts)})
            state, pull = await uow.reference_data.state(name), await uow.chart_pulls.state(name)
            await uow.commit()
        return ChartPage(state=state, pull=pull, accounts=())


def _check(accounts: Sequence[ErpAccount]) -> None:
    if len(accounts) > MOST_ACCOUNTS:
        message = f"at most {MOST_ACCOUNTS} accounts"
        raise Invalid(message, Fault(pointer="/accounts", message=message))
    times = Counter(account.code for account in accounts)
    twice = [number for number, account in enumerate(accounts) if times[account.code] > 1]
    if twice:
        faults = [Fault(pointer=f"/accounts/{number}/code", message="comes more than once") for number in twice[:MOST_FAULTS]]
        raise Invalid("each code may come once", *faults)
