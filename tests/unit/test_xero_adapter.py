"""The `xero` adapter without a network: what it sends, what it reads, what it refuses."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure
from app.adapters.erp.xero.manual_journals import read_date, read_manual_journals
from app.adapters.erp.xero.payload import idempotency_key, look_up_path, problems_of, request_body
from app.adapters.erp.xero.settings import XeroSettings, read_endpoint
from app.adapters.erp.xero.sign_in import sign_in_flow
from app.adapters.erp.xero.verdicts import read_sends, settled, standing
from app.application.ports.erp import Connection
from app.domain.delivery import (
    Absent,
    Booked,
    CannotTell,
    FoundBooked,
    FoundDraft,
    Misconfigured,
    Problem,
    Rejected,
    Retryable,
    SendOutcome,
    Throttled,
    Unauthorised,
    Unknown,
)
from app.domain.errors import Invalid
from tests.contract.erp_suite import journal, line

SETTINGS = XeroSettings()
BASE_AMOUNTS = XeroSettings(foreign_currency="base_amounts")
TRACKED = replace(line(1, "debit", "2100", "10.50"), dimensions={"Region": "South", "Fund": "G"}, tax_code="NONE")
GOLDEN = (
    '{"ManualJournals":[{"Narration":"JNL-1","Date":"2026-11-01","Status":"POSTED","LineAmountTypes":"NoTax",'
    '"ShowOnCashBasisReports":true,"JournalLines":['
    '{"LineAmount":10.50,"AccountCode":"2100","Description":"Receipt R-7, Kōwhai: Widget 1","TaxType":"NONE",'
    '"Tracking":[{"Name":"Fund","Option":"G"},{"Name":"Region","Option":"South"}]},'
    '{"LineAmount":-10.50,"AccountCode":"2110","Description":"Receipt R-7, Kōwhai: Widget 2"}]}]}'
)


def test_the_golden_payload() -> None:
    assert request_body([journal("JNL-1", lines=(TRACKED, line(2, "credit", "2110", "10.50")))], SETTINGS) == GOLDEN


def test_of_a_foreign_currency_the_base_amounts_are_sent_and_it_is_said() -> None:
    lines = (line(1, "debit", "2100", "1200", "13.57"), line(2, "credit", "2110", "1200", "13.57"))
    body = json.loads(request_body([journal("JNL-1", currency="JPY", lines=lines)], BASE_AMOUNTS))

    sent = body["ManualJournals"][0]["JournalLines"]
    assert [(each["LineAmount"], each["Description"]) for each in sent] == [
        (13.57, "Receipt R-7, Kōwhai: Widget 1 (JPY 1200)"),
        (-13.57, "Receipt R-7, Kōwhai: Widget 2 (JPY 1200)"),
    ]


def test_a_long_description_is_cut_and_the_amount_stays() -> None:
    long = replace(line(1, "debit", "2100", "1200", "13.57"), description="x" * 5_000)
    body = json.loads(request_body([journal("JNL-1", currency="JPY", lines=(long, long))], BASE_AMOUNTS))

    said = body["ManualJournals"][0]["JournalLines"][0]["Description"]
    assert (len(said), said[-10:]) == (4_000, "(JPY 1200)")


def test_a_draft_is_replaced_under_its_id() -> None:
    body = json.loads(request_body([journal("JNL-1"), journal("JNL-2")], SETTINGS, {"JNL-2": "the-id"}))
    assert [each.get("ManualJournalID") for each in body["ManualJournals"]] == [None, "the-id"]


def test_what_it_refuses_beforehand() -> None:
    crowded = replace(TRACKED, line=2, dimensions={"a": "1", "b": "2", "c": "3"})
    assert problems_of(journal("JNL-1"), SETTINGS) == ()
    assert [each.code for each in problems_of(journal("JNL-1", currency="JPY"), SETTINGS)] == ["foreign-currency"]
    assert problems_of(journal("JNL-1", currency="JPY"), BASE_AMOUNTS) == ()
    for reference in ('a"b', "a\\b", " a", "a ", "a\nb"):
        assert [each.code for each in problems_of(journal(reference), SETTINGS)] == ["reference-not-allowed"]
    assert [(each.code, each.line) for each in problems_of(journal("JNL-1", lines=(TRACKED, crowded)), SETTINGS)] == [
        ("too-many-dimensions", 2)
    ]


def test_the_look_up_is_the_filter_that_xero_documents() -> None:
    assert look_up_path(["PO/2026 1", "B"], 2) == (
        "/api.xro/2.0/ManualJournals?where=Narration%3D%3D%22PO%2F2026%201%22%20OR%20Narration%3D%3D%22B%22&page=2"
    )


def test_a_key_stands_for_organisation_and_content() -> None:
    key = idempotency_key("org", "/p", "{}")
    assert (key, len(key)) == (idempotency_key("org", "/p", "{}"), 64)
    assert len({key, idempotency_key("other", "/p", "{}"), idempotency_key("org", "/p", "[]"), idempotency_key("org", "/q", "{}")}) == 4


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("/Date(1793491200000+0000)/", date(2026, 11, 1)),
        ("/Date(1793491200000)/", date(2026, 11, 1)),
        ("/Date(-86400000+0000)/", date(1969, 12, 31)),
        ("2026-11-01", date(2026, 11, 1)),
        ("2026-11-01T00:00:00", date(2026, 11, 1)),
        ("/Date(999999999999999)/", None),
        ("soon", None),
        (None, None),
    ],
)
def test_dates(text: object, day: date | None) -> None:
    assert read_date(text) == day


def element(narration: str = "JNL-1", **changes: Any) -> dict[str, Any]:
    """A posted manual journal as Xero answers it."""
    lines = [{"AccountCode": "2100", "LineAmount": 10.5, "TaxAmount": 0.0}, {"AccountCode": "2110", "LineAmount": -10.5, "TaxAmount": 0.0}]
    known = {
        "ManualJournalID": "id-1",
        "Narration": narration,
        "Status": "POSTED",
        "Date": "/Date(1793491200000+0000)/",
        "JournalLines": lines,
    }
    return known | changes


def answer(body: object, status: int = 200, **headers: str) -> HttpAnswer:
    content = body if isinstance(body, str) else json.dumps(body)
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(
        status=status, headers=told, content=content.encode(), truncated=False, duration_ms=1, received_at=datetime(2026, 11, 1, tzinfo=UTC)
    )


def sent(*elements: dict[str, Any], status: int = 200, key: str = "ManualJournals") -> SendOutcome:
    return read_sends([journal("JNL-1")], answer({key: elements}, status))["JNL-1"]


def errors(*messages: str) -> dict[str, Any]:
    return {"ManualJournalID": "0" * 8, "StatusAttributeString": "ERROR", "ValidationErrors": [{"Message": each} for each in messages]}


def test_posted_is_booked_and_what_differs_is_told() -> None:
    assert sent(element()) == Booked(number="id-1")
    assert [each.code for each in _booked(sent(element(Date="/Date(1793577600000+0000)/"))).problems] == ["date-moved"]
    taxed = element()
    taxed["JournalLines"][0]["TaxAmount"] = 1.58
    assert [each.code for each in _booked(sent(taxed)).problems] == ["tax-added"]
    removed = element(Warnings=[{"Message": "Account code '2110' has been removed as it does not match a recognised account."}])
    del removed["JournalLines"][1]
    assert [(each.code, each.line) for each in _booked(sent(removed)).problems] == [("booked-otherwise", None), ("changed-by-erp", 2)]


def _booked(outcome: SendOutcome) -> Booked:
    assert isinstance(outcome, Booked)
    return outcome


def test_a_warning_that_left_a_draft_is_a_refusal() -> None:
    warned = element(
        Status="DRAFT", Warnings=[{"Message": "Account code '2110' has been removed as it does not match a recognised account."}]
    )
    outcome = sent(warned)
    assert isinstance(outcome, Rejected)
    assert [(each.code, each.line) for each in outcome.problems] == [("account-refused", 2)]


@pytest.mark.parametrize(
    ("message", "code", "number"),
    [
        ("Account code '2110' is not a valid code for this document.", "account-refused", 2),
        ("The TaxType code 'INPUT' cannot be used with account code '2100'.", "account-refused", 1),
        ("Account code '999' is not a valid code for this document.", "account-refused", None),
        ("The document date cannot be before the period lock date, currently set at 31 October 2026", "period-closed", None),
        ("The total debits (100.00) must equal total credits (-10.00)", "unbalanced", None),
        ("Something new", "refused", None),
    ],
)
def test_a_refusal_names_its_lines(message: str, code: str, number: int | None) -> None:
    expected = Rejected(problems=(Problem(line=number, code=code, message=message),))
    assert sent(element() | errors(message)) == expected
    assert sent(element() | errors(message), status=400, key="Elements") == expected


@pytest.mark.parametrize(
    "elements",
    [
        [],
        [element("JNL-2")],
        [element(), element()],
        [element(Status="DRAFT")],
        [element(ManualJournalID=None)],
        [element(ManualJournalID="00000000-0000-0000-0000-000000000000")],
        [element(JournalLines=[])],
        [element(Date="soon")],
        ["a"],
    ],
)
def test_an_answer_that_does_not_say_posted_proves_nothing(elements: Any) -> None:
    assert isinstance(sent(*elements), Unknown)


def test_what_statuses_mean() -> None:
    def outcome(reply: Any) -> SendOutcome:
        return read_sends([journal("JNL-1")], reply)["JNL-1"]

    assert isinstance(outcome(answer("<html>")), Unknown)
    assert isinstance(outcome(answer("", 500)), Unknown)
    assert isinstance(outcome(answer("", 403)), Misconfigured)
    assert isinstance(outcome(answer("", 401)), Unauthorised)
    assert isinstance(outcome(HttpFailure(kind=FailureKind.BEFORE_SENT, reason="x", duration_ms=1)), Retryable)
    assert isinstance(outcome(HttpFailure(kind=FailureKind.TIMEOUT, reason="x", duration_ms=1)), Unknown)
    assert outcome(answer("", 429, retry_after="17", x_rate_limit_problem="minute")) == Throttled(retry_after=17)
    assert outcome(answer({"Type": "QueryParseException", "Message": "No"}, 400)) == Rejected(
        problems=(Problem(line=None, code="refused", message="No"),)
    )


def read(*elements: dict[str, Any]) -> Any:
    return standing(journal("JNL-1"), read_manual_journals(answer({"ManualJournals": elements})) or ())


def test_what_stands_in_the_list() -> None:
    assert read() == Absent()
    assert read(element("JNL-10"), element("jnl-1"), element("JNL-1 ")) == Absent()
    assert read(element()) == FoundBooked(number="id-1")
    assert read(element(Status="ARCHIVED")) == FoundBooked(number="id-1")
    assert read(element(Status="DRAFT")) == FoundDraft(number="id-1")
    assert read(element(Status="DELETED")) == Absent()
    assert isinstance(read(element(Status="SUBMITTED")), CannotTell)
    assert [each.code for each in read(element(), element(ManualJournalID="id-2")).problems] == ["booked-twice"]
    assert [each.code for each in read(element(JournalLines=[])).problems] == ["not-read-back"]


def test_what_was_voided_is_not_booked_again_unless_it_is_booked_beside() -> None:
    voided = read(element(Status="VOIDED"), element(Status="DRAFT"))
    assert [each.code for each in voided.problems] == ["voided"]
    assert settled(voided) == Rejected(problems=voided.problems)
    assert read(element(Status="VOIDED"), element(ManualJournalID="id-2")) == FoundBooked(number="id-2")
    assert settled(FoundBooked(number="id-1")) == Booked(number="id-1")
    assert (settled(Absent()), settled(FoundDraft(number="x"))) == (None, None)
    assert isinstance(settled(CannotTell(reason="x")), Rejected)


def test_settings_name_what_is_wrong_and_repeat_no_secret() -> None:
    wrong = Connection(
        url="ftp://x?y",
        settings={"batch_max": 51, "ledger": "all"},
        credentials={"client_id": "", "client_secret": "s3cret", "token": "s3cret"},
    )
    with pytest.raises(Invalid) as raised:
        read_endpoint(wrong)
    assert [fault.pointer for fault in raised.value.faults] == [
        "/url",
        "/settings/batch_max",
        "/settings/ledger",
        "/credentials/client_id",
        "/credentials/token",
    ]
    assert "s3cret" not in str(raised.value.faults)


def test_the_ledger_scope_is_asked_for_only_where_it_is_needed() -> None:
    known = {"client_id": "a", "client_secret": "b"}
    plain = sign_in_flow(Connection(url="https://api.xero.com", credentials=known))
    whole = sign_in_flow(Connection(url="https://api.xero.com", credentials=known, settings={"ledger": "journals"}))
    assert plain.scopes == ("offline_access", "accounting.manualjournals", "accounting.settings.read")
    assert whole.scopes == (*plain.scopes, "accounting.journals.read")


def test_amounts_are_read_exactly() -> None:
    body = '{"ManualJournals": [{"Narration": "JNL-1", "Date": "2026-11-01", "JournalLines": [{"LineAmount": 9007199254740993.01}]}]}'
    listed = read_manual_journals(answer(body))
    assert listed is not None
    assert listed[0].entries is not None
    assert listed[0].entries[0].amount == Decimal("9007199254740993.01")
