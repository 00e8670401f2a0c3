"""An ERP that polls: it fetches what there is to validate or to post, and answers."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field
from starlette.responses import JSONResponse

from app.api.errors import problem_body
from app.api.ids import Kind, format_id, parse_id
from app.api.json_body import JsonBody
from app.api.openapi_problems import may_fail
from app.api.operations import Use
from app.api.parameters import Answer, NamePath
from app.api.security import Principal, require
from app.application.events_in.values import LineNumber, Name, Strict, printable
from app.application.operations import Operations
from app.application.poll_verdict import PollResult, Verdict
from app.application.ports.polling import PollPurpose
from app.application.ports.setup import Scope
from app.domain.delivery import Problem
from app.domain.errors import DomainError

router = APIRouter(prefix="/v1/erp-endpoints", tags=["ERPs that poll"])

MOST_AT_ONCE = 500
MOST_PROBLEMS = 1_000
LONGEST_LEASE = 3_600

Poller = Annotated[Principal, require(Scope.TRANSACTIONS_RESPOND)]
Message = Annotated[str, Field(min_length=1, max_length=1_000, strict=True), AfterValidator(printable)]


class RequestsBody(Strict):
    """At most `limit` journals, leased for so many seconds."""

    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE, strict=True)] = 100
    lease_seconds: Annotated[int, Field(ge=1, le=LONGEST_LEASE, strict=True)] = 60


class PolledRequest(Answer):
    """`journal` has its id, and else what the `json` adapter sends: `docs/polling.md`."""

    lease_id: str
    purpose: PollPurpose
    journal: dict[str, Any]


class PolledRequests(Answer):
    requests: list[PolledRequest]


class ProblemBody(Strict):
    """`line` is the journal's line number; null or left out where it is about the whole journal."""

    line: LineNumber | None = None
    code: Name
    message: Message


class ResponseBody(Strict):
    """`valid` or `invalid` answers `validate`, `accepted` or `rejected` answers `post`. `erp_reference`, needed with `accepted`, is the
    number under which the ERP has booked it."""

    lease_id: str
    journal_id: str
    result: PollResult
    erp_reference: Name | None = None
    problems: Annotated[list[ProblemBody], Field(max_length=MOST_PROBLEMS)] = Field(default_factory=list)


class ResponsesBody(Strict):
    responses: Annotated[list[ResponseBody], Field(min_length=1, max_length=MOST_AT_ONCE)]


class RecordedResponse(Answer):
    """`recorded`, `duplicate`, or `refused` with its problem."""

    lease_id: str
    status: str
    problem: dict[str, Any] | None = None


class RecordedResponses(Answer):
    results: list[RecordedResponse]


@router.post("/{name:name}/requests", responses=may_fail(409))
async def poll_requests(
    name: NamePath, principal: Poller, use: Use, body: Annotated[RequestsBody, Depends(JsonBody(RequestsBody, optional=True))]
) -> PolledRequests:
    """Leases journals to validate or to post: the oldest first, only the head of each lane, never to two pollers at once.

    A lease that runs out unanswered offers its journal again under a new one: book by `reference`, once.
    """
    found = await use.poll_requests(principal.tenant_id, name, limit=body.limit, lease_seconds=body.lease_seconds, actor=principal.key_name)
    return PolledRequests(
        requests=[
            PolledRequest(
                lease_id=format_id(Kind.LEASE, request.lease.id),
                purpose=request.lease.purpose,
                journal={"id": format_id(Kind.JOURNAL, request.lease.journal_id), **request.journal},
            )
            for request in found
        ]
    )


@router.post("/{name:name}/responses", responses=may_fail(409), response_model=RecordedResponses)
async def answer_requests(
    name: NamePath, principal: Poller, use: Use, body: Annotated[ResponsesBody, Depends(JsonBody(ResponsesBody))]
) -> JSONResponse:
    """Takes verdicts, each by itself, and answers one result per response in order.

    The refusal of a response that comes alone is the answer's own status: 404 for an unknown lease, 409 for another verdict, 422 for
    a result that does not fit. Among several it is that response's `problem`, and the answer is 200.
    """
    await use.answer_requests.check(principal.tenant_id, name)
    results: list[dict[str, Any]] = []
    for number, response in enumerate(body.responses):
        try:
            recorded = await _record(use, principal, name, response, f"/responses/{number}")
        except DomainError as error:
            if len(body.responses) == 1:
                raise
            results.append({"lease_id": response.lease_id, "status": "refused", "problem": problem_body(error)})
        else:
            results.append({"lease_id": response.lease_id, "status": "recorded" if recorded else "duplicate"})
    return JSONResponse({"results": results})


async def _record(use: Operations, principal: Principal, name: str, response: ResponseBody, pointer: str) -> bool:
    verdict = Verdict(
        lease_id=parse_id(Kind.LEASE, response.lease_id),
        journal_id=parse_id(Kind.JOURNAL, response.journal_id),
        result=response.result,
        erp_reference=response.erp_reference,
        problems=tuple(Problem(line=each.line, code=each.code, message=each.message) for each in response.problems),
        pointer=pointer,
    )
    return await use.answer_requests(principal.tenant_id, name, verdict, principal.key_name)
