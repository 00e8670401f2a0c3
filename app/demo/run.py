"""Plays the demo from start to end."""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from app.demo.balances import trial_balances
from app.demo.client import Client
from app.demo.delivery import follow, wait_for_all
from app.demo.errors import DemoError
from app.demo.installation import Installation
from app.demo.interrupts import interruptible, undisturbed
from app.demo.report import tell_balances, tell_journals, tell_transactions, tell_where_to_look
from app.demo.screen import Screen
from app.demo.set_up import LAST_DAY
from app.demo.steps import Step
from app.demo.story import chapters

INTERRUPTED = 130
DONE_WIDTH = 40


def run(*, once: bool, data_dir: Path) -> int:
    """Plays it and returns the exit status: 0 where the balances are equal to the cent, 1 otherwise, 130 where it was interrupted.

    Each run has a tenant and an ERP of its own. With `once` everything is stopped and removed at the end; otherwise it stays up
    until Ctrl-C, and its data stay in the folder `demo` of `data_dir`, which the next run shares.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    screen = Screen(sys.stdout)
    with interruptible():
        try:
            with _folder(once, data_dir) as folder:
                equal = _run(screen, folder, once=once)
        except KeyboardInterrupt:
            screen.note("interrupted; everything is stopped")
            return INTERRUPTED
        except DemoError as error:
            screen.verdict(str(error), good=False)
            return 1
        except BrokenPipeError:  # whoever read this has gone, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
    if once:
        screen.line("\nEverything is stopped and removed. Without --once it stays up to look around.")
    return 0 if equal else 1


def _run(screen: Screen, folder: Path, *, once: bool) -> bool:
    run_dir = folder / f"run-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}"
    run_dir.mkdir(parents=True)
    installed = Installation(data_dir=folder / "glint", run_dir=run_dir, announce=screen.note)
    client = installed.client()
    try:
        with installed:
            _start(screen, installed)
            equal = _play(screen, installed, client)
            if not once:
                tell_where_to_look(screen, installed, client, run_dir)
                _stay(screen, installed)
    finally:
        client.close()
    return equal


def _start(screen: Screen, installed: Installation) -> None:
    screen.heading("Starting")
    screen.begin("Reference ERP")
    installed.erp.start()
    screen.done("Reference ERP", f"{installed.erp_url}, process {installed.erp.pid}")
    screen.begin("Glint: an embedded PostgreSQL, the API and a worker")
    installed.service.start()
    screen.done("Glint", f"{installed.service_url}, API, worker and embedded PostgreSQL, process {installed.service.pid}")


def _play(screen: Screen, installed: Installation, client: Client) -> bool:
    """True where everything arrived once and the balances are equal."""
    for chapter in chapters():
        screen.heading(chapter.title)
        for step in chapter.steps:
            _do(screen, installed, client, step)
    journals = installed.persist(lambda: wait_for_all(client, installed.pause))
    transactions = installed.persist(lambda: list(client.glint.items("/v1/account-transactions")))
    rows = installed.persist(lambda: trial_balances(client, LAST_DAY))
    booked = installed.persist(lambda: client.erp.get("/journals"))["journals"]
    tell_transactions(screen, transactions, journals)
    equal = tell_balances(screen, rows)
    return tell_journals(screen, journals, booked) and equal


def _do(screen: Screen, installed: Installation, client: Client, step: Step) -> None:
    """A step, and its journals' way into the ERP."""
    screen.begin(step.title)
    try:
        done = installed.persist(partial(step.run, client))
        booked = installed.persist(lambda: follow(client, done.transactions, installed.pause)) if done.transactions else ""
    except DemoError:
        screen.failed(step.title, "failed")
        raise
    screen.done(step.title, f"{done.text:{DONE_WIDTH}}  {booked}".rstrip())


def _stay(screen: Screen, installed: Installation) -> None:
    screen.line("Everything keeps running. Ctrl-C stops it.")
    try:
        while True:
            installed.pause()
    except KeyboardInterrupt:
        screen.line("\nStopping.")


@contextmanager
def _folder(once: bool, data_dir: Path) -> Iterator[Path]:
    """The demo's folder; with `once` a temporary one, which the user of the embedded PostgreSQL may enter too."""
    if not once:
        yield (data_dir / "demo").resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="glint-demo-"))
    try:
        if os.geteuid() == 0:
            folder.chmod(0o755)
        yield folder
    finally:
        with suppress(KeyboardInterrupt), undisturbed():
            shutil.rmtree(folder)
