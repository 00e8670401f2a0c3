"""Errors in the description of the API: every one is a problem (RFC 9457)."""

from typing import Any

from app.api.problems import MEDIA_TYPE

Json = dict[str, Any]

SCHEMA: Json = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `errors` point at the fields (RFC 6901), at parameters as /path/… and /query/….",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["/problems/order-closed"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "examples": ["order-closed"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {"pointer": {"type": "string", "examples": ["/data/lines/0/quantity"]}, "message": {"type": "string"}},
            },
        },
        "trace_id": {"type": "string"},
    },
}


DESCRIPTIONS = {
    400: "The body is not JSON, or not CSV, at all",
    401: "No key, or none that is in force",
    403: "The key lacks the scope",
    404: "There is no such object in this tenant",
    406: "There is no such format",
    409: "Well formed, but against the present state",
    413: "The body is too large",
    415: "The body's media type is not accepted",
    422: "The request breaks a rule",
    503: "Not ready to serve",
}


def may_fail(*statuses: int) -> dict[int | str, Json]:
    """For a route's `responses`: what it may answer besides what `app.api.openapi` finds by itself."""
    return {status: {"description": DESCRIPTIONS[status]} for status in statuses}


def component(status: int) -> str:
    """The name of an error answer among the components."""
    return f"Problem{status}"


def components() -> Json:
    """All error answers."""
    described = {component(status): description for status, description in DESCRIPTIONS.items()} | {"Problem": "Any other error"}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {name: {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}} for name, description in described.items()}


def reference(name: str) -> Json:
    """An error answer where it stands."""
    return {"$ref": f"#/components/responses/{name}"}
