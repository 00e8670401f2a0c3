"""An order's history played again from the log, by the very code that posted it: what audits, explanations and past dates rest on."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.application.ports.currencies import Currencies
from app.application.ports.events import StoredEvent
from app.application.ports.setup import Tenant
from app.application.ports.unit_of_work import UnitOfWork
from app.application.stored_events import read_stored
from app.domain.entry import mirrored
from app.domain.errors import NotFound
from app.domain.events import CommitmentsRolled, Event
from app.domain.invoicing import translation_rate
from app.domain.money import Amounts, Currency
from app.domain.posting import NOTHING, OrderView, Posting, apply_to, difference, post, roll
from app.domain.posting_manager import PostingManager
from app.domain.targets import BalanceKey, Balances, commitment_targets
from app.domain.transaction import TransactionLine

NOT_THERE = OrderView(order=None, posted={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event on one order: the state before it, what it made of it, with which set-up it was decided, and the lines of each
    transaction that it posts for the order, by accounting date: none, one, or the pair of a roll over the year's end."""

    stored: StoredEvent
    event: Event
    before: OrderView
    posting: Posting
    manager: PostingManager
    rate: Fraction
    accounting_date: date
    transactions: tuple[tuple[date, tuple[TransactionLine, ...]], ...]

    @property
    def after(self) -> OrderView:
        return OrderView(order=self.posting.order, posted={**self.before.posted, **self.posting.balances})


class Replay:
    """Replays orders of one tenant inside one unit of work. Each event is decided as it was: same versions, same dates."""

    def __init__(self, uow: UnitOfWork, tenant: Tenant, currencies: Currencies) -> None:
        base = currencies.get(tenant.base_currency)
        if base is None:
            raise NotFound(f"{tenant.base_currency} is no currency any more")
        self._uow = uow
        self._tenant = tenant
        self._base: Currency = base
        self._currencies = currencies
        self._managers: dict[int, PostingManager] = {}

    async def order(self, number: str, *, up_to: int | None = None) -> AsyncIterator[Step]:
        """The steps of an order in the order in which they were applied, up to a position in the log, which is included."""
        view = NOT_THERE
        for stored in await self._uow.events.of_order(number, up_to=up_to):
            event = read_stored(stored, self._tenant.time_zone, self._currencies)
            managers = await self._decided_with(stored.decision["manager_versions"])
            after = apply_to(event, number, view.order, managers, self._base)
            rate = translation_rate(event, after)
            posting = post(view, after, managers[number], rate)
            day = date.fromisoformat(stored.decision["accounting_date"])
            step = Step(
                stored=stored,
                event=event,
                before=view,
                posting=posting,
                manager=managers[number],
                rate=rate,
                accounting_date=day,
                transactions=await self._transactions(stored, event, number, day, posting),
            )
            yield step
            view = step.after

    async def commitments(self, number: str, *, as_of: date, up_to: int | None = None) -> tuple[Step, tuple[TransactionLine, ...]] | None:
        """The last step of an order, and the lines that take out what was committed on a day; None where it had not come.

        What was committed on a day is the sum of what each event dated until then did to the commitments: events come in another
        order than their dates, and the state "as of" a day need not be one that the order ever had.
        """
        last: Step | None = None
        committed: dict[BalanceKey, Amounts] = {}
        before: Balances = {}
        async for step in self.order(number, up_to=up_to):
            after = commitment_targets(step.posting.order, step.manager)
            if step.accounting_date <= as_of:
                for key, change in difference(after, before):
                    old = committed.get(key, NOTHING)
                    committed[key] = Amounts(old.document + change.document, old.base + change.base)
            before, last = after, step
        return None if last is None else (last, roll(last.posting.order, committed))

    async def _transactions(
        self, stored: StoredEvent, event: Event, number: str, day: date, posting: Posting
    ) -> tuple[tuple[date, tuple[TransactionLine, ...]], ...]:
        if not isinstance(event, CommitmentsRolled):
            return ((day, posting.lines),) if posting.lines else ()
        rolled = await self.commitments(number, as_of=day, up_to=(stored.applied or 0) - 1)
        if rolled is None or not rolled[1]:
            return ()
        return ((day, rolled[1]), (date.fromisoformat(stored.decision["next_date"]), mirrored(rolled[1])))

    async def _decided_with(self, versions: Mapping[str, int]) -> dict[str, PostingManager]:
        return {number: await self._manager(version) for number, version in versions.items()}

    async def _manager(self, version: int) -> PostingManager:
        if version not in self._managers:
            found = await self._uow.posting_managers.get(version)
            if found is None:
                raise NotFound(f"posting manager version {version} is gone")
            self._managers[version] = found
        return self._managers[version]
