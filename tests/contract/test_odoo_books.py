"""The `odoo` adapter against a real Odoo 19, where Odoo differs from other ERPs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from ipaddress import ip_network
from typing import Any

import pytest

from app.adapters.erp.http import HttpClient
from app.adapters.erp.odoo import checking, ledger
from app.application.ports.erp import ErpConnection
from app.domain.delivery import (
    Absent,
    Booked,
    CannotTell,
    FoundBooked,
    FoundDraft,
    Misconfigured,
    Problem,
    Purpose,
    Rejected,
    Retryable,
    Unknown,
    Validation,
)
from app.domain.journal import JournalDocument
from tests.contract.erp_suite import found, journal, line, seen, send, sent, validated
from tests.contract.odoo_harness import OdooHarness, harness
from tests.erps.odoo_books import ACCOUNTS, ADMIN, AUDITOR, CLERK
from tests.erps.odoo_server import OdooServer

LOOPBACK = (ip_network("127.0.0.0/8"),)
LOPSIDED = (line(1, "debit", "2100", "1.00"), line(2, "credit", "2110", "1.01"))

pytestmark = pytest.mark.anyio


everywhere = pytest.mark.parametrize("way", ["json-2", "json-rpc", "oldest"], indirect=True)
"""Also over JSON-RPC, and with Odoo 14; the other tests are of what Odoo 19 does, whichever way it is called."""


@pytest.fixture
def way(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "json-2"))


@pytest.fixture
def server(request: pytest.FixtureRequest, way: str) -> OdooServer:
    found: OdooServer = request.getfixturevalue("oldest_odoo" if way == "oldest" else "odoo")
    return found


@pytest.fixture
async def erp(server: OdooServer, way: str) -> AsyncIterator[OdooHarness]:
    async with HttpClient(allowed_networks=LOOPBACK) as http:
        with harness(server, http, "json-2" if way == "json-2" else "json-rpc") as erp:
            yield erp


async def found_as(connection: ErpConnection, document: JournalDocument) -> Any:
    prepared = connection.prepare(Purpose.FIND, [document])
    return (await connection.find(prepared)).results[document.reference]


async def refused(connection: ErpConnection, document: JournalDocument) -> tuple[Problem, ...]:
    outcome = await sent(connection, document)
    assert isinstance(outcome, Rejected)
    return outcome.problems


def states(erp: OdooHarness, reference: str) -> list[str]:
    return [move["state"] for move in erp.moves(reference)]


@everywhere
async def test_a_batch_takes_few_calls_and_a_bad_one_sinks_no_other(erp: OdooHarness) -> None:
    documents = [journal(f"JNL-{number}", f"{number}.25") for number in range(1, 9)]
    documents[4] = journal("JNL-5", lines=LOPSIDED)

    answered = await send(erp.connect(), *documents)

    kinds = {reference: type(outcome).__name__ for reference, outcome in answered.results.items()}
    assert kinds == {document.reference: "Booked" for document in documents} | {"JNL-5": "Rejected"}
    (problem,) = answered.results["JNL-5"].problems  # type: ignore[union-attr]
    assert "balanced" in problem.message
    assert states(erp, "JNL-5") == []
    assert erp.calls.count(("account.move", "create")) == 7  # eight, halves, quarters, eighths
    assert erp.calls.count(("account.move", "action_post")) == 1
    assert erp.balances()["2100"] == f"{sum(Decimal(f'{number}.25') for number in range(1, 9) if number != 5):.2f}"


@everywhere
async def test_numbers_are_odoos_own_and_a_validation_uses_none_up(erp: OdooHarness) -> None:
    connection = erp.connect()
    for _ in range(2):
        assert isinstance(await validated(connection, journal("JNL-1")), Validation)
        assert states(erp, "JNL-1") == []

    assert await sent(connection, journal("JNL-1")) == Booked(number="MISC/2026/11/0001")
    assert await sent(connection, journal("JNL-2")) == Booked(number="MISC/2026/11/0002")


async def test_an_imbalance_is_found_by_odoo_itself_before_anything_is_booked(erp: OdooHarness) -> None:
    verdict = await validated(erp.connect(), journal("JNL-1", lines=LOPSIDED))

    assert isinstance(verdict, Validation)
    assert [(problem.code, "not balanced" in problem.message) for problem in verdict.problems] == [("refused", True)]
    assert states(erp, "JNL-1") == []


@everywhere
async def test_exact_to_the_last_digit_that_is_taken(erp: OdooHarness) -> None:
    lines = (
        line(1, "debit", "4100.12", "999999999999.98"),
        line(2, "debit", "4100.12", "0.01"),
        line(3, "credit", "2100", "999999999999.99"),
    )
    document = journal("JNL-1", lines=lines)

    assert isinstance(await sent(erp.connect(), document), Booked)
    assert erp.booked("JNL-1") == seen(document)


@everywhere
async def test_three_decimals_and_lines_in_one_currency_alone(erp: OdooHarness) -> None:
    """What a rounding leaves: an amount in the base currency that has none in the other, and the other way round."""
    lines = (
        line(1, "debit", "4100.12", "10.125", "54.68"),
        line(2, "debit", "5900", "0", "0.01"),
        line(3, "debit", "5900", "0.001", "0"),
        line(4, "credit", "2100", "10.126", "54.69"),
    )
    document = journal("JNL-1", currency="KWD", lines=lines)

    assert isinstance(await sent(erp.connect(), document), Booked)
    assert erp.booked("JNL-1") == seen(document)


async def test_what_odoo_would_change_or_refuse_is_told_by_line_beforehand(erp: OdooHarness) -> None:
    admin = erp.odoo.client()
    (suspense,) = admin.read("account.account", [["code", "=", "9999"]])
    admin.call("account.account", "write", [suspense["id"]], vals={"active": False})
    (won,) = admin.call("res.currency", "search_read", domain=[["name", "=", "KRW"]], fields=["active"], context={"active_test": False})
    assert won["active"] is False
    bad = {
        "inactive-account": journal("A", lines=(line(1, "debit", "2100", "1"), line(2, "credit", "9999", "1"))),
        "too-many-decimals": journal("B", lines=(line(1, "debit", "2100", "1"), line(2, "credit", "2110", "1.005"))),
        "inactive-currency": journal("C", "10", currency="KRW"),
        "base-currency": journal("D", base_currency="AUD"),
        "too-many-digits": journal("E", "12345678901234567.89"),
        "tax-code-refused": journal("F", lines=(line(1, "debit", "2100", "1"), replace(line(2, "credit", "2110", "1"), tax_code="GST"))),
        "unknown-dimension": journal(
            "G", lines=(line(1, "debit", "2100", "1"), replace(line(2, "credit", "2110", "1"), dimensions={"X": "1"}))
        ),
    }
    connection = erp.connect()

    for code, document in bad.items():
        verdict, outcome = await validated(connection, document), await sent(connection, document)
        assert isinstance(verdict, Validation)
        assert isinstance(outcome, Rejected)
        assert {problem.code for problem in verdict.problems} == {problem.code for problem in outcome.problems} == {code}
        assert states(erp, document.reference) == []


async def test_dimensions_become_the_analytic_distribution(erp: OdooHarness) -> None:
    first = replace(line(1, "debit", "4100.12", "10.50"), dimensions={"Department": "Chemistry", "Fund": "G"})
    document = journal("JNL-1", lines=(first, line(2, "credit", "2100", "10.50")))
    connection = erp.connect()

    assert (await validated(connection, document)) == Validation(level=connection.capabilities.highest_validation)
    assert isinstance(await sent(connection, document), Booked)

    client = erp.odoo.client()
    names = {str(each["id"]): each["name"] for each in client.read("account.analytic.account", [], "name")}
    debit, credit = client.read("account.move.line", [["move_id.ref", "=", "JNL-1"]], "analytic_distribution")
    (together,) = debit["analytic_distribution"]
    assert [names[each] for each in together.split(",")] == ["Chemistry", "General"]
    assert credit["analytic_distribution"] is False
    amounts = client.read("account.analytic.line", [], "amount")
    assert [each["amount"] for each in amounts] == [Decimal("-10.5")]


@pytest.mark.parametrize("way", ["oldest"], indirect=True)
async def test_the_oldest_takes_one_analytic_account_a_line(erp: OdooHarness) -> None:
    first = replace(line(1, "debit", "4100.12", "10.50"), dimensions={"Department": "Chemistry"})
    document = journal("JNL-1", lines=(first, line(2, "credit", "2100", "10.50")))
    both = journal("JNL-2", lines=(replace(first, dimensions={"Department": "13", "Fund": "G"}), line(2, "credit", "2100", "10.50")))
    connection = erp.connect()

    assert isinstance(await sent(connection, document), Booked)
    debit, credit = erp.odoo.client().read("account.move.line", [["move_id.ref", "=", "JNL-1"]], "analytic_account_id")
    assert (debit["analytic_account_id"][1], credit["analytic_account_id"]) == ("[13] Chemistry", False)
    assert [(problem.line, problem.code) for problem in await refused(connection, both)] == [(1, "too-many-dimensions")]


@pytest.mark.parametrize("way", ["oldest"], indirect=True)
async def test_the_oldest_refuses_a_lock_and_an_account_out_of_use(erp: OdooHarness) -> None:
    """Where Odoo 19 moves the date, Odoo 14 says no, between draft and posting too, and in what is locked deletes no draft either."""
    admin, connection = erp.odoo.client(), erp.connect()
    (suspense,) = admin.read("account.account", [["code", "=", "9999"]])
    admin.call("account.account", "write", [suspense["id"]], vals={"deprecated": True})
    out_of_use = journal("JNL-1", lines=(line(1, "debit", "2100", "1"), line(2, "credit", "9999", "1")))
    assert [(problem.line, problem.code) for problem in await refused(connection, out_of_use)] == [(2, "inactive-account")]
    assert not any(account.active for account in (await connection.check()).accounts if account.code == "9999")

    lock = {"period_lock_date": "2026-11-30"}
    erp.meanwhile("account.move", "action_post", lambda: admin.call("res.company", "write", [1], vals=lock))

    assert [problem.code for problem in await refused(connection, journal("JNL-2"))] == ["refused"]
    assert [problem.code for problem in await refused(connection, journal("JNL-2"))] == ["period-closed"]
    assert states(erp, "JNL-2") == ["draft"]


async def test_the_description_is_a_note_and_no_markup(erp: OdooHarness) -> None:
    await sent(erp.connect(), journal("JNL-1", description="<b>R-7</b> of Kōwhai & Co"))

    (move,) = erp.odoo.client().read("account.move", [["ref", "=", "JNL-1"]], "narration")
    assert "&lt;b&gt;R-7&lt;/b&gt; of Kōwhai &amp; Co" in move["narration"]


async def test_a_lock_between_draft_and_posting_moves_the_date_and_is_told(erp: OdooHarness) -> None:
    """The one moment at which Odoo can still move a date: afterwards it is noticed."""
    connection = erp.connect()
    erp.meanwhile("account.move", "action_post", erp.close_november)

    outcome = await sent(connection, journal("JNL-1"))

    assert isinstance(outcome, Booked)
    assert [problem.code for problem in outcome.problems] == ["date-moved"]
    assert await found(connection, "JNL-1") == FoundBooked(number=outcome.number, problems=outcome.problems)


async def test_what_is_refused_at_posting_leaves_no_draft_and_sinks_no_other(erp: OdooHarness) -> None:
    admin = erp.odoo.client()
    (clearing,) = admin.read("account.account", [["code", "=", "1050"]])
    erp.meanwhile("account.move", "action_post", lambda: admin.call("account.account", "write", [clearing["id"]], vals={"active": False}))
    bad = journal("JNL-2", lines=(line(1, "debit", "1050", "1.00"), line(2, "credit", "2110", "1.00")))

    answered = await send(erp.connect(), journal("JNL-1"), bad, journal("JNL-3"))

    rejected = answered.results["JNL-2"]
    assert isinstance(rejected, Rejected)
    assert "archived" in rejected.problems[0].message
    assert states(erp, "JNL-2") == []
    assert (states(erp, "JNL-1"), states(erp, "JNL-3")) == (["posted"], ["posted"])
    assert {type(answered.results[reference]) for reference in ("JNL-1", "JNL-3")} == {Booked}


@everywhere
async def test_a_draft_that_somebody_posts_or_deletes_meanwhile(erp: OdooHarness) -> None:
    connection, admin = erp.connect(), erp.odoo.client()

    def by_hand(method: str, reference: str) -> None:
        admin.call("account.move", method, [erp.moves(reference)[0]["id"]])

    erp.meanwhile("account.move", "action_post", lambda: by_hand("action_post", "JNL-1"))
    assert await sent(connection, journal("JNL-1")) == Booked(number="MISC/2026/11/0001")
    assert states(erp, "JNL-1") == ["posted"]

    erp.meanwhile("account.move", "action_post", lambda: by_hand("unlink", "JNL-2"))
    assert isinstance(await sent(connection, journal("JNL-2")), Retryable)
    assert await found(connection, "JNL-2") == Absent()


@everywhere
async def test_killed_between_draft_and_posting_it_is_booked_once(erp: OdooHarness) -> None:
    connection = erp.connect()
    erp.meanwhile("account.move", "action_post", erp.odoo.kill)

    assert isinstance(await sent(connection, journal("JNL-1")), Unknown)
    assert isinstance(await found(connection, "JNL-1"), CannotTell)
    erp.restart()

    assert isinstance(await found(connection, "JNL-1"), FoundDraft)
    assert isinstance(await sent(connection, journal("JNL-1")), Booked)
    assert states(erp, "JNL-1") == ["posted"]


@everywhere
async def test_drafts_that_came_late_are_deleted_and_one_is_finished(erp: OdooHarness) -> None:
    """A request that was given up may still make its draft; none is posted twice."""
    for amount in ("9.00", "10.50", "10.50"):
        erp.leave_draft(journal("JNL-1", amount))
    _, first_that_fits, _ = erp.moves("JNL-1")

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)

    assert [(move["id"], move["state"]) for move in erp.moves("JNL-1")] == [(first_that_fits["id"], "posted")]
    assert erp.booked("JNL-1") == seen(journal("JNL-1"))


@everywhere
async def test_what_stands_there_twice_is_told(erp: OdooHarness) -> None:
    """Odoo takes a reference as often as it comes: by hand, say."""
    admin, connection = erp.odoo.client(), erp.connect()
    for _ in range(2):
        erp.leave_draft(journal("JNL-1"))
    admin.call("account.move", "action_post", [move["id"] for move in erp.moves("JNL-1")])

    located = await found(connection, "JNL-1")

    assert isinstance(located, FoundBooked)
    assert [(problem.code, "MISC/2026/11/0002" in problem.message) for problem in located.problems] == [("booked-twice", True)]
    assert await sent(connection, journal("JNL-1")) == Booked(number=located.number, problems=located.problems)
    assert len(erp.moves("JNL-1")) == 2


@everywhere
async def test_other_documents_with_our_reference_are_none_of_ours(erp: OdooHarness) -> None:
    """A supplier's bill may carry it, and a cancelled entry is not booked."""
    admin = erp.odoo.client()
    admin.create("account.move", move_type="in_invoice", ref="JNL-1")
    erp.leave_draft(journal("JNL-2"))
    admin.call("account.move", "button_cancel", [erp.moves("JNL-2")[0]["id"]])
    connection = erp.connect()

    for reference in ("JNL-1", "JNL-2"):
        assert await found(connection, reference) == Absent()
        assert isinstance(await sent(connection, journal(reference)), Booked)


