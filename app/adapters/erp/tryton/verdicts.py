"""What Tryton's answers mean. Pure.

Where it departs from the general table: 423 is a transaction that lost against another one and was rolled back; 503 in Tryton's own words
is its database gone, perhaps in the middle of a commit; a refused look-up is a right that is missing, not a journal that is wrong.
"""

from app.adapters.erp.answers import HttpAnswer, HttpResult
from app.adapters.erp.exact_json import a_text, an_object, parsed
from app.adapters.erp.outcomes import StatusOutcome, outcome_of, retry_after
from app.domain.delivery import Misconfigured, Problem, Rejected, Retryable, Throttled, Unauthorised, Unknown

MAX_MESSAGE = 1_000
LOCKED = 423
OWN_UNAVAILABLE = b"<title>503 Service Unavailable</title>"
UNREADABLE = "the answer cannot be read"

Failed = StatusOutcome
"""What became of a call that did not do what it was for."""


def refusal(result: HttpResult) -> Problem | None:
    """Tryton's own words for why it does not do something, as its REST API tells them with status 400."""
    if not isinstance(result, HttpAnswer) or result.status != 400:
        return None
    body = an_object(parsed(result))
    message, more = a_text(body.get("message"), MAX_MESSAGE), a_text(body.get("description"), MAX_MESSAGE)
    if not message:
        return None
    return Problem(line=None, code="refused", message=f"{message} ({more})" if more else message)


def of_write(result: HttpResult) -> Failed:
    """A call that makes, posts or deletes a move, where it was not answered with the success that was read."""
    if isinstance(result, HttpAnswer):
        if result.status in (200, 204):
            return Unknown(reason=UNREADABLE)
        if result.status == LOCKED:
            return Retryable(reason="another transaction of the ERP changed the same record")
        if result.status == 503 and retry_after(result) is None and OWN_UNAVAILABLE in result.content:
            return Unknown(reason="the ERP lost its database")
    problem = refusal(result)
    return outcome_of(result, () if problem is None else (problem,))


def of_read(result: HttpResult) -> Failed:
    """A look-up before anything was made: nothing is booked by it, whatever became of it."""
    outcome = of_write(result)
    match outcome:
        case Unknown(reason=reason):
            return Retryable(reason=reason)
        case Rejected(problems=problems):
            return Misconfigured(reason=f"the ERP refused a look-up: {problems[0].message}")
        case _:
            return outcome


def sentence(outcome: Failed) -> str:
    """Why a test of the endpoint did not get what it asked for."""
    match outcome:
        case Unauthorised():
            return "the application key was refused"
        case Throttled():
            return "the ERP asked to wait"
        case Rejected(problems=problems):
            return problems[0].message
        case _:
            return outcome.reason
