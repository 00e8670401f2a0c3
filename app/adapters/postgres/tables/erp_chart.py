"""What is known of ERPs themselves: their charts of accounts, their open periods, and when they are asked again."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, DateTime, ForeignKeyConstraint, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.adapters.postgres.tables.base import metadata, tenant_id

ENDPOINT = ["erp_endpoint.tenant_id", "erp_endpoint.name"]
REFERENCE_DATA = ["erp_reference_data.tenant_id", "erp_reference_data.endpoint"]

erp_reference_data = Table(
    "erp_reference_data",
    metadata,
    tenant_id(),
    Column("endpoint", Text, primary_key=True),
    Column("open_periods", JSONB, nullable=False),
    Column("read_at", DateTime(timezone=True), nullable=False, comment="when the chart was told or loaded"),
    Column("asked_at", DateTime(timezone=True), comment="when the ERP last answered"),
    Column("source", Text, nullable=False, server_default="erp", comment="of the chart"),
    ForeignKeyConstraint(["tenant_id", "endpoint"], ENDPOINT, ondelete="CASCADE"),
    CheckConstraint("source in ('erp', 'loaded')", name="source"),
)

erp_account = Table(
    "erp_account",
    metadata,
    tenant_id(),
    Column("endpoint", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, comment="the ERP's own word"),
    Column("active", Boolean, nullable=False),
    ForeignKeyConstraint(["tenant_id", "endpoint"], REFERENCE_DATA, ondelete="CASCADE"),
)

erp_chart_pull = Table(
    "erp_chart_pull",
    metadata,
    tenant_id(),
    Column("endpoint", Text, primary_key=True),
    Column("next_at", DateTime(timezone=True), nullable=False, comment="when a worker asks the ERP again"),
    Column("leased_until", DateTime(timezone=True), comment="a worker is asking it until then"),
    Column("fence", BigInteger, nullable=False, server_default="0", comment="grows with every lease"),
    Column("failures", Integer, nullable=False, server_default="0", comment="in a row"),
    Column("failed_at", DateTime(timezone=True)),
    Column("problem", Text, comment="why it failed last; null once it worked"),
    ForeignKeyConstraint(["tenant_id", "endpoint"], ENDPOINT, ondelete="CASCADE"),
    Index("erp_chart_pull_due_idx", "next_at"),
)
