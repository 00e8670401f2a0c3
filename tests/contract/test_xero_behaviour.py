"""What Xero does beyond the contract of all ERPs, against the stand-in."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import anyio
import pytest

from app.adapters.erp.http import HttpClient
from app.adapters.erp.xero.sign_in import sign_in_flow
from app.application.ports.erp import Connection, ErpConnection
from app.application.ports.sign_in import NotAuthorised, NoTokenNow
from app.application.ports.vendor_sign_in import Organisation, OrganisationsUnknown
from app.domain.booked import BookedEntry
from app.domain.delivery import (
    Booked,
    CannotTell,
    FoundBooked,
    FoundDraft,
    Misconfigured,
    Problem,
    Rejected,
    Retryable,
    Throttled,
    Unauthorised,
    Validation,
)
from app.domain.journal import JournalDocument
from tests.contract.erp_suite import found, journal, line, send, sent, validated
from tests.contract.test_xero_erp_contract import CREDENTIALS, LOOPBACK, XeroHarness, running
from tests.contract.xero_stand_in import TENANT, TOKEN, account
from tests.fake_sign_in import FakeSignIn

pytestmark = pytest.mark.anyio
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
async def erp() -> AsyncIterator[XeroHarness]:
    async with running() as harness:
        yield harness


def on(code: str) -> JournalDocument:
    return journal("JNL-1", lines=(line(1, "debit", "2100", "1.00"), line(2, "credit", code, "1.00")))


async def complaints(connection: ErpConnection, document: JournalDocument) -> list[tuple[str, int | None]]:
    verdict = await validated(connection, document)
    assert isinstance(verdict, Validation)
    return [(problem.code, problem.line) for problem in verdict.problems]


async def test_a_batch_goes_in_one_look_up_each_ten_and_one_post(erp: XeroHarness) -> None:
    documents = [journal(f"JNL-{number}") for number in range(1, 51)]
    answered = await send(erp.connect(), *documents)

    assert {type(outcome) for outcome in answered.results.values()} == {Booked}
    assert [method for method, *_ in erp.server.requests] == ["GET"] * 5 + ["POST"]
    assert erp.balances()["2100"] == "525.00"


async def test_half_a_batch_is_there_already(erp: XeroHarness) -> None:
    connection = erp.connect()
    first = await send(connection, journal("JNL-1"), journal("JNL-2"))
    answered = await send(connection, journal("JNL-1"), journal("JNL-2"), journal("JNL-3"))

    assert {reference: answered.results[reference] for reference in first.results} == first.results
    assert [each["Narration"] for each in json.loads(erp.server.requests[-1][3])["ManualJournals"]] == ["JNL-3"]


async def test_one_reference_twice_in_a_batch_is_booked_once(erp: XeroHarness) -> None:
    await send(erp.connect(), journal("JNL-1"), journal("JNL-1"))

    assert erp.balances()["2100"] == "10.50"


async def test_headers_and_address(erp: XeroHarness) -> None:
    await sent(erp.connect(), journal("JNL-1"))

    method, path, headers, _ = erp.server.requests[-1]
    assert (method, path) == ("POST", "/api.xro/2.0/ManualJournals?summarizeErrors=false")
    assert headers["xero-tenant-id"] == TENANT
    assert len(headers["idempotency-key"]) == 64
    assert not any("idempotency-key" in each for method, _, each, _ in erp.server.requests if method == "GET")


async def test_two_late_requests_with_the_same_content_book_once(erp: XeroHarness) -> None:
    """The first is still under way when the second comes: the look-up cannot see it, the key does."""
    erp.fault("slow", seconds=2, times=2)
    connection = erp.connect()
    await sent(connection, journal("JNL-1"))
    await sent(connection, journal("JNL-1"))
    await anyio.sleep(3)

    assert [method for method, *_ in erp.server.requests] == ["GET", "POST", "GET", "POST"]
    assert erp.balances()["2100"] == "10.50"


async def test_xero_repeats_a_refusal_for_six_minutes(erp: XeroHarness) -> None:
    connection = erp.connect()
    assert isinstance(await sent(connection, on("777")), Rejected)
    erp.books.accounts.append(account("777", "New", "EXPENSE"))

    assert isinstance(await sent(connection, on("777")), Rejected)
    erp.books.later += 361
    assert isinstance(await sent(connection, on("777")), Booked)


async def test_a_voided_journal_is_told_and_not_booked_again(erp: XeroHarness) -> None:
    connection = erp.connect()
    await sent(connection, journal("JNL-1"))
    erp.books.void("JNL-1")

    outcome, there = await sent(connection, journal("JNL-1")), await found(connection, "JNL-1")

    assert isinstance(outcome, Rejected)
    assert isinstance(there, FoundBooked)
    assert [each.code for each in outcome.problems] == [each.code for each in there.problems] == ["voided"]
    assert erp.balances() == {"2100": "0.00", "2110": "0.00"}


async def test_what_a_person_changed_in_xero_is_told(erp: XeroHarness) -> None:
    connection = erp.connect()
    await sent(connection, journal("JNL-1"))
    erp.books.manual_journals[0]["Date"] = "/Date(1793577600000+0000)/"

    there = await found(connection, "JNL-1")

    assert isinstance(there, FoundBooked)
    assert [each.code for each in there.problems] == ["date-moved"]


async def test_a_draft_keeps_its_id(erp: XeroHarness) -> None:
    connection = erp.connect()
    erp.leave_draft(journal("JNL-1", "9.00"))
    draft = await found(connection, "JNL-1")

    outcome = await sent(connection, journal("JNL-1"))

    assert isinstance(draft, FoundDraft)
    assert outcome == Booked(number=draft.number)
    assert len(erp.books.manual_journals) == 1


@pytest.mark.parametrize("code", ["800", "610", "090", "630", "0999", "777"])
async def test_accounts_that_take_no_manual_journals_are_found_by_both(erp: XeroHarness, code: str) -> None:
    connection = erp.connect()
    expected = {"0999": "inactive-account", "777": "unknown-account"}.get(code, "account-refused")

    assert await complaints(connection, on(code)) == [(expected, 2)]
    outcome = await sent(connection, on(code))
    assert isinstance(outcome, Rejected)
    assert [(each.code, each.line) for each in outcome.problems] == [("account-refused", 2)]


async def test_a_validation_knows_both_lock_dates_and_the_base_currency(erp: XeroHarness) -> None:
    connection = erp.connect()
    erp.books.lock_dates["PeriodLockDate"] = date(2025, 1, 1)

    assert await complaints(connection, journal("JNL-1", accounting_date=date(2026, 3, 31))) == [("period-closed", None)]
    assert await complaints(connection, journal("JNL-1", accounting_date=date(2026, 4, 1))) == []
    assert await complaints(connection, journal("JNL-1", currency="AUD", base_currency="AUD")) == [("base-currency", None)]


async def test_a_message_about_payables_says_what_to_do(erp: XeroHarness) -> None:
    verdict = await validated(erp.connect(), on("800"))

    assert isinstance(verdict, Validation)
    assert verdict.problems[0].message == (
        "account 800 is accounts payable, on which Xero takes no manual journals: map it to a clearing account"
    )


async def test_tracking_and_tax_type_arrive_and_are_validated(erp: XeroHarness) -> None:
    connection = erp.connect()
    tracked = replace(line(1, "debit", "2100", "1.00"), dimensions={"Region": "South"}, tax_code="BASEXCLUDED")
    unknown = (replace(tracked, dimensions={"Region": "West"}), replace(line(2, "credit", "2110", "1.00"), dimensions={"Fund": "G"}))

    assert await complaints(connection, journal("JNL-1", lines=unknown)) == [("unknown-dimension", 1), ("unknown-dimension", 2)]
    good = journal("JNL-1", lines=(tracked, line(2, "credit", "2110", "1.00")))
    assert await complaints(connection, good) == []
    assert isinstance(await sent(connection, good), Booked)
    first = erp.books.manual_journals[0]["JournalLines"][0]
    assert (first["Tracking"], first["TaxType"]) == ([{"Name": "Region", "Option": "South"}], "BASEXCLUDED")


async def test_base_amounts_of_a_foreign_currency(erp: XeroHarness) -> None:
    lines = (line(1, "debit", "2100", "1200", "13.57"), line(2, "credit", "2110", "1200", "13.57"))
    document = journal("JNL-1", currency="JPY", lines=lines)

    assert await complaints(erp.connect(), document) == [("foreign-currency", None)]
    connection = erp.connect(foreign_currency="base_amounts")
    assert connection.capabilities.foreign_currency
    assert await complaints(connection, document) == []
    assert isinstance(await sent(connection, document), Booked)
    assert erp.balances() == {"2100": "13.57", "2110": "-13.57"}


@pytest.mark.parametrize(("limit", "pause"), [("minute_limit", 17), ("day_limit", 41_000)])
async def test_its_limits_ask_for_a_pause(erp: XeroHarness, limit: str, pause: int) -> None:
    setattr(erp.books, limit, 1)
    connection = erp.connect()

    assert await sent(connection, journal("JNL-1")) == Throttled(retry_after=pause)  # the look-up was let through
    assert await validated(connection, journal("JNL-1")) == Throttled(retry_after=pause)
    assert isinstance(await found(connection, "JNL-1"), CannotTell)
    assert erp.balances() == {}


async def test_a_token_that_ended_is_renewed_once_and_the_call_repeated(erp: XeroHarness) -> None:
    sign_in = FakeSignIn(["old", TOKEN], TENANT)

    assert isinstance(await sent(erp.connect(sign_in=sign_in), journal("JNL-1")), Booked)
    assert sign_in.refusals == ["old"]


async def test_a_token_that_is_refused_again_pauses_the_endpoint(erp: XeroHarness) -> None:
    sign_in = FakeSignIn(["old", "older", TOKEN], TENANT)

    assert isinstance(await sent(erp.connect(sign_in=sign_in), journal("JNL-1")), Unauthorised)
    assert sign_in.refusals == ["old"]


async def test_without_a_token_nothing_is_sent(erp: XeroHarness) -> None:
    nobody = erp.connect(sign_in=FakeSignIn([], instead=NotAuthorised(reason="nobody did")))
    later = erp.connect(sign_in=FakeSignIn([], instead=NoTokenNow(reason="Xero's sign-in is away")))
    nothing_chosen = erp.connect(sign_in=FakeSignIn([TOKEN], None))

    assert await sent(nobody, journal("JNL-1")) == Unauthorised(reason="not authorised, the endpoint must be connected again: nobody did")
    assert await sent(later, journal("JNL-1")) == Retryable(reason="Xero's sign-in is away")
    assert isinstance(await validated(nothing_chosen, journal("JNL-1")), Unauthorised)
    assert await found(later, "JNL-1") == CannotTell(reason="Xero's sign-in is away")
    assert erp.server.requests == []


async def test_the_organisations_that_can_be_chosen_are_listed(erp: XeroHarness) -> None:
    connection = Connection(url=erp.server.url, credentials=CREDENTIALS)
    listing = sign_in_flow(connection).organisations
    assert listing is not None
    async with HttpClient(allowed_networks=LOOPBACK) as http:
        assert await listing(http, TOKEN) == (Organisation(id=TENANT, name="Kōwhai College"),)
        assert await listing(http, "wrong") == OrganisationsUnknown(reason="Xero answered 401 when asked for its connections")
        erp.stop()
        assert await listing(http, TOKEN) == OrganisationsUnknown(reason="Xero's connections: connection refused")


async def test_an_organisation_that_was_disconnected_pauses_the_endpoint(erp: XeroHarness) -> None:
    connection = erp.connect(sign_in=FakeSignIn([TOKEN], "somebody-else"))

    assert isinstance(await sent(connection, journal("JNL-1")), Misconfigured)
    assert "not connected any more" in (await connection.check()).problems[0]


async def test_the_journals_show_what_others_booked_and_voids(erp: XeroHarness) -> None:
    connection = erp.connect(ledger="journals")
    await sent(connection, journal("JNL-1"))
    erp.books.book_bill(date(2026, 11, 3), "2100", "7.25")
    await sent(connection, journal("JNL-2", "1.00"))
    erp.books.void("JNL-2")

    entries = await connection.entries(["2100"], *NOVEMBER)

    assert not isinstance(entries, CannotTell)
    assert [(each.reference, str(each.amount)) for each in entries] == [
        ("JNL-1", "10.5"),
        (None, "7.25"),
        ("JNL-2", "1.0"),
        ("JNL-2", "-1.0"),
    ]
    assert isinstance(there := await found(connection, "JNL-1"), FoundBooked)
    assert entries[0].number == there.number


async def test_manual_journals_alone_leave_voids_and_bills_out(erp: XeroHarness) -> None:
    connection = erp.connect()
    await sent(connection, journal("JNL-1"))
    erp.books.book_bill(date(2026, 11, 3), "2100", "7.25")
    await sent(connection, journal("JNL-2", "1.00"))
    erp.books.void("JNL-2")
    erp.leave_draft(journal("JNL-3"))

    entries = await connection.entries(["2100"], *NOVEMBER)

    assert not isinstance(entries, CannotTell)
    assert [(each.reference, each.amount) for each in entries] == [("JNL-1", Decimal("10.5"))]


@pytest.mark.parametrize("ledger", ["journals", "manual_journals"])
async def test_a_ledger_of_several_pages_is_read_to_its_end_and_not_beyond_the_bound(erp: XeroHarness, ledger: str) -> None:
    for start in range(0, 250, 50):
        await send(erp.connect(), *(journal(f"JNL-{number}", "1.00") for number in range(start, start + 50)))

    entries = await erp.connect(ledger=ledger).entries(["2100"], *NOVEMBER)
    assert not isinstance(entries, CannotTell)
    assert (len(entries), len({each.reference for each in entries})) == (250, 250)
    assert isinstance(await erp.connect(ledger=ledger, ledger_calls_max=1).entries(["2100"], *NOVEMBER), CannotTell)


async def test_what_was_made_long_before_is_left_out_by_the_setting(erp: XeroHarness) -> None:
    erp.books.later = -timedelta(days=400).total_seconds()
    await sent(erp.connect(), journal("JNL-1"))
    erp.books.later = 0

    seen = await erp.connect(ledger="journals").entries(["2100"], *NOVEMBER)
    all_of_it = await erp.connect(ledger="journals", posted_ahead_days=800).entries(["2100"], *NOVEMBER)

    assert seen == []
    assert isinstance(all_of_it, list)
    assert all_of_it[0] == BookedEntry(
        reference="JNL-1",
        number=all_of_it[0].number,
        accounting_date=date(2026, 11, 1),
        account_code="2100",
        amount=Decimal("10.5"),
    )


async def test_without_the_scope_the_ledger_cannot_be_told(erp: XeroHarness) -> None:
    entries = await erp.connect(ledger="journals", sign_in=FakeSignIn([TOKEN], "somebody-else")).entries(["2100"], *NOVEMBER)

    assert isinstance(entries, CannotTell)
    assert "scope" in entries.reason


async def test_a_reference_that_xero_cannot_be_asked_for_never_leaves(erp: XeroHarness) -> None:
    document = journal('JNL"1')
    outcome = await sent(erp.connect(), document)

    assert isinstance(outcome, Rejected)
    assert outcome.problems[0].code == "reference-not-allowed"
    assert isinstance(await found(erp.connect(), 'JNL"1'), CannotTell)
    assert erp.server.requests == []


async def test_a_rejection_of_the_look_up_is_no_verdict_on_the_journal(erp: XeroHarness) -> None:
    erp.fault("fail", on="find", status=400, times=1)

    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Misconfigured)
    erp.fault("fail", on="find", status=500, times=1)
    assert isinstance(await sent(erp.connect(), journal("JNL-1")), Retryable)
    assert erp.balances() == {}


async def test_problems_stay_with_what_is_found(erp: XeroHarness) -> None:
    connection = erp.connect()
    await sent(connection, journal("JNL-1"))

    assert await sent(connection, journal("JNL-1", "11.50")) == Booked(
        number=erp.books.manual_journals[0]["ManualJournalID"],
        problems=tuple(
            Problem(
                line=None,
                code="booked-otherwise",
                message=f"account {code}: the ERP booked {have} NZD, not {want} (debit positive)",
            )
            for code, have, want in (("2100", "10.5", "11.50"), ("2110", "-10.5", "-11.50"))
        ),
    )
