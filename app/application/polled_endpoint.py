"""An endpoint whose ERP polls."""

from app.application.ports.setup import Endpoint
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.delivery import ValidationLevel
from app.domain.errors import Conflict, NotFound

POLL = "poll"
NEVER_CALLED = "https://polls.invalid"
"""Stands for the address of an ERP that polls and has none, so that the rest of its connection is like any other."""
POLLED_LEVEL = ValidationLevel.ERP_DRY_RUN
"""The ERP's own verdict: nothing goes further."""


async def polled_endpoint(uow: UnitOfWork, name: str) -> Endpoint:
    """Raises `NotFound`, or `Conflict` where journals are pushed to it."""
    endpoint = await uow.endpoints.get(name)
    if endpoint is None:
        raise NotFound(f"there is no endpoint {name}")
    if endpoint.delivery != POLL:
        raise Conflict(f"{name} is not polled: its journals are sent to it")
    return endpoint
