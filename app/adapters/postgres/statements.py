"""Statements as text with typed parameters: sets of rows travel as one JSON document, so that a statement is one round trip."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Row, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

COMMITTED = "written_in < pg_snapshot_xmin(pg_current_snapshot())"
"""True for rows that no writer still open can precede in (written_in, sequence) order."""

AFTER = "(written_in, sequence) > (CAST(CAST(:after_written_in AS text) AS xid8), :after_sequence)"


@cache
def statement(sql: str, *json_names: str) -> TextClause:
    """The statement; parameters named in `json_names` are sent as JSON. Cached, so that drivers can reuse its plan."""
    clause = text(sql)
    return clause.bindparams(*(bindparam(name, type_=JSONB(none_as_null=True)) for name in json_names)) if json_names else clause


def only(wanted: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """The conditions on these columns, without those of None, and their parameters. A statement that asks for what it narrows by alone
    can follow an index; one that asks whether a parameter is null cannot, once its plan is kept."""
    given = {column: value for column, value in wanted.items() if value is not None}
    return "".join(f" AND {column} = :{column}" for column in given), given


def contains(search: str) -> str:
    """The pattern of what has this text in it; the text stands for itself."""
    escaped = search.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def position(row: Row[Any]) -> int:
    """A row's place in a list as one number: the writing transaction in the high bits, the sequence in the low ones."""
    return int(row.written_in_number) << 64 | int(row.sequence)


def after(place: int) -> dict[str, Any]:
    """The two halves of a place, as the parameters of `AFTER`."""
    return {"after_written_in": str(place >> 64), "after_sequence": place & (2**64 - 1)}
