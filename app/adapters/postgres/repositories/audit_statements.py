"""The auditor's statements. Each names the tenant and reads one order, one entry or one page of the log; those at the end read
everything once, and answer with little."""

from app.adapters.postgres.repositories.ledger_statements import JOINED, SIDES

ORDER_NUMBERS = """
SELECT number FROM (
    (SELECT order_number AS number FROM purchase_order
     WHERE tenant_id = :tenant_id AND order_number > :after ORDER BY 1 LIMIT :limit)
    UNION (SELECT DISTINCT order_number FROM order_event
     WHERE tenant_id = :tenant_id AND order_number > :after ORDER BY 1 LIMIT :limit)
    UNION (SELECT DISTINCT subject_number FROM account_transaction
     WHERE tenant_id = :tenant_id AND subject_type = 'order' AND subject_number > :after ORDER BY 1 LIMIT :limit)
) AS named ORDER BY number LIMIT :limit
"""
ORDER = """
SELECT supplier_code, supplier_name, currency, status, version, manager_version, state, posted
FROM purchase_order WHERE tenant_id = :tenant_id AND order_number = :number
"""
ORDER_LINES = "SELECT line_number, state, posted FROM purchase_order_line WHERE tenant_id = :tenant_id AND order_number = :number"
INVOICES = "SELECT supplier_code, number, state FROM order_invoice WHERE tenant_id = :tenant_id AND order_number = :number"
TRANSACTIONS = """
SELECT transaction_id, event_id, event_type, supplier_code, supplier_name, document_type, document_number, document_date, accounting_date,
       currency, currency_digits::text, base_currency, base_digits::text, description,
       subject_number, warehouse, sales_territory, array_to_string(gl_interfaces, ', ') AS gl_interfaces
FROM account_transaction
WHERE tenant_id = :tenant_id AND subject_number = :number AND subject_type = :subject_type ORDER BY sequence
"""
OF_EVENT = TRANSACTIONS.replace("subject_number = :number AND subject_type = :subject_type", "event_id = :event_id")
LINES = """
SELECT transaction_id, role, ledger, account, account_code, side, amount, base_amount, order_line, charge_code, description
FROM account_transaction_line WHERE tenant_id = :tenant_id AND transaction_id = ANY(:ids) ORDER BY transaction_id, line
"""
LOG = """
SELECT event_id, source, external_id, type, occurred_at, received_at, data, fingerprint, status, decision, applied
FROM event WHERE tenant_id = :tenant_id AND applied > :after ORDER BY applied LIMIT :limit
"""
LOGGED_ORDERS = """
SELECT o.event_id, o.order_number, o.applied, o.accounting_date
FROM order_event o, unnest(CAST(:numbers AS text[]), CAST(:positions AS bigint[])) AS wanted (number, position)
WHERE o.tenant_id = :tenant_id AND o.order_number = wanted.number AND o.applied = wanted.position
"""
LOOSE_ENDS = """
SELECT 'a transaction without its event' AS what, t.event_id, t.transaction_id, t.subject_number AS subject
FROM account_transaction t LEFT JOIN event e ON e.tenant_id = t.tenant_id AND e.event_id = t.event_id
WHERE t.tenant_id = :tenant_id AND e.event_id IS NULL
UNION ALL
SELECT 'a transaction of an event that is not posted', t.event_id, t.transaction_id, t.subject_number
FROM account_transaction t JOIN event e ON e.tenant_id = t.tenant_id AND e.event_id = t.event_id
WHERE t.tenant_id = :tenant_id AND (e.status <> 'posted' OR e.applied IS NULL)
UNION ALL
SELECT 'a transaction without lines', t.event_id, t.transaction_id, t.subject_number
FROM account_transaction t
WHERE t.tenant_id = :tenant_id AND NOT EXISTS (
    SELECT 1 FROM account_transaction_line l WHERE l.tenant_id = t.tenant_id AND l.transaction_id = t.transaction_id)
UNION ALL
SELECT DISTINCT 'lines without their transaction', CAST(NULL AS uuid), l.transaction_id, CAST(NULL AS text)
FROM account_transaction_line l LEFT JOIN account_transaction t ON t.tenant_id = l.tenant_id AND t.transaction_id = l.transaction_id
WHERE l.tenant_id = :tenant_id AND t.transaction_id IS NULL
UNION ALL
SELECT 'an event missing that moved the order', o.event_id, CAST(NULL AS uuid), o.order_number
FROM order_event o LEFT JOIN event e ON e.tenant_id = o.tenant_id AND e.event_id = o.event_id AND e.applied = o.applied
WHERE o.tenant_id = :tenant_id AND e.event_id IS NULL
UNION ALL
SELECT 'a number of a debtor transaction that its event did not use', d.event_id, CAST(NULL AS uuid), d.number
FROM debtor_document d LEFT JOIN event e ON e.tenant_id = d.tenant_id AND e.event_id = d.event_id AND e.type = 'debtor.transaction'
 AND e.data ->> 'kind' = d.kind AND e.data ->> 'transaction_number' = d.number AND e.status = 'posted'
WHERE d.tenant_id = :tenant_id AND e.event_id IS NULL
UNION ALL
SELECT 'an event without its place in the log', e.event_id, CAST(NULL AS uuid), e.external_id
FROM event e WHERE e.tenant_id = :tenant_id AND (e.status = 'posted') <> (e.applied IS NOT NULL)
LIMIT :limit
"""
WRONG_SUMS = f"""
WITH posted AS MATERIALIZED (
    SELECT t.accounting_date AS day, CAST(date_trunc('month', CAST(t.accounting_date AS timestamp)) AS date) AS month,
           l.role, coalesce(l.account, '') AS account, l.account_code, coalesce(l.charge_code, '') AS charge_code, {SIDES}
    FROM {JOINED}
    WHERE t.tenant_id = :tenant_id AND t.written_in < (SELECT summed_before FROM ledger_fold WHERE tenant_id = :tenant_id)
), true_sums AS (
    SELECT 'day' AS span, day AS since, role, account, account_code, charge_code, sum(debit) AS debit, sum(credit) AS credit
    FROM posted GROUP BY day, role, account, account_code, charge_code
    UNION ALL
    SELECT 'month', month, role, account, account_code, '', sum(debit), sum(credit) FROM posted GROUP BY month, role, account, account_code
), kept_sums AS (
    SELECT 'day' AS span, accounting_date AS since, role, account, account_code, charge_code, debit, credit
    FROM ledger_day WHERE tenant_id = :tenant_id
    UNION ALL
    SELECT 'month', month, role, account, account_code, '', debit, credit FROM ledger_month WHERE tenant_id = :tenant_id
)
SELECT span, since, role, account, account_code, charge_code, kept.debit AS kept_debit, kept.credit AS kept_credit,
       given.debit AS true_debit, given.credit AS true_credit
FROM kept_sums kept FULL JOIN true_sums given USING (span, since, role, account, account_code, charge_code)
WHERE (coalesce(kept.debit, 0), coalesce(kept.credit, 0)) IS DISTINCT FROM (coalesce(given.debit, 0), coalesce(given.credit, 0))
ORDER BY span, since, account_code, role, account, charge_code LIMIT :limit
"""  # noqa: S608 - built from constants
ACCOUNT_CODES = """
SELECT name, account_code AS code FROM account WHERE tenant_id = :tenant_id
UNION
SELECT subject, detail ->> 'account_code' FROM audit_log
WHERE tenant_id = :tenant_id AND command = 'account.put' AND detail ? 'account_code'
"""
TOTALS = """
SELECT (SELECT count(*) FROM event WHERE tenant_id = :tenant_id AND applied IS NOT NULL) AS events,
       (SELECT count(*) FROM purchase_order WHERE tenant_id = :tenant_id) AS orders,
       (SELECT count(*) FROM account_transaction WHERE tenant_id = :tenant_id) AS transactions,
       count(*) AS lines,
       coalesce(sum(base_amount) FILTER (WHERE side = 'debit'), 0) AS debit,
       coalesce(sum(base_amount) FILTER (WHERE side = 'credit'), 0) AS credit
FROM account_transaction_line WHERE tenant_id = :tenant_id
"""
