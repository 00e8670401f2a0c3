"""How routes reach the use cases of setting up."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from app.application.configure import Configure


async def _configure(request: Request) -> Configure:
    found: Configure = request.app.state.configure
    return found


Setup = Annotated[Configure, Depends(_configure)]
"""A route's parameter: `setup: Setup`."""
