"""The statements that read the ledger by account, and that sum it by day."""

JOINED = """account_transaction t
JOIN account_transaction_line l ON l.tenant_id = t.tenant_id AND l.transaction_id = t.transaction_id"""
SIDES = """CASE l.side WHEN 'debit' THEN l.base_amount ELSE 0 END AS debit,
       CASE l.side WHEN 'credit' THEN l.base_amount ELSE 0 END AS credit"""
SUMS = f"""
WITH sums AS (
    SELECT accounting_date, role, account, account_code, charge_code, debit, credit FROM ledger_day WHERE tenant_id = :tenant_id
    UNION ALL
    SELECT t.accounting_date, l.role, coalesce(l.account, ''), l.account_code, coalesce(l.charge_code, ''), {SIDES}
    FROM {JOINED}
    WHERE t.tenant_id = :tenant_id
      AND t.written_in >= CAST(CAST(:folded AS text) AS xid8)
)
"""  # noqa: S608 - built from constants, like all statements here
MONTHS = f"""
WITH sums AS (
    SELECT role, account, account_code, debit, credit FROM ledger_month WHERE tenant_id = :tenant_id AND month < :month
    UNION ALL
    SELECT role, account, account_code, debit, credit FROM ledger_day
    WHERE tenant_id = :tenant_id AND accounting_date >= :month AND accounting_date < :until
    UNION ALL
    SELECT l.role, coalesce(l.account, ''), l.account_code, {SIDES}
    FROM {JOINED}
    WHERE t.tenant_id = :tenant_id
      AND t.written_in >= CAST(CAST(:folded AS text) AS xid8) AND t.accounting_date < :until
)
"""  # noqa: S608
BY_CHARGE_CODE = f"""{SUMS}
SELECT account_code, account, charge_code, sum(debit) AS debit, sum(credit) AS credit FROM sums
WHERE accounting_date <= :as_of GROUP BY account_code, account, charge_code ORDER BY account_code, account, charge_code
"""  # noqa: S608
BY_ACCOUNT = f"""{MONTHS}
SELECT account_code, account, sum(debit) AS debit, sum(credit) AS credit FROM sums
GROUP BY account_code, account ORDER BY account_code, account
"""  # noqa: S608
BY_ROLE = f"{MONTHS} SELECT role, sum(credit - debit) AS balance FROM sums GROUP BY role"  # noqa: S608
OF_ACCOUNT = f"{MONTHS} SELECT coalesce(sum(debit - credit), 0) FROM sums WHERE {{kind}} = :value"  # noqa: S608
OF_CODE = f"""{SUMS}
SELECT coalesce(sum(debit - credit), 0) FROM sums WHERE {{kind}} = :value AND accounting_date < :until {{narrowed}}
"""  # noqa: S608
OF_LINES = f"""
SELECT coalesce(sum(debit - credit), 0) FROM (
    SELECT {SIDES} FROM {JOINED}
    WHERE t.tenant_id = :tenant_id AND l.{{kind}} = :value {{span}} {{narrowed}}
) AS lines
"""  # noqa: S608
OF_DAY = f"""
SELECT coalesce(sum(debit - credit), 0) FROM (
    SELECT {SIDES} FROM account_transaction_line l
    WHERE l.tenant_id = :tenant_id AND l.{{kind}} = :value AND l.accounting_date = :day AND (l.sequence, l.line) <= (:sequence, :line)
      {{narrowed}}
) AS lines
"""  # noqa: S608
BEFORE = "AND t.accounting_date < :before"
THROUGH = "AND (t.accounting_date, t.sequence, l.line) <= (:day, :sequence, :line)"
COLUMNS = """t.accounting_date, t.sequence, l.line, t.transaction_id, t.event_type, t.subject_type, t.subject_number, t.supplier_code,
       t.document_type, t.document_number, t.document_date, t.currency, t.currency_digits, l.role, l.account, l.account_code,
       l.charge_code, l.order_line, l.side, l.amount, l.base_amount, l.description"""
