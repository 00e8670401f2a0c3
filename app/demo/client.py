"""Glint and the reference ERP as a user reaches them: over HTTP, with a key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from app.demo.errors import Refused

Json = dict[str, Any]

ENDPOINT = "erp"
PAGE = 200
TIMEOUT_SECONDS = 30


class Http:
    """Calls with a bearer token. An answer of 400 or above raises `Refused`, no answer at all `httpx.TransportError`."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False)

    def get(self, path: str, **query: str | int | None) -> Any:
        """The answer's JSON; parameters that are None are left out."""
        return self._call("GET", path, params={name: value for name, value in query.items() if value is not None}).json()

    def put(self, path: str, body: Json) -> Any:
        return self._call("PUT", path, json=body).json()

    def post(self, path: str, body: object, token: str | None = None) -> Any:
        return self._call("POST", path, json=body, token=token).json()

    def post_xml(self, path: str, document: bytes) -> str:
        return self._call("POST", path, content=document, headers={"Content-Type": "text/xml; charset=utf-8"}).text

    def items(self, path: str, **query: str | int | None) -> Iterator[Json]:
        """Everything on a list, page after page."""
        page = self.get(path, limit=PAGE, **query)
        yield from page["items"]
        while page["next_cursor"] is not None:
            page = self.get(path, limit=PAGE, cursor=page["next_cursor"], **query)
            yield from page["items"]

    def close(self) -> None:
        self._http.close()

    def _call(
        self, method: str, path: str, *, token: str | None = None, headers: dict[str, str] | None = None, **rest: Any
    ) -> httpx.Response:
        authorization = {"Authorization": f"Bearer {token or self.token}"}
        answer = self._http.request(method, path, headers=authorization | (headers or {}), **rest)
        if answer.status_code >= 400:
            raise Refused(method, f"{self.url}{path}", answer.status_code, answer.text)
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Both ends. `glint.token` is the tenant's key once there is a tenant; `admin_key` makes tenants.

    `time_limit_seconds` is what the ERP promises: see the json adapter.
    """

    glint: Http
    erp: Http
    admin_key: str
    time_limit_seconds: int

    def close(self) -> None:
        self.glint.close()
        self.erp.close()
