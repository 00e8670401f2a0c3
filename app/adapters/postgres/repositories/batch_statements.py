"""What is said to PostgreSQL about batches."""

ADD = """
WITH added AS (
    INSERT INTO batch (tenant_id, batch_id, kind, actor, created_at) VALUES (:tenant_id, :batch_id, :kind, :actor, :created_at)
)
INSERT INTO batch_item (tenant_id, batch_id, position, journal_id, endpoint)
SELECT :tenant_id, :batch_id, wanted.position, j.journal_id, j.endpoint
FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS wanted(journal_id, position)
JOIN journal j ON j.tenant_id = :tenant_id AND j.journal_id = wanted.journal_id
"""
PUT_TO_WORK = """
INSERT INTO lane (tenant_id, endpoint, lane_key, due_at)
SELECT DISTINCT tenant_id, endpoint, CAST(:lane_key AS text), CAST(:now AS timestamptz)
FROM batch_item WHERE tenant_id = :tenant_id AND batch_id = :batch_id AND outcome IS NULL
"""
TO_ASK = """
FROM batch_item i
JOIN journal j ON j.tenant_id = i.tenant_id AND j.journal_id = i.journal_id
JOIN erp_endpoint e ON e.tenant_id = i.tenant_id AND e.name = i.endpoint
JOIN delivery d ON d.tenant_id = i.tenant_id AND d.journal_id = i.journal_id AND NOT d.done
WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id AND i.outcome IS NULL AND e.delivery = 'poll'
  AND j.status = ANY(CAST(:checkable AS text[]))
"""
LOCK_TO_ASK = f"SELECT count(*) FROM (SELECT 1 {TO_ASK} ORDER BY j.sequence FOR UPDATE OF j, d) AS locked"  # noqa: S608
LOCK_LANES = f"""
SELECT count(*) FROM (
    SELECT 1 FROM lane WHERE tenant_id = :tenant_id AND (endpoint, lane_key) IN (SELECT d.endpoint, d.lane_key {TO_ASK})
    ORDER BY endpoint, lane_key FOR UPDATE
) AS locked
"""  # noqa: S608
ASK_POLLERS = f"""
WITH to_ask AS (SELECT i.position, i.journal_id, d.endpoint, d.lane_key, j.status {TO_ASK}), asked AS (
    UPDATE batch_item i SET outcome = 'asked', finished_at = :now FROM to_ask
    WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id AND i.position = to_ask.position
), opened AS (
    UPDATE journal j SET status = 'open', validation_level = NULL, problems = '[]', version = version + 1 FROM to_ask
    WHERE j.tenant_id = :tenant_id AND j.journal_id = to_ask.journal_id AND to_ask.status <> 'open'
    RETURNING j.journal_id
), step AS (
    INSERT INTO journal_step (tenant_id, journal_id, actor, action, status)
    SELECT :tenant_id, opened.journal_id, b.actor, 'validate', 'open'
    FROM opened JOIN batch b ON b.tenant_id = :tenant_id AND b.batch_id = :batch_id
), wanted AS (
    UPDATE delivery d SET validation_wanted = true, next_at = :now FROM to_ask
    WHERE d.tenant_id = :tenant_id AND d.journal_id = to_ask.journal_id
)
UPDATE lane SET due_at = :now
WHERE tenant_id = :tenant_id AND (endpoint, lane_key) IN (SELECT endpoint, lane_key FROM to_ask)
"""  # noqa: S608
REFUSE_POLLERS = """
UPDATE batch_item i SET outcome = 'refused', problem = :problem, finished_at = :now
FROM erp_endpoint e
WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id AND i.outcome IS NULL
  AND e.tenant_id = i.tenant_id AND e.name = i.endpoint AND e.delivery = 'poll'
"""
WAITING_AT = """
SELECT batch_id FROM batch b
WHERE b.tenant_id = :tenant_id AND b.kind = 'validate' AND EXISTS (
    SELECT 1 FROM batch_item i
    WHERE i.tenant_id = b.tenant_id AND i.batch_id = b.batch_id AND i.endpoint = :endpoint AND i.outcome IS NULL)
ORDER BY batch_id
"""
BY_ID = "SELECT kind, actor, created_at FROM batch WHERE tenant_id = :tenant_id AND batch_id = :batch_id"
COUNTS = """
SELECT CASE WHEN CAST(:sends AS boolean) THEN j.status ELSE coalesce(i.outcome, 'waiting') END AS outcome,
       count(*) AS journals, max(i.finished_at) AS finished_at,
       bool_or(CASE WHEN CAST(:sends AS boolean) THEN j.status IN ('queued', 'sending') OR (j.status = 'unknown' AND d.wanted)
                    ELSE i.outcome IS NULL END) AS under_way
FROM batch_item i
JOIN journal j ON j.tenant_id = i.tenant_id AND j.journal_id = i.journal_id
LEFT JOIN delivery d ON d.tenant_id = i.tenant_id AND d.journal_id = i.journal_id
WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id
GROUP BY 1 ORDER BY 1
"""
LAST_STEP = """
SELECT max(s.at) FROM batch_item i
JOIN journal_step s ON s.tenant_id = i.tenant_id AND s.journal_id = i.journal_id
WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id
"""
ITEMS = """
SELECT i.position, i.journal_id, j.reference, i.problem,
       CASE WHEN b.kind = 'send' THEN j.status ELSE coalesce(i.outcome, 'waiting') END AS outcome
FROM batch_item i
JOIN batch b ON b.tenant_id = i.tenant_id AND b.batch_id = i.batch_id
JOIN journal j ON j.tenant_id = i.tenant_id AND j.journal_id = i.journal_id
WHERE i.tenant_id = :tenant_id AND i.batch_id = :batch_id AND i.position > :after_position
ORDER BY i.position LIMIT :limit
"""
WAITING = """
SELECT position, journal_id FROM batch_item
WHERE tenant_id = :tenant_id AND batch_id = :batch_id AND endpoint = :endpoint AND outcome IS NULL
ORDER BY position LIMIT :limit
"""
SETTLE = """
UPDATE batch_item SET outcome = :outcome, problem = :problem, finished_at = :now
WHERE tenant_id = :tenant_id AND batch_id = :batch_id AND position = :position AND outcome IS NULL
"""
RELEASE = """
UPDATE lane SET leased_until = NULL, due_at = CASE WHEN EXISTS (
    SELECT 1 FROM batch_item i
    WHERE i.tenant_id = lane.tenant_id AND i.batch_id = :batch_id AND i.endpoint = lane.endpoint AND i.outcome IS NULL
) THEN CAST(:due_at AS timestamptz) END
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND lane_key = :lane_key AND fence = :fence
"""
