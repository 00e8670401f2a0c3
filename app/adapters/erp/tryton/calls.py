"""The calls to Tryton's REST API that the steps of an endpoint are made of."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from app.adapters.erp.answers import HttpAnswer, HttpResult, Timeouts
from app.adapters.erp.calls import Calls
from app.adapters.erp.exact_json import Json, as_object, read_json, to_json
from app.adapters.erp.http import HttpClient
from app.adapters.erp.tryton.move_values import fields
from app.adapters.erp.tryton.settings import TrytonEndpoint
from app.adapters.erp.tryton.verdicts import Failed, of_read
from app.application.ports.erp import Exchange
from app.domain.delivery import Retryable

MAX_BYTES = 20_000_000
MOVE = "account.move"

Record = Mapping[str, Any]


class TrytonCalls:
    """One step's: they are kept together with its attempt."""

    def __init__(self, http: HttpClient, endpoint: TrytonEndpoint) -> None:
        seconds = endpoint.settings.timeout_seconds
        self._http = http
        self._url = endpoint.rest_url
        self._headers = {
            "accept": "application/json",
            "content-type": "application/json",
            "authorization": f"Bearer {endpoint.key}",
        }
        self._timeouts = Timeouts(read=seconds, write=seconds, total=2 * seconds + 20)
        self._calls = Calls([endpoint.key])
        self.move_fields = fields(analytic=endpoint.settings.analytic_accounting)
        self._query = urlencode([("f", field) for field in self.move_fields])
        self.last: HttpResult | None = None

    @property
    def exchange(self) -> Exchange:
        """All calls made so far."""
        return self._calls.exchange

    async def search(
        self, model: str, domain: Sequence[Any], names: Sequence[str], *, after: int | None = None, limit: int | None = None
    ) -> list[Record] | Failed:
        """The records of a model in the order of their ids, those behind `after` only; at most `limit`."""
        whole: list[Any] = list(domain) if after is None else [list(domain), ["id", ">", after]]
        query = {"domain": whole, "order": [["id", "ASC"]], "limit": limit, "fields_names": list(names)}
        result = await self._call("POST", f"/{model}/search_read", query, f"{model} search")
        return listed(result)

    async def create(self, values: Record) -> HttpResult:
        """Makes a draft. A refusal comes with Tryton's words."""
        return await self._call("POST", f"/{MOVE}?f=id", values, f"{MOVE} create")

    async def create_all(self, values: Sequence[Record]) -> HttpResult:
        """Makes several drafts or none; the answer lists their ids. Some refusals come as a bare 403."""
        return await self._call("POST", f"/{MOVE}/create", {"vlist": list(values)}, f"{MOVE} create {len(values)}")

    async def read(self, move: int) -> HttpResult:
        return await self._call("GET", f"/{MOVE}/{move}?{self._query}", None, f"{MOVE} read")

    async def post(self, move: int) -> HttpResult:
        """Posts a draft, and reads it back. Tryton refuses to post twice."""
        return await self._call("POST", f"/{MOVE}/{move}/post?{self._query}", {}, f"{MOVE} post")

    async def delete(self, move: int) -> HttpResult:
        """Takes a draft away. Tryton refuses to delete what is posted."""
        return await self._call("DELETE", f"/{MOVE}/{move}", None, f"{MOVE} delete")

    async def rights(self) -> HttpResult:
        """What the key's user may do to moves."""
        return await self._call("POST", "/ir.model.access/get_access", {"models": [MOVE]}, "rights")

    async def _call(self, method: str, path: str, body: Json, label: str) -> HttpResult:
        content = b"" if body is None else to_json(body).encode()
        result = await self._http.request(
            method, self._url + path, headers=self._headers, content=content, timeouts=self._timeouts, max_bytes=MAX_BYTES
        )
        self.last = self._calls.add(result, label)
        return result


def listed(result: HttpResult) -> list[Record] | Failed:
    """The records that an answer lists; a look-up's outcome otherwise."""
    if not isinstance(result, HttpAnswer) or result.status != 200:
        return of_read(result)
    found = read_json(result)
    if not isinstance(found, list):
        return Retryable(reason="the answer cannot be read")
    return [as_object(each) for each in found]
