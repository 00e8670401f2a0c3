"""Posted account transactions: inserted once, never updated, never deleted; triggers see to it, and that they balance."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKeyConstraint, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from app.adapters.postgres.tables.base import ledger_sequence, made_at, metadata, tenant_id, written_in

account_transaction = Table(
    "account_transaction",
    metadata,
    tenant_id(),
    Column("transaction_id", Uuid, primary_key=True),
    Column("sequence", BigInteger, ledger_sequence, nullable=False, server_default=ledger_sequence.next_value()),
    written_in(),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("subject_type", Text, nullable=False),
    Column("subject_number", Text, nullable=False),
    Column("supplier_code", Text),
    Column("supplier_name", Text),
    Column("document_type", Text, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("document_date", Date, nullable=False),
    Column("accounting_date", Date, nullable=False),
    Column("currency", Text, nullable=False),
    Column("currency_digits", Integer, nullable=False),
    Column("base_currency", Text, nullable=False),
    Column("base_digits", Integer, nullable=False),
    Column("description", Text, nullable=False),
    Column("warehouse", Text),
    Column("sales_territory", Text),
    Column("gl_interfaces", ARRAY(Text), comment="the records whose accounts it took"),
    made_at("posted_at"),
    ForeignKeyConstraint(["tenant_id", "event_id"], ["event.tenant_id", "event.event_id"]),
    CheckConstraint("subject_type in ('order', 'debtor', 'entry')", name="subject_type"),
    CheckConstraint("(subject_type = 'debtor') = (gl_interfaces is not null)", name="debtor"),
    Index(None, "tenant_id", "written_in", "sequence", unique=True),
    Index(None, "tenant_id", "event_id"),
    Index("account_transaction_subject_idx", "tenant_id", "subject_number", "sequence"),
    Index(None, "tenant_id", "accounting_date", "sequence"),
)

account_transaction_line = Table(
    "account_transaction_line",
    metadata,
    tenant_id(),
    Column("transaction_id", Uuid, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("role", Text, nullable=False),
    Column("ledger", Text, nullable=False),
    Column("account", Text),
    Column("account_code", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("base_amount", BigInteger, nullable=False),
    Column("order_line", Integer),
    Column("charge_code", Text),
    Column("description", Text, nullable=False),
    ForeignKeyConstraint(["tenant_id", "transaction_id"], ["account_transaction.tenant_id", "account_transaction.transaction_id"]),
    CheckConstraint("side in ('debit', 'credit')", name="side"),
    CheckConstraint("ledger in ('actual', 'commitment')", name="ledger"),
    CheckConstraint("amount >= 0 and base_amount >= 0 and amount + base_amount > 0", name="amounts"),
    Index("account_transaction_line_account_code_idx", "tenant_id", "account_code"),
)
