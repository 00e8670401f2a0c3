"""What happens to the leader. Each incident ends when an event was accepted again, and leaves the cluster on its way back to two nodes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random

from tests.failover.cluster import Cluster
from tests.failover.writers import Writers

LONGEST_OUTAGE_SECONDS = 90


async def leader_killed(cluster: Cluster, writers: Writers, random: Random) -> None:
    """Patroni and its PostgreSQL at once, as when the machine dies. It comes back after the other one took over, and has to rewind."""
    leader = await asyncio.to_thread(cluster.wait_for_leader)
    await asyncio.to_thread(leader.kill)
    await writers.accepted_after(time.monotonic(), LONGEST_OUTAGE_SECONDS)
    await asyncio.sleep(random.uniform(0, 1))
    await asyncio.to_thread(leader.start)


async def postgres_killed(cluster: Cluster, writers: Writers, _: Random) -> None:
    """PostgreSQL alone; Patroni brings it back where it was."""
    leader = await asyncio.to_thread(cluster.wait_for_leader)
    await asyncio.to_thread(leader.kill_postgres)
    await writers.accepted_after(time.monotonic(), LONGEST_OUTAGE_SECONDS)


async def switched_over(cluster: Cluster, writers: Writers, _: Random) -> None:
    """In good order, as before maintenance."""
    await asyncio.to_thread(cluster.switch_over)
    await writers.accepted_after(time.monotonic(), LONGEST_OUTAGE_SECONDS)


async def all_killed(cluster: Cluster, writers: Writers, random: Random) -> None:
    """Both nodes at once, as when the power goes."""
    for node in cluster.nodes:
        await asyncio.to_thread(node.kill)
    died = time.monotonic()
    await asyncio.sleep(random.uniform(0, 1))
    for node in cluster.nodes:
        await asyncio.to_thread(node.start)
    await writers.accepted_after(died, LONGEST_OUTAGE_SECONDS)


INCIDENTS: dict[str, Callable[[Cluster, Writers, Random], Awaitable[None]]] = {
    "leader killed": leader_killed,
    "PostgreSQL killed": postgres_killed,
    "switched over": switched_over,
    "both nodes killed": all_killed,
}
TURN = ("leader killed", "leader killed", "switched over", "leader killed", "PostgreSQL killed", "leader killed", "both nodes killed")
"""Drawn from in any order until all were had."""
