"""What must hold after failovers, beside the fault suite's checks. Plain functions that give sentences, none where all is well."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

EVENTS = """
SELECT e.external_id, e.status, count(t.transaction_id) AS transactions
FROM event e LEFT JOIN account_transaction t ON t.tenant_id = e.tenant_id AND t.event_id = e.event_id
GROUP BY e.tenant_id, e.event_id
"""


def told_is_there(told: Iterable[str], rows: Iterable[Mapping[str, object]]) -> list[str]:
    """What a writer was told to be posted is there once, with one transaction. Events of the suite always move a balance."""
    found: dict[str, list[Mapping[str, object]]] = {}
    for row in rows:
        found.setdefault(str(row["external_id"]), []).append(row)
    wrong = [f"{each} was accepted and is there {len(found.get(each, []))} times" for each in sorted(told) if len(found.get(each, [])) != 1]
    for each, (row, *_) in sorted(found.items()):
        if row["status"] != "posted":
            wrong.append(f"{each} is {row['status']}")
        elif row["transactions"] != 1:
            wrong.append(f"{each} has {row['transactions']} transactions")
    return wrong


def longest_pause(accepted: Sequence[float], since: float, until: float) -> float:
    """The longest time between two accepted events in this window, its edges counting as such: what a writer had to wait."""
    moments = [since, *(each for each in accepted if since < each < until), until]
    return max(after - before for before, after in pairwise(moments))
