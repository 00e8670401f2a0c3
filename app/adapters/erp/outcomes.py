"""What an HTTP status or a failed call means, where an ERP does not say otherwise. Pure; the one table for all destinations."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

from app.adapters.erp.answers import FailureKind, HttpAnswer, HttpFailure, HttpResult, readable
from app.application.ports.erp import Exchange
from app.domain.delivery import (
    CannotTell,
    Misconfigured,
    Problem,
    Rejected,
    Retryable,
    Throttled,
    Unauthorised,
    Unknown,
    ValidateOutcome,
    Validation,
    ValidationLevel,
)

MAX_RETRY_AFTER = 86_400

FailureOutcome = Retryable | Unknown | Misconfigured
StatusOutcome = FailureOutcome | Throttled | Rejected | Unauthorised

_REFUSALS = frozenset({400, 409, 413, 417, 422})


def outcome_of_failure(failure: HttpFailure) -> FailureOutcome:
    """What a send means that got no whole answer: only what certainly never left may be repeated."""
    match failure.kind:
        case FailureKind.FORBIDDEN:
            return Misconfigured(reason=failure.reason)
        case FailureKind.BEFORE_SENT:
            return Retryable(reason=failure.reason)
        case FailureKind.AFTER_SENT | FailureKind.TIMEOUT:
            return Unknown(reason=failure.reason)


def outcome_of_status(answer: HttpAnswer, problems: Sequence[Problem] = ()) -> StatusOutcome:
    """What a send means that was answered with anything but the success its adapter reads.

    `problems` are what the adapter read from a refusal. A status that proves neither is unknown, a success in a wrong form included.
    """
    status, reason = answer.status, f"the ERP answered {answer.status}"
    if status in (429, 503):
        pause = retry_after(answer)
        return Throttled(retry_after=pause) if status == 429 or pause is not None else Retryable(reason=reason)
    if status == 401:
        return Unauthorised(reason=reason)
    if status in _REFUSALS:
        return Rejected(problems=tuple(problems) or (Problem(line=None, code="refused", message=reason),))
    if status == 408 or not 300 <= status < 500:
        return Unknown(reason=reason)
    return Misconfigured(reason=reason)


def outcome_of(result: HttpResult, problems: Sequence[Problem] = ()) -> StatusOutcome:
    """Either of the above."""
    return outcome_of_failure(result) if isinstance(result, HttpFailure) else outcome_of_status(result, problems)


def as_validation(outcome: StatusOutcome, level: ValidationLevel) -> ValidateOutcome:
    """The same for a validation: it books nothing, so what is unknown is simply asked again."""
    match outcome:
        case Unknown(reason=reason):
            return Retryable(reason=reason)
        case Rejected(problems=problems):
            return Validation(level=level, problems=problems)
        case _:
            return outcome


def as_look_up(outcome: StatusOutcome) -> CannotTell:
    """The same for a look-up by reference: whatever went wrong, it says nothing about the journal."""
    match outcome:
        case Throttled():
            return CannotTell(reason="the ERP asked to wait")
        case Rejected():
            return CannotTell(reason="the ERP refused the look-up")
        case _:
            return CannotTell(reason=outcome.reason)


def before_booking(outcome: StatusOutcome) -> StatusOutcome:
    """The same for a call of a send that only reads, made before anything is written: whatever became of it, nothing is booked."""
    match outcome:
        case Unknown(reason=reason):
            return Retryable(reason=reason)
        case Rejected(problems=problems):
            return Misconfigured(reason=f"the ERP refused the look-up: {problems[0].message}")
        case _:
            return outcome


def retry_after(answer: HttpAnswer) -> int | None:
    """The seconds of a Retry-After header in either of its forms, at most a day; None where it is missing or no such form."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:10]), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return _seconds_until(moment, answer.received_at)


def _seconds_until(moment: datetime, now: datetime) -> int:
    if moment.tzinfo is None:  # the header says "-0000": UTC, in a zone that is not told
        moment = moment.replace(tzinfo=now.tzinfo)
    return max(0, min(round((moment - now).total_seconds()), MAX_RETRY_AFTER))


def exchange_of(result: HttpResult, secrets: Sequence[str] = ()) -> Exchange:
    """What is kept of a call with its attempt. An ERP that echoes one of `secrets` does not get it into our records."""
    body = readable(result.content)
    for secret in secrets:
        body = body.replace(secret, "[redacted]")
    return Exchange(status=result.status, body=body, duration_ms=result.duration_ms)
