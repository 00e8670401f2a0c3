"""What the routes of the debtors ledger's master data have in common: pages by code, and what a load answers."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query

from app.api.paging import DEFAULT_LIMIT, MAX_LIMIT
from app.api.parameters import Answer
from app.api.security import Principal, require
from app.application.configure.put_masters import Loaded
from app.application.ports.setup import Scope
from app.domain.debtors import Master
from app.domain.errors import Fault, Invalid

Chooser = Annotated[Principal, require(Scope.CONFIG_WRITE, Scope.EVENTS_WRITE)]
"""Who sets up, and who chooses at entry."""

Row = TypeVar("Row", bound=Master)


class LoadedAnswer(Answer):
    """How many rows the file had, and what became of them."""

    rows: int
    created: int
    changed: int
    unchanged: int


def show_loaded(loaded: Loaded) -> LoadedAnswer:
    rows = loaded.created + loaded.changed + loaded.unchanged
    return LoadedAnswer(rows=rows, created=loaded.created, changed=loaded.changed, unchanged=loaded.unchanged)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    """Which part of a list by code is asked for. `after` is None for its beginning."""

    search: str | None
    after: str | None
    limit: int

    @property
    def wanted(self) -> int:
        """One row more than is shown: whether there is one decides on the next cursor."""
        return self.limit + 1

    def cut(self, rows: Sequence[Row]) -> tuple[Sequence[Row], str | None]:
        """What is shown of `wanted` rows, and the next cursor."""
        shown = rows[: self.limit]
        return shown, encode_code(shown[-1].code) if len(rows) > self.limit else None


def encode_code(code: str) -> str:
    """A code as a cursor."""
    return base64.urlsafe_b64encode(code.encode()).rstrip(b"=").decode()


def decode_code(cursor: str) -> str:
    """Raises `Invalid` where it is none of ours."""
    try:
        code = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise _not_ours() from error
    if not code or "\x00" in code or encode_code(code) != cursor:
        raise _not_ours()
    return code


def _not_ours() -> Invalid:
    return Invalid("the cursor is not one that was given out", Fault(pointer="/query/cursor", message="not a cursor"))


async def _code_page(
    search: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$", description="in code and name")] = None,
    cursor: Annotated[str | None, Query(max_length=1_000, description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> CodePage:
    return CodePage(search=search or None, after=None if cursor is None else decode_code(cursor), limit=limit)


CodePageQuery = Annotated[CodePage, Depends(_code_page)]
"""A route's parameter: `page: CodePageQuery`."""