async def test_an_entry_that_was_changed_by_hand_is_told(erp: OdooHarness) -> None:
    connection, admin = erp.connect(), erp.odoo.client()
    await sent(connection, journal("JNL-1"))
    (move,) = erp.moves("JNL-1")
    (other,) = admin.read("account.account", [["code", "=", "9999"]])
    first, _ = admin.read("account.move.line", [["move_id", "=", move["id"]]])
    admin.call("account.move", "button_draft", [move["id"]])
    assert isinstance(await found(connection, "JNL-1"), FoundDraft)
    admin.call("account.move.line", "write", [first["id"]], vals={"account_id": other["id"]})
    admin.call("account.move", "action_post", [move["id"]])

    located = await found_as(connection, journal("JNL-1"))

    assert isinstance(located, FoundBooked)
    assert {problem.code for problem in located.problems} == {"booked-otherwise"}
    assert sorted(problem.message.split(":")[0] for problem in located.problems) == ["account 2100", "account 9999"]


@everywhere
async def test_settings_that_lead_nowhere(erp: OdooHarness) -> None:
    for settings in ({"journal": "NONE"}, {"company_id": 99}):
        connection = erp.connect(**settings)
        outcome = await sent(connection, journal("JNL-1"))
        assert isinstance(outcome, Misconfigured)
        assert "there is no journal" in outcome.reason
        checked = await connection.check()
        assert (checked.reachable, checked.signed_in, checked.problems) == (True, True, (outcome.reason,))


