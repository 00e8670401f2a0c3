"""The made-up ledger of `examples/erp-adapter`, as its README tells of it, over plain dicts."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

KEY = "erp-token"


class Quill:
    """`accounts` by code and name, `open` dates as pairs, `entries` by reference."""

    def __init__(self) -> None:
        self.accounts = {"1000": "Bank", "2100": "Accruals", "2110": "GRNI", "4000": "Income", "4100-12": "Expenses"}
        self.open = [("2026-01-01", "2026-09-30"), ("2026-11-01", "2026-11-30")]
        self.entries: dict[str, dict[str, Any]] = {}
        self.app = Starlette(
            routes=[
                Route("/entries/{reference:path}", self._put, methods=["PUT"]),
                Route("/entries/{reference:path}", self._get, methods=["GET"]),
                Route("/entries", self._list, methods=["GET"]),
                Route("/accounts", self._reference_data, methods=["GET"]),
                Route("/open", self._reference_data, methods=["GET"]),
            ]
        )

    async def _put(self, request: Request) -> Response:
        if (refusal := _refusal(request)) is not None:
            return refusal
        reference, entry = request.path_params["reference"], json.loads(await request.body())
        if (there := self.entries.get(reference)) is not None:
            same = {name: there[name] for name in entry} == entry
            return JSONResponse({"number": there["number"]}) if same else JSONResponse({}, 409)
        if errors := self._errors(entry):
            return JSONResponse({"errors": errors}, 422)
        number = f"Q-{len(self.entries) + 1}"
        if "check" not in request.query_params:
            self.entries[reference] = {**entry, "reference": reference, "number": number}
        return JSONResponse({"number": number})

    def _errors(self, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
        unknown = [number for number, row in enumerate(entry["rows"], start=1) if row["account"] not in self.accounts]
        errors: list[dict[str, Any]] = [{"row": number, "text": "no such account"} for number in unknown]
        if not any(first <= entry["date"] <= last for first, last in self.open):
            errors.append({"row": None, "text": "the date is not open"})
        for amount in ("amount", "base"):
            if sum(round(float(row[amount]) * 100) for row in entry["rows"]):
                errors.append({"row": None, "text": f"the rows do not balance in {amount}"})
        return errors

    async def _get(self, request: Request) -> Response:
        if (refusal := _refusal(request)) is not None:
            return refusal
        reference = request.path_params["reference"]
        there = self.entries.get(reference)
        return JSONResponse({"missing": reference}, 404) if there is None else JSONResponse(there)

    async def _list(self, request: Request) -> Response:
        if (refusal := _refusal(request)) is not None:
            return refusal
        first, last = request.query_params["from"], request.query_params["to"]
        return JSONResponse({"entries": [each for each in self.entries.values() if first <= each["date"] <= last]})

    async def _reference_data(self, request: Request) -> Response:
        if (refusal := _refusal(request)) is not None:
            return refusal
        if request.url.path == "/open":
            return JSONResponse({"open": [{"from": first, "to": last} for first, last in self.open]})
        return JSONResponse({"accounts": [{"code": code, "name": name} for code, name in self.accounts.items()]})


def _refusal(request: Request) -> Response | None:
    return None if request.headers.get("x-quill-key") == KEY else JSONResponse({}, 401)
