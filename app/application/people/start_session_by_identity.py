"""A person comes back from the issuer, and signs in as whom it says they are."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.application.people.begin_by_identity import CONTEXT
from app.application.people.identity_name import identity_name
from app.application.people.start_session import NO_TENANT, Started, TooManyTries, open_session
from app.application.people.throttle import BY_ADDRESS, count_tries
from app.application.ports.clock import Clock
from app.application.ports.identity import Flow, IdentityProvider, NotIdentified, Refusal
from app.application.ports.secrecy import SealedByOther, Tokens
from app.application.ports.setup import Secrets
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.users import TenantNames

DENIALS = frozenset({"access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required"})
"""Errors that are about the person (RFC 6749, 4.1.2.1; Core 1.0, 3.1.2.6)."""
OTHER_ERRORS = frozenset(
    {"invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope", "server_error", "temporarily_unavailable"}
)
ISSUERS_OWN = frozenset({Refusal.UNAVAILABLE, Refusal.UNTRUSTED})
"""For what the issuer does wrong nobody has to wait."""
LONGEST_CODE = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What the person had in mind when they left; empty where that is not known."""

    organisation: str = ""
    wanted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nobody is signed in. `detail` is for the log, and holds nothing of a code or token. `name` is whom the issuer says they are, where
    that much is sure."""

    reason: Refusal
    detail: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    errand: Errand
    outcome: Started | TooManyTries | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    flow: Flow = field(repr=False)
    errand: Errand
    ends_at: datetime


class StartSessionByIdentity:
    """Starts a session of the user whom the issuer's claim names, in the organisation they left from. The answer has to be one to the
    flow that this very browser began, within ten minutes. Nobody is created by signing in. Codes that the issuer does not take, and
    people who are nobody here, count as failed tries of the address."""

    def __init__(
        self,
        provider: IdentityProvider,
        units_of_work: UnitsOfWork,
        tenants: TenantNames,
        tokens: Tokens,
        secrets: Secrets,
        clock: Clock,
    ) -> None:
        self._provider = provider
        self._units_of_work = units_of_work
        self._tenants = tenants
        self._tokens = tokens
        self._secrets = secrets
        self._clock = clock

    async def __call__(self, sealed: bytes, callback: Mapping[str, str], address: str, redirect_uri: str) -> CameBack:
        """`callback` are the parameters that the issuer sent the person back with."""
        kept = self._opened(sealed)
        if kept is None:
            return CameBack(errand=Errand(), outcome=Refused(reason=Refusal.STALE, detail="this browser began no sign-in"))
        if not hmac.compare_digest(kept.flow.state.encode(), callback.get("state", "").encode(errors="replace")):
            return CameBack(
                errand=kept.errand, outcome=Refused(reason=Refusal.STALE, detail="the answer is not to what this browser began")
            )
        if kept.ends_at <= self._clock.now():
            return CameBack(errand=kept.errand, outcome=Refused(reason=Refusal.STALE, detail="it was begun too long ago"))
        refused = _said_no(callback)
        return CameBack(errand=kept.errand, outcome=refused or await self._sign_in(kept, callback, address, redirect_uri))

    def _opened(self, sealed: bytes) -> _Kept | None:
        try:
            kept = json.loads(self._secrets.open(sealed, CONTEXT))
        except SealedByOther:
            return None
        return _Kept(
            flow=Flow(state=kept["state"], nonce=kept["nonce"], verifier=kept["verifier"]),
            errand=Errand(organisation=kept["organisation"], wanted=kept["wanted"]),
            ends_at=datetime.fromisoformat(kept["ends_at"]),
        )

    async def _sign_in(self, kept: _Kept, callback: Mapping[str, str], address: str, redirect_uri: str) -> Started | TooManyTries | Refused:
        organisation, key, now = kept.errand.organisation, f"{BY_ADDRESS}{address}", self._clock.now()
        tenant_id = (None if "\x00" in organisation else await self._tenants.find(organisation)) or NO_TENANT
        async with self._units_of_work(tenant_id) as uow:
            if (wait := await count_tries(uow, (key,), now)) is not None:
                return TooManyTries(wait=wait)
            await uow.commit()
        found = await self._provider.identify(kept.flow, redirect_uri, code=callback["code"], issuer=callback.get("iss"))
        name = None if isinstance(found, NotIdentified) else identity_name(found.name)
        async with self._units_of_work(tenant_id) as uow:
            if isinstance(found, NotIdentified):
                if found.reason in ISSUERS_OWN:
                    await uow.sign_in_throttle.take_back(key)
                    await uow.commit()
                return Refused(reason=found.reason, detail=found.detail)
            user = None if name is None else await uow.users.get_by_oidc_name(name)
            if user is None or not user.active:
                detail = "nobody of the organisation is known by that name" if user is None else f"the user {user.name} is disabled"
                return Refused(reason=Refusal.UNKNOWN, detail=detail, name=found.name)
            await uow.sign_in_throttle.take_back(key)
            started = await open_session(uow, tenant_id, user, self._tokens, self._clock.now(), address=address, by="oidc")
            await uow.commit()
        return started


def _said_no(callback: Mapping[str, str]) -> Refused | None:
    error = callback.get("error")
    if error is not None:
        known = error if error in DENIALS | OTHER_ERRORS else "another error"
        return Refused(reason=Refusal.DENIED if error in DENIALS else Refusal.UNAVAILABLE, detail=f"the issuer said: {known}")
    if not 0 < len(callback.get("code", "")) <= LONGEST_CODE:
        return Refused(reason=Refusal.UNTRUSTED, detail="the issuer sent neither a code nor an error")
    return None
