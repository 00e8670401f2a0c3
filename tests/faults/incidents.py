"""What the suite does to the processes, beside the faults that the ERPs draw by themselves. Each answers how many faults it was."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

from tests.faults.clock import WORKERS
from tests.faults.fleet import LEASE_SECONDS
from tests.faults.service import ErpConsole
from tests.faults.world import World, endpoints_of

PAUSED_OF = "SELECT count(*) AS endpoints FROM erp_endpoint WHERE paused AND name = ANY($1)"
DUE_OF = "SELECT count(*) AS lanes FROM lane WHERE due_at <= $1 AND endpoint = ANY($2)"
SCHEDULE_SECONDS = (5, 300, 1800, 7200, 18_000, *(36_000,) * 6)
LONGEST_JITTER = 1.25
TRY_SECONDS = 1.5
SKEW_SECONDS = 30


async def worker_killed(world: World) -> int:
    """`kill -9` at a moment that nobody chose."""
    await asyncio.sleep(world.random.uniform(0, 1))
    await asyncio.to_thread(world.fleet.kill, f"worker-{world.random.randrange(len(WORKERS))}")
    return 1


async def api_killed(world: World) -> int:
    """Under the hands of its clients, who say again what got no answer."""
    await asyncio.sleep(world.random.uniform(0, 0.5))
    await asyncio.to_thread(world.fleet.kill, "api")
    await asyncio.to_thread(world.fleet.start_api)
    return 1


async def database_restarted(world: World) -> int:
    how = world.random.choice((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))
    await asyncio.to_thread(world.fleet.kill_postgres, how)
    await asyncio.sleep(world.random.uniform(0, 1))
    await asyncio.to_thread(world.fleet.start_postgres)
    return 1


async def lease_expired(world: World) -> int:
    """Calls are held in the ERP until their leases are over and the other worker has taken their lanes; then they are carried out."""
    erp = world.random.choice(world.erps)
    await erp("PUT", "/faults", {"mode": "hold", "on": world.random.choice(("send", "send", "validate")), "times": 6})
    held = await _until(lambda: _held(erp), seconds=3)
    await world.pacer.forward(LEASE_SECONDS + world.random.uniform(0.5, 10))
    await asyncio.sleep(world.random.uniform(0.3, 0.8))
    await erp("PUT", "/faults", {"mode": "none"})
    await erp("POST", "/faults/release")
    return int(held)


async def clocks_apart(world: World) -> int:
    """One worker's clock is fast and the other's slow, for a while."""
    ahead = world.random.choice((1, -1))
    for slot in WORKERS:
        world.fleet.clock.skew(slot, ahead * world.random.uniform(10, SKEW_SECONDS))
        ahead = -ahead
    await asyncio.sleep(world.random.uniform(2, 4))
    for slot in WORKERS:
        world.fleet.clock.skew(slot, 0)
    return 1


async def credentials_revoked(world: World) -> int:
    """The ERP asks for another token, its endpoints pause themselves; then they get it, and are resumed."""
    erp = world.random.choice(world.erps)
    names = endpoints_of(erp.erp)
    world.hands_off = True
    token = f"token-{world.random.randrange(10**9)}"
    await erp("PUT", "/token", {"token": token})
    erp.erp.token = token

    async def paused() -> int:
        found: int = (await world.database.rows(PAUSED_OF, names))[0]["endpoints"]
        return found

    refused = await _until(paused, seconds=6, enough=len(names))
    await world.put_endpoints(erp.erp)
    world.hands_off = False
    return refused


async def erp_killed(world: World) -> int:
    """`kill -9`, and back after a moment with the same books."""
    erp = world.random.choice(world.erps)
    await _kill_erp(world, erp)
    await asyncio.sleep(world.random.uniform(0.2, 1))
    await _start_erp(world, erp)
    return 1


async def erp_down_for_the_whole_schedule(world: World) -> int:
    """Nobody listens at its address while the clock goes through every pause of the retry schedule."""
    erp = world.random.choice(world.erps)
    await _kill_erp(world, erp)
    for pause in SCHEDULE_SECONDS:
        await world.pacer.forward(pause * LONGEST_JITTER)
        await _until(lambda: _tried(world, erp), seconds=TRY_SECONDS)
    await _start_erp(world, erp)
    return 1


async def account_closed(world: World) -> int:
    """An account takes no postings for a while: validations and sends of some journals are refused by the ERP's own rule, and by ours once
    the chart of accounts was read meanwhile."""
    erp = world.random.choice(world.erps)
    await erp("PUT", "/accounts/2110", {"name": "2110", "type": "liability", "active": False})
    await asyncio.sleep(world.random.uniform(0.2, 0.8))
    await world.service.once("POST", f"/v1/erp-endpoints/{world.random.choice(endpoints_of(erp.erp))}/test")
    await asyncio.sleep(world.random.uniform(0.3, 0.7))
    await erp("PUT", "/accounts/2110", {"name": "2110", "type": "liability", "active": True})
    return 1


INCIDENTS: dict[str, Callable[[World], Awaitable[int]]] = {
    "worker killed": worker_killed,
    "API killed": api_killed,
    "database restarted": database_restarted,
    "lease expired under a call": lease_expired,
    "clocks apart": clocks_apart,
    "credentials revoked": credentials_revoked,
    "ERP killed": erp_killed,
    "ERP down for the whole schedule": erp_down_for_the_whole_schedule,
    "account closed for a while": account_closed,
}


async def _kill_erp(world: World, erp: ErpConsole) -> None:
    await erp.fired()
    await asyncio.to_thread(world.fleet.kill, erp.erp.name)
    erp.died()


async def _start_erp(world: World, erp: ErpConsole) -> None:
    await asyncio.to_thread(world.fleet.start_erp, erp.erp)
    await erp.came_back()


async def _tried(world: World, erp: ErpConsole) -> int:
    """Whether nothing of this ERP is due."""
    (row,) = await world.database.rows(DUE_OF, world.fleet.clock.now(), endpoints_of(erp.erp))
    return int(row["lanes"] == 0)


async def _held(erp: ErpConsole) -> int:
    held: int = (await erp("GET", "/faults/plan"))["held"]
    return held


async def _until(count: Callable[[], Awaitable[int]], *, seconds: float, enough: int = 1) -> int:
    """The count once there is enough, or the time is over."""
    deadline = time.monotonic() + seconds
    while (found := await count()) < enough and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    return found
