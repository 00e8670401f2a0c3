"""Which of the organisations that an authorisation opens an endpoint is for."""

from dataclasses import replace
from uuid import UUID

from app.application.ports.authorisations import Authorisation, AuthorisationStatus
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.serial import lock_set_up
from app.application.sign_in.read_authorisation import authorisation_of
from app.application.sign_in.resume import resume_if_awaited
from app.domain.errors import Conflict, Fault, Invalid, NotFound


class ChooseOrganisation:
    """Chooses the books that the endpoint's journals go to, among those that the person who authorised it opened."""

    def __init__(self, units_of_work: UnitsOfWork) -> None:
        self._units_of_work = units_of_work

    async def __call__(self, tenant_id: UUID, actor: str, name: str, organisation_id: str) -> Authorisation:
        """Raises `NotFound`, `Invalid`, or `Conflict` where it is not authorised."""
        async with self._units_of_work(tenant_id) as uow:
            await lock_set_up(uow)
            endpoint, before = await uow.endpoints.get(name), await authorisation_of(uow, name, lock=True)
            if endpoint is None:
                raise NotFound(f"there is no endpoint {name}")
            if before.sealed is None:
                raise Conflict(f"{name} is not authorised: there is nothing to choose from")
            chosen = next((each for each in before.organisations if each.id == organisation_id), None)
            if chosen is None:
                fault = Fault(pointer="/organisation", message="must be one of those that the authorisation opens")
                raise Invalid("there is no such organisation", fault)
            await uow.authorisations.choose(name, chosen)
            if chosen != before.organisation:
                await uow.reference_data.forget(name)
            resumed = await resume_if_awaited(uow, endpoint)
            told = {"organisation": chosen.id, "organisation_name": chosen.name, "resumed": resumed}
            await uow.audit.write(actor, "endpoint.choose_organisation", name, told)
            await uow.commit()
        return replace(before, status=AuthorisationStatus.AUTHORISED, organisation=chosen, reason=None)
