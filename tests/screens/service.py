"""Glint as people meet it: `glint serve` in a process of its own, with worker, database and reference ERP, and one tenant in it."""

import asyncio
import base64
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from sqlalchemy.ext.asyncio import create_async_engine

from app.adapters.clock import SystemClock
from app.adapters.currencies import IsoCurrencies
from app.adapters.passwords import Argon2Passwords
from app.adapters.postgres.tenant_names import PostgresTenantNames
from app.adapters.postgres.unit_of_work import PostgresUnitsOfWork
from app.application.people.manage_users import ManageUsers
from app.application.ports.users import UserRole
from tests.events import ACCOUNTS, POSTING_MANAGER, entry, event, invoice, order, receipt
from tests.reference_erp_process import ReferenceErp, free_port

ADMIN_KEY, PASSWORD, TENANT = "the-operators-key", "correct horse battery", "University"
PEOPLE = {
    "vera": ("viewer",),
    "sam": ("sender",),
    "mara": ("marker",),
    "pia": ("poster",),
    "anna": ("sender", "marker", "poster", "set_up"),
}
START_SECONDS = 60
NOT_IN_ERP = "4711"
"""An account that is set up here, and that the ERP lacks until a test loads it there."""
CHART = {each["account_code"]: each["type"] for each in ACCOUNTS.values()} | {"E1": "expense", "E2": "expense"}


def today() -> date:
    """Pages are about the days around now."""
    return date.today()


@dataclass
class Service:
    """`with Service(database_url, folder) as service:` starts it with a tenant, its people and an endpoint `erp`. `settings`: what its
    environment has besides, told from the address where it will be."""

    database_url: str
    folder: Path
    url: str = ""
    key: str = ""
    erp: ReferenceErp = field(init=False)
    settings: Callable[[str], Mapping[str, str]] = lambda _: {}
    _process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(exist_ok=True)
        self.erp = ReferenceErp(self.folder / "erp.db")
        self.erp.start()
        self.erp.load_chart(CHART)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "app.cli", "serve", "--host", "127.0.0.1", "--port", str(port)]
        with (self.folder / "service.log").open("wb") as log:
            self._process = subprocess.Popen(command, env=self.environment, stderr=log)
        try:
            self._wait()
            self._set_up()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
        self.erp.kill()

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "GLINT_DATABASE_URL": self.database_url,
            "GLINT_DATA_DIR": str(self.folder / "data"),
            "GLINT_ADMIN_KEY": ADMIN_KEY,
            "GLINT_SECRET_KEY": base64.b64encode(bytes(32)).decode(),
            "GLINT_ALLOWED_NETWORKS": "127.0.0.0/8",
            **self.settings(self.url),
        }

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """The API's answer; what it refuses is an error here."""
        headers = {"authorization": f"Bearer {key or self.key}"}
        answer = httpx.request(method, self.url + path, json=body, headers=headers, trust_env=False, timeout=60)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def users(self, *arguments: str, password: str = PASSWORD) -> None:
        """`glint users`, as the operator runs it."""
        command = [sys.executable, "-m", "app.cli", "users", *arguments, "--tenant", TENANT]
        subprocess.run(command, env=self.environment, input=f"{password}\n".encode(), check=True, stdout=subprocess.DEVNULL)

    def entry(self, number: str, *, day: date | None = None, amount: str = "120.00", account_code: str = "4000") -> None:
        """A club's takings: one journal in a lane of its own."""
        lines = [
            {"account": "Bank", "side": "debit", "amount": amount},
            {"account_code": account_code, "side": "credit", "amount": amount},
        ]
        data = entry(number, date=(day or today()).isoformat(), lines=lines)
        self.call("POST", "/v1/events", event(f"e-{number}", "entry.recorded", data))

    def order(self, number: str, *, days_ago: int = 2, code: str = "E1", **more: Any) -> None:
        """An order with one line: one journal, and later ones of the order wait for it."""
        data = order(number, order_date=(today() - timedelta(days=days_ago)).isoformat(), **more)
        data["lines"][0]["account_codes"] = [{"code": code, "percentage": "100"}]
        self.call("POST", "/v1/events", event(f"o-{number}", "order.created", data))

    def receipt(self, number: str, *, days_ago: int = 1, quantity: str = "1") -> None:
        name, day = f"R-{number}-{days_ago}", (today() - timedelta(days=days_ago)).isoformat()
        data = receipt(number, receipt_number=name, receipt_date=day, quantity=quantity)
        self.call("POST", "/v1/events", event(name, "goods.received", data))

    def invoice(self, number: str, *, days_ago: int, quantity: str, amount: str, **more: Any) -> None:
        name, day = f"I-{number}-{days_ago}", (today() - timedelta(days=days_ago)).isoformat()
        data = invoice(number, invoice_number=name, invoice_date=day, quantity=quantity, amount=amount, **more)
        self.call("POST", "/v1/events", event(name, "invoice.matched", data))

    def journals(self, days: int = 60) -> list[dict[str, Any]]:
        """As the API lists them."""
        first = today() - timedelta(days=days)
        found: list[dict[str, Any]] = self.call("GET", f"/v1/journals?from={first}&limit=500")["items"]
        return found

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline or self._process is None or self._process.poll() is not None:
                raise RuntimeError("the service did not start: " + (self.folder / "service.log").read_text()[-3000:])
            time.sleep(0.1)

    def _set_up(self) -> None:
        body = {"name": TENANT, "base_currency": "NZD", "time_zone": "UTC"}
        self.key = self.call("POST", "/v1/tenants", body, key=ADMIN_KEY)["key"]
        for name, account in ACCOUNTS.items():
            self.call("PUT", f"/v1/accounts/{name}", account)
        self.call("PUT", "/v1/accounts/Sundries", {"account_code": NOT_IN_ERP, "type": "income"})
        self.call("PUT", "/v1/posting-manager", POSTING_MANAGER)
        endpoint = {
            "adapter": "json",
            "url": self.erp.url,
            "environment": "test",
            "credentials": {"token": self.erp.token},
            "starts_on": "2026-01-01",
            "rate_limit_per_minute": 60_000,
        }
        self.call("PUT", "/v1/erp-endpoints/erp", endpoint)
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(self._add_people())

    async def _add_people(self) -> None:
        """As `glint users add` does, which takes seconds for each."""
        engine = create_async_engine(self.database_url)
        tenant_id = await PostgresTenantNames(engine).find(TENANT)
        assert tenant_id is not None
        users = ManageUsers(PostgresUnitsOfWork(engine, IsoCurrencies()), Argon2Passwords(), SystemClock())
        for name, roles in PEOPLE.items():
            await users.add(tenant_id, "operator", name=name, roles=[UserRole(role) for role in roles], password=PASSWORD)
        await engine.dispose()
