"""What is sent to NetSuite and what its answers mean, without a network. Fields as in Oracle's REST API Browser, record journalEntry."""

import json
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.netsuite.connection import NETSUITE
from app.adapters.erp.netsuite.exchange_rate import exchange_rate
from app.adapters.erp.netsuite.payload import journal_body, shape_problems
from app.adapters.erp.netsuite.reference_data import LedgerAccount, Period, ReferenceData
from app.adapters.erp.netsuite.response import outcome, read_entry, read_ledger, read_made, read_record, read_rows
from app.adapters.erp.netsuite.sign_in import sign_in_flow
from app.adapters.erp.netsuite.suiteql import ledger_of, segment_values
from app.application.ports.erp import Connection
from app.domain.delivery import Absent, Misconfigured, Rejected, Throttled, Unauthorised, Unknown
from app.domain.errors import Invalid
from app.domain.journal import JournalDocument, JournalLine

DATA = ReferenceData(
    accounts={
        number: LedgerAccount(id=internal, number=number, name=number, type="Expense", refusal=None)
        for number, internal in (("2100", "201"), ("2110", "202"), ("4100-12", "301"))
    },
    periods=[Period(id="512", name="Nov 2026", starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30), open=True)],
    currencies={"NZD": "1", "JPY": "6"},
    base_currency="NZD",
    segments={"department": {"Facilities": "11", "11": "11"}},
)


def line(number: int, side: Any, code: str, amount: str, base_amount: str | None = None, **changes: Any) -> JournalLine:
    known: dict[str, Any] = {"role": "grni", "ledger": "actual", "account": None, "charge_code": None, "description": f"Widget {number}"}
    known |= {"line": number, "side": side, "account_code": code}
    known |= {"amount": Decimal(amount), "base_amount": Decimal(base_amount or amount)}
    return JournalLine(**known | changes)


def journal(*lines: JournalLine, **changes: Any) -> JournalDocument:
    known: dict[str, Any] = {
        "reference": "A1B2-000017",
        "accounting_date": date(2026, 11, 1),
        "currency": "NZD",
        "base_currency": "NZD",
        "description": "Receipt R-7, Kōwhai",
    }
    return JournalDocument(**known | changes, lines=lines)


