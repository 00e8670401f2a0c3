"""The real Odoo of the tests: fresh books for each, the same books after `kill -9`, and loudly absent where it is not installed."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.erps import odoo as installed_odoo
from tests.erps.installed import InstallationError, erps_folder
from tests.erps.odoo_books import ACCOUNTS, CLERK
from tests.erps.odoo_client import OdooClient, OdooError
from tests.erps.odoo_server import OdooServer


def post(client: OdooClient, debit: int, credit: int) -> str:
    """An entry of two lines in November 2026, by its number."""
    accounts = {account["code"]: account["id"] for account in client.read("account.account", [], "code")}
    (journal,) = client.read("account.journal", [["code", "=", "MISC"]])
    lines = [
        [0, 0, {"account_id": accounts["2100"], "debit": debit}],
        [0, 0, {"account_id": accounts["2110"], "credit": credit}],
    ]
    entry = client.create("account.move", journal_id=journal["id"], date="2026-11-02", line_ids=lines)
    client.call("account.move", "action_post", [entry])
    (posted,) = client.read("account.move", [["id", "=", entry]], "name", "state")
    assert posted["state"] == "posted"
    return str(posted["name"])


def test_a_clerk_posts_into_fresh_books_and_a_kill_loses_nothing(odoo: OdooServer) -> None:
    clerk = odoo.client(CLERK)
    assert clerk.read("account.move", []) == []
    assert {account["code"] for account in clerk.read("account.account", [], "code")} >= set(ACCOUNTS)
    assert clerk.read("res.company", [], "currency_id")[0]["currency_id"][1] == "NZD"

    number = post(clerk, 10, 10)
    odoo.restart()

    assert [entry["name"] for entry in clerk.read("account.move", [], "name")] == [number]
    (debit,) = clerk.read("account.move.line", [["balance", ">", 0]], "balance")
    assert debit["balance"] == Decimal(10)


def test_the_next_test_finds_the_books_as_they_were_prepared(odoo: OdooServer) -> None:
    clerk, admin = odoo.client(CLERK), odoo.client()
    first = post(clerk, 1, 1)
    admin.create("account.account", code="8888", name="Only here", account_type="expense")
    odoo.new_books()

    assert clerk.read("account.move", []) == []
    assert clerk.read("account.account", [["code", "=", "8888"]]) == []
    assert post(clerk, 2, 2) == first


def test_it_refuses_what_does_not_balance_and_strangers(odoo: OdooServer) -> None:
    with pytest.raises(OdooError, match=r"^422 odoo\.exceptions\.UserError"):
        post(odoo.client(CLERK), 10, 11)
    with pytest.raises(OdooError, match="401"):
        OdooClient(odoo.url, database=odoo.database, key="wrong").read("account.move", [])


def test_absent_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLINT_ERPS_DIR", str(tmp_path))
    reason = installed_odoo.NEWEST.available()

    assert reason is not None
    assert "make erps" in reason


def test_a_machine_without_debians_packages_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLINT_ERPS_DIR", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(InstallationError, match="no Debian"):
        installed_odoo.NEWEST.install()
    assert list((erps_folder() / "odoo19").glob("package*")) == []
