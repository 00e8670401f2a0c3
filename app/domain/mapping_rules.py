"""What a mapping must look like: every fault with its pointer. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.domain.errors import Fault, Invalid
from app.domain.mapping import ALL_LINES, DIMENSIONS_OF, EXPENSE_LINES, KINDS, PLACEHOLDER, REFUSE, SAME

MOST_ENTRIES = 10_000
MOST_DIMENSIONS = 20
LONGEST_CODE = 200
LONGEST_DIMENSION_NAME = 100
LONGEST_SEPARATOR = 5
MOST_FAULTS = 100
TARGET_KEYS = ("account", "dimensions", "tax_code")

Text = Callable[[object], str | None]
"""What is wrong with a text, None where nothing is."""


def check_mapping(mapping: Mapping[str, Any]) -> None:
    """Raises `Invalid` with a pointer per fault, at most 100 of them."""
    faults = list(_faults(mapping))
    if faults:
        raise Invalid("the mapping breaks its shape", *faults[:MOST_FAULTS])


def _faults(mapping: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _unknown_keys(mapping, (*KINDS, DIMENSIONS_OF), "/mapping")
    for kind in KINDS:
        if kind in mapping:
            yield from _kind(mapping[kind], f"/mapping/{kind}")
    if mapping.get(DIMENSIONS_OF, EXPENSE_LINES) not in (EXPENSE_LINES, ALL_LINES):
        yield Fault(pointer=f"/mapping/{DIMENSIONS_OF}", message=f"must be {EXPENSE_LINES} or {ALL_LINES}")


def _kind(rules: object, pointer: str) -> Iterator[Fault]:
    if not isinstance(rules, dict):
        yield Fault(pointer=pointer, message="must be an object")
        return
    yield from _unknown_keys(rules, ("table", "template", "otherwise"), pointer)
    yield from _table(rules.get("table", {}), f"{pointer}/table")
    if rules.get("template") is not None:
        yield from _template(rules["template"], f"{pointer}/template")
    otherwise = rules.get("otherwise", SAME)
    if isinstance(otherwise, str):
        if otherwise not in (SAME, REFUSE):
            yield Fault(pointer=f"{pointer}/otherwise", message=f"must be {SAME}, {REFUSE} or an object")
    else:
        yield from _target(otherwise, f"{pointer}/otherwise", _plain)


def _table(table: object, pointer: str) -> Iterator[Fault]:
    if not isinstance(table, dict):
        yield Fault(pointer=pointer, message="must be an object")
        return
    if len(table) > MOST_ENTRIES:
        yield Fault(pointer=pointer, message=f"must have at most {MOST_ENTRIES} entries")
        return
    for code, entry in table.items():
        here = f"{pointer}/{_escaped(code)}"
        if (wrong := _plain(code)) is not None:
            yield Fault(pointer=here, message=f"the code {wrong}")
        if isinstance(entry, str):
            yield from _text(entry, here, _plain)
        else:
            yield from _target(entry, here, _plain)


def _template(template: object, pointer: str) -> Iterator[Fault]:
    if not isinstance(template, dict):
        yield Fault(pointer=pointer, message="must be an object")
        return
    separator = template.get("separator")
    if separator is not None and not (isinstance(separator, str) and 0 < len(separator) <= LONGEST_SEPARATOR):
        yield Fault(pointer=f"{pointer}/separator", message=f"must be a text of 1 to {LONGEST_SEPARATOR} characters")
    targets = {key: value for key, value in template.items() if key != "separator"}
    yield from _target(targets, pointer, _with_separator if separator is not None else _without_separator)


def _target(entry: object, pointer: str, check: Text) -> Iterator[Fault]:
    if not isinstance(entry, dict):
        yield Fault(pointer=pointer, message="must be an object, or the code of an account")
        return
    yield from _unknown_keys(entry, TARGET_KEYS, pointer)
    if not any(entry.get(key) for key in TARGET_KEYS):
        yield Fault(pointer=pointer, message=f"must say at least one of {', '.join(TARGET_KEYS)}")
    for key in ("account", "tax_code"):
        if entry.get(key) is not None:
            yield from _text(entry[key], f"{pointer}/{key}", check)
    yield from _dimensions(entry.get("dimensions", {}), f"{pointer}/dimensions", check)


def _dimensions(dimensions: object, pointer: str, check: Text) -> Iterator[Fault]:
    if not isinstance(dimensions, dict):
        yield Fault(pointer=pointer, message="must be an object")
        return
    if len(dimensions) > MOST_DIMENSIONS:
        yield Fault(pointer=pointer, message=f"must have at most {MOST_DIMENSIONS} dimensions")
        return
    for name, value in dimensions.items():
        here = f"{pointer}/{_escaped(name)}"
        if not name.strip() or len(name) > LONGEST_DIMENSION_NAME:
            yield Fault(pointer=here, message=f"a dimension's name has 1 to {LONGEST_DIMENSION_NAME} characters")
        yield from _text(value, here, check)


def _text(value: object, pointer: str, check: Text) -> Iterator[Fault]:
    if (wrong := check(value)) is not None:
        yield Fault(pointer=pointer, message=wrong)


def _plain(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_CODE:
        return f"must be a text of 1 to {LONGEST_CODE} characters that is not blank"
    return None


def _with_separator(value: object) -> str | None:
    wrong = _plain(value)
    if wrong is None and isinstance(value, str) and any(brace in PLACEHOLDER.sub("", value) for brace in "{}"):
        return "braces may only stand around code or the number of a part: {code}, {1}, {2} …, up to {99}"
    return wrong


def _without_separator(value: object) -> str | None:
    wrong = _with_separator(value)
    if wrong is None and isinstance(value, str) and any(named != "code" for named in PLACEHOLDER.findall(value)):
        return "names a part of the code: say by which separator it is split"
    return wrong


def _unknown_keys(found: Mapping[str, Any], known: tuple[str, ...], pointer: str) -> Iterator[Fault]:
    for key in found:
        if key not in known:
            yield Fault(pointer=f"{pointer}/{_escaped(key)}", message=f"is not known; there is {', '.join(known)}")


def _escaped(token: str) -> str:
    """A token of a JSON pointer."""
    return token.replace("~", "~0").replace("/", "~1")
