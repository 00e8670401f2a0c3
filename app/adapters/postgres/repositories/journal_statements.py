"""What is said to PostgreSQL about the headers of journals."""

from app.adapters.postgres.repositories.gathering_statements import PLAIN

CHANGING = "sequence, reference, number, version, held, validation_level, problems, created_at, finished_at, posting_date, description"
MEMBERS = """
CROSS JOIN LATERAL (
    SELECT count(*) AS transactions, sum(m.debit_total)::bigint AS debit_total, sum(m.base_debit_total)::bigint AS base_debit_total
    FROM journal_transaction m WHERE m.tenant_id = journal.tenant_id AND m.journal_id = journal.journal_id
) members
"""
TOTALS = """members.transactions,
       CASE WHEN journal.gathering THEN members.debit_total ELSE journal.debit_total END AS debit_total,
       CASE WHEN journal.gathering THEN members.base_debit_total ELSE journal.base_debit_total END AS base_debit_total"""
WHOLE = ", ".join(f"journal.{column.strip()}" for column in f"{PLAIN}, {CHANGING}".split(",")) + ", " + TOTALS
SELECT = f"SELECT {WHOLE} FROM journal {MEMBERS}"  # noqa: S608
BY_ID = f"{SELECT} WHERE tenant_id = :tenant_id AND journal_id = :journal_id"
BY_IDS = f"{SELECT} WHERE tenant_id = :tenant_id AND journal_id = ANY(:journal_ids)"
PAGE = f"""
{SELECT}
WHERE tenant_id = :tenant_id AND accounting_date BETWEEN :date_from AND :date_to AND sequence > :after {{narrowed}}
ORDER BY sequence LIMIT :limit
"""
MOST_DAYS = 400
PAGE_BY_DAY = f"""
{SELECT}
JOIN (
    SELECT place.id FROM erp_endpoint e
    CROSS JOIN generate_series(CAST(:date_from AS date), CAST(:date_to AS date), interval '1 day') AS day
    CROSS JOIN LATERAL (
        SELECT journal_id AS id, sequence FROM journal
        WHERE tenant_id = :tenant_id AND endpoint = e.name AND accounting_date = CAST(day AS date) AND sequence > :after {{narrowed}}
        ORDER BY sequence LIMIT :limit
    ) place
    WHERE e.tenant_id = :tenant_id
    ORDER BY place.sequence LIMIT :limit
) page ON page.id = journal.journal_id
WHERE tenant_id = :tenant_id ORDER BY sequence
"""  # noqa: S608
"""Each day's own first ones are merged, endpoint by endpoint: nothing else of the days is read. An endpoint that has journals stays."""
UPDATE = """
WITH step AS (
    INSERT INTO journal_step (tenant_id, journal_id, actor, action, status, reason)
    VALUES (:tenant_id, :journal_id, :actor, :action, :status, :step_reason)
)
UPDATE journal
SET status = :status, number = :number, held = :held, validation_level = :validation_level, problems = :problems,
    reason_code = :reason_code, reason = :reason, finished_at = :finished_at, gathering = :gathering, posting_date = :posting_date,
    debit_total = :debit_total, base_debit_total = :base_debit_total, version = version + 1
WHERE tenant_id = :tenant_id AND journal_id = :journal_id
"""
STEPS = """
SELECT at, actor, action, status, reason FROM journal_step
WHERE tenant_id = :tenant_id AND journal_id = :journal_id ORDER BY step_id
"""
SELECTION = """
SELECT journal_id FROM journal
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND accounting_date BETWEEN :date_from AND :date_to
  AND status NOT IN ('sent', 'marked_as_sent')
ORDER BY sequence LIMIT :limit
"""
SUMMARY = """
SELECT min(oldest) AS oldest, count(*) AS transactions, coalesce(sum(total), 0) AS debit_total FROM (
    SELECT min(j.accounting_date) AS oldest, sum(jt.base_debit_total) AS total
    FROM journal j JOIN journal_transaction jt ON jt.tenant_id = j.tenant_id AND jt.journal_id = j.journal_id
    WHERE j.tenant_id = :tenant_id AND j.status NOT IN ('sent', 'marked_as_sent')
      AND (CAST(:endpoint AS text) IS NULL OR j.endpoint = :endpoint)
    GROUP BY jt.transaction_id, jt.endpoint
) each_once
"""
TRANSACTIONS = """
SELECT jt.transaction_id FROM journal_transaction jt
JOIN account_transaction t ON t.tenant_id = jt.tenant_id AND t.transaction_id = jt.transaction_id
WHERE jt.tenant_id = :tenant_id AND jt.journal_id = :journal_id ORDER BY t.sequence
"""
BLOCKING = """
SELECT journal_id FROM journal
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND lane_key = :lane_key AND sequence < :sequence
  AND status NOT IN ('sent', 'marked_as_sent')
ORDER BY sequence
"""
