"""The money rules in the database itself: balanced, never empty, never changed; a sent journal stays as it is."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "account_transaction_check_lines": """
BEGIN
    IF EXISTS (
        SELECT 1 FROM written
        GROUP BY tenant_id, transaction_id
        HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0
            OR sum(CASE side WHEN 'debit' THEN base_amount ELSE -base_amount END) <> 0
    ) THEN
        RAISE EXCEPTION 'debits and credits differ'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_transaction_balanced';
    END IF;
    IF EXISTS (
        SELECT 1 FROM written JOIN account_transaction USING (tenant_id, transaction_id)
        WHERE written_in <> pg_current_xact_id()
    ) THEN
        RAISE EXCEPTION 'lines are posted together with their transaction'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'account_transaction_immutable';
    END IF;
    IF EXISTS (
        SELECT 1 FROM written JOIN account_transaction USING (tenant_id, transaction_id)
        WHERE currency = base_currency AND amount <> base_amount
    ) THEN
        RAISE EXCEPTION 'in the base currency both amounts are the same'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_transaction_base_amount';
    END IF;
    RETURN NULL;
END
""",
    "account_transaction_check_not_empty": """
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM account_transaction_line
        WHERE tenant_id = NEW.tenant_id AND transaction_id = NEW.transaction_id
    ) THEN
        RAISE EXCEPTION 'a transaction without lines'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_transaction_not_empty';
    END IF;
    RETURN NULL;
END
""",
    "account_transaction_refuse_change": """
BEGIN
    RAISE EXCEPTION 'what is posted is never changed'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'account_transaction_immutable';
END
""",
    "journal_refuse_change": """
BEGIN
    RAISE EXCEPTION 'a sent journal never changes, no journal is deleted, and a reference is fixed for life'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'journal_immutable';
END
""",
}

TRIGGERS = {
    "account_transaction_balanced": (
        "account_transaction_line",
        "AFTER INSERT ON account_transaction_line REFERENCING NEW TABLE AS written FOR EACH STATEMENT",
        "account_transaction_check_lines",
    ),
    "account_transaction_immutable": (
        "account_transaction",
        "BEFORE UPDATE OR DELETE OR TRUNCATE ON account_transaction FOR EACH STATEMENT",
        "account_transaction_refuse_change",
    ),
    "account_transaction_line_immutable": (
        "account_transaction_line",
        "BEFORE UPDATE OR DELETE OR TRUNCATE ON account_transaction_line FOR EACH STATEMENT",
        "account_transaction_refuse_change",
    ),
    "journal_transaction_immutable": (
        "journal_transaction",
        "BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_transaction FOR EACH STATEMENT",
        "journal_refuse_change",
    ),
    "journal_sent_immutable": (
        "journal",
        "BEFORE UPDATE ON journal FOR EACH ROW WHEN (OLD.status = 'sent' OR OLD.reference <> NEW.reference)",
        "journal_refuse_change",
    ),
    "journal_kept": ("journal", "BEFORE DELETE OR TRUNCATE ON journal FOR EACH STATEMENT", "journal_refuse_change"),
}


def upgrade() -> None:
    for name, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
    for name, (_, when, function) in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}()")
    op.execute(
        "CREATE CONSTRAINT TRIGGER account_transaction_not_empty AFTER INSERT ON account_transaction"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION account_transaction_check_not_empty()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER account_transaction_not_empty ON account_transaction")
    for name, (table, _, _) in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
