"""`python -m tests.failover --failovers 20 --seed 7`: see README.md."""

import argparse
import asyncio
import statistics
import sys
import time
from dataclasses import dataclass, field
from random import Random

from app.demo.interrupts import interruptible
from tests.databases import enterable_folder
from tests.failover import programs
from tests.failover.checks import EVENTS, longest_pause, told_is_there
from tests.failover.fleet import FailoverFleet
from tests.failover.incidents import INCIDENTS, TURN
from tests.failover.pgbouncer import POOLINGS
from tests.failover.writers import Writers
from tests.faults.rounds import WAITING
from tests.faults.verdict import Judge
from tests.faults.world import World

FAILOVERS_PER_ROUND = 5
QUIET_SECONDS = (0.5, 3)
SETTLE_SECONDS = 180
TIME_LIMIT_SECONDS = 10
"""What an ERP has not booked so long after it was sent it never will: nothing holds calls up in this suite."""
MOST_SHOWN = 20
NOT_RUN = 2


@dataclass(kw_only=True)
class Run:
    """Rounds of failovers under load; after each all comes to rest, and is checked. `pauses` are seconds, by kind of incident."""

    world: World
    fleet: FailoverFleet
    judge: Judge
    told: set[str] = field(default_factory=set)
    pauses: dict[str, list[float]] = field(default_factory=dict)
    rounds: int = 0

    def __post_init__(self) -> None:
        self._turn: list[str] = []
        self._random = Random(f"{self.world.seed}-incidents")

    async def play(self, failovers: int) -> list[str]:
        """What is wrong after so many."""
        self.rounds += 1
        writers = Writers(self.world, self.rounds)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(writers.run())
            try:
                for _ in range(failovers):
                    await self._fail_over(writers)
            finally:
                writers.stop()
        self.told |= writers.told
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline and (await self.world.database.rows(WAITING))[0]["journals"]:
            await asyncio.sleep(0.1)
        return await self._wrong()

    async def _fail_over(self, writers: Writers) -> None:
        self._turn = self._turn or self._random.sample(TURN, len(TURN))
        kind = self._turn.pop()
        await asyncio.to_thread(self.fleet.cluster.wait_for_standby)
        await asyncio.sleep(self._random.uniform(*QUIET_SECONDS))
        began = time.monotonic()
        await INCIDENTS[kind](self.fleet.cluster, writers, self._random)
        back = time.monotonic()
        await asyncio.to_thread(self.fleet.cluster.wait_for_standby)
        pause = longest_pause(writers.accepted, began, time.monotonic())
        self.pauses.setdefault(kind, []).append(pause)
        self.world.say(f"{kind}: nothing accepted for {pause:.1f} s; in step again after {time.monotonic() - back:.1f} s more")

    async def _wrong(self) -> list[str]:
        wrong = await self.judge.wrong()
        wrong += told_is_there(self.told, await self.world.database.rows(EVENTS))
        wrong += [f"internal error: {each}" for each in self.world.service.surprises]
        return wrong + await self._verified()

    async def _verified(self) -> list[str]:
        """What `glint verify` says against it."""
        said, status = await self.fleet.glint("verify")
        return [] if status == 0 else [f"glint verify: {said}"]


async def run(failovers: int, seed: int, fleet: FailoverFleet, *, verbose: bool) -> int:
    """So many failovers were survived."""
    survived = 0
    world = World(fleet=fleet, seed=seed, verbose=verbose, time_limit_seconds=TIME_LIMIT_SECONDS)
    await world.set_up()
    played = Run(world=world, fleet=fleet, judge=Judge(world))
    while survived < failovers:
        count = min(FAILOVERS_PER_ROUND, failovers - survived)
        try:
            wrong = await played.play(count)
        except* (RuntimeError, TimeoutError) as errors:
            wrong = [f"{type(each).__name__}: {each}" for each in errors.exceptions]
        if wrong:
            print(f"seed {seed}, round {played.rounds}:", *wrong[:MOST_SHOWN], sep="\n  ")
            print(*await played.judge.stories(wrong), fleet.last_words(), sep="\n")
            break
        survived += count
        seconds = time.monotonic() - world.started
        print(f"{survived} failovers, {len(played.told)} events, {played.judge.journals} journals in {seconds:.0f} s", flush=True)
    _tell(played)
    await world.aclose()
    return survived


def _tell(played: Run) -> None:
    """The longest times without an accepted event."""
    for kind, pauses in sorted(played.pauses.items()):
        print(f"{len(pauses):5}  {kind}: nothing accepted for {statistics.median(pauses):.1f} s (median), {max(pauses):.1f} s (worst)")
    print(f"API answers that were no success, by status (0: none came): {dict(played.world.service.answers)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--failovers", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pooler", choices=["", "pgbouncer"], default="", help="what stands between Glint and the leader")
    parser.add_argument("--pooling", choices=POOLINGS, default="session", help="what the pooler pools")
    parser.add_argument("--verbose", action="store_true", help="every incident as it happens")
    arguments = parser.parse_args()
    if (complaint := programs.complaint()) is not None:
        print(complaint, file=sys.stderr)
        sys.exit(NOT_RUN)
    pooling = arguments.pooling if arguments.pooler else None
    with interruptible(), enterable_folder() as folder:
        fleet = FailoverFleet(folder, pooling)
        try:
            fleet.start()
            survived = asyncio.run(run(arguments.failovers, arguments.seed, fleet, verbose=arguments.verbose))
        finally:
            fleet.stop()
    print(f"{survived} of {arguments.failovers} failovers survived", flush=True)
    sys.exit(0 if survived == arguments.failovers else 1)


if __name__ == "__main__":
    main()
