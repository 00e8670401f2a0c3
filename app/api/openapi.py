"""The description of the API in OpenAPI 3.1, from the application itself: `python -m app.api.openapi > openapi.yaml`."""

import sys
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic.json_schema import models_json_schema

from app.api.csv_body import CsvBody
from app.api.json_body import JsonBody
from app.api.openapi_problems import DESCRIPTIONS, SCHEMA, Json, component, components, reference
from app.api.security import Require, RequireAdmin

REFERENCES = "#/components/schemas/{model}"
SECURITY = {"type": "http", "scheme": "bearer", "description": "A key of a tenant, or for tenants themselves the operator's admin key."}
OURS = {"HTTPValidationError", "ValidationError"}
"""The framework's own shapes of errors, which never leave: handlers answer with problems."""


def describe(app: FastAPI) -> Json:
    """Everything the framework knows, and what only the dependencies know: bodies, scopes and errors."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    models: list[type[Any]] = []
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        if dependant is None or not route.include_in_schema:
            continue
        for method in route.methods or ():
            _complete(document["paths"][route.path_format][method.lower()], list(_calls(dependant)), models)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    _, bodies = models_json_schema([(model, "validation") for model in dict.fromkeys(models)], ref_template=REFERENCES)
    known = {name: schema for name, schema in (schemas | bodies.get("$defs", {})).items() if name not in OURS}
    document["components"] = {
        "securitySchemes": {"key": SECURITY},
        "responses": components(),
        "schemas": dict(sorted((known | {"Problem": SCHEMA}).items())),
    }
    return document


def render() -> str:
    """`openapi.yaml`."""
    import yaml

    from app.api.application import routed_application

    text: str = yaml.safe_dump(routed_application().openapi(), sort_keys=False, allow_unicode=True, width=140)
    return text


def _calls(dependant: Dependant) -> Iterator[object]:
    """The dependencies of a route, however deep."""
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)


def _complete(operation: Json, calls: list[object], models: list[type[Any]]) -> None:
    """Adds to one operation what its dependencies tell. Responses that are there already stay."""
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    failures = ({422} if places else set()) | ({404} if "path" in places else set())
    for call in calls:
        if isinstance(call, Require | RequireAdmin):
            operation["security"] = [{"key": []}]
            scopes = " or ".join(f"`{scope}`" for scope in call.scopes) or "any"
            operation["description"] = f"{operation.get('description', '')}\n\nScope: {scopes}.".strip()
            failures |= {401, 403}
        if isinstance(call, JsonBody):
            models.append(call.model)
            schema = {"$ref": REFERENCES.format(model=call.model.__name__)}
            content = {"application/json": {"schema": schema}} | {each: {"schema": {"type": "string"}} for each in call.also}
            operation["requestBody"] = {"required": not call.optional, "content": content}
            failures |= {400, 413, 415, 422}
        if isinstance(call, CsvBody):
            columns = ", ".join(
                f"`{name}`" if field.is_required() else f"`{name}` (optional)" for name, field in call.model.model_fields.items()
            )
            schema = {"type": "string", "description": f"Columns on the first line, in any order: {columns}"}
            operation["requestBody"] = {"required": True, "content": {"text/csv": {"schema": schema}}}
            failures |= {400, 413, 415, 422}
    operation["responses"] = _with_failures(operation["responses"], failures)


def _with_failures(responses: Json, failures: set[int]) -> Json:
    """Every error answer by reference: those found out, those the route declared, and any other."""
    declared = {status for status in DESCRIPTIONS if str(status) in responses}
    named = {str(status): reference(component(status)) for status in failures | declared}
    return dict(sorted((responses | named).items())) | {"default": reference("Problem")}


if __name__ == "__main__":
    sys.stdout.write(render())
