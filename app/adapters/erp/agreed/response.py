"""What an endpoint's answers mean that speaks the calls of `docs/json-adapter.md`, in JSON or in another form. Pure.

`read` turns an answer into the objects and lists of that page, None where it cannot be read. An answer that is not exactly what was
agreed proves nothing: unknown.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from app.adapters.erp.answers import HttpAnswer, HttpResult, storable
from app.adapters.erp.outcomes import as_look_up, as_validation, outcome_of
from app.domain.delivery import (
    Absent,
    Booked,
    CannotTell,
    FindOutcome,
    FoundBooked,
    FoundDraft,
    Problem,
    Rejected,
    Retryable,
    SendOutcome,
    Unknown,
    ValidateOutcome,
    Validation,
    ValidationLevel,
)
from app.domain.erp_chart import ErpAccount
from app.domain.local_validation import OpenPeriod

LEVEL = ValidationLevel.ERP_DRY_RUN
MAX_PROBLEMS = 1_000
MAX_NUMBER = 100
MAX_CODE = 100
MAX_NAME = 200
MAX_MESSAGE = 1_000

Outcome = TypeVar("Outcome")
Read = Callable[[HttpAnswer], object]


def read_sends(read: Read, references: Sequence[str], result: HttpResult) -> dict[str, SendOutcome]:
    """The outcome of each journal that was sent."""
    if isinstance(result, HttpAnswer) and result.status == 200:
        return _each(references, read(result), _sent, lambda reason: Unknown(reason=reason))
    return dict.fromkeys(references, outcome_of(result, _refusal(read, result)))


def read_validations(read: Read, references: Sequence[str], result: HttpResult) -> dict[str, ValidateOutcome]:
    """The verdict on each journal. Only `valid` with the reference makes one valid."""
    if isinstance(result, HttpAnswer) and result.status == 200:
        return _each(references, read(result), _validated, lambda reason: Retryable(reason=reason))
    return dict.fromkeys(references, as_validation(outcome_of(result, _refusal(read, result)), LEVEL))


def read_find(read: Read, reference: str, result: HttpResult) -> FindOutcome:
    """Absent only where the ERP says so itself: the 404 of a wrong URL says nothing about a journal."""
    if isinstance(result, HttpAnswer) and result.status in (200, 404):
        body = _object(read(result))
        if result.status == 404:
            return Absent() if body.get("code") == "journal-not-found" else CannotTell(reason="404, but not about the journal")
        number = _number(body)
        if body.get("reference") != reference or number is None:
            return CannotTell(reason="the answer is not about this journal")
        if body.get("status") == "booked":
            return FoundBooked(number=number)
        return FoundDraft(number=number) if body.get("status") == "draft" else CannotTell(reason="the journal's status is not known")
    return as_look_up(outcome_of(result))


def read_listed(read: Read, result: HttpResult, name: str) -> list[Mapping[str, Any]] | None:
    """The objects of `{name: [{…}, …]}`, None where the answer is anything else."""
    if not isinstance(result, HttpAnswer) or result.status != 200:
        return None
    items = _object(read(result)).get(name)
    return [_object(item) for item in items] if isinstance(items, list) else None


def read_accounts(accounts: Sequence[Mapping[str, Any]]) -> tuple[ErpAccount, ...]:
    """Those that have a code, and what else is told of them."""
    return tuple(
        ErpAccount(
            code=storable(code),
            name=_text(item.get("name"), MAX_NAME),
            type=_text(item.get("type"), MAX_NAME) or None,
            active=item.get("active") is not False,
        )
        for item in accounts
        if isinstance(code := item.get("code"), str)
    )


def read_open_dates(periods: Sequence[Mapping[str, Any]]) -> tuple[OpenPeriod, ...]:
    """The open periods with their dates. Where the dates of one cannot be read, none: part of a calendar would refuse good dates."""
    found = []
    for period in periods:
        if period.get("status") != "open":
            continue
        name, first, last = (period.get(key) for key in ("period", "starts_on", "ends_on"))
        if not isinstance(name, str) or not isinstance(first, str) or not isinstance(last, str):
            return ()
        try:
            found.append(OpenPeriod(name=storable(name), starts_on=date.fromisoformat(first), ends_on=date.fromisoformat(last)))
        except ValueError:
            return ()
    return tuple(found)


def _each(
    references: Sequence[str],
    body: object,
    told: Callable[[Mapping[str, Any]], Outcome | None],
    otherwise: Callable[[str], Outcome],
) -> dict[str, Outcome]:
    """Pairs results with what was asked, by reference: never by position, and never one of two that contradict each other."""
    results = _object(body).get("results")
    if not isinstance(results, list):
        return dict.fromkeys(references, otherwise("the answer cannot be read"))
    said: dict[str, list[Mapping[str, Any]]] = {}
    for result in map(_object, results):
        said.setdefault(str(result.get("reference")), []).append(result)
    outcomes: dict[str, Outcome] = {}
    for reference in references:
        about = said.get(reference, [])
        outcome = told(about[0]) if len(about) == 1 else None
        outcomes[reference] = outcome if outcome is not None else otherwise("the answer does not say what became of this journal")
    return outcomes


def _sent(result: Mapping[str, Any]) -> SendOutcome | None:
    verdict, number = result.get("result"), _number(result)
    if verdict in ("booked", "duplicate") and number is not None:
        return Booked(number=number)
    if verdict == "rejected":
        return Rejected(problems=_problems(result) or (Problem(line=None, code="refused", message="The ERP gave no reason"),))
    return None


def _validated(result: Mapping[str, Any]) -> ValidateOutcome | None:
    verdict, problems = result.get("result"), _problems(result)
    if verdict == "valid":
        return Validation(level=LEVEL, problems=problems)
    if verdict != "invalid":
        return None
    found = Validation(level=LEVEL, problems=problems)
    if found.valid:
        problems = (*problems, Problem(line=None, code="refused", message="The ERP gave no reason"))
    return Validation(level=LEVEL, problems=problems)


def _refusal(read: Read, result: HttpResult) -> tuple[Problem, ...]:
    """The problem of a whole request, as `application/problem+json` tells it."""
    if not isinstance(result, HttpAnswer):
        return ()
    body = _object(read(result))
    message = _text(body.get("detail"), MAX_MESSAGE) or _text(body.get("title"), MAX_MESSAGE) or f"The ERP answered {result.status}"
    return (Problem(line=None, code=_text(body.get("code"), MAX_CODE) or "refused", message=message),)


def _problems(result: Mapping[str, Any]) -> tuple[Problem, ...]:
    listed = result.get("problems")
    return tuple(_problem(_object(item)) for item in listed[:MAX_PROBLEMS]) if isinstance(listed, list) else ()


def _problem(item: Mapping[str, Any]) -> Problem:
    line = item.get("line")
    return Problem(
        line=line if isinstance(line, int) and not isinstance(line, bool) and abs(line) < 2**31 else None,
        code=_text(item.get("code"), MAX_CODE) or "refused",
        message=_text(item.get("message"), MAX_MESSAGE) or "The ERP gave no reason",
        severity="warning" if item.get("severity") == "warning" else "error",
    )


def _number(item: Mapping[str, Any]) -> str | None:
    number = item.get("number")
    return storable(number) if isinstance(number, str) and len(number.strip()) > 0 and len(number) <= MAX_NUMBER else None


def _text(value: object, limit: int) -> str:
    return storable(value[:limit]) if isinstance(value, str) else ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
