"""What a fault does to a request: a middleware before the application."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as AsgiMessage

from app.reference_erp.faults import DROP, Fault, FaultSwitch
from app.reference_erp.problems import problem

FLOOD_CHUNKS = 10
FLOOD_CHUNK = b" " * 1_000_000


class FaultMiddleware:
    """Stands before the application and does to a request what the switch says."""

    def __init__(self, app: ASGIApp, switch: FaultSwitch) -> None:
        self._app = app
        self._switch = switch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/faults"):
            await self._app(scope, receive, send)
            return
        self._switch.under_way += 1
        try:
            await self._under_fault(scope, receive, send)
        finally:
            self._switch.under_way -= 1

    async def _under_fault(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._switch.take(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.mode == "hold":
            request = await whole_request(receive)
            await self._switch.wait_for_release()
            await self._app(scope, replayed(request, receive), send)
        elif fault.mode == "reject_some":
            await self._reject_some(scope, receive, send)
        else:
            await carry_out(fault, self._app, scope, receive, send)

    async def _reject_some(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What is no body of journals is the application's to refuse."""
        request = await whole_request(receive)
        journals = _journals(request["body"])
        refused = _some(journals, self._switch.random)
        rest = [journal for journal in journals if journal not in refused]
        answer: list[AsgiMessage] = []
        if rest or not refused:
            passed_on = {**request, "body": json.dumps({"journals": rest}).encode()} if refused else request
            await self._app(scope, replayed(passed_on, receive), _collector(answer))
        if answer and answer[0]["status"] != 200:
            for message in answer:
                await send(message)
            return
        results = json.loads(_body(answer))["results"] if answer else []
        verdict = "rejected" if scope["path"] == "/journals" else "invalid"
        results += [_refused(journal, verdict) for journal in refused]
        await Response(json.dumps({"results": results}), 200, media_type="application/json")(scope, receive, send)


async def carry_out(fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """What a fault does to one request, whatever the application is: all modes but `hold` and `reject_some`."""
    if fault.mode == "slow":
        request = await whole_request(receive)
        await asyncio.sleep(fault.seconds)
        await app(scope, replayed(request, receive), send)
    elif fault.mode in _AFTER_THE_WORK:
        answer: list[AsgiMessage] = []
        await app(scope, receive, _collector(answer))
        await _AFTER_THE_WORK[fault.mode](answer, scope, receive, send)
    else:
        await _refusal(fault)(scope, receive, send)


def _refusal(fault: Fault) -> Response:
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    if fault.mode == "throttle":
        return problem(429, "throttled", "Too many requests", {"retry-after": "1"} | headers)
    if fault.mode == "unavailable":
        return problem(503, "unavailable", "Down for maintenance", headers)
    return problem(fault.status, "failed", "A fault was asked for", headers)


def _journals(body: bytes) -> list[Mapping[str, Any]]:
    try:
        journals = json.loads(body)["journals"]
    except (ValueError, TypeError, KeyError):
        return []
    return journals if isinstance(journals, list) and all(isinstance(each, dict) and "reference" in each for each in journals) else []


def _some(journals: list[Mapping[str, Any]], random: Random) -> list[Mapping[str, Any]]:
    return [journal for journal in journals if random.random() < 0.5] or journals[:1]


def _refused(journal: Mapping[str, Any], verdict: str) -> dict[str, Any]:
    found = {"line": None, "code": "refused-today", "message": "A fault was asked for", "severity": "error"}
    return {"reference": journal["reference"], "result": verdict, "problems": [found]}


def _body(answer: list[AsgiMessage]) -> bytes:
    return b"".join(message.get("body", b"") for message in answer[1:])


def _collector(answer: list[AsgiMessage]) -> Send:
    async def collect(message: AsgiMessage) -> None:
        answer.append(message)

    return collect


async def whole_request(receive: Receive) -> AsgiMessage:
    """A request's body as one message, read before waiting: the server gives no body to an application whose client has gone."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return {"type": "http.request", "body": body, "more_body": False}


def replayed(request: AsgiMessage, receive: Receive) -> Receive:
    """Gives a request that was read already to the application."""

    waiting = [request]

    async def replay() -> AsgiMessage:
        return waiting.pop() if waiting else await receive()

    return replay


async def _drop(_: list[AsgiMessage], scope: Scope, receive: Receive, __: Send) -> None:
    await _cut(scope, receive, flush=False)


async def _garbage(_: list[AsgiMessage], scope: Scope, receive: Receive, send: Send) -> None:
    await Response("<html><body>Welcome to the gateway", 200, media_type="text/html")(scope, receive, send)


async def _half(answer: list[AsgiMessage], scope: Scope, receive: Receive, send: Send) -> None:
    body = _body(answer)
    await send(answer[0])
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await _cut(scope, receive, flush=True)


async def _flood(_: list[AsgiMessage], scope: Scope, receive: Receive, send: Send) -> None:
    length = str(FLOOD_CHUNKS * len(FLOOD_CHUNK)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for left in reversed(range(FLOOD_CHUNKS)):
        await send({"type": "http.response.body", "body": FLOOD_CHUNK, "more_body": left > 0})


async def _cut(scope: Scope, receive: Receive, *, flush: bool) -> None:
    """Returns once the server knows that the connection is gone: earlier it would send an answer of its own."""
    scope["extensions"][DROP](flush)
    while (await receive())["type"] != "http.disconnect":
        pass


_AFTER_THE_WORK: dict[str, Callable[[list[AsgiMessage], Scope, Receive, Send], Awaitable[None]]] = {
    "book_then_drop": _drop,
    "garbage": _garbage,
    "half_body": _half,
    "flood": _flood,
}
