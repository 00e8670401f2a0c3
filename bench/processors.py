"""How much of the machine's processors each side kept busy, so that one sees what the limit is."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psutil

from bench.server import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Seconds of processor time of each group since its processes began, at a moment."""

    at: float
    spent: Mapping[str, float]


class Processors:
    """Groups of processes by name. PostgreSQL's are there where it runs on this machine, with those of its backends that have ended; what
    is left of the machine's is `all else`."""

    def __init__(self, server: Server, **groups: Iterable[psutil.Process]) -> None:
        self._groups = {name: list(processes) for name, processes in groups.items()}
        self._postgres = postgres(server) if server.is_embedded else None

    def read(self) -> Reading:
        spent = {name: sum(map(_seconds, processes)) for name, processes in self._groups.items()}
        if self._postgres is not None:
            own = self._postgres.cpu_times()
            ended = own.children_user + own.children_system
            spent["PostgreSQL"] = _seconds(self._postgres) + ended + sum(map(_seconds, self._postgres.children(recursive=True)))
        machine = psutil.cpu_times()
        spent["all else"] = sum(machine) - machine.idle - getattr(machine, "iowait", 0.0) - sum(spent.values())
        return Reading(at=time.perf_counter(), spent=spent)

    def busy_since(self, before: Reading) -> Mapping[str, float]:
        """Processors that each group kept busy on average."""
        now = self.read()
        return {name: (seconds - before.spent[name]) / (now.at - before.at) for name, seconds in now.spent.items()}


def _seconds(process: psutil.Process) -> float:
    """0 for one that has just ended: its parent has its time."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def postgres(server: Server) -> psutil.Process:
    """The embedded server's first process, parent of all."""
    (file,) = server.folder.rglob("postmaster.pid")
    return psutil.Process(int(file.read_text().split()[0]))
