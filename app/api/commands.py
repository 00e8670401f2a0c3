"""Commands over all orders: moving them to the newest posting manager, and rolling commitments over a year's end."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import StrictBool
from starlette.responses import JSONResponse

from app.api.errors import problem_body
from app.api.json_body import JsonBody
from app.api.operations import Use
from app.api.presenters import show_result
from app.api.security import Configurer
from app.application.events_in.values import Strict
from app.application.run_commands import CommandResult

router = APIRouter(tags=["set-up"])


class RepostBody(Strict):
    preview: StrictBool


@router.post("/v1/posting-manager/repost")
async def repost(principal: Configurer, use: Use, body: Annotated[RepostBody, Depends(JsonBody(RepostBody))]) -> JSONResponse:
    """Moves open orders to the newest posting manager version; with `preview` it only shows what that would post."""
    results = await use.run_commands.repost(principal.tenant_id, principal.key_name, preview=body.preview)
    return JSONResponse({"preview": body.preview, "orders": [_show(each) for each in results]})


@router.post("/v1/periods/{period:name}/roll-commitments")
async def roll_commitments(period: str, principal: Configurer, use: Use) -> JSONResponse:
    """Takes open commitments out of a period on its last day and books them on the next; once per order and period."""
    results = await use.run_commands.roll_commitments(principal.tenant_id, principal.key_name, period)
    return JSONResponse({"period": period, "orders": [_show(each) for each in results]})


def _show(each: CommandResult) -> dict[str, Any]:
    if each.result is None:
        return {
            "order_number": each.order_number,
            "status": "refused",
            "transactions": [],
            "problem": problem_body(each.refusal) if each.refusal else None,
        }
    shown = show_result(each.result)
    return {
        "order_number": each.order_number,
        "status": shown["status"],
        "duplicate": shown["duplicate"],
        "transactions": shown["transactions"],
    }
