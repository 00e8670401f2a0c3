"""Endpoints that are authorised at their vendor, and consents that are under way."""

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKeyConstraint, LargeBinary, Sequence, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.adapters.postgres.tables.base import metadata, tenant_id

authorisation_fence = Sequence("authorisation_fence", metadata=metadata)
"""Of all endpoints: a fence is never given twice, not even where an endpoint is deleted and made again."""

erp_authorisation = Table(
    "erp_authorisation",
    metadata,
    tenant_id(),
    Column("endpoint", Text, primary_key=True),
    Column("client", Text, nullable=False, comment="hash of what it is for: adapter, client, vendor, server"),
    Column("status", Text, nullable=False, server_default="not_authorised"),
    Column("sealed", LargeBinary, comment="the tokens: AES-GCM, bound to this row"),
    Column("access_expires_at", DateTime(timezone=True)),
    Column("scopes", ARRAY(Text), nullable=False, server_default="{}"),
    Column("organisation_id", Text),
    Column("organisation_name", Text),
    Column("organisations", JSONB, nullable=False, server_default="[]", comment="those to choose from"),
    Column("authorised_by", Text),
    Column("authorised_at", DateTime(timezone=True)),
    Column("reason", Text, comment="why there are no tokens, or why the last refresh failed"),
    Column("fence", BigInteger, nullable=False, server_default=authorisation_fence.next_value()),
    Column("refreshing_until", DateTime(timezone=True), comment="somebody refreshes, and has until then"),
    ForeignKeyConstraint(["tenant_id", "endpoint"], ["erp_endpoint.tenant_id", "erp_endpoint.name"], ondelete="CASCADE"),
    CheckConstraint("status in ('not_authorised', 'choose_organisation', 'authorised', 'reconnect')", name="status"),
    CheckConstraint("(sealed is not null) = (status in ('choose_organisation', 'authorised'))", name="sealed"),
)

erp_consent = Table(
    "erp_consent",
    metadata,
    tenant_id(),
    Column("endpoint", Text, primary_key=True),
    Column("state_hash", LargeBinary, nullable=False),
    Column("client", Text, nullable=False),
    Column("verifier", LargeBinary, nullable=False, comment="of RFC 7636: AES-GCM, bound to this row"),
    Column("redirect_uri", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["tenant_id", "endpoint"], ["erp_authorisation.tenant_id", "erp_authorisation.endpoint"], ondelete="CASCADE"),
)
