"""I11, I12, I17 and I22 over the real database: random plans of two orders, recorded by the use cases beside the pure domain."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.adapters.clock import TimeOrderedIds
from app.adapters.currencies import IsoCurrencies
from app.adapters.postgres.unit_of_work import PostgresUnitsOfWork
from app.application.ports.setup import Tenant
from app.application.ports.transactions import TransactionFilter
from app.application.record_event import RecordEvent
from app.application.recorded import EventResult
from app.application.verify import VerifyLedger
from app.domain.accounts import Account, AccountType
from app.domain.errors import DomainError
from app.domain.posting_manager import posting_manager
from tests.events import event
from tests.fakes import FakeClock
from tests.unit.properties.player import Player
from tests.unit.properties.profiles import EFFORT
from tests.unit.properties.strategies import ACCOUNTS, Plan, plans

EXAMPLES = settings(
    EFFORT,
    max_examples=max(10, EFFORT.max_examples // 8),
    suppress_health_check=[*EFFORT.suppress_health_check, HealthCheck.function_scoped_fixture],  # each example is its own tenant
)


@given(plan=plans(most=8), other=plans(most=4))
@EXAMPLES
def test_the_database_says_what_the_domain_says(database_url: str, plan: Plan, other: Plan) -> None:
    other = replace(other, manager=plan.manager, base=plan.base, currency=plan.currency, rates=plan.rates)
    asyncio.run(_compare(database_url, plan, other))


async def _compare(database_url: str, plan: Plan, other: Plan) -> None:
    engine = create_async_engine(database_url, poolclass=NullPool)
    try:
        store = _Store(PostgresUnitsOfWork(engine, IsoCurrencies()))
        await store.set_up(plan)
        player = _Recorded(plan)
        bystander = Player(other, "OTHER")
        for number, (kind, data) in enumerate(bystander.accepted):
            await store.record(f"other-{number}", kind, data)
        untouched = await store.balances("OTHER")
        first = [await store.record(f"e-{number}", kind, data) for number, (kind, data) in enumerate(player.sent)]
        assert [answer is not None for answer in first] == player.verdicts, "the domain and the store accept the same events"
        assert await store.balances("PO") == _domain_balances(player), "I11: balances are the sum of what is posted"
        assert await store.balances("OTHER") == untouched, "I22: one order's events leave the other alone"
        again = [await store.record(f"e-{number}", kind, data) for number, (kind, data) in enumerate(player.sent) if first[number]]
        assert [_ids(answer) for answer in again] == [_ids(answer) for answer in first if answer], "I12: the same transactions"
        assert all(answer is not None and answer.duplicate for answer in again)
        assert await store.balances("PO") == _domain_balances(player), "I12, I17: repeats and refusals move nothing"
        verification = await VerifyLedger(store.units_of_work, IsoCurrencies())(store.tenant_id)
        assert verification.equal, verification.differences
    finally:
        await engine.dispose()


class _Recorded(Player):
    """A player that keeps all that it sent, refused events too, with the domain's verdict on each."""

    def __init__(self, plan: Plan) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.verdicts: list[bool] = []
        super().__init__(plan)
        self.play_all()

    def send(self, kind: str, data: dict[str, Any]) -> Any:
        made = super().send(kind, data)
        self.sent.append((kind, data))
        self.verdicts.append(made is not None)
        return made


class _Store:
    """A tenant of its own in the database."""

    def __init__(self, units_of_work: PostgresUnitsOfWork) -> None:
        self.units_of_work = units_of_work
        self.tenant_id: UUID = TimeOrderedIds().new()
        self._record = RecordEvent(units_of_work, FakeClock(), TimeOrderedIds(), IsoCurrencies())

    async def set_up(self, plan: Plan) -> None:
        chart = {name: Account(name=name, code=each["account_code"], type=AccountType(each["type"])) for name, each in ACCOUNTS.items()}
        name = self.tenant_id.hex
        tenant = Tenant(id=self.tenant_id, name=name, base_currency=plan.base, time_zone="UTC", reference_prefix=name[:20])
        async with self.units_of_work(self.tenant_id) as uow:
            await uow.tenants.add(tenant)
            for account in chart.values():
                await uow.accounts.put(account)
            await uow.posting_managers.add(posting_manager(plan.manager, chart, 1))
            await uow.commit()

    async def record(self, event_id: str, kind: str, data: dict[str, Any]) -> EventResult | None:
        """None where it is refused."""
        try:
            return await self._record(self.tenant_id, event(event_id, kind, data))
        except DomainError:
            return None

    async def balances(self, number: str) -> dict[tuple[Any, ...], tuple[int, int]]:
        """Summed from the posted lines themselves, credit positive."""
        async with self.units_of_work(self.tenant_id) as uow:
            posted = await uow.transactions.page(TransactionFilter(order_number=number), after_place=0, limit=1_000)
        total: dict[tuple[Any, ...], tuple[int, int]] = {}
        for line in (line for each in posted for line in each.transaction.lines):
            key = (line.order_line, line.role, line.ledger, line.account, line.account_code, line.charge_code)
            sign = 1 if line.side == "credit" else -1
            document, base = total.get(key, (0, 0))
            total[key] = (document + sign * line.amount, base + sign * line.base_amount)
        assert all(each.transaction.accounting_date > date(2000, 1, 1) for each in posted)
        return {key: amounts for key, amounts in total.items() if amounts != (0, 0)}


def _domain_balances(player: Player) -> dict[tuple[Any, ...], tuple[int, int]]:
    return {tuple(key): tuple(amounts) for key, amounts in player.posted().items() if tuple(amounts) != (0, 0)}  # type: ignore[misc]


def _ids(answer: EventResult | None) -> list[UUID]:
    return [] if answer is None else [each.transaction.id for each in answer.transactions]
