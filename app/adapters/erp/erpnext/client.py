"""The calls of one step, over Frappe's REST API in its first version, which versions 14 to 16 have alike."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from app.adapters.erp.answers import HttpAnswer, HttpResult, Timeouts
from app.adapters.erp.calls import Calls
from app.adapters.erp.erpnext.response import failure, untraced
from app.adapters.erp.erpnext.settings import ErpNextEndpoint
from app.adapters.erp.exact_json import Json, as_object, read_json, to_json
from app.adapters.erp.http import HttpClient
from app.adapters.erp.outcomes import StatusOutcome
from app.domain.delivery import Unknown

MAX_BYTES = 20_000_000
PAGE = 500
MOST_PAGES = 4_000
MOST_VALUES, MOST_CHARACTERS = 40, 1_000
"""So many values go into one filter: they travel in the URL, some of them twice, and web servers take 8,000 bytes."""
CREATED, DELETED = (200, 201), (200, 202)

Doc = Mapping[str, Any]
Filter = tuple[Json, ...]
"""Field, operator, value; before them the kind of a child table whose field it is."""


class Step:
    """Answers that are not what was asked for are outcomes, as of a send: the caller knows what had been done before."""

    def __init__(self, http: HttpClient, endpoint: ErpNextEndpoint) -> None:
        self._http = http
        self._url = endpoint.url
        self._headers = {"authorization": endpoint.authorization, "accept": "application/json"}
        seconds = endpoint.settings.timeout_seconds
        self._timeouts = Timeouts(read=seconds, write=seconds, total=2 * seconds + 20)
        self.calls = Calls([endpoint.authorization.partition(" ")[2], endpoint.credentials.api_secret.get_secret_value()])
        self.last: HttpResult | None = None
        """What came of the last call."""
        self.reached = False
        """Whether ERPNext, or what stands before it, has answered anything at all."""

    async def rows(
        self, doctype: str, fields: Sequence[str], filters: Sequence[Filter], either: Sequence[Filter] = ()
    ) -> list[Doc] | StatusOutcome:
        """All documents of a kind that fit all `filters`, and one of `either` where there are any; without their child tables."""
        found: list[Doc] = []
        asked = {
            "fields": to_json(list(fields)),
            "filters": to_json([list(each) for each in filters]),
            "order_by": "creation asc, name asc",
        }
        if either:
            asked["or_filters"] = to_json([list(each) for each in either])
        for page in range(MOST_PAGES):
            query = urlencode(asked | {"limit_start": str(page * PAGE), "limit_page_length": str(PAGE)}, quote_via=quote)
            listed = await self._call("GET", f"/api/resource/{quote(doctype)}?{query}", f"{doctype} list")
            if isinstance(listed, StatusOutcome):
                return listed
            rows = listed.get("data")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                return Unknown(reason="the answer cannot be read")
            found += rows
            if len(rows) < PAGE:
                return found
        return Unknown(reason=f"there are more than {MOST_PAGES} pages")

    async def read(self, doctype: str, name: str) -> Doc | StatusOutcome:
        return await self._document("GET", _path(doctype, name), f"{doctype} read")

    async def create(self, doctype: str, body: Mapping[str, Json], lines: Sequence[int]) -> Doc | StatusOutcome:
        return await self._document("POST", f"/api/resource/{quote(doctype)}", f"{doctype} create", body, lines)

    async def submit(self, doc: Doc, lines: Sequence[int]) -> Doc | StatusOutcome:
        """As ERPNext's own form does: above 100 rows it queues that, and answers with the draft."""
        answer = await self._call("POST", "/api/method/frappe.client.submit", "submit", {"doc": doc}, lines)
        return answer if isinstance(answer, StatusOutcome) else _object_of(answer, "message")

    async def submit_now(self, doctype: str, name: str, lines: Sequence[int]) -> Doc | StatusOutcome:
        """Within this call, however many rows it has: what is wrong is told."""
        return await self._document("PUT", _path(doctype, name), f"{doctype} submit", {"docstatus": 1}, lines)

    async def delete(self, doctype: str, name: str) -> StatusOutcome | None:
        """None where it is gone."""
        answer = await self._call("DELETE", _path(doctype, name), f"{doctype} delete")
        return answer if isinstance(answer, StatusOutcome) else None

    async def _document(
        self, method: str, path: str, label: str, body: Mapping[str, Json] | None = None, lines: Sequence[int] = ()
    ) -> Doc | StatusOutcome:
        answer = await self._call(method, path, label, body, lines)
        return answer if isinstance(answer, StatusOutcome) else _object_of(answer, "data")

    async def _call(
        self, method: str, path: str, label: str, body: Mapping[str, Json] | None = None, lines: Sequence[int] = ()
    ) -> Doc | StatusOutcome:
        content = b"" if body is None else to_json(body).encode()
        headers = self._headers | ({} if body is None else {"content-type": "application/json"})
        result = await self._http.request(
            method, self._url + path, headers=headers, content=content, timeouts=self._timeouts, max_bytes=MAX_BYTES
        )
        self.reached = self.reached or isinstance(result, HttpAnswer)
        self.calls.add(untraced(result), label)
        return self._read(result, lines)

    def _read(self, result: HttpResult, lines: Sequence[int]) -> Doc | StatusOutcome:
        self.last = result
        if not isinstance(result, HttpAnswer) or result.status not in (*CREATED, *DELETED):
            return failure(result, lines)
        body = read_json(result)
        return as_object(body) if isinstance(body, dict) else Unknown(reason="the answer cannot be read")


def _path(doctype: str, name: str) -> str:
    return f"/api/resource/{quote(doctype)}/{quote(name, safe='')}"


def _object_of(answer: Doc, name: str) -> Doc | StatusOutcome:
    found = answer.get(name)
    return found if isinstance(found, dict) else Unknown(reason="the answer cannot be read")
