"""A vendor's own sign-in (OAuth 2.0): where people consent, and where tokens come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Books that an authorisation opens: the vendor's id of them and the name that people know them by."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationsUnknown:
    """They could not be listed. `reason` is a sentence, without anything of a token."""

    reason: str


OrganisationsAnswer = tuple[Organisation, ...] | OrganisationsUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Tokens. `refresh` None: the vendor gave none, or the one of before stays. `scopes` None where it did not tell them."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_in: int
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRefused:
    """The vendor says no. `for_good`: what was presented (code, refresh token) will never be taken; else the set-up is to be mended."""

    reason: str
    for_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoGrant:
    """No answer that says either. The vendor may have carried it out all the same."""

    reason: str


GrantAnswer = Granted | GrantRefused | NoGrant


class VendorSignIn(Protocol):
    """One endpoint's. Methods never raise for what a vendor or a network does, and no reason repeats what was sent.

    `by_itself`: the application signs in without anybody's consent. `client` changes with the adapter, the client, the vendor's address and
    the ERP's server: what was granted for another one is not used. `scopes` are those that are asked for.
    """

    by_itself: bool
    client: str
    scopes: tuple[str, ...]

    def consent_url(self, *, state: str, verifier: str, redirect_uri: str) -> str:
        """Where a person consents. Pure."""
        ...

    async def redeem(self, *, code: str, verifier: str, redirect_uri: str) -> GrantAnswer:
        """Tokens for the code that the vendor gave the person."""
        ...

    async def renew(self, refresh: str | None) -> GrantAnswer:
        """New tokens for the refresh token, or, where the application signs in by itself, for nothing."""
        ...

    async def organisations(self, access: str, callback: Mapping[str, str]) -> OrganisationsAnswer | None:
        """What the token opens, or what `callback` says of it; None where there is nothing to choose."""
        ...

    async def revoke(self, token: str) -> str | None:
        """None where the vendor took it back, else a sentence why not."""
        ...
