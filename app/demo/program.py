"""A program of the demo: a process of its own, with its output in a file."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import httpx

from app.demo.errors import DemoError
from app.demo.interrupts import undisturbed

ROOT = Path(__file__).parents[2]
"""The programs run here, so that they import this very Glint."""

START_SECONDS = 180
STOP_SECONDS = 90
POLL_SECONDS = 0.05
LAST_LINES = 15


class Program:
    """`python -m app.cli …` in a session of its own: Ctrl-C in the terminal reaches the demo alone, which stops it in good order."""

    def __init__(self, name: str, arguments: list[str], *, ready_url: str, log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self._arguments = arguments
        self._ready_url = ready_url
        self._log = log
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Returns once it is ready; `DemoError` where it ends before."""
        with undisturbed(), self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", *self._arguments],
                cwd=ROOT,
                env={**_surroundings(), **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        with httpx.Client(trust_env=False, timeout=5) as http:
            while not self._ready(http):
                self.check()
                if time.monotonic() > deadline:
                    raise DemoError(f"{self.name} is not ready after {START_SECONDS} s. {self.last_words()}")
                time.sleep(POLL_SECONDS)

    def killed(self) -> bool:
        """Whether it runs no more because somebody killed it (`kill -9`)."""
        return self._process is not None and self._process.poll() == -signal.SIGKILL

    def check(self) -> None:
        """Raises `DemoError` with its last words where it has ended by itself."""
        code = None if self._process is None else self._process.poll()
        if code is not None:
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
            raise DemoError(f"{self.name} {how}. {self.last_words()}")

    def last_words(self) -> str:
        """The end of its output."""
        with self._log.open(errors="replace") as lines:
            last = "".join(deque(lines, maxlen=LAST_LINES)).rstrip()
        return f"The end of {self._log}:\n{last}" if last else f"It wrote nothing to {self._log}"

    def kill(self) -> None:
        """`kill -9`: no chance to tidy up."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """Asks it to end, and waits; what does not end is killed."""
        self._signal(signal.SIGTERM)
        if self._process is not None:
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def _ready(self, http: httpx.Client) -> bool:
        try:
            return http.get(self._ready_url).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


def _surroundings() -> dict[str, str]:
    """The environment without the settings of another Glint: the demo never touches that one's database."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GLINT_")}
