"""An ERP endpoint pauses."""

from dataclasses import replace
from uuid import UUID

from app.application.configure.endpoint_view import EndpointView, view
from app.application.ports.setup import Secrets
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import NotFound


class PauseEndpoint:
    """Holds an endpoint's journals until it is resumed; none is dropped. What is on its way now is finished."""

    def __init__(self, units_of_work: UnitsOfWork, secrets: Secrets) -> None:
        self._units_of_work = units_of_work
        self._secrets = secrets

    async def __call__(self, tenant_id: UUID, actor: str, name: str, reason: str | None) -> EndpointView:
        """Raises `NotFound`."""
        told = reason or f"paused by {actor}"
        async with self._units_of_work(tenant_id) as uow:
            endpoint = await uow.endpoints.get(name)
            if endpoint is None:
                raise NotFound(f"there is no endpoint {name}")
            authorisation = await uow.authorisations.get(name)
            await uow.endpoints.pause(name, paused=True, reason=told)
            await uow.audit.write(actor, "endpoint.pause", name, {"reason": told})
            await uow.commit()
        return view(self._secrets, tenant_id, replace(endpoint, paused=True, paused_reason=told), authorisation)
