"""Tenants, keys, the chart of accounts, posting manager versions, periods and the audit log."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.adapters.postgres.tables.base import made_at, metadata, tenant_id

tenant = Table(
    "tenant",
    metadata,
    tenant_id(),
    Column("name", Text, nullable=False, unique=True),
    Column("base_currency", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("reference_prefix", Text, nullable=False, unique=True),
    made_at(),
)

api_key = Table(
    "api_key",
    metadata,
    tenant_id(),
    Column("key_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    made_at(),
    Column("revoked_at", DateTime(timezone=True)),
)

audit_log = Table(
    "audit_log",
    metadata,
    tenant_id(),
    Column("audit_id", BigInteger, Identity(always=True), primary_key=True),
    made_at("at"),
    Column("actor", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default="{}"),
)

account = Table(
    "account",
    metadata,
    tenant_id(),
    Column("name", Text, primary_key=True),
    Column("account_code", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("active", Boolean, nullable=False, server_default="true"),
    CheckConstraint("type in ('liability', 'expense', 'asset', 'equity', 'income')", name="type"),
    Index(None, "tenant_id", "account_code"),
)

posting_manager_version = Table(
    "posting_manager_version",
    metadata,
    tenant_id(),
    Column("version", Integer, primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("accounts", JSONB, nullable=False, comment="the accounts it names, as they were: name → code and type"),
    made_at(),
)

period = Table(
    "period",
    metadata,
    tenant_id(),
    Column("name", Text, primary_key=True),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    CheckConstraint("status in ('open', 'closed')", name="status"),
    CheckConstraint("starts_on <= ends_on", name="dates"),
)
