"""The real Tryton of the tests: fresh books for each, the same books after `kill -9`, and loudly absent where it is not installed."""

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.erps import tryton as installed_tryton
from tests.erps.installed import InstallationError, run_logged
from tests.erps.tryton_books import ACCOUNTS, CLERK, CLERK_PASSWORD
from tests.erps.tryton_client import TrytonClient, TrytonError, ids
from tests.erps.tryton_server import TrytonServer


def post(client: TrytonClient, debit: str, credit: str) -> str:
    """A move of two lines in November 2026, by its number."""
    (company,) = client.read("company.company", [], "currency")
    accounts = ids(client.read("account.account", [], "code"), "code")
    (period,) = client.read("account.period", [["name", "=", "2026-11"]])
    (journal,) = client.read("account.journal", [["code", "=", "MISC"]])
    lines = [
        {"account": accounts["2100"], "debit": Decimal(debit), "credit": Decimal(0)},
        {"account": accounts["2110"], "debit": Decimal(0), "credit": Decimal(credit)},
    ]
    head = {"company": company["id"], "period": period["id"], "journal": journal["id"], "date": date(2026, 11, 2)}
    move = client.create("account.move", **head, lines=[["create", lines]])
    client.call("model.account.move.post", [move])
    (posted,) = client.read("account.move", [["id", "=", move]], "number", "state")
    assert posted["state"] == "posted"
    return str(posted["number"])


def test_a_clerk_posts_into_fresh_books_and_a_kill_loses_nothing(tryton: TrytonServer) -> None:
    clerk = tryton.client(CLERK, CLERK_PASSWORD)
    assert clerk.read("account.move", []) == []
    assert {account["code"] for account in clerk.read("account.account", [], "code")} == set(ACCOUNTS)
    assert len(clerk.read("account.period", [["state", "=", "open"]])) == 12

    number = post(clerk, "10.50", "10.50")
    tryton.restart()

    assert [move["number"] for move in clerk.read("account.move", [], "number")] == [number]


def test_the_next_test_finds_the_books_as_they_were_prepared(tryton: TrytonServer) -> None:
    clerk = tryton.client(CLERK, CLERK_PASSWORD)
    first = post(clerk, "1.00", "1.00")
    tryton.new_books()

    assert clerk.read("account.move", []) == []
    assert post(clerk, "2.00", "2.00") == first


def test_it_refuses_what_does_not_balance(tryton: TrytonServer) -> None:
    """As it does on PostgreSQL, and not on SQLite."""
    with pytest.raises(TrytonError, match="must balance"):
        post(tryton.client(CLERK, CLERK_PASSWORD), "10.50", "10.51")


def test_absent_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLINT_ERPS_DIR", str(tmp_path))
    reason = installed_tryton.available()

    assert reason is not None
    assert "make erps" in reason


def test_a_program_that_fails_shows_the_end_of_its_log(tmp_path: Path) -> None:
    failing = [sys.executable, "-c", "print('why it failed'); raise SystemExit(3)"]

    with pytest.raises(InstallationError, match=r"status 3[\s\S]*why it failed"):
        run_logged(failing, log=tmp_path / "log", seconds=60)
    with pytest.raises(InstallationError, match="did not end within"):
        run_logged([sys.executable, "-c", "import time; time.sleep(60)"], log=tmp_path / "log", seconds=0.5)
