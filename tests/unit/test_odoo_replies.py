"""What Odoo's answers mean to the `odoo` adapter, without a network. The bodies are those of a real Odoo 19."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure
from app.adapters.erp.odoo.dialect import dialect_of
from app.adapters.erp.odoo.drafts import by_halves
from app.adapters.erp.odoo.records import (
    day,
    day_or_none,
    decimal,
    linked_id,
    linked_name,
    record_id,
    record_ids,
    records,
    text,
    text_or_none,
)
from app.adapters.erp.odoo.reply import Failed, Value, read_json_2, read_json_rpc, understood, without_traceback
from app.adapters.erp.odoo.settings import read_endpoint
from app.application.ports.erp import Connection
from app.domain.delivery import Misconfigured, Problem, Rejected, Retryable, Throttled, Unauthorised, Unknown
from app.domain.errors import Invalid

TRACEBACK = 'Traceback (most recent call last):\n  File "odoo/http.py", line 2275\n'


def answer(body: object, status: int = 200, **headers: str) -> HttpAnswer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    return HttpAnswer(status=status, headers=headers, content=content, truncated=False, duration_ms=1, received_at=moment)


def error(name: str, message: str = "It said why") -> dict[str, object]:
    return {"name": name, "message": message, "arguments": [message], "context": {}, "debug": TRACEBACK}


def rpc_error(name: str, message: str = "It said why") -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": 1, "error": {"code": 0, "message": "Odoo Server Error", "data": error(name, message)}}


REFUSED = Rejected(problems=(Problem(line=None, code="refused", message="It said why"),))


@pytest.mark.parametrize(
    ("name", "status", "outcome"),
    [
        ("odoo.exceptions.UserError", 422, REFUSED),
        ("odoo.exceptions.ValidationError", 422, REFUSED),
        ("odoo.exceptions.RedirectWarning", 500, REFUSED),
        ("odoo.exceptions.MissingError", 404, REFUSED),
        ("odoo.exceptions.AccessError", 403, Misconfigured(reason="It said why")),
        ("odoo.exceptions.AccessDenied", 403, Unauthorised(reason="It said why")),
        ("werkzeug.exceptions.Unauthorized", 401, Unauthorised(reason="It said why")),
        ("werkzeug.exceptions.NotFound", 404, Misconfigured(reason="It said why")),
        ("odoo.exceptions.LockError", 409, Retryable(reason="It said why")),
        ("psycopg2.errors.SerializationFailure", 500, Retryable(reason="It said why")),
        ("builtins.ValueError", 500, Unknown(reason="Odoo failed: It said why")),
        ("psycopg2.OperationalError", 500, Unknown(reason="Odoo failed: It said why")),
    ],
)
def test_an_error_is_known_by_its_exception_in_both_ways_of_calling(name: str, status: int, outcome: object) -> None:
    for failed in (read_json_2(answer(error(name), status)), read_json_rpc(answer(rpc_error(name)))):
        assert isinstance(failed, Failed)
        assert (failed.outcome, failed.told) == (outcome, True)
        assert failed.gone == name.endswith("MissingError")


def test_a_bad_request_keeps_what_its_status_means() -> None:
    failed = read_json_2(answer(error("werkzeug.exceptions.BadRequest"), 400))

    assert isinstance(failed, Failed)
    assert isinstance(failed.outcome, Rejected)


@pytest.mark.parametrize("read", [read_json_2, read_json_rpc])
@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (HttpFailure(kind=FailureKind.BEFORE_SENT, reason="refused", duration_ms=1), Retryable(reason="refused")),
        (HttpFailure(kind=FailureKind.TIMEOUT, reason="late", duration_ms=1), Unknown(reason="late")),
        (answer(b"<html>", 404), Misconfigured(reason="the ERP answered 404")),
        (answer(b"<html>", 500), Unknown(reason="the ERP answered 500")),
        (answer(b"", 502), Unknown(reason="the ERP answered 502")),
        (answer(b"", 429, **{"retry-after": "7"}), Throttled(retry_after=7)),
        (answer(b"", 503), Retryable(reason="the ERP answered 503")),
        (answer(b"<html>", 200), Unknown(reason="the answer cannot be read")),
        (answer(b'[{"id": 1', 200), Unknown(reason="the answer cannot be read")),
    ],
)
def test_what_stands_before_odoo_is_known_by_its_status(read: Any, result: Any, outcome: object) -> None:
    failed = read(result)

    assert isinstance(failed, Failed)
    assert (failed.outcome, failed.told) == (outcome, False)


def test_values() -> None:
    assert read_json_2(answer(False)) == Value(value=False)
    assert read_json_2(answer([{"balance": 10.5}])) == Value(value=[{"balance": Decimal("10.5")}])
    assert read_json_rpc(answer({"jsonrpc": "2.0", "id": 1, "result": None})) == Value(value=None)
    assert read_json_rpc(answer({"jsonrpc": "2.0", "id": 1})) == Value(value=None)
    wrong: list[object] = [{"id": 1}, {"result": True}, [], 1, {"error": None}, {"error": {"data": []}}]
    for not_agreed in wrong:
        failed = read_json_rpc(answer(not_agreed))
        assert isinstance(failed, Failed)
        assert isinstance(failed.outcome, Unknown)


def test_a_value_of_another_shape_proves_nothing() -> None:
    wrong: list[object] = [{}, [1], [[]], None, "x"]
    for value in wrong:
        failed = understood(Value(value=value), records)
        assert isinstance(failed, Failed)
        assert (failed.outcome, failed.told) == (Unknown(reason="the answer cannot be read"), False)
    assert understood(Value(value=[{"id": 1}]), records) == [{"id": 1}]


def test_before_anything_was_made_nothing_is_unknown_and_no_journal_is_to_blame() -> None:
    def outcome(result: HttpAnswer) -> object:
        failed = read_json_2(result)
        assert isinstance(failed, Failed)
        return failed.before_anything

    assert outcome(answer(b"", 502)) == Retryable(reason="the ERP answered 502")
    assert outcome(answer(error("odoo.exceptions.UserError"), 422)) == Misconfigured(reason="It said why")
    assert outcome(answer(b"", 429)) == Throttled(retry_after=None)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(error("odoo.exceptions.UserError")),
        json.dumps(rpc_error("odoo.exceptions.UserError")),
        json.dumps(error("odoo.exceptions.UserError"))[:-5],
        '[{"debug": "Traceback (most recent call last)"}]',
    ],
)
def test_a_traceback_is_not_kept(body: str) -> None:
    kept = without_traceback(answer(body.encode())).content

    assert b"Traceback" not in kept
    assert b"It said why" in kept or b"It said why" not in body.encode()


def test_all_else_is_kept_as_it_came() -> None:
    for content in (b'[{"balance": 10.50}]', b"<html>"):
        result = answer(content)
        assert without_traceback(result) is result


def test_odoos_dates_and_nothings() -> None:
    assert (day("2026-11-01"), day("1-01-01"), day_or_none(False)) == (date(2026, 11, 1), date.min, None)
    assert (text_or_none(False), text_or_none(""), text_or_none("x")) == (None, None, "x")
    assert (linked_id([35, "NZD"]), linked_name([35, "NZD"])) == (35, "NZD")
    assert record_ids([1, 2]) == [1, 2]
    assert decimal(Decimal("0.10")) == decimal(Decimal("0.1"))


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (record_id, True),
        (record_id, 0),
        (record_id, "1"),
        (record_ids, 1),
        (linked_id, False),
        (linked_id, []),
        (linked_name, [1]),
        (text, None),
        (decimal, "1"),
        (decimal, True),
        (day, "2026-11"),
        (day, "2026-13-01"),
        (day, False),
    ],
)
def test_what_odoo_does_not_document_is_not_read(read: Any, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        read(value)


def test_what_is_out_of_use_is_said_differently() -> None:
    assert (dialect_of(18).account_use, dialect_of(19).account_use) == ("deprecated", "active")
    assert dialect_of(17).lock_fields == ("fiscalyear_lock_date", "period_lock_date")
    assert (dialect_of(15).account_type, dialect_of(16).account_type) == ("user_type_id", "account_type")


class Refusing:
    """A call for many numbers that refuses those with one of some; it keeps what it was asked."""

    def __init__(self, refused: Sequence[int], failed: Failed) -> None:
        self.asked: list[list[int]] = []
        self._refused = refused
        self._failed = failed

    async def __call__(self, some: Sequence[int]) -> Sequence[int] | Failed:
        self.asked.append(list(some))
        return self._failed if set(some) & set(self._refused) else [-each for each in some]


@pytest.mark.anyio
@pytest.mark.parametrize("refused", [[], [1], [3, 4], [8], [1, 2, 3, 4, 5, 6, 7, 8]])
async def test_what_is_refused_is_parted_from_the_rest(refused: list[int]) -> None:
    failed = Failed(outcome=REFUSED, told=True)
    call = Refusing(refused, failed)

    results = await by_halves(range(1, 9), call)

    assert results == [(each, failed if each in refused else -each) for each in range(1, 9)]
    assert len(call.asked) <= 1 + 2 * 3 * max(1, len(refused))


@pytest.mark.anyio
async def test_a_failure_of_all_is_not_asked_again() -> None:
    failed = Failed(outcome=Unknown(reason="late"))
    call = Refusing([1], failed)

    assert await by_halves([3, 1, 2], call) == [(3, failed), (1, failed), (2, failed)]
    assert call.asked == [[3, 1, 2]]
    assert await by_halves([], call) == []


def connection(**changes: Any) -> Connection:
    known: dict[str, Any] = {"url": "https://odoo.example", "credentials": {"api_key": "hush"}}
    return Connection(**known | changes)


def test_an_endpoint_with_nothing_but_a_key() -> None:
    endpoint = read_endpoint(connection(url="https://odoo.example/"))

    assert (endpoint.url, endpoint.settings.api, endpoint.settings.journal, endpoint.api_key) == (
        "https://odoo.example",
        "json-2",
        "MISC",
        "hush",
    )
    assert "hush" not in repr(endpoint.credentials)


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"settings": {"api": "json-rpc"}}, ["/settings/database", "/settings/login"]),
        ({"settings": {"api": "soap"}}, ["/settings/api"]),
        ({"settings": {"company_id": "1"}}, ["/settings/company_id"]),
        ({"settings": {"company": 1}}, ["/settings/company"]),
        ({"settings": {"database": "a\nb"}}, ["/settings/database"]),
        ({"credentials": {}}, ["/credentials/api_key"]),
        ({"credentials": {"api_key": "se cret"}}, ["/credentials/api_key"]),
        ({"url": "ftp://odoo.example", "credentials": {"token": "secret"}}, ["/url", "/credentials/api_key", "/credentials/token"]),
    ],
)
def test_each_fault_is_named_and_no_value_repeated(changes: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(Invalid) as raised:
        read_endpoint(connection(**changes))

    assert [fault.pointer for fault in raised.value.faults] == pointers
    assert not any("secret" in fault.message or "se cret" in fault.message for fault in raised.value.faults)
