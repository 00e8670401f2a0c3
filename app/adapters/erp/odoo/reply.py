"""What Odoo's answers mean, for both ways of calling it. Pure.

JSON-2 answers with real statuses and an object for an error, a web page where Odoo did not get as far; JSON-RPC always with 200. An
error names the Python exception. All that Odoo did for a call is undone when it raised one.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import InvalidOperation
from typing import Any, TypeVar

from app.adapters.erp.answers import HttpAnswer, HttpResult, storable
from app.adapters.erp.exact_json import as_object, as_text, read_json, to_json
from app.adapters.erp.outcomes import StatusOutcome, outcome_of, outcome_of_status
from app.domain.delivery import Misconfigured, Problem, Rejected, Retryable, Unauthorised, Unknown

MAX_MESSAGE = 1_000
REFUSED = {"odoo.exceptions.UserError", "odoo.exceptions.ValidationError", "odoo.exceptions.RedirectWarning"}
STRANGERS = {"odoo.exceptions.AccessDenied", "odoo.http.SessionExpiredException", "werkzeug.exceptions.Unauthorized"}
NOT_ALLOWED = {"odoo.exceptions.AccessError", "werkzeug.exceptions.Forbidden", "werkzeug.exceptions.NotFound"}
GONE = "odoo.exceptions.MissingError"
IN_THE_WAY = {  # of others' changes: Odoo has tried it several times by then
    "odoo.exceptions.ConcurrencyError",
    "odoo.exceptions.LockError",
    "psycopg2.errors.DeadlockDetected",
    "psycopg2.errors.LockNotAvailable",
    "psycopg2.errors.SerializationFailure",
    "psycopg2.extensions.TransactionRollbackError",
}

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a method returned, as JSON."""

    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A call that returned nothing. `told`: Odoo itself said that it failed; `gone`: because the record is no longer there."""

    outcome: StatusOutcome
    told: bool = False
    gone: bool = False

    @property
    def about_records(self) -> bool:
        """Whether it may be one record's fault, so that others by themselves could fare better."""
        return self.told and isinstance(self.outcome, Rejected | Unknown)

    @property
    def before_anything(self) -> StatusOutcome:
        """The same for a call that only read: nothing was booked, and a refusal is about no journal."""
        match self.outcome:
            case Unknown(reason=reason):
                return Retryable(reason=reason)
            case Rejected(problems=problems):
                return Misconfigured(reason=problems[0].message)
        return self.outcome


Reply = Value | Failed

UNREADABLE = Failed(outcome=Unknown(reason="the answer cannot be read"))


def read_json_2(result: HttpResult) -> Reply:
    """The answer to a `POST /json/2/…`."""
    if not isinstance(result, HttpAnswer):
        return Failed(outcome=outcome_of(result))
    body = read_json(result)
    if result.status == 200:
        return UNREADABLE if body is None else Value(value=body)
    error = as_object(body)
    otherwise = outcome_of_status(result)
    return _failed(error, otherwise) if "name" in error else Failed(outcome=otherwise)


def read_json_rpc(result: HttpResult) -> Reply:
    """The answer to a `POST /jsonrpc`."""
    if not isinstance(result, HttpAnswer) or result.status != 200:
        return Failed(outcome=outcome_of(result))
    body = as_object(read_json(result))
    if "error" in body:
        data = as_object(as_object(body["error"]).get("data"))
        return _failed(data, Unknown(reason=f"Odoo failed: {_message(data)}"))
    if body.get("jsonrpc") != "2.0":
        return UNREADABLE
    return Value(value=body.get("result"))  # left out where a method of an older Odoo returned nothing


def understood(reply: Reply, read: Callable[[Any], Read]) -> Read | Failed:
    """What `read` makes of a value; what it cannot read proves nothing."""
    if isinstance(reply, Failed):
        return reply
    try:
        return read(reply.value)
    except (KeyError, TypeError, ValueError, InvalidOperation):
        return UNREADABLE


def without_traceback(result: HttpResult) -> HttpResult:
    """What may be kept: Odoo adds the traceback of its own code to an error, as `debug`."""
    if b'"debug"' not in result.content:
        return result
    try:
        body = to_json(_pruned(json.loads(result.content, parse_float=str)))
    except (ValueError, TypeError, RecursionError):
        return replace(result, content=result.content.partition(b'"debug"')[0])
    return replace(result, content=body.encode(errors="replace"))


def _pruned(value: Any) -> Any:
    match value:
        case dict():
            return {name: _pruned(each) for name, each in value.items() if name != "debug"}
        case list():
            return [_pruned(each) for each in value]
    return value


def _failed(error: Mapping[str, Any], otherwise: StatusOutcome) -> Failed:
    name, message = as_text(error.get("name"), MAX_MESSAGE), _message(error)
    outcome: StatusOutcome = otherwise
    if name in REFUSED or name == GONE:
        outcome = Rejected(problems=(Problem(line=None, code="refused", message=message),))
    elif name in STRANGERS:
        outcome = Unauthorised(reason=message)
    elif name in NOT_ALLOWED:
        outcome = Misconfigured(reason=message)
    elif name in IN_THE_WAY:
        outcome = Retryable(reason=message)
    elif isinstance(otherwise, Unknown):
        outcome = Unknown(reason=f"Odoo failed: {message}")
    return Failed(outcome=outcome, told=True, gone=name == GONE)


def _message(error: Mapping[str, Any]) -> str:
    said = as_text(error.get("message"), MAX_MESSAGE).strip()
    return storable(said) or as_text(error.get("name"), MAX_MESSAGE) or "Odoo gave no reason"
