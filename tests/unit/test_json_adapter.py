"""The `json` adapter without a network: what it sends, what it reads, and that page, schemas and code agree."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from app.adapters.erp.agreed import response
from app.adapters.erp.agreed.response import LEVEL
from app.adapters.erp.agreed.signing import message_id_of, secret_fault, signature_headers
from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure
from app.adapters.erp.http import HttpClient
from app.adapters.erp.json.payload import request_body
from app.adapters.erp.json.reading import read_json
from app.adapters.erp.json.settings import read_endpoint
from app.adapters.erp.registry import InstalledAdapters
from app.application.ports.erp import Connection, Prepared
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
    Throttled,
    Unauthorised,
    Unknown,
    Validation,
)
from app.domain.errors import Invalid
from app.domain.journal import JournalDocument, JournalLine
from tests.json_schemas import DOCS, schema_errors

REFERENCES = ("JNL-1", "JNL-2")
read_sends = partial(response.read_sends, read_json)
read_validations = partial(response.read_validations, read_json)
read_find = partial(response.read_find, read_json)
read_listed = partial(response.read_listed, read_json)
SIGNING_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def line(number: int, side: Any, amount: str, base_amount: str | None = None) -> JournalLine:
    return JournalLine(
        line=number,
        role="grni",
        ledger="actual",
        account="GRNI",
        account_code="2110",
        side=side,
        amount=Decimal(amount),
        base_amount=Decimal(base_amount or amount),
        charge_code=None if number == 2 else "4100-12",
        description='Kōwhai "blue"\n',
    )


def journal(*lines: JournalLine) -> JournalDocument:
    return JournalDocument(
        reference="JNL-1",
        accounting_date=date(2026, 11, 1),
        currency="JPY",
        base_currency="NZD",
        description="Receipt R-7",
        lines=lines or (line(1, "debit", "1200", "13.50"), line(2, "credit", "1200", "13.50")),
    )


def answer(body: object, status: int = 200, **changes: Any) -> HttpAnswer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    known: dict[str, Any] = {"headers": {}, "truncated": False, "duration_ms": 1, "received_at": datetime(2026, 11, 1, tzinfo=UTC)}
    return HttpAnswer(status=status, content=content, **known | changes)


def results(*items: Mapping[str, object]) -> HttpAnswer:
    return answer({"results": list(items)})


BOOKED = {"reference": "JNL-1", "result": "booked", "number": "JE-1"}


def test_what_is_sent_keeps_to_the_schema_and_names_no_account_of_ours() -> None:
    body = json.loads(request_body([journal()]))

    assert schema_errors("journals-request", body) == []
    assert "GRNI" not in json.dumps(body)
    assert body["journals"][0]["lines"][0] == {
        "line": 1,
        "account_code": "2110",
        "side": "debit",
        "amount": "1200",
        "base_amount": "13.50",
        "charge_code": "4100-12",
        "role": "grni",
        "ledger": "actual",
        "description": 'Kōwhai "blue"\n',
    }


def test_dimensions_and_a_tax_code_travel_with_their_line_alone() -> None:
    mapped = replace(line(1, "debit", "1200", "13.50"), dimensions={"fund": "G", "cost_centre": "12"}, tax_code="NONE")

    body = json.loads(request_body([journal(mapped, line(2, "credit", "1200", "13.50"))]))

    assert schema_errors("journals-request", body) == []
    first, second = body["journals"][0]["lines"]
    assert (first["dimensions"], first["tax_code"]) == ({"cost_centre": "12", "fund": "G"}, "NONE")
    assert not {"dimensions", "tax_code"} & second.keys()


def test_lines_compare_by_their_dimensions_and_can_be_hashed() -> None:
    plain = line(1, "debit", "1200")

    assert replace(plain, dimensions={"fund": "G"}) != plain
    assert len({plain, replace(plain, dimensions={}), replace(plain, dimensions={"fund": "G"})}) == 2


@pytest.mark.parametrize(
    ("amount", "text"), [("1E+3", "1000"), ("0.000001", "0.000001"), ("123456789012345.67", "123456789012345.67"), ("0", "0")]
)
def test_money_is_text_in_full(amount: str, text: str) -> None:
    body = json.loads(request_body([journal(line(1, "debit", amount, "1"), line(2, "credit", amount, "1"))]))

    assert body["journals"][0]["lines"][0]["amount"] == text
    assert schema_errors("journals-request", body) == []


def test_the_schema_refuses_money_as_a_number() -> None:
    body = json.loads(request_body([journal()]))
    body["journals"][0]["lines"][0]["amount"] = 10.5

    assert schema_errors("journals-request", body) != []


def test_the_pages_examples_keep_to_the_schemas() -> None:
    examples = re.findall(r"<!-- schema: ([a-z-]+) -->\n```json\n(.*?)\n```", (DOCS / "json-adapter.md").read_text(), re.DOTALL)

    assert {name for name, _ in examples} | {"line", "problem"} == {file.name.split(".")[0] for file in (DOCS / "json-adapter").iterdir()}
    for name, text in examples:
        assert schema_errors(name, json.loads(text)) == [], name


def test_the_pages_examples_are_read_as_the_page_says() -> None:
    page = dict(re.findall(r"<!-- schema: ([a-z-]+) -->\n```json\n(.*?)\n```", (DOCS / "json-adapter.md").read_text(), re.DOTALL))

    sent = read_sends(("JNL-000017", "JNL-000018", "JNL-000019"), answer(page["send-response"].encode()))
    assert sent["JNL-000017"] == Booked(number="JE-88")
    assert sent["JNL-000018"] == Booked(number="JE-12")
    assert isinstance(sent["JNL-000019"], Rejected)
    assert read_find("JNL-000017", answer(page["journal"].encode())) == FoundBooked(number="JE-88")
    assert read_find("JNL-000020", answer(page["error"].encode(), 404)) == Absent()


def test_each_journal_has_its_own_outcome_whatever_the_order() -> None:
    refused = {"reference": "JNL-2", "result": "rejected", "problems": [{"line": 2, "code": "unknown-account", "message": "No 2110"}]}

    assert read_sends(REFERENCES, results(refused, BOOKED)) == {
        "JNL-1": Booked(number="JE-1"),
        "JNL-2": Rejected(problems=(Problem(line=2, code="unknown-account", message="No 2110"),)),
    }


@pytest.mark.parametrize(
    "result",
    [
        answer(b""),
        answer(b"<html>"),
        answer(b'{"results":[{"reference":"JNL-1","result":"bo'),
        answer(b"[" * 100_000),
        answer(b"\xff\xfe\x00"),
        answer([]),
        answer(None),
        answer({"results": {}}),
        answer({"results": [BOOKED]}, truncated=True),
        answer({"results": [BOOKED]}, 201),
        results(),
        results({**BOOKED, "reference": "JNL-3"}),
        results({**BOOKED, "reference": None}),
        results({"reference": "JNL-1", "result": "booked"}),
        results({**BOOKED, "number": ""}),
        results({**BOOKED, "number": 88}),
        results({**BOOKED, "number": "9" * 101}),
        results({**BOOKED, "result": "perhaps"}),
        results({**BOOKED, "result": ["booked"]}),
        results({"reference": "JNL-1", "result": "duplicate"}),
        results(BOOKED, {"reference": "JNL-1", "result": "rejected"}),
        answer({}, 500),
        HttpFailure(kind=FailureKind.TIMEOUT, reason="why", duration_ms=1),
    ],
)
def test_a_sending_that_is_not_clearly_answered_is_unknown(result: HttpAnswer | HttpFailure) -> None:
    assert isinstance(read_sends(("JNL-1",), result)["JNL-1"], Unknown)
    assert isinstance(read_validations(("JNL-1",), result)["JNL-1"], Retryable)
    assert isinstance(read_find("JNL-1", result), CannotTell)


def test_a_missing_journal_is_unknown_and_the_others_are_not() -> None:
    outcomes = read_sends(REFERENCES, results(BOOKED))

    assert outcomes["JNL-1"] == Booked(number="JE-1")
    assert isinstance(outcomes["JNL-2"], Unknown)


def test_a_refused_request_rejects_all_its_journals_with_the_erps_words() -> None:
    refused = answer({"code": "invalid", "detail": "lines are missing"}, 422)

    problem = Problem(line=None, code="invalid", message="lines are missing")
    assert read_sends(REFERENCES, refused) == dict.fromkeys(REFERENCES, Rejected(problems=(problem,)))
    assert read_validations(REFERENCES, refused) == dict.fromkeys(REFERENCES, Validation(level=LEVEL, problems=(problem,)))
    assert read_sends(("JNL-1",), answer(b"no", 400)) == {
        "JNL-1": Rejected(problems=(Problem(line=None, code="refused", message="The ERP answered 400"),))
    }


def test_other_statuses_follow_the_table() -> None:
    assert read_sends(("JNL-1",), answer({}, 429, headers={"retry-after": "3"})) == {"JNL-1": Throttled(retry_after=3)}
    assert isinstance(read_sends(("JNL-1",), answer({}, 401))["JNL-1"], Unauthorised)
    assert isinstance(read_sends(("JNL-1",), answer({"code": "journal-not-found"}, 404))["JNL-1"], Misconfigured)


def test_verdicts_of_a_validation() -> None:
    warning = {"line": None, "code": "late", "message": "Late", "severity": "warning"}
    verdicts = read_validations(
        ("A", "B", "C", "D"),
        results(
            {"reference": "A", "result": "valid", "problems": [warning]},
            {"reference": "B", "result": "invalid", "problems": [warning]},
            {"reference": "C", "result": "invalid"},
            {"reference": "D", "result": "valid", "problems": [{**warning, "severity": "error"}]},
        ),
    )

    valid = {reference: isinstance(verdict, Validation) and verdict.valid for reference, verdict in verdicts.items()}
    assert valid == {"A": True, "B": False, "C": False, "D": False}


def test_problems_of_any_shape_are_read_without_trust() -> None:
    odd = [None, 7, {}, {"line": True}, {"line": "1"}, {"line": 2**40}, {"message": "x" * 5000}, {"code": "a\x00b", "message": "\ud800"}]
    outcome = read_sends(("JNL-1",), results({"reference": "JNL-1", "result": "rejected", "problems": odd}))["JNL-1"]

    assert isinstance(outcome, Rejected)
    assert all(problem.line is None and problem.severity == "error" for problem in outcome.problems)
    assert max(len(problem.message) for problem in outcome.problems) == 1000
    assert outcome.problems[-1].code == "a\N{REPLACEMENT CHARACTER}b"
    assert outcome.problems[-1].message == "?"


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (answer({"reference": "JNL-1", "number": "JE-1", "status": "booked"}), FoundBooked(number="JE-1")),
        (answer({"reference": "JNL-1", "number": "JE-1", "status": "draft"}), FoundDraft(number="JE-1")),
        (answer({"code": "journal-not-found"}, 404), Absent()),
    ],
)
def test_what_a_look_up_finds(result: HttpAnswer, found: object) -> None:
    assert read_find("JNL-1", result) == found


@pytest.mark.parametrize(
    "result",
    [
        answer({"code": "not-found"}, 404),
        answer(b"<html>404</html>", 404),
        answer({"code": "journal-not-found"}, 410),
        answer({"reference": "JNL-2", "number": "JE-1", "status": "booked"}),
        answer({"reference": "JNL-1", "status": "booked"}),
        answer({"reference": "JNL-1", "number": "JE-1"}),
        answer({"reference": "JNL-1", "number": "JE-1", "status": "reversed"}),
        answer({}, 401),
        answer({}, 429),
        answer({}, 422),
        HttpFailure(kind=FailureKind.BEFORE_SENT, reason="why", duration_ms=1),
    ],
)
def test_a_look_up_that_proves_nothing(result: HttpAnswer | HttpFailure) -> None:
    assert isinstance(read_find("JNL-1", result), CannotTell)


def test_lists_are_read_only_in_their_form() -> None:
    assert read_listed(answer({"accounts": [{"code": "1"}, None]}), "accounts") == [{"code": "1"}, {}]
    assert read_listed(answer({"accounts": "1"}), "accounts") is None
    assert read_listed(answer({"accounts": []}, 401), "accounts") is None


def test_settings_have_defaults() -> None:
    endpoint = read_endpoint(Connection(url="https://erp.example/gl/"))

    assert (endpoint.url, endpoint.settings.timeout_seconds, endpoint.credentials.authorization) == ("https://erp.example/gl", 30, None)


@pytest.mark.parametrize(
    ("connection", "pointer"),
    [
        (Connection(url="ftp://erp.example"), "/url"),
        (Connection(url="https://me:secret@erp.example"), "/url"),
        (Connection(url="https://erp.example/gl?key=secret"), "/url"),
        (Connection(url="https://erp.example", settings={"timeout_seconds": 0}), "/settings/timeout_seconds"),
        (Connection(url="https://erp.example", settings={"timeout_seconds": "30"}), "/settings/timeout_seconds"),
        (Connection(url="https://erp.example", settings={"time_out": 3}), "/settings/time_out"),
        (Connection(url="https://erp.example", credentials={"tokn": "secret"}), "/credentials/tokn"),
        (Connection(url="https://erp.example", credentials={"token": "two secret\r\nwords"}), "/credentials/token"),
        (Connection(url="https://erp.example", credentials={"token": ""}), "/credentials/token"),
        (Connection(url="https://erp.example", credentials={"signing_secret": "whsec_secret"}), "/credentials/signing_secret"),
        (Connection(url="https://erp.example", credentials={"signing_secret": "secret" * 6}), "/credentials/signing_secret"),
        (Connection(url="https://erp.example", credentials={"signing_secret": ""}), "/credentials/signing_secret"),
        (
            Connection(url="https://erp.example", credentials={"signing_secret": SIGNING_SECRET, "previous_signing_secret": "secret"}),
            "/credentials/previous_signing_secret",
        ),
        (
            Connection(url="https://erp.example", credentials={"previous_signing_secret": SIGNING_SECRET}),
            "/credentials/previous_signing_secret",
        ),
    ],
)
def test_a_wrong_connection_names_the_field_and_keeps_the_secret(connection: Connection, pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_endpoint(connection)

    assert [fault.pointer for fault in caught.value.faults] == [pointer]
    assert "secret" not in f"{caught.value.detail} {[fault.message for fault in caught.value.faults]}"


@pytest.mark.anyio
async def test_the_registry_knows_its_adapters() -> None:
    async with HttpClient() as http:
        adapters = InstalledAdapters(http)

        assert "json" in adapters.names()
        adapters.check_settings("json", Connection(url="https://erp.example"))
        with pytest.raises(Invalid):
            adapters.check_settings("json", Connection(url="nonsense"))
        with pytest.raises(Invalid, match="no adapter abacus"):
            adapters.connect("abacus", Connection(url="https://erp.example"))
        assert adapters.connect("json", Connection(url="https://erp.example", settings={"batch_max": 7})).capabilities.batch_max == 7


def whsec(length: int) -> str:
    return "whsec_" + base64.b64encode(bytes(length)).decode()


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=13)), timezone(timedelta(hours=-8))])
def test_signatures_are_those_of_the_standards_own_example(zone: timezone) -> None:
    at = datetime.fromtimestamp(1614265330, UTC).astimezone(zone)
    message = {"message_id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "body": '{"test": 2432232314}'}

    assert signature_headers([SIGNING_SECRET], at=at, **message) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_both_secrets_sign_the_newest_first_and_the_second_is_whole() -> None:
    at = datetime(2026, 11, 16, 3, 0, 0, 999_999, tzinfo=UTC)
    both = signature_headers([whsec(32), SIGNING_SECRET], message_id="msg_1", at=at, body="{}")
    each = [signature_headers([secret], message_id="msg_1", at=at, body="{}") for secret in (whsec(32), SIGNING_SECRET)]

    assert both["webhook-signature"] == " ".join(one["webhook-signature"] for one in each)
    assert both["webhook-timestamp"] == "1794798000"
    assert signature_headers([], message_id="msg_1", at=at, body="{}") == {}


def _prepared(purpose: Purpose, body: str, *references: str) -> Prepared:
    return Prepared(purpose=purpose, journals=tuple(replace(journal(), reference=each) for each in references or REFERENCES), body=body)


def test_a_repeated_message_keeps_its_id_and_another_has_another() -> None:
    sent = _prepared(Purpose.SEND, "{}")
    others = [
        _prepared(Purpose.VALIDATE, "{}"),
        _prepared(Purpose.SEND, "{}", "JNL-1"),
        _prepared(Purpose.SEND, "{ }"),
    ]

    assert message_id_of(sent) == message_id_of(_prepared(Purpose.SEND, "{}"))
    assert re.fullmatch("msg_[0-9a-f]{32}", message_id_of(sent))
    assert len({message_id_of(each) for each in (sent, *others)}) == 4


@pytest.mark.parametrize("secret", [SIGNING_SECRET, whsec(24), whsec(64)])
def test_a_signing_secret_of_24_to_64_bytes(secret: str) -> None:
    assert secret_fault(secret) is None


@pytest.mark.parametrize(
    "secret", [whsec(23), whsec(65), whsec(32)[6:], "whsec_", whsec(32) + "\n", whsec(32).rstrip("="), "whpk_" + "A" * 44]
)
def test_anything_else_is_none(secret: str) -> None:
    assert secret_fault(secret) is not None
