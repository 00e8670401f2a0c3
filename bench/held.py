"""Processes held to a part of one processor by Linux's control groups: what they are the limit of is then seen before the machine is full.

Both versions of control groups, as the kernel's documentation has them (cgroup-v1: CFS bandwidth control; cgroup-v2: `cpu.max`). It takes
the right to make groups, which root has. Seen to work on version 1.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

PERIOD = 10_000
"""Microseconds: short, so that none waits long for its part of the next period."""


class CannotHold(Exception):
    """Control groups are not here, or are not ours to make."""


@contextmanager
def held(process: psutil.Process, share: float) -> Iterator[None]:
    """A process, its children and all that they start meanwhile, together to a share of one processor."""
    try:
        top, settings = _hierarchy(share)
        group = top / f"glint-bench-{os.getpid()}"
        group.mkdir()
        for name, value in settings.items():
            (group / name).write_text(value)
        _move([process.pid], group)
        _move((child.pid for child in process.children(recursive=True)), group)
    except OSError as error:
        raise CannotHold(f"no control group that limits processors can be made: {error}") from error
    try:
        yield
    finally:
        _move(map(int, (group / "cgroup.procs").read_text().split()), top)
        group.rmdir()


def _hierarchy(share: float) -> tuple[Path, dict[str, str]]:
    """Where groups with a limit for processors can be made, and what they are told."""
    quota = int(PERIOD * share)
    for mount in psutil.disk_partitions(all=True):
        top = Path(mount.mountpoint)
        if mount.fstype == "cgroup" and "cpu" in mount.opts.split(","):
            return top, {"cpu.cfs_period_us": str(PERIOD), "cpu.cfs_quota_us": str(quota)}
        if mount.fstype == "cgroup2" and "cpu" in (top / "cgroup.controllers").read_text().split():
            (top / "cgroup.subtree_control").write_text("+cpu")
            return top, {"cpu.max": f"{quota} {PERIOD}"}
    raise CannotHold("no control groups for processors are mounted")


def _move(pids: Iterable[int], group: Path) -> None:
    """One at a time, as the kernel takes them. One that has ended meanwhile needs no limit."""
    for pid in pids:
        try:
            (group / "cgroup.procs").write_text(str(pid))
        except ProcessLookupError:
            continue
