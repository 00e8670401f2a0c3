"""What is sent to Business Central and what its answers mean, without a network. Fields are checked against those that Microsoft
publishes (`tests/data/business_central/`)."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.business_central import dimensions, payload
from app.adapters.erp.business_central.connection import BUSINESS_CENTRAL
from app.adapters.erp.business_central.odata import Operation, batch_body, read_batch
from app.adapters.erp.business_central.reference_data import read_setup
from app.adapters.erp.business_central.response import read_draft, read_entries, refusal
from app.adapters.erp.business_central.sign_in import sign_in_flow
from app.application.ports.erp import Connection
from app.domain.booked import BookedEntry
from app.domain.delivery import Unknown
from app.domain.errors import Invalid
from app.domain.journal import JournalDocument, JournalLine

DATA = Path(__file__).parents[1] / "data" / "business_central" / "api-v2-fields.json"
ENTITIES: dict[str, dict[str, list[str]]] = json.loads(DATA.read_text())["entities"]
COMPANY = "6f3b2c1e-0a4d-4c8e-9b57-2f1d0c9a8e11"


def line(number: int, side: Any, amount: str, **changes: Any) -> JournalLine:
    known: dict[str, Any] = {"role": "grni", "ledger": "actual", "account": None, "account_code": "2100-a", "charge_code": "4100-12"}
    known |= {"line": number, "side": side, "amount": Decimal(amount), "base_amount": Decimal(amount), "description": f"Widget {number}"}
    return JournalLine(**known | changes)


def journal(*lines: JournalLine, **changes: Any) -> JournalDocument:
    known: dict[str, Any] = {
        "reference": "A1B2-000017",
        "accounting_date": date(2026, 11, 1),
        "currency": "NZD",
        "base_currency": "NZD",
        "description": "Receipt R-7, Kōwhai",
    }
    return JournalDocument(**known | changes, lines=lines or (line(1, "debit", "10.50"), line(2, "credit", "10.50")))


def answer(body: object, status: int = 200) -> HttpAnswer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpAnswer(
        status=status, headers={}, content=content, truncated=False, duration_ms=1, received_at=datetime(2026, 11, 1, tzinfo=UTC)
    )


GOLDEN = (
    '{"requests":['
    '{"id":"1","method":"POST","url":"companies(6f3b2c1e-0a4d-4c8e-9b57-2f1d0c9a8e11)/journals(J-1)/journalLines",'
    '"headers":{"Content-Type":"application/json"},"body":{"lineNumber":10000,"accountNumber":"2100-A","postingDate":"2026-11-01",'
    '"documentNumber":"A1B2-000017","amount":12345678901234567.89,"description":"Widget 1","comment":"Receipt R-7, Kōwhai"}},'
    '{"id":"2","method":"POST","url":"companies(6f3b2c1e-0a4d-4c8e-9b57-2f1d0c9a8e11)/journals(J-1)/journalLines",'
    '"headers":{"Content-Type":"application/json"},"body":{"lineNumber":20000,"accountNumber":"2110","postingDate":"2026-11-01",'
    '"documentNumber":"A1B2-000017","amount":-12345678901234567.79,"description":"Receipt R-7, Kōwhai","comment":"Receipt R-7, Kōwhai",'
    '"taxCode":"NOVAT"}},'
    '{"id":"3","method":"POST","url":"companies(6f3b2c1e-0a4d-4c8e-9b57-2f1d0c9a8e11)/journals(J-1)/journalLines",'
    '"headers":{"Content-Type":"application/json"},"body":{"lineNumber":30000,"accountNumber":"2100-A","postingDate":"2026-11-01",'
    '"documentNumber":"A1B2-000017","amount":-0.10,"description":"Widget 3","comment":"Receipt R-7, Kōwhai"}}]}'
)


def test_the_lines_of_a_journal_word_by_word() -> None:
    document = journal(
        line(1, "debit", "12345678901234567.89"),
        line(2, "credit", "12345678901234567.79", account_code="2110", description="", tax_code="NoVAT"),
        line(3, "credit", "0.10"),
    )
    assert batch_body(COMPANY, payload.new_lines(document, "J-1")) == GOLDEN


def test_what_is_sent_is_what_the_api_takes() -> None:
    document = journal(line(1, "debit", "1", tax_code="x", dimensions={"dept": "adm"}), line(2, "credit", "1"))
    made = payload.new_journal(document, "GLIABC", "GLINT")
    assert made.body == {"code": "GLIABC", "displayName": "A1B2-000017", "templateDisplayName": "GLINT"}
    assert _writable("journal") >= made.body.keys()
    for each in payload.new_lines(document, "J-1"):
        assert each.body is not None
        assert _writable("journalLine") >= each.body.keys()
    (added,) = dimensions.set_dimensions(document.lines[0], {"id": "L-1"})
    assert (added.method, added.path, added.body) == (
        "POST",
        "journalLines(L-1)/dimensionSetLines",
        {"code": "DEPT", "valueCode": "ADM"},
    )
    assert _writable("dimensionSetLine") >= {"code", "valueCode"}


def test_what_is_read_is_what_the_api_has() -> None:
    assert set(payload.ENTRY_FIELDS.split(",")) <= set(ENTITIES["generalLedgerEntry"]["fields"])
    assert set(payload.ACCOUNT_FIELDS.split(",")) <= set(ENTITIES["account"]["fields"])
    assert {"allowPostingFrom", "allowPostingTo", "localCurrencyCode"} <= set(ENTITIES["generalLedgerSetup"]["fields"])
    assert "currencyCode" not in ENTITIES["journalLine"]["fields"]  # why foreign currencies are refused


def test_texts_are_cut_to_what_fits() -> None:
    document = journal(line(1, "debit", "1", description="x" * 300), description="y" * 300)
    body = payload.line_body(document, document.lines[0])
    assert (len(body["description"]), len(body["comment"])) == (100, 250)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"currency": "JPY"}, ["foreign-currency"]),
        ({"reference": "X" * 21}, ["reference-too-long"]),
        ({"reference": "jnl-1"}, ["reference-altered"]),
        ({"reference": " JNL-1"}, ["reference-altered"]),
        ({"lines": (line(7, "debit", "1", account_code="9" * 21),)}, ["account-code-too-long"]),
    ],
)
def test_what_can_certainly_not_be_taken(changes: dict[str, Any], codes: list[str]) -> None:
    lines = changes.pop("lines", ())
    problems = payload.shape_problems(journal(*lines, **changes))
    assert [problem.code for problem in problems] == codes
    assert [problem.line for problem in problems] == ([7] if lines else [None] * len(codes))


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_a_code_is_a_references_own_and_has_letters_only(one: str, other: str) -> None:
    """A digit would be counted up when the journal is posted, and the journal not found again."""
    codes = {payload.journal_code("GLI", one), payload.journal_code("GLI", other)}
    assert len(codes) == len({one, other})
    assert all(len(code) == 10 and code.isascii() and code.isalpha() and code.isupper() for code in codes)
    assert all(code.startswith("GLI") for code in codes)


def test_a_reference_is_quoted_in_a_filter() -> None:
    assert payload.read_entries("O'NEIL & CO/1").path.count("&") == 1  # the one before $select
    assert unquote(payload.read_entries("O'NEIL & CO/1").path) == (
        "generalLedgerEntries?$filter=documentNumber eq 'O''NEIL & CO/1'"
        "&$select=entryNumber,postingDate,documentNumber,accountNumber,debitAmount,creditAmount"
    )


def test_answers_are_paired_by_their_id() -> None:
    said = {"responses": [{"id": "2", "status": 404}, {"id": "1", "status": 201, "body": {"id": "x"}}, {"id": "9", "status": 200}]}
    answers = read_batch(answer(said), 3)
    assert isinstance(answers, list)
    assert [each and each.status for each in answers] == [201, 404, None]


@pytest.mark.parametrize(
    "said", [{"responses": [{"id": "1", "status": 204}, {"id": "1", "status": 400}]}, {"responses": [{"id": "1", "status": "204"}]}]
)
def test_what_contradicts_itself_or_has_no_status_says_nothing(said: object) -> None:
    assert read_batch(answer(said), 1) == [None]


@pytest.mark.parametrize("body", [b"<html>", {}, {"responses": {}}, []])
def test_an_answer_that_is_no_batch_is_unknown(body: object) -> None:
    assert isinstance(read_batch(answer(body), 1), Unknown)


def test_an_error_is_told_in_its_own_words_without_the_correlation_id() -> None:
    error = {"code": "Internal_EntityWithSameKeyExists", "message": "The record already exists.  CorrelationId:  5b2c7e4e-3f1a."}
    answers = read_batch(answer({"responses": [{"id": "1", "status": 400, "body": {"error": error}}]}), 1)
    assert isinstance(answers, list)
    assert answers[0] is not None
    problem = refusal(answers[0], 3)
    assert (problem.line, problem.code, problem.message) == (3, "internal-entity-with-same-key-exists", "The record already exists.")


ENTRY = {
    "entryNumber": 1001,
    "postingDate": "2026-11-01",
    "documentNumber": "JNL-1",
    "accountNumber": "2100",
    "debitAmount": 10.5,
    "creditAmount": 0,
}


def test_an_entry_of_the_ledger() -> None:
    row = json.loads(json.dumps(ENTRY), parse_float=Decimal)
    assert read_entries([row]) == (
        BookedEntry(reference="JNL-1", number="1001", accounting_date=date(2026, 11, 1), account_code="2100", amount=Decimal("10.5")),
    )


@pytest.mark.parametrize("change", [{"debitAmount": None}, {"postingDate": "1.11.2026"}, {"entryNumber": "x"}, {"accountNumber": ""}])
def test_entries_are_read_whole_or_not_at_all(change: dict[str, Any]) -> None:
    row = json.loads(json.dumps(ENTRY), parse_float=Decimal)
    assert read_entries([row, row | change]) is None


def test_a_journal_that_is_told_in_part_is_not_read() -> None:
    whole = {"id": "J-1", "code": "GLIA", "@odata.etag": 'W/"1"', "displayName": "JNL-1", "journalLines": []}
    assert read_draft(whole) is not None
    assert read_draft(whole | {"journalLines@odata.nextLink": "…"}) is None
    assert read_draft({name: value for name, value in whole.items() if name != "@odata.etag"}) is None


@pytest.mark.parametrize(
    ("first", "last", "open_dates"),
    [
        ("0001-01-01", "0001-01-01", (date.min, date.max)),
        ("2026-11-01", "0001-01-01", (date(2026, 11, 1), date.max)),
        ("2026-11-01", "2026-11-30", (date(2026, 11, 1), date(2026, 11, 30))),
    ],
)
def test_dates_that_may_be_posted_to(first: str, last: str, open_dates: tuple[date, date]) -> None:
    setup = read_setup([{"allowPostingFrom": first, "allowPostingTo": last, "localCurrencyCode": ""}])
    assert setup is not None
    assert [(each.starts_on, each.ends_on) for each in setup.open_dates] == [open_dates]
    assert setup.currency is None


@pytest.mark.parametrize("rows", [[], [{}, {}], [{"allowPostingFrom": "x", "allowPostingTo": "0001-01-01"}]])
def test_a_setup_that_cannot_be_read_opens_nothing(rows: list[dict[str, Any]]) -> None:
    assert read_setup(rows) is None


CREDENTIALS = {"client_id": "app-1", "client_secret": "hush-hush"}


def connection(
    settings: dict[str, Any], credentials: dict[str, str] | None = None, url: str = "https://erp.example/api/v2.0"
) -> Connection:
    return Connection(url=url, settings=settings, credentials=CREDENTIALS if credentials is None else credentials)


@pytest.mark.parametrize(
    ("settings", "credentials", "pointers"),
    [
        ({"company_id": "CRONUS"}, CREDENTIALS, ["/settings/company_id"]),
        ({"journal_prefix": "G1"}, CREDENTIALS, ["/settings/journal_prefix"]),
        ({"journal_template": "general"}, CREDENTIALS, ["/settings/journal_template"]),
        ({"sign_in": "client_credentials"}, CREDENTIALS, ["/settings"]),
        ({"entra_tenant": "a/../b"}, CREDENTIALS, ["/settings/entra_tenant"]),
        ({}, {}, ["/credentials/client_id", "/credentials/client_secret"]),
        (
            {"batch_max": 41, "typo": 1},
            {"client_id": "x", "client_secret": ""},
            ["/settings/batch_max", "/settings/typo", "/credentials/client_secret"],
        ),
    ],
)
def test_faults_of_a_connection(settings: dict[str, Any], credentials: dict[str, str], pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        BUSINESS_CENTRAL.check(connection(settings, credentials))
    assert sorted(fault.pointer for fault in refused.value.faults) == sorted(pointers)
    assert "hush" not in str([fault.message for fault in refused.value.faults])


def test_people_sign_in_at_their_directory_and_choose_a_company() -> None:
    flow = sign_in_flow(connection({}))
    assert (flow.grant, flow.pkce, flow.client_authentication) == ("authorization_code", True, "post")
    assert flow.authorise_url == "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize"
    assert flow.token_url == "https://login.microsoftonline.com/organizations/oauth2/v2.0/token"
    assert flow.scopes == ("https://api.businesscentral.dynamics.com/Financials.ReadWrite.All", "offline_access")
    assert flow.organisations is not None


def test_an_application_signs_in_by_itself() -> None:
    flow = sign_in_flow(connection({"sign_in": "client_credentials", "company_id": COMPANY, "entra_tenant": "university.example"}))
    assert flow.grant == "client_credentials"
    assert flow.token_url == "https://login.microsoftonline.com/university.example/oauth2/v2.0/token"
    assert flow.scopes == ("https://api.businesscentral.dynamics.com/.default",)
    assert flow.organisations is None


def _writable(entity: str) -> set[str]:
    return set(ENTITIES[entity]["fields"]) - set(ENTITIES[entity].get("read_only", ()))


def test_an_operation_carries_the_version_it_is_about() -> None:
    removed: Operation = payload.remove_journal("J-1", 'W/"7"')
    assert json.loads(batch_body(COMPANY, [removed]))["requests"][0]["headers"] == {"If-Match": 'W/"7"'}
    read = payload.read_setup()
    assert json.loads(batch_body(COMPANY, [read]))["requests"][0]["headers"] == {"Data-Access-Intent": "ReadWrite"}
