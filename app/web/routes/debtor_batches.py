"""Batches of debtor transactions: opened with a control total, looked over on a verification list, posted once they agree."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.ids import Kind, format_id, parse_id
from app.application.debtor_batches.read_batches import VerificationList
from app.domain.errors import DomainError
from app.web.errors import told
from app.web.filled import Filled, marked, refused
from app.web.formats import plural
from app.web.paging import ROWS, paged, place
from app.web.parts import PREFIX, Setup, Use
from app.web.render import page
from app.web.session import Acting, Poster, PosterLooks, Viewer
from app.web.words import sentence

router = APIRouter(prefix="/debtor-transactions/batches")

FIELDS = ("control_count", "control_amount", "description", "currency")
MOST_NUMBER = 2**63 - 1
COUNT = re.compile(r"\d{1,6}", re.ASCII)
SIGNED = re.compile(r"-?(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,6})?", re.ASCII)


def batch_address(batch_id: UUID) -> str:
    return f"{PREFIX}/debtor-transactions/batches/{format_id(Kind.DEBTOR_BATCH, batch_id)}"


@router.get("")
async def batches_page(request: Request, person: Viewer, use: Use, cursor: Annotated[str | None, Query(max_length=50)] = None) -> Response:
    """The newest first."""
    before = place(cursor)
    found = await use.debtor_batches.read.page(
        person.tenant_id, before=None if before is None else min(before, MOST_NUMBER), limit=ROWS + 1
    )
    return page(request, "debtors/batches.html", rows=paged(request, found, lambda row: row[0].number))


@router.get("/new")
async def new_page(request: Request, person: PosterLooks, setup: Setup) -> Response:
    base = (await setup.get_tenant(person.tenant_id)).base_currency
    return page(request, "debtors/batch_new.html", filled=Filled(values={"currency": base}))


@router.post("")
async def open_batch(request: Request, acting: Poster, use: Use) -> Response:
    """What the papers were added up to, before they are entered."""
    values = {name: acting.form.text(name) for name in FIELDS}
    filled = _checked(values)
    if filled.is_refused:
        return page(request, "debtors/batch_new.html", status=422, filled=filled)
    try:
        batch = await use.debtor_batches.keep.open(
            acting.person.tenant_id,
            acting.name,
            description=values["description"],
            currency=values["currency"],
            count=int(values["control_count"]),
            amount=_amount(values["control_amount"]),
        )
    except DomainError as error:
        return page(request, "debtors/batch_new.html", status=422, filled=refused(values, error))
    return await told(request, replace(acting, back=f"{batch_address(batch.id)}/entries/new"), f"Opened batch {batch.number}.")


@router.get("/{batch_id}")
async def batch_page(request: Request, batch_id: str, person: Viewer, use: Use) -> Response:
    """The verification list: all that is entered, and how it differs from the control total."""
    shown = await use.debtor_batches.read.one(person.tenant_id, parse_id(Kind.DEBTOR_BATCH, batch_id))
    batch = shown.batch
    control = {"control_count": str(batch.control.count), "control_amount": batch.currency.to_text(batch.control.amount)}
    return _batch_page(request, shown, Filled(values={"description": batch.description} | control))


@router.post("/{batch_id}/control")
async def change_control(request: Request, batch_id: str, acting: Poster, use: Use) -> Response:
    """The control total was added up wrongly, or a paper came in late."""
    found = parse_id(Kind.DEBTOR_BATCH, batch_id)
    values = {name: acting.form.text(name) for name in FIELDS if name != "currency"}
    filled = _checked(values | {"currency": "-"})
    try:
        if not filled.is_refused:
            await use.debtor_batches.keep.change(
                acting.person.tenant_id,
                acting.name,
                found,
                description=values["description"],
                count=int(values["control_count"]),
                amount=_amount(values["control_amount"]),
            )
            return await told(request, _there(acting, found), "Changed the control total.")
    except DomainError as error:
        filled = refused(values, error)
    return _batch_page(request, await use.debtor_batches.read.one(acting.person.tenant_id, found), filled, status=422)


@router.post("/{batch_id}/post")
async def post(request: Request, batch_id: str, acting: Poster, use: Use) -> Response:
    """All of it, or nothing where one transaction is refused."""
    found = parse_id(Kind.DEBTOR_BATCH, batch_id)
    try:
        batch = await use.debtor_batches.post(acting.person.tenant_id, acting.name, found)
    except DomainError as error:
        return await told(request, acting, sentence(error.detail), failed=True)
    done = f"Posted batch {batch.number}: {plural(batch.control.count, 'transaction')}."
    return await told(request, _there(acting, found), done)


@router.post("/{batch_id}/discard")
async def discard(request: Request, batch_id: str, acting: Poster, use: Use) -> Response:
    """With all that was entered in it; nothing of it was posted."""
    batch = await use.debtor_batches.keep.discard(acting.person.tenant_id, acting.name, parse_id(Kind.DEBTOR_BATCH, batch_id))
    back = replace(acting, back=f"{PREFIX}/debtor-transactions/batches")
    return await told(request, back, f"Discarded batch {batch.number}. Nothing of it was posted.")


def _batch_page(request: Request, shown: VerificationList, filled: Filled, status: int = 200) -> Response:
    return page(request, "debtors/batch.html", status=status, shown=shown, filled=filled)


def _there(acting: Acting, batch_id: UUID) -> Acting:
    return replace(acting, back=batch_address(batch_id))


def _checked(values: Mapping[str, str]) -> Filled:
    faults = {name: "is needed" for name in FIELDS if name != "description" and not values[name]}
    if values["control_count"] and not COUNT.fullmatch(values["control_count"]):
        faults["control_count"] = "is not a number"
    if values["control_amount"] and not SIGNED.fullmatch(values["control_amount"]):
        faults["control_amount"] = "is not an amount, like 1250.00 or -80.00"
    return marked(values, faults)


def _amount(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