@everywhere
async def test_a_database_that_is_not_there_books_nothing(erp: OdooHarness) -> None:
    connection = erp.connect(database="nowhere")

    assert isinstance(await sent(connection, journal("JNL-1")), Misconfigured | Retryable)
    checked = await connection.check()
    assert not checked.signed_in
    assert checked.problems


async def test_two_companies_have_a_journal_each(erp: OdooHarness) -> None:
    """Each sees its own entries only, so that two tenants' references never meet."""
    admin = erp.odoo.client()
    (first,) = admin.read("res.company", [], "currency_id")
    other = admin.create("res.company", name="Other", currency_id=first["currency_id"][0])
    users = [user["id"] for user in admin.read("res.users", [["login", "in", [ADMIN, CLERK]]])]
    admin.call("res.users", "write", users, vals={"company_ids": [[4, other]]})
    there: dict[str, Any] = {"context": {"allowed_company_ids": [other]}}
    accounts = [{"code": code, "name": code, "account_type": "liability_current"} for code in ("2100", "2110")]
    admin.call("account.account", "create", vals_list=accounts, **there)
    admin.call("account.journal", "create", vals_list=[{"code": "MISC", "name": "Other", "type": "general"}], **there)

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Misconfigured)
    ours, theirs = erp.connect(company_id=first["id"]), erp.connect(company_id=other)
    assert isinstance(await sent(ours, journal("JNL-1")), Booked)
    assert await found(theirs, "JNL-1") == Absent()
    assert isinstance(await sent(theirs, journal("JNL-1", "3.00")), Booked)
    assert isinstance(await found_as(theirs, journal("JNL-1", "3.00")), FoundBooked)
    entries = await theirs.entries(["2100"], date(2026, 11, 1), date(2026, 11, 30))
    assert not isinstance(entries, CannotTell)
    assert [each.amount for each in entries] == [Decimal(3)]
    assert {account.code for account in (await theirs.check()).accounts if account.active} == {"2100", "2110"}


