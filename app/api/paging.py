"""Pages of a list: an opaque cursor in, items and the next cursor out."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query

from app.domain.errors import Fault, Invalid

DEFAULT_LIMIT = 100
MAX_LIMIT = 500
_PLACE_BYTES = 16

Row = TypeVar("Row")


def encode_cursor(place: int) -> str:
    """A place in a list (0 ≤ place < 2^128) as a client keeps it."""
    return base64.urlsafe_b64encode(place.to_bytes(_PLACE_BYTES)).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> int:
    """Raises `Invalid` where it is none of ours."""
    try:
        raw = base64.b64decode(cursor + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _not_ours() from error
    if len(raw) != _PLACE_BYTES or encode_cursor(place := int.from_bytes(raw)) != cursor:
        raise _not_ours()
    return place


def _not_ours() -> Invalid:
    return Invalid("the cursor is not one that was given out", Fault(pointer="/query/cursor", message="not a cursor"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list is asked for. `after` is None for its beginning."""

    after: int | None
    limit: int

    @property
    def wanted(self) -> int:
        """One row more than is shown: whether there is one decides on the next cursor."""
        return self.limit + 1

    def answer(self, rows: Sequence[Row], show: Callable[[Row], dict[str, Any]], place: Callable[[Row], int]) -> dict[str, Any]:
        """The body of a list from `wanted` rows."""
        shown = rows[: self.limit]
        more = len(rows) > self.limit
        return {"items": [show(row) for row in shown], "next_cursor": encode_cursor(place(shown[-1])) if more else None}


async def _page(
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> Page:
    return Page(after=None if cursor is None else decode_cursor(cursor), limit=limit)


PageQuery = Annotated[Page, Depends(_page)]
"""A route's parameter: `page: PageQuery`."""