LINES = f"""
SELECT {COLUMNS}
FROM {JOINED}
WHERE t.tenant_id = :tenant_id AND l.{{kind}} = :value AND t.accounting_date >= :day AND t.accounting_date <= :date_to
  AND (t.accounting_date, t.sequence) >= (:day, :sequence) AND (t.accounting_date, t.sequence, l.line) > (:day, :sequence, :line)
  {{narrowed}}
ORDER BY t.accounting_date, t.sequence, l.line LIMIT :limit
"""  # noqa: S608
PAGE = f"""
SELECT {COLUMNS}
FROM (
    SELECT * FROM account_transaction_line l
    WHERE l.tenant_id = :tenant_id AND l.{{kind}} = :value AND l.accounting_date <= :date_to
      AND (l.accounting_date, l.sequence, l.line) > (:day, :sequence, :line) {{narrowed}}
    ORDER BY l.accounting_date, l.sequence, l.line LIMIT :limit
) l
CROSS JOIN LATERAL (
    SELECT * FROM account_transaction WHERE tenant_id = :tenant_id AND transaction_id = l.transaction_id LIMIT 1
) t
ORDER BY l.accounting_date, l.sequence, l.line
"""  # noqa: S608
"""The same, where the lines alone tell what is wanted: they are walked in order, no further than the page."""
OF_CHARGE_CODE = "AND {line}charge_code = :charge_code"
OF_SUBJECT = "AND t.subject_type = :subject_type AND t.subject_number = :subject_number"
IN_JOURNAL = """AND t.transaction_id IN (
    SELECT m.transaction_id FROM journal j JOIN journal_transaction m ON m.tenant_id = j.tenant_id AND m.journal_id = j.journal_id
    WHERE j.tenant_id = :tenant_id AND (j.reference = :journal OR j.number = :journal))"""
ORDER_BALANCES = """
SELECT order_number, entry ->> 0 AS role, sum((entry ->> 5)::numeric) AS document, sum((entry ->> 6)::numeric) AS base
FROM (
    SELECT order_number, posted FROM purchase_order WHERE tenant_id = :tenant_id AND order_number = ANY(:orders)
    UNION ALL SELECT order_number, posted FROM purchase_order_line WHERE tenant_id = :tenant_id AND order_number = ANY(:orders)
) AS kept, jsonb_array_elements(posted) AS entry
GROUP BY order_number, entry ->> 0
"""
FOLDED = "SELECT summed_before::text FROM ledger_fold WHERE tenant_id = :tenant_id"
FOLD_BEGIN = "INSERT INTO ledger_fold (tenant_id, summed_before) VALUES (:tenant_id, '0') ON CONFLICT (tenant_id) DO NOTHING"
FOLD_LOCK = """
SELECT summed_before::text AS done, pg_snapshot_xmin(pg_current_snapshot())::text AS until
FROM ledger_fold WHERE tenant_id = :tenant_id FOR UPDATE SKIP LOCKED
"""
FOLD_WAITING = """
SELECT count(*) FROM (
    SELECT 1 FROM account_transaction WHERE tenant_id = :tenant_id AND written_in >= CAST(CAST(:done AS text) AS xid8) LIMIT :most
) AS waiting
"""
FOLD = f"""
WITH posted AS MATERIALIZED (
    SELECT t.accounting_date, CAST(date_trunc('month', CAST(t.accounting_date AS timestamp)) AS date) AS month,
           l.role, coalesce(l.account, '') AS account, l.account_code, coalesce(l.charge_code, '') AS charge_code, {SIDES}
    FROM {JOINED}
    WHERE t.tenant_id = :tenant_id
      AND t.written_in >= CAST(CAST(:done AS text) AS xid8) AND t.written_in < CAST(CAST(:until AS text) AS xid8)
), months AS (
    INSERT INTO ledger_month (tenant_id, month, role, account, account_code, debit, credit)
    SELECT :tenant_id, month, role, account, account_code, sum(debit), sum(credit) FROM posted GROUP BY month, role, account, account_code
    ON CONFLICT (tenant_id, month, role, account, account_code)
    DO UPDATE SET debit = ledger_month.debit + excluded.debit, credit = ledger_month.credit + excluded.credit
)
INSERT INTO ledger_day (tenant_id, accounting_date, role, account, account_code, charge_code, debit, credit)
SELECT :tenant_id, accounting_date, role, account, account_code, charge_code, sum(debit), sum(credit) FROM posted
GROUP BY accounting_date, role, account, account_code, charge_code
ON CONFLICT (tenant_id, accounting_date, role, account, account_code, charge_code)
DO UPDATE SET debit = ledger_day.debit + excluded.debit, credit = ledger_day.credit + excluded.credit
"""  # noqa: S608
FOLD_END = """
UPDATE ledger_fold SET summed_before = CAST(CAST(:until AS text) AS xid8)
WHERE tenant_id = :tenant_id AND summed_before < CAST(CAST(:until AS text) AS xid8)
"""
