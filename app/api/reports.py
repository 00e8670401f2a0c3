"""Reports."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from app.api.operations import Use
from app.api.security import Principal, require
from app.application.ports.setup import Scope

router = APIRouter(prefix="/v1/reports", tags=["reports"])

Reader = Annotated[Principal, require(Scope.REPORTS_READ)]


@router.get("/trial-balance")
async def trial_balance(
    principal: Reader, use: Use, as_of: Annotated[date | None, Query(description="by default today in the tenant's time zone")] = None
) -> JSONResponse:
    """Debits, credits and balance (debit positive) per account code up to a day, in base currency."""
    base, day, rows = await use.browse.trial_balance(principal.tenant_id, as_of)
    return JSONResponse(
        {
            "as_of": day.isoformat(),
            "base_currency": base.code,
            "accounts": [
                {
                    "account_code": row.account_code,
                    "account": row.account,
                    "debit": base.to_text(row.debit),
                    "credit": base.to_text(row.credit),
                    "balance": base.to_text(row.debit - row.credit),
                }
                for row in rows
            ],
            "total_debit": base.to_text(sum(row.debit for row in rows)),
            "total_credit": base.to_text(sum(row.credit for row in rows)),
        }
    )
