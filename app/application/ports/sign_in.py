"""Access tokens of an endpoint that people authorise at its vendor (OAuth 2.0)."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """Good for a while. `organisation` is the vendor's id of the books that were chosen, None where there is nothing to choose."""

    value: str = field(repr=False)
    organisation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAuthorised:
    """There is no token to be had: a person has to authorise the endpoint (again). `reason` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTokenNow:
    """The vendor's sign-in cannot be reached or another worker's refresh has not come back: later it may work."""

    reason: str


TokenAnswer = AccessToken | NotAuthorised | NoTokenNow


class SignIn(Protocol):
    """One endpoint's. Never raises for what a vendor or a network does."""

    async def token(self) -> TokenAnswer:
        """The token in force, refreshed first where it is about to end."""
        ...

    async def refused(self, token: AccessToken) -> TokenAnswer:
        """The ERP answered 401 to `token`: a newer one. Refreshes once, however many callers meet the same refusal."""
        ...
