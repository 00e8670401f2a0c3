"""What a stored authorisation means for somebody who wants a token. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.application.ports.authorisations import Authorisation, AuthorisationStatus
from app.application.ports.sign_in import AccessToken, NotAuthorised
from app.application.sign_in.sealed_tokens import TokenPair

FRESH = timedelta(seconds=60)
"""A token that ends sooner is refreshed first, so that it does not end under a call."""
STILL_GOOD = timedelta(seconds=10)
"""While another refreshes, one that lasts so long is given all the same."""

NEVER = "nobody has authorised this endpoint at its vendor yet"
CHOOSE = "the organisation that this endpoint is for has yet to be chosen"


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody is refreshing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    """The vendor is to be asked, with the refresh token of `pair`."""

    pair: TokenPair | None


TokenState = AccessToken | NotAuthorised | Wait | Renew


def state_of(row: Authorisation | None, pair: TokenPair | None, *, by_itself: bool, refused: str | None, now: datetime) -> TokenState:
    """`pair` are the tokens of `row`, opened. `refused` is an access token that the ERP did not take."""
    if row is None or row.status in (AuthorisationStatus.NOT_AUTHORISED, AuthorisationStatus.RECONNECT):
        if not by_itself:
            return NotAuthorised(reason=NEVER if row is None or row.reason is None else row.reason)
        return Wait() if row is not None and _refreshing(row, now) else Renew(pair=None)
    if row.status is AuthorisationStatus.CHOOSE_ORGANISATION:
        return NotAuthorised(reason=CHOOSE)
    lasts = timedelta(0) if row.access_expires_at is None else row.access_expires_at - now
    enough = STILL_GOOD if _refreshing(row, now) else FRESH
    if pair is not None and pair.access != refused and lasts > enough:
        return AccessToken(value=pair.access, organisation=None if row.organisation is None else row.organisation.id)
    return Wait() if _refreshing(row, now) else Renew(pair=pair)


def _refreshing(row: Authorisation, now: datetime) -> bool:
    return row.refreshing_until is not None and row.refreshing_until > now
