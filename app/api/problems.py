"""RFC 9457 problem details: the shape of every error answer."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from app.domain.errors import DomainError
from app.observability import current_trace_id

MEDIA_TYPE = "application/problem+json"
LONGEST_TEXT = 500
MOST_FAULTS = 100


class ProblemResponse(Response):
    """A problem on its way out."""

    media_type = MEDIA_TYPE

    def render(self, content: Mapping[str, Any]) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def problem(*, status: int, code: str, title: str, detail: str | None = None, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The problem object. What the sender sent is cut and cleaned where it is repeated: it need not be encodable."""
    body: dict[str, Any] = {"type": f"/problems/{code}", "title": title, "status": status, "code": code}
    if detail is not None:
        body["detail"] = _clean(detail)
    if errors:
        body["errors"] = [{name: _clean(text) for name, text in each.items()} for each in errors[:MOST_FAULTS]]
    trace_id = current_trace_id()
    return body | {"trace_id": trace_id} if trace_id else body


def problem_of(error: DomainError, status: int) -> dict[str, Any]:
    """The problem that a domain error is."""
    errors = [{"pointer": fault.pointer, "message": fault.message} for fault in error.faults]
    return problem(status=status, code=error.code, title=error.title, detail=error.detail, errors=errors)


def _clean(text: str) -> str:
    short = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
    return short.encode("utf-8", errors="replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")
