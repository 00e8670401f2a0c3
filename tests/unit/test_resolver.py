"""Look-ups of names that hang, as they do while a name server is dead. Only the operating system's answer is made up."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.adapters.erp.answers import FailureKind, HttpFailure, Timeouts
from app.adapters.erp.http import HttpClient
from app.adapters.erp.resolver import THREADS, SystemResolver

pytestmark = pytest.mark.anyio

SOON = 5.0


class NameServer:
    """Answers for every name but those that begin with `dead`: these hang until it is let go."""

    def __init__(self) -> None:
        self.alive = threading.Event()
        self.asked: list[str] = []

    def getaddrinfo(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.asked.append(host)
        if host.startswith("dead"):
            self.alive.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "no name server")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", port))]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    server = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", server.getaddrinfo)
    yield server
    server.alive.set()


@pytest.fixture
def resolver() -> Iterator[SystemResolver]:
    made = SystemResolver()
    yield made
    made.close()


class Threads:
    """Counts those of resolvers that the test itself began: a run of many tests has other clients."""

    def __init__(self) -> None:
        self._before = set(threading.enumerate())

    def __call__(self) -> int:
        return sum(thread.name.startswith("names") for thread in set(threading.enumerate()) - self._before)


@pytest.fixture
def threads() -> Threads:
    return Threads()


async def ended(threads: Threads) -> None:
    """Until no thread of a resolver is left."""
    until = time.monotonic() + SOON
    while threads():
        assert time.monotonic() < until
        await asyncio.sleep(0.01)


async def test_a_dead_name_holds_one_thread_however_many_ask_for_it(names: NameServer, resolver: SystemResolver) -> None:
    waiting = [asyncio.create_task(resolver("dead.example", 443)) for _ in range(4 * THREADS)]
    await asyncio.sleep(0)
    async with asyncio.timeout(SOON):
        assert await resolver("erp.example", 443) == ["192.0.2.1"]
    assert names.asked.count("dead.example") == 1
    waiting[0].cancel()
    names.alive.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError), "one that gives up"
    assert all(isinstance(result, socket.gaierror) for result in results[1:]), "takes nothing from the others"
    with pytest.raises(socket.gaierror):
        await resolver("dead.example", 443)
    assert names.asked.count("dead.example") == 2, "an answer is not kept"


async def test_many_dead_names_leave_the_rest_of_the_process_its_threads(
    names: NameServer, threads: Threads, resolver: SystemResolver
) -> None:
    waiting = [asyncio.create_task(resolver(f"dead-{number}.example", 443)) for number in range(4 * THREADS)]
    await asyncio.sleep(0)
    async with asyncio.timeout(SOON):
        assert await asyncio.to_thread(lambda: "done") == "done"
    assert threads() == THREADS
    names.alive.set()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_client_gives_up_in_time_and_its_threads_end_with_it(names: NameServer, threads: Threads) -> None:
    async with HttpClient() as http:
        answer = await http.request("GET", "https://dead.example/gl", timeouts=Timeouts(connect=0.1))
        assert isinstance(answer, HttpFailure)
        assert (answer.kind, answer.reason) == (FailureKind.BEFORE_SENT, "no connection in time")
        assert threads() == 1
    names.alive.set()
    await ended(threads)


async def test_what_the_system_knows(resolver: SystemResolver) -> None:
    assert set(await resolver("localhost", 80)) <= {"127.0.0.1", "::1"}
    with pytest.raises(socket.gaierror, match="malformed"):
        await resolver("a" * 64 + ".example", 80)