def answer(status: int, body: object = None, **headers: str) -> HttpAnswer:
    return HttpAnswer(
        status=status,
        headers=headers,
        content=b"" if body is None else json.dumps(body).encode(),
        truncated=False,
        duration_ms=1,
        received_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


def error(status: int, code: str, path: str | None = None) -> HttpAnswer:
    about = {} if path is None else {"o:errorPath": path}
    return answer(status, {"status": status, "o:errorDetails": [{"detail": "Said so.", "o:errorCode": code, **about}]})


GOLDEN = (
    '{"externalId":"A1B2-000017","tranDate":"2026-11-01","postingPeriod":{"id":"512"},"memo":"Receipt R-7, Kōwhai","currency":{"id":"6"},'
    '"approved":true,"subsidiary":{"id":"3"},"exchangeRate":0.0113,"line":{"items":['
    '{"account":{"id":"201"},"debit":1000,"memo":"Widget 1","department":{"id":"11"}},'
    '{"account":{"id":"301"},"debit":200,"memo":"Widget 2","cseg_grant":{"id":"99"}},'
    '{"account":{"id":"202"},"credit":1200,"memo":"Widget 3"}]}}'
)


def test_a_record_word_by_word() -> None:
    document = journal(
        line(1, "debit", "2100", "1000", "11.30", dimensions={"department": "Facilities"}),
        line(2, "debit", "4100-12", "200", "2.26", dimensions={"cseg_grant": "99"}),
        line(3, "credit", "2110", "1200", "13.56"),
        currency="JPY",
    )
    assert journal_body(document, DATA, subsidiary="3", approve=True) == GOLDEN


def test_the_base_currency_has_no_rate_and_an_account_without_subsidiaries_names_none() -> None:
    document = journal(line(1, "debit", "2100", "0.10"), line(2, "credit", "2110", "0.10"), description="x" * 2_000)
    body = json.loads(journal_body(document, DATA, subsidiary=None, approve=False))
    assert body.keys() == {"externalId", "tranDate", "postingPeriod", "memo", "currency", "approved", "line"}
    assert body["approved"] is False
    assert len(body["memo"]) == 999


@pytest.mark.parametrize(
    ("lines", "changes", "problems"),
    [
        ((line(1, "debit", "2100", "1"), line(2, "credit", "2110", "1")), {}, []),
        ((line(5, "debit", "2100", "1", tax_code="GST"),), {}, [(5, "tax-code-refused")]),
        ((line(5, "debit", "2100", "1", dimensions={"Team": "x"}),), {}, [(5, "unknown-dimension")]),
        (
            (line(1, "debit", "2100", "100", "1.00"), line(2, "credit", "2110", "100", "1.01")),
            {"currency": "JPY"},
            [(None, "no-common-rate")],
        ),
        (tuple(line(number, "debit", "2100", "1") for number in range(1_001)), {}, [(None, "too-many-lines")]),
    ],
)
def test_what_can_certainly_not_be_taken(lines: Any, changes: dict[str, Any], problems: list[tuple[int | None, str]]) -> None:
    assert [(problem.line, problem.code) for problem in shape_problems(journal(*lines, **changes), 1_000)] == problems


@pytest.mark.parametrize(
    ("amounts", "rate"),
    [
        ([("1200", "13.57")], "0.01131"),
        ([("1000", "11.30"), ("200", "2.26")], "0.0113"),
        ([("10.00", "20.00")], "2"),
        ([("0", "0.01")], None),
        ([("0", "0"), ("5", "10")], "2"),
        ([("100", "1.00"), ("100", "1.01")], None),
        ([("0", "0")], None),
    ],
)
def test_the_shortest_rate_that_all_lines_share(amounts: list[tuple[str, str]], rate: str | None) -> None:
    lines = [line(number, "debit", "2100", amount, base) for number, (amount, base) in enumerate(amounts, start=1)]
    assert exchange_rate(lines) == (None if rate is None else Decimal(rate))


@given(st.lists(st.integers(1, 10**10), min_size=1, max_size=6), st.integers(1, 10**9))
def test_lines_that_were_made_with_one_rate_have_one_that_gives_them_back(cents: list[int], rate: int) -> None:
    true_rate = Decimal(rate).scaleb(-6)
    lines = []
    for number, each in enumerate(cents, start=1):
        amount = Decimal(each).scaleb(-2)
        base = (amount * true_rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
        lines.append(line(number, "debit", "2100", str(amount), str(base)))
    found = exchange_rate(lines)
    if found is None:  # a line lies on the very half that rounding decides, and leaves no room
        assert any((each.amount * true_rate * 1000) % 10 == 5 for each in lines)
        return
    for made in lines:
        assert (made.amount * found).quantize(Decimal("0.01"), ROUND_HALF_UP) == made.base_amount


def test_texts_are_quoted_in_a_question() -> None:
    assert "t.externalid IN ('A-1', 'O''NEIL')" in ledger_of(["O'NEIL", "A-1", "A-1"], "1")
    assert "name IN ('x'') OR 1=1 --') OR" in segment_values("department", ["x') OR 1=1 --"])


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("line.items[0].account", 4),
        ("line.items[1]", 7),
        ("line.items[2].memo", None),
        ("line.items[x].memo", None),
        ("postingPeriod", None),
        (None, None),
    ],
)
def test_a_path_names_our_line(path: str | None, number: int | None) -> None:
    document = journal(line(4, "debit", "2100", "1"), line(7, "credit", "2110", "1"))
    refused = outcome(error(400, "INVALID_CONTENT", path), document)
    assert isinstance(refused, Rejected)
    assert [(problem.line, problem.code, problem.message) for problem in refused.problems] == [(number, "invalid-content", "Said so.")]


@pytest.mark.parametrize("code", ["WS_REQUEST_BLOCKED", "SSS_REQUEST_LIMIT_EXCEEDED", "WS_CONCUR_SESSION_DISALLWD"])
def test_codes_of_too_many_at_once(code: str) -> None:
    assert outcome(error(400, code)) == Throttled(retry_after=None)


