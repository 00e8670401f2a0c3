"""`glint demo` as a newcomer runs it: a process of its own, its output, its exit status, and nothing left behind."""

import io
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import httpx
import pytest

from app.demo.balances import compare
from app.demo.errors import DemoError
from app.demo.program import Program
from app.demo.report import tell_balances, tell_journals
from app.demo.screen import Screen
from tests.databases import enterable_folder

pytestmark = pytest.mark.slow

SECONDS = 180
EQUAL = "equal to the cent: 24 accounts, 14,468.15 posted to each side"
EACH_ONCE = "18 journals here, the same 18 in the ERP, each once"


class Demo:
    """A running `glint demo` that works in `folder`, read line by line."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = {**os.environ, "GLINT_DATA_DIR": str(folder / "data"), "TMPDIR": str(folder), "PYTHONUTF8": "1"}
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "demo", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._too_late = threading.Timer(SECONDS, self._process.kill)
        self._too_late.start()
        self.lines: list[str] = []

    def until(self, text: str) -> Self:
        """Reads on to the line with this text."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))
            if text in line:
                return self
        raise AssertionError(f"{text!r} was never said:\n{self.output}")

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def status(self) -> int:
        """Its exit status; reads to its end. Nothing that it started is there any more."""
        assert self._process.stdout is not None
        self.lines += self._process.stdout.read().splitlines()
        code = self._process.wait()
        assert [pid for pid in self.pids if _lives(pid)] == []
        assert _processes_of(self._folder) == []
        return code

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def pids(self) -> list[int]:
        """Of the programs that it says it started: the reference ERP, the service."""
        return [int(found) for found in re.findall(r"process (\d+)", self.output)]

    def end(self) -> None:
        self._too_late.cancel()
        if self._process.poll() is None:
            self._process.terminate()
            self._process.communicate()
        elif self._process.stdout is not None:
            self._process.stdout.close()


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[Demo]:
    running = Demo(folder, *arguments)
    try:
        yield running
    finally:
        running.end()


@pytest.fixture
def folder() -> Iterator[Path]:
    with enterable_folder() as path:
        yield path


@pytest.fixture(scope="module")
def played() -> Iterator[Demo]:
    """`glint demo --once`, which is over."""
    with enterable_folder() as folder, demo(folder, "--once") as once:
        assert once.status() == 0, once.output
        assert list(folder.iterdir()) == []
        yield once


def test_once_plays_and_tells(played: Demo) -> None:
    output = played.output
    assert "\x1b" not in output
    assert "\r" not in output
    assert max(len(line) for line in played.lines) <= 110
    assert output.count("  ✓ ") == 2 + 20 + 2
    assert "✗" not in output
    assert re.search(r"✓ Receipt R-2001 +6 of 10 meters, 0 of 4 nets +\w{6}-\d{12} booked as JE-2\n", output)
    assert re.search(r"✓ Invoice SL-88213 +2,097.60 to pay, price variance 25.00 +\w{6}-\d{12} booked as JE-4\n", output)
    assert re.search(r"✓ Payments once more +6 duplicates recognised, nothing posted\n", output)
    assert re.search(r"✓ Invoice SI-502 +combination: EXPORT, LAB +\w{6}-\d{12} booked as JE-16\n", output)


def test_the_books_after_it(played: Demo) -> None:
    """Shipping of 55.00 on 5300 for the first purchase, in the expense of its lines for the second; everything committed is used up."""
    balances = {
        found[1]: (found[2], found[3])
        for found in (re.match(r"  (\d{4}(?:-\d\d)?)  .*?  +([\d.,]+)  +([\d.,]+)$", line) for line in played.lines[-36:])
        if found
    }
    assert {code: ours for code, (ours, _) in balances.items()} == {
        "1000": "756.89",
        "1010": "57.50",
        "1050": "0.00",
        "1200": "628.67",
        "1210": "797.33",
        "1400": "547.20",
        "2100": "4,195.20",
        "2110": "0.00",
        "2120": "0.00",
        "2200": "293.50",
        "3200": "716.67",
        "4010": "500.00",
        "4020": "33.33",
        "4050": "726.67",
        "4090": "20.00",
        "4100-12": "897.00",
        "4100-27": "598.00",
        "4100-31": "925.36",
        "4100-44": "616.90",
        "4150-12": "249.00",
        "4150-31": "256.74",
        "5300": "55.00",
        "5700": "9.78",
        "5900": "50.00",
    }
    assert all(ours == theirs for ours, theirs in balances.values())
    assert EQUAL in played.output
    assert EACH_ONCE in played.output


