"""Tryton's JSON-RPC for tests: to set books up, and to read them past the adapter."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

SECONDS = 60

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class TrytonError(Exception):
    """An error that Tryton answered, as `[type, …]`."""


class TrytonClient:
    """Signed in at the first call, and again where the session ended with its database."""

    def __init__(self, url: str, *, database: str, login: str, password: str) -> None:
        self._url = f"{url}/{database}/rpc/"
        self._login = login
        self._password = password
        self._session: str | None = None
        self.context: dict[str, Any] = {}

    def call(self, method: str, *parameters: Any) -> Any:
        """The result of a method, such as `model.account.move.create`; the context goes last by itself."""
        try:
            return self._request(method, [*parameters, self.context], self._session or self._sign_in())
        except urllib.error.HTTPError as error:
            with error:
                if error.code != 401:
                    raise
            return self._request(method, [*parameters, self.context], self._sign_in())

    def create(self, model: str, **values: Any) -> int:
        """Makes one record and returns its id."""
        return int(self.call(f"model.{model}.create", [values])[0])

    def read(self, model: str, domain: Sequence[object], *fields: str) -> list[dict[str, Any]]:
        """All records that the domain names, in the order of their ids."""
        found: list[dict[str, Any]] = self.call(f"model.{model}.search_read", domain, 0, None, [["id", "ASC"]], list(fields))
        return found

    def shipped(self, module: str, name: str) -> int:
        """The id of a record that a module ships."""
        return int(self.call("model.ir.model.data.get_id", module, name))

    def _sign_in(self) -> str:
        user, session, _ = self._request("common.db.login", [self._login, {"password": self._password}], None)
        self._session = base64.b64encode(f"{self._login}:{user}:{session}".encode()).decode()
        return self._session

    def _request(self, method: str, parameters: Sequence[Any], session: str | None) -> Any:
        headers = {"content-type": "application/json"} | ({"authorization": f"Session {session}"} if session else {})
        body = json.dumps({"id": 1, "method": method, "params": parameters}, default=_encoded).encode()
        with _DIRECT.open(urllib.request.Request(self._url, body, headers), timeout=SECONDS) as response:
            answer = json.loads(response.read(), object_hook=_decoded)
        if "error" in answer:
            raise TrytonError(answer["error"])
        return answer["result"]


def _encoded(value: object) -> dict[str, Any]:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case date():
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    raise TypeError(f"Tryton's JSON has no form for {type(value).__name__}")


def _decoded(value: dict[str, Any]) -> Any:
    match value:
        case {"__class__": "Decimal", "decimal": str(text)}:
            return Decimal(text)
        case {"__class__": "date", "year": int(year), "month": int(month), "day": int(day)}:
            return date(year, month, day)
    return value


def ids(records: Sequence[Mapping[str, Any]], key: str) -> dict[Any, int]:
    """Records by one of their fields."""
    return {record[key]: int(record["id"]) for record in records}
