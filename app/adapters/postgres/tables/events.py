"""The event log, and the locks that make writers of one order serial."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, Index, LargeBinary, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.adapters.postgres.tables.base import ledger_sequence, made_at, metadata, tenant_id, written_in

event = Table(
    "event",
    metadata,
    tenant_id(),
    Column("event_id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False, comment="the sender's id: with source the idempotency key"),
    Column("type", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), comment="when it happened, as the sender says"),
    Column("data", JSONB, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False, comment="SHA-256 of type and data as canonical JSON"),
    Column("status", Text, nullable=False),
    Column("problem", JSONB),
    Column("waits_for", ARRAY(Text), nullable=False, server_default="{}"),
    Column("subjects", ARRAY(Text), nullable=False, server_default="{}", comment="the orders it is about"),
    Column("arrival", BigInteger, ledger_sequence, nullable=False, server_default=ledger_sequence.next_value()),
    Column("applied", BigInteger, comment="position in the log of what moved balances: drawn under the order's lock"),
    Column("decision", JSONB, comment="what it was decided with: accounting dates and posting manager versions"),
    made_at("received_at"),
    written_in(),
    UniqueConstraint("tenant_id", "source", "external_id"),
    CheckConstraint("status in ('posted', 'parked', 'refused', 'discarded')", name="status"),
    Index(None, "tenant_id", "written_in", "arrival"),
    Index("event_type_idx", "tenant_id", "type", "written_in", "arrival"),
    Index("event_not_posted_idx", "tenant_id", "status", "written_in", "arrival", postgresql_where=text("status <> 'posted'")),
    Index("event_waiting_idx", "tenant_id", "arrival", postgresql_where=text("status in ('parked', 'refused')")),
    Index("event_parked_idx", "waits_for", postgresql_using="gin", postgresql_where=text("status = 'parked'")),
    Index("event_applied_idx", "tenant_id", "applied", unique=True, postgresql_where=text("applied is not null")),
)

order_event = Table(
    "order_event",
    metadata,
    tenant_id(),
    Column("order_number", Text, primary_key=True),
    Column("applied", BigInteger, primary_key=True, comment="the event's position in the log"),
    Column("event_id", Uuid, nullable=False),
    Column("accounting_date", Date, nullable=False),
    Index(None, "tenant_id", "accounting_date"),
)

subject_lock = Table(
    "subject_lock",
    metadata,
    tenant_id(),
    Column("kind", Text, primary_key=True),
    Column("number", Text, primary_key=True),
)
