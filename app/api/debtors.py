"""Debtors: who owes, where they belong, and which GL interface record is theirs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.configuration import Setup
from app.api.csv_body import CsvBody, CsvRow
from app.api.json_body import JsonBody
from app.api.masters import Chooser, CodePageQuery, LoadedAnswer, show_loaded
from app.api.openapi_problems import may_fail
from app.api.parameters import Answer, NamePath
from app.api.security import Configurer
from app.application.configure.master_kinds import DEBTOR
from app.application.events_in.values import Name, Strict, Text
from app.domain.debtors import Debtor

router = APIRouter(prefix="/v1/debtors", tags=["debtors"])


class DebtorBody(Strict):
    """All by code. The default warehouse is taken where a transaction names none."""

    name: Text
    sales_territory: Name
    gl_interface: Name | None = None
    default_warehouse: Name | None = None


class DebtorRow(DebtorBody):
    code: Name

    def to_domain(self) -> Debtor:
        return _debtor(self.code, self)


class DebtorAnswer(Answer):
    code: str
    name: str
    sales_territory: str
    gl_interface: str | None
    default_warehouse: str | None


class DebtorList(Answer):
    items: list[DebtorAnswer]
    next_cursor: str | None


@router.get("")
async def list_debtors(principal: Chooser, setup: Setup, page: CodePageQuery) -> DebtorList:
    """Debtors by code."""
    rows = await setup.browse_masters.page(principal.tenant_id, DEBTOR, page.search, after=page.after, limit=page.wanted)
    shown, cursor = page.cut(rows)
    return DebtorList(items=[_show(row) for row in shown], next_cursor=cursor)


@router.post("")
async def load_debtors(
    principal: Configurer, setup: Setup, rows: Annotated[list[CsvRow[DebtorRow]], Depends(CsvBody(DebtorRow))]
) -> LoadedAnswer:
    """Sets up or changes the debtors of a CSV file: all of them, or none where one breaks a rule. Others stay."""
    debtors, lines = [row.body.to_domain() for row in rows], [row.line for row in rows]
    return show_loaded(await setup.put_masters.many(principal.tenant_id, principal.key_name, DEBTOR, debtors, lines))


@router.get("/{code:name}")
async def get_debtor(code: NamePath, principal: Chooser, setup: Setup) -> DebtorAnswer:
    """A debtor by its code."""
    return _show(await setup.browse_masters.one(principal.tenant_id, DEBTOR, code))


@router.put("/{code:name}", responses={201: {"model": DebtorAnswer, "description": "It is new"}})
async def put_debtor(
    code: NamePath,
    principal: Configurer,
    setup: Setup,
    body: Annotated[DebtorBody, Depends(JsonBody(DebtorBody))],
    response: Response,
) -> DebtorAnswer:
    """Sets a debtor up, or changes it for later transactions."""
    debtor = _debtor(code, body)
    if await setup.put_masters.one(principal.tenant_id, principal.key_name, DEBTOR, debtor):
        response.status_code = 201
    return _show(debtor)


@router.delete("/{code:name}", status_code=204, responses=may_fail(409))
async def delete_debtor(code: NamePath, principal: Configurer, setup: Setup) -> None:
    """Deletes a debtor that no GL interface record names and that has no transactions; else 409."""
    await setup.delete_master(principal.tenant_id, principal.key_name, DEBTOR, code)


def _debtor(code: str, body: DebtorBody) -> Debtor:
    return Debtor(
        code=code,
        name=body.name,
        sales_territory=body.sales_territory,
        gl_interface=body.gl_interface,
        default_warehouse=body.default_warehouse,
    )


def _show(row: Debtor) -> DebtorAnswer:
    return DebtorAnswer(
        code=row.code,
        name=row.name,
        sales_territory=row.sales_territory,
        gl_interface=row.gl_interface,
        default_warehouse=row.default_warehouse,
    )
