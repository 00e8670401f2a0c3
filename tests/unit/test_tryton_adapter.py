"""The `tryton` adapter's pure parts: what it sends, and what it makes of answers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure
from app.adapters.erp.exact_json import to_json
from app.adapters.erp.tryton.books import read_entry
from app.adapters.erp.tryton.move_values import domain_of, fields, prepared_move, read_move, values_of
from app.adapters.erp.tryton.moves import Ids, Move, MoveLine, content_of, problems, reference_of
from app.adapters.erp.tryton.settings import read_endpoint
from app.adapters.erp.tryton.values import from_decimal, to_date, to_decimal
from app.adapters.erp.tryton.verdicts import of_read, of_write, refusal
from app.application.ports.erp import Connection
from app.domain.delivery import Misconfigured, Rejected, Retryable, Throttled, Unauthorised, Unknown
from app.domain.errors import Invalid
from tests.contract.erp_suite import journal, line

IDS = Ids(
    company=1,
    journal=5,
    period=23,
    accounts={"2100": 5, "2110": 6},
    currencies={"JPY": 3},
    dimensions={("DEPARTMENT", "MAR"): 11},
)
DAY = {"__class__": "date", "year": 2026, "month": 11, "day": 1}


def amount(text: str) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": text}


def lines_sent(*lines: Mapping[str, Any]) -> list[object]:
    return [["create", list(lines)]]


class TestWhatIsSent:
    def test_a_journal_in_the_companys_currency(self) -> None:
        """As a real Tryton took it."""
        assert json.loads(to_json(values_of(content_of(journal("JNL-1"), "MISC"), IDS))) == {
            "company": 1,
            "period": 23,
            "journal": 5,
            "date": DAY,
            "description": "[JNL-1] Receipt R-7, Kōwhai",
            "lines": lines_sent(
                {"account": 5, "debit": amount("10.50"), "credit": amount("0"), "description": "Widget 1"},
                {"account": 6, "debit": amount("0"), "credit": amount("10.50"), "description": "Widget 2"},
            ),
        }

    def test_a_foreign_currency_and_a_dimension(self) -> None:
        debit = replace(line(1, "debit", "2100", "1200", "13.57"), dimensions={"DEPARTMENT": "MAR"})
        document = journal("JNL-1", currency="JPY", lines=(debit, line(2, "credit", "2110", "1200", "13.57")))

        (_, lines) = values_of(content_of(document, "MISC"), IDS)["lines"][0]

        first = {"debit": amount("13.57"), "credit": amount("0")}
        assert lines[0] == {
            "account": 5,
            **first,
            "description": "Widget 1",
            "second_currency": 3,
            "amount_second_currency": amount("1200"),
            "analytic_lines": [["create", [{"account": 11, "date": DAY, **first}]]],
        }
        assert lines[1]["amount_second_currency"] == amount("-1200")
        assert "analytic_lines" not in lines[1]

    def test_what_is_kept_of_a_request_names_codes(self) -> None:
        kept = prepared_move(content_of(journal("JNL-1"), "MISC"))

        assert (kept["journal"], "company" in kept, "period" in kept) == ("MISC", False, False)
        assert [each["account"] for each in kept["lines"][0][1]] == ["2100", "2110"]

    @pytest.mark.parametrize("text", ["0.01", "10.50", "123456789012345678901234567890.12", "1E+3"])
    def test_amounts_travel_as_text_with_all_their_digits(self, text: str) -> None:
        sent = from_decimal(Decimal(text))

        assert to_decimal(json.loads(to_json(sent))) == Decimal(text)
        assert "E" not in str(sent["decimal"])

    def test_texts_are_of_one_line_as_they_read_back(self) -> None:
        tidied = content_of(journal("JNL-1", description=" a\n  b\t"), "MISC")

        assert tidied.description == "[JNL-1] a b"

    def test_a_search_keeps_to_the_letter(self) -> None:
        assert domain_of([r"A_%\1"], None) == ["OR", [["description", "like", r"[A\_\%\\1]%"]]]
        assert domain_of(["A"], "Glint")[0] == ["company.party.name", "=", "Glint"]


class TestProblems:
    def test_none_of_a_good_journal(self) -> None:
        assert problems(journal("JNL-1"), analytic=False) == ()
        assert problems(journal("PO/2026 1"), analytic=False) == ()

    @pytest.mark.parametrize("reference", ["JNL]1", "JNL  1", " JNL"])
    def test_a_reference_that_could_not_be_found_again(self, reference: str) -> None:
        assert [each.code for each in problems(journal(reference), analytic=False)] == ["reference-not-usable"]

    def test_of_lines(self) -> None:
        first = replace(line(1, "debit", "2100", "1.00"), tax_code="GST", dimensions={"DEPARTMENT": "MAR"})
        document = journal("JNL-1", lines=(first, line(2, "credit", "2110", "1.01")))

        found = [(each.line, each.code) for each in problems(document, analytic=False)]
        assert found == [(None, "unbalanced-base"), (1, "tax-code-not-taken"), (1, "dimension-not-taken")]
        assert [each.code for each in problems(document, analytic=True)] == ["unbalanced-base", "tax-code-not-taken"]


def stored(**changes: Any) -> dict[str, Any]:
    """A posted move as a search answers it."""
    lines = [
        {"id": 2, "account.": {"code": "2110"}, "debit": amount("0"), "credit": amount("10.50"), "description": "Widget 2"},
        {"id": 1, "account.": {"code": "2100"}, "debit": amount("10.50"), "credit": amount("0"), "description": "Widget 1"},
    ]
    known = {"id": 7, "state": "posted", "number": "42", "date": DAY, "description": "[JNL-1] Receipt R-7, Kōwhai"}
    return {**known, "journal.": {"code": "MISC"}, "lines.": lines, **changes}


class TestWhatIsRead:
    def test_a_move_reads_back_as_it_was_sent(self) -> None:
        assert read_move(stored()) == Move(id=7, posted=True, number="42", content=content_of(journal("JNL-1"), "MISC"))

    def test_without_dots_it_is_the_same(self) -> None:
        plain = {name.rstrip("."): value for name, value in stored().items()}

        assert read_move(plain) == read_move(stored())

    @pytest.mark.parametrize(
        "changes",
        [
            {"id": "7"},
            {"id": True},
            {"state": "deleted"},
            {"number": None},
            {"date": None},
            {"date": {"__class__": "date", "year": 2026, "month": 13, "day": 1}},
            {"date": "2026-11-01"},
            {"lines.": [{"id": 1, "account.": {"code": "2100"}, "debit": 10.5, "credit": amount("0")}]},
            {"lines.": [{"id": 1, "account.": {"code": "2100"}, "debit": amount("NaN"), "credit": amount("0")}]},
            {"lines.": [{"id": 1, "account.": None, "debit": amount("1"), "credit": amount("0")}]},
            {"lines.": ["x"]},
        ],
    )
    def test_what_is_anything_else_is_no_move(self, changes: dict[str, Any]) -> None:
        assert read_move(stored(**changes)) is None

    def test_analytic_lines_are_dimensions(self) -> None:
        split = [{"account.": {"code": "MAR", "root.": {"code": "DEPARTMENT"}}}]
        rows = [{"id": 1, "account.": {"code": "2100"}, "debit": amount("1"), "credit": amount("0"), "analytic_lines.": split}]

        move = read_move(stored(**{"lines.": rows}))

        assert move is not None
        assert move.content.lines == (
            MoveLine(account="2100", debit=Decimal(1), credit=Decimal(0), description="", dimensions=(("DEPARTMENT", "MAR"),)),
        )

    def test_analytic_fields_are_only_asked_for_where_there_are_any(self) -> None:
        assert not any("analytic" in field for field in fields(analytic=False))
        assert any("analytic" in field for field in fields(analytic=True))

    @pytest.mark.parametrize(
        ("text", "reference"), [("[JNL-1] x", "JNL-1"), ("[JNL-1]", "JNL-1"), ("x [JNL-1]", None), ("[] x", None), ("", None)]
    )
    def test_a_reference_stands_at_the_front(self, text: str, reference: str | None) -> None:
        assert reference_of(text) == reference

    def test_a_line_of_another_journal_has_no_reference_of_ours(self) -> None:
        move = {"number": "42", "date": DAY, "description": "[JNL-1] x", "journal.": {"code": "MISC"}}
        row = {"debit": amount("0"), "credit": amount("1.5"), "account.": {"code": "2100"}, "move.": move}

        ours, others = read_entry(row, "MISC"), read_entry(row, "GLINT")

        assert ours is not None
        assert others is not None
        assert (ours.reference, ours.amount, ours.accounting_date) == ("JNL-1", Decimal("-1.5"), date(2026, 11, 1))
        assert others.reference is None
        assert read_entry({**row, "move.": {**move, "number": None}}, "MISC") is None

    def test_an_instant_is_no_date(self) -> None:
        assert to_date({"__class__": "datetime", "year": 2026, "month": 11, "day": 1, "hour": 0}) is None


def answer(status: int, body: object = "", **headers: str) -> HttpAnswer:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    received = datetime(2026, 11, 2, tzinfo=UTC)
    return HttpAnswer(status=status, headers=headers, content=content, truncated=False, duration_ms=1, received_at=received)


OWN_503 = "<!doctype html>\n<html lang=en>\n<title>503 Service Unavailable</title>\n<h1>Service Unavailable</h1>"
REFUSED = {"status": 400, "message": 'You cannot modify posted move "1".', "description": ""}


class TestVerdicts:
    """On a call that writes, and on a look-up before it."""

    @pytest.mark.parametrize(
        ("status", "body", "headers", "write", "read"),
        [
            (200, "Welcome", {}, Unknown, Retryable),
            (400, REFUSED, {}, Rejected, Misconfigured),
            (400, "no JSON", {}, Rejected, Misconfigured),
            (401, "", {}, Unauthorised, Unauthorised),
            (403, "", {}, Misconfigured, Misconfigured),
            (404, "", {}, Misconfigured, Misconfigured),
            (413, "", {}, Rejected, Misconfigured),
            (423, "", {}, Retryable, Retryable),
            (429, "", {"retry-after": "7"}, Throttled, Throttled),
            (500, "", {}, Unknown, Retryable),
            (502, "", {}, Unknown, Retryable),
            (503, "nginx", {}, Retryable, Retryable),
            (503, OWN_503, {}, Retryable, Retryable),
            (503, OWN_503, {"retry-after": "7"}, Throttled, Throttled),
            (504, "", {}, Unknown, Retryable),
        ],
    )
    def test_of_answers(self, status: int, body: object, headers: dict[str, str], write: type, read: type) -> None:
        assert isinstance(of_write(answer(status, body, **headers)), write)
        assert isinstance(of_read(answer(status, body, **headers)), read)

    @pytest.mark.parametrize(
        ("kind", "write", "read"),
        [
            (FailureKind.BEFORE_SENT, Retryable, Retryable),
            (FailureKind.AFTER_SENT, Unknown, Retryable),
            (FailureKind.TIMEOUT, Unknown, Retryable),
            (FailureKind.FORBIDDEN, Misconfigured, Misconfigured),
        ],
    )
    def test_of_calls_without_an_answer(self, kind: FailureKind, write: type, read: type) -> None:
        failure = HttpFailure(kind=kind, reason="it broke", duration_ms=1)

        assert isinstance(of_write(failure), write)
        assert isinstance(of_read(failure), read)

    def test_refusals_are_told_in_trytons_words(self) -> None:
        assert refusal(answer(400, REFUSED)).message == 'You cannot modify posted move "1".'
        assert refusal(answer(400, {"message": "No access.", "description": "Within groups: Accounting"})).message == (
            "No access. (Within groups: Accounting)"
        )
        assert refusal(answer(400, {"message": "x" * 9_000})).message == "x" * 1_000
        assert refusal(answer(413)).message == "the ERP answered 413"


GOOD: dict[str, Any] = {"database": "erp", "journal": "GLINT"}


class TestSettings:
    def test_paths_are_below_the_database(self) -> None:
        connection = Connection(url="https://erp.example/tryton/", settings=GOOD, credentials={"application_key": "k"})

        assert read_endpoint(connection).rest_url == "https://erp.example/tryton/erp/rest/model"

    @pytest.mark.parametrize(
        ("url", "settings", "credentials", "pointer"),
        [
            ("ftp://erp.example", {}, {}, "/url"),
            ("https://erp.example/?x=1", {}, {}, "/url"),
            ("https://erp.example", {"database": "../x"}, {}, "/settings/database"),
            ("https://erp.example", {"database": None}, {}, "/settings/database"),
            ("https://erp.example", {"journal": " GLINT"}, {}, "/settings/journal"),
            ("https://erp.example", {"company": ""}, {}, "/settings/company"),
            ("https://erp.example", {"timeout_seconds": 0}, {}, "/settings/timeout_seconds"),
            ("https://erp.example", {"batch_max": 101}, {}, "/settings/batch_max"),
            ("https://erp.example", {"unknown": 1}, {}, "/settings/unknown"),
            ("https://erp.example", {}, {"application_key": "se cret"}, "/credentials/application_key"),
            ("https://erp.example", {}, {"password": "secret"}, "/credentials/password"),
        ],
    )
    def test_each_fault_is_pointed_at_and_no_secret_repeated(
        self, url: str, settings: dict[str, Any], credentials: dict[str, str], pointer: str
    ) -> None:
        given = Connection(url=url, settings=GOOD | settings, credentials={"application_key": "k"} | credentials)

        with pytest.raises(Invalid) as refused:
            read_endpoint(given)

        assert [fault.pointer for fault in refused.value.faults] == [pointer]
        assert "cret" not in str([fault.message for fault in refused.value.faults])

    def test_a_key_is_needed(self) -> None:
        with pytest.raises(Invalid) as refused:
            read_endpoint(Connection(url="https://erp.example", settings=GOOD))

        assert [fault.pointer for fault in refused.value.faults] == ["/credentials/application_key"]
