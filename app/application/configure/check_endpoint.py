"""Whether an ERP endpoint works."""

from dataclasses import dataclass
from uuid import UUID

from app.application.ask_erp import ask_erp, keep_told
from app.application.check_mapping import MappingCheck, check_mapping
from app.application.connect_endpoint import ConnectEndpoint
from app.application.ports.clock import Clock
from app.application.ports.erp import Checked, ErpAdapters
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Secrets
from app.application.ports.unit_of_work import UnitsOfWork
from app.domain.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCheck:
    """What the ERP answered, whether that was kept, and what the mapping lacks."""

    checked: Checked
    kept: bool
    mapping: MappingCheck


class CheckEndpoint:
    """Calls the ERP: whether it can be reached and signed in to, its chart of accounts and its periods. Nothing is posted.

    What it tells is kept, and journals are checked against it before the ERP is asked about them.
    """

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock, secrets: Secrets, adapters: ErpAdapters) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._connect = ConnectEndpoint(adapters, secrets, units_of_work, clock)

    async def __call__(self, tenant_id: UUID, actor: str, name: str, command: str = "endpoint.test") -> EndpointCheck:
        """Raises `NotFound`, or `Conflict` where the ERP polls and there is nothing to call. `command` is what the audit log calls it."""
        async with self._units_of_work(tenant_id) as uow:
            endpoint = await uow.endpoints.get(name)
            if endpoint is None:
                raise NotFound(f"there is no endpoint {name}")
            if endpoint.delivery == "poll":
                raise Conflict(f"{name} is polled by the ERP: there is nothing to call")
            await uow.audit.write(actor, command, name, {})
            await uow.commit()
        try:
            checked = await ask_erp(self._connect, tenant_id, endpoint)
        except SealedByOther as error:
            raise Conflict(f"the credentials of {name} cannot be opened any more: send them again") from error
        async with self._units_of_work(tenant_id) as uow:
            kept = await keep_told(uow, name, checked, self._clock.now())
            lacks = await check_mapping(uow, endpoint)
            await uow.commit()
        return EndpointCheck(checked=checked, kept=kept, mapping=lacks)
