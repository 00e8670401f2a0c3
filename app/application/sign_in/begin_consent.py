"""Somebody is to authorise an endpoint at its vendor."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.application.connect_endpoint import ConnectEndpoint
from app.application.ports.authorisations import Consent
from app.application.ports.clock import Clock
from app.application.ports.secrecy import SealedByOther, Tokens
from app.application.ports.setup import Endpoint, Secrets
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.vendor_sign_in import VendorSignIn
from app.application.serial import lock_set_up
from app.application.sign_in.consent_state import new_state
from app.application.sign_in.sealed_tokens import verifier_context
from app.application.token_hash import token_hash
from app.domain.errors import Conflict, NotFound

LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentLink:
    """Where a person signs in at the vendor and consents; once, and before `expires_at`."""

    url: str
    expires_at: datetime


class BeginConsent:
    """Makes the link at which a person consents at the vendor. It is good once and for ten minutes; a newer one for the same endpoint
    makes it void. What the endpoint is authorised with until now goes on until the consent is given."""

    def __init__(self, units_of_work: UnitsOfWork, connect: ConnectEndpoint, secrets: Secrets, tokens: Tokens, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._connect = connect
        self._secrets = secrets
        self._tokens = tokens
        self._clock = clock

    async def __call__(self, tenant_id: UUID, actor: str, name: str, redirect_uri: str) -> ConsentLink:
        """Raises `NotFound`, or `Conflict` where nobody's consent is needed."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            endpoint = await uow.endpoints.get(name)
            if endpoint is None:
                raise NotFound(f"there is no endpoint {name}")
            vendor = self._vendor(tenant_id, endpoint)
            state, verifier = new_state(tenant_id, self._tokens), self._tokens.new()
            consent = Consent(
                endpoint=name,
                state_hash=token_hash(state),
                client=vendor.client,
                verifier=self._secrets.seal(verifier.encode(), verifier_context(tenant_id, name)),
                redirect_uri=redirect_uri,
                asked_by=actor,
                expires_at=self._clock.now() + LASTS,
            )
            await uow.authorisations.ensure(name, vendor.client)
            await uow.consents.put(consent)
            await uow.audit.write(actor, "endpoint.authorise", name, {"redirect_uri": redirect_uri, "scopes": list(vendor.scopes)})
            await uow.commit()
        url = vendor.consent_url(state=state, verifier=verifier, redirect_uri=redirect_uri)
        return ConsentLink(url=url, expires_at=consent.expires_at)

    def _vendor(self, tenant_id: UUID, endpoint: Endpoint) -> VendorSignIn:
        try:
            vendor = self._connect.vendor(tenant_id, endpoint)
        except SealedByOther as error:
            raise Conflict(f"the credentials of {endpoint.name} cannot be opened any more: send them again") from error
        if vendor is None:
            raise Conflict(f"{endpoint.name} signs in with its credentials: there is nothing to authorise")
        if vendor.by_itself:
            raise Conflict(f"{endpoint.name} signs in as an application by itself: nobody has to consent")
        return vendor
