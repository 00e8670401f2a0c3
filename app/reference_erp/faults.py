"""Faults on demand: what an ERP and the network before it really do wrong, so that a sender can be tested against it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from pydantic import Field
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as AsgiMessage

from app.reference_erp.messages import Message
from app.reference_erp.problems import problem

DROP = "reference_erp.drop"
"""The scope extension, `drop(flush: bool)`, by which the server lets the application cut its own TCP connection."""

Target = Literal["send", "validate", "find"]


class Fault(Message):
    """`times` counts down to none; without it the fault stays.

    slow: carries the request out `seconds` late, though its sender may have gone. fail: answers `status`, books nothing.
    throttle: 429. unavailable: 503, with Retry-After if given.
    The last three carry the request out first: book_then_drop cuts the connection without an answer, garbage answers 200 with no JSON,
    half_body announces the whole answer and breaks off in its middle.
    """

    mode: Literal["none", "slow", "fail", "throttle", "unavailable", "book_then_drop", "garbage", "half_body"]
    on: Target = "send"
    seconds: Annotated[float, Field(ge=0, le=600)] = 5
    status: Annotated[int, Field(ge=300, le=599)] = 500
    retry_after: Annotated[int, Field(ge=0)] | None = None
    times: Annotated[int, Field(ge=1)] | None = None


class FaultSwitch:
    """The fault that is set, in memory. Used on the event loop only."""

    def __init__(self) -> None:
        self.fault = Fault(mode="none")

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, counted; None where it goes through."""
        fault = self.fault
        if fault.mode == "none" or fault.on != _target(method, path):
            return None
        if fault.times is not None:
            left = fault.times - 1
            self.fault = fault.model_copy(update={"times": left}) if left else Fault(mode="none")
        return fault


def _target(method: str, path: str) -> Target | None:
    if method == "POST" and path in ("/journals", "/journals/validate"):
        return "send" if path == "/journals" else "validate"
    return "find" if method == "GET" and path.startswith("/journals/") else None


class FaultMiddleware:
    """Stands before the application and does to a request what the switch says."""

    def __init__(self, app: ASGIApp, switch: FaultSwitch) -> None:
        self._app = app
        self._switch = switch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._switch.take(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.mode == "slow":
            request = await _whole_request(receive)
            await asyncio.sleep(fault.seconds)
            await self._app(scope, _replayed(request, receive), send)
        elif fault.mode in _AFTER_THE_WORK:
            answer: list[AsgiMessage] = []
            await self._app(scope, receive, _collector(answer))
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


def _collector(answer: list[AsgiMessage]) -> Send:
    async def collect(message: AsgiMessage) -> None:
        answer.append(message)

    return collect


async def _whole_request(receive: Receive) -> AsgiMessage:
    """Read before waiting: the server gives no body to an application whose client has gone."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return {"type": "http.request", "body": body, "more_body": False}


def _replayed(request: AsgiMessage, receive: Receive) -> Receive:
    waiting = [request]

    async def replay() -> AsgiMessage:
        return waiting.pop() if waiting else await receive()

    return replay


async def _drop(_: list[AsgiMessage], scope: Scope, receive: Receive, __: Send) -> None:
    await _cut(scope, receive, flush=False)


async def _garbage(_: list[AsgiMessage], scope: Scope, receive: Receive, send: Send) -> None:
    await Response("<html><body>Welcome to the gateway", 200, media_type="text/html")(scope, receive, send)


async def _half(answer: list[AsgiMessage], scope: Scope, receive: Receive, send: Send) -> None:
    body = b"".join(message.get("body", b"") for message in answer[1:])
    await send(answer[0])
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await _cut(scope, receive, flush=True)


async def _cut(scope: Scope, receive: Receive, *, flush: bool) -> None:
    """Returns once the server knows that the connection is gone: earlier it would send an answer of its own."""
    scope["extensions"][DROP](flush)
    while (await receive())["type"] != "http.disconnect":
        pass


_AFTER_THE_WORK: dict[str, Callable[[list[AsgiMessage], Scope, Receive, Send], Awaitable[None]]] = {
    "book_then_drop": _drop,
    "garbage": _garbage,
    "half_body": _half,
}
