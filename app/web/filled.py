"""A form as somebody filled it in: what they typed is never lost, and what is wrong with it stands at its field."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.domain.errors import DomainError

PLAIN = {"Field required": "is missing", "String should have at least 1 character": "is missing"}
SET_UP_CALL = re.compile(r"(?:in )?PUT /v1/[a-z-]+/(?:\{code\}|[^;]*?)(?=;| with | \(|: |$)")


@dataclass(frozen=True, slots=True)
class Filled:
    """Values and faults by the name of their field; a field that is not there is empty and has none."""

    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    complaint: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", defaultdict(str, self.values))
        object.__setattr__(self, "faults", defaultdict(str, self.faults))

    @property
    def has_faults(self) -> bool:
        return any(self.faults.values())


def refused(values: Mapping[str, str], error: DomainError, fields: Iterable[str]) -> Filled:
    """What the domain says, at its fields; what belongs to none of them is said of the whole."""
    known = frozenset(fields)
    at = {name_of(fault.pointer): plain(fault.message) for fault in reversed(error.faults)}
    placed = {name: message for name, message in at.items() if name in known}
    others = [message for name, message in at.items() if name not in known]
    return Filled(values, placed, "" if placed and not others else "; ".join(others) or plain(error.detail))


def name_of(pointer: str) -> str:
    """/lines/0/amount → lines.0.amount."""
    return pointer.strip("/").replace("/", ".")


def plain(text: str) -> str:
    """For people: where they set something up is a page, and no call of the API. With a capital."""
    told = SET_UP_CALL.sub("under Set-up, Dissection", PLAIN.get(text, text))
    told = told.replace("of GET /v1/gl-interfaces", "of the list").replace("of GET /v1/accounts", "of the chart of accounts")
    return told[:1].upper() + told[1:]
