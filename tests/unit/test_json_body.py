"""Strict JSON: what is lenient in Python's parser would be a lost or changed figure here."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import StrictInt
from starlette.requests import Request

from app.api.errors import NotJson, UnsupportedMediaType
from app.api.json_body import MAX_DEPTH, JsonBody, parse_json, read_json
from app.application.events_in.values import Name, Strict
from app.domain.errors import Invalid


def _request(body: bytes, **headers: str) -> Request:
    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    encoded = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": encoded}, receive)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": NaN}',
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e999]",
        b"[-1e999]",
        b"[01]",
        b'{"a": 1,}',
        b'{"a": 1, "a": 2}',
        b'[{"b": {"a": 1, "a": 1}}]',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b'"a\nb"',
        b"{} {}",
        b"9" * 41,
        b"9" * 5_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        parse_json(body)


def test_json_is_read_as_it_is() -> None:
    deep = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert parse_json(deep) == json.loads(deep)
    assert parse_json(b"-" + b"9" * 39) == -int("9" * 39)
    assert parse_json('{"ä": ["\\u0000", "\\ud800", 1.5, true, null]}'.encode()) == {"ä": ["\x00", "\ud800", 1.5, True, None]}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_whatever_is_written_is_read_back(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value


class Body(Strict):
    name: Name
    count: StrictInt = 0


@pytest.mark.anyio
class TestReading:
    async def test_a_body_becomes_its_model(self) -> None:
        body = JsonBody(Body)
        assert await body(_request(b'{"name": "x"}', content_type="application/json; charset=utf-8")) == Body(name="x")
        assert await body(_request(b'{"name": "x"}')) == Body(name="x")
        assert await read_json(_request(b"[]", content_type="application/cloudevents-batch+json")) == []

    async def test_no_body_counts_as_an_empty_one_only_where_it_is_optional(self) -> None:
        class Loose(Strict):
            name: Name | None = None

        assert await JsonBody(Loose, optional=True)(_request(b"")) == Loose()
        with pytest.raises(NotJson):
            await JsonBody(Loose)(_request(b""))

    @pytest.mark.parametrize(
        "headers",
        [
            {"content_type": "text/plain"},
            {"content_type": "application/xml"},
            {"content_type": "image/svg+json"},
            {"content_type": "application/json", "content_encoding": "gzip"},
        ],
    )
    async def test_what_says_that_it_is_something_else_is_not_tried(self, headers: dict[str, str]) -> None:
        with pytest.raises(UnsupportedMediaType):
            await read_json(_request(b"{}", **headers))

    async def test_faults_point_at_their_fields(self) -> None:
        with pytest.raises(Invalid) as caught:
            await JsonBody(Body)(_request(b'{"name": "", "count": "1", "a/b~c": 1}'))
        assert {fault.pointer for fault in caught.value.faults} == {"/name", "/count", "/a~1b~0c"}

    async def test_a_body_of_another_type_is_a_fault_of_the_whole(self) -> None:
        with pytest.raises(Invalid) as caught:
            await JsonBody(Body)(_request(b"[]"))
        assert [fault.pointer for fault in caught.value.faults] == [""]
