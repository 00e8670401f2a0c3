"""Debtor transactions entered by people: the role poster, batches with their control totals, and a list by when they were posted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ROLES = "roles <@ array[{}] and cardinality(roles) > 0"
BEFORE = "'viewer', 'sender', 'marker', 'set_up'"
NOW = "'viewer', 'sender', 'marker', 'poster', 'set_up'"

POSTED = """
BEGIN
    IF OLD.status = 'posted' THEN
        RAISE EXCEPTION 'a batch that is posted stays as it was posted'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'debtor_batch_immutable';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.status = 'posted' AND NOT (
        SELECT count(*) = NEW.control_count AND coalesce(sum(amount), 0) = NEW.control_amount
        FROM debtor_batch_item i WHERE i.tenant_id = NEW.tenant_id AND i.batch_id = NEW.batch_id
    ) THEN
        RAISE EXCEPTION 'a batch is posted only where its transactions come to the control total'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'debtor_batch_control_total';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
"""
ITEMS = """
BEGIN
    IF EXISTS (SELECT 1 FROM debtor_batch b WHERE b.status = 'posted'
               AND (b.tenant_id, b.batch_id) IN ((NEW.tenant_id, NEW.batch_id), (OLD.tenant_id, OLD.batch_id))) THEN
        RAISE EXCEPTION 'the transactions of a posted batch stay as they were posted'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'debtor_batch_item_immutable';
    END IF;
    RETURN coalesce(NEW, OLD);
END
"""


def _roles(allowed: str) -> None:
    op.drop_constraint(op.f("app_user_roles_check"), "app_user")
    op.create_check_constraint(op.f("app_user_roles_check"), "app_user", ROLES.format(allowed))


def upgrade() -> None:
    _roles(NOW)
    op.create_index(
        "account_transaction_debtor_sequence_idx",
        "account_transaction",
        ["tenant_id", "sequence"],
        postgresql_where=sa.text("event_type = 'debtor.transaction'"),
    )
    op.create_table(
        "debtor_batch",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, comment="per tenant, for people"),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("currency_digits", sa.Integer(), nullable=False),
        sa.Column("control_count", sa.Integer(), nullable=False),
        sa.Column("control_amount", sa.BigInteger(), nullable=False, comment="debits less credits, with tax"),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("posted_by", sa.Text()),
        sa.Column("posted_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("tenant_id", "batch_id", name=op.f("debtor_batch_pkey")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("debtor_batch_tenant_id_number_key")),
        sa.CheckConstraint("status in ('open', 'posted')", name=op.f("debtor_batch_status_check")),
        sa.CheckConstraint("control_count > 0", name=op.f("debtor_batch_control_count_check")),
        sa.CheckConstraint(
            "(status = 'posted') = (posted_at is not null) and (posted_at is null) = (posted_by is null)", name=op.f("debtor_batch_posted_check")
        ),
    )
    op.create_table(
        "debtor_batch_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False, comment="its form's, and the id of the event that it becomes"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False, comment="with tax, negative where it credits the debtor"),
        sa.Column("data", postgresql.JSONB(), nullable=False, comment="of the event that it becomes"),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), comment="what it was posted as"),
        sa.PrimaryKeyConstraint("tenant_id", "batch_id", "item_id", name=op.f("debtor_batch_item_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "batch_id"],
            ["debtor_batch.tenant_id", "debtor_batch.batch_id"],
            ondelete="CASCADE",
            name=op.f("debtor_batch_item_tenant_id_batch_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "transaction_id"],
            ["account_transaction.tenant_id", "account_transaction.transaction_id"],
            name=op.f("debtor_batch_item_tenant_id_transaction_id_fkey"),
        ),
        sa.UniqueConstraint("tenant_id", "batch_id", "position", name=op.f("debtor_batch_item_tenant_id_batch_id_position_key")),
        sa.UniqueConstraint("tenant_id", "batch_id", "kind", "number", name="debtor_batch_item_number_key"),
    )
    op.execute(f"CREATE FUNCTION debtor_batch_guard() RETURNS trigger LANGUAGE plpgsql AS $${POSTED}$$")
    op.execute(f"CREATE FUNCTION debtor_batch_item_guard() RETURNS trigger LANGUAGE plpgsql AS $${ITEMS}$$")
    op.execute(
        "CREATE TRIGGER debtor_batch_guard BEFORE UPDATE OR DELETE ON debtor_batch FOR EACH ROW EXECUTE FUNCTION debtor_batch_guard()"
    )
    op.execute(
        """CREATE TRIGGER debtor_batch_item_guard BEFORE INSERT OR UPDATE OR DELETE ON debtor_batch_item
        FOR EACH ROW EXECUTE FUNCTION debtor_batch_item_guard()"""
    )


def downgrade() -> None:
    op.drop_table("debtor_batch_item")
    op.drop_table("debtor_batch")
    op.execute("DROP FUNCTION debtor_batch_item_guard()")
    op.execute("DROP FUNCTION debtor_batch_guard()")
    op.drop_index("account_transaction_debtor_sequence_idx", "account_transaction")
    op.execute("UPDATE app_user SET roles = array_remove(roles, 'poster') WHERE 'poster' = ANY(roles) AND cardinality(roles) > 1")
    op.execute("UPDATE app_user SET roles = '{viewer}' WHERE roles = '{poster}'")
    _roles(BEFORE)
