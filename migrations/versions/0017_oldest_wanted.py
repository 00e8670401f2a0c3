"""What an ERP that polls is offered next is found in its order, however many journals wait."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "delivery_wanted_idx",
        "delivery",
        ["tenant_id", "endpoint", "position"],
        unique=False,
        postgresql_where=sa.text("not done and (wanted or validation_wanted)"),
    )


def downgrade() -> None:
    op.drop_index("delivery_wanted_idx", table_name="delivery")
