"""GL interface records: which account takes which part of a debtor transaction."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import ConfigDict, Field, model_validator

from app.api.configuration import Setup
from app.api.csv_body import CsvBody, CsvRow
from app.api.json_body import JsonBody
from app.api.masters import Chooser, CodePageQuery, LoadedAnswer, show_loaded
from app.api.openapi_problems import may_fail
from app.api.parameters import Answer, NamePath
from app.api.security import Configurer
from app.application.configure.master_kinds import GL_INTERFACE
from app.application.events_in.values import Name, Strict, Text
from app.domain.debtors import GlInterface, Pair

router = APIRouter(prefix="/v1/gl-interfaces", tags=["debtors"])


class PairBody(Strict):
    """A warehouse, and a debtor or a sales territory, whichever is the debtors key. Neither need be set up yet."""

    warehouse: Name
    debtors: Name


class RecordBody(Strict):
    description: Text = ""
    trade_debtors_account: Name
    invoice_account: Name
    journal_account: Name
    tax_account: Name


class GlInterfaceBody(RecordBody):
    """Accounts by name. The trade debtors account is an asset, and nothing else in any record. The standard record is TOTAL."""

    pair: PairBody | None = Field(default=None, alias="for")


class GlInterfaceRow(RecordBody):
    code: Name
    for_warehouse: Name | None = None
    for_debtors: Name | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> "GlInterfaceRow":
        if (self.for_warehouse is None) != (self.for_debtors is None):
            raise ValueError("give both of for_warehouse and for_debtors, or neither")
        return self

    def to_domain(self) -> GlInterface:
        pair = None
        if self.for_warehouse is not None and self.for_debtors is not None:
            pair = Pair(warehouse=self.for_warehouse, debtors=self.for_debtors)
        return _record(self.code, self, pair)


class PairAnswer(Answer):
    warehouse: str
    debtors: str


class GlInterfaceAnswer(Answer):
    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    code: str
    description: str
    trade_debtors_account: str
    invoice_account: str
    journal_account: str
    tax_account: str
    pair: PairAnswer | None = Field(alias="for")


class GlInterfaceList(Answer):
    items: list[GlInterfaceAnswer]
    next_cursor: str | None


@router.get("")
async def list_gl_interfaces(principal: Chooser, setup: Setup, page: CodePageQuery) -> GlInterfaceList:
    """The records by code: what is chosen from with option dissect."""
    rows = await setup.browse_masters.page(principal.tenant_id, GL_INTERFACE, page.search, after=page.after, limit=page.wanted)
    shown, cursor = page.cut(rows)
    return GlInterfaceList(items=[_show(row) for row in shown], next_cursor=cursor)


@router.post("")
async def load_gl_interfaces(
    principal: Configurer, setup: Setup, rows: Annotated[list[CsvRow[GlInterfaceRow]], Depends(CsvBody(GlInterfaceRow))]
) -> LoadedAnswer:
    """Sets up or changes the records of a CSV file: all of them, or none where one breaks a rule. Others stay."""
    records, lines = [row.body.to_domain() for row in rows], [row.line for row in rows]
    return show_loaded(await setup.put_masters.many(principal.tenant_id, principal.key_name, GL_INTERFACE, records, lines))


@router.get("/{code:name}")
async def get_gl_interface(code: NamePath, principal: Chooser, setup: Setup) -> GlInterfaceAnswer:
    """A record by its code."""
    return _show(await setup.browse_masters.one(principal.tenant_id, GL_INTERFACE, code))


@router.put("/{code:name}", responses={201: {"model": GlInterfaceAnswer, "description": "It is new"}})
async def put_gl_interface(
    code: NamePath,
    principal: Configurer,
    setup: Setup,
    body: Annotated[GlInterfaceBody, Depends(JsonBody(GlInterfaceBody))],
    response: Response,
) -> GlInterfaceAnswer:
    """Sets a record up, or changes it for later transactions."""
    record = _record(code, body, Pair(warehouse=body.pair.warehouse, debtors=body.pair.debtors) if body.pair else None)
    if await setup.put_masters.one(principal.tenant_id, principal.key_name, GL_INTERFACE, record):
        response.status_code = 201
    return _show(record)


@router.delete("/{code:name}", status_code=204, responses=may_fail(409))
async def delete_gl_interface(code: NamePath, principal: Configurer, setup: Setup) -> None:
    """Deletes a record that no warehouse, sales territory or debtor names and that no transaction took; else 409."""
    await setup.delete_master(principal.tenant_id, principal.key_name, GL_INTERFACE, code)


def _record(code: str, body: RecordBody, pair: Pair | None) -> GlInterface:
    return GlInterface(
        code=code,
        description=body.description,
        trade_debtors_account=body.trade_debtors_account,
        invoice_account=body.invoice_account,
        journal_account=body.journal_account,
        tax_account=body.tax_account,
        pair=pair,
    )


def _show(record: GlInterface) -> GlInterfaceAnswer:
    return GlInterfaceAnswer(
        code=record.code,
        description=record.description,
        trade_debtors_account=record.trade_debtors_account,
        invoice_account=record.invoice_account,
        journal_account=record.journal_account,
        tax_account=record.tax_account,
        pair=PairAnswer(warehouse=record.pair.warehouse, debtors=record.pair.debtors) if record.pair else None,
    )
