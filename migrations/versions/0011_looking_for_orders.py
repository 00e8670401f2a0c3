"""Indexes for people who look for orders: by supplier, the newest first, and by the beginning of the number."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("purchase_order_supplier_idx", "purchase_order", ["tenant_id", "supplier_code", "written_in", "sequence"])
    folded = sa.text('lower(order_number COLLATE "C")')
    op.create_index("purchase_order_search_idx", "purchase_order", ["tenant_id", folded, "order_number"])


def downgrade() -> None:
    op.drop_index("purchase_order_search_idx", "purchase_order")
    op.drop_index("purchase_order_supplier_idx", "purchase_order")
