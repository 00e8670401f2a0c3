"""Fields made of a JSON schema: what an adapter says of its settings and credentials. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.domain.errors import Fault, Invalid
from app.web.words import sentence, words

SELF = re.compile(r"^`(settings|credentials)` of the endpoint[.:,] ?")
Kind = Literal["text", "whole", "choice", "yes_no", "json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaField:
    """`name` is the pointer of what it gives, without the first slash; `usual` is what stands where nothing is said."""

    name: str
    label: str
    kind: Kind
    required: bool = False
    secret: bool = False
    hint: str = ""
    usual: str = ""
    options: Sequence[tuple[str, str]] = ()
    longest: int | None = None

    @property
    def key(self) -> str:
        return self.name.rpartition("/")[2]


def fields_of(schema: Mapping[str, Any], under: str) -> list[SchemaField]:
    """A field per property, in the order of the schema. What has no simple type is JSON."""
    required = schema.get("required", ())
    return [_field(f"{under}/{key}", key, found, key in required) for key, found in schema.get("properties", {}).items()]


def about(schema: Mapping[str, Any] | None) -> str:
    """What the schema says of itself, for people: without the words that say whose it is."""
    told = SELF.sub("", (schema or {}).get("description", ""))
    return sentence(told) if told else ""


def given(fields: Sequence[SchemaField], values: Mapping[str, str]) -> dict[str, Any]:
    """What the fields give; those that are empty give nothing. Raises `Invalid` where JSON cannot be read."""
    return {field.key: _value(field, values[field.name]) for field in fields if values[field.name]}


def shown(field: SchemaField, value: object) -> str:
    """A value as its field shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _field(name: str, key: str, found: Mapping[str, Any], required: bool) -> SchemaField:
    kinds = [each for each in found.get("anyOf", [found]) if each.get("type") != "null"]
    plain = kinds[0] if len(kinds) == 1 else {}
    usual = found.get("default")
    kind, options = _kind(plain), [str(each) for each in plain.get("enum", ())]
    return SchemaField(
        name=name,
        label=words(key),
        kind=kind,
        required=required,
        secret=plain.get("format") == "password",
        hint=found.get("description", ""),
        usual="" if usual is None else ("yes" if usual else "no") if isinstance(usual, bool) else str(usual),
        options=[(each, each) for each in (("yes", "no") if kind == "yes_no" else options)],
        longest=plain.get("maxLength"),
    )


def _kind(plain: Mapping[str, Any]) -> Kind:
    if "enum" in plain:
        return "choice"
    kinds: Mapping[str, Kind] = {"string": "text", "integer": "whole", "boolean": "yes_no"}
    return kinds.get(plain.get("type", ""), "json")


def _value(field: SchemaField, text: str) -> Any:
    if field.kind == "whole" and text.removeprefix("-").isdecimal() and text.isascii():
        return int(text[:20])
    if field.kind == "yes_no" and text in ("yes", "no"):
        return text == "yes"
    return read_json(text, f"/{field.name}") if field.kind == "json" else text


def read_json(text: str, pointer: str) -> Any:
    """Raises `Invalid` at the line where it is no JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = f"is not JSON, line {error.lineno}: {error.msg}"
        raise Invalid(f"what was typed {message}", Fault(pointer=pointer, message=message)) from error
    except RecursionError as error:
        raise Invalid("what was typed is nested too deeply", Fault(pointer=pointer, message="is nested too deeply")) from error
