"""What the reference ERP saw, kept in a file that survives its death: every call at its arrival, and what it booked."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.faults.clock import SharedClock

ARRIVED = "tests.faults.arrived"
ERP_LIMIT = timedelta(seconds=60)
"""The ERP's promise: what it has not begun to carry out by then, it never will. Endpoints are told twice as much, so that clocks that
differ by up to a minute leave it true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as it arrived, by the suite's clock."""

    at: datetime
    purpose: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """`again` are references that were sent once more although they were booked."""

    calls: list[Call]
    again: list[str]


class CallLog:
    """Outermost, so that it sees what a fault keeps from the application."""

    def __init__(self, app: ASGIApp, path: Path, clock: SharedClock) -> None:
        self._app = app
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        purpose = _purpose(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if purpose is None:
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        scope[ARRIVED] = self._clock.now()
        references = [unquote(scope["path"].removeprefix("/journals/"))] if purpose == "find" else _references(body)
        self.write({"at": scope[ARRIVED].isoformat(), "purpose": purpose, "references": references})
        await self._app(scope, _replayed(body, receive), send)

    def write(self, line: dict[str, Any]) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


class Promise:
    """Innermost: the ERP carries nothing out after its time limit, and notes what is sent although it was booked."""

    def __init__(self, app: ASGIApp, log: CallLog, clock: SharedClock) -> None:
        self._app = app
        self._log = log
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if ARRIVED not in scope or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        answer = bytearray()

        async def noting(message: Message) -> None:
            answer.extend(message.get("body", b""))
            await send(message)

        with self._clock.still():
            if self._clock.now() - scope[ARRIVED] > ERP_LIMIT:
                await Response("Too late", 504)(scope, receive, send)
                return
            await self._app(scope, receive, noting)
        again = [each["reference"] for each in json.loads(answer).get("results", []) if each.get("result") == "duplicate"]
        if again:
            self._log.write({"again": again})


def read_calls(path: Path) -> Calls:
    """All of them, oldest first. A last line that was cut by a kill is no call: it was never answered, nor carried out."""
    calls, again = [], []
    for line in _lines(path):
        if "again" in line:
            again += line["again"]
        else:
            at = datetime.fromisoformat(line["at"])
            calls.append(Call(at=at, purpose=line["purpose"], references=tuple(line["references"])))
    return Calls(calls=calls, again=again)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        for line in path.read_text().splitlines():
            if line.endswith("}"):
                yield json.loads(line)


def _purpose(method: str, path: str) -> str | None:
    if method == "POST":
        return {"/journals": "send", "/journals/validate": "validate"}.get(path)
    return "find" if method == "GET" and path.startswith("/journals/") else None


def _references(body: bytes) -> list[str]:
    return [journal["reference"] for journal in json.loads(body)["journals"]]


async def _body(receive: Receive) -> bytes | None:
    """None where the sender died before the whole request was there: nothing was asked."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
