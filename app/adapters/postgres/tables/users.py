"""People who use the screens, who of them is signed in, and tries to sign in that failed."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.adapters.postgres.tables.base import made_at, metadata, tenant_id

app_user = Table(
    "app_user",
    metadata,
    tenant_id(),
    Column("name", Text, primary_key=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("password_hash", Text, comment="argon2id, with its salt and settings"),
    Column("active", Boolean, nullable=False, server_default="true"),
    made_at(),
    Column("oidc_name", Text, comment="what the OpenID Connect issuer calls the person; an e-mail address in lower case"),
    UniqueConstraint("tenant_id", "oidc_name"),
    CheckConstraint("password_hash IS NOT NULL OR oidc_name IS NOT NULL", name="way_in"),
    CheckConstraint("""position('@' in oidc_name) = 0 OR oidc_name COLLATE "C" = lower(oidc_name COLLATE "C")""", name="oidc_name"),
    CheckConstraint("roles <@ array['viewer', 'sender', 'marker', 'poster', 'set_up'] and cardinality(roles) > 0", name="roles"),
)

user_session = Table(
    "user_session",
    metadata,
    tenant_id(),
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_name", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("notice", JSONB, comment="what the next page says, once"),
    ForeignKeyConstraint(["tenant_id", "user_name"], ["app_user.tenant_id", "app_user.name"], ondelete="CASCADE"),
    Index(None, "tenant_id", "user_name"),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    tenant_id(),
    Column("key", Text, primary_key=True, comment="name:… or address:…"),
    Column("failures", Integer, nullable=False, comment="in a row"),
    Column("last_at", DateTime(timezone=True), nullable=False),
)
