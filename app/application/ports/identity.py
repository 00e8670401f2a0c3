"""People who prove to an issuer that this installation trusts who they are (OpenID Connect Core 1.0, 3.1)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Refusal(StrEnum):
    """Why nobody was signed in."""

    STALE = "stale"
    """This browser began no such sign-in, or too long ago, or its code was used before."""
    DENIED = "denied"
    """The person, or the issuer's rules for them, said no."""
    UNAVAILABLE = "unavailable"
    """The issuer does not answer as it should, or does not take us for its client."""
    UNTRUSTED = "untrusted"
    """What came in the issuer's name does not stand up to verification."""
    UNVERIFIED = "unverified"
    """The issuer did not verify that the e-mail address is theirs."""
    UNNAMED = "unnamed"
    """The issuer does not tell the claim that people are known by."""
    UNKNOWN = "unknown"
    """Nobody of the tenant is known by that name, or is not let in any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The secrets of one sign-in, from leaving for the issuer to coming back: each has 43 to 128 characters that URLs may hold."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """`name` is the value of the claim that people are known by, as the issuer tells it."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotIdentified:
    """`detail` is for the log: a sentence without anything of a code, a token or a secret."""

    reason: Refusal
    detail: str


class IdentityProvider(Protocol):
    """The issuer. Neither method raises for what it or the network does."""

    async def sign_in_url(self, flow: Flow, redirect_uri: str) -> str | NotIdentified:
        """Where a person's browser goes to."""
        ...

    async def identify(self, flow: Flow, redirect_uri: str, *, code: str, issuer: str | None) -> Identified | NotIdentified:
        """Who came back with `code`. `issuer` is whom the answer says it is from (RFC 9207), None where it does not say."""
        ...
