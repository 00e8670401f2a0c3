"""The ERP endpoints."""

from collections.abc import Sequence
from uuid import UUID

from app.application.configure.endpoint_view import EndpointView, view
from app.application.ports.setup import Secrets
from app.application.ports.unit_of_work import UnitsOfWork


class ListEndpoints:
    """All endpoints by name, with the names of their credentials."""

    def __init__(self, units_of_work: UnitsOfWork, secrets: Secrets) -> None:
        self._units_of_work = units_of_work
        self._secrets = secrets

    async def __call__(self, tenant_id: UUID) -> Sequence[EndpointView]:
        async with self._units_of_work(tenant_id) as uow:
            endpoints = await uow.endpoints.list()
            authorisations = await uow.authorisations.all()
        return [view(self._secrets, tenant_id, endpoint, authorisations.get(endpoint.name)) for endpoint in endpoints]
