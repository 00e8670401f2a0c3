"""An ERP endpoint goes on."""

from dataclasses import replace
from uuid import UUID

from app.application.configure.endpoint_view import EndpointView, view
from app.application.ports.setup import Secrets
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.breaker import Breaker
from app.domain.errors import NotFound


class ResumeEndpoint:
    """Ends the pause, whoever or whatever began it; the journals that were held go on where they stood.

    Its circuit breaker is closed, and a pause that the ERP asked for ends: the next journal is tried at once."""

    def __init__(self, units_of_work: UnitsOfWork, secrets: Secrets) -> None:
        self._units_of_work = units_of_work
        self._secrets = secrets

    async def __call__(self, tenant_id: UUID, actor: str, name: str) -> EndpointView:
        """Raises `NotFound`."""
        async with self._units_of_work(tenant_id) as uow:
            endpoint = await uow.endpoints.get(name)
            if endpoint is None:
                raise NotFound(f"there is no endpoint {name}")
            authorisation = await uow.authorisations.get(name)
            await uow.dispatch.set_breaker(name, Breaker())
            await uow.endpoints.pause(name, paused=False, reason=None)
            await uow.audit.write(actor, "endpoint.resume", name, {})
            await uow.commit()
        return view(self._secrets, tenant_id, replace(endpoint, paused=False, paused_reason=None), authorisation)
