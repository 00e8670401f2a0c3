"""The wrapping that all cXML requests share: who sent it, when, under which id, and what it asks for."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app.adapters.procurement.cxml.dates import instant
from app.adapters.procurement.cxml.reading import Notes, attribute, check_length, child, children, text
from app.adapters.procurement.cxml.xml import Element
from app.application.ports.procurement import Malformed
from app.domain.errors import Fault, Invalid

Event = dict[str, Any]

_MAX_SOURCE = 300
_MAX_PAYLOAD_ID = 290  # leaves room for the suffix of one event among several


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event without its envelope."""

    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A cXML request: `request` is the element under Request, whose name is the kind."""

    payload_id: str
    source: str
    time: str
    root: Element
    request: Element

    @property
    def kind(self) -> str:
        return str(self.request.tag)

    def party(self, name: str) -> str:
        """The identity in Header/From or Header/To; empty where the document leaves it out."""
        return credential(self.root, name)[1]

    def events(self, drafts: list[Draft]) -> tuple[Event, ...]:
        """CloudEvents whose ids depend on the document alone: its payloadID, with `#1`, `#2`, … where there are several."""
        alone = len(drafts) == 1
        return tuple(
            {
                "specversion": "1.0",
                "id": self.payload_id if alone else f"{self.payload_id}#{position}",
                "source": self.source,
                "type": draft.type,
                "time": self.time,
                "data": draft.data,
            }
            for position, draft in enumerate(drafts, start=1)
        )


def open_envelope(root: Element, notes: Notes) -> Envelope:
    """Raises `Malformed` where the root is not cXML, and `Invalid` where there is no request in it."""
    if root.tag != "cXML":
        raise Malformed("The body is XML but not cXML: its root element is not cXML")
    request = _request(root)
    payload_id = attribute(root, "payloadID")
    check_length(payload_id, "payloadID", root, notes, "payloadID", _MAX_PAYLOAD_ID)
    if not payload_id:
        notes.fault(root, "payloadID is missing; it tells a repeated document from a new one", "payloadID")
    return Envelope(payload_id=payload_id, source=_source(root, notes), time=instant(root, "timestamp", notes), root=root, request=request)


def credential(root: Element, name: str) -> tuple[str, str]:
    """Domain and identity of the first credential of Header/From or Header/To that has an identity; empty strings where none has."""
    for found in children(child(root, "Header", name), "Credential"):
        identity = text(child(found, "Identity"))
        if identity:
            return attribute(found, "domain"), identity
    return "", ""


def _source(root: Element, notes: Notes) -> str:
    domain, identity = credential(root, "From")
    if not identity:
        notes.warn(root, "Header/From has no identity, so that repeated documents are told by their payloadID alone")
    source = "/cxml/" + "/".join(quote(part, safe="") or "-" for part in (domain, identity))
    check_length(source, "The source made of Header/From's domain and identity", root, notes, limit=_MAX_SOURCE)
    return source


def _request(root: Element) -> Element:
    request = child(root, "Request")
    if request is None:
        raise Invalid(
            "The document carries no Request; cXML messages and responses are not read here",
            Fault(pointer="/Request", message="Request is missing"),
        )
    for found in request.iterchildren("*"):
        return found
    raise Invalid("The Request is empty", Fault(pointer="/Request", message="Request is empty"))
