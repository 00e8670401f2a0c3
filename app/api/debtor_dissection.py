"""The option by which debtor transactions reach the General Ledger."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.configuration import Setup
from app.api.json_body import JsonBody
from app.api.masters import Chooser
from app.api.parameters import Answer
from app.api.security import Configurer
from app.application.events_in.values import Strict
from app.domain.debtors import DebtorsKey, Dissection, Option, WarehouseKey

router = APIRouter(prefix="/v1/debtor-dissection", tags=["debtors"])


class DissectionBody(Strict):
    """Keys go with option combination only."""

    option: Option
    warehouse_key: WarehouseKey = WarehouseKey.NONE
    debtors_key: DebtorsKey = DebtorsKey.NONE


class DissectionAnswer(Answer):
    option: Option
    warehouse_key: WarehouseKey
    debtors_key: DebtorsKey


@router.get("")
async def get_debtor_dissection(principal: Chooser, setup: Setup) -> DissectionAnswer:
    """The option in force; total where none was set."""
    return _show(await setup.debtor_dissection.get(principal.tenant_id))


@router.put("", responses={201: {"model": DissectionAnswer, "description": "It is the first"}})
async def put_debtor_dissection(
    principal: Configurer, setup: Setup, body: Annotated[DissectionBody, Depends(JsonBody(DissectionBody))], response: Response
) -> DissectionAnswer:
    """Sets the option for later transactions."""
    dissection = Dissection(option=body.option, warehouse_key=body.warehouse_key, debtors_key=body.debtors_key)
    if await setup.debtor_dissection.put(principal.tenant_id, principal.key_name, dissection):
        response.status_code = 201
    return _show(dissection)


def _show(dissection: Dissection) -> DissectionAnswer:
    return DissectionAnswer(option=dissection.option, warehouse_key=dissection.warehouse_key, debtors_key=dissection.debtors_key)