@everywhere
async def test_a_user_who_may_only_read_is_told_what_it_lacks(erp: OdooHarness) -> None:
    connection = erp.connect(login=AUDITOR)

    checked = await connection.check()
    assert set(checked.problems) == {f"The user may not {word} journal entries." for word in ("create", "change", "delete")}
    outcome = await sent(connection, journal("JNL-1"))
    assert isinstance(outcome, Misconfigured)
    assert "not allowed" in outcome.reason
    assert states(erp, "JNL-1") == []


async def test_lists_are_read_to_their_end(erp: OdooHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = erp.connect()
    await send(connection, *(journal(f"JNL-{number}") for number in range(5)))
    monkeypatch.setattr(ledger, "PAGE", 2)
    monkeypatch.setattr(checking, "PAGE", 7)

    entries = await connection.entries(["2100"], date(2026, 11, 1), date(2026, 11, 30))
    checked = await connection.check()

    assert not isinstance(entries, CannotTell)
    assert [each.reference for each in entries] == [f"JNL-{number}" for number in range(5)]
    assert {account.code for account in checked.accounts} >= set(ACCOUNTS)
    assert len(checked.accounts) == len({account.code for account in checked.accounts}) == len(erp.codes())
    types = {account.code: account.type for account in checked.accounts}
    assert {code: types[code] for code in ACCOUNTS} == {code: kind for code, (_, kind) in ACCOUNTS.items()}


@everywhere
async def test_no_traceback_of_odoos_is_kept(erp: OdooHarness) -> None:
    connection = erp.connect()

    answered = await send(connection, journal("JNL-1", lines=LOPSIDED))

    assert "balanced" in answered.exchange.body
    assert "Traceback" not in answered.exchange.body
    assert '"debug"' not in answered.exchange.body
