"""The end of an authorisation."""

from dataclasses import dataclass
from uuid import UUID

from app.application.connect_endpoint import ConnectEndpoint
from app.application.ports.authorisations import Authorisation, AuthorisationStatus
from app.application.ports.clock import Clock
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Endpoint, Secrets
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.application.sign_in.endpoint_sign_in import LEASE
from app.application.sign_in.read_authorisation import authorisation_of
from app.application.sign_in.sealed_tokens import open_tokens
from app.domain.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """The tokens are forgotten. `vendor_reason` None: the vendor took them back too, else a sentence why not."""

    vendor_reason: str | None


class RevokeAuthorisation:
    """Tells the vendor that its tokens are not to be taken any more, forgets them whatever it says, and pauses the endpoint."""

    def __init__(self, units_of_work: UnitsOfWork, connect: ConnectEndpoint, secrets: Secrets, clock: Clock) -> None:
        self._units_of_work = units_of_work
        self._connect = connect
        self._secrets = secrets
        self._clock = clock

    async def __call__(self, tenant_id: UUID, actor: str, name: str) -> Revoked:
        """Raises `NotFound`."""
        async with self._units_of_work(tenant_id) as uow:
            endpoint, before = await uow.endpoints.get(name), await authorisation_of(uow, name, lock=True)
            if endpoint is None:
                raise NotFound(f"there is no endpoint {name}")
            await uow.authorisations.claim(name, self._clock.now() + LEASE)  # nobody refreshes meanwhile
            await uow.commit()
        refused = await self._tell(tenant_id, endpoint, before)
        reason = f"the authorisation was revoked by {actor}"
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            await uow.consents.forget(name)
            await uow.authorisations.end(name, None, AuthorisationStatus.NOT_AUTHORISED, reason)
            now = await uow.endpoints.get(name, lock=True)
            if now is not None and not now.paused:
                await uow.endpoints.pause(name, paused=True, reason=reason, awaits_sign_in=True)
            await uow.audit.write(actor, "endpoint.revoke", name, {"vendor": "told" if refused is None else refused})
            await uow.commit()
        return Revoked(vendor_reason=refused)

    async def _tell(self, tenant_id: UUID, endpoint: Endpoint, before: Authorisation) -> str | None:
        if before.sealed is None:
            return "there were no tokens to take back"
        try:
            vendor = self._connect.vendor(tenant_id, endpoint)
            pair = open_tokens(self._secrets, tenant_id, endpoint.name, before.sealed)
        except SealedByOther:
            return "its credentials or tokens cannot be opened any more"
        if vendor is None:
            return "it needs no authorisation any more"
        return await vendor.revoke(pair.refresh or pair.access)
