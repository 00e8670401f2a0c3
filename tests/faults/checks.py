"""What must hold after a round, whatever was injected. Plain functions over what the database, the ERPs and their call logs say; each
gives sentences, none where all is well."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.faults.call_log import Call

SURE_NOT_BOOKED = frozenset({"retryable", "throttled", "unauthorised", "misconfigured", "rejected"})
"""After a send with one of these outcomes the next send needs no look-up."""

Lines = Mapping[tuple[str, str], int]
"""Minor units by account code and side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """In the order of making: ids are by the machine's clock, which no skew touches."""

    purpose: str
    started_at: datetime
    finished: bool
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OurJournal:
    endpoint: str
    lane: str
    sequence: int
    reference: str
    status: str
    number: str | None
    lines: Lines
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A journal in an ERP; `place` is its rank in the order of booking."""

    place: int
    number: str
    reference: str
    lines: Lines


def all_sent(ours: Iterable[OurJournal]) -> list[str]:
    return [f"{each.reference} is {each.status}" for each in ours if each.status != "sent"]


def exactly_once(ours: Iterable[OurJournal], booked: Iterable[Booked], again: Iterable[str]) -> list[str]:
    """Each of ours once in its ERP, under the number that we know, and nothing that is not ours; nothing was sent once it was booked."""
    ours = list(ours)
    found: dict[str, list[Booked]] = defaultdict(list)
    for each in booked:
        found[each.reference].append(each)
    wrong = [
        f"{journal.reference} is {len(found[journal.reference])} times in the ERP" for journal in ours if len(found[journal.reference]) != 1
    ]
    wrong += [
        f"{journal.reference} is {journal.number} here and {found[journal.reference][0].number} in the ERP"
        for journal in ours
        if found[journal.reference] and found[journal.reference][0].number != journal.number
    ]
    wrong += [
        f"{reference} is in the ERP and not ours"
        for reference in sorted(found.keys() - {each.reference for each in ours})
        if found[reference]
    ]
    return wrong + [f"{reference} was sent again though it was booked" for reference in again]


def equal_amounts(ours: Iterable[OurJournal], booked: Iterable[Booked]) -> list[str]:
    lines = {each.reference: each.lines for each in booked}
    return [f"{each.reference} has other amounts in the ERP" for each in ours if lines.get(each.reference, each.lines) != each.lines]


def in_order(ours: Iterable[OurJournal], booked: Iterable[Booked]) -> list[str]:
    """The journals of a lane were booked in the order in which they were made."""
    places = {each.reference: each.place for each in booked}
    last: dict[tuple[str, str], tuple[int, str]] = {}
    wrong = []
    for journal in sorted(ours, key=lambda each: each.sequence):
        place = places.get(journal.reference, 0)
        before = last.get((journal.endpoint, journal.lane))
        if before is not None and before[0] > place:
            wrong.append(f"{journal.reference} was booked before {before[1]}, which comes first in its lane")
        last[journal.endpoint, journal.lane] = (place, journal.reference)
    return wrong


def no_call_without_its_row(ours: Iterable[OurJournal], calls: Iterable[Call], skew: timedelta) -> list[str]:
    """The n-th call about a journal came after the n-th attempt for that purpose was written; clocks may differ by `skew`."""
    seen: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for call in calls:
        for reference in call.references:
            seen[reference, call.purpose].append(call.at)
    known = {journal.reference for journal in ours}
    wrong = [f"a call about {reference}, which is not ours" for reference, _ in sorted(seen.keys()) if reference not in known]
    for journal in ours:
        for purpose in ("validate", "send", "find"):
            rows = sorted(each.started_at for each in journal.attempts if each.purpose == purpose)
            arrivals = sorted(seen[journal.reference, purpose])
            if len(arrivals) > len(rows):
                wrong.append(f"{journal.reference}: {len(arrivals)} calls to {purpose}, {len(rows)} attempts")
            elif any(at < row - skew for at, row in zip(arrivals, rows, strict=False)):
                wrong.append(f"{journal.reference}: a call to {purpose} came before its attempt was written")
    return wrong


def nothing_open(ours: Iterable[OurJournal]) -> list[str]:
    return [
        f"{each.reference}: its attempt to {attempt.purpose} is left open"
        for each in ours
        for attempt in each.attempts
        if not attempt.finished
    ]


def nothing_blind(ours: Iterable[OurJournal]) -> list[str]:
    """A second send only where the first certainly booked nothing, or the ERP was asked in between and did not have it."""
    return [f"{each.reference} was sent again blindly" for each in ours if _blind(each.attempts)]


def _blind(attempts: Sequence[Attempt]) -> bool:
    clear = True
    for attempt in attempts:
        if attempt.purpose == "send":
            if not clear:
                return True
            clear = attempt.outcome in SURE_NOT_BOOKED
        elif attempt.purpose == "find" and attempt.outcome == "absent":
            clear = True
    return False


def equal_balances(ours: Mapping[str, int], theirs: Mapping[str, int]) -> list[str]:
    """Debit − credit by account code, in minor units."""
    difference = Counter(ours)
    difference.subtract(theirs)
    return [
        f"account {code}: {ours.get(code, 0)} here, {theirs.get(code, 0)} in the ERPs"
        for code, amount in sorted(difference.items())
        if amount
    ]
