"""httpx over connections that go through the guard and are kept for the next call to the same place."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Sequence

import anyio
import httpcore
import httpx

from app.adapters.erp.guard import GuardedBackend, Network, Resolver

MAX_CONNECTIONS = 256
# Below the five seconds after which common servers close an idle connection: a request that meets a closing one is "unknown".
KEEP_ALIVE_SECONDS = 2.0

_GONE = (OSError, httpcore.NetworkError, anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)


class GuardedTransport(httpx.AsyncBaseTransport):
    """httpcore's exceptions pass as they are. httpcore's own pool asks the system about each of its connections at every call; here a
    call looks only at the one that it takes, the one used last."""

    def __init__(self, allowed: Sequence[Network], resolve: Resolver, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._backends = {
            scheme: GuardedBackend(allowed=allowed, resolve=resolve, encrypted=scheme == b"https") for scheme in (b"https", b"http")
        }
        self._places = asyncio.Semaphore(MAX_CONNECTIONS)
        self._idle: dict[str, list[httpcore.AsyncHTTPConnection]] = {}
        self._open = 0
        self._swept_at = time.monotonic()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        await self._take_place(request.extensions["timeout"]["pool"])
        connection = None
        try:
            connection = await self._connection(target.origin)
            answer = await connection.handle_async_request(
                httpcore.Request(request.method, target, headers=request.headers.raw, content=request.stream, extensions=request.extensions)
            )
        except BaseException:
            await self.give_back(target.origin, connection)
            raise
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(self, target.origin, connection, answer))

    async def aclose(self) -> None:
        for connections in self._idle.values():
            while connections:
                await self._close(connections.pop())

    async def _take_place(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds if self._places.locked() else None):
                await self._places.acquire()
        except TimeoutError as error:
            raise httpcore.PoolTimeout("no free connection") from error

    async def _connection(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        if time.monotonic() - self._swept_at > KEEP_ALIVE_SECONDS:
            await self._sweep()
        kept = self._idle.get(str(origin), [])
        while kept:
            connection = kept.pop()
            if not connection.has_expired():
                return connection
            await self._close(connection)
        if self._open >= MAX_CONNECTIONS:  # then one is idle: whoever is here has a place
            await self._close(next(each for each in self._idle.values() if each).pop(0))
        self._open += 1
        return httpcore.AsyncHTTPConnection(
            origin,
            ssl_context=self._tls,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            retries=0,
            network_backend=self._backends[origin.scheme],
        )

    async def give_back(self, origin: httpcore.Origin, connection: httpcore.AsyncHTTPConnection | None) -> None:
        """Once the answer was read, or none is wanted any more."""
        try:
            if connection is not None and connection.is_available():
                self._idle.setdefault(str(origin), []).append(connection)
            elif connection is not None:
                await self._close(connection)
        finally:
            self._places.release()

    async def _sweep(self) -> None:
        """Closes what nobody used for a while, wherever it leads."""
        self._swept_at = time.monotonic()
        found, self._idle = self._idle, {}
        expired = []
        for origin, connections in found.items():
            for connection in connections:
                if connection.has_expired():
                    expired.append(connection)
                else:
                    self._idle.setdefault(origin, []).append(connection)
        for connection in expired:
            await self._close(connection)

    async def _close(self, connection: httpcore.AsyncHTTPConnection) -> None:
        self._open -= 1
        with contextlib.suppress(*_GONE):
            await connection.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(
        self, transport: GuardedTransport, origin: httpcore.Origin, connection: httpcore.AsyncHTTPConnection, answer: httpcore.Response
    ) -> None:
        self._transport = transport
        self._origin = origin
        self._connection = connection
        self._answer = answer
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._answer.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            try:
                await self._answer.aclose()
            finally:
                await self._transport.give_back(self._origin, self._connection)
