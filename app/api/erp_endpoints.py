"""ERP endpoints."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.api.configuration import Setup
from app.api.erp_endpoint_shapes import (
    EndpointAnswer,
    EndpointBody,
    EndpointCheckAnswer,
    EndpointList,
    PauseBody,
    show_check,
    show_endpoint,
)
from app.api.json_body import JsonBody
from app.api.openapi_problems import may_fail
from app.api.parameters import NamePath
from app.api.security import Configurer
from app.api.trial_shapes import TestMessagesAnswer, TestMessagesBody, show_test_message
from app.application.configure.endpoint_draft import Preset

router = APIRouter(prefix="/v1/erp-endpoints", tags=["ERP endpoints"])


@router.get("")
async def list_endpoints(principal: Configurer, setup: Setup) -> EndpointList:
    """All endpoints by name."""
    return EndpointList(items=[show_endpoint(each) for each in await setup.list_endpoints(principal.tenant_id)])


@router.get("/{name:name}")
async def get_endpoint(name: NamePath, principal: Configurer, setup: Setup) -> EndpointAnswer:
    """An endpoint; of its credentials only the names."""
    return show_endpoint(await setup.get_endpoint(principal.tenant_id, name))


@router.put("/{name:name}", responses={201: {"model": EndpointAnswer, "description": "It is new"}})
async def put_endpoint(
    name: NamePath,
    principal: Configurer,
    setup: Setup,
    body: Annotated[EndpointBody, Depends(JsonBody(EndpointBody))],
    response: Response,
    preset: Annotated[Preset | None, Query(description="What stands for `grouping` and `release` where they are not said")] = None,
) -> EndpointAnswer:
    """Sets an ERP endpoint up, or replaces its set-up; nothing is called.

    Releases by hand and per transaction, unless told otherwise or by a preset: `procurement` is per transaction and automatic,
    `daily_journals` is daily and by hand. Credentials that are kept must be sent again where the server changes.
    """
    view, new = await setup.put_endpoint(principal.tenant_id, principal.key_name, name, body.draft(), preset)
    if new:
        response.status_code = 201
    return show_endpoint(view)


@router.delete("/{name:name}", status_code=204, responses=may_fail(409))
async def delete_endpoint(name: NamePath, principal: Configurer, setup: Setup) -> None:
    """Takes an endpoint away that never had a journal; else 409, and it can be paused."""
    await setup.delete_endpoint(principal.tenant_id, principal.key_name, name)


@router.post("/{name:name}/pause")
async def pause_endpoint(
    name: NamePath, principal: Configurer, setup: Setup, body: Annotated[PauseBody, Depends(JsonBody(PauseBody, optional=True))]
) -> EndpointAnswer:
    """Holds its journals until it is resumed; none is dropped."""
    return show_endpoint(await setup.pause_endpoint(principal.tenant_id, principal.key_name, name, body.reason))


@router.post("/{name:name}/resume")
async def resume_endpoint(name: NamePath, principal: Configurer, setup: Setup) -> EndpointAnswer:
    """Ends the pause, whoever or whatever began it; the journals go on where they stood."""
    return show_endpoint(await setup.resume_endpoint(principal.tenant_id, principal.key_name, name))


@router.post("/{name:name}/test", responses=may_fail(409))
async def check_endpoint(name: NamePath, principal: Configurer, setup: Setup) -> EndpointCheckAnswer:
    """Calls the ERP: whether it can be reached and signed in to, its chart of accounts and periods, and what the mapping lacks."""
    return show_check(await setup.check_endpoint(principal.tenant_id, principal.key_name, name))


@router.post("/{name:name}/test-messages", responses=may_fail(409))
async def send_test_messages(
    name: NamePath,
    principal: Configurer,
    setup: Setup,
    body: Annotated[TestMessagesBody, Depends(JsonBody(TestMessagesBody, optional=True))],
) -> TestMessagesAnswer:
    """Takes a made-up order, receipt and invoice through the present set-up, marked TEST, and shows request and answer of each.

    Nothing of it is stored and no balance moves. A test ERP books them; a live one only validates, and `send` is refused.
    """
    purpose, messages = await setup.send_test_messages(
        principal.tenant_id, principal.key_name, name, account_code=body.account_code, amount=body.amount, purpose=body.purpose
    )
    return TestMessagesAnswer(purpose=purpose, messages=[show_test_message(message) for message in messages])
