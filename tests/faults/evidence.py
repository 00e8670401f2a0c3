"""What there is to be checked: our journals with their attempts from the database, the ERPs' books over HTTP, and their call logs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from tests.faults.checks import Attempt, Booked, OurJournal
from tests.faults.service import Database, ErpConsole

JOURNALS = """
SELECT journal_id, endpoint, lane_key, sequence, reference, status, number FROM journal WHERE sequence > $1 ORDER BY sequence
"""
LINES = """
SELECT m.journal_id, l.account_code, l.side, sum(l.base_amount)::bigint AS amount
FROM journal j
JOIN journal_transaction m ON m.tenant_id = j.tenant_id AND m.journal_id = j.journal_id
JOIN account_transaction_line l ON l.tenant_id = m.tenant_id AND l.transaction_id = m.transaction_id
WHERE j.sequence > $1 GROUP BY 1, 2, 3
"""
ATTEMPTS = """
SELECT a.journal_id, a.purpose, a.started_at, a.finished_at IS NOT NULL AS finished, a.outcome
FROM attempt a JOIN journal j ON j.tenant_id = a.tenant_id AND j.journal_id = a.journal_id
WHERE j.sequence > $1 ORDER BY a.attempt_id
"""
PAGE = 1000


async def our_journals(database: Database, after: int) -> list[OurJournal]:
    """Those made after the sequence `after`."""
    lines: dict[Any, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in await database.rows(LINES, after):
        lines[row["journal_id"]][row["account_code"], row["side"]] = row["amount"]
    attempts: dict[Any, list[Attempt]] = defaultdict(list)
    for row in await database.rows(ATTEMPTS, after):
        made = Attempt(purpose=row["purpose"], started_at=row["started_at"], finished=row["finished"], outcome=row["outcome"])
        attempts[row["journal_id"]].append(made)
    return [
        OurJournal(
            endpoint=row["endpoint"],
            lane=row["lane_key"],
            sequence=row["sequence"],
            reference=row["reference"],
            status=row["status"],
            number=row["number"],
            lines=lines[row["journal_id"]],
            attempts=tuple(attempts[row["journal_id"]]),
        )
        for row in await database.rows(JOURNALS, after)
    ]


async def booked_journals(erp: ErpConsole, after: int) -> list[Booked]:
    """Those booked after the number JE-`after`."""
    found: list[Booked] = []
    while True:
        page: Sequence[Any] = (await erp("GET", f"/journals?after={after}&limit={PAGE}"))["journals"]
        found += [_booked(each) for each in page]
        if len(page) < PAGE:
            return found
        after = found[-1].place


async def erp_balances(erps: Iterable[ErpConsole]) -> Counter[str]:
    """Of all ERPs together."""
    total: Counter[str] = Counter()
    for erp in erps:
        for row in (await erp("GET", "/trial-balance"))["balances"]:
            total[row["account_code"]] += minor(row["balance"])
    return total


def minor(amount: str) -> int:
    """Every amount of the suite is in NZD."""
    return int(Decimal(amount).scaleb(2))


def _booked(journal: Any) -> Booked:
    lines: Counter[tuple[str, str]] = Counter()
    for line in journal["lines"]:
        lines[line["account_code"], line["side"]] += minor(line["base_amount"])
    number = journal["number"]
    return Booked(place=int(number.removeprefix("JE-")), number=number, reference=journal["reference"], lines=lines)
