"""What the screens are made of, and how routes reach it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from app.application.configure import Configure
from app.application.operations import Operations
from app.application.people import People
from app.application.ports.clock import Clock

PREFIX = "/app"
"""Where the screens are mounted. Paths in pages begin with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    operations: Operations
    configure: Configure
    people: People
    clock: Clock
    public_url: str | None


def parts_of(request: Request) -> Parts:
    found: Parts = request.app.state.parts
    return found


async def _operations(request: Request) -> Operations:
    return parts_of(request).operations


async def _configure(request: Request) -> Configure:
    return parts_of(request).configure


Use = Annotated[Operations, Depends(_operations)]
Setup = Annotated[Configure, Depends(_configure)]
