"""A form as it stands on a page: what is in each field, and what is wrong with it. Nothing that was typed is lost."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.errors import DomainError

PLAIN: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern), told)
    for pattern, told in (
        (r"^Field required$|^String should have at least 1 character$", "is needed"),
        (r"^Input should be a valid integer.*", "must be a whole number"),
        (r"^Input should be a valid string$", "must be a text"),
        (r"^Input should be greater than or equal to (.+)$", r"must be \1 or more"),
        (r"^Input should be less than or equal to (.+)$", r"must be \1 or less"),
        (r"^String should have at most (\d+) characters?$", r"must have at most \1 characters"),
        (r"^String should have at least (\d+) characters?$", r"must have at least \1 characters"),
        (r"^String should match pattern '(.+)'$", r"must look like \1"),
        (r"^Input should be (.+)$", r"must be \1"),
        (r"^Extra inputs are not permitted$", "is not known"),
    )
)
"""What the checks of shapes say, as people say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """`values` has every field of the form by its name, and what is in it as text: a ticked box `yes`. A name is the JSON pointer of what
    the field gives, without the first slash. `faults` are by name; `general` are those of no field."""

    values: Mapping[str, str]
    told: str = ""
    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)
    general: Sequence[str] = ()

    def value(self, name: str) -> str:
        return self.values.get(name, "")

    def wrong(self, name: str) -> Sequence[str]:
        return self.faults.get(name, ())

    @property
    def first_wrong(self) -> str | None:
        """In the order of the form."""
        return next((name for name in self.values if name in self.faults), None)


def refused(values: Mapping[str, str], error: DomainError) -> Filled:
    """The form with the error at its fields: each fault at the field whose name its pointer begins with."""
    faults: dict[str, list[str]] = {}
    general: list[str] = []
    for each in error.faults:
        name = _field_of(each.pointer.removeprefix("/"), values)
        if name is None:
            general.append(f"{each.pointer}: {plain(each.message)}")
        else:
            faults.setdefault(name, []).append(plain(each.message))
    return Filled(values=values, told=error.detail, faults=faults, general=general)


def plain(message: str) -> str:
    """A fault in plain words."""
    for pattern, told in PLAIN:
        if pattern.search(message):
            return pattern.sub(told, message)
    return message


def _field_of(pointer: str, values: Mapping[str, str]) -> str | None:
    """The longest name of a field that is the pointer or stands before it."""
    while pointer:
        if pointer in values:
            return pointer
        pointer = pointer.rpartition("/")[0]
    return None
