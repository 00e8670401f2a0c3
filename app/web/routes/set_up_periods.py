"""Periods: a list with their state, open and close, add, change."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import status_of
from app.api.json_body import shaped
from app.api.periods import PeriodBody
from app.application.events_in.values import Name
from app.domain.errors import DomainError
from app.domain.periods import Period, PeriodStatus
from app.web.errors import told
from app.web.filled import Filled, refused
from app.web.formats import segment
from app.web.parts import PREFIX, Setup, parts_of
from app.web.render import page
from app.web.session import Acting, SetUp, Viewer

router = APIRouter(prefix="/set-up")

LIST = f"{PREFIX}/set-up/periods"
NEW = f"{PREFIX}/set-up/new-period"
FIELDS = ("starts_on", "ends_on", "status")
STATUSES = ((str(PeriodStatus.OPEN), "Open"), (str(PeriodStatus.CLOSED), "Closed"))


class NamedPeriod(PeriodBody):
    """What the form gives."""

    name: Name


@router.get("/periods")
async def periods_page(request: Request, person: Viewer, setup: Setup) -> Response:
    """The newest first."""
    periods = await setup.list_periods(person.tenant_id)
    return page(request, "set_up/periods.html", periods=list(reversed(periods)))


@router.get("/new-period")
async def new_period_page(request: Request, person: Viewer, setup: Setup) -> Response:
    """Filled in with the month after the last period, or this one."""
    today = parts_of(request).clock.now().astimezone(ZoneInfo(person.time_zone)).date()
    first = _next_day(await setup.list_periods(person.tenant_id), today)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    values = {"name": f"{first:%Y-%m}", "starts_on": str(first), "ends_on": str(last), "status": "open"}
    return _page(request, Filled(values=values), name=None)


@router.post("/new-period")
async def add_period(request: Request, acting: SetUp, setup: Setup) -> Response:
    """Added, and not written over one of the same name."""
    values = {name: acting.form.text(name) for name in ("name", *FIELDS)}
    try:
        period = _period(values)
        await setup.put_period(acting.person.tenant_id, acting.name, period, add=True)
    except DomainError as error:
        return _page(request, refused(values, error), name=None, status=status_of(type(error)))
    return await told(request, acting, f"The period {period.name} is set up.", to=LIST)


@router.get("/periods/{name:name}")
async def period_page(request: Request, name: str, person: Viewer, setup: Setup) -> Response:
    period = await setup.get_period(person.tenant_id, name)
    return _page(request, Filled(values={each: str(getattr(period, each)) for each in FIELDS}), name=name)


@router.post("/periods/{name:name}")
async def change_period(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    values = {each: acting.form.text(each) for each in FIELDS}
    await setup.get_period(acting.person.tenant_id, name)
    try:
        await setup.put_period(acting.person.tenant_id, acting.name, _period(values | {"name": name}))
    except DomainError as error:
        return _page(request, refused(values, error), name=name, status=status_of(type(error)))
    return await told(request, acting, f"The period {name} is changed.", to=LIST)


@router.post("/periods/{name:name}/close")
async def close_period(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    return await _set(request, acting, setup, name, PeriodStatus.CLOSED)


@router.post("/periods/{name:name}/open")
async def open_period(request: Request, name: str, acting: SetUp, setup: Setup) -> Response:
    return await _set(request, acting, setup, name, PeriodStatus.OPEN)


async def _set(request: Request, acting: Acting, setup: Setup, name: str, status: PeriodStatus) -> Response:
    await setup.set_period_status(acting.person.tenant_id, acting.name, name, status)
    return await told(request, acting, f"{name} is {status}.", to=LIST)


def _next_day(periods: Sequence[Period], today: date) -> date:
    """The day after the last period ends; without any the first of this month."""
    return max(period.ends_on for period in periods) + timedelta(days=1) if periods else today.replace(day=1)


def _period(values: dict[str, str]) -> Period:
    """Raises `Invalid`."""
    body = shaped(NamedPeriod, values, "the period is not complete")
    return Period(name=body.name, starts_on=body.starts_on, ends_on=body.ends_on, status=body.status)


def _page(request: Request, form: Filled, *, name: str | None, status: int = 200) -> Response:
    action = NEW if name is None else f"{LIST}/{segment(name)}"
    return page(request, "set_up/period.html", status=status, form=form, name=name, action=action, statuses=STATUSES)
