"""Warehouses: a key of dissection by combination."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.configuration import Setup
from app.api.csv_body import CsvBody, CsvRow
from app.api.json_body import JsonBody
from app.api.masters import Chooser, CodePageQuery, LoadedAnswer, show_loaded
from app.api.openapi_problems import may_fail
from app.api.parameters import Answer, NamePath
from app.api.security import Configurer
from app.application.configure.master_kinds import WAREHOUSE
from app.application.events_in.values import Name, Strict, Text
from app.domain.debtors import Warehouse

router = APIRouter(prefix="/v1/warehouses", tags=["debtors"])


class WarehouseBody(Strict):
    """`gl_interface` is the code of its GL interface record."""

    name: Text
    gl_interface: Name | None = None


class WarehouseRow(WarehouseBody):
    code: Name

    def to_domain(self) -> Warehouse:
        return Warehouse(code=self.code, name=self.name, gl_interface=self.gl_interface)


class WarehouseAnswer(Answer):
    code: str
    name: str
    gl_interface: str | None


class WarehouseList(Answer):
    items: list[WarehouseAnswer]
    next_cursor: str | None


@router.get("")
async def list_warehouses(principal: Chooser, setup: Setup, page: CodePageQuery) -> WarehouseList:
    """Warehouses by code."""
    rows = await setup.browse_masters.page(principal.tenant_id, WAREHOUSE, page.search, after=page.after, limit=page.wanted)
    shown, cursor = page.cut(rows)
    return WarehouseList(items=[_show(row) for row in shown], next_cursor=cursor)


@router.post("")
async def load_warehouses(
    principal: Configurer, setup: Setup, rows: Annotated[list[CsvRow[WarehouseRow]], Depends(CsvBody(WarehouseRow))]
) -> LoadedAnswer:
    """Sets up or changes the warehouses of a CSV file: all of them, or none where one breaks a rule. Others stay."""
    warehouses, lines = [row.body.to_domain() for row in rows], [row.line for row in rows]
    return show_loaded(await setup.put_masters.many(principal.tenant_id, principal.key_name, WAREHOUSE, warehouses, lines))


@router.get("/{code:name}")
async def get_warehouse(code: NamePath, principal: Chooser, setup: Setup) -> WarehouseAnswer:
    """A warehouse by its code."""
    return _show(await setup.browse_masters.one(principal.tenant_id, WAREHOUSE, code))


@router.put("/{code:name}", responses={201: {"model": WarehouseAnswer, "description": "It is new"}})
async def put_warehouse(
    code: NamePath,
    principal: Configurer,
    setup: Setup,
    body: Annotated[WarehouseBody, Depends(JsonBody(WarehouseBody))],
    response: Response,
) -> WarehouseAnswer:
    """Sets a warehouse up, or changes it for later transactions."""
    warehouse = Warehouse(code=code, name=body.name, gl_interface=body.gl_interface)
    if await setup.put_masters.one(principal.tenant_id, principal.key_name, WAREHOUSE, warehouse):
        response.status_code = 201
    return _show(warehouse)


@router.delete("/{code:name}", status_code=204, responses=may_fail(409))
async def delete_warehouse(code: NamePath, principal: Configurer, setup: Setup) -> None:
    """Deletes a warehouse that no debtor or GL interface record names and that no transaction carries; else 409."""
    await setup.delete_master(principal.tenant_id, principal.key_name, WAREHOUSE, code)


def _show(row: Warehouse) -> WarehouseAnswer:
    return WarehouseAnswer(code=row.code, name=row.name, gl_interface=row.gl_interface)
