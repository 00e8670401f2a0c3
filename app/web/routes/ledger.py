"""The ledger: balances of all accounts, and every line on one of them."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.ledger_tables import key_of, ledger_table, place_of
from app.application.operations import Operations
from app.application.people.resume_session import SignedIn
from app.application.ports.reports import LedgerKey, Selector
from app.application.reports.ledger import LedgerPage
from app.domain.errors import Fault, Invalid
from app.web.exports import FILES, FileFormat, file_of
from app.web.ledger_form import Asked, AskedQuery, Wanted, read
from app.web.paging import ROWS, paged, paged_by, place
from app.web.parts import PREFIX, Setup, Use, parts_of
from app.web.render import page
from app.web.session import Viewer, Watcher

router = APIRouter()

MOST_IN_A_FILE = 100_000
MOST_OFFERED = 300
ACCOUNTS = 100
"""Rows of a page of balances."""
LEDGER = f"{PREFIX}/ledger"
Cursor = Annotated[str | None, Query(max_length=200)]


@router.get("/ledger")
async def ledger_page(request: Request, person: Viewer, use: Use, setup: Setup, asked: AskedQuery, cursor: Cursor = None) -> Response:
    """Without an account: what each account stands at, to choose one from."""
    asked = asked.from_last_month(person, parts_of(request).clock)
    wanted = read(asked)
    shown: dict[str, Any] = {"asked": asked, "wanted": wanted}
    shown["accounts"] = (await setup.list_accounts(person.tenant_id))[:MOST_OFFERED]
    if wanted.filled.is_refused:
        return page(request, "ledger.html", status=422, **shown)
    if wanted.selector is None:
        return page(request, "ledger.html", balances=await _balances(request, use, person, cursor), **shown)
    after = None if cursor is None else key_of(place(cursor) or 0)
    found = await _ledger(use, person, wanted.selector, wanted, after, ROWS + 1)
    lines = paged(request, found.lines, lambda line: place_of(line.posted.key), ROWS)
    files = {each: asked.address(f"{LEDGER}/export.{each}") for each in FILES}
    return page(request, "ledger.html", ledger=found, lines=lines, files=files, whole=_whole(asked), **shown)


@router.get("/ledger/export.{wanted_format}")
async def export_ledger(request: Request, person: Watcher, use: Use, asked: AskedQuery, wanted_format: FileFormat) -> Response:
    """Every line that the screen would page through, as CSV or XLSX."""
    wanted = read(asked.from_last_month(person, parts_of(request).clock))
    if wanted.filled.is_refused:
        raise Invalid(next(iter(wanted.filled.faults.values()))[0])
    if wanted.selector is None:
        raise Invalid("name the account whose lines you want")
    found = await _ledger(use, person, wanted.selector, wanted, None, MOST_IN_A_FILE + 1)
    if len(found.lines) > MOST_IN_A_FILE:
        message = f"a file holds at most {MOST_IN_A_FILE:,} lines: choose fewer days"
        raise Invalid(message, Fault(pointer="/query/from", message=message))
    return await file_of(ledger_table(found), wanted_format)


async def _ledger(use: Operations, person: SignedIn, selector: Selector, wanted: Wanted, after: LedgerKey | None, limit: int) -> LedgerPage:
    return await use.reports.ledger(
        person.tenant_id, selector, wanted.narrowed, date_from=wanted.date_from, date_to=wanted.date_to, after=after, limit=limit
    )


async def _balances(request: Request, use: Operations, person: SignedIn, cursor: str | None) -> dict[str, object]:
    report = await use.reports.trial_balance(person.tenant_id, None)
    onwards = [each for each in report.balances if cursor is None or each.account_code > cursor]
    return {
        "report": report,
        "rows": paged_by(request, onwards[: ACCOUNTS + 1], lambda each: each.account_code, ACCOUNTS),
        "debit": sum(each.debit for each in report.balances),
        "credit": sum(each.credit for each in report.balances),
    }


def _whole(asked: Asked) -> str:
    """The same from the beginning on."""
    return replace(asked, date_from="", date_to="").address(LEDGER)
