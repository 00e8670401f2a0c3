"""What a new authorisation means for an endpoint that waits for one."""

from app.application.ports.setup import Endpoint
from app.application.ports.unit_of_work import UnitOfWork
from app.domain.breaker import Breaker


async def resume_if_awaited(uow: UnitOfWork, endpoint: Endpoint) -> bool:
    """Ends its pause where the sign-in was the reason for it; what a person paused for another one stays paused."""
    if not endpoint.awaits_sign_in:
        return False
    await uow.dispatch.set_breaker(endpoint.name, Breaker())
    await uow.endpoints.pause(endpoint.name, paused=False, reason=None)
    return True
