"""GRNI and commitments: what is received and not invoiced, and what is ordered and neither, beside the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.report_tables import open_table
from app.application.operations import Operations
from app.application.people.resume_session import SignedIn
from app.application.reports.open_lines import OpenFilter, OpenLine, OpenReport
from app.application.reports.open_sums import (
    LAST_DAYS,
    AgeSum,
    age_of,
    bucket_of,
    by_age,
    by_charge_code,
    by_supplier,
    oldest_first,
    order_key,
)
from app.domain.errors import Fault, Invalid
from app.web.exports import FILES, FileFormat, file_of
from app.web.filled import Filled, marked
from app.web.formats import compact
from app.web.paging import ROWS, Paged, paged_by
from app.web.parts import PREFIX, Use
from app.web.render import page
from app.web.session import Viewer, Watcher
from app.web.signed_bars import SignedBars

router = APIRouter()

OUTSTANDING = f"{PREFIX}/outstanding"
TABS = {"grni": "GRNI", "commitments": "Commitments"}
AGES = tuple(str(place) for place in range(len(LAST_DAYS)))
MOST_PARTS = 15
"""Suppliers and charge codes are named up to so many, the rest of them in one sum."""
Text = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The fields as they were typed."""

    tab: str
    as_of: str
    supplier: str
    charge_code: str
    age: str

    @property
    def aged(self) -> bool:
        """Whether lines have a receipt whose age counts; else it is the order's."""
        return self.tab == "grni"

    @property
    def values(self) -> dict[str, str]:
        """By field, in the order of the form."""
        return {"as_of": self.as_of, "supplier": self.supplier, "charge_code": self.charge_code}

    def address(self, path: str = OUTSTANDING, **changes: str) -> str:
        """A path that asks for the same, but for what is changed."""
        fields = {"tab": self.tab} | self.values | {"age": self.age} | changes
        return f"{path}?{urlencode({name: value for name, value in fields.items() if value})}"


async def _asked(tab: Text = "grni", as_of: Text = "", supplier: Text = "", charge_code: Text = "", age: Text = "") -> Asked:
    return Asked(
        tab=tab if tab in TABS else "grni",
        as_of=as_of.strip(),
        supplier=supplier.strip(),
        charge_code=charge_code.strip(),
        age=age if age in AGES else "",
    )


AskedQuery = Annotated[Asked, Depends(_asked)]


@router.get("/outstanding")
async def outstanding_page(
    request: Request, person: Viewer, use: Use, asked: AskedQuery, cursor: Annotated[str | None, Query(max_length=200)] = None
) -> Response:
    """Sums by age, supplier and charge code, whether they are what the ledger says, and the lines behind them, the oldest first."""
    try:
        day = _day(asked.as_of)
    except Invalid as error:
        filled = marked(asked.values, {"as_of": error.detail})
        return page(request, "outstanding.html", status=422, asked=asked, tabs=TABS, filled=filled, report=None)
    report = await _report(use, person, asked, day)
    ages = by_age(report, aged=asked.aged)
    return page(
        request,
        "outstanding.html",
        asked=asked,
        tabs=TABS,
        filled=Filled(values=asked.values | {"as_of": asked.as_of or str(report.as_of)}),
        report=report,
        ages=ages,
        bars=SignedBars([each.amount for each in ages], [span(each) for each in ages], partial(compact, currency=report.base)),
        span=span,
        suppliers=by_supplier(report),
        codes=by_charge_code(report),
        most=MOST_PARTS,
        lines=_lines(request, asked, report, cursor),
        age_of=partial(age_of, report, aged=asked.aged),
        files={each: asked.address(f"{OUTSTANDING}/export.{each}", age="") for each in FILES},
    )


@router.get("/outstanding/export.{wanted_format}")
async def export_outstanding(person: Watcher, use: Use, asked: AskedQuery, wanted_format: FileFormat) -> Response:
    """A row per order line and charge code, of all ages."""
    report = await _report(use, person, asked, _day(asked.as_of))
    return await file_of(open_table(report, asked.tab, aged=asked.aged), wanted_format)


async def _report(use: Operations, person: SignedIn, asked: Asked, day: date | None) -> OpenReport:
    wanted = OpenFilter(supplier=asked.supplier or None, account_code=asked.charge_code or None)
    report = use.reports.grni if asked.aged else use.reports.commitments
    return await report(person.tenant_id, day, wanted)


def _lines(request: Request, asked: Asked, report: OpenReport, cursor: str | None) -> Paged[OpenLine]:
    after = None if cursor is None else _key(cursor)
    found: Sequence[OpenLine] = [
        line
        for line in oldest_first(report, aged=asked.aged)
        if (after is None or order_key(report, line, aged=asked.aged) > after)
        and (not asked.age or bucket_of(age_of(report, line, aged=asked.aged)) == int(asked.age))
    ]
    return paged_by(request, found[: ROWS + 1], lambda line: _cursor(order_key(report, line, aged=asked.aged)), ROWS)


def _cursor(key: tuple[int, str, int]) -> str:
    return f"{key[0]}:{key[2]}:{key[1]}"


def _key(cursor: str) -> tuple[int, str, int]:
    """Raises `Invalid` where it is no cursor of ours."""
    age, _, rest = cursor.partition(":")
    line, _, number = rest.partition(":")
    try:
        return int(age), number, int(line)
    except ValueError as error:
        raise Invalid("the cursor is not one that was given out", Fault(pointer="/query/cursor", message="not a cursor")) from error


def span(each: AgeSum) -> str:
    """0–30, over 365; the days of an age."""
    if each.first is None:
        return "no date"
    return f"over {each.first - 1}" if each.last is None else f"{each.first}–{each.last}"


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year < 1900 or found == date.max:
        raise Invalid(f"“{text}” is not a date that there are books for: write 2026-11-30.")
    return found
