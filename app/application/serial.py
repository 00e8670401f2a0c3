"""Changes of a tenant's set-up happen one after another: most of them decide by what else is set up."""

from app.application.ports.unit_of_work import UnitOfWork

SET_UP = "set-up"


async def lock_set_up(uow: UnitOfWork) -> None:
    """Waits until no other change of this tenant's set-up is under way. Reading and posting never wait for it."""
    await uow.orders.lock(SET_UP, (SET_UP,))
