"""One ERP endpoint."""

from uuid import UUID

from app.application.configure.endpoint_view import EndpointView, view
from app.application.ports.setup import Secrets
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import NotFound


class GetEndpoint:
    """An endpoint by its name, with the names of its credentials."""

    def __init__(self, units_of_work: UnitsOfWork, secrets: Secrets) -> None:
        self._units_of_work = units_of_work
        self._secrets = secrets

    async def __call__(self, tenant_id: UUID, name: str) -> EndpointView:
        async with self._units_of_work(tenant_id) as uow:
            endpoint = await uow.endpoints.get(name)
            authorisation = await uow.authorisations.get(name)
        if endpoint is None:
            raise NotFound(f"there is no endpoint {name}")
        return view(self._secrets, tenant_id, endpoint, authorisation)
