"""The CloudEvents 1.0 envelope: what identifies an event, checked before anything is stored."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from app.application.events_in import schemas, translate
from app.application.ports.currencies import Currencies
from app.domain.errors import Fault, Invalid
from app.domain.events import Event

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$", re.ASCII)
MAX_IDENTITY = 300
OWN_SOURCE = "glint:"
PEOPLE = "people/"
"""What Glint itself writes into the log comes from sources that begin so; nobody else's do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An event as it came. (`source`, `id`) is the idempotency key; `fingerprint` is over type and data as canonical JSON."""

    source: str
    id: str
    type: str
    time: datetime | None
    data: dict[str, Any]
    fingerprint: bytes


def open_envelope(raw: object) -> Envelope:
    """The envelope of one event; `Invalid` where it cannot be identified, and then it is not kept either."""
    if not isinstance(raw, dict):
        raise Invalid("an event is a JSON object", Fault(pointer="", message="must be an object"))
    faults = [fault for name in ("source", "id", "type") for fault in _identity_faults(name, raw.get(name))]
    if str(raw.get("source")).startswith(OWN_SOURCE):
        faults.append(Fault(pointer="/source", message=f"{OWN_SOURCE} is Glint's own"))
    if raw.get("specversion") != "1.0":
        faults.append(Fault(pointer="/specversion", message='must be "1.0"'))
    if not isinstance(raw.get("data"), dict):
        faults.append(Fault(pointer="/data", message="must be an object"))
    time = raw.get("time")
    moment = _moment(time)
    if time is not None and moment is None:
        faults.append(Fault(pointer="/time", message="must be an instant of RFC 3339 with its offset"))
    if faults:
        raise Invalid("this is not a CloudEvent 1.0 in JSON", *faults)
    return Envelope(
        source=raw["source"],
        id=raw["id"],
        type=raw["type"],
        time=moment,
        data=raw["data"],
        fingerprint=_fingerprint(raw["type"], raw["data"]),
    )


def command_envelope(name: str, command_id: str, event_type: str, time: datetime, data: dict[str, Any]) -> Envelope:
    """A command of Glint's own, for the log: the same id again is a duplicate, as with events."""
    return Envelope(
        source=OWN_SOURCE + name, id=command_id, type=event_type, time=time, data=data, fingerprint=_fingerprint(event_type, data)
    )


def entry_envelope(actor: str, entry_id: UUID, event_type: str, time: datetime, data: dict[str, Any]) -> Envelope:
    """An event that a person entered at a screen: its source names them. The same entry again is a duplicate."""
    return command_envelope(PEOPLE + quote(actor, safe=""), str(entry_id), event_type, time, data)


def person_of(source: str) -> str | None:
    """Who entered an event of this source; None where no person did."""
    name = source.removeprefix(OWN_SOURCE + PEOPLE)
    return None if name == source else unquote(name)


def _fingerprint(event_type: str, data: dict[str, Any]) -> bytes:
    return hashlib.sha256(canonical_json({"type": event_type, "data": data}).encode()).digest()


def canonical_json(value: object) -> str:
    """Keys sorted, no spaces: equal content, equal text. `Invalid` where text cannot be stored."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    if _UNSTORABLE.search(text) or "\\u0000" in text:
        raise Invalid("text has a NUL or half a surrogate pair", Fault(pointer="/data", message="text must be valid Unicode without NUL"))
    return text


def read_event(
    envelope: Envelope, *, received_at: datetime, time_zone: str, currencies: Currencies, decided_day: date | None = None
) -> Event:
    """The domain's event; `Invalid` with a pointer per fault. Undated events take `time` in the tenant's time zone,
    or the day that was decided on when they were posted."""
    model = schemas.DATA.get(envelope.type) or (schemas.COMMANDS.get(envelope.type) if envelope.source.startswith(OWN_SOURCE) else None)
    if model is None:
        raise Invalid(f"{envelope.type} is not an event type", Fault(pointer="/type", message=f"one of {', '.join(schemas.DATA)}"))
    try:
        data = model.model_validate(envelope.data)
    except ValidationError as error:
        raise Invalid(f"the data of {envelope.type} breaks its shape", *faults_of(error, "/data")) from error
    day = decided_day or _local_day(envelope.time or received_at, time_zone)
    return translate.to_domain(envelope.type, data, day, currencies)


def faults_of(error: ValidationError, prefix: str = "") -> tuple[Fault, ...]:
    """pydantic's complaints as JSON pointers, at most 100."""
    return tuple(
        Fault(pointer=prefix + "".join(f"/{_escaped(part)}" for part in each["loc"]), message=each["msg"].removeprefix("Value error, "))
        for each in error.errors(include_url=False, include_context=False, include_input=False)[:100]
    )


def _escaped(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _identity_faults(name: str, value: object) -> list[Fault]:
    if not isinstance(value, str) or not value:
        return [Fault(pointer=f"/{name}", message="must be a non-empty string")]
    if len(value) > MAX_IDENTITY or _UNSTORABLE.search(value):
        return [Fault(pointer=f"/{name}", message=f"at most {MAX_IDENTITY} characters of valid Unicode")]
    return []


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if MINYEAR < moment.year < MAXYEAR else None  # any time zone's day lies in the calendar then


def _local_day(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(ZoneInfo(time_zone)).date()
