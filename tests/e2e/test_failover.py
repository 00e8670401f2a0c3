"""A short run of the failover suite, as `make failover` starts it. The long one is a matter of minutes: see tests/failover/README.md."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.failover import programs

pytestmark = [pytest.mark.slow, pytest.mark.skipif(programs.complaint() is not None, reason=str(programs.complaint()))]

ROOT = Path(__file__).parents[2]
SEED = 7
PATIENCE_SECONDS = 400


@pytest.mark.parametrize(
    ("failovers", "pooler"), [(2, []), (1, ["--pooler", "pgbouncer", "--pooling", "transaction"])], ids=["directly", "through-pgbouncer"]
)
def test_every_failover_is_survived(failovers: int, pooler: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.failover", "--failovers", str(failovers), "--seed", str(SEED), *pooler],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    said = ended.stdout.strip().splitlines()
    assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-2000:]
    assert re.fullmatch(rf"{failovers} of {failovers} failovers survived", said[-1])
