"""Which connections the HTTP client keeps, uses again and closes. Over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest

from app.adapters.erp import transport
from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure, Timeouts
from app.adapters.erp.http import HttpClient

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
SLOWLY = {"x-slowly": "1"}


@dataclass
class Server:
    """Answers every request of a connection until its client goes. One that asks for it is answered when `gate` is set."""

    port: int = 0
    connections: int = 0
    open: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            while True:
                if b"x-slowly" in await reader.readuntil(b"\r\n\r\n"):
                    await self.gate.wait()
                writer.write(OK)
        except (OSError, EOFError):
            self.open -= 1
        finally:
            writer.close()


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    async with listening:
        server.port = int(listening.sockets[0].getsockname()[1])
        yield server


def client() -> HttpClient:
    return HttpClient(allowed_networks=(ip_network("127.0.0.0/8"),))


async def seen(server: Server, *, open_connections: int) -> None:
    async with asyncio.timeout(2):
        while server.open != open_connections:
            await asyncio.sleep(0.01)


async def test_calls_one_after_the_other_share_a_connection_and_calls_at_once_do_not() -> None:
    async with serving() as server:
        async with client() as http:
            for _ in range(3):
                assert isinstance(await http.request("GET", server.url), HttpAnswer)
            assert server.connections == 1
            server.gate.set()
            await asyncio.gather(*(http.request("GET", server.url, headers=SLOWLY) for _ in range(5)))
            assert server.connections == 5
        await seen(server, open_connections=0)


async def test_what_was_not_used_for_a_while_is_closed_wherever_it_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "KEEP_ALIVE_SECONDS", 0.1)
    async with serving() as server, serving() as other, client() as http:
        await http.request("GET", server.url)
        await asyncio.sleep(0.2)
        assert server.open == 1
        await http.request("GET", other.url)
        await seen(server, open_connections=0)
        await http.request("GET", server.url)
        assert (server.connections, other.open) == (2, 1)


async def test_never_more_than_so_many_and_none_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_CONNECTIONS", 2)
    async with serving() as server, serving() as other, client() as http:
        slow = [asyncio.create_task(http.request("GET", server.url, headers=SLOWLY)) for _ in range(2)]
        await seen(server, open_connections=2)
        refused = await http.request("GET", other.url, timeouts=Timeouts(pool=0.1))
        assert isinstance(refused, HttpFailure)
        assert (refused.kind, refused.reason, other.connections) == (FailureKind.BEFORE_SENT, "no free connection", 0)
        server.gate.set()
        await asyncio.gather(*slow)
        assert isinstance(await http.request("GET", other.url), HttpAnswer)
        await seen(server, open_connections=1)


async def test_who_is_cancelled_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_CONNECTIONS", 1)
    async with serving() as server, client() as http:
        slow = asyncio.create_task(http.request("GET", server.url, headers=SLOWLY))
        await seen(server, open_connections=1)
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        assert isinstance(await http.request("GET", server.url, timeouts=Timeouts(pool=1)), HttpAnswer)
        assert server.connections == 2, "an answer that nobody read may still come on the first"
        server.gate.set()
        await seen(server, open_connections=1)
