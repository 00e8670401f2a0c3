"""Odoo's APIs for tests: to change books, and to read them past the adapter."""

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

SECONDS = 60
JSON_2_SINCE = 19

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class OdooError(Exception):
    """An error that Odoo answered: its status, the name of its exception, and its message."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(f"{status} {name}: {message}")
        self.status = status
        self.name = name


class OdooClient:
    """Over JSON-2, every request with its API key. Decimals of answers are `Decimal`s."""

    def __init__(self, url: str, *, database: str, key: str) -> None:
        self._url = f"{url}/json/2"
        self._headers = {"authorization": f"bearer {key}", "x-odoo-database": database, "content-type": "application/json"}

    def call(self, model: str, method: str, ids: Sequence[int] = (), **arguments: Any) -> Any:
        """The result of a method."""
        body = json.dumps(arguments | ({"ids": list(ids)} if ids else {})).encode()
        request = urllib.request.Request(f"{self._url}/{model}/{method}", body, self._headers)
        try:
            with _DIRECT.open(request, timeout=SECONDS) as answer:
                return json.loads(answer.read(), parse_float=Decimal)
        except urllib.error.HTTPError as error:
            with error:
                raise _error(error.code, error.read()) from error

    def create(self, model: str, **values: Any) -> int:
        """Makes one record and returns its id."""
        return int(self.call(model, "create", vals_list=[values])[0])

    def read(self, model: str, domain: Sequence[object], *fields: str) -> list[dict[str, Any]]:
        """All records that the domain names, in the order of their ids."""
        found: list[dict[str, Any]] = self.call(model, "search_read", domain=list(domain), fields=list(fields), order="id")
        return found


class OdooRpcClient(OdooClient):
    """The same over JSON-RPC, for what is older."""

    def __init__(self, url: str, *, database: str, login: str, key: str) -> None:
        super().__init__(url, database=database, key=key)
        self._rpc_url = f"{url}/jsonrpc"
        self._signed = (database, login, key)
        self._user: int | None = None

    def call(self, model: str, method: str, ids: Sequence[int] = (), **arguments: Any) -> Any:
        """The result of a method."""
        database, login, key = self._signed
        if self._user is None:
            self._user = int(self._service("common", "authenticate", database, login, key, {}))
        positional = [list(ids)] if ids else []
        # Older modules call these by other names.
        positional += [arguments.pop(name) for name in ("vals_list", "vals") if name in arguments]
        return self._service("object", "execute_kw", database, self._user, key, model, method, positional, arguments)

    def _service(self, service: str, method: str, *arguments: Any) -> Any:
        said = {"service": service, "method": method, "args": arguments}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": said}).encode()
        request = urllib.request.Request(self._rpc_url, body, {"content-type": "application/json"})
        with _DIRECT.open(request, timeout=SECONDS) as answer:
            read = json.loads(answer.read(), parse_float=Decimal)
        if "error" in read:
            data = read["error"]["data"]
            raise OdooError(200, str(data["name"]), str(data["message"]))
        return read.get("result")  # left out for None before Odoo 16


def _error(status: int, body: bytes) -> OdooError:
    try:
        said = json.loads(body)
    except ValueError:
        return OdooError(status, "", body.decode(errors="replace"))
    return OdooError(status, str(said["name"]), str(said["message"])) if isinstance(said, dict) else OdooError(status, "", str(said))
