"""Accounting periods."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import AfterValidator

from app.api.configuration import Setup
from app.api.json_body import JsonBody
from app.api.parameters import Answer, NamePath
from app.api.security import Configurer
from app.application.events_in.values import Day, Strict
from app.domain.periods import Period, PeriodStatus

router = APIRouter(prefix="/v1/periods", tags=["periods"])


def _within_reason(day: date) -> date:
    if not 1900 <= day.year <= 2999:
        raise ValueError("must be between 1900 and 2999")
    return day


PeriodDay = Annotated[Day, AfterValidator(_within_reason)]


class PeriodBody(Strict):
    """Both ends are included."""

    starts_on: PeriodDay
    ends_on: PeriodDay
    status: PeriodStatus


class PeriodAnswer(Answer):
    period: str
    starts_on: date
    ends_on: date
    status: PeriodStatus


class PeriodList(Answer):
    items: list[PeriodAnswer]
    next_cursor: str | None = None


@router.get("")
async def list_periods(principal: Configurer, setup: Setup) -> PeriodList:
    """All periods, earliest first."""
    return PeriodList(items=[_show(period) for period in await setup.list_periods(principal.tenant_id)])


@router.get("/{period:name}")
async def get_period(period: NamePath, principal: Configurer, setup: Setup) -> PeriodAnswer:
    """A period by its name."""
    return _show(await setup.get_period(principal.tenant_id, period))


@router.put("/{period:name}", responses={201: {"model": PeriodAnswer, "description": "It is new"}})
async def put_period(
    period: NamePath,
    principal: Configurer,
    setup: Setup,
    body: Annotated[PeriodBody, Depends(JsonBody(PeriodBody))],
    response: Response,
) -> PeriodAnswer:
    """Sets a period up, opens it or closes it. Periods never overlap; a day that none covers is open."""
    put = Period(name=period, starts_on=body.starts_on, ends_on=body.ends_on, status=body.status)
    if await setup.put_period(principal.tenant_id, principal.key_name, put):
        response.status_code = 201
    return _show(put)


def _show(period: Period) -> PeriodAnswer:
    return PeriodAnswer(period=period.name, starts_on=period.starts_on, ends_on=period.ends_on, status=period.status)
