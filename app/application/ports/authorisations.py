"""What is kept of an endpoint's sign-in at its vendor: the authorisation, and a consent that somebody was sent to give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.application.ports.vendor_sign_in import Organisation


class AuthorisationStatus(StrEnum):
    """`reconnect`: it was authorised, and the vendor does not give tokens for it any more."""

    NOT_AUTHORISED = "not_authorised"
    CHOOSE_ORGANISATION = "choose_organisation"
    AUTHORISED = "authorised"
    RECONNECT = "reconnect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """One endpoint's. `client` says what it was given for: another adapter, client or server of it makes it void. `sealed` are the
    tokens, None where there are none; the access token ends at `access_expires_at`. `reason` is a sentence for people.

    `fence` changes with every grant and every claimed refresh: what comes back under an older one is void. `refreshing_until`: somebody
    is refreshing, and has until then.
    """

    endpoint: str
    client: str
    status: AuthorisationStatus = AuthorisationStatus.NOT_AUTHORISED
    sealed: bytes | None = None
    access_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    organisation: Organisation | None = None
    organisations: tuple[Organisation, ...] = ()
    authorised_by: str | None = None
    authorised_at: datetime | None = None
    reason: str | None = None
    fence: int = 0
    refreshing_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What a refresh brought: tokens, sealed already."""

    sealed: bytes
    access_expires_at: datetime
    scopes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Somebody was sent to the vendor. `verifier` is the sealed one of RFC 7636; `asked_by` the key's name."""

    endpoint: str
    state_hash: bytes
    client: str
    verifier: bytes = field(repr=False)
    redirect_uri: str
    asked_by: str
    expires_at: datetime


class Authorisations(Protocol):
    async def ensure(self, endpoint: str, client: str) -> bool:
        """There is one for this client; True where it had to be made, and whatever was there for another one is forgotten."""
        ...

    async def get(self, endpoint: str, *, lock: bool = False) -> Authorisation | None:
        """None where the endpoint needs none. `lock`: until the unit of work ends."""
        ...

    async def all(self) -> Mapping[str, Authorisation]:
        """By endpoint."""
        ...

    async def grant(self, authorisation: Authorisation) -> None:
        """In place of what is there, under a new fence."""
        ...

    async def claim(self, endpoint: str, until: datetime) -> int:
        """The refresh is ours until then; the fence under which its result counts."""
        ...

    async def renewed(self, endpoint: str, fence: int, renewal: Renewal) -> bool:
        """Authorised, with these tokens, and the claim ends; False where the fence is not the newest any more, and nothing is kept."""
        ...

    async def release(self, endpoint: str, fence: int, reason: str | None) -> None:
        """The claim ends without tokens; those of before stay."""
        ...

    async def end(self, endpoint: str, fence: int | None, status: AuthorisationStatus, reason: str) -> bool:
        """The tokens are forgotten; False where the fence is given and not the newest any more."""
        ...

    async def choose(self, endpoint: str, organisation: Organisation) -> None:
        """Authorised, for these books."""
        ...

    async def note(self, endpoint: str, reason: str) -> None:
        """Why it is still not authorised; nothing changes where it is."""
        ...

    async def reseal(self, endpoint: str, sealed: bytes) -> None:
        """The same tokens, sealed anew."""
        ...

    async def drop(self, endpoint: str) -> None:
        """The endpoint needs none any more."""
        ...


class Consents(Protocol):
    """At most one for each endpoint: a newer link makes the one before void."""

    async def put(self, consent: Consent) -> None: ...

    async def take(self, state_hash: bytes) -> Consent | None:
        """It, once: whoever asks again gets None."""
        ...

    async def list(self) -> Sequence[Consent]: ...

    async def reseal(self, endpoint: str, verifier: bytes) -> None: ...

    async def forget(self, endpoint: str) -> None: ...
