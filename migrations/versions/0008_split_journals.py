"""Transactions with more lines than an ERP takes in one journal: which group of them a journal carries, and how many lines are in it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ONE_PER_PART = "journal_transaction_tenant_id_transaction_id_endpoint_part_key"


def upgrade() -> None:
    op.add_column("erp_endpoint", sa.Column("max_lines", sa.Integer(), comment="of a journal, as its adapter says; null = any number"))
    op.add_column("journal", sa.Column("most_lines", sa.Integer(), comment="its transaction has more: this is one of the groups of at most so many"))
    op.add_column("journal", sa.Column("group_number", sa.Integer(), server_default="1", nullable=False))
    op.create_check_constraint(
        op.f("journal_group_check"), "journal", "group_number >= 1 and (most_lines >= 2 or (most_lines is null and group_number = 1))"
    )
    op.add_column("journal_transaction", sa.Column("group_number", sa.Integer(), server_default="1", nullable=False))
    op.add_column(
        "journal_transaction",
        sa.Column("lines", sa.Integer(), server_default="0", nullable=False, comment="how many of the transaction's the journal carries"),
    )
    op.execute("ALTER TABLE journal_transaction DISABLE TRIGGER journal_transaction_immutable")
    op.execute("""
        UPDATE journal_transaction m SET lines = (
            SELECT count(*) FROM account_transaction_line l WHERE l.tenant_id = m.tenant_id AND l.transaction_id = m.transaction_id)
        FROM journal j WHERE j.tenant_id = m.tenant_id AND j.journal_id = m.journal_id AND j.gathering
    """)
    op.execute("ALTER TABLE journal_transaction ENABLE TRIGGER journal_transaction_immutable")
    op.drop_constraint(op.f(ONE_PER_PART), "journal_transaction")
    op.create_unique_constraint(
        "journal_transaction_group_key", "journal_transaction", ["tenant_id", "transaction_id", "endpoint", "part", "group_number"]
    )


def downgrade() -> None:
    """Refused where a transaction is in several journals of a part: what was sent cannot be put together again."""
    op.drop_constraint("journal_transaction_group_key", "journal_transaction")
    op.create_unique_constraint(op.f(ONE_PER_PART), "journal_transaction", ["tenant_id", "transaction_id", "endpoint", "part"])
    for column in ("lines", "group_number"):
        op.drop_column("journal_transaction", column)
    op.drop_constraint(op.f("journal_group_check"), "journal")
    for column in ("group_number", "most_lines"):
        op.drop_column("journal", column)
    op.drop_column("erp_endpoint", "max_lines")
