"""The published schemas of the `json` adapter, as a check on real messages."""

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

DOCS = Path(__file__).parents[1] / "docs"


def schema_errors(name: str, message: object) -> list[str]:
    """What is wrong with `message` by `docs/json-adapter/<name>.schema.json`; empty where nothing is."""
    return [f"{error.json_path}: {error.message}" for error in _validator(name).iter_errors(message)]


@cache
def _validator(name: str) -> Draft202012Validator:
    schemas = {file.name: json.loads(file.read_text()) for file in (DOCS / "json-adapter").glob("*.schema.json")}
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    registry = Registry().with_resources((file, Resource.from_contents(schema)) for file, schema in schemas.items())
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(schemas[f"{name}.schema.json"], registry=registry, format_checker=checker)
