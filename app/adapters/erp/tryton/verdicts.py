"""What Tryton's answers mean. Pure.

Where it departs from the general table: 423 is a transaction that lost against another one and was rolled back; 503 in Tryton's own words
is its database busy with what somebody else does, or gone, perhaps in the middle of a commit; a refused look-up is a right that is missing,
not a journal that is wrong.
"""

from app.adapters.erp.answers import HttpAnswer, HttpResult
from app.adapters.erp.exact_json import as_object, as_text, read_json
from app.adapters.erp.outcomes import StatusOutcome, outcome_of, retry_after
from app.domain.delivery import Misconfigured, Problem, Rejected, Retryable, Throttled, Unauthorised, Unknown

MAX_MESSAGE = 1_000
LOCKED = 423
OWN_UNAVAILABLE = b"<title>503 Service Unavailable</title>"
REFUSALS = (400, 403)
DENIED = "the ERP denies this to the key's user (403)"
BUSY = "the ERP's database was busy or away"
UNREADABLE = "the answer cannot be read"

Failed = StatusOutcome
"""What became of a call that did not do what it was for."""


def is_refusal(result: HttpResult) -> bool:
    """Whether Tryton refused by a rule of its own, and so did nothing: 400 with its words, or a 403 without any."""
    return isinstance(result, HttpAnswer) and result.status in REFUSALS


def is_own_unavailable(result: HttpResult) -> bool:
    """Whether Tryton itself said 503: its transaction is over, and was undone unless its database went away while it was committed."""
    if not isinstance(result, HttpAnswer) or result.status != 503 or retry_after(result) is not None:
        return False
    return OWN_UNAVAILABLE in result.content


def refusal(result: HttpResult) -> Problem:
    """Tryton's words for it."""
    body = as_object(read_json(result)) if isinstance(result, HttpAnswer) else {}
    message, more = as_text(body.get("message"), MAX_MESSAGE), as_text(body.get("description"), MAX_MESSAGE)
    if not message:
        message = DENIED if result.status == 403 else f"the ERP answered {result.status}"
    return Problem(line=None, code="refused", message=f"{message} ({more})" if more else message)


def of_write(result: HttpResult) -> Failed:
    """A call that makes, posts or removes a draft, where it was not answered with the success that was read.

    Tryton's own 503 stands for making and removing, which book nothing; a posting says more (`Drafts.posted`).
    """
    if isinstance(result, HttpAnswer):
        if result.status in (200, 204):
            return Unknown(reason=UNREADABLE)
        if result.status == LOCKED:
            return Retryable(reason="another transaction of the ERP changed the same record")
        if is_own_unavailable(result):
            return Retryable(reason=BUSY)
        if result.status == 403:
            return Misconfigured(reason=DENIED)
    return outcome_of(result, (refusal(result),))


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
