"""`python -m tests.erps`: install real ERPs for the tests, say which are there, and start one to try it by hand.

An ERP is a module beside this one with `install`, `available` and `running`, and a line in `ERPS`.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from tests.databases import enterable_folder, postgres_server
from tests.erps import odoo, tryton
from tests.erps.installed import InstallationError, erps_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Erp:
    """`available` says why it cannot be used, None where it can; `running` gives a server whose `str` says how to sign in."""

    install: Callable[[], None]
    available: Callable[[], str | None]
    running: Callable[[str], AbstractContextManager[Any]]


ERPS: Mapping[str, Erp] = {
    "odoo": Erp(install=odoo.NEWEST.install, available=odoo.NEWEST.available, running=odoo.NEWEST.running),
    "odoo14": Erp(install=odoo.OLDEST.install, available=odoo.OLDEST.available, running=odoo.OLDEST.running),
    "tryton": Erp(install=tryton.install, available=tryton.available, running=tryton.running),
}
REQUIRED = ("tryton",)


def install(names: Sequence[str]) -> int:
    """0 where every required one of these is there in the end; the others are only told."""
    for name in names:
        print(f"{name}: installing into {erps_folder()}", flush=True)
        try:
            ERPS[name].install()
        except InstallationError as error:
            print(f"{name}: not installed. {error}", flush=True)
    return status(names)


def status(names: Sequence[str]) -> int:
    """0 where every required one of these is there."""
    missing = {name: reason for name in names if (reason := ERPS[name].available()) is not None}
    for name in names:
        print(f"{name}: {missing.get(name, 'installed')}")
    return int(any(name in REQUIRED for name in missing))


def start(name: str) -> int:
    """Runs it with fresh books until interrupted."""
    if (reason := ERPS[name].available()) is not None:
        print(reason)
        return 1
    with enterable_folder() as folder, postgres_server(folder) as url, ERPS[name].running(url) as server:
        print(f"{server}\nCtrl-C ends it, and its books with it.", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.erps", description="Real ERPs for the tests.")
    commands = parser.add_subparsers(dest="command", required=True)
    for command, said in (("install", "install what is missing"), ("status", "say what is installed")):
        commands.add_parser(command, help=said).add_argument(
            "erps", nargs="*", metavar="ERP", help=f"of {', '.join(ERPS)}; all unless told"
        )
    commands.add_parser("start", help="run one with fresh books").add_argument("erp", choices=list(ERPS))
    given = parser.parse_args()
    if given.command == "start":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        return start(given.erp)
    if unknown := [name for name in given.erps if name not in ERPS]:
        parser.error(f"there is no ERP {unknown[0]}: one of {', '.join(ERPS)}")
    return (install if given.command == "install" else status)(given.erps or list(ERPS))


if __name__ == "__main__":
    sys.exit(main())
