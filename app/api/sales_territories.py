"""Sales territories: a key of dissection by combination."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.configuration import Setup
from app.api.csv_body import CsvBody, CsvRow
from app.api.json_body import JsonBody
from app.api.masters import Chooser, CodePageQuery, LoadedAnswer, show_loaded
from app.api.openapi_problems import may_fail
from app.api.parameters import Answer, NamePath
from app.api.security import Configurer
from app.application.configure.master_kinds import SALES_TERRITORY
from app.application.events_in.values import Name, Strict, Text
from app.domain.debtors import SalesTerritory

router = APIRouter(prefix="/v1/sales-territories", tags=["debtors"])


class SalesTerritoryBody(Strict):
    """`gl_interface` is the code of its GL interface record."""

    name: Text
    gl_interface: Name | None = None


class SalesTerritoryRow(SalesTerritoryBody):
    code: Name

    def to_domain(self) -> SalesTerritory:
        return SalesTerritory(code=self.code, name=self.name, gl_interface=self.gl_interface)


class SalesTerritoryAnswer(Answer):
    code: str
    name: str
    gl_interface: str | None


class SalesTerritoryList(Answer):
    items: list[SalesTerritoryAnswer]
    next_cursor: str | None


@router.get("")
async def list_sales_territories(principal: Chooser, setup: Setup, page: CodePageQuery) -> SalesTerritoryList:
    """Sales territories by code."""
    rows = await setup.browse_masters.page(principal.tenant_id, SALES_TERRITORY, page.search, after=page.after, limit=page.wanted)
    shown, cursor = page.cut(rows)
    return SalesTerritoryList(items=[_show(row) for row in shown], next_cursor=cursor)


@router.post("")
async def load_sales_territories(
    principal: Configurer, setup: Setup, rows: Annotated[list[CsvRow[SalesTerritoryRow]], Depends(CsvBody(SalesTerritoryRow))]
) -> LoadedAnswer:
    """Sets up or changes the sales territories of a CSV file: all of them, or none where one breaks a rule. Others stay."""
    territories, lines = [row.body.to_domain() for row in rows], [row.line for row in rows]
    return show_loaded(await setup.put_masters.many(principal.tenant_id, principal.key_name, SALES_TERRITORY, territories, lines))


@router.get("/{code:name}")
async def get_sales_territory(code: NamePath, principal: Chooser, setup: Setup) -> SalesTerritoryAnswer:
    """A sales territory by its code."""
    return _show(await setup.browse_masters.one(principal.tenant_id, SALES_TERRITORY, code))


@router.put("/{code:name}", responses={201: {"model": SalesTerritoryAnswer, "description": "It is new"}})
async def put_sales_territory(
    code: NamePath,
    principal: Configurer,
    setup: Setup,
    body: Annotated[SalesTerritoryBody, Depends(JsonBody(SalesTerritoryBody))],
    response: Response,
) -> SalesTerritoryAnswer:
    """Sets a sales territory up, or changes it for later transactions."""
    territory = SalesTerritory(code=code, name=body.name, gl_interface=body.gl_interface)
    if await setup.put_masters.one(principal.tenant_id, principal.key_name, SALES_TERRITORY, territory):
        response.status_code = 201
    return _show(territory)


@router.delete("/{code:name}", status_code=204, responses=may_fail(409))
async def delete_sales_territory(code: NamePath, principal: Configurer, setup: Setup) -> None:
    """Deletes a sales territory that no debtor or GL interface record names and that no transaction carries; else 409."""
    await setup.delete_master(principal.tenant_id, principal.key_name, SALES_TERRITORY, code)


def _show(row: SalesTerritory) -> SalesTerritoryAnswer:
    return SalesTerritoryAnswer(code=row.code, name=row.name, gl_interface=row.gl_interface)
