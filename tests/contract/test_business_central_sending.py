"""What is special to Business Central: its own journal per reference, dimensions, half a batch, refusals, throttling, tokens, pages."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest

from app.adapters.erp.business_central.payload import journal_code
from app.adapters.erp.business_central.sign_in import sign_in_flow
from app.adapters.erp.http import HttpClient
from app.application.ports.erp import Connection, ErpConnection
from app.application.ports.sign_in import NotAuthorised, NoTokenNow
from app.application.ports.vendor_sign_in import Organisation, OrganisationsUnknown
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
    SendOutcome,
    Throttled,
    Unauthorised,
    Unknown,
    Validation,
)
from app.domain.journal import JournalDocument
from tests.contract.business_central_stand_in import COMPANY, TOKEN
from tests.contract.erp_suite import found, journal, line, seen, send, sent, validated
from tests.contract.test_business_central_erp_contract import LOOPBACK, BusinessCentralHarness
from tests.fake_sign_in import FakeSignIn

pytestmark = pytest.mark.anyio


@pytest.fixture
async def erp() -> AsyncIterator[BusinessCentralHarness]:
    async with HttpClient(allowed_networks=LOOPBACK) as http:
        harness = BusinessCentralHarness(http)
        with harness.server:
            yield harness


def batches(erp: BusinessCentralHarness) -> list[list[str]]:
    """The `$batch` calls so far: "METHOD what" of each operation, without the company and without what a query asks."""
    return [
        [
            f"{each['method']} {unquote(each['url']).removeprefix(f'companies({COMPANY})/').split('?')[0].split('(')[0]}"
            for each in json.loads(body)["requests"]
        ]
        for _, path, _, body in erp.server.requests
        if path.endswith("/$batch")
    ]


def long_journal(reference: str, pairs: int) -> JournalDocument:
    lines = [line(2 * at + 1, "debit", "2100", "1.00") for at in range(pairs)]
    lines += [line(2 * at + 2, "credit", "2110", "1.00") for at in range(pairs)]
    return journal(reference, lines=tuple(sorted(lines, key=lambda each: each.line)))


def with_dimensions(reference: str, **dimensions: str) -> JournalDocument:
    document = journal(reference)
    return replace(document, lines=(replace(document.lines[0], dimensions=dimensions), document.lines[1]))


async def test_a_journal_is_booked_in_six_calls_and_leaves_nothing_but_its_entries(erp: BusinessCentralHarness) -> None:
    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)

    assert batches(erp) == [
        ["GET generalLedgerSetup", "GET accounts"],
        ["GET generalLedgerEntries", "GET journals"],
        ["POST journals"],
        ["POST journals", "POST journals"],
        ["POST journals"],
        ["GET generalLedgerEntries", "GET journals"],
        ["DELETE journals"],
    ]
    assert erp.books.journals == {}
    assert {entry["documentNumber"] for entry in erp.books.entries} == {"JNL-1"}


async def test_several_share_all_calls_but_the_lines(erp: BusinessCentralHarness) -> None:
    answered = await send(erp.connect(), *(journal(f"JNL-{number}") for number in range(1, 6)))

    assert all(isinstance(outcome, Booked) for outcome in answered.results.values())
    assert len(batches(erp)) == 6 + 5
    assert erp.books.journals == {}


async def test_lines_go_out_a_hundred_at_a_time_and_whole(erp: BusinessCentralHarness) -> None:
    document = long_journal("JNL-1", 105)

    assert isinstance(await sent(erp.connect(), document), Booked)

    assert [len(each) for each in batches(erp) if set(each) == {"POST journals"}] == [1, 100, 100, 10, 1]
    assert erp.booked("JNL-1") == seen(document)
    headers = [headers for _, _, headers, body in erp.server.requests if b"journalLines" in body and b"lineNumber" in body]
    assert {each["isolation"] for each in headers} == {"snapshot"}


async def test_a_crash_between_two_hundreds_of_lines_is_mended(erp: BusinessCentralHarness) -> None:
    document = long_journal("JNL-1", 105)
    erp.leave_draft(long_journal("JNL-1", 50))

    assert isinstance(await sent(erp.connect(), document), Booked)

    assert erp.booked("JNL-1") == seen(document)


async def test_a_draft_with_the_same_content_is_only_posted(erp: BusinessCentralHarness) -> None:
    erp.leave_draft(journal("JNL-1"))

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)

    assert [each for each in batches(erp) if each == ["POST journals"]] == [["POST journals"]]  # that posts
    assert not any("DELETE journals" in each for each in batches(erp)[:-1])


async def test_a_journal_that_is_not_ours_is_left_alone(erp: BusinessCentralHarness) -> None:
    erp.leave_draft(journal("JNL-1"))
    (theirs,) = erp.books.journals.values()
    theirs["displayName"] = "Payroll of Ana"

    outcome = await sent(erp.connect(), journal("JNL-1"))

    assert isinstance(outcome, Rejected)
    assert [problem.code for problem in outcome.problems] == ["journal-code-taken"]
    assert await found(erp.connect(), "JNL-1") == Absent()
    assert erp.books.journals == {theirs["id"]: theirs}
    assert erp.balances() == {}


async def test_a_draft_that_somebody_changes_meanwhile_is_not_removed(erp: BusinessCentralHarness) -> None:
    erp.leave_draft(journal("JNL-1", "9.00"))
    (draft,) = erp.books.journals.values()

    def edit(method: str, path: str) -> None:
        if method == "DELETE":
            draft["@odata.etag"] = 'W/"edited"'

    erp.books.meanwhile = edit

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Retryable)
    assert erp.balances() == {}
    assert len(draft["journalLines"]) == 2


async def test_the_template_of_the_settings_is_used_and_looked_in(erp: BusinessCentralHarness) -> None:
    connection = erp.connect(journal_template="GLINT")
    erp.fault("fail", status=504, times=1)

    assert isinstance(await sent(connection, journal("JNL-1")), Unknown)

    (draft,) = erp.books.journals.values()
    assert draft["templateDisplayName"] == "GLINT"
    assert isinstance(await found(connection, "JNL-1"), FoundDraft)
    assert await found(erp.connect(), "JNL-1") == Absent()
    assert isinstance(await sent(connection, journal("JNL-1")), Booked)


async def test_a_refusal_when_it_is_posted_leaves_no_draft(erp: BusinessCentralHarness) -> None:
    lopsided = journal("JNL-2", lines=(line(1, "debit", "2100", "1.00"), line(2, "credit", "2110", "1.01")))

    answered = await send(erp.connect(), journal("JNL-1"), lopsided, journal("JNL-3"))

    assert [type(outcome) for outcome in answered.results.values()] == [Booked, Rejected, Booked]
    refused = answered.results["JNL-2"]
    assert isinstance(refused, Rejected)
    message = "Document No. JNL-2 is out of balance by -0.01. Please check that the amounts are correct."
    assert refused.problems == (Problem(line=None, code="application-dialog-exception", message=message),)
    assert erp.books.journals == {}


async def test_a_line_that_is_refused_undoes_its_journal_and_names_itself(erp: BusinessCentralHarness) -> None:
    """The account was blocked between the reading and the making."""

    def block(method: str, path: str) -> None:
        if path.endswith("journalLines"):
            erp.books.accounts["2110"]["blocked"] = True

    erp.books.meanwhile = block

    outcome = await sent(erp.connect(), journal("JNL-1"))

    assert isinstance(outcome, Rejected)
    assert [(problem.line, problem.code) for problem in outcome.problems] == [(2, "application-field-validation-exception")]
    assert "CorrelationId" not in outcome.problems[0].message
    assert erp.books.journals == {}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"blocked": True}, "account-refused"),
        ({"directPosting": False}, "account-refused"),
        ({"accountType": "Heading"}, "account-refused"),
        ({"number": "2111"}, "unknown-account"),
    ],
)
async def test_accounts_that_take_no_line_are_refused_by_both(erp: BusinessCentralHarness, change: dict[str, Any], code: str) -> None:
    erp.books.accounts["2110"] |= change
    connection = erp.connect()

    outcome, verdict = await sent(connection, journal("JNL-1")), await validated(connection, journal("JNL-1"))

    assert isinstance(outcome, Rejected)
    assert isinstance(verdict, Validation)
    assert [(problem.line, problem.code) for problem in outcome.problems] == [(2, code)]
    assert verdict.problems == outcome.problems
    assert erp.books.journals == {}


async def test_a_company_in_another_currency_is_refused(erp: BusinessCentralHarness) -> None:
    erp.books.setup["localCurrencyCode"] = "AUD"

    outcome = await sent(erp.connect(), journal("JNL-1"))

    assert isinstance(outcome, Rejected)
    assert [problem.code for problem in outcome.problems] == ["wrong-base-currency"]


async def test_what_it_posts_in_the_background_is_unknown_until_it_is_there(erp: BusinessCentralHarness) -> None:
    erp.books.posts_in_background = True
    connection = erp.connect()

    assert isinstance(await sent(connection, journal("JNL-1")), Unknown)
    assert isinstance(await found(connection, "JNL-1"), FoundDraft)
    (waiting,) = erp.books.journals.values()
    erp.books.post(waiting)

    assert isinstance(await found(connection, "JNL-1"), FoundBooked)
    assert isinstance(await sent(connection, journal("JNL-1")), Booked)
    assert erp.balances()["2100"] == "10.50"


async def test_a_late_posting_of_an_earlier_call_is_found_when_ours_is_refused(erp: BusinessCentralHarness) -> None:
    """Between our look-up and our posting the earlier call comes through: there is nothing left to post."""
    erp.leave_draft(journal("JNL-1"))
    (draft,) = erp.books.journals.values()

    def come_late(method: str, path: str) -> None:
        if path.endswith("Microsoft.NAV.post"):
            erp.books.post(draft)

    erp.books.meanwhile = come_late

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Booked)
    assert erp.balances()["2100"] == "10.50"
    assert erp.books.journals == {}


async def test_a_replica_that_lags_behind_is_not_asked(erp: BusinessCentralHarness) -> None:
    erp.books.replica = []
    connection = erp.connect()

    assert isinstance(await sent(connection, journal("JNL-1")), Booked)
    assert isinstance(await found(connection, "JNL-1"), FoundBooked)
    assert isinstance(await sent(connection, journal("JNL-1")), Booked)
    assert erp.balances()["2100"] == "10.50"
    entries = await connection.entries(["2100"], date(2026, 11, 1), date(2026, 11, 30))
    assert not isinstance(entries, CannotTell)
    assert len(entries) == 1


async def test_companies_to_choose_from_are_listed(erp: BusinessCentralHarness) -> None:
    url, credentials = f"{erp.server.url}/api/v2.0", {"client_id": "app-1", "client_secret": "app-secret"}
    listed = sign_in_flow(Connection(url=url, credentials=credentials)).organisations
    assert listed is not None
    async with HttpClient(allowed_networks=LOOPBACK) as http:
        assert await listed(http, TOKEN) == (Organisation(id=COMPANY, name="The University"),)
        assert await listed(http, "wrong") == OrganisationsUnknown(reason="Business Central answered 401")
        erp.stop()
        assert isinstance(await listed(http, TOKEN), OrganisationsUnknown)


async def test_dimensions_are_set_over_the_defaults_of_the_account(erp: BusinessCentralHarness) -> None:
    erp.books.dimensions = {"DEPARTMENT": {"ADM", "SALES"}, "PROJECT": {"P-7"}, "AREA": {"30"}}
    erp.books.default_dimensions = {"2100": {"DEPARTMENT": "SALES", "AREA": "30"}}
    document = with_dimensions("JNL-1", DEPARTMENT="adm", PROJECT="P-7")
    erp.fault("fail", status=502, times=1)
    connection = erp.connect()

    assert isinstance(await sent(connection, document), Unknown)
    assert isinstance(await sent(connection, document), Booked)  # what is there has the dimensions, so it is only posted

    booked = {each["code"]: each["valueCode"] for each in erp.books.entries[0]["dimensionSetLines"]}
    assert booked == {"DEPARTMENT": "ADM", "AREA": "30", "PROJECT": "P-7"}
    assert erp.books.entries[1]["dimensionSetLines"] == []
    assert sum(each.count("PATCH journalLines") for each in batches(erp)) == 1


async def test_a_draft_with_other_dimensions_is_replaced(erp: BusinessCentralHarness) -> None:
    erp.books.dimensions = {"PROJECT": {"P-7"}}
    erp.leave_draft(journal("JNL-1"))

    assert isinstance(await sent(erp.connect(), with_dimensions("JNL-1", PROJECT="P-7")), Booked)

    assert [each["valueCode"] for each in erp.books.entries[0]["dimensionSetLines"]] == ["P-7"]


@pytest.mark.parametrize(("dimensions", "code"), [({"PROJECT": "P-8"}, "unknown-dimension-value"), ({"TEAM": "1"}, "unknown-dimension")])
async def test_dimensions_that_are_not_there_are_refused_by_both(
    erp: BusinessCentralHarness, dimensions: dict[str, str], code: str
) -> None:
    erp.books.dimensions = {"PROJECT": {"P-7"}}
    connection, document = erp.connect(), with_dimensions("JNL-1", **dimensions)

    outcome, verdict = await sent(connection, document), await validated(connection, document)

    assert isinstance(outcome, Rejected)
    assert isinstance(verdict, Validation)
    assert [(problem.line, problem.code) for problem in outcome.problems] == [(1, code)]
    assert verdict.problems == outcome.problems


async def test_a_refused_token_is_renewed_once_and_the_call_repeated(erp: BusinessCentralHarness) -> None:
    sign_in = FakeSignIn(["stale", TOKEN])

    answered = await send(erp.connect(sign_in=sign_in), journal("JNL-1"))

    assert isinstance(answered.results["JNL-1"], Booked)
    assert sign_in.refusals == ["stale"]
    assert "stale" not in answered.exchange.body


@pytest.mark.parametrize(("instead", "kind"), [(NotAuthorised(reason="ask"), Unauthorised), (NoTokenNow(reason="later"), Retryable)])
async def test_without_a_token_nothing_is_called(
    erp: BusinessCentralHarness, instead: NotAuthorised | NoTokenNow, kind: type[SendOutcome]
) -> None:
    connection = erp.connect(sign_in=FakeSignIn([], instead=instead))

    assert isinstance(await sent(connection, journal("JNL-1")), kind)
    assert isinstance(await validated(connection, journal("JNL-1")), kind)
    assert isinstance(await found(connection, "JNL-1"), CannotTell)
    assert not (await connection.check()).reachable
    assert erp.server.requests == []


async def test_the_company_of_the_sign_in_is_used(erp: BusinessCentralHarness) -> None:
    chosen = FakeSignIn([TOKEN], organisation=COMPANY)

    assert isinstance(await sent(erp.connect(sign_in=chosen, company_id=None), journal("JNL-1")), Booked)
    outcome = await sent(erp.connect(company_id=None), journal("JNL-2"))

    assert outcome == Misconfigured(reason="neither the settings nor the sign-in name a company")


async def test_throttling_of_a_look_up_sends_nothing(erp: BusinessCentralHarness) -> None:
    erp.fault("throttle", on="find", retry_after=30, times=1)

    assert await sent(erp.connect(), journal("JNL-1")) == Throttled(retry_after=30)
    assert erp.books.journals == {}


@pytest.mark.parametrize("status", [408, 500, 504])
async def test_the_time_limit_of_the_call_that_posts_is_unknown(erp: BusinessCentralHarness, status: int) -> None:
    erp.fault("fail", status=status, times=1)
    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Unknown)


@pytest.mark.parametrize("status", [408, 500, 504])
async def test_a_look_up_that_broke_before_anything_was_made_is_retried(erp: BusinessCentralHarness, status: int) -> None:
    erp.fault("fail", status=status, on="find", times=1)
    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Retryable)


async def test_chart_and_ledger_are_read_page_by_page(erp: BusinessCentralHarness) -> None:
    for number in range(25):
        erp.books.add_account(f"5{number:03}", f"Account {number}")
    connection = erp.connect()
    await send(connection, *(journal(f"JNL-{number}") for number in range(5)))
    erp.books.page_size = 3

    checked = await connection.check()
    entries = await connection.entries(["2100", "2110"], date(2026, 11, 1), date(2026, 11, 30))

    assert len(checked.accounts) == 28
    assert not isinstance(entries, CannotTell)
    assert len(entries) == 10
    assert len({entry.number for entry in entries}) == 10
    assert sum(entry.amount for entry in entries) == Decimal(0)


async def test_the_token_goes_to_no_other_host(erp: BusinessCentralHarness) -> None:
    erp.books.page_size, erp.books.next_page_base = 1, "http://127.0.0.2:1/api/v2.0/"

    checked = await erp.connect().check()

    assert checked.accounts == ()
    assert any("somewhere else" in problem for problem in checked.problems)


async def test_the_chart_says_which_accounts_take_lines(erp: BusinessCentralHarness) -> None:
    erp.books.add_account("1000", "ASSETS", accountType="Heading", category="Assets")
    erp.books.add_account("2000", "Payables", directPosting=False)
    erp.books.add_account("6100", "Cost", category="Cost_x0020_of_x0020_Goods_x0020_Sold")

    accounts = {account.code: account for account in (await erp.connect().check()).accounts}

    assert [code for code, account in accounts.items() if not account.active] == ["1000", "2000"]
    assert (accounts["6100"].name, accounts["6100"].type) == ("Cost", "Cost of Goods Sold")


async def test_the_body_that_is_kept_says_what_will_be_booked(erp: BusinessCentralHarness) -> None:
    connection: ErpConnection = erp.connect()
    kept = json.loads(connection.prepare(Purpose.SEND, [journal("JNL-1")]).body)
    assert kept["journals"][0]["code"] == journal_code("GLI", "JNL-1")
    assert [each["amount"] for each in kept["journals"][0]["journalLines"]] == [10.5, -10.5]
