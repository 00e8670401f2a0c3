"""What the tables have in common."""

from typing import Any

from sqlalchemy import Column, DateTime, MetaData, Sequence, Uuid, func, text
from sqlalchemy.types import UserDefinedType

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

ledger_sequence = Sequence("ledger_sequence", metadata=metadata)
"""Arrival of events, posting of transactions and making of journals, across tenants: within one order it follows commit order."""


def tenant_id() -> Column[Any]:
    return Column("tenant_id", Uuid, primary_key=True)


def made_at(name: str = "created_at") -> Column[Any]:
    """When the row was written; when a thing happened is another column."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def written_in() -> Column[Any]:
    """The database transaction that wrote the row: with `sequence` it gives a list its order, and keeps a cursor from passing
    a row that is still being written."""
    return Column("written_in", Xid8, nullable=False, server_default=text("pg_current_xact_id()"))
