"""`python -m tests.faults --faults 10000 --seed 7`: see README.md.

Everything that is random comes from the seed: events, the ERPs' faults, incidents, crash points. How the processes interleave does
not, so two runs with one seed are alike and not the same.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from pathlib import Path

from app.demo.interrupts import interruptible
from tests.databases import enterable_folder
from tests.faults.fleet import Fleet
from tests.faults.rounds import LONG, SHORT, Rounds
from tests.faults.verdict import Judge
from tests.faults.world import ERPS, World

MOST_SHOWN = 20
LONG_FROM = 1_000


async def run(faults: int, seed: int, folder: Path, *, verbose: bool) -> bool:
    """Whether all faults were survived."""
    fleet = Fleet(folder, ERPS)
    try:
        fleet.start()
        world = World(fleet=fleet, seed=seed, verbose=verbose)
        await world.set_up()
        survived, happened = await _play(world, faults)
        for kind, times in sorted(happened.items()):
            print(f"{times:7}  {kind}")
        print(f"API answers that were no success, by status (0: none came): {dict(world.service.answers)}")
        if world.service.surprises:
            print("internal errors of the API:", *world.service.surprises, fleet.errors("api"), sep="\n")
        await world.aclose()
    finally:
        fleet.stop()
    print(f"{survived} of {happened.total()} faults survived", flush=True)
    return survived == happened.total() >= faults


async def _play(world: World, faults: int) -> tuple[int, Counter[str]]:
    """Rounds until there were so many faults, or one was not survived: how many were, and all by kind."""
    rounds, judge = Rounds(world, LONG if faults >= LONG_FROM else SHORT), Judge(world)
    survived, happened = 0, Counter[str]()
    while happened.total() < faults:
        await rounds.play()
        wrong, happened = await judge.wrong(), await world.faults()
        days, seconds = world.pacer.moved / 86_400, time.monotonic() - world.started
        print(
            f"round {rounds.number}: {happened.total()} faults, {judge.journals} journals, {days:.0f} days in {seconds:.0f} s", flush=True
        )
        if wrong:
            print(f"seed {world.seed}, round {rounds.number}:", *wrong[:MOST_SHOWN], sep="\n  ")
            print(*await judge.stories(wrong), world.fleet.last_words(), sep="\n")
            break
        survived = happened.total()
    return survived, happened


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="every incident as it happens")
    arguments = parser.parse_args()
    with interruptible(), enterable_folder() as folder:
        sys.exit(0 if asyncio.run(run(arguments.faults, arguments.seed, folder, verbose=arguments.verbose)) else 1)


if __name__ == "__main__":
    main()
