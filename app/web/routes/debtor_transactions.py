"""Debtor transactions: the list, and one with its posting, its journals and its reversal."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.ids import Kind, format_id, parse_id
from app.application.browse_debtor_transactions import DebtorTransactionDetails
from app.application.ports.debtors import DebtorFilter
from app.domain.entry import mirrored
from app.domain.errors import DomainError, Invalid
from app.domain.events import DebtorKind
from app.web.errors import told
from app.web.filled import Filled, marked, refused
from app.web.paging import ROWS, paged, place
from app.web.parts import PREFIX, Use, parts_of
from app.web.render import page
from app.web.session import Poster, PosterLooks, Viewer

router = APIRouter(prefix="/debtor-transactions")

MOST_PLACE = 2**63 - 1
REVERSING = ("date", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The list's parameters as they were typed."""

    debtor: str
    kind: str
    number: str
    date_from: str
    date_to: str

    @property
    def is_narrowed(self) -> bool:
        return any((self.debtor, self.kind, self.number, self.date_from, self.date_to))

    def filter(self) -> DebtorFilter:
        """Raises `Invalid`."""
        return DebtorFilter(
            debtor=self.debtor or None,
            kind=DebtorKind(self.kind) if self.kind in [*DebtorKind] else None,
            number=self.number or None,
            date_from=_day(self.date_from, "From"),
            date_to=_day(self.date_to, "Up to"),
        )


async def _asked(
    debtor: Annotated[str, Query(max_length=100)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    number: Annotated[str, Query(max_length=100)] = "",
    date_from: Annotated[str, Query(alias="from", max_length=10)] = "",
    date_to: Annotated[str, Query(alias="to", max_length=10)] = "",
) -> Asked:
    typed = {"debtor": debtor, "kind": kind, "number": number, "date_from": date_from, "date_to": date_to}
    return Asked(**{name: value.replace("\x00", "").strip() for name, value in typed.items()})


@router.get("")
async def transactions_page(
    request: Request,
    person: Viewer,
    use: Use,
    asked: Annotated[Asked, Depends(_asked)],
    cursor: Annotated[str | None, Query(max_length=50)] = None,
) -> Response:
    """The last posted first."""
    before = place(cursor)
    found = await use.browse_debtor_transactions.page(
        person.tenant_id, asked.filter(), before=None if before is None else min(before, MOST_PLACE), limit=ROWS + 1
    )
    rows = paged(request, found, lambda row: row.place)
    return page(request, "debtors/list.html", asked=asked, rows=rows, kinds=DebtorKind)


@router.get("/{transaction_id}")
async def transaction_page(request: Request, transaction_id: str, person: Viewer, use: Use) -> Response:
    """Its posting with why each account was taken, the journals that carry it, and the other half of a reversal."""
    found = parse_id(Kind.TRANSACTION, transaction_id)
    details = await use.browse_debtor_transactions.one(person.tenant_id, found)
    explained = await use.explain_transaction(person.tenant_id, found)
    return page(request, "debtors/transaction.html", details=details, explained=explained.lines)


@router.get("/{transaction_id}/reverse")
async def reverse_page(request: Request, transaction_id: str, person: PosterLooks, use: Use) -> Response:
    """What the reversal would post. It is the confirmation too: nothing is posted yet."""
    details = await use.browse_debtor_transactions.one(person.tenant_id, parse_id(Kind.TRANSACTION, transaction_id))
    today = parts_of(request).clock.now().astimezone(ZoneInfo(person.time_zone)).date()
    return _reverse_page(request, details, uuid4(), Filled(values={"date": today.isoformat()}))


@router.post("/{transaction_id}/reverse")
async def reverse(request: Request, transaction_id: str, acting: Poster, use: Use) -> Response:
    """The mirror on the same accounts, once."""
    details = await use.browse_debtor_transactions.one(acting.person.tenant_id, parse_id(Kind.TRANSACTION, transaction_id))
    values = {name: acting.form.text(name) for name in REVERSING}
    entry_id, day = _entry_id(acting.form.text("entry_id")), _day(values["date"], "The date")
    faults = {name: "is needed" for name, value in values.items() if not value}
    if day is None or faults:
        return _reverse_page(request, details, entry_id, marked(values, faults))
    document = details.document
    try:
        posted = await use.enter_debtor_transaction.reverse(
            acting.person.tenant_id, acting.name, entry_id, kind=document.kind, number=document.number, reason=values["reason"], day=day
        )
    except DomainError as error:
        return _reverse_page(request, details, entry_id, refused(values, error))
    back = f"{PREFIX}/debtor-transactions/{format_id(Kind.TRANSACTION, details.original)}"
    return await told(request, replace(acting, back=back), f"Posted: {posted.transaction.description}.")


def _reverse_page(request: Request, details: DebtorTransactionDetails, entry_id: UUID, filled: Filled) -> Response:
    status = 422 if filled.is_refused else 200
    lines = mirrored(details.posted.transaction.lines)
    return page(request, "debtors/reverse.html", status=status, details=details, entry_id=entry_id, filled=filled, lines=lines)


def _entry_id(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError:
        raise Invalid("the form is not one of ours: open the page again") from None


def _day(text: str, what: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{what}: {text} is not a date") from None
