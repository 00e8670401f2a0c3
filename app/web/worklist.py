"""Which journals the GL screen shows and which of them a form means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query

from app.api.ids import Kind, parse_id
from app.application.operations import Operations
from app.application.ports.worklists import Worklist
from app.application.select_journals import Selection
from app.domain.errors import Fault, Invalid
from app.domain.journal import FINISHED, JournalStatus
from app.web.forms import Form
from app.web.parts import PREFIX

UNSENT_STATUSES = tuple(status for status in JournalStatus if status not in FINISHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The screen's parameters. Text that is empty, as forms send it, counts as left out."""

    endpoint: str | None
    date_from: date | None
    date_to: date | None
    settled: bool
    status: JournalStatus | None


async def _asked(
    endpoint: Annotated[str, Query(max_length=100)] = "",
    date_from: Annotated[str, Query(alias="from", max_length=10)] = "",
    date_to: Annotated[str, Query(alias="to", max_length=10)] = "",
    tab: Annotated[str, Query(max_length=10)] = "",
    status: Annotated[str, Query(max_length=20)] = "",
) -> Asked:
    return Asked(
        endpoint=endpoint or None,
        date_from=_day(date_from, "From"),
        date_to=_day(date_to, "Up to"),
        settled=tab == "sent",
        status=JournalStatus(status) if status in list(JournalStatus) else None,
    )


AskedQuery = Annotated[Asked, Depends(_asked)]


def address(worklist: Worklist, **changes: object) -> str:
    """The screen's address for a worklist, with what is changed in it; None leaves a parameter out."""
    asked: dict[str, object] = {
        "endpoint": worklist.endpoint,
        "from": worklist.date_from,
        "to": worklist.date_to,
        "tab": "sent" if worklist.settled else None,
        "status": worklist.status,
    }
    asked |= {name.rstrip("_"): value for name, value in changes.items()}
    return f"{PREFIX}/?{urlencode([(name, str(value)) for name, value in asked.items() if value is not None])}"


def journal_ids(form: Form) -> tuple[tuple[UUID, ...], tuple[int | None, ...]]:
    """The ticked journals and the version of each that was looked at."""
    ticked = [each.partition(":") for each in form.all("journal")]
    ids = tuple(parse_id(Kind.JOURNAL, journal_id) for journal_id, _, _ in ticked)
    return ids, tuple(int(version) if version.isdecimal() and len(version) < 10 else None for _, _, version in ticked)


async def selection(use: Operations, tenant_id: UUID, form: Form) -> Selection:
    """The ticked ones, or all that match where that is ticked. `Invalid` where nothing is chosen."""
    if form.text("all") == "yes":
        return Selection(journal_ids=tuple(await all_matching(use, tenant_id, form)))
    ids, versions = journal_ids(form)
    if not ids:
        raise Invalid("tick at least one journal first", Fault(pointer="/journal", message="tick at least one journal first"))
    return Selection(journal_ids=ids, versions=versions)


async def all_matching(use: Operations, tenant_id: UUID, form: Form) -> Sequence[UUID]:
    """All unsent journals that the screen listed, on whatever page."""
    first, last = _day(form.text("from"), "From"), _day(form.text("to"), "Up to")
    if first is None or last is None:
        raise Invalid("the dates are missing")
    status = form.text("status")
    worklist = Worklist(
        endpoint=form.needed("endpoint", "the endpoint"),
        date_from=first,
        date_to=last,
        status=JournalStatus(status) if status in UNSENT_STATUSES else None,
    )
    found = await use.work_through.ids(tenant_id, worklist)
    if not found:
        raise Invalid("no journal matches any more", Fault(pointer="/all", message="look again"))
    return found


def _day(text: str, what: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{what}: {text} is not a date", Fault(pointer="/from", message="not a date")) from None
