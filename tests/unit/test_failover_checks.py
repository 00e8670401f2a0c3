"""The checks of the failover suite see what they are there for, and it says what it needs."""

import pytest

from tests.failover import programs
from tests.failover.checks import longest_pause, told_is_there


def row(external_id: str, status: str = "posted", transactions: int = 1) -> dict[str, object]:
    return {"external_id": external_id, "status": status, "transactions": transactions}


@pytest.mark.parametrize(
    ("told", "rows", "wrong"),
    [
        (["a"], [row("a")], []),
        ([], [row("a")], []),
        (["a", "b"], [row("a")], ["b was accepted and is there 0 times"]),
        (["a"], [row("a"), row("a")], ["a was accepted and is there 2 times"]),
        (["a"], [row("a", "parked", 0)], ["a is parked"]),
        (["a"], [row("a", transactions=0)], ["a has 0 transactions"]),
        ([], [row("a", transactions=2)], ["a has 2 transactions"]),
    ],
)
def test_what_was_told_is_there_once(told: list[str], rows: list[dict[str, object]], wrong: list[str]) -> None:
    assert told_is_there(told, rows) == wrong


def test_the_longest_pause_counts_the_edges_of_its_window() -> None:
    assert longest_pause([1, 4, 5, 20], since=2, until=8) == 3
    assert longest_pause([4, 5], since=2, until=5.5) == 2
    assert longest_pause([], since=2, until=5) == 3


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PACKAGES", {"patroni": "/nowhere/patroni", "sh": "/bin/sh"})
    assert programs.complaint() == "the failover suite needs Debian's packages patroni sh; not installed: patroni"
