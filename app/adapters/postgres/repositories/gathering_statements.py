"""How new transactions get into journals: one of their own, or the one that gathers for their day."""

from app.adapters.postgres.repositories.journal_set_statements import CLOSED
from app.domain.journal_description import LONGEST

PLAIN = """journal_id, endpoint, accounting_date, currency, currency_digits, base_currency, base_digits, lane_key, status, reason_code,
    reason, gathering, part, omit, most_lines, group_number"""
FIXED = f"{PLAIN}, debit_total, base_debit_total"
FIXED_TYPES = """journal_id uuid, endpoint text, accounting_date date, currency text, currency_digits int, base_currency text,
    base_digits int, debit_total bigint, base_debit_total bigint, description_parts text[], lane_key text, status text,
    reason_code text, reason text, gathering boolean, part text, omit text[], most_lines int, group_number int"""
WANTED = f"""
numbered AS (
    SELECT wanted.*, nextval('ledger_sequence') AS sequence
    FROM jsonb_to_recordset(:rows) AS wanted({FIXED_TYPES}, transaction_id uuid, lines int, wanted boolean)
), wanted AS (
    SELECT *, CAST(:prefix AS text) || '-' || lpad(sequence::text, 12, '0') AS reference FROM numbered
)
"""  # noqa: S608 - built from constants, like all statements here
INSERT = f"""
INSERT INTO journal (tenant_id, sequence, reference, finished_at, description, {FIXED})
SELECT :tenant_id, sequence, reference, CASE WHEN status = 'marked_as_sent' THEN now() END,
       left(array_to_string(description_parts, reference), {LONGEST}), {FIXED}
FROM wanted
"""  # noqa: S608
MEMBERS = """
INSERT INTO journal_transaction (tenant_id, journal_id, transaction_id, endpoint, part, group_number, lines, debit_total, base_debit_total)
SELECT :tenant_id, journal_id, transaction_id, endpoint, part, group_number, lines, debit_total, base_debit_total FROM wanted
"""
ADD = f"""
WITH {WANTED}, made AS ({INSERT})
{MEMBERS}
"""
INTO_LANES = """
INSERT INTO lane (tenant_id, endpoint, lane_key, due_at)
SELECT :tenant_id, endpoint, lane_key, CASE WHEN bool_or(wanted) THEN CAST(:now AS timestamptz) END
FROM wanted GROUP BY endpoint, lane_key ORDER BY endpoint, lane_key
ON CONFLICT (tenant_id, endpoint, lane_key) DO UPDATE SET due_at = coalesce(lane.due_at, excluded.due_at)
"""
ADD_TO_LANES = f"""
WITH {WANTED}, made AS ({INSERT}), member AS ({MEMBERS}), queued AS (
    INSERT INTO delivery (tenant_id, journal_id, endpoint, lane_key, position, wanted, next_at)
    SELECT :tenant_id, journal_id, endpoint, lane_key, sequence, wanted, :now FROM wanted
)
{INTO_LANES}
"""  # noqa: S608
ADD_MEMBERS = """
INSERT INTO journal_transaction (tenant_id, journal_id, transaction_id, endpoint, part, lines, debit_total, base_debit_total)
SELECT :tenant_id, taking.journal_id, member.transaction_id, taking.endpoint, taking.part, member.lines, member.debit_total,
       member.base_debit_total
FROM taking
CROSS JOIN jsonb_to_recordset(:members) AS member(transaction_id uuid, lines int, debit_total bigint, base_debit_total bigint)
RETURNING journal_id
"""
THE_GATHERING = """
SELECT journal_id, endpoint, part, status FROM journal
WHERE tenant_id = :tenant_id AND endpoint = :endpoint AND accounting_date = :accounting_date AND currency = :currency
  AND part = :part AND omit = CAST(:omit AS text[]) AND gathering
"""
HAS_ROOM = """(
    SELECT count(*) <= :room AND (CAST(:line_room AS bigint) IS NULL OR coalesce(sum(m.lines), 0) <= :line_room)
    FROM journal_transaction m WHERE m.tenant_id = :tenant_id AND m.journal_id = journal.journal_id
)"""
ADD_TO_OPEN = f"""
WITH taking AS ({THE_GATHERING} AND status = 'open' AND {HAS_ROOM} FOR SHARE SKIP LOCKED)
{ADD_MEMBERS}
"""
"""Skips a journal that somebody is about to change rather than wait for it with a share of its lock: two that had waited so, and found
it checked, would wait for each other before either could put it back to open."""
LOCK_GATHERING = f"{THE_GATHERING} FOR UPDATE"
CLOSE_FULL = f"""
WITH changed AS (
    UPDATE journal SET {CLOSED}
    WHERE tenant_id = :tenant_id AND journal_id = :journal_id AND NOT {HAS_ROOM}
    RETURNING status
), step AS (
    INSERT INTO journal_step (tenant_id, journal_id, actor, action, status)
    SELECT :tenant_id, :journal_id, :actor, :action, status FROM changed
)
SELECT status FROM changed
"""  # noqa: S608
"""What it carries stays as it is, and so do its version and what was said about it."""
ADD_TO_THIS = f"""
WITH taking AS (SELECT journal_id, endpoint, part FROM journal WHERE tenant_id = :tenant_id AND journal_id = :journal_id)
{ADD_MEMBERS}
"""  # noqa: S608
MAKE_GATHERING = f"""
WITH {WANTED}, taking AS (
    {INSERT}
    ON CONFLICT (tenant_id, endpoint, accounting_date, currency, part, omit) WHERE gathering DO NOTHING
    RETURNING journal_id, endpoint, part
)
{ADD_MEMBERS}
"""
