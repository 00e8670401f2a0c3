"""Delivery in full: daily journals and what an endpoint omits, every step kept, limits and breaker shared, polling, batches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHECK_MEMBERS = """
BEGIN
    IF EXISTS (
        SELECT 1 FROM written JOIN journal USING (tenant_id, journal_id)
        WHERE NOT (status = 'open' OR (status = 'marked_as_sent' AND reason_code = 'opening'))
    ) THEN
        RAISE EXCEPTION 'only an open journal takes a transaction'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'journal_immutable';
    END IF;
    IF EXISTS (
        SELECT 1 FROM written w JOIN journal j USING (tenant_id, journal_id)
        WHERE NOT j.gathering AND EXISTS (
            SELECT 1 FROM journal_transaction other
            WHERE other.tenant_id = w.tenant_id AND other.journal_id = w.journal_id AND other.transaction_id <> w.transaction_id)
    ) THEN
        RAISE EXCEPTION 'only a gathering journal takes a further transaction'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'journal_immutable';
    END IF;
    RETURN NULL;
END
"""


def upgrade() -> None:
    _journals()
    _history()
    _flow()
    _polling()
    _batches()
    op.create_table(
        "erp_reference_data",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("accounts", postgresql.JSONB(), nullable=False, comment="codes that the ERP posts to"),
        sa.Column("open_periods", postgresql.JSONB(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "endpoint", name=op.f("erp_reference_data_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint"],
            ["erp_endpoint.tenant_id", "erp_endpoint.name"],
            name=op.f("erp_reference_data_tenant_id_endpoint_fkey"),
            ondelete="CASCADE",
        ),
    )


def _journals() -> None:
    op.add_column("journal", sa.Column("gathering", sa.Boolean(), server_default="false", nullable=False, comment="takes late transactions"))
    op.add_column("journal", sa.Column("part", sa.Text(), server_default="all", nullable=False, comment="which ledger's lines it carries"))
    op.add_column("journal", sa.Column("omit", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("journal", sa.Column("posting_date", sa.Date(), comment="sent in place of the accounting date, where a person said so"))
    op.create_check_constraint(op.f("journal_part_check"), "journal", "part in ('all', 'actual', 'commitment')")
    op.create_check_constraint(op.f("journal_gathering_check"), "journal", "not gathering or status in ('open', 'valid', 'invalid')")
    op.create_index(
        "journal_gathering_key",
        "journal",
        ["tenant_id", "endpoint", "accounting_date", "currency", "part", "omit"],
        unique=True,
        postgresql_where=sa.text("gathering"),
    )
    op.create_index(
        "journal_unknown_idx", "journal", ["tenant_id", "endpoint"], postgresql_where=sa.text("status = 'unknown'")
    )
    op.add_column("journal_transaction", sa.Column("part", sa.Text(), server_default="all", nullable=False))
    for column in ("debit_total", "base_debit_total"):
        op.add_column("journal_transaction", sa.Column(column, sa.BigInteger(), server_default="0", nullable=False))
    op.execute("ALTER TABLE journal_transaction DISABLE TRIGGER journal_transaction_immutable")
    op.execute(
        "UPDATE journal_transaction jt SET debit_total = j.debit_total, base_debit_total = j.base_debit_total FROM journal j"
        " WHERE j.tenant_id = jt.tenant_id AND j.journal_id = jt.journal_id"
    )
    op.execute("ALTER TABLE journal_transaction ENABLE TRIGGER journal_transaction_immutable")
    for column in ("debit_total", "base_debit_total"):
        op.alter_column("journal_transaction", column, server_default=None)
    op.drop_constraint(op.f("journal_transaction_tenant_id_transaction_id_endpoint_key"), "journal_transaction")
    op.create_unique_constraint(
        op.f("journal_transaction_tenant_id_transaction_id_endpoint_part_key"),
        "journal_transaction",
        ["tenant_id", "transaction_id", "endpoint", "part"],
    )
    op.execute(f"CREATE FUNCTION journal_check_members() RETURNS trigger LANGUAGE plpgsql AS $${CHECK_MEMBERS}$$")
    op.execute(
        "CREATE TRIGGER journal_transaction_open AFTER INSERT ON journal_transaction REFERENCING NEW TABLE AS written"
        " FOR EACH STATEMENT EXECUTE FUNCTION journal_check_members()"
    )


def _history() -> None:
    op.create_table(
        "journal_step",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="a key's name, or worker"),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False, comment="of the journal after it"),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("tenant_id", "step_id", name=op.f("journal_step_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "journal_id"], ["journal.tenant_id", "journal.journal_id"], name=op.f("journal_step_tenant_id_journal_id_fkey")
        ),
    )
    op.create_index(op.f("journal_step_tenant_id_journal_id_step_id_idx"), "journal_step", ["tenant_id", "journal_id", "step_id"])
    op.execute(
        "CREATE TRIGGER journal_step_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_step"
        " FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse_change()"
    )


def _flow() -> None:
    op.create_table(
        "endpoint_flow",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False, comment="calls in a row that got no answer"),
        sa.Column("open_until", sa.DateTime(timezone=True), comment="the breaker: no calls until then, one probe after it"),
        sa.Column("bucket_full_at", sa.DateTime(timezone=True), comment="the token bucket: when it is full again"),
        sa.PrimaryKeyConstraint("tenant_id", "endpoint", name=op.f("endpoint_flow_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint"],
            ["erp_endpoint.tenant_id", "erp_endpoint.name"],
            name=op.f("endpoint_flow_tenant_id_endpoint_fkey"),
            ondelete="CASCADE",
        ),
    )
    op.execute("INSERT INTO endpoint_flow (tenant_id, endpoint) SELECT tenant_id, name FROM erp_endpoint")
    op.create_index(
        "lane_leased_idx", "lane", ["tenant_id", "endpoint", "leased_until"], postgresql_where=sa.text("leased_until is not null")
    )


def _polling() -> None:
    op.add_column(
        "delivery",
        sa.Column("validation_wanted", sa.Boolean(), server_default="false", nullable=False, comment="a polling ERP is to check it"),
    )
    op.create_table(
        "poll_lease",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=False, comment="the attempt's id too"),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("lane_key", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", postgresql.JSONB(), comment="as answered; another one for the same lease is refused"),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("tenant_id", "lease_id", name=op.f("poll_lease_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "journal_id"], ["journal.tenant_id", "journal.journal_id"], name=op.f("poll_lease_tenant_id_journal_id_fkey")
        ),
        sa.CheckConstraint("purpose in ('validate', 'post')", name=op.f("poll_lease_purpose_check")),
    )
    op.create_index(op.f("poll_lease_tenant_id_journal_id_idx"), "poll_lease", ["tenant_id", "journal_id"])


def _batches() -> None:
    op.create_table(
        "batch",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "batch_id", name=op.f("batch_pkey")),
        sa.CheckConstraint("kind in ('validate', 'send')", name=op.f("batch_kind_check")),
    )
    op.create_table(
        "batch_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), comment="null while it has not been worked on"),
        sa.Column("problem", postgresql.JSONB(), comment="why nothing could be done about it"),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("tenant_id", "batch_id", "position", name=op.f("batch_item_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "batch_id"], ["batch.tenant_id", "batch.batch_id"], name=op.f("batch_item_tenant_id_batch_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "journal_id"], ["journal.tenant_id", "journal.journal_id"], name=op.f("batch_item_tenant_id_journal_id_fkey")
        ),
    )
    op.create_index(
        "batch_item_waiting_idx", "batch_item", ["tenant_id", "batch_id", "endpoint", "position"], postgresql_where=sa.text("outcome is null")
    )


def downgrade() -> None:
    for table in ("erp_reference_data", "batch_item", "batch", "poll_lease"):
        op.drop_table(table)
    op.drop_column("delivery", "validation_wanted")
    op.drop_index("lane_leased_idx", table_name="lane")
    op.drop_table("endpoint_flow")
    op.drop_table("journal_step")
    op.execute("DROP TRIGGER journal_transaction_open ON journal_transaction")
    op.execute("DROP FUNCTION journal_check_members()")
    op.drop_constraint(op.f("journal_transaction_tenant_id_transaction_id_endpoint_part_key"), "journal_transaction")
    op.create_unique_constraint(
        op.f("journal_transaction_tenant_id_transaction_id_endpoint_key"), "journal_transaction", ["tenant_id", "transaction_id", "endpoint"]
    )
    for column in ("base_debit_total", "debit_total", "part"):
        op.drop_column("journal_transaction", column)
    op.drop_index("journal_unknown_idx", table_name="journal")
    op.drop_index("journal_gathering_key", table_name="journal")
    op.drop_constraint(op.f("journal_gathering_check"), "journal")
    op.drop_constraint(op.f("journal_part_check"), "journal")
    for column in ("posting_date", "omit", "part", "gathering"):
        op.drop_column("journal", column)
