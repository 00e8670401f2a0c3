"""Long lists page by cursor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from app.api.paging import decode_cursor, encode_cursor

ROWS = 50
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Paged(Generic[Row]):
    """A page of rows. `next_page` and `first_page` are addresses, None where there is nothing to go to."""

    rows: Sequence[Row]
    next_page: str | None
    first_page: str | None


def place(cursor: str | None) -> int | None:
    """Where a page begins; raises `Invalid` where it is no cursor of ours."""
    return decode_cursor(cursor) if cursor else None


def own_path(request: Request) -> str:
    """As the browser asked for it: names in it may have any character, encoded."""
    raw: bytes = request.scope["raw_path"]
    return raw.decode("ascii")


def paged(request: Request, found: Sequence[Row], place_of: Callable[[Row], int], rows: int = ROWS) -> Paged[Row]:
    """From one row more than is shown."""
    return paged_by(request, found, lambda row: encode_cursor(place_of(row)), rows)


def paged_by(request: Request, found: Sequence[Row], cursor_of: Callable[[Row], str], rows: int = ROWS) -> Paged[Row]:
    """The same for a list whose cursor is text of its own."""
    shown, more = found[:rows], len(found) > rows
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    onwards = [*kept, ("cursor", cursor_of(shown[-1]))] if more else None
    path = own_path(request)
    return Paged(
        rows=shown,
        next_page=None if onwards is None else f"{path}?{urlencode(onwards)}",
        first_page=f"{path}?{urlencode(kept)}" if "cursor" in request.query_params else None,
    )
