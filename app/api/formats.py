"""In which format a report is answered: what `?format=` names, else what `Accept` likes best."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.api.errors import NotAcceptable
from app.api.openapi_problems import may_fail
from app.api.paging import encode_cursor
from app.api.spreadsheet import xlsx
from app.api.tables import Table


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Of what is liked equally, the first is given."""

REPORT_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            MEDIA_TYPES[Format.JSON]: {"schema": {"type": "object"}},
            MEDIA_TYPES[Format.CSV]: {"schema": {"type": "string"}},
            MEDIA_TYPES[Format.XLSX]: {"schema": {"type": "string", "format": "binary"}},
        }
    },
    **may_fail(406),
}
"""For a report's `responses`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a report leaves."""

    format: Format
    request: Request

    async def __call__(self, body: Mapping[str, Any], table: Table, *, next_place: int | None = None) -> Response:
        """The body as JSON, or the table as a file. Where there is a next page, its address is in `Link` in every format."""
        headers = {"Vary": "Accept"}
        if next_place is not None:
            headers["Link"] = f'<{self.request.url.include_query_params(cursor=encode_cursor(next_place))}>; rel="next"'
        if self.format is Format.JSON:
            return JSONResponse(body, headers=headers)
        headers["Content-Disposition"] = f'attachment; filename="{table.title}.{self.format}"'
        made = await asyncio.to_thread(xlsx if self.format is Format.XLSX else Table.csv, table)
        return Response(made, media_type=MEDIA_TYPES[self.format], headers=headers)


async def _answer(
    request: Request,
    wanted: Annotated[str | None, Query(alias="format", description="instead of Accept", json_schema_extra={"enum": [*Format]})] = None,
) -> Answer:
    if wanted is None:
        return Answer(preferred(", ".join(request.headers.getlist("accept"))), request)
    if wanted not in [*Format]:
        raise NotAcceptable(f"there is no format {wanted}: ask for {', '.join(Format)}")
    return Answer(Format(wanted), request)


ReportAnswer = Annotated[Answer, Depends(_answer)]
"""A route's parameter: `answer: ReportAnswer`."""


def preferred(accept: str) -> Format:
    """By RFC 9110: the most exact range speaks for a media type, the highest weight wins. `NotAcceptable` where none is left."""
    if not accept.strip():
        return Format.JSON
    weights = _weights(accept)
    liked = {each: _weight(media_type, weights) for each, media_type in MEDIA_TYPES.items()}
    best = max(liked, key=lambda each: liked[each])
    if not liked[best]:
        raise NotAcceptable(f"a report can be {', '.join(MEDIA_TYPES.values())}")
    return best


def _weight(media_type: str, weights: Mapping[str, float]) -> float:
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((weights[each] for each in ranges if each in weights), 0.0)


def _weights(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept.split(","):
        media_type, *parameters = (each.strip().lower() for each in part.split(";"))
        q = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            found[media_type] = min(max(float(q), 0.0), 1.0)
        except ValueError:
            found[media_type] = 0.0
    return found
