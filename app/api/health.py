"""Whether the service lives, whether it can serve, and what it counts. None of it needs a key."""

from typing import Literal

from fastapi import APIRouter
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from app.api.errors import NotReady
from app.api.gauges import exposed
from app.api.openapi_problems import may_fail
from app.api.parameters import Answer
from app.application.ports.delivery_gauges import DeliveryGauges
from app.application.ports.readiness import Readiness
from app.observability import Metrics

router = APIRouter(tags=["health"])


class Alive(Answer):
    status: Literal["ok"] = "ok"


class Ready(Answer):
    status: Literal["ready"] = "ready"


@router.get("/healthz")
async def healthz() -> Alive:
    """The process lives. Says nothing of what it depends on: a restart would not mend that."""
    return Alive()


@router.get("/readyz", responses=may_fail(503))
async def readyz(request: Request) -> Ready:
    """The database answers and its schema is the newest."""
    readiness: Readiness = request.app.state.readiness
    if (complaint := await readiness.complaint()) is not None:
        raise NotReady(complaint)
    return Ready()


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request) -> Response:
    """For Prometheus: counters of this process, and how delivery stands in the database, which is left out while that does not answer."""
    counted: Metrics = request.app.state.metrics
    gauges: DeliveryGauges = request.app.state.gauges
    standing = await gauges.read()
    return Response(generate_latest(counted.registry) + exposed(standing or ()), media_type=CONTENT_TYPE_LATEST)
