"""Dates and times as cXML documents write them: ISO with or without a zone, `+0100`, a space for the T, or a date alone."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from app.adapters.procurement.cxml.reading import Notes, attribute
from app.adapters.procurement.cxml.xml import Element

_WRITTEN = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r" ?(?P<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
_WIDEST_ZONE = timedelta(hours=14)


def instant(element: Element, name: str, notes: Notes) -> str:
    """RFC 3339, in the zone that was written. Without a zone it is taken as UTC, with a warning; a date alone is its midnight."""
    written = attribute(element, name)
    found = _parse(written)
    if found is None:
        _refuse(element, name, written, notes)
        return ""
    if found.tzinfo is None:
        notes.warn(element, f"{name} has no time zone and is taken as UTC", name)
        found = found.replace(tzinfo=UTC)
    return found.isoformat().replace("+00:00", "Z")


def local_date(element: Element, name: str, notes: Notes) -> str:
    """The calendar date as it stands in the document; its zone, if any, does not shift it."""
    written = attribute(element, name)
    found = _parse(written)
    if found is None:
        _refuse(element, name, written, notes)
        return ""
    return found.date().isoformat()


def _refuse(element: Element, name: str, written: str, notes: Notes) -> None:
    notes.fault(element, f"{name} must be an ISO 8601 date or time, and is '{written[:40]}'" if written else f"{name} is missing", name)


def _parse(written: str) -> datetime | None:
    found = _WRITTEN.fullmatch(written)
    if found is None:
        return None
    clock = found["time"] or "00:00"
    try:
        moment = datetime.fromisoformat(f"{found['date']}T{clock if len(clock) > 5 else clock + ':00'}")
    except ValueError:
        return None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    moment = moment.replace(microsecond=int((found["fraction"] or "0")[:6].ljust(6, "0")))
    if found["zone"] is None:
        return moment
    zone = _zone(found["zone"])
    return None if zone is None else moment.replace(tzinfo=zone)


def _zone(written: str) -> tzinfo | None:
    if written in "Zz":
        return UTC
    digits = written[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset > _WIDEST_ZONE or int(digits[2:]) > 59:
        return None
    return timezone(-offset if written[0] == "-" else offset)
