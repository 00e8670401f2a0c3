"""The one HTTP client towards ERPs: guarded, bounded in time and size, and honest about whether anything was sent."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import anyio
import httpcore
import httpx

from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure, HttpResult, Timeouts
from app.adapters.erp.guard import ForbiddenAddress, Network, Resolver
from app.adapters.erp.resolver import SystemResolver
from app.adapters.erp.transport import GuardedTransport

MAX_RESPONSE_BYTES = 1_000_000

_LATE = (httpcore.TimeoutException, TimeoutError)
# TLS errors are OSErrors; anyio's reach us from a TLS connection that breaks while writing.
_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, OSError, anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)
_FAILURES = _LATE + _BROKEN


@dataclass(slots=True)
class _Call:
    """What is known of a call in flight."""

    started: float = field(default_factory=time.perf_counter)
    sent: bool = False
    status: int | None = None
    content: bytearray = field(default_factory=bytearray)

    async def trace(self, event: str, _: object) -> None:
        """httpcore's trace: anything past its `connection.…` events writes to the socket, or may."""
        self.sent = self.sent or not event.startswith("connection.")

    @property
    def duration_ms(self) -> int:
        return round((time.perf_counter() - self.started) * 1000)

    def failed(self, kind: FailureKind, reason: str) -> HttpFailure:
        return HttpFailure(kind=kind, reason=reason, duration_ms=self.duration_ms, status=self.status, content=bytes(self.content))

    def broken(self, error: BaseException) -> HttpFailure:
        """Once anything may have left, nothing proves that it was not carried out."""
        if not self.sent:
            return self.failed(FailureKind.BEFORE_SENT, _no_start(error))
        if isinstance(error, _LATE):
            return self.failed(FailureKind.TIMEOUT, "no answer in time")
        return self.failed(FailureKind.AFTER_SENT, "the connection broke before the answer was complete")


class HttpClient:
    """Shared by all endpoints of a process; made and closed within one event loop.

    TLS is verified against certifi's authorities and the system's, so an internal authority is installed in the system. Without TLS
    only the networks of the operator's list are called. Nothing is
    taken from the environment, no redirect is followed, no cookie is kept, nothing is sent twice.
    """

    def __init__(
        self,
        *,
        allowed_networks: Sequence[Network] = (),
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clock = clock
        self._names = SystemResolver()
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(allowed_networks, resolve or self._names, tls or _verifying_tls()),
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            # A compressed answer could unfold to more than the cap, so none is asked for.
            headers={"accept-encoding": "identity", "user-agent": "glint"},
        )

    def now(self) -> datetime:
        """By the clock it was given: the instant that a signature names."""
        return self._clock()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        timeouts: Timeouts | None = None,
        max_bytes: int = MAX_RESPONSE_BYTES,
    ) -> HttpResult:
        """One call, once. Never raises for what a network or a server does. What is beyond `max_bytes` of an answer is cut."""
        call, limits = _Call(), timeouts or Timeouts()
        if (fault := url_fault(url)) is not None:
            return call.failed(FailureKind.FORBIDDEN, fault)
        pace = httpx.Timeout(connect=limits.connect, read=limits.read, write=limits.write, pool=limits.pool)
        request = self._client.build_request(
            method, url, headers=dict(headers or {}), content=content, timeout=pace, extensions={"trace": call.trace}
        )
        try:
            async with asyncio.timeout(limits.total):
                return await self._exchange(request, call, max_bytes)
        except ForbiddenAddress as error:
            return call.failed(FailureKind.FORBIDDEN, str(error))
        except _FAILURES as error:
            return call.broken(error)

    async def _exchange(self, request: httpx.Request, call: _Call, max_bytes: int) -> HttpAnswer:
        response = await self._client.send(request, stream=True)
        try:
            call.status = response.status_code
            truncated = await _read(response, call.content, max_bytes)
        finally:
            await response.aclose()
        return HttpAnswer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=bytes(call.content),
            truncated=truncated,
            duration_ms=call.duration_ms,
            received_at=self._clock(),
        )

    async def aclose(self) -> None:
        await self._client.aclose()
        self._names.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()


async def _read(response: httpx.Response, into: bytearray, max_bytes: int) -> bool:
    """Whether the answer is longer than `max_bytes`; `into` is filled as it comes, for the record of a call that breaks."""
    async for chunk in response.aiter_raw():
        into += chunk[: max_bytes - len(into) + 1]
        if len(into) > max_bytes:
            del into[max_bytes:]
            return True
    return False


def url_fault(url: str) -> str | None:
    """What is wrong with an ERP's URL, None where it can be called. Read by the parser that will make the call."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return "the URL is malformed"
    if parsed.scheme not in ("http", "https") or not parsed.host:
        return "the URL must begin with http:// or https:// and name a host"
    if parsed.userinfo:
        return "the URL must not carry a user or password"
    if parsed.port is not None and not 0 < parsed.port < 65_536:
        return "the URL's port is not one"
    return None


def _verifying_tls() -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def _no_start(error: BaseException) -> str:
    """A sentence for why nothing could be sent, without addresses. httpcore keeps the system's own error as the context of its own."""
    cause: BaseException | None = error
    while cause is not None:
        match cause:
            case httpcore.PoolTimeout():
                return "no free connection"
            case TimeoutError() | httpcore.TimeoutException():
                return "no connection in time"
            case ssl.SSLCertVerificationError():
                return f"TLS: {cause.verify_message}"
            case ssl.SSLError():
                return "TLS: the handshake failed"
            case socket.gaierror():
                return "the host name does not resolve"
            case ConnectionRefusedError():
                return "connection refused"
        cause = cause.__cause__ or cause.__context__
    return "the connection could not be made"
