"""Debtor transactions: GL interface records, the dissection option, master data, the numbers used, and what transactions carry."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ACCOUNTS = ("trade_debtors_account", "invoice_account", "journal_account", "tax_account")

KEPT = """
BEGIN
    RAISE EXCEPTION 'a number that was used stays used, and is reversed once'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'debtor_document_immutable';
END
"""
TRIGGERS = {
    "debtor_document_immutable": """BEFORE UPDATE ON debtor_document FOR EACH ROW
        WHEN (OLD.reversed_by IS NOT NULL OR to_jsonb(OLD) - 'reversed_by' <> to_jsonb(NEW) - 'reversed_by')""",
    "debtor_document_kept": "BEFORE DELETE OR TRUNCATE ON debtor_document FOR EACH STATEMENT",
}


def _key(table: str, column: str, other: str, other_column: str = "code") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{other}.tenant_id", f"{other}.{other_column}"], name=op.f(f"{table}_tenant_id_{column}_fkey")
    )


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"{table}_tenant_id_{column}_idx"), table, ["tenant_id", column])


def upgrade() -> None:
    op.create_table(
        "gl_interface",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ACCOUNTS),
        sa.Column("for_warehouse", sa.Text(), comment="with for_debtors: the pair that it is for, which need not be set up yet"),
        sa.Column("for_debtors", sa.Text(), comment="a debtor or a sales territory, whichever is the debtors key"),
        sa.PrimaryKeyConstraint("tenant_id", "code", name=op.f("gl_interface_pkey")),
        *(_key("gl_interface", name, "account", "name") for name in ACCOUNTS),
        sa.UniqueConstraint("tenant_id", "for_warehouse", "for_debtors", name=op.f("gl_interface_tenant_id_for_warehouse_for_debtors_key")),
        sa.CheckConstraint("(for_warehouse is null) = (for_debtors is null)", name=op.f("gl_interface_pair_check")),
        sa.CheckConstraint(
            "trade_debtors_account not in (invoice_account, journal_account, tax_account)", name=op.f("gl_interface_control_check")
        ),
    )
    op.create_table(
        "debtor_dissection",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("option", sa.Text(), nullable=False),
        sa.Column("warehouse_key", sa.Text(), nullable=False),
        sa.Column("debtors_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("debtor_dissection_pkey")),
        sa.CheckConstraint(
            "option in ('total', 'combination', 'dissect', 'gl_dissect')", name=op.f("debtor_dissection_option_check")
        ),
        sa.CheckConstraint("warehouse_key in ('none', 'warehouse')", name=op.f("debtor_dissection_warehouse_key_check")),
        sa.CheckConstraint("debtors_key in ('none', 'debtor', 'sales_territory')", name=op.f("debtor_dissection_debtors_key_check")),
        sa.CheckConstraint(
            "option = 'combination' or (warehouse_key = 'none' and debtors_key = 'none')", name=op.f("debtor_dissection_keys_check")
        ),
    )
    for table in ("warehouse", "sales_territory"):
        op.create_table(
            table,
            sa.Column("tenant_id", sa.Uuid(), nullable=False),
            sa.Column("code", sa.Text(), nullable=False),
            sa.Column("name", sa.Text(), nullable=False),
            sa.Column("gl_interface", sa.Text()),
            sa.PrimaryKeyConstraint("tenant_id", "code", name=op.f(f"{table}_pkey")),
            _key(table, "gl_interface", "gl_interface"),
        )
        _indexes(table, "gl_interface")
    op.create_table(
        "debtor",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sales_territory", sa.Text(), nullable=False),
        sa.Column("gl_interface", sa.Text()),
        sa.Column("default_warehouse", sa.Text()),
        sa.PrimaryKeyConstraint("tenant_id", "code", name=op.f("debtor_pkey")),
        _key("debtor", "sales_territory", "sales_territory"),
        _key("debtor", "gl_interface", "gl_interface"),
        _key("debtor", "default_warehouse", "warehouse"),
    )
    _indexes("debtor", "sales_territory", "gl_interface", "default_warehouse")
    op.create_table(
        "debtor_document",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("reversed_by", sa.Uuid(), comment="the event that reversed it: once"),
        sa.Column("debtor", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text()),
        sa.Column("sales_territory", sa.Text(), nullable=False),
        sa.Column("gl_interfaces", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "number", name=op.f("debtor_document_pkey")),
        _key("debtor_document", "event_id", "event", "event_id"),
        _key("debtor_document", "reversed_by", "event", "event_id"),
        _key("debtor_document", "debtor", "debtor"),
        _key("debtor_document", "warehouse", "warehouse"),
        _key("debtor_document", "sales_territory", "sales_territory"),
        sa.CheckConstraint("kind in ('invoice', 'credit_note', 'journal_debit', 'journal_credit')", name=op.f("debtor_document_kind_check")),
        sa.CheckConstraint("cardinality(gl_interfaces) > 0", name=op.f("debtor_document_gl_interfaces_check")),
        sa.CheckConstraint("reversed_by <> event_id", name=op.f("debtor_document_reversed_by_check")),
    )
    _indexes("debtor_document", "debtor", "warehouse", "sales_territory")
    op.create_index("debtor_document_gl_interfaces_idx", "debtor_document", ["gl_interfaces"], postgresql_using="gin")
    op.execute(f"CREATE FUNCTION debtor_document_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $${KEPT}$$")
    for name, when in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION debtor_document_refuse_change()")
    op.add_column("account_transaction", sa.Column("warehouse", sa.Text()))
    op.add_column("account_transaction", sa.Column("sales_territory", sa.Text()))
    op.add_column(
        "account_transaction", sa.Column("gl_interfaces", postgresql.ARRAY(sa.Text()), comment="the records whose accounts it took")
    )
    op.create_index(
        "account_transaction_debtor_idx",
        "account_transaction",
        ["tenant_id", "accounting_date"],
        postgresql_where=sa.text("subject_type = 'debtor'"),
    )
    op.create_check_constraint(
        op.f("account_transaction_debtor_check"), "account_transaction", "(subject_type = 'debtor') = (gl_interfaces is not null)"
    )


def downgrade() -> None:
    op.drop_index("account_transaction_debtor_idx", table_name="account_transaction")
    op.drop_constraint(op.f("account_transaction_debtor_check"), "account_transaction")
    for column in ("gl_interfaces", "sales_territory", "warehouse"):
        op.drop_column("account_transaction", column)
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON debtor_document")
    op.execute("DROP FUNCTION debtor_document_refuse_change()")
    for table in ("debtor_document", "debtor", "sales_territory", "warehouse", "debtor_dissection", "gl_interface"):
        op.drop_table(table)
