"""Lines have the accounting date and the place of their transaction, so that an account's are read in order, and no further than a page."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CODED = "charge_code is not null"
COMMENT = "of its transaction, as the next: so that an account is read in order"
CHECK_LINES = """
DECLARE
    found record;
BEGIN
    SELECT bool_or(w.debit <> w.credit OR w.base_debit <> w.base_credit) AS unbalanced,
           bool_or(t.written_in IS NULL) AS orphaned,
           bool_or(t.written_in <> pg_current_xact_id()) AS late,
           bool_or(t.currency = t.base_currency AND w.differ) AS differ,
           bool_or((t.accounting_date, t.accounting_date, t.sequence, t.sequence)
               <> (w.first_date, w.last_date, w.first_sequence, w.last_sequence)) AS elsewhere
    INTO found
    FROM (
        SELECT tenant_id, transaction_id,
               coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0) AS debit,
               coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0) AS credit,
               coalesce(sum(base_amount) FILTER (WHERE side = 'debit'), 0) AS base_debit,
               coalesce(sum(base_amount) FILTER (WHERE side = 'credit'), 0) AS base_credit,
               bool_or(amount <> base_amount) AS differ,
               min(accounting_date) AS first_date, max(accounting_date) AS last_date,
               min(sequence) AS first_sequence, max(sequence) AS last_sequence
        FROM written GROUP BY tenant_id, transaction_id
    ) w
    LEFT JOIN LATERAL (
        SELECT written_in, currency, base_currency, accounting_date, sequence FROM account_transaction
        WHERE tenant_id = w.tenant_id AND transaction_id = w.transaction_id LIMIT 1
    ) t ON true;
    IF found.unbalanced THEN
        RAISE EXCEPTION 'debits and credits differ'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_transaction_balanced';
    ELSIF found.orphaned THEN
        RAISE EXCEPTION 'a line of a transaction that is not there'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'account_transaction_line_of_transaction';
    ELSIF found.late THEN
        RAISE EXCEPTION 'lines are posted together with their transaction'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'account_transaction_immutable';
    ELSIF found.differ THEN
        RAISE EXCEPTION 'in the base currency both amounts are the same'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_transaction_base_amount';
    ELSIF found.elsewhere THEN
        RAISE EXCEPTION 'a line has the accounting date and the sequence of its transaction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_transaction_line_place';
    END IF;
    RETURN NULL;
END
"""
OLD_CHECK_LINES = """
DECLARE
    found record;
BEGIN
    SELECT bool_or(w.debit <> w.credit OR w.base_debit <> w.base_credit) AS unbalanced,
           bool_or(t.written_in IS NULL) AS orphaned,
           bool_or(t.written_in <> pg_current_xact_id()) AS late,
           bool_or(t.currency = t.base_currency AND w.differ) AS differ
    INTO found
    FROM (
        SELECT tenant_id, transaction_id,
               coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0) AS debit,
               coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0) AS credit,
               coalesce(sum(base_amount) FILTER (WHERE side = 'debit'), 0) AS base_debit,
               coalesce(sum(base_amount) FILTER (WHERE side = 'credit'), 0) AS base_credit,
               bool_or(amount <> base_amount) AS differ
        FROM written GROUP BY tenant_id, transaction_id
    ) w
    LEFT JOIN LATERAL (
        SELECT written_in, currency, base_currency FROM account_transaction
        WHERE tenant_id = w.tenant_id AND transaction_id = w.transaction_id LIMIT 1
    ) t ON true;
    IF found.unbalanced THEN
        RAISE EXCEPTION 'debits and credits differ'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_transaction_balanced';
    ELSIF found.orphaned THEN
        RAISE EXCEPTION 'a line of a transaction that is not there'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'account_transaction_line_of_transaction';
    ELSIF found.late THEN
        RAISE EXCEPTION 'lines are posted together with their transaction'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'account_transaction_immutable';
    ELSIF found.differ THEN
        RAISE EXCEPTION 'in the base currency both amounts are the same'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_transaction_base_amount';
    END IF;
    RETURN NULL;
END
"""
FILL = """
UPDATE account_transaction_line l SET accounting_date = t.accounting_date, sequence = t.sequence
FROM account_transaction t WHERE t.tenant_id = l.tenant_id AND t.transaction_id = l.transaction_id
"""


def upgrade() -> None:
    op.drop_index("account_transaction_line_charge_code_idx", "account_transaction_line", postgresql_where=sa.text(CODED))
    op.drop_index("account_transaction_line_account_code_idx", "account_transaction_line")
    op.add_column("account_transaction_line", sa.Column("accounting_date", sa.Date(), comment=COMMENT))
    op.add_column("account_transaction_line", sa.Column("sequence", sa.BigInteger()))
    op.execute("ALTER TABLE account_transaction_line DISABLE TRIGGER account_transaction_line_immutable")
    op.execute(FILL)
    op.execute("ALTER TABLE account_transaction_line ENABLE TRIGGER account_transaction_line_immutable")
    op.alter_column("account_transaction_line", "accounting_date", nullable=False)
    op.alter_column("account_transaction_line", "sequence", nullable=False)
    place = ["accounting_date", "sequence", "line"]
    op.create_index("account_transaction_line_account_code_idx", "account_transaction_line", ["tenant_id", "account_code", *place])
    op.create_index(
        "account_transaction_line_charge_code_idx",
        "account_transaction_line",
        ["tenant_id", "charge_code", *place],
        postgresql_where=sa.text(CODED),
    )
    _check(CHECK_LINES)


def downgrade() -> None:
    _check(OLD_CHECK_LINES)
    op.drop_index("account_transaction_line_charge_code_idx", "account_transaction_line", postgresql_where=sa.text(CODED))
    op.drop_index("account_transaction_line_account_code_idx", "account_transaction_line")
    op.drop_column("account_transaction_line", "sequence")
    op.drop_column("account_transaction_line", "accounting_date")
    op.create_index("account_transaction_line_account_code_idx", "account_transaction_line", ["tenant_id", "account_code"])
    op.create_index(
        "account_transaction_line_charge_code_idx",
        "account_transaction_line",
        ["tenant_id", "charge_code", "account_code"],
        postgresql_where=sa.text(CODED),
    )


def _check(lines: str) -> None:
    op.execute(f"CREATE OR REPLACE FUNCTION account_transaction_check_lines() RETURNS trigger LANGUAGE plpgsql AS $${lines}$$")
