"""Debtor transactions that people enter together, under a control total. A posted batch stays as it was: triggers see to it, and that it
came to its control total."""

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKeyConstraint, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from app.adapters.postgres.tables.base import made_at, metadata, tenant_id

debtor_batch = Table(
    "debtor_batch",
    metadata,
    tenant_id(),
    Column("batch_id", Uuid, primary_key=True),
    Column("number", BigInteger, nullable=False, comment="per tenant, for people"),
    Column("description", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("currency_digits", Integer, nullable=False),
    Column("control_count", Integer, nullable=False),
    Column("control_amount", BigInteger, nullable=False, comment="debits less credits, with tax"),
    Column("status", Text, nullable=False, server_default="open"),
    Column("opened_by", Text, nullable=False),
    made_at(),
    Column("posted_by", Text),
    Column("posted_at", DateTime(timezone=True)),
    UniqueConstraint("tenant_id", "number", name="debtor_batch_tenant_id_number_key"),
    CheckConstraint("status in ('open', 'posted')", name="status"),
    CheckConstraint("control_count > 0", name="control_count"),
    CheckConstraint("(status = 'posted') = (posted_at is not null) and (posted_at is null) = (posted_by is null)", name="posted"),
)

debtor_batch_item = Table(
    "debtor_batch_item",
    metadata,
    tenant_id(),
    Column("batch_id", Uuid, primary_key=True),
    Column("item_id", Uuid, primary_key=True, comment="its form's, and the id of the event that it becomes"),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("amount", BigInteger, nullable=False, comment="with tax, negative where it credits the debtor"),
    Column("data", JSONB, nullable=False, comment="of the event that it becomes"),
    Column("entered_by", Text, nullable=False),
    Column("transaction_id", Uuid, comment="what it was posted as"),
    ForeignKeyConstraint(
        ["tenant_id", "batch_id"],
        ["debtor_batch.tenant_id", "debtor_batch.batch_id"],
        ondelete="CASCADE",
    ),
    ForeignKeyConstraint(["tenant_id", "transaction_id"], ["account_transaction.tenant_id", "account_transaction.transaction_id"]),
    UniqueConstraint("tenant_id", "batch_id", "position"),
    UniqueConstraint("tenant_id", "batch_id", "kind", "number", name="debtor_batch_item_number_key"),
)
