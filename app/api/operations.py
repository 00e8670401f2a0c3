"""How routes reach the use cases."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from app.application.operations import Operations


async def _operations(request: Request) -> Operations:
    found: Operations = request.app.state.operations
    return found


Use = Annotated[Operations, Depends(_operations)]
"""A route's parameter: `use: Use`."""
