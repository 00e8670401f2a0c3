"""What is set up, and what is missing for a first journal."""

from uuid import UUID

from app.application.ports.set_up_progress import SetUpProgress
from app.application.ports.unit_of_work import UnitsOfWork


class ReadSetUpProgress:
    """What there is of accounts, posting manager, periods and endpoints, and what became of each endpoint. Nothing is called."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID) -> SetUpProgress:
        async with self._units_of_work(tenant_id, snapshot=True) as uow:
            return await uow.set_up_progress.now()
