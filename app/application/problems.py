"""A refusal as it is kept and told: the wire's problem object, but for what only HTTP knows."""

from typing import Any

from app.domain.errors import DomainError


def problem_of(error: DomainError) -> dict[str, Any]:
    """`code` and `title` are fixed per class; `errors` points at the fields."""
    return {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "detail": error.detail,
        "code": error.code,
        "errors": [{"pointer": fault.pointer, "message": fault.message} for fault in error.faults],
    }
