"""The state of orders: one row per order, per line and per invoice's part, so that an event loads what it touches."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from app.adapters.postgres.tables.base import ledger_sequence, made_at, metadata, tenant_id, written_in


def outstanding() -> Column[Any]:
    """True while something may be committed or accrued: reports on what is open look at nothing else."""
    return Column("outstanding", Boolean, nullable=False, server_default="true")


purchase_order = Table(
    "purchase_order",
    metadata,
    tenant_id(),
    Column("order_number", Text, primary_key=True),
    Column("sequence", BigInteger, ledger_sequence, nullable=False, server_default=ledger_sequence.next_value()),
    written_in(),
    Column("supplier_code", Text),
    Column("supplier_name", Text),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("manager_version", Integer, nullable=False),
    Column("state", JSONB, nullable=False),
    Column("posted", JSONB, nullable=False, comment="balances without a line: shipping on its own account"),
    outstanding(),
    made_at(),
    CheckConstraint("status in ('open', 'closed', 'cancelled')", name="status"),
    Index(None, "tenant_id", "written_in", "sequence"),
    Index("purchase_order_outstanding_idx", "tenant_id", "order_number", postgresql_where=text("outstanding")),
    Index("purchase_order_status_idx", "tenant_id", "status", "written_in", "sequence"),
    Index("purchase_order_supplier_idx", "tenant_id", "supplier_code", "written_in", "sequence"),
    Index("purchase_order_search_idx", "tenant_id", text('lower(order_number COLLATE "C")'), "order_number"),
)

purchase_order_line = Table(
    "purchase_order_line",
    metadata,
    tenant_id(),
    Column("order_number", Text, primary_key=True),
    Column("line_number", Integer, primary_key=True),
    Column("state", JSONB, nullable=False),
    Column("posted", JSONB, nullable=False, comment="what is posted for the line, per role, account and charge code"),
    outstanding(),
    Index("purchase_order_line_outstanding_idx", "tenant_id", "order_number", "line_number", postgresql_where=text("outstanding")),
    ForeignKeyConstraint(["tenant_id", "order_number"], ["purchase_order.tenant_id", "purchase_order.order_number"]),
)

supplier_document = Table(
    "supplier_document",
    metadata,
    tenant_id(),
    Column("supplier_code", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("event_id", Uuid, nullable=False),
)

order_invoice = Table(
    "order_invoice",
    metadata,
    tenant_id(),
    Column("order_number", Text, primary_key=True),
    Column("supplier_code", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("state", JSONB, nullable=False),
    ForeignKeyConstraint(["tenant_id", "order_number"], ["purchase_order.tenant_id", "purchase_order.order_number"]),
    Index(None, "tenant_id", "number", "supplier_code"),
)
