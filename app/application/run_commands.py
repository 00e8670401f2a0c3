"""Commands over all orders of a tenant, each order an entry in the log of its own: repost, and the roll at the year's end."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.application.events_in.envelope import Envelope, command_envelope
from app.application.ports.clock import Clock
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.record_event import RecordEvent
from app.application.recorded import EventResult
from app.domain.errors import DomainError, NoPostingManager, NotFound, PeriodClosed
from app.domain.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What became of one order: what it posted, or why it stays as it is."""

    order_number: str
    result: EventResult | None
    refusal: DomainError | None = None


class RunCommands:
    """Each order is its own unit of work, so that a large tenant is never locked as a whole; run again, it goes on where it stopped."""

    def __init__(self, units_of_work: UnitsOfWork, record_event: RecordEvent, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._record_event = record_event
        self._clock = clock

    async def repost(self, tenant_id: UUID, actor: str, *, preview: bool) -> Sequence[CommandResult]:
        """Moves open orders to the newest posting manager with balanced transactions; a preview answers the same and posts nothing."""
        now = self._clock.now()
        async with self._units_of_work(tenant_id) as uow:
            latest = await uow.posting_managers.latest()
            if latest is None:
                raise NoPostingManager("there is no posting manager to move orders to")
            numbers = await uow.orders.on_older_version(latest.version)
            if not preview:
                await uow.audit.write(actor, "posting_manager.repost", str(latest.version), {"orders": len(numbers)})
                await uow.commit()
        commands = [
            command_envelope(
                "posting-manager",
                f"repost/{latest.version}/{number}",
                "order.reposted",
                now,
                {"order_number": number, "posting_manager_version": latest.version},
            )
            for number in numbers
        ]
        return [await self._run(tenant_id, number, each, dry_run=preview) for number, each in zip(numbers, commands, strict=True)]

    async def roll_commitments(self, tenant_id: UUID, actor: str, period_name: str) -> Sequence[CommandResult]:
        """Liquidates the Estimates that are open at a period's end, and books them on the day after: one balanced pair per order, once."""
        now = self._clock.now()
        async with self._units_of_work(tenant_id) as uow:
            period = _open_period(await uow.periods.get(period_name), period_name)
            numbers = await uow.orders.committed(period.ends_on)
            await uow.audit.write(actor, "period.roll_commitments", period_name, {"orders": len(numbers)})
            await uow.commit()
        commands = [
            command_envelope(
                "periods",
                f"roll/{period_name}/{number}",
                "commitments.rolled",
                now,
                {"order_number": number, "period": period_name, "date": period.ends_on.isoformat()},
            )
            for number in numbers
        ]
        return [await self._run(tenant_id, number, each, dry_run=False) for number, each in zip(numbers, commands, strict=True)]

    async def _run(self, tenant_id: UUID, number: str, command: Envelope, *, dry_run: bool) -> CommandResult:
        try:
            return CommandResult(order_number=number, result=await self._record_event.record(tenant_id, command, dry_run=dry_run))
        except DomainError as refusal:
            return CommandResult(order_number=number, result=None, refusal=refusal)


def _open_period(period: Period | None, name: str) -> Period:
    if period is None:
        raise NotFound(f"there is no period {name}")
    if period.status == "closed":
        raise PeriodClosed(f"period {name} is closed: roll its commitments before closing it")
    return period
