"""A person comes back from the vendor."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.application.connect_endpoint import ConnectEndpoint
from app.application.ports.authorisations import Authorisation, AuthorisationStatus, Consent
from app.application.ports.clock import Clock
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Secrets
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.vendor_sign_in import (
    Granted,
    Organisation,
    OrganisationsAnswer,
    OrganisationsUnknown,
    VendorSignIn,
)
from app.application.serial import lock_set_up
from app.application.sign_in.consent_state import tenant_of
from app.application.sign_in.resume import resume_if_awaited
from app.application.sign_in.sealed_tokens import TokenPair, seal_tokens, verifier_context
from app.application.token_hash import token_hash

KNOWN_ERRORS = frozenset({"access_denied", "consent_required", "invalid_scope", "server_error", "temporarily_unavailable"})
NO_REFRESH = "the vendor gave no refresh token: it has to be authorised again once the access token ends"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEnd:
    """What the person is told. `done`: the vendor gave tokens, and they are kept."""

    done: bool
    told: str


NOT_OURS = ConsentEnd(done=False, told="This link was used already, has ended, or is not one of ours. Ask for a new one.")
CHANGED = ConsentEnd(done=False, told="The endpoint was changed meanwhile. Ask for a new link.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    tenant_id: UUID
    consent: Consent
    verifier: str
    vendor: VendorSignIn


class FinishConsent:
    """Exchanges the vendor's code for tokens and keeps them, sealed. The state is good once, whatever comes of it. Where the tokens open
    one organisation it is chosen, and so is the one of before where it is still among them; else a person chooses."""

    def __init__(self, units_of_work: UnitsOfWork, connect: ConnectEndpoint, secrets: Secrets, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._connect = connect
        self._secrets = secrets
        self._clock = clock

    async def __call__(self, callback: Mapping[str, str]) -> ConsentEnd:
        """`callback` are the parameters that the vendor sent the person back with."""
        begun = await self._begun(callback.get("state", ""))
        if begun is None:
            return NOT_OURS
        code = callback.get("code")
        if "error" in callback or not code:
            known = callback.get("error") if callback.get("error") in KNOWN_ERRORS else "refused"
            return await self._not_given(begun, f"the vendor did not let it be authorised: {known}")
        began, consent = self._clock.now(), begun.consent
        answer = await begun.vendor.redeem(code=code, verifier=begun.verifier, redirect_uri=consent.redirect_uri)
        if not isinstance(answer, Granted):
            return await self._not_given(begun, answer.reason)
        found = await begun.vendor.organisations(answer.access, callback)
        if isinstance(found, OrganisationsUnknown):
            return await self._not_given(begun, f"the organisations could not be listed: {found.reason}")
        if found == ():
            return await self._not_given(begun, "the vendor lists no organisation that was opened to us")
        return await self._keep(begun, answer, found, began)

    async def _begun(self, state: str) -> _Begun | None:
        """The consent that was asked for, taken: nobody comes back with it again."""
        if (tenant_id := tenant_of(state)) is None:
            return None
        async with self._units_of_work(tenant_id) as uow:
            consent = await uow.consents.take(token_hash(state))
            endpoint = None if consent is None else await uow.endpoints.get(consent.endpoint)
            await uow.commit()
        if consent is None or endpoint is None or consent.expires_at <= self._clock.now():
            return None
        try:
            verifier = self._secrets.open(consent.verifier, verifier_context(tenant_id, consent.endpoint)).decode()
            vendor = self._connect.vendor(tenant_id, endpoint)
        except SealedByOther:
            return None
        if vendor is None or vendor.client != consent.client:
            return None
        return _Begun(tenant_id=tenant_id, consent=consent, verifier=verifier, vendor=vendor)

    async def _not_given(self, begun: _Begun, reason: str) -> ConsentEnd:
        name = begun.consent.endpoint
        async with self._units_of_work(begun.tenant_id) as uow:
            await uow.authorisations.note(name, reason)
            await uow.audit.write(begun.consent.asked_by, "endpoint.authorise_refused", name, {"reason": reason})
            await uow.commit()
        return ConsentEnd(done=False, told=f"The endpoint {name} was not authorised: {reason}.")

    async def _keep(self, begun: _Begun, granted: Granted, found: OrganisationsAnswer | None, began: datetime) -> ConsentEnd:
        name, choices = begun.consent.endpoint, found if isinstance(found, tuple) else ()
        async with self._units_of_work(begun.tenant_id) as uow:
            await lock_set_up(uow)
            endpoint, before = await uow.endpoints.get(name), await uow.authorisations.get(name, lock=True)
            if endpoint is None or before is None or before.client != begun.consent.client:
                return CHANGED
            pair = TokenPair(access=granted.access, refresh=granted.refresh)
            after = replace(
                _chosen(before, choices),
                sealed=seal_tokens(self._secrets, begun.tenant_id, name, pair),
                access_expires_at=began + timedelta(seconds=granted.expires_in),
                scopes=begun.vendor.scopes if granted.scopes is None else granted.scopes,
                authorised_by=begun.consent.asked_by,
                authorised_at=self._clock.now(),
                reason=None if granted.refresh else NO_REFRESH,
            )
            await uow.authorisations.grant(after)
            if after.organisation != before.organisation:
                await uow.reference_data.forget(name)
            resumed = after.status is AuthorisationStatus.AUTHORISED and await resume_if_awaited(uow, endpoint)
            chosen = None if after.organisation is None else after.organisation.id
            told = {"organisation": chosen, "organisations": len(choices), "scopes": list(after.scopes), "resumed": resumed}
            await uow.audit.write(begun.consent.asked_by, "endpoint.authorised", name, told)
            await uow.commit()
        return ConsentEnd(done=True, told=_told(after))


def _chosen(before: Authorisation, choices: tuple[Organisation, ...]) -> Authorisation:
    """With the only organisation, or the one of before where it is still there; nothing to choose is authorised too."""
    kept = [each for each in choices if before.organisation is not None and each.id == before.organisation.id]
    chosen = choices[0] if len(choices) == 1 else next(iter(kept), None)
    open_choice = chosen is None and len(choices) > 1
    status = AuthorisationStatus.CHOOSE_ORGANISATION if open_choice else AuthorisationStatus.AUTHORISED
    return replace(before, status=status, organisation=chosen, organisations=choices)


def _told(after: Authorisation) -> str:
    if after.status is AuthorisationStatus.CHOOSE_ORGANISATION:
        return f"The endpoint {after.endpoint} is authorised for {len(after.organisations)} organisations. Choose one of them in Glint."
    where = "" if after.organisation is None else f" for {after.organisation.name}"
    return f"The endpoint {after.endpoint} is authorised{where}."
