"""The reference ERP as a process of its own on a free loopback port, for any test that needs a real ERP."""

import json
import multiprocessing
import socket
import time
import urllib.error
import urllib.request
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.reference_erp.server import run

START_SECONDS = 20
CHART = {"2100": "liability", "2110": "liability", "2120": "liability", "4100-12": "expense", "4100-13": "expense", "9999": "expense"}


class ReferenceErp:
    """`with ReferenceErp(tmp_path / "erp.db", token="…") as erp:` starts and stops it. `url` stays the same over `restart()`."""

    def __init__(self, database: Path, token: str | None = "erp-token", signing_secret: str | None = None) -> None:
        self.database = database
        self.token = token
        self.signing_secret = signing_secret
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: BaseProcess | None = None

    def start(self) -> None:
        """Returns once it answers."""
        place = {"host": "127.0.0.1", "port": self.port, "database": self.database}
        keys = {"token": self.token, "signing_secret": self.signing_secret}
        self._process = process = _FORKED.Process(target=run, kwargs=place | keys, daemon=True)
        process.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._healthy():
            if not process.is_alive() or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError("the reference ERP did not start")
            time.sleep(0.02)

    def kill(self) -> None:
        """`kill -9`: no chance to tidy up."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.join()

    def restart(self) -> None:
        """The same books at the same address, after `kill -9` where it still runs."""
        self.kill()
        self.start()

    def load_chart(self, accounts: dict[str, str] | None = None) -> None:
        """Accounts by code and type, `CHART` unless told."""
        listed = [{"code": code, "name": code, "type": kind} for code, kind in (accounts or CHART).items()]
        self.call("POST", "/accounts", {"accounts": listed})

    def fault(self, mode: str, **details: Any) -> None:
        """What goes wrong next: see `app.reference_erp.faults.Fault`."""
        self.call("PUT", "/faults", {"mode": mode, **details})

    def balances(self) -> dict[str, str]:
        """Debit − credit per account in base currency."""
        _, body = self.call("GET", "/trial-balance")
        return {row["account_code"]: row["balance"] for row in body["balances"]}

    def call(self, method: str, path: str, body: object = None, token: str | None = None) -> tuple[int, Any]:
        """Status and parsed body, with the ERP's own token unless told."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {token or self.token}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with _DIRECT.open(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def _healthy(self) -> bool:
        try:
            return self.call("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()


_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["app.reference_erp.server"])  # hundreds of tests start one, and imports are most of a start
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    """A loopback port that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
