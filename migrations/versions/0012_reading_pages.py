"""What pages need so that they do not read history: orders by supplier and by the beginning of the number, journals by the ERP's number,
and the ledger summed by month.

The mark up to which the ledger is summed has another name, so that a process of before, which would sum days alone, fails at it instead."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

DAYS = "transactions written before it are in ledger_day"
BOTH = f"{DAYS} and ledger_month"
FILL = """
INSERT INTO ledger_month (tenant_id, month, role, account, account_code, debit, credit)
SELECT tenant_id, CAST(date_trunc('month', CAST(accounting_date AS timestamp)) AS date) AS month, role, account, account_code,
       sum(debit), sum(credit)
FROM ledger_day GROUP BY tenant_id, month, role, account, account_code
"""


def upgrade() -> None:
    op.create_index("purchase_order_supplier_idx", "purchase_order", ["tenant_id", "supplier_code", "written_in", "sequence"])
    folded = sa.text('lower(order_number COLLATE "C")')
    op.create_index("purchase_order_search_idx", "purchase_order", ["tenant_id", folded, "order_number"])
    op.create_index("journal_number_idx", "journal", ["tenant_id", "number"], postgresql_where=sa.text("number is not null"))
    op.create_index("ledger_day_charge_code_idx", "ledger_day", ["tenant_id", "charge_code", "account_code"])
    op.create_table(
        "ledger_month",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False, comment="its first day"),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False, comment="empty where the line has none"),
        sa.Column("account_code", sa.Text(), nullable=False),
        sa.Column("debit", sa.Numeric(), nullable=False),
        sa.Column("credit", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "month", "role", "account", "account_code", name=op.f("ledger_month_pkey")),
    )
    op.execute(FILL)
    op.alter_column("ledger_fold", "folded_before", new_column_name="summed_before", comment=BOTH, existing_comment=DAYS)


def downgrade() -> None:
    op.alter_column("ledger_fold", "summed_before", new_column_name="folded_before", comment=DAYS, existing_comment=BOTH)
    op.drop_table("ledger_month")
    op.drop_index("ledger_day_charge_code_idx", "ledger_day")
    op.drop_index("journal_number_idx", "journal")
    op.drop_index("purchase_order_search_idx", "purchase_order")
    op.drop_index("purchase_order_supplier_idx", "purchase_order")
