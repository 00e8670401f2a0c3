"""The chart of accounts of an endpoint's ERP: shown, loaded, and asked for."""

import base64
import binascii
import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, Field, StrictBool, ValidationError
from starlette.requests import Request

from app.api.configuration import Setup
from app.api.erp_endpoint_shapes import EndpointCheckAnswer, show_check
from app.api.json_body import JsonBody
from app.api.openapi_problems import may_fail
from app.api.paging import DEFAULT_LIMIT, MAX_LIMIT
from app.api.parameters import Answer, NamePath
from app.api.security import Configurer
from app.application.configure.erp_chart import ChartPage
from app.application.events_in.envelope import faults_of
from app.application.events_in.values import Strict, printable
from app.application.ports.reference_data import ChartSource
from app.domain.erp_chart import ErpAccount
from app.domain.errors import Fault, Invalid

router = APIRouter(prefix="/v1/erp-endpoints", tags=["ERP endpoints"])

CSV = "text/csv"
COLUMNS = ("code", "name", "type", "active")
TRUTH = {"": True, "true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}

Code = Annotated[str, Field(min_length=1, max_length=200, strict=True), AfterValidator(printable)]
Words = Annotated[str, Field(max_length=500, strict=True), AfterValidator(printable)]


class ChartAccount(Strict):
    """`type` is the ERP's own word."""

    code: Code
    name: Words = ""
    type: Words | None = None
    active: StrictBool = True


class ChartBody(Strict):
    """The whole chart: it takes the place of the one before."""

    accounts: Annotated[list[ChartAccount], Field(max_length=100_000)]


class ChartJson(JsonBody[ChartBody]):
    """The same as `text/csv`: a header of `code,name,type,active`, of which only `code` must be there, and a row per account."""

    also = (CSV,)

    async def __call__(self, request: Request) -> ChartBody:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != CSV:
            return await super().__call__(request)
        try:
            return ChartBody.model_validate({"accounts": list(_rows(await request.body()))})
        except ValidationError as error:
            raise Invalid("the chart breaks its shape", *faults_of(error)) from error


class FailedPull(Answer):
    at: datetime
    problem: str
    times: int


class ChartAccountAnswer(Answer):
    code: str
    name: str
    type: str | None
    active: bool


class ChartState(Answer):
    """`read_at`: when the chart was told by the ERP or loaded, which `source` says; both null where there is none. `asked_at`: when the
    ERP last answered. `next_pull_at`: when it is asked again; null where it is not. `failed_pull`: why it could not be asked last night."""

    read_at: datetime | None
    source: ChartSource | None
    accounts: int
    asked_at: datetime | None
    next_pull_at: datetime | None
    failed_pull: FailedPull | None


class ChartAnswer(ChartState):
    items: list[ChartAccountAnswer]
    next_cursor: str | None


@router.get("/{name:name}/chart-of-accounts")
async def get_chart(
    name: NamePath,
    principal: Configurer,
    setup: Setup,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    search: Annotated[Words | None, Query(description="A part of the code or of the name, in capitals or not")] = None,
) -> ChartAnswer:
    """What is known of the ERP's accounts, by code, and whence and when it came."""
    after = None if cursor is None else _read_cursor(cursor)
    page = await setup.read_erp_chart(principal.tenant_id, name, search=search or None, after=after, limit=limit + 1)
    shown = page.accounts[:limit]
    return ChartAnswer(
        **_state(page),
        items=[ChartAccountAnswer(code=each.code, name=each.name, type=each.type, active=each.active) for each in shown],
        next_cursor=_cursor(shown[-1].code) if len(page.accounts) > limit else None,
    )


@router.put("/{name:name}/chart-of-accounts")
async def load_chart(
    name: NamePath, principal: Configurer, setup: Setup, body: Annotated[ChartBody, Depends(ChartJson(ChartBody))]
) -> ChartState:
    """Loads a chart for an ERP that cannot be asked, in place of the one before. One that can be asked replaces it by its own."""
    accounts = [ErpAccount(code=each.code, name=each.name, type=each.type or None, active=each.active) for each in body.accounts]
    return ChartState(**_state(await setup.load_erp_chart(principal.tenant_id, principal.key_name, name, accounts)))


@router.post("/{name:name}/chart-of-accounts/pull", responses=may_fail(409))
async def pull_chart(name: NamePath, principal: Configurer, setup: Setup) -> EndpointCheckAnswer:
    """Asks the ERP for its chart of accounts and its periods now, as `test` does, and answers the same."""
    return show_check(await setup.check_endpoint(principal.tenant_id, principal.key_name, name, "endpoint.chart_pull"))


def _state(page: ChartPage) -> dict[str, Any]:
    known, pull = page.state, page.pull
    failed = None
    if pull is not None and pull.failed_at is not None:
        failed = FailedPull(at=pull.failed_at, problem=pull.problem or "", times=pull.failures)
    return {
        "read_at": known and known.read_at,
        "source": known and known.source,
        "accounts": known.accounts if known else 0,
        "asked_at": known and known.asked_at,
        "next_pull_at": pull and pull.next_at,
        "failed_pull": failed,
    }


def _rows(body: bytes) -> Iterator[dict[str, Any]]:
    """The rows of a CSV file as the JSON body has them. An empty `active` is yes."""
    try:
        text = body.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, restkey="", restval="")
        columns = reader.fieldnames or []
        if "code" not in columns or set(columns) - set(COLUMNS) or len(set(columns)) != len(columns):
            message = f"the first line must name the columns: {', '.join(COLUMNS)}, of which code must be there"
            raise Invalid(message, Fault(pointer="/header", message=message))
        for number, row in enumerate(reader):
            yield _row(number, row)
    except UnicodeDecodeError as error:
        raise Invalid("the file is not UTF-8", Fault(pointer="", message="not UTF-8")) from error
    except csv.Error as error:
        raise Invalid(f"the file is not CSV: {error}", Fault(pointer="", message=str(error))) from error


def _row(number: int, row: dict[str, Any]) -> dict[str, Any]:
    if "" in row:
        message = "has more cells than the first line has columns"
        raise Invalid(f"a row {message}", Fault(pointer=f"/accounts/{number}", message=message))
    active = str(row.get("active", "")).strip().lower()
    if active not in TRUTH:
        message = "must be true, false or empty"
        raise Invalid(f"active {message}", Fault(pointer=f"/accounts/{number}/active", message=message))
    return {
        "code": str(row["code"]).strip(),
        "name": str(row.get("name", "")).strip(),
        "type": str(row.get("type", "")).strip() or None,
        "active": TRUTH[active],
    }


def _cursor(code: str) -> str:
    return base64.urlsafe_b64encode(code.encode()).rstrip(b"=").decode()


def _read_cursor(cursor: str) -> str:
    try:
        code = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise _not_ours() from error
    if _cursor(code) != cursor or "\x00" in code:
        raise _not_ours()
    return code


def _not_ours() -> Invalid:
    return Invalid("the cursor is not one that was given out", Fault(pointer="/query/cursor", message="not a cursor"))
