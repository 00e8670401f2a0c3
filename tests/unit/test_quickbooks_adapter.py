"""The `quickbooks` adapter without a network: what it sends, what it reads, what it refuses."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure
from app.adapters.erp.quickbooks.company import (
    Company,
    Preferences,
    accounts_of,
    company_problems,
    dimension_ids,
    preference_problems,
    read_preferences,
    read_queried,
)
from app.adapters.erp.quickbooks.faults import outcome
from app.adapters.erp.quickbooks.journal_entries import Duplicate, JournalEntry, read_batch, read_created, read_journal_entry, standing
from app.adapters.erp.quickbooks.ledger import read_report, report_path
from app.adapters.erp.quickbooks.payload import (
    Ids,
    batch_body,
    create_body,
    kept_body,
    look_up_query,
    problems_of,
    query_path,
    write_path,
)
from app.adapters.erp.quickbooks.rates import converted, exchange_rate
from app.adapters.erp.quickbooks.settings import Entity, QuickBooksSettings, read_endpoint
from app.adapters.erp.quickbooks.sign_in import sign_in_flow
from app.application.ports.erp import Connection
from app.domain.delivery import (
    Absent,
    FoundBooked,
    Misconfigured,
    Problem,
    Rejected,
    Retryable,
    Throttled,
    Unauthorised,
    Unknown,
)
from app.domain.errors import Invalid
from app.domain.journal import JournalLine
from tests.contract.erp_suite import journal, line

SETTINGS = QuickBooksSettings(entities={"2110": Entity(type="Vendor", id="56")})
IDS = Ids(accounts={"2100": "101", "2110": "102"}, dimensions={("Class", "Science"): "201"})
CODES = {"101": "2100", "102": "2110"}
CLASSED = replace(line(1, "debit", "2100", "10.50"), dimensions={"Class": "Science"})
JPY = (line(1, "debit", "2100", "1200", "13.57"), line(2, "credit", "2110", "1200", "13.57"))
GOLDEN = (
    '{"DocNumber":"JNL-1","TxnDate":"2026-11-01","PrivateNote":"Receipt R-7, Kōwhai","CurrencyRef":{"value":"NZD"},"Line":['
    '{"DetailType":"JournalEntryLineDetail","Amount":10.50,"Description":"Widget 1","JournalEntryLineDetail":'
    '{"PostingType":"Debit","AccountRef":{"value":"101"},"ClassRef":{"value":"201"}}},'
    '{"DetailType":"JournalEntryLineDetail","Amount":10.50,"Description":"Widget 2","JournalEntryLineDetail":'
    '{"PostingType":"Credit","AccountRef":{"value":"102"},"Entity":{"Type":"Vendor","EntityRef":{"value":"56"}}}}]}'
)


def test_the_golden_payload() -> None:
    document = journal("JNL-1", lines=(CLASSED, line(2, "credit", "2110", "10.50")))
    assert create_body(document, SETTINGS, IDS) == GOLDEN
    assert batch_body([document], SETTINGS, IDS) == f'{{"BatchItemRequest":[{{"bId":"1","operation":"create","JournalEntry":{GOLDEN}}}]}}'


def test_what_is_kept_names_accounts_by_our_codes() -> None:
    kept = json.loads(kept_body([journal("JNL-1", lines=(CLASSED, CLASSED))], SETTINGS))
    detail = kept["JournalEntry"][0]["Line"][0]["JournalEntryLineDetail"]
    assert (detail["AccountRef"], detail["ClassRef"]) == ({"name": "2100"}, {"name": "Science"})


def test_a_foreign_currency_goes_with_a_rate_or_as_base_amounts() -> None:
    document = journal("JNL-1", currency="JPY", lines=JPY)
    own = json.loads(create_body(document, SETTINGS, IDS))
    base = json.loads(create_body(document, QuickBooksSettings(foreign_currency="base_amounts"), IDS))

    assert (own["CurrencyRef"], own["ExchangeRate"], own["Line"][0]["Amount"]) == ({"value": "JPY"}, 0.01131, 1200)
    assert (base["CurrencyRef"], "ExchangeRate" in base, base["Line"][0]["Amount"]) == ({"value": "NZD"}, False, 13.57)
    assert base["Line"][0]["Description"] == "Widget 1 (JPY 1200)"


@given(st.decimals("0.0001", "900", places=5), st.lists(st.decimals("1", "99999", places=2), min_size=1, max_size=5))
def test_a_rate_that_is_found_makes_every_base_amount(rate: Decimal, amounts: list[Decimal]) -> None:
    base = [converted(amount, rate, Decimal("0.01")) for amount in amounts]
    lines = [_line(amount, converted_amount) for amount, converted_amount in zip(amounts, base, strict=True)]
    found = exchange_rate(lines)
    assert found is None or [converted(amount, found, Decimal("0.01")) for amount in amounts] == base


def test_one_amount_has_always_a_rate_and_two_of_different_rates_have_none() -> None:
    assert exchange_rate([_line(Decimal("3"), Decimal("1.00"))]) == Decimal("0.333")
    assert exchange_rate([_line(Decimal("100"), Decimal("50.00")), _line(Decimal("100"), Decimal("60.00"))]) is None
    assert exchange_rate([_line(Decimal("0"), Decimal("0.01"))]) is None


def _line(amount: Decimal, base_amount: Decimal) -> JournalLine:
    return replace(line(1, "debit", "2100", "1"), amount=amount, base_amount=base_amount)


def test_what_it_refuses_beforehand() -> None:
    def codes(settings: QuickBooksSettings = SETTINGS, **changes: Any) -> list[tuple[str, int | None]]:
        return [(each.code, each.line) for each in problems_of(journal(changes.pop("reference", "JNL-1"), **changes), settings)]

    rounded = (JPY[0], replace(JPY[1], base_amount=Decimal("13.67")))
    assert codes() == codes(currency="JPY", lines=JPY) == []
    assert codes(currency="JPY", lines=rounded) == [("exchange-rate", None)]
    assert codes(QuickBooksSettings(foreign_currency="base_amounts"), currency="JPY", lines=rounded) == []
    assert codes(QuickBooksSettings(foreign_currency="refuse"), currency="JPY", lines=JPY) == [("foreign-currency", None)]
    assert codes(lines=(replace(CLASSED, dimensions={"Fund": "G"}),)) == [("unknown-dimension", 1)]
    assert codes(lines=(replace(CLASSED, tax_code="TAX"),)) == [("tax-code-not-allowed", 1)]
    for reference in ("a\\b", " a", "a\nb"):
        assert codes(reference=reference) == [("reference-not-allowed", None)]


def test_a_quotation_mark_is_escaped_and_a_query_encoded() -> None:
    assert look_up_query(["O'Brien", "B"]) == "select * from JournalEntry where DocNumber in ('O\\'Brien', 'B') maxresults 1000"
    assert query_path("select 'a'") == "/query?query=select%20%27a%27&minorversion=75"


def test_a_request_id_stands_for_the_content() -> None:
    path = write_path("journalentry", "{}")
    assert path == write_path("journalentry", "{}")
    assert len(path.split("requestid=")[1].split("&")[0]) == 36
    assert len({path, write_path("batch", "{}"), write_path("journalentry", "[]")}) == 3


def answer(body: object, status: int = 200, **headers: str) -> HttpAnswer:
    content = body if isinstance(body, str) else json.dumps(body)
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(
        status=status, headers=told, content=content.encode(), truncated=False, duration_ms=1, received_at=datetime(2026, 11, 1, tzinfo=UTC)
    )


def entry(**changes: Any) -> dict[str, Any]:
    """A journal entry as QuickBooks answers it."""
    lines = [
        {
            "Id": str(place),
            "DetailType": "JournalEntryLineDetail",
            "Amount": 10.5,
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account, "name": "Some name"}},
        }
        for place, (side, account) in enumerate((("Debit", "101"), ("Credit", "102")))
    ]
    known = {"Id": "227", "DocNumber": "JNL-1", "TxnDate": "2026-11-01", "Line": lines, "TxnTaxDetail": {}}
    return known | changes


def there(*entries: dict[str, Any], **changes: Any) -> Any:
    exact = json.loads(json.dumps(entries), parse_float=Decimal)
    listed = [read for each in exact if (read := read_journal_entry(each)) is not None]
    return standing(journal("JNL-1", **changes), listed, CODES)


def test_what_stands_among_those_found() -> None:
    assert there() == there(entry(DocNumber="jnl-1")) == there(entry(DocNumber="JNL-10")) == Absent()
    assert there(entry()) == FoundBooked(number="227")
    assert [each.code for each in there(entry(TxnDate="2026-11-02")).problems] == ["date-moved"]
    assert [each.code for each in there(entry(TxnTaxDetail={"TotalTax": 1.5})).problems] == ["tax-added"]
    assert [each.code for each in there(entry(), entry(Id="228")).problems] == ["booked-twice"]
    described = entry()
    described["Line"].append({"DetailType": "DescriptionOnly", "Amount": 5, "Description": "x"})
    assert there(described) == FoundBooked(number="227")
    gone = entry()
    gone["Line"][1]["JournalEntryLineDetail"]["AccountRef"]["value"] = "999"
    assert [each.message for each in there(gone).problems] == [
        "account 2110: the ERP booked 0 NZD, not -10.50 (debit positive)",
        "account id 999: the ERP booked -10.5 NZD, not 0 (debit positive)",
    ]


def test_the_rate_that_quickbooks_took_is_noticed() -> None:
    foreign = entry(CurrencyRef={"value": "JPY"}, ExchangeRate=0.01131)
    for each in foreign["Line"]:
        each["Amount"] = 1200
    changes = {"currency": "JPY", "lines": JPY}
    assert there(foreign, **changes) == FoundBooked(number="227")
    assert [each.code for each in there(foreign | {"ExchangeRate": 0.0114}, **changes).problems] == ["booked-otherwise"] * 2


@pytest.mark.parametrize("changes", [{"Id": None}, {"Id": ""}, {"TxnDate": None}, {"TxnDate": "soon"}])
def test_an_answer_without_id_or_date_proves_nothing(changes: dict[str, Any]) -> None:
    assert isinstance(read_created(journal("JNL-1"), answer({"JournalEntry": entry(**changes)}), {}), Unknown)


def fault(code: str, message: str = "A sentence", detail: str = "", kind: str = "ValidationFault") -> dict[str, Any]:
    return {"Fault": {"Error": [{"code": code, "Message": message, "Detail": detail, "element": ""}], "type": kind}}


@pytest.mark.parametrize(
    ("code", "ours"),
    [("6000", "refused"), ("6210", "period-closed"), ("6200", "period-closed"), ("2300", "unbalanced"), ("6430", "account-refused")],
)
def test_faults_have_codes_of_ours(code: str, ours: str) -> None:
    assert outcome(answer(fault(code), 400)) == Rejected(problems=(Problem(line=None, code=ours, message="A sentence"),))


def test_a_fault_that_names_an_id_is_told_at_its_lines() -> None:
    body = fault("2500", "Invalid Reference Id", "Invalid Reference Id : Accounts element id 102 not found")
    created = read_created(journal("JNL-1"), answer(body, 400), IDS.accounts)
    assert isinstance(created, Rejected)
    assert [(each.code, each.line) for each in created.problems] == [("unknown-reference", 2)]


def test_what_statuses_mean() -> None:
    assert outcome(answer(fault("3001", kind="SERVICE"), 403)) == Throttled(retry_after=60)
    assert outcome(answer({"fault": {"error": [{"code": "003001", "message": "x"}]}}, 429, retry_after="7")) == Throttled(retry_after=7)
    assert outcome(answer("slow down", 429)) == Throttled(retry_after=60)
    assert isinstance(outcome(answer(fault("3200"), 401)), Unauthorised)
    assert isinstance(outcome(answer(fault("3100"), 403)), Misconfigured)
    assert isinstance(outcome(answer(fault("10000", kind="SystemFault"), 500)), Unknown)
    assert isinstance(outcome(answer(fault("10000", kind="SystemFault"), 400)), Unknown)
    assert isinstance(outcome(answer("", 503)), Retryable)
    assert isinstance(outcome(HttpFailure(kind=FailureKind.BEFORE_SENT, reason="x", duration_ms=1)), Retryable)


def test_a_duplicate_number_is_a_question_of_its_own() -> None:
    assert isinstance(read_created(journal("JNL-1"), answer(fault("6140"), 400), {}), Duplicate)


def test_each_item_of_a_batch_has_its_own_truth() -> None:
    documents = [journal(f"JNL-{number}") for number in range(1, 8)]
    items = [
        {"bId": "2", "JournalEntry": entry(DocNumber="JNL-2")},
        {"bId": "1"} | fault("6000"),
        {"bId": "3"} | fault("10000", kind="SystemFault"),
        {"bId": "4"} | fault("3001", kind="SERVICE"),
        {"bId": "5"} | fault("6140"),
        {"bId": "6", "JournalEntry": entry()},
        {"bId": "6", "JournalEntry": entry()},
    ]
    said = read_batch(documents, answer({"BatchItemResponse": items}), IDS.accounts)
    kinds = [type(said[f"JNL-{number}"]) for number in range(1, 8)]
    assert kinds == [Rejected, JournalEntry, Unknown, Throttled, Duplicate, Unknown, Unknown]
    assert {type(each) for each in read_batch(documents, answer("<html>"), {}).values()} == {Unknown}


ACCOUNTS: list[dict[str, Any]] = [
    {"Id": "101", "AcctNum": "2100", "Name": "E", "FullyQualifiedName": "Liabilities:E", "AccountType": "Other Current Liability"},
    {"Id": "105", "AcctNum": "2000", "Name": "A/P", "AccountType": "Accounts Payable"},
    {"Id": "104", "AcctNum": "0999", "Name": "Old", "Active": False},
    {"Id": "114", "AcctNum": "2100", "Name": "Older", "Active": False},
    {"Id": "107", "Name": "Unnumbered"},
]


def test_accounts_are_known_by_what_the_setting_says() -> None:
    assert set(accounts_of(ACCOUNTS, SETTINGS)) == {"2100", "2000", "0999"}
    assert accounts_of(ACCOUNTS, SETTINGS)["2100"].id == "101"
    assert set(accounts_of(ACCOUNTS, QuickBooksSettings(account_ref="id"))) == {"101", "105", "104", "114", "107"}
    assert set(accounts_of(ACCOUNTS, QuickBooksSettings(account_ref="name"))) == {"Liabilities:E", "A/P", "Old", "Older", "Unnumbered"}


def test_a_line_on_payables_needs_a_vendor() -> None:
    def codes(settings: QuickBooksSettings) -> list[tuple[str, int | None]]:
        company = Company(accounts=accounts_of(ACCOUNTS, settings))
        lines = (line(1, "debit", "2100", "1.00"), line(2, "credit", "2000", "1.00"), line(3, "debit", "0999", "1.00"))
        return [(each.code, each.line) for each in company_problems(journal("JNL-1", lines=lines), company, settings)]

    assert codes(SETTINGS) == [("entity-required", 2), ("inactive-account", 3)]
    assert codes(QuickBooksSettings(entities={"2000": Entity(type="Customer", id="1")}))[0] == ("entity-required", 2)
    assert codes(QuickBooksSettings(entities={"2000": Entity(type="Vendor", id="1")})) == [("inactive-account", 3)]


def test_dimensions_are_known_by_name_path_and_id_where_that_is_clear() -> None:
    listed: list[dict[str, Any]] = [
        {"Id": "1", "Name": "Science", "FullyQualifiedName": "North:Science"},
        {"Id": "2", "Name": "Science", "FullyQualifiedName": "South:Science"},
        {"Id": "3", "Name": "Arts", "FullyQualifiedName": "Arts"},
        {"Id": "4", "Name": "Gone", "FullyQualifiedName": "Gone", "Active": False},
    ]
    known = {value: identity for (_, value), identity in dimension_ids("Class", listed).items()}
    assert known == {"1": "1", "North:Science": "1", "2": "2", "South:Science": "2", "3": "3", "Arts": "3"}


def test_preferences() -> None:
    body = {
        "Preferences": {
            "AccountingInfoPrefs": {"BookCloseDate": "2026-10-31"},
            "CurrencyPrefs": {"HomeCurrency": {"value": "NZD"}, "MultiCurrencyEnabled": False},
        }
    }
    told = read_preferences(answer(body))
    assert told == Preferences(closed_until=date(2026, 10, 31), home_currency="NZD", multi_currency=False)
    assert told.open_dates.starts_on == date(2026, 11, 1)
    document = journal("JNL-1", accounting_date=date(2026, 10, 31), currency="JPY", base_currency="AUD")
    assert [each.code for each in preference_problems(document, told, SETTINGS)] == ["base-currency", "foreign-currency", "period-closed"]
    assert list(preference_problems(journal("JNL-1"), told, SETTINGS)) == []
    assert read_preferences(answer({})) is None
    nothing = read_preferences(answer({"Preferences": {}}))
    assert nothing is not None
    assert nothing.open_dates.starts_on == date.min


def test_an_answer_to_a_query_that_says_nothing_is_no_empty_list() -> None:
    assert read_queried(answer({"QueryResponse": {}, "time": "x"}), "JournalEntry") == []
    assert read_queried(answer({"time": "x"}), "JournalEntry") is None
    assert read_queried(answer(fault("4000"), 400), "JournalEntry") is None


def report(*rows: list[dict[str, str]], keys: tuple[str, ...] = ("tx_date", "txn_type", "doc_num", "debt_amt", "credit_amt")) -> HttpAnswer:
    columns = [{"ColTitle": "localised", "MetaData": [{"Name": "ColKey", "Value": key}]} for key in keys]
    inner = {
        "Header": {"ColData": [{"value": "Sub", "id": "102"}]},
        "Rows": {"Row": [{"type": "Data", "ColData": row} for row in rows[1:]]},
    }
    outer = {"Header": {"ColData": [{"value": "Top", "id": "101"}]}, "Rows": {"Row": [{"type": "Data", "ColData": rows[0]}, inner]}}
    total = {"Summary": {"ColData": [{"value": "TOTAL"}]}, "type": "Section"}
    return answer({"Columns": {"Column": columns}, "Rows": {"Row": [outer, total]}})


def cells(day: str, number: str, debit: str, credit: str) -> list[dict[str, str]]:
    return [{"value": day}, {"value": "Journal Entry", "id": number}, {"value": "JNL-1"}, {"value": debit}, {"value": credit}]


def test_a_report_is_read_by_its_keys_and_sections() -> None:
    carried = [{"value": "Beginning Balance"}, {"value": ""}, {"value": ""}, {"value": ""}, {"value": ""}]
    entries = read_report(
        report(carried, cells("2026-11-01", "7", "1,234.50", ""), cells("2026-11-02", "8", "", "2.00")), CODES, multi_currency=False
    )
    assert entries is not None
    assert [(each.account_code, each.number, each.reference, each.amount) for each in entries] == [
        ("2110", "7", "JNL-1", Decimal("1234.50")),
        ("2110", "8", "JNL-1", Decimal("-2.00")),
    ]


def test_a_report_that_cannot_be_read_whole_is_none() -> None:
    good = cells("2026-11-01", "7", "1.00", "")
    assert read_report(report(good), CODES, multi_currency=True) is None
    assert read_report(report(cells("soon", "7", "1.00", "")), CODES, multi_currency=False) is None
    assert read_report(report(cells("2026-11-01", "7", "much", "")), CODES, multi_currency=False) is None
    assert read_report(answer({}), CODES, multi_currency=False) is None


def test_the_report_is_asked_for_on_accrual_in_the_home_currency() -> None:
    path = report_path(["102", "101"], date(2026, 11, 1), date(2026, 11, 30), multi_currency=True)
    assert path == (
        "/reports/GeneralLedger?start_date=2026-11-01&end_date=2026-11-30&account=101%2C102&accounting_method=Accrual"
        "&columns=tx_date%2Ctxn_type%2Cdoc_num%2Caccount_name%2Cdebt_home_amt%2Ccredit_home_amt&minorversion=75"
    )


def test_settings_name_what_is_wrong_and_repeat_no_secret() -> None:
    settings = {"batch_max": 31, "account_ref": "code", "entities": {"2000": {"type": "Bank", "id": "1"}}}
    wrong = Connection(url="https://x", settings=settings, credentials={"client_id": "a", "secret": "s3cret"})
    with pytest.raises(Invalid) as raised:
        read_endpoint(wrong)
    assert [fault.pointer for fault in raised.value.faults] == [
        "/settings/batch_max",
        "/settings/account_ref",
        "/settings/entities/2000/type",
        "/credentials/client_secret",
        "/credentials/secret",
    ]
    assert "s3cret" not in str(raised.value.faults)


def test_people_sign_in_at_intuit_and_the_callback_names_the_company() -> None:
    flow = sign_in_flow(Connection(url="https://x", credentials={"client_id": "a", "client_secret": "b"}))
    assert (flow.organisation_parameter, flow.organisations, flow.revoke_as) == ("realmId", None, "json")
    assert flow.scopes == ("com.intuit.quickbooks.accounting",)
