"""Debtor transactions before they are posted. They are posted as events: POST /v1/events with `debtor.transaction`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse

from app.api.json_body import JsonBody
from app.api.operations import Use
from app.api.presenters import show_debtor_details, show_transaction_line
from app.api.security import Principal, require
from app.application.events_in.schemas import DebtorDocumentData
from app.application.events_in.values import Name
from app.application.ports.setup import Scope
from app.application.preview_debtor_transaction import Preview
from app.domain.accounts import Account

router = APIRouter(prefix="/v1/debtor-transactions", tags=["debtors"])

Sender = Annotated[Principal, require(Scope.EVENTS_WRITE, Scope.CONFIG_WRITE)]


class DebtorPreviewBody(DebtorDocumentData):
    """The data of `debtor.transaction`; the number may be missing."""

    transaction_number: Name | None = None


@router.post("/preview")
async def preview_debtor_transaction(
    principal: Sender, use: Use, body: Annotated[DebtorPreviewBody, Depends(JsonBody(DebtorPreviewBody))]
) -> JSONResponse:
    """Which GL interface record and accounts each line would take now, and why, and what would be posted. Posts nothing."""
    return JSONResponse(_show(await use.preview_debtor_transaction(principal.tenant_id, body)))


def _show(preview: Preview) -> dict[str, Any]:
    event = preview.event
    return {
        "option": preview.dissection.option,
        "warehouse_key": preview.dissection.warehouse_key,
        "debtors_key": preview.dissection.debtors_key,
        **show_debtor_details(event.debtor, preview.carried),
        "accounting_date": preview.accounting_date.isoformat(),
        "currency": event.currency.code,
        "base_currency": preview.base.code,
        "choices": [
            {
                "line": position,
                "description": line.description,
                "amount": event.currency.to_text(line.amount),
                "tax": event.currency.to_text(tax),
                "gl_interfaces": list(choice.records),
                "trade_debtors": _account(choice.control),
                "account": _account(choice.contra),
                "tax_account": _account(choice.tax),
                "why": list(choice.why),
            }
            for position, (line, tax, choice) in enumerate(zip(event.lines, preview.taxes, preview.choices, strict=True), start=1)
        ],
        "lines": [show_transaction_line(line, event.currency, preview.base) for line in preview.lines],
    }


def _account(account: Account) -> dict[str, str]:
    return {"account": account.name, "account_code": account.code}
