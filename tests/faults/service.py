"""The service as its user sees it, the ERPs as their operator does, and the database for looking only. All survive restarts."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import asyncpg
import httpx

from tests.faults.fleet import ADMIN_KEY, Erp

PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.1
LOOKS = 2
NO_ANSWER = 0
_LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class Service:
    """The API. `answers` counts what is not a success, by status; 0 is none at all. `surprises` are its internal errors."""

    def __init__(self, url: str) -> None:
        self.answers: Counter[int] = Counter()
        self.surprises: list[str] = []
        self._http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=60)
        self._http.headers["authorization"] = f"Bearer {ADMIN_KEY}"

    def use_key(self, key: str) -> None:
        self._http.headers["authorization"] = f"Bearer {key}"

    async def once(self, method: str, path: str, body: Any = None) -> int:
        """The status of one try, 0 where no answer came."""
        answer = await self.attempt(method, path, body)
        return NO_ANSWER if answer is None else answer.status_code

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """The answer; said again while there is none, as a client does that lost it."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                answer = await self.attempt(method, path, body)
                if answer is not None and answer.is_success:
                    return answer.json()
                if answer is not None and answer.status_code < 500:
                    raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
                await asyncio.sleep(PAUSE_SECONDS)

    async def attempt(self, method: str, path: str, body: Any) -> httpx.Response | None:
        """The answer to one try, None where none came."""
        try:
            answer = await self._http.request(method, path, json=body)
        except httpx.TransportError:
            self.answers[NO_ANSWER] += 1
            return None
        if answer.is_error:
            self.answers[answer.status_code] += 1
        if answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
            self.surprises.append(f"{method} {path}: {answer.text}")
        return answer

    async def aclose(self) -> None:
        await self._http.aclose()


class ErpConsole:
    """One reference ERP. What its plan drew is kept over restarts as far as it was read."""

    def __init__(self, erp: Erp) -> None:
        self.erp = erp
        self._plan: dict[str, Any] = {}
        self._http = httpx.AsyncClient(base_url=erp.url, trust_env=False, timeout=30)
        self._before: Counter[str] = Counter()
        self._now: Counter[str] = Counter()

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {self.erp.token}"}
        answer = await self._http.request(method, path, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()

    async def follow(self, plan: dict[str, Any]) -> None:
        """Draws faults by this plan from now on, `{}` is none."""
        self._plan = plan
        await self("PUT", "/faults/plan", plan)

    async def came_back(self) -> None:
        """A new process has no plan."""
        await self.follow(self._plan)

    async def fired(self) -> Counter[str]:
        """What the plans drew so far: `send book_then_drop` …"""
        report = await self("GET", "/faults/plan")
        self._now = Counter({f"{target} {mode}": times for target, modes in report["fired"].items() for mode, times in modes.items()})
        return self._before + self._now

    async def catch_up(self) -> None:
        """Returns once it has done all that reached it before: it takes connections in their order, so each look comes by a new one. When
        down it has lost them."""
        idle = 0
        with suppress(httpx.TransportError):
            while idle < LOOKS:
                async with httpx.AsyncClient(base_url=self.erp.url, trust_env=False, timeout=30) as http:
                    answer = await http.get("/faults/plan", headers={"authorization": f"Bearer {self.erp.token}"})
                if answer.status_code == httpx.codes.UNAUTHORIZED:
                    continue  # its token is being changed
                report = answer.raise_for_status().json()
                idle = idle + 1 if report["under_way"] == report["held"] else 0
                await asyncio.sleep(0 if idle else PAUSE_SECONDS)

    def died(self) -> None:
        self._before, self._now = self._before + self._now, Counter()

    async def aclose(self) -> None:
        await self._http.aclose()


class Database:
    """Looks, never writes. A connection that was lost is made again."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("+asyncpg", "")
        self._connection: Any = None
        self._turn = asyncio.Lock()

    async def rows(self, sql: str, *arguments: Any) -> Sequence[Any]:
        async with asyncio.timeout(PATIENCE_SECONDS), self._turn:
            while True:
                try:
                    if self._connection is None or self._connection.is_closed():
                        self._connection = await asyncpg.connect(self._url, timeout=10)
                    found: Sequence[Any] = await self._connection.fetch(sql, *arguments)
                except _LOST:
                    self._connection = None
                    await asyncio.sleep(PAUSE_SECONDS)
                else:
                    return found

    async def aclose(self) -> None:
        if self._connection is not None:
            await self._connection.close()
