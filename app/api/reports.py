"""Reports, as JSON, CSV or a spreadsheet."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.api.debtors_table import debtors_table, show_debtors_report
from app.api.formats import REPORT_ANSWERS, ReportAnswer
from app.api.ledger_tables import key_of, ledger_table, orders_table, place_of, show_ledger, show_orders_report
from app.api.openapi_problems import may_fail
from app.api.operations import Use
from app.api.paging import PageQuery, encode_cursor
from app.api.period_close_table import period_close_table, show_period_close
from app.api.reconciliation_table import reconciliation_table, show_reconciliation
from app.api.report_tables import balances_table, open_table, show_balances_report, show_open_report
from app.api.security import Principal, require
from app.application.ports.debtors import BalanceBy
from app.application.ports.reports import Selector, SelectorKind
from app.application.ports.setup import Scope
from app.application.reports.open_lines import OpenFilter
from app.domain.errors import Fault, Invalid

router = APIRouter(prefix="/v1/reports", tags=["reports"], responses=REPORT_ANSWERS)

Reader = Annotated[Principal, require(Scope.REPORTS_READ)]
NameQuery = Annotated[str | None, Query(max_length=100)]
AsOf = Annotated[date | None, Query(description="by default today in the tenant's time zone")]
From = Annotated[date | None, Query(alias="from")]
To = Annotated[date | None, Query(alias="to")]


async def _open_filter(
    date_from: Annotated[date | None, Query(alias="from", description="order date, included")] = None,
    date_to: Annotated[date | None, Query(alias="to", description="order date, included")] = None,
    supplier: Annotated[str | None, Query(max_length=100, description="the supplier's code")] = None,
    account_code: Annotated[str | None, Query(max_length=100, description="an account code of the order line")] = None,
) -> OpenFilter:
    return OpenFilter(date_from=date_from, date_to=date_to, supplier=supplier, account_code=account_code)


Narrowed = Annotated[OpenFilter, Depends(_open_filter)]


async def _selector(account: NameQuery = None, account_code: NameQuery = None, charge_code: NameQuery = None) -> Selector:
    given: dict[SelectorKind, str | None] = {"account": account, "account_code": account_code, "charge_code": charge_code}
    found = [Selector(kind=kind, value=value) for kind, value in given.items() if value]
    if len(found) != 1:
        message = "name exactly one of account, account_code and charge_code"
        raise Invalid(message, Fault(pointer="/query", message=message))
    return found[0]


Selected = Annotated[Selector, Depends(_selector)]


@router.get("/grni")
async def grni(principal: Reader, use: Use, answer: ReportAnswer, wanted: Narrowed, as_of: AsOf = None) -> Response:
    """What was received and not yet invoiced, per order line and account code, up to a day by accounting date. Unless narrowed,
    `total` is the ledger's GRNI balance on that day, which stands beside it."""
    report = await use.reports.grni(principal.tenant_id, as_of, wanted)
    return await answer(show_open_report(report, aged=True), open_table(report, "grni", aged=True))


@router.get("/commitments")
async def commitments(principal: Reader, use: Use, answer: ReportAnswer, wanted: Narrowed, as_of: AsOf = None) -> Response:
    """What is ordered and neither received nor invoiced, per order line and account code, up to a day by accounting date.
    Unless narrowed, `total` is the ledger's Estimate balance on that day, which stands beside it."""
    report = await use.reports.commitments(principal.tenant_id, as_of, wanted)
    return await answer(show_open_report(report, aged=False), open_table(report, "commitments", aged=False))


@router.get("/trial-balance")
async def trial_balance(principal: Reader, use: Use, answer: ReportAnswer, as_of: AsOf = None) -> Response:
    """Debits, credits and balance (debit positive) per account code up to a day, in base currency."""
    report = await use.reports.trial_balance(principal.tenant_id, as_of)
    table = balances_table(report, "trial-balance", charge_codes=False)
    return await answer(show_balances_report(table, "accounts"), table)


