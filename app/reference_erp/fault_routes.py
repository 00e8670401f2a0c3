"""The switches of the faults, and the ERP's own token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from app.reference_erp.faults import Fault, FaultPlan, FaultReport, FaultSwitch
from app.reference_erp.messages import Message


class Token(Message):
    token: Annotated[str, Field(min_length=1, max_length=1000)]


def _switch(request: Request) -> FaultSwitch:
    switch: FaultSwitch = request.app.state.switch
    return switch


Switch = Annotated[FaultSwitch, Depends(_switch)]
router = APIRouter()


@router.put("/faults")
async def put_fault(body: Fault, switch: Switch) -> Fault:
    switch.fault = body
    return body


@router.get("/faults")
async def read_fault(switch: Switch) -> Fault:
    return switch.fault


@router.put("/faults/plan")
async def put_plan(body: FaultPlan, switch: Switch) -> FaultReport:
    switch.follow(body)
    return switch.report()


@router.get("/faults/plan")
async def read_plan(switch: Switch) -> FaultReport:
    return switch.report()


@router.post("/faults/release")
async def release(switch: Switch) -> FaultReport:
    """Lets the requests go that the fault `hold` holds."""
    switch.release()
    return switch.report()


@router.put("/token")
async def put_token(body: Token, request: Request) -> dict[str, str]:
    """From now on the ERP asks for this one: the old one is revoked."""
    request.app.state.token = body.token
    return {"status": "changed"}
