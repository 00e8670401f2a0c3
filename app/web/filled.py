"""A form as it stands on a page: what is in each field, and what is wrong with it. Nothing that was typed is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.errors import DomainError
from app.web.plain import plain
from app.web.words import words

NO_LABELS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """`values` has every field of the form by its name, in the order of the page, and what is in it as text: a ticked box `yes`. A name is
    the JSON pointer of what the field gives, without the first slash. `faults` are by name; `general` are those of no field; `told` is
    said of the whole."""

    values: Mapping[str, str] = field(default_factory=dict)
    told: str = ""
    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)
    general: Sequence[str] = ()

    def value(self, name: str) -> str:
        return self.values.get(name, "")

    def wrong(self, name: str) -> Sequence[str]:
        return self.faults.get(name, ())

    @property
    def is_refused(self) -> bool:
        return bool(self.told or self.faults or self.general)

    @property
    def first_wrong(self) -> str | None:
        """In the order of the form."""
        return next((name for name in self.values if name in self.faults), None)


def marked(values: Mapping[str, str], faults: Mapping[str, str], told: str = "") -> Filled:
    """The form with what was seen to be wrong before anybody else was asked: a fault per field."""
    return Filled(values=values, told=told, faults={name: (message,) for name, message in faults.items()})


def refused(values: Mapping[str, str], error: DomainError, under: str = "") -> Filled:
    """The form with the error at its fields: each fault at the field whose name its pointer begins with. Where a page has several forms,
    the names of this one's fields are `under` a name of its own."""
    faults: dict[str, list[str]] = {}
    general: list[str] = []
    for each in error.faults:
        pointer = under + each.pointer if under else each.pointer.removeprefix("/")
        name = _field_of(pointer, values)
        if name is None:
            general.append(_placed(each.pointer, plain(each.message)))
        else:
            faults.setdefault(name, []).append(plain(each.message))
    said = {each.message for each in error.faults}
    return Filled(values=values, told="" if error.detail in said else plain(error.detail), faults=faults, general=general)


def label_of(name: str, labels: Mapping[str, str] = NO_LABELS) -> str:
    """What a field is called: `lines/0/amount` → Amount of line 1. `labels` are of names or their last parts."""
    *above, last = name.split("/")
    number = next((int(part) + 1 for part in above if part.isdecimal()), None)
    label = labels.get(name) or labels.get(last) or words(last)
    return label if number is None else f"{label} of line {number}"


def _placed(pointer: str, message: str) -> str:
    """A fault of no field still says what it is about."""
    return f"{label_of(pointer.strip('/'))}: {message}" if pointer.strip("/") else message


def _field_of(pointer: str, values: Mapping[str, str]) -> str | None:
    """The longest name of a field that is the pointer or stands before it."""
    while pointer:
        if pointer in values:
            return pointer
        pointer = pointer.rpartition("/")[0]
    return None