@router.get("/balances")
async def account_balances(principal: Reader, use: Use, answer: ReportAnswer, as_of: AsOf = None) -> Response:
    """Debits, credits and balance (debit positive) per account and charge code up to a day, in base currency."""
    report = await use.reports.balances(principal.tenant_id, as_of)
    table = balances_table(report, "balances", charge_codes=True)
    return await answer(show_balances_report(table, "balances"), table)


@router.get("/ledger")
async def ledger(
    principal: Reader, use: Use, answer: ReportAnswer, selector: Selected, page: PageQuery, date_from: From = None, date_to: To = None
) -> Response:
    """Every posted line on an account, by accounting date, with opening, running and closing balance in base currency, debit
    positive. Name the account by its name or code, or name a charge code."""
    after = None if page.after is None else key_of(page.after)
    found = await use.reports.ledger(principal.tenant_id, selector, date_from=date_from, date_to=date_to, after=after, limit=page.wanted)
    shown = found.first(page.limit)
    place = place_of(shown.lines[-1].posted.key) if len(found.lines) > page.limit else None
    table = ledger_table(shown)
    return await answer(show_ledger(shown, table, _cursor(place)), table, next_place=place)


@router.get("/orders")
async def orders(
    principal: Reader,
    use: Use,
    answer: ReportAnswer,
    page: PageQuery,
    supplier: NameQuery = None,
    status: Literal["open", "closed", "cancelled"] | None = None,
) -> Response:
    """By order what is posted per role now, in document and base currency; estimate, grni and ap credit positive, the others
    debit positive."""
    found = await use.reports.orders(principal.tenant_id, supplier=supplier, status=status, after_place=page.after or 0, limit=page.wanted)
    shown = found.first(page.limit)
    place = shown.orders[-1].order.place if len(found.orders) > page.limit else None
    return await answer(show_orders_report(shown, _cursor(place)), orders_table(shown), next_place=place)


@router.get("/debtors")
async def debtors(principal: Reader, use: Use, answer: ReportAnswer, as_of: AsOf = None, by: BalanceBy = BalanceBy.DEBTOR) -> Response:
    """What debtors owe (debit positive) up to a day by accounting date, in base currency, by debtor, warehouse, sales territory or
    control account, each per control account: the balances add up to each control account, whose balance in the ledger stands beside
    it. Warehouse and sales territory are those that the transactions carry."""
    report = await use.reports.debtors(principal.tenant_id, as_of, by)
    table = debtors_table(report)
    return await answer(show_debtors_report(report, table), table)


@router.get("/period-close", responses=may_fail(404))
async def period_close(
    principal: Reader, use: Use, answer: ReportAnswer, period: Annotated[str, Query(max_length=100, description="its name")]
) -> Response:
    """What is left to do before a period is closed: unsent journals per endpoint and status by accounting date, with those that are
    unknown, and events that are parked or refused by their document's date, the oldest 1,000 of them."""
    report = await use.reports.period_close(principal.tenant_id, period)
    return await answer(show_period_close(report), period_close_table(report))


@router.get("/reconciliation", responses=may_fail(404, 409))
async def reconciliation(
    principal: Reader,
    use: Use,
    answer: ReportAnswer,
    endpoint: Annotated[str, Query(max_length=100, description="its name")],
    date_from: Annotated[date | None, Query(alias="from", description="by default the day on which the endpoint starts")] = None,
    as_of: AsOf = None,
) -> Response:
    """Our delivered balances per ERP account against the ERP's own ledger, which is asked now; by posting date, both included.
    Differences are traced to journals: missing there, changed there, not sent here though it is there, booked there by hand."""
    report = await use.reports.reconciliation(principal.tenant_id, endpoint, since=date_from, as_of=as_of)
    return await answer(show_reconciliation(report), reconciliation_table(report))


def _cursor(place: int | None) -> str | None:
    return None if place is None else encode_cursor(place)
