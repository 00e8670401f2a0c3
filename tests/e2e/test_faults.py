"""A short run of the fault suite, as `make faults` starts it. The long one is a matter of minutes: see tests/faults/README.md."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FAULTS = 80
SEED = 7
PATIENCE_SECONDS = 400


def test_every_fault_is_survived() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--faults", str(FAULTS), "--seed", str(SEED)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    said = ended.stdout.strip().splitlines()
    assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-2000:]
    survived = re.fullmatch(r"([0-9]+) of ([0-9]+) faults survived", said[-1])
    assert survived is not None
    assert survived[1] == survived[2]
    assert int(survived[1]) >= FAULTS
