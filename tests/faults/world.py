"""Everything that a run has at hand, and its set-up: one tenant with some endpoints at each reference ERP."""

import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.events import ACCOUNTS, POSTING_MANAGER
from tests.faults.call_log import ERP_LIMIT
from tests.faults.fleet import Erp, Fleet
from tests.faults.pacer import Pacer
from tests.faults.service import Database, ErpConsole, Service

ERPS = 2
ENDPOINTS_PER_ERP = 2
CHART = {each["account_code"]: each["type"] for each in ACCOUNTS.values()} | {"E1": "expense"}


@dataclass(kw_only=True)
class World:
    """`done` counts what the suite itself injected. While `hands_off`, nobody resumes an endpoint that paused itself."""

    fleet: Fleet
    seed: int
    verbose: bool
    done: Counter[str] = field(default_factory=Counter)
    hands_off: bool = False
    time_limit_seconds: int = 2 * round(ERP_LIMIT.total_seconds())
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.service = Service(self.fleet.api_url)
        self.erps = [ErpConsole(erp) for erp in self.fleet.erps]
        self.database = Database(self.fleet.database_url)
        self.pacer = Pacer(self.database, self.erps, self.fleet.clock, Random(f"{self.seed}-pacer"))

    async def set_up(self) -> None:
        tenant = {"name": "Faults", "base_currency": "NZD", "time_zone": "Pacific/Auckland"}
        self.service.use_key((await self.service("POST", "/v1/tenants", tenant))["key"])
        for name, account in ACCOUNTS.items():
            await self.service("PUT", f"/v1/accounts/{name}", account)
        await self.service("PUT", "/v1/posting-manager", POSTING_MANAGER)
        for erp in self.erps:
            await erp("POST", "/accounts", {"accounts": [{"code": code, "name": code, "type": kind} for code, kind in CHART.items()]})
            await self.put_endpoints(erp.erp)

    async def put_endpoints(self, erp: Erp) -> None:
        """With the token that their ERP asks for now."""
        for name in endpoints_of(erp):
            body = {
                "adapter": "json",
                "url": erp.url,
                "environment": "test",
                "settings": {"timeout_seconds": 1, "time_limit_seconds": self.time_limit_seconds},
                "credentials": {"token": erp.token},
                "release": "automatic",
                "starts_on": "2026-01-01",
                "rate_limit_per_minute": 60_000,
                "max_concurrency": 8,
            }
            await self.service("PUT", f"/v1/erp-endpoints/{name}", body)

    async def faults(self) -> Counter[str]:
        """All that really happened so far, by kind."""
        total = Counter(self.done)
        for erp in self.erps:
            total += await erp.fired()
        return total

    def shuffled(self, choices: list[Any]) -> list[Any]:
        """To draw from until it is empty: every one has its turn."""
        return self.random.sample(choices, len(choices))

    def say(self, text: str) -> None:
        if self.verbose:
            print(f"  {time.monotonic() - self.started:6.1f} s  {text}", flush=True)

    async def aclose(self) -> None:
        await self.service.aclose()
        await self.database.aclose()
        for erp in self.erps:
            await erp.aclose()


def endpoints_of(erp: Erp) -> list[str]:
    return [f"{erp.name}-{number}" for number in range(1, ENDPOINTS_PER_ERP + 1)]
