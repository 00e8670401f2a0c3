"""What pages read and what a receipt costs with 1,000,000 transactions of history, against the same with 10,000 and as many open
lines: each follows an index and stops at its page. In turn."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from itertools import repeat

from sqlalchemy import text

from app.adapters.clock import TimeOrderedIds
from app.adapters.postgres.statements import position
from app.application.ports.setup import ApiKey, Scope
from app.application.token_hash import token_hash
from bench.figures import Figure
from bench.growth_of_events import Receipts, figure, in_turn, ordered, served
from bench.history import PER_ORDER, make_history, vacuum
from bench.pages import Page, lists, pages
from bench.run import run
from bench.server import Server
from tests.events import entry, order, receipt
from tests.world import World, make_world

FEW, MANY, OPEN, TRIES = 10_000, 1_000_000, 50, 25
GOAL = 1.5
SUBJECT = f"Reading, with {MANY:,} transactions of history"
KEY, PLENTIFUL = "bench-key", "PO-PLENTY"
MIDDLE = """
SELECT sequence, written_in::text AS written_in_number FROM account_transaction
WHERE tenant_id = :tenant_id ORDER BY written_in, sequence OFFSET :half LIMIT 1
"""


async def filled(world: World, transactions: int) -> None:
    """So many transactions of history, and orders that are open."""
    await make_history(world, transactions // PER_ORDER)
    await world.record("club", "entry.recorded", entry())
    for number in range(OPEN):
        await world.record(f"o{number}", "order.created", order(f"OPEN-{number}"))
        await world.record(f"r{number}", "goods.received", receipt(f"OPEN-{number}", receipt_number=f"R-{number}"))
    plenty = ordered(PLENTIFUL)
    await world.record(plenty["id"], plenty["type"], plenty["data"])
    async with world.units_of_work(world.tenant_id) as uow:
        key = ApiKey(
            id=TimeOrderedIds().new(), tenant_id=world.tenant_id, name=KEY, scopes=(Scope.EVENTS_WRITE,), created_at=world.clock.now()
        )
        await uow.keys.add(key, token_hash(KEY))
        await uow.commit()
    await vacuum(world)
    await world.operations.reports.trial_balance(world.tenant_id, None)
    await vacuum(world)


async def amid(world: World, transactions: int) -> int:
    """The place in the middle of the history's transactions."""
    async with world.engine.connect() as connection:
        parameters = {"tenant_id": world.tenant_id, "half": transactions // 2}
        return position((await connection.execute(text(MIDDLE), parameters)).one())


async def seconds(page: Page) -> float:
    began = time.perf_counter()
    await page()
    return time.perf_counter() - began


async def read(few: Page, many: Page) -> tuple[list[float], list[float]]:
    """Milliseconds of each reading, with many first; the first of each warms up."""
    tries = [(await seconds(many) * 1e3, await seconds(few) * 1e3) for _ in range(TRIES + 1)][1:]
    return [each for each, _ in tries], [each for _, each in tries]


async def measure(server: Server) -> list[Figure]:
    async with AsyncExitStack() as stack:
        found: dict[int, Mapping[str, Page]] = {}
        receipts: dict[int, Receipts] = {}
        for transactions in (FEW, MANY):
            url = await stack.enter_async_context(server.database(f"reading_{transactions}"))
            world = await stack.enter_async_context(make_world(url))
            await filled(world, transactions)
            found[transactions] = {**pages(world), **lists(world, await amid(world, transactions))}
            service = stack.enter_context(served(server, url.replace("+asyncpg", ""), f"reading_{transactions}"))
            receipts[transactions] = Receipts(service, repeat((PLENTIFUL, {"authorization": f"Bearer {KEY}"})), "H")
        received = await in_turn(receipts[MANY], receipts[FEW])
        taken = {name: await read(found[FEW][name], found[MANY][name]) for name in found[FEW]}
    against = f"{FEW:,} transactions"
    return [figure(f"{MANY:,} transactions of history", against, received)] + [
        Figure(subject=SUBJECT, name=name, ours=many, unit="ms", against=against, others=few, goal=GOAL)
        for name, (many, few) in taken.items()
    ]


def figures(server: Server) -> list[Figure]:
    return asyncio.run(measure(server))


if __name__ == "__main__":
    run(figures)
