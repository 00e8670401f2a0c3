"""The outermost ring of a request: its trace, its count, and the answer to what nobody foresaw."""

import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import ProblemResponse, problem
from app.observability import Metrics, Trace, trace_id_from

TRACE_HEADER = "X-Trace-Id"

log = structlog.get_logger(__name__)


class Boundary:
    """ASGI middleware. Continues the caller's trace or begins one; logs an unforeseen error once, under the trace that the caller sees."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with Trace(trace_id_from(Headers(scope=scope).get("traceparent"))) as trace_id:
            call = _Call(send, trace_id)
            scope.setdefault("state", {})["trace_id"] = trace_id
            started = time.perf_counter()
            try:
                await self._app(scope, receive, call.send)
            except ClientDisconnect:
                log.info("client_gone", method=scope["method"], route=_route(scope))
            except Exception:
                log.exception("unhandled_error", method=scope["method"], route=_route(scope))
                if call.status is not None:
                    raise  # the answer has begun: only the server can still break it off
                await _unforeseen()(scope, receive, call.send)
            finally:
                self._count(scope, call.status, time.perf_counter() - started)

    def _count(self, scope: Scope, status: int | None, seconds: float) -> None:
        method, route = scope["method"], _route(scope)
        self._metrics.requests.labels(method, route, str(status or "none")).inc()
        self._metrics.request_seconds.labels(method, route).observe(seconds)


class _Call:
    """What is being answered."""

    def __init__(self, send: Send, trace_id: str) -> None:
        self._send = send
        self._trace_id = trace_id
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[TRACE_HEADER] = self._trace_id
        await self._send(message)


def _unforeseen() -> ProblemResponse:
    body = problem(status=500, code="internal-error", title="An unforeseen error", detail="It is logged under this trace_id.")
    return ProblemResponse(body, status_code=500)


def _route(scope: Scope) -> str:
    """The route's pattern, never the path: that has no end of values."""
    return getattr(scope.get("route"), "path_format", None) or "none"
