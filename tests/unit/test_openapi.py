"""`openapi.yaml` says what the application does."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from app.api.application import routed_application
from app.api.openapi import render

FILE = Path(__file__).parents[2] / "openapi.yaml"
OPEN = {"/healthz", "/readyz", "/metrics", "/v1/sign-in/callback"}
"""The last is where vendors send people's browsers back: they have no key, and what they bring is good once."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return routed_application().openapi()


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def test_the_file_is_what_the_application_says() -> None:
    assert FILE.exists(), "make it: python -m app.api.openapi > openapi.yaml"
    assert FILE.read_text() == render(), "the API changed: python -m app.api.openapi > openapi.yaml"


def test_its_version_is_the_packages(document: dict[str, Any]) -> None:
    package = tomllib.loads((FILE.parent / "pyproject.toml").read_text())
    assert document["info"]["version"] == package["project"]["version"]


def test_it_is_openapi_3_1_in_yaml(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert yaml.safe_load(render()) == document


def test_every_reference_leads_somewhere_and_every_component_is_used(document: dict[str, Any]) -> None:
    used = set(_references(document))
    for reference in used:
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
    unused = {name for name in document["components"]["schemas"] if f"#/components/schemas/{name}" not in used}
    assert not unused


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_needs_a_key_and_says_which_but_those_that_need_none(document: dict[str, Any]) -> None:
    for path, method, operation in _operations(document):
        if path in OPEN:
            assert "security" not in operation
        else:
            assert operation["security"] == [{"key": []}], f"{method} {path}"
            assert "Scope: " in operation["description"]
            assert {"401", "403"} <= operation["responses"].keys()


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    for path, method, operation in _operations(document):
        assert "default" in operation["responses"], f"{method} {path}"
        for status, response in operation["responses"].items():
            if status == "default" or int(status) >= 400:
                name = response["$ref"].removeprefix("#/components/responses/")
                assert list(document["components"]["responses"][name]["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_bodies_are_described_though_only_dependencies_read_them(document: dict[str, Any]) -> None:
    body = document["paths"]["/v1/accounts/{name}"]["put"]["requestBody"]
    assert body == {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AccountBody"}}}}
    schema = document["components"]["schemas"]["AccountBody"]
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["account_code", "type"]
    assert document["paths"]["/v1/erp-endpoints/{name}/pause"]["post"]["requestBody"]["required"] is False


def test_operations_have_their_own_names(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(names) == len(set(names))
    assert "put_account" in names
