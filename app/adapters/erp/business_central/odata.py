"""Operations of Business Central's OData `$batch` and what its answer says of each. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from app.adapters.erp.answers import HttpAnswer, HttpResult
from app.adapters.erp.exact_json import as_object, as_objects, read_json, to_json
from app.adapters.erp.outcomes import StatusOutcome, outcome_of, outcome_of_status
from app.domain.delivery import Problem, Unknown

MOST_OPERATIONS = 100
"""Microsoft Learn, "Current API limits": at most so many operations in a `$batch`."""


PRIMARY = {"Data-Access-Intent": "ReadWrite"}
"""Reads ask for the primary database: an administrator can have these pages read from a replica, which lags behind (Microsoft Learn,
"Managing Database Access Intent"), and what was just posted would look absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One request inside a `$batch`. `path` below the company, query included and encoded. `etag` for what must be unchanged."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    etag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationAnswer:
    """What came of one operation: its status, its headers in lower case, its JSON."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    received_at: datetime

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    def outcome(self, problems: Sequence[Problem] = ()) -> StatusOutcome:
        """What a status that is no success means inside a `$batch`: the same as outside."""
        answer = HttpAnswer(
            status=self.status, headers=self.headers, content=b"", truncated=False, duration_ms=0, received_at=self.received_at
        )
        return outcome_of_status(answer, problems)


def batch_body(company: str, operations: Sequence[Operation]) -> str:
    """The body of `POST $batch`; an operation's id is its place, from 1."""
    return to_json({"requests": [_request(number, company, each) for number, each in enumerate(operations, start=1)]})


def read_batch(result: HttpResult, count: int) -> list[OperationAnswer | None] | StatusOutcome:
    """The answer to each operation by its id, never by position; None where nothing, or no single thing, is said of one.

    Unknown where the whole answer is not what was agreed.
    """
    if not isinstance(result, HttpAnswer) or result.status != 200:
        return outcome_of(result)
    body = read_json(result)
    if not isinstance(body, dict) or not isinstance(body.get("responses"), list):
        return Unknown(reason="the answer cannot be read")
    said: dict[str, list[OperationAnswer | None]] = {}
    for response in map(as_object, body["responses"]):
        said.setdefault(str(response.get("id")), []).append(_answer(response, result.received_at))
    return [about[0] if len(about := said.get(str(number), [])) == 1 else None for number in range(1, count + 1)]


def literal(value: str) -> str:
    """A text in a `$filter`: single quotes, doubled inside."""
    return "'" + value.replace("'", "''") + "'"


def query(**options: str) -> str:
    """`?$filter=…&$select=…`, encoded."""
    return "?" + "&".join(f"${name}={quote(value, safe='')}" for name, value in options.items())


def values(answer: OperationAnswer | None) -> list[Mapping[str, Any]] | None:
    """The objects of `{"value": […]}` of a successful read; None where it is anything else, or only a first page."""
    if answer is None or answer.status != 200 or "@odata.nextLink" in answer.body:
        return None
    listed = answer.body.get("value")
    return as_objects(listed) if isinstance(listed, list) else None


def _request(number: int, company: str, operation: Operation) -> dict[str, Any]:
    headers = dict(PRIMARY) if operation.method == "GET" else {}
    if operation.body is not None:
        headers["Content-Type"] = "application/json"
    if operation.etag is not None:
        headers["If-Match"] = operation.etag
    request: dict[str, Any] = {
        "id": str(number),
        "method": operation.method,
        "url": f"companies({company})/{operation.path}",
        "headers": headers,
    }
    return request if operation.body is None else request | {"body": operation.body}


def _answer(response: Mapping[str, Any], received_at: datetime) -> OperationAnswer | None:
    status = response.get("status")
    if not isinstance(status, int) or isinstance(status, bool):
        return None
    headers = {str(name).lower(): str(value) for name, value in as_object(response.get("headers")).items()}
    return OperationAnswer(status=status, headers=headers, body=as_object(response.get("body")), received_at=received_at)
