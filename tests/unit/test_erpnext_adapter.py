"""The `erpnext` adapter without a network: what it sends, what it reads, and its settings."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.adapters.erp.answers import HttpAnswer
from app.adapters.erp.erpnext.payload import holds, journal_entry, planned, rate_problems, shape_problems
from app.adapters.erp.erpnext.reference_data import Account, Company, by_code, open_dates, read_account, read_company
from app.adapters.erp.erpnext.response import failure, messages, untraced
from app.adapters.erp.erpnext.settings import ErpNextSettings, read_endpoint
from app.adapters.erp.exact_json import to_json
from app.application.ports.erp import Connection
from app.domain.delivery import Misconfigured, Problem, Rejected, Retryable, Throttled, Unauthorised, Unknown
from app.domain.errors import Invalid
from tests.contract.erp_suite import journal, line

GOLDEN = Path(__file__).parents[1] / "data" / "erpnext"
SETTINGS = ErpNextSettings(company="ABC", foreign_currency=True)
COMPANY = Company(currency="NZD", cost_center="Main - ABC", frozen=None)


def account(code: str, currency: str = "NZD", **changes: Any) -> Account:
    known: dict[str, Any] = {"title": code, "type": "", "profit_and_loss": False, "is_group": False, "disabled": False}
    return Account(name=f"{code} - ABC", code=code, currency=currency, **known | changes)


ACCOUNTS = {"2100": account("2100"), "2110": account("2110", "USD"), "4100-12": account("4100-12", "", profit_and_loss=True)}


def answer(body: object, status: int = 417, **headers: str) -> HttpAnswer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    return HttpAnswer(status=status, headers=headers, content=content, truncated=False, duration_ms=1, received_at=moment)


def dollars() -> Any:
    mapped = replace(line(1, "debit", "4100-12", "100.00", "163.47"), dimensions={"project": "PRJ-1", "branch": "B"})
    own = line(2, "credit", "2110", "99.99", "163.46")
    return journal(
        "JNL-1", currency="USD", lines=(mapped, own, line(3, "credit", "2100", "0.01", "0.01"), line(4, "debit", "2100", "0.00", "0.00"))
    )


def test_an_entry_is_what_it_was() -> None:
    sent = to_json(journal_entry(dollars(), ACCOUNTS, COMPANY, SETTINGS))

    assert json.loads(sent, parse_float=str) == json.loads((GOLDEN / "journal_entry.json").read_text(), parse_float=str)


def test_what_is_kept_with_an_attempt_is_what_it_was() -> None:
    assert planned([dollars()], SETTINGS) == (GOLDEN / "planned.json").read_text().rstrip("\n")


def test_money_is_a_number_with_its_digits() -> None:
    document = journal("JNL-1", lines=(line(1, "debit", "2100", "1234567890123.45"), line(2, "credit", "4100-12", "1234567890123.45")))

    assert '"debit_in_account_currency":1234567890123.45,' in to_json(journal_entry(document, ACCOUNTS, COMPANY, SETTINGS))
    assert shape_problems(document, SETTINGS) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Decimal("12345678901234.56")}, "amount-too-large"),
        ({"base_amount": Decimal("1234567890123456")}, "amount-too-large"),
        ({"tax_code": "GST"}, "tax-code"),
        ({"dimensions": {"Cost Center": "Main"}}, "unknown-dimension"),
        ({"dimensions": {"debit": "1"}}, "unknown-dimension"),
        ({"dimensions": {"docstatus": "1"}}, "unknown-dimension"),
        ({"dimensions": {"": "1"}}, "unknown-dimension"),
    ],
)
def test_what_erpnext_cannot_take_is_told_by_its_line(changes: dict[str, Any], code: str) -> None:
    document = journal("JNL-1", lines=(line(1, "debit", "2100", "1.00"), replace(line(2, "credit", "2100", "1.00"), **changes)))

    assert [(problem.line, problem.code) for problem in shape_problems(document, SETTINGS)] == [(2, code)]


@pytest.mark.parametrize(
    ("amount", "base", "exact"),
    [
        ("100.00", "163.47", True),
        ("3.00", "1.00", True),
        ("100.00", "100.00", False),
        ("0.00", "1.00", False),
        ("1.00", "0.00", False),
        ("1234567890123.45", "2018143456789.12", False),
    ],
)
def test_a_rate_must_lead_to_our_base_amount(amount: str, base: str, exact: bool) -> None:
    document = journal("JNL-1", currency="USD", lines=(line(1, "debit", "2100", amount, base), line(2, "credit", "2110", amount, base)))

    assert [problem.line for problem in rate_problems(document, ACCOUNTS)] == ([] if exact else [2])


@pytest.mark.parametrize(
    "change",
    [
        {"posting_date": "2026-11-02"},
        {"company": "XYZ"},
        {"custom_glint_reference": None},
        {"accounts": []},
        {
            "accounts": [
                {"account": "2100 - ABC", "debit_in_account_currency": 10.5, "credit_in_account_currency": 0, "debit": 10.5, "credit": 0}
            ]
        },
    ],
)
def test_a_draft_is_ours_only_with_all_of_it(change: dict[str, Any]) -> None:
    document = journal("JNL-1", lines=(line(1, "debit", "2100", "10.50"), line(2, "credit", "4100-12", "10.50")))
    entry = journal_entry(document, ACCOUNTS, COMPANY, SETTINGS)
    sums = ({"debit": Decimal("10.5"), "credit": 0}, {"debit": 0, "credit": Decimal("10.50")})
    rows = [{**row, **base} for row, base in zip(entry["accounts"], sums, strict=True)]  # type: ignore[arg-type, dict-item]
    made = {**entry, "accounts": rows, "name": "ACC-JV-1"}

    assert holds(made, entry, document, SETTINGS)
    assert not holds({**made, **change}, entry, document, SETTINGS)
    for name, value in (("account", "2110 - ABC"), ("debit_in_account_currency", 11), ("debit", 11), ("cost_center", "Else - ABC")):
        assert not holds({**made, "accounts": [{**rows[0], name: value}, {**rows[1], name: value}]}, entry, document, SETTINGS), name


def test_messages_are_json_in_json_without_markup() -> None:
    shown = json.dumps(
        [json.dumps({"message": "Row #2: <b>No</b>&nbsp;such <a href='x'>account</a>", "title": "T"}), json.dumps("plain"), "bare"]
    )

    assert messages({"_server_messages": shown}) == ["Row #2: No such account", "plain", "bare"]
    assert messages({"exception": "frappe.exceptions.ValidationError: It is <b>closed</b>"}) == ["It is closed"]
    assert messages({"_server_messages": "[1, null, {}]", "exception": 7}) == []
    assert messages({"_server_messages": "[" * 100_000}) == []
    assert messages({}) == []


def test_a_refusal_names_our_line_by_the_row() -> None:
    body = {"exc_type": "ClosedAccountingPeriod", "_server_messages": json.dumps([json.dumps({"message": "Row #2: closed"})])}

    assert failure(answer(body), [10, 20]) == Rejected(problems=(Problem(line=20, code="period-closed", message="Row #2: closed"),))
    assert failure(answer(body), [10]) == Rejected(problems=(Problem(line=None, code="period-closed", message="Row #2: closed"),))
    nothing = Problem(line=None, code="refused", message="ERPNext gave no reason")
    assert failure(answer(b"<html>")) == Rejected(problems=(nothing,))


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        (401, "AuthenticationError", Unauthorised),
        (403, "PermissionError", Misconfigured),
        (404, "DoesNotExistError", Misconfigured),
        (409, "DuplicateEntryError", Unknown),
        (417, "UniqueValidationError", Unknown),
        (417, "MandatoryError", Rejected),
        (429, "TooManyRequestsError", Throttled),
        (500, "OperationalError", Unknown),
        (503, "SessionStopped", Retryable),
    ],
)
def test_statuses(status: int, kind: str, outcome: type) -> None:
    assert isinstance(failure(answer({"exc_type": kind, "exception": f"frappe.exceptions.{kind}: No"}, status)), outcome)


def test_a_traceback_that_cannot_be_cut_out_takes_the_rest_with_it() -> None:
    whole = untraced(answer({"exc_type": "X", "exc": '["Traceback (most recent call last)"]', "exception": "X: No"}))
    broken = untraced(answer(b'{"exc": "[\\"Traceback (most recent'))

    assert (whole.content, broken.content) == (b'{"exc_type":"X","exception":"X: No"}', b"[a traceback was left out]")


def test_open_dates_leave_out_what_is_closed() -> None:
    november = (date(2026, 11, 1), date(2026, 11, 30))
    found = open_dates(date(2026, 9, 30), [november, (date(2026, 10, 1), date(2026, 10, 10)), (date(2026, 1, 1), date(2026, 3, 31))])

    assert [(each.starts_on, each.ends_on) for each in found] == [
        (date(2026, 10, 11), date(2026, 10, 31)),
        (date(2026, 12, 1), date.max),
    ]
    assert [(each.starts_on, each.ends_on) for each in open_dates(None, [])] == [(date.min, date.max)]


def test_reference_data_is_read_without_trust() -> None:
    assert read_account({"account_number": "1"}) is None
    assert read_company({"name": "ABC"}) is None
    named = read_account({"name": "Cash - ABC", "account_number": " ", "is_group": 0})
    assert named is not None
    assert (named.code, named.is_group) == ("Cash - ABC", False)
    assert by_code([named, account("2100")], ["Cash - ABC", "2100 - ABC", "2100", "9"]).keys() == {"Cash - ABC", "2100 - ABC", "2100"}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"url": "ftp://erp.example"}, "/url"),
        ({"settings": {}}, "/settings/company"),
        ({"settings": {"company": "ABC", "reference_field": "a-secret"}}, "/settings/reference_field"),
        ({"settings": {"company": "ABC", "time_out": 3}}, "/settings/time_out"),
        ({"credentials": {"api_key": "key"}}, "/credentials/api_secret"),
        ({"credentials": {"api_key": "key", "api_secret": "a secret"}}, "/credentials/api_secret"),
        ({"credentials": {"api_key": "key:secret", "api_secret": "s"}}, "/credentials/api_key"),
    ],
)
def test_a_wrong_connection_names_the_field_and_keeps_the_secret(changes: dict[str, Any], pointer: str) -> None:
    known: dict[str, Any] = {
        "url": "https://erp.example", "settings": {"company": "ABC"}, "credentials": {"api_key": "key", "api_secret": "s"},
    }  # fmt: skip
    with pytest.raises(Invalid) as caught:
        read_endpoint(Connection(**known | changes))

    assert [fault.pointer for fault in caught.value.faults] == [pointer]
    assert "secret" not in f"{caught.value.detail} {[fault.message for fault in caught.value.faults]}"
