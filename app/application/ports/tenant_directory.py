"""The tenants of an installation: for the operator's command line alone."""

from collections.abc import Sequence
from typing import Protocol

from app.application.ports.setup import Tenant


class TenantDirectory(Protocol):
    """The list that crosses tenants. Nothing that serves a request may use it: a key belongs to one tenant and sees no other."""

    async def list(self) -> Sequence[Tenant]:
        """All tenants by name."""
        ...
