"""A long run of random events against a running service, with `glint verify` beside it: `python -m tests.soak --minutes 60 --seed 1`.

Writers play random purchases and debtor transactions, one by one and in batches, while the set-up changes under them: posting managers
and reposts, the dissection of debtor transactions and their master data, periods that close and open. `glint verify` runs every few
minutes while they write, and once when they are done; the last line says whether all of them found equal books, and so does the exit
status.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx

from app.demo.ports import HOST, free_port
from app.demo.program import Program
from tests.events import ACCOUNTS, POSTING_MANAGER, event
from tests.random_debtor_events import RandomDebtorEvents, random_change, set_up_requests
from tests.random_events import RandomEvents

ADMIN_KEY = "soak-admin-key"
WRITERS = 3
EVENTS_PER_PURCHASE = 60
DEBTOR_EVENTS_PER_PURCHASE = 20
BATCH = 20
SET_UP_SECONDS = 15
VERIFY_SECONDS = 300
MANAGERS: tuple[dict[str, Any], ...] = (
    {},
    {"shipping_account": None},
    {"grni_balance": "signed"},
    {"credit_reopens": "after_return"},
    {"grni_account": "Estimate"},
    {"ap_account": None},
    {"commitment_offset_account": "Bank"},
    {"price_variance_account": "Variance", "exchange_difference_account": "Exchange"},
    {"charge_spread_basis": "equal", "shipping_account": None, "tax_account": None},
)
PERIODS = {"2026-10": ("2026-10-01", "2026-10-31"), "2026-09": ("2026-09-01", "2026-09-30")}


@dataclass
class Soak:
    service: httpx.AsyncClient
    until: float
    seed: int
    answers: Counter[str] = field(default_factory=Counter)
    verified: list[bool] = field(default_factory=list)

    async def set_up(self) -> None:
        chart = ACCOUNTS | {name: {"account_code": code, "type": "expense"} for name, code in (("Variance", "5200"), ("Exchange", "5300"))}
        body = {"name": "Soak", "base_currency": "NZD", "time_zone": "Pacific/Auckland"}
        made = await self.service.post("/v1/tenants", json=body, headers={"authorization": f"Bearer {ADMIN_KEY}"})
        made.raise_for_status()
        self.service.headers["authorization"] = f"Bearer {made.json()['key']}"
        for name, account in chart.items():
            (await self.service.put(f"/v1/accounts/{name}", json=account)).raise_for_status()
        (await self.service.put("/v1/posting-manager", json=POSTING_MANAGER)).raise_for_status()
        for path, body in set_up_requests():
            (await self.service.put(path, json=body)).raise_for_status()

    async def write(self, writer: int) -> None:
        """Purchase after purchase. Nothing is asked of the answers but that none is a 500."""
        random = Random(self.seed * 1_000 + writer)
        for purchase in count():
            prefix = f"{writer}-{purchase}-"
            events = [_richer(each, random) for each in RandomEvents(random.randrange(10**9), prefix=prefix).take(EVENTS_PER_PURCHASE)]
            events.insert(random.randrange(len(events)), _takings(prefix, random))
            for debtors in RandomDebtorEvents(random.randrange(10**9), prefix=prefix).take(DEBTOR_EVENTS_PER_PURCHASE):
                events.insert(random.randrange(len(events)), debtors)
            while events and time.monotonic() < self.until:
                size = random.choice((1, 1, 1, BATCH))
                sent, events = events[:size], events[size:]
                await self._send(sent[0] if size == 1 else sent)
            if time.monotonic() >= self.until:
                return

    async def _send(self, body: dict[str, Any] | list[dict[str, Any]]) -> None:
        answer = await self.service.post("/v1/events", json=body)
        if answer.status_code >= 500:
            raise RuntimeError(f"{answer.status_code}: {answer.text}")
        for result in answer.json() if isinstance(body, list) else [answer.json()]:
            self.answers[result.get("status") if isinstance(result.get("status"), str) else "refused"] += 1

    async def change_the_set_up(self) -> None:
        random = Random(self.seed)
        while time.monotonic() < self.until:
            await asyncio.sleep(SET_UP_SECONDS)
            (await self.service.put("/v1/posting-manager", json=POSTING_MANAGER | random.choice(MANAGERS))).raise_for_status()
            if random.random() < 0.5:
                await self._command("/v1/posting-manager/repost", {"preview": False})
            for _ in range(3):
                path, changed = random_change(random)
                (await self.service.put(path, json=changed)).raise_for_status()
            period, (first, last) = random.choice([*PERIODS.items()])
            status = random.choice(("open", "closed"))
            body = {"starts_on": first, "ends_on": last, "status": status}
            (await self.service.put(f"/v1/periods/{period}", json=body)).raise_for_status()

    async def _command(self, path: str, body: dict[str, Any]) -> None:
        answer = await self.service.post(path, json=body, timeout=None)
        self.answers[f"{path} {answer.status_code}"] += 1
        if answer.status_code >= 500:
            raise RuntimeError(f"{answer.status_code}: {answer.text}")

    async def verify_now_and_then(self, data_dir: Path) -> None:
        while time.monotonic() + VERIFY_SECONDS < self.until:
            await asyncio.sleep(VERIFY_SECONDS)
            await self.verify(data_dir)

    async def verify(self, data_dir: Path) -> None:
        started = time.monotonic()
        arguments = (sys.executable, "-m", "app.cli", "verify", "--tenant", "Soak")
        process = await asyncio.create_subprocess_exec(
            *arguments, env=os.environ | {"GLINT_DATA_DIR": str(data_dir)}, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
        self.verified.append(process.returncode == 0)
        print(said.decode().strip(), f"({time.monotonic() - started:.0f} s; {dict(self.answers)})", flush=True)


def _richer(sent: dict[str, Any], random: Random) -> dict[str, Any]:
    """Some invoices bring tax, some are final."""
    if sent["type"] == "invoice.matched":
        if random.random() < 0.4:
            sent["data"]["tax"] = [{"amount": str(random.randrange(1, 9)), "recoverable": random.random() < 0.6}]
        sent["data"]["lines"][0]["final"] = random.random() < 0.05
    return sent


def _takings(prefix: str, random: Random) -> dict[str, Any]:
    amount = f"{random.randrange(1, 10**6)}.{random.randrange(100):02}"
    lines = [{"account": "Bank", "side": "debit", "amount": amount}, {"account": "Membership fees", "side": "credit", "amount": amount}]
    data = {"transaction_number": f"{prefix}T", "date": "2026-10-30", "description": "Takings", "currency": "NZD", "lines": lines}
    return event(f"{prefix}takings", "entry.recorded", data)


async def run(minutes: float, seed: int, folder: Path) -> bool:
    """Whether every verification found equal books."""
    url, data_dir = f"http://{HOST}:{free_port(18080)}", folder / "data"
    program = Program(
        "The service",
        ["serve", "--host", HOST, "--port", url.rsplit(":", 1)[1]],
        ready_url=f"{url}/readyz",
        log=folder / "service.log",
        environment={"GLINT_DATA_DIR": str(data_dir), "GLINT_ADMIN_KEY": ADMIN_KEY, "GLINT_LOG_LEVEL": "WARNING"},
    )
    program.start()
    try:
        async with httpx.AsyncClient(base_url=url, timeout=120, trust_env=False) as service:
            soak = Soak(service, time.monotonic() + minutes * 60, seed)
            await soak.set_up()
            async with asyncio.TaskGroup() as tasks:
                for writer in range(WRITERS):
                    tasks.create_task(soak.write(writer))
                tasks.create_task(soak.change_the_set_up())
                tasks.create_task(soak.verify_now_and_then(data_dir))
            await soak.verify(data_dir)
    finally:
        program.stop()
    print(f"{sum(soak.verified)} of {len(soak.verified)} verifications equal after {minutes:g} minutes, seed {seed}: {dict(soak.answers)}")
    return all(soak.verified)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="glint-soak-") as folder:
        Path(folder).chmod(0o755)
        sys.exit(0 if asyncio.run(run(arguments.minutes, arguments.seed, Path(folder))) else 1)


if __name__ == "__main__":
    main()
