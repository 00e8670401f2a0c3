"""An endpoint's mapping by itself."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.application.check_mapping import MappingCheck, check_mapping
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.domain.errors import NotFound
from app.domain.mapping_rules import check_mapping as check_shape


class PutMapping:
    """Replaces the mapping and leaves the rest of the endpoint as it is. What is sent from then on goes by it; nothing is called."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, actor: str, name: str, mapping: Mapping[str, Any]) -> MappingCheck:
        """What it lacks. Raises `NotFound`, or `Invalid` with a pointer per fault."""
        check_shape(mapping)
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            before = await uow.endpoints.get(name, lock=True)
            if before is None:
                raise NotFound(f"there is no endpoint {name}")
            after = replace(before, mapping=mapping)
            await uow.endpoints.put(after)
            await uow.audit.write(actor, "endpoint.put_mapping", name, {"mapping": dict(mapping)})
            lacks = await check_mapping(uow, after)
            await uow.commit()
        return lacks