def test_stays_until_ctrl_c_and_plays_again_on_the_same_data(folder: Path) -> None:
    for _ in range(2):
        with demo(folder) as played:
            played.until("Ctrl-C stops it")
            assert EQUAL in played.output
            url, key = re.findall(r"Glint +(http\S+)\n  +key +(\S+)", played.output)[0]
            report = httpx.get(f"{url}/v1/reports/trial-balance", headers={"Authorization": f"Bearer {key}"}, trust_env=False)
            assert len(report.json()["accounts"]) == 24
            played.signal(signal.SIGINT)
            assert played.status() == 0, played.output


def test_a_service_that_is_killed_is_started_again(folder: Path) -> None:
    with demo(folder, "--once") as played:
        for line in ("Order PO-4711", "Payments  "):
            played.until(line)
            os.kill(int(played.pids[-1]), signal.SIGKILL)
        assert played.status() == 0, played.output
        assert played.output.count("The service was killed, and is started again on the same data") == 2
        assert EQUAL in played.output
        assert EACH_ONCE in played.output


@pytest.mark.parametrize("moment", ["Starting", "✓ Reference ERP", "✓ Glint", "✓ Receipt R-2001"])
def test_interrupted_it_stops_everything(folder: Path, moment: str) -> None:
    with demo(folder, "--once") as played:
        played.until(moment).signal(signal.SIGTERM)
        assert played.status() == 130, played.output
    assert "interrupted; everything is stopped" in played.output
    assert list(folder.iterdir()) == []


def test_a_program_that_ends_says_why(tmp_path: Path) -> None:
    program = Program("The service", ["serve", "--port", "x"], ready_url="http://127.0.0.1:9/", log=tmp_path / "log", environment={})
    with pytest.raises(DemoError, match=r"The service ended with status 2\. The end of .*log:(?s:.*)valid integer"):
        program.start()


def test_a_cent_too_much_in_the_erp_is_told() -> None:
    told = io.StringIO()
    ours = [{"account_code": "2110", "debit": "5.00", "credit": "5.00"}, {"account_code": "2120", "debit": "0.00", "credit": "10.50"}]
    theirs = [{"account_code": "2110", "debit": "5.00", "credit": "5.00"}, {"account_code": "2120", "debit": "0.00", "credit": "10.51"}]
    assert tell_balances(Screen(told), compare(ours, ours)) is True
    assert tell_balances(Screen(told), compare(ours, theirs)) is False
    assert "2120 GRNI differs: debit / credit 0.00 / 10.50 here, 0.00 / 10.51 in the ERP" in told.getvalue()
    assert tell_balances(Screen(told), compare(ours, theirs[:1])) is False
    assert tell_balances(Screen(told), []) is False


@pytest.mark.parametrize("booked", [["A-1"], ["A-1", "A-2", "A-2"], ["A-1", "A-2", "A-3"]], ids=["missing", "twice", "one too many"])
def test_a_journal_that_is_not_in_the_erp_once_is_told(booked: list[str]) -> None:
    told = io.StringIO()
    ours = [{"reference": "A-1"}, {"reference": "A-2"}]
    assert tell_journals(Screen(told), ours, ours) is True
    assert tell_journals(Screen(told), ours, [{"reference": reference} for reference in booked]) is False
    assert f"not in the ERP exactly once: {'A-3' if 'A-3' in booked else 'A-2'}" in told.getvalue()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder: PostgreSQL's and the reference ERP's do."""
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]
