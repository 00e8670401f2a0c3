"""An endpoint's mapping, held against what is known of its ERP."""

from dataclasses import dataclass
from uuid import UUID

from app.application.check_mapping import MappingCheck, check_mapping
from app.application.ports.reference_data import ChartState
from app.application.ports.setup import Endpoint
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMapping:
    """An endpoint with what its mapping lacks by the ERP's chart as it is known, of which `chart` tells; None where nothing is known."""

    endpoint: Endpoint
    lacks: MappingCheck
    chart: ChartState | None


class ReadMapping:
    """As it is kept, with what it lacks. Nothing is called."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, name: str) -> KnownMapping:
        """As it is kept. Raises `NotFound`."""
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            endpoint = await uow.endpoints.get(name)
            if endpoint is None:
                raise NotFound(f"there is no endpoint {name}")
            return KnownMapping(endpoint=endpoint, lacks=await check_mapping(uow, endpoint), chart=await uow.reference_data.state(name))
