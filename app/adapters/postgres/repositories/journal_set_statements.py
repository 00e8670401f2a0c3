"""What is said to PostgreSQL about many journals at a time. Ids travel as one array."""

CHOSEN = """
chosen AS (
    SELECT j.* FROM unnest(CAST(:ids AS uuid[])) AS wanted(journal_id)
    JOIN journal j ON j.journal_id = wanted.journal_id
    WHERE j.tenant_id = :tenant_id
)"""
LANES = f"""
WITH {CHOSEN}
SELECT 1 FROM lane
WHERE tenant_id = :tenant_id AND (endpoint, lane_key) IN (SELECT endpoint, lane_key FROM chosen)
ORDER BY endpoint, lane_key FOR UPDATE
"""  # noqa: S608 - built from constants, like all statements here
LOCK = """
SELECT count(*) FROM (
    SELECT 1 FROM journal WHERE tenant_id = :tenant_id AND journal_id = ANY(CAST(:ids AS uuid[])) ORDER BY sequence FOR UPDATE
) AS locked
"""
SEIZE = f"""
WITH {CHOSEN}
UPDATE lane SET fence = lane.fence + 1, leased_until = NULL
FROM chosen j JOIN attempt a ON a.tenant_id = j.tenant_id AND a.journal_id = j.journal_id
WHERE lane.tenant_id = :tenant_id AND lane.endpoint = j.endpoint AND lane.lane_key = j.lane_key
  AND a.finished_at IS NULL AND a.fence = lane.fence AND lane.leased_until IS NOT NULL AND j.status <> 'sending'
"""  # noqa: S608
COLUMNS = "chosen.journal_id, reference, status, chosen.version, held"
STATE = f"SELECT {COLUMNS} FROM chosen"  # noqa: S608
STATES = f"WITH {CHOSEN} {STATE} WHERE status <> ALL(CAST(:other_than AS text[])) ORDER BY sequence LIMIT :limit"
OUT_OF_REACH = f"""
WITH {CHOSEN}, in_hand AS (
    SELECT chosen.journal_id, max(l.leased_until) AS until FROM chosen
    JOIN lane l ON l.tenant_id = :tenant_id AND l.endpoint = chosen.endpoint AND l.lane_key = chosen.lane_key AND l.leased_until > :now
    JOIN attempt a ON a.tenant_id = :tenant_id AND a.journal_id = chosen.journal_id AND a.finished_at IS NULL AND a.fence = l.fence
    WHERE chosen.status = 'sending' GROUP BY chosen.journal_id
)
SELECT {COLUMNS}, CASE WHEN e.delivery = 'poll' THEN in_hand.until END AS until FROM chosen
LEFT JOIN in_hand ON in_hand.journal_id = chosen.journal_id
LEFT JOIN erp_endpoint e ON e.tenant_id = :tenant_id AND e.name = chosen.endpoint
WHERE status IN ('sent', 'marked_as_sent')
   OR status = 'sending' AND (e.delivery IS DISTINCT FROM 'poll' OR in_hand.until IS NOT NULL)
ORDER BY sequence LIMIT :limit
"""  # noqa: S608
"""Being sent to an ERP that polls ends with the lease: what it made of the journal then, nobody can look up."""
TO_LOOK_UP = f"""
WITH {CHOSEN}
{STATE} LEFT JOIN erp_endpoint e ON e.tenant_id = :tenant_id AND e.name = chosen.endpoint
WHERE status = 'unknown' AND e.delivery IS DISTINCT FROM 'poll' ORDER BY sequence LIMIT :limit
"""
NOT_SENDABLE = f"""
WITH {CHOSEN}, looked_at AS (SELECT * FROM jsonb_to_recordset(:versions) AS looked_at(journal_id uuid, version int))
{STATE} LEFT JOIN looked_at l ON l.journal_id = chosen.journal_id
WHERE status <> 'valid' OR held OR l.version <> chosen.version
ORDER BY sequence LIMIT :limit
"""  # noqa: S608
SKIPPED = f"""
WITH {CHOSEN}, last AS (SELECT endpoint, lane_key, max(sequence) AS sequence FROM chosen GROUP BY endpoint, lane_key)
SELECT j.journal_id FROM last
JOIN journal j ON j.tenant_id = :tenant_id AND j.endpoint = last.endpoint AND j.lane_key = last.lane_key AND j.sequence < last.sequence
WHERE j.status NOT IN ('sent', 'marked_as_sent') AND NOT EXISTS (SELECT 1 FROM chosen WHERE chosen.journal_id = j.journal_id)
ORDER BY j.sequence LIMIT :limit
"""  # noqa: S608
BLOCKED_BY = f"""
WITH {CHOSEN}
SELECT chosen.journal_id, earlier.ids FROM chosen
CROSS JOIN LATERAL (
    SELECT array_agg(first.journal_id ORDER BY first.sequence) AS ids FROM (
        SELECT j.journal_id, j.sequence FROM journal j
        WHERE j.tenant_id = :tenant_id AND j.endpoint = chosen.endpoint AND j.lane_key = chosen.lane_key
          AND j.sequence < chosen.sequence AND j.status NOT IN ('sent', 'marked_as_sent')
        ORDER BY j.sequence LIMIT :limit
    ) AS first
) AS earlier
WHERE chosen.status NOT IN ('sent', 'marked_as_sent') AND earlier.ids IS NOT NULL
"""  # noqa: S608
CLOSED = """gathering = false,
        debit_total = CASE WHEN gathering THEN (SELECT sum(m.debit_total) FROM journal_transaction m
            WHERE m.tenant_id = journal.tenant_id AND m.journal_id = journal.journal_id) ELSE debit_total END,
        base_debit_total = CASE WHEN gathering THEN (SELECT sum(m.base_debit_total) FROM journal_transaction m
            WHERE m.tenant_id = journal.tenant_id AND m.journal_id = journal.journal_id) ELSE base_debit_total END"""
