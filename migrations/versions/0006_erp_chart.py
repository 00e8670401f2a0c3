"""An ERP's chart of accounts is kept whole, may be loaded, and is asked for again by night."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _reference_data()
    _accounts()
    op.execute(
        "INSERT INTO erp_account (tenant_id, endpoint, code, name, active)"
        " SELECT DISTINCT tenant_id, endpoint, code, '', true FROM erp_reference_data, jsonb_array_elements_text(accounts) AS code"
    )
    op.drop_column("erp_reference_data", "accounts")
    _pulls()


def _reference_data() -> None:
    op.add_column("erp_reference_data", sa.Column("asked_at", sa.DateTime(timezone=True), comment="when the ERP last answered"))
    op.add_column("erp_reference_data", sa.Column("source", sa.Text(), server_default="erp", nullable=False, comment="of the chart"))
    op.create_check_constraint(op.f("erp_reference_data_source_check"), "erp_reference_data", "source in ('erp', 'loaded')")
    op.execute("UPDATE erp_reference_data SET asked_at = read_at")
    op.alter_column("erp_reference_data", "read_at", comment="when the chart was told or loaded")


def _accounts() -> None:
    op.create_table(
        "erp_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), comment="the ERP's own word"),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "endpoint", "code", name=op.f("erp_account_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint"],
            ["erp_reference_data.tenant_id", "erp_reference_data.endpoint"],
            name=op.f("erp_account_tenant_id_endpoint_fkey"),
            ondelete="CASCADE",
        ),
    )


def _pulls() -> None:
    op.create_table(
        "erp_chart_pull",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, comment="when a worker asks the ERP again"),
        sa.Column("leased_until", sa.DateTime(timezone=True), comment="a worker is asking it until then"),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False, comment="grows with every lease"),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False, comment="in a row"),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
        sa.Column("problem", sa.Text(), comment="why it failed last; null once it worked"),
        sa.PrimaryKeyConstraint("tenant_id", "endpoint", name=op.f("erp_chart_pull_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint"],
            ["erp_endpoint.tenant_id", "erp_endpoint.name"],
            name=op.f("erp_chart_pull_tenant_id_endpoint_fkey"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("erp_chart_pull_due_idx", "erp_chart_pull", ["next_at"])


def downgrade() -> None:
    """Back to the codes of active accounts. What was loaded, and not told by an ERP, is lost: the version before knows no such chart."""
    op.drop_table("erp_chart_pull")
    op.execute("DELETE FROM erp_reference_data WHERE source = 'loaded'")
    column = sa.Column("accounts", postgresql.JSONB(), server_default="[]", nullable=False, comment="codes that the ERP posts to")
    op.add_column("erp_reference_data", column)
    op.execute(
        "UPDATE erp_reference_data d SET accounts = coalesce((SELECT jsonb_agg(a.code ORDER BY a.code) FROM erp_account a"
        " WHERE a.tenant_id = d.tenant_id AND a.endpoint = d.endpoint AND a.active), '[]')"
    )
    op.alter_column("erp_reference_data", "accounts", server_default=None)
    op.drop_table("erp_account")
    op.drop_constraint(op.f("erp_reference_data_source_check"), "erp_reference_data")
    op.drop_column("erp_reference_data", "source")
    op.drop_column("erp_reference_data", "asked_at")
    op.alter_column("erp_reference_data", "read_at", comment=None)
