"""Names to addresses, as the operating system sees them, without using up the threads that the rest of the process works with."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

THREADS = 16
"""So many names are looked up at a time; the operating system gives no other way than a thread each."""

Found = list[str]


class SystemResolver:
    """A look-up whose name server is dead holds its thread for as long as the system tries, which nobody can end. So they have threads
    of their own, and a name holds one of them however many calls wait for it. Used within one event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="names")
        self._under_way: dict[tuple[str, int], asyncio.Future[Found]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses of `host` in the system's order. Raises OSError where there are none."""
        return await asyncio.shield(self._under_way.get((host, port)) or self._begin(host, port))

    def close(self) -> None:
        """Ends the threads; what hangs in one ends by itself, and nobody waits for it."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _begin(self, host: str, port: int) -> asyncio.Future[Found]:
        looking_up = asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port)
        self._under_way[host, port] = looking_up
        looking_up.add_done_callback(lambda done: self._ended((host, port), done))
        return looking_up

    def _ended(self, key: tuple[str, int], done: asyncio.Future[Found]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            done.exception()  # whoever waited may have given up: then nobody else asks for it


def _look_up(host: str, port: int) -> Found:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that no DNS name can have
        raise socket.gaierror(socket.EAI_NONAME, "the host name is malformed") from error
    return [str(entry[4][0]) for entry in found]