"""A daily journal takes no more transactions: its totals are what it carries by now."""
STEP = """
step AS (
    INSERT INTO journal_step (tenant_id, journal_id, actor, action, status, reason)
    SELECT tenant_id, journal_id, CAST(:actor AS text), CAST(:action AS text), status, CAST(:reason AS text) FROM changed
), due AS (
    UPDATE lane SET due_at = :now
    WHERE tenant_id = :tenant_id AND (endpoint, lane_key) IN (SELECT endpoint, lane_key FROM changed)
)"""
QUEUE = f"""
WITH changed AS (
    UPDATE journal SET status = 'queued', {CLOSED}, version = version + 1
    WHERE tenant_id = :tenant_id AND journal_id = ANY(CAST(:ids AS uuid[])) RETURNING *
), {STEP}
UPDATE delivery SET wanted = true, failures = 0, next_at = :now
WHERE tenant_id = :tenant_id AND journal_id IN (SELECT journal_id FROM changed) AND NOT done
"""  # noqa: S608
MARK = f"""
WITH changed AS (
    UPDATE journal SET status = 'marked_as_sent', reason_code = :reason_code, reason = :reason, number = :number, finished_at = :now,
        problems = '[]', held = false, {CLOSED}, version = version + 1
    WHERE tenant_id = :tenant_id AND journal_id = ANY(CAST(:ids AS uuid[])) RETURNING *
), {STEP}
UPDATE delivery SET done = true WHERE tenant_id = :tenant_id AND journal_id IN (SELECT journal_id FROM changed)
"""  # noqa: S608
PUT_BACK = """
WITH lane_of AS (
    INSERT INTO lane (tenant_id, endpoint, lane_key, due_at)
    SELECT tenant_id, endpoint, lane_key, CASE WHEN CAST(:wanted AS boolean) THEN CAST(:now AS timestamptz) END
    FROM journal WHERE tenant_id = :tenant_id AND journal_id = :journal_id
    ON CONFLICT (tenant_id, endpoint, lane_key) DO UPDATE SET due_at = coalesce(excluded.due_at, lane.due_at)
)
INSERT INTO delivery (tenant_id, journal_id, endpoint, lane_key, position, wanted, next_at)
SELECT tenant_id, journal_id, endpoint, lane_key, sequence, :wanted, :now
FROM journal WHERE tenant_id = :tenant_id AND journal_id = :journal_id
ON CONFLICT (tenant_id, journal_id) DO UPDATE
SET done = false, wanted = excluded.wanted, failures = 0, next_at = excluded.next_at, validation_wanted = false
"""
