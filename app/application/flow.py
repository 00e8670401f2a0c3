"""What a call's outcome means for its endpoint as a whole: the circuit breaker that all workers share."""

from datetime import datetime

from app.application.ports.chance import Chance
from app.application.ports.unit_of_work import UnitOfWork
from app.application.settle_delivery import Outcome
from app.domain.breaker import Breaker

JITTER_PERMILLE = 200


class Flow:
    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    async def told(self, uow: UnitOfWork, endpoint: str, breaker: Breaker, outcome: Outcome, now: datetime) -> Breaker:
        """The endpoint's breaker after a call. Read again under lock where it changes; a success changes nothing."""
        jitter = self._chance.permille(JITTER_PERMILLE)
        if breaker.after(outcome, now=now, jitter_permille=jitter) == breaker:
            return breaker
        changed = (await uow.dispatch.lock_breaker(endpoint)).after(outcome, now=now, jitter_permille=jitter)
        await uow.dispatch.set_breaker(endpoint, changed)
        return changed