def test_a_record_is_absent_only_where_netsuite_says_so() -> None:
    assert read_record("JNL-1", error(404, "NONEXISTENT_ID")) == Absent()
    assert isinstance(read_record("JNL-1", answer(404)), Misconfigured)
    assert isinstance(read_record("JNL-1", error(404, "INVALID_URL")), Misconfigured)
    assert isinstance(read_record("JNL-1", error(401, "INVALID_LOGIN")), Unauthorised)
    assert read_record("JNL-1", answer(200, {"id": "7", "tranId": "JE7", "externalId": "JNL-1"})) == "JE7"
    assert isinstance(read_record("JNL-1", answer(200, {"id": "7", "tranId": "JE7", "externalId": "JNL-2"})), Unknown)


@pytest.mark.parametrize(
    "made", [answer(200, {}), answer(204), answer(204, location="https://erp.example/login"), answer(202, location="/async/7")]
)
def test_only_the_place_of_a_journal_entry_says_that_it_was_made(made: HttpAnswer) -> None:
    document = journal(line(1, "debit", "2100", "1"))
    assert isinstance(read_made(made, document), Unknown)
    assert read_made(answer(204, location="https://erp.example/services/rest/record/v1/journalentry/7001"), document) is None


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": {}, "hasMore": False}, {"items": [], "hasMore": "no"}])
def test_a_page_that_does_not_say_whether_there_is_more_is_not_read(body: object) -> None:
    assert isinstance(read_rows(answer(200, body)), Unknown)


ROW = {"id": "7", "externalid": "JNL-1", "tranid": "JE7", "voided": "F", "trandate": "2026-11-01", "acctnumber": "2100", "debit": "10.50"}


@pytest.mark.parametrize("change", [{"trandate": "11/1/2026"}, {"acctnumber": None}, {"debit": "x"}])
def test_a_row_of_the_ledger_is_read_whole_or_not_at_all(change: dict[str, Any]) -> None:
    assert read_entry(ROW) is not None
    assert read_entry(ROW | change) is None
    assert read_ledger([ROW, ROW | change]) is None


def test_two_entries_with_one_reference_say_nothing() -> None:
    assert read_ledger([ROW, ROW | {"id": "8", "tranid": "JE8"}]) is None


CREDENTIALS = {"client_id": "app-1", "client_secret": "hush-hush"}


@pytest.mark.parametrize(
    ("settings", "credentials", "pointers"),
    [
        ({}, CREDENTIALS, ["/settings/account_id"]),
        ({"account_id": "evil.example/"}, CREDENTIALS, ["/settings/account_id"]),
        ({"account_id": "1", "subsidiary_id": "1 OR 1=1"}, CREDENTIALS, ["/settings/subsidiary_id"]),
        ({"account_id": "1", "accounting_book": "0"}, CREDENTIALS, ["/settings/accounting_book"]),
        ({"account_id": "1"}, {}, ["/credentials/client_id", "/credentials/client_secret"]),
    ],
)
def test_faults_of_a_connection(settings: dict[str, Any], credentials: dict[str, str], pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        NETSUITE.check(Connection(url="https://erp.example/services/rest", settings=settings, credentials=credentials))
    assert sorted(fault.pointer for fault in refused.value.faults) == pointers
    assert "hush" not in str([fault.message for fault in refused.value.faults])


def test_people_sign_in_at_the_hosts_of_their_account() -> None:
    flow = sign_in_flow(
        Connection(url="https://erp.example/services/rest", settings={"account_id": "1234567-SB1"}, credentials=CREDENTIALS)
    )
    assert flow.authorise_url == "https://1234567-sb1.app.netsuite.com/app/login/oauth2/authorize.nl"
    assert flow.token_url == "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token"
    assert flow.revoke_url == "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/revoke"
    assert (flow.scopes, flow.pkce, flow.client_authentication) == (("rest_webservices",), True, "basic")
    assert flow.organisations is None
