"""What reports need so that they do not read history: which lines carry a balance, and the ledger summed by day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import UserDefinedType

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CARRIES = """posted @? '$[*] ? (@[0] == "estimate" || @[0] == "grni")'"""
MAY_NET_TO_ZERO = "state ->> 'closed' = 'false' AND (state ->> 'received')::numeric <> (state ->> 'invoiced')::numeric"


class Xid8(UserDefinedType):
    def get_col_spec(self, **_):
        return "xid8"


def upgrade() -> None:
    for table, condition in (("purchase_order", CARRIES), ("purchase_order_line", f"{CARRIES} OR {MAY_NET_TO_ZERO}")):
        op.add_column(table, sa.Column("outstanding", sa.Boolean(), server_default="true", nullable=False))
        op.execute(f"UPDATE {table} SET outstanding = false WHERE NOT ({condition})")
    where = sa.text("outstanding")
    op.create_index("purchase_order_outstanding_idx", "purchase_order", ["tenant_id", "order_number"], postgresql_where=where)
    op.create_index(
        "purchase_order_line_outstanding_idx", "purchase_order_line", ["tenant_id", "order_number", "line_number"], postgresql_where=where
    )
    op.create_index(op.f("order_event_tenant_id_accounting_date_idx"), "order_event", ["tenant_id", "accounting_date"])
    op.create_index(
        op.f("account_transaction_tenant_id_accounting_date_sequence_idx"),
        "account_transaction",
        ["tenant_id", "accounting_date", "sequence"],
    )
    op.drop_index(op.f("account_transaction_tenant_id_accounting_date_idx"), table_name="account_transaction")
    op.create_table(
        "ledger_fold",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("folded_before", Xid8(), nullable=False, comment="transactions written before it are in ledger_day"),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("ledger_fold_pkey")),
    )
    op.create_table(
        "ledger_day",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("accounting_date", sa.Date(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False, comment="empty where the line has none"),
        sa.Column("account_code", sa.Text(), nullable=False),
        sa.Column("charge_code", sa.Text(), nullable=False, comment="empty where the line has none"),
        sa.Column("debit", sa.Numeric(), nullable=False),
        sa.Column("credit", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "accounting_date", "role", "account", "account_code", "charge_code", name=op.f("ledger_day_pkey")
        ),
    )


def downgrade() -> None:
    op.drop_table("ledger_day")
    op.drop_table("ledger_fold")
    op.create_index(op.f("account_transaction_tenant_id_accounting_date_idx"), "account_transaction", ["tenant_id", "accounting_date"])
    op.drop_index(op.f("account_transaction_tenant_id_accounting_date_sequence_idx"), table_name="account_transaction")
    op.drop_index(op.f("order_event_tenant_id_accounting_date_idx"), table_name="order_event")
    for table in ("purchase_order_line", "purchase_order"):
        op.drop_index(f"{table}_outstanding_idx", table_name=table, postgresql_where=sa.text("outstanding"))
        op.drop_column(table, "outstanding")
