"""What lists need so that they do not walk through history: orders by status, events by type and by what became of them, transactions by
type, by accounting date and by charge code."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NOT_POSTED = "status <> 'posted'"
CODED = "charge_code is not null"


def upgrade() -> None:
    op.create_index("purchase_order_status_idx", "purchase_order", ["tenant_id", "status", "written_in", "sequence"])
    op.create_index("event_type_idx", "event", ["tenant_id", "type", "written_in", "arrival"])
    not_posted = sa.text(NOT_POSTED)
    op.create_index("event_not_posted_idx", "event", ["tenant_id", "status", "written_in", "arrival"], postgresql_where=not_posted)
    op.create_index("account_transaction_type_idx", "account_transaction", ["tenant_id", "event_type", "written_in", "sequence"])
    op.create_index("account_transaction_day_idx", "account_transaction", ["tenant_id", "accounting_date", "written_in", "sequence"])
    op.create_index(
        "account_transaction_line_charge_code_idx",
        "account_transaction_line",
        ["tenant_id", "charge_code", "account_code"],
        postgresql_where=sa.text(CODED),
    )


def downgrade() -> None:
    op.drop_index("account_transaction_line_charge_code_idx", "account_transaction_line", postgresql_where=sa.text(CODED))
    op.drop_index("account_transaction_day_idx", "account_transaction")
    op.drop_index("account_transaction_type_idx", "account_transaction")
    op.drop_index("event_not_posted_idx", "event", postgresql_where=sa.text(NOT_POSTED))
    op.drop_index("event_type_idx", "event")
    op.drop_index("purchase_order_status_idx", "purchase_order")
