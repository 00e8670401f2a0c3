"""What an adapter tells of itself: the one thing that the registry, and a package of somebody else, needs of it."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel

from app.adapters.erp.http import HttpClient
from app.adapters.erp.sign_in_flow import SignInFlow
from app.application.ports.erp import Capabilities, Connection, ErpConnection

ENTRY_POINTS = "glint.erp_adapters"
"""The group under which other packages name theirs: each entry point is a `Destination`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """`check` raises `Invalid` where a connection's shape is wrong; `connect` makes no call yet. `capabilities` are those with the
    settings that an endpoint has unless told otherwise. `name` is what an endpoint's `adapter` says, `title` what people call the ERP.

    `sign_in` is there where the vendor's access tokens are got by OAuth 2.0, and tells how; it gives None for a connection whose
    settings need no such token. It raises `Invalid` as `check` does, and is only asked for what `check` let through.

    `settings` and `credentials` are the models that `check` reads: forms are made of them, by their JSON schema. Without them people
    write JSON.
    """

    name: str
    title: str
    check: Callable[[Connection], object]
    connect: Callable[[HttpClient, Connection], ErpConnection]
    capabilities: Capabilities
    sign_in: Callable[[Connection], SignInFlow | None] | None = None
    settings: type[BaseModel] | None = None
    credentials: type[BaseModel] | None = None
