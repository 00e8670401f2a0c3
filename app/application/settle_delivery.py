"""What follows from an outcome: a pure decision, tested by a table."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.application.ports.journals import Journal
from app.domain import delivery as d
from app.domain.journal import JournalStatus
from app.domain.retry import after_throttling, next_try

Outcome = d.SendOutcome | d.Validation | d.FindOutcome
LEVELS = tuple(d.ValidationLevel)
LOOK_UP_AGAIN = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The journal as it is now, and its place in the lane: done, withdrawn until a person acts, or due again at `next_at`."""

    journal: Journal
    done: bool = False
    withdrawn: bool = False
    next_at: datetime | None = None
    failures: int = 0
    pause_reason: str | None = None
    awaits_sign_in: bool = False
    go_on: bool = False


def settle(
    outcome: Outcome,
    journal: Journal,
    *,
    failures: int,
    now: datetime,
    jitter_permille: int,
    absent_after: datetime | None,
    minimum: str,
) -> Settlement:
    """What an outcome means for a journal that has failed `failures` times in a row so far."""
    match outcome:
        case d.Validation():
            return settled_validation(outcome, journal, now=now, minimum=minimum)
        case d.Booked(number=number, problems=problems) | d.FoundBooked(number=number, problems=problems):
            booked = replace(journal, status=JournalStatus.SENT, number=number, problems=problems, finished_at=now)
            return Settlement(journal=booked, done=True, go_on=True)
        case d.Rejected():
            return Settlement(journal=replace(journal, status=JournalStatus.REJECTED, problems=outcome.problems), withdrawn=True)
        case d.Throttled():
            return Settlement(journal=_not_sent(journal), next_at=after_throttling(now, outcome.retry_after), failures=failures)
        case d.Unauthorised() | d.Misconfigured():
            paused = Settlement(journal=_not_sent(journal), next_at=now, failures=failures, pause_reason=outcome.reason)
            return replace(paused, awaits_sign_in=isinstance(outcome, d.Unauthorised))
        case d.Unknown():
            return Settlement(journal=replace(journal, status=JournalStatus.UNKNOWN), next_at=now, failures=0, go_on=True)
        case d.AcceptedAsync():
            return Settlement(journal=replace(journal, status=JournalStatus.UNKNOWN), next_at=now + LOOK_UP_AGAIN, failures=failures)
        case d.Absent() | d.FoundDraft():  # sending again finishes a draft
            if absent_after is not None and now < absent_after:
                return Settlement(journal=journal, next_at=min(absent_after, now + LOOK_UP_AGAIN), failures=failures)
            return Settlement(journal=replace(journal, status=JournalStatus.QUEUED), next_at=now, failures=failures, go_on=True)
        case d.Retryable() | d.CannotTell():
            return _try_again(journal, failures + 1, now, jitter_permille)


def settled_validation(outcome: d.Validation, journal: Journal, *, now: datetime, minimum: str) -> Settlement:
    """What a verdict means, whoever gave it: what is not valid waits for a person."""
    checked = judged(outcome, journal, minimum)
    valid = checked.status is JournalStatus.VALID
    return Settlement(journal=checked, withdrawn=not valid, next_at=now, go_on=valid)


def outcome_json(outcome: Outcome) -> tuple[str, Mapping[str, Any]]:
    """An outcome's name and fields, as attempts keep them."""
    name = "".join("_" + letter.lower() if letter.isupper() else letter for letter in type(outcome).__name__).lstrip("_")
    fields = asdict(outcome)
    if isinstance(outcome, d.Booked | d.FoundBooked) and not outcome.problems:
        del fields["problems"]  # as attempts were kept before an ERP could book otherwise
    return name, fields


def judged(outcome: d.Validation, journal: Journal, minimum: str) -> Journal:
    """A journal after a validation. Valid needs the endpoint's minimum level: a check that went less far makes nothing valid."""
    problems = outcome.problems
    enough = LEVELS.index(outcome.level) >= LEVELS.index(d.ValidationLevel(minimum))
    if outcome.valid and not enough:
        text = f"checked as far as {outcome.level}; this endpoint needs {minimum}"
        problems = (*problems, d.Problem(line=None, code="validation-level", message=text))
    status = JournalStatus.VALID if outcome.valid and enough else JournalStatus.INVALID
    return replace(journal, status=status, validation_level=outcome.level, problems=problems)


def _not_sent(journal: Journal) -> Journal:
    """A send that certainly did not book goes back to the queue; other states stay."""
    return replace(journal, status=JournalStatus.QUEUED) if journal.status is JournalStatus.SENDING else journal


def _try_again(journal: Journal, failures: int, now: datetime, jitter_permille: int) -> Settlement:
    again = next_try(failures, now, jitter_permille)
    if again is None:
        status = journal.status if journal.status is JournalStatus.UNKNOWN else JournalStatus.FAILED
        return Settlement(journal=replace(journal, status=status), withdrawn=True)
    return Settlement(journal=_not_sent(journal), next_at=again, failures=failures)
