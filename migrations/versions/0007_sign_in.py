"""Signing in to vendors: authorisations of endpoints, and consents under way."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateSequence, DropSequence

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FENCE = sa.Sequence("authorisation_fence")


def upgrade() -> None:
    op.add_column(
        "erp_endpoint",
        sa.Column("awaits_sign_in", sa.Boolean(), server_default="false", nullable=False, comment="a new authorisation ends the pause"),
    )
    op.create_check_constraint(op.f("erp_endpoint_awaits_sign_in_check"), "erp_endpoint", "paused or not awaits_sign_in")
    op.execute(CreateSequence(FENCE))
    op.create_table(
        "erp_authorisation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False, comment="hash of what it is for: adapter, client, vendor, server"),
        sa.Column("status", sa.Text(), server_default="not_authorised", nullable=False),
        sa.Column("sealed", sa.LargeBinary(), comment="the tokens: AES-GCM, bound to this row"),
        sa.Column("access_expires_at", sa.DateTime(timezone=True)),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("organisation_id", sa.Text()),
        sa.Column("organisation_name", sa.Text()),
        sa.Column("organisations", postgresql.JSONB(), server_default="[]", nullable=False, comment="those to choose from"),
        sa.Column("authorised_by", sa.Text()),
        sa.Column("authorised_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text(), comment="why there are no tokens, or why the last refresh failed"),
        sa.Column("fence", sa.BigInteger(), server_default=FENCE.next_value(), nullable=False),
        sa.Column("refreshing_until", sa.DateTime(timezone=True), comment="somebody refreshes, and has until then"),
        sa.PrimaryKeyConstraint("tenant_id", "endpoint", name=op.f("erp_authorisation_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint"],
            ["erp_endpoint.tenant_id", "erp_endpoint.name"],
            ondelete="CASCADE",
            name=op.f("erp_authorisation_tenant_id_endpoint_fkey"),
        ),
        sa.CheckConstraint(
            "status in ('not_authorised', 'choose_organisation', 'authorised', 'reconnect')", name=op.f("erp_authorisation_status_check")
        ),
        sa.CheckConstraint(
            "(sealed is not null) = (status in ('choose_organisation', 'authorised'))", name=op.f("erp_authorisation_sealed_check")
        ),
    )
    op.create_table(
        "erp_consent",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=False, comment="of RFC 7636: AES-GCM, bound to this row"),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "endpoint", name=op.f("erp_consent_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint"],
            ["erp_authorisation.tenant_id", "erp_authorisation.endpoint"],
            ondelete="CASCADE",
            name=op.f("erp_consent_tenant_id_endpoint_fkey"),
        ),
    )


def downgrade() -> None:
    op.drop_table("erp_consent")
    op.drop_table("erp_authorisation")
    op.execute(DropSequence(FENCE))
    op.drop_constraint(op.f("erp_endpoint_awaits_sign_in_check"), "erp_endpoint")
    op.drop_column("erp_endpoint", "awaits_sign_in")
