"""Small readers over an element tree that never raise, and the notes that are taken on the way."""

import re
from dataclasses import dataclass, field

from app.adapters.procurement.cxml.xml import Element
from app.domain.errors import Fault, Invalid

MAX_FAULTS = 50
MAX_WARNINGS = 100
MAX_IDENTIFIER = 100
MAX_TEXT = 500
MAX_LINE_NUMBER = 999_999
_WHOLE = re.compile(r"[0-9]{1,9}")


def children(element: Element | None, *names: str) -> list[Element]:
    """The direct children with one of these names, in document order."""
    return [] if element is None else list(element.iterchildren(*names))


def child(element: Element | None, *path: str) -> Element | None:
    """The first element down this path, or None."""
    for name in path:
        element = None if element is None else next(element.iterchildren(name), None)
    return element


def attribute(element: Element | None, name: str) -> str:
    """The attribute with its white space tidied; empty where there is none."""
    return "" if element is None else _tidy(element.get(name))


def text(element: Element | None) -> str:
    """The element's own text up to its first child, white space tidied; empty where there is none."""
    return "" if element is None else _tidy(element.text)


def _tidy(value: str | None) -> str:
    return " ".join((value or "").replace("\x7f", " ").split())


def says_yes(element: Element | None, name: str) -> bool:
    return attribute(element, name).lower() == "yes"


def pointer(element: Element, name: str | None = None) -> str:
    """Where an element stands below cXML, such as `/Request/OrderRequest/ItemOut[2]/@quantity`."""
    steps = [f"/@{name}"] if name else []
    parent = element.getparent()
    while parent is not None:
        tag = str(element.tag)
        before = sum(1 for _ in element.itersiblings(tag, preceding=True))
        alone = before == 0 and next(element.itersiblings(tag), None) is None
        steps.append(f"/{tag}" if alone else f"/{tag}[{before + 1}]")
        element, parent = parent, parent.getparent()
    return "".join(reversed(steps)) or "/"


@dataclass(slots=True, kw_only=True)
class Notes:
    """What is wrong with a document (faults: it is refused) and what looked odd (warnings: it is taken)."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def fault(self, at: Element, message: str, name: str | None = None) -> None:
        fault = Fault(pointer=pointer(at, name), message=message)
        if fault not in self.faults:
            self.faults.append(fault)
        if len(self.faults) >= MAX_FAULTS:
            self.check()

    def warn(self, at: Element, message: str, name: str | None = None) -> None:
        if len(self.warnings) > MAX_WARNINGS:
            return  # before the pointer is worked out, which counts siblings
        warning = f"{pointer(at, name)}: {message}"
        if len(self.warnings) == MAX_WARNINGS:
            self.warnings.append("There were more warnings than are kept")
        elif warning not in self.warnings:
            self.warnings.append(warning)

    def check(self) -> None:
        """Raises `Invalid` with every fault so far."""
        if not self.faults:
            return
        first = self.faults[0].message
        count = len(self.faults)
        detail = first if count == 1 else f"The cXML document has {count} faults; the first is: {first}"
        raise Invalid(detail, *self.faults)


def identifier(element: Element | None, name: str, notes: Notes) -> str:
    """An attribute that names something. Empty where it is absent; a fault where it is too long to be a name."""
    value = attribute(element, name)
    if element is not None:
        check_length(value, name, element, notes, name)
    return value


def check_length(value: str, what: str, at: Element, notes: Notes, name: str | None = None, limit: int = MAX_IDENTIFIER) -> None:
    """A fault for a name that is longer than the contract carries."""
    if len(value) > limit:
        notes.fault(at, f"{what} is longer than {limit} characters", name)


def words(element: Element | None, notes: Notes) -> str:
    """Text that only people read, so that it may be cut, with a warning."""
    value = text(element)
    if element is None or len(value) <= MAX_TEXT:
        return value
    notes.warn(element, f"The text is cut to {MAX_TEXT} characters")
    return value[: MAX_TEXT - 1] + "\u2026"


def line_number(element: Element, name: str, notes: Notes) -> int | None:
    """A line number from 1; leading zeros are fine. A fault and None for anything else."""
    return whole_number(element, name, notes, 1, MAX_LINE_NUMBER)


def whole_number(element: Element, name: str, notes: Notes, lowest: int, highest: int) -> int | None:
    """A whole number in an attribute. A fault and None for anything else."""
    value = attribute(element, name)
    if _WHOLE.fullmatch(value) and lowest <= int(value) <= highest:
        return int(value)
    wanted = f"{name} must be a whole number from {lowest} to {highest}, and is '{value[:40]}'"
    notes.fault(element, wanted if value else f"{name} is missing", name)
    return None
