"""Calls about several journals: lanes that ride with others, attempts of one call, and how many journals a call carries."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "lane",
        sa.Column("rides", sa.Boolean(), server_default="false", nullable=False, comment="leased to share the calls of other lanes only"),
    )
    op.add_column(
        "endpoint_flow",
        sa.Column("batch_max", sa.Integer(), server_default="1", nullable=False, comment="journals in a call, as its adapter last said"),
    )
    op.add_column(
        "attempt", sa.Column("call_id", sa.Uuid(), comment="of a call about several journals: its first attempt, which has the request")
    )
    op.create_foreign_key(
        op.f("attempt_tenant_id_call_id_fkey"), "attempt", "attempt", ["tenant_id", "call_id"], ["tenant_id", "attempt_id"]
    )
    op.create_index("attempt_call_idx", "attempt", ["tenant_id", "call_id"], postgresql_where=sa.text("call_id is not null"))


def downgrade() -> None:
    op.drop_index("attempt_call_idx", table_name="attempt")
    op.drop_constraint(op.f("attempt_tenant_id_call_id_fkey"), "attempt")
    op.execute(
        "UPDATE attempt SET request = first.request FROM attempt first"
        " WHERE first.tenant_id = attempt.tenant_id AND first.attempt_id = attempt.call_id"
    )
    op.drop_column("attempt", "call_id")
    op.drop_column("endpoint_flow", "batch_max")
    op.drop_column("lane", "rides")
