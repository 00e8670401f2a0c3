"""What a call's outcome means for its endpoint as a whole: the circuit breaker that all workers share."""

from collections.abc import Sequence
from datetime import datetime

from app.application.ports.chance import Chance
from app.application.ports.unit_of_work import UnitOfWork
from app.application.settle_delivery import Outcome
from app.domain.breaker import Breaker

JITTER_PERMILLE = 200


class Flow:
    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    async def told(self, uow: UnitOfWork, endpoint: str, breaker: Breaker, outcomes: Sequence[Outcome], now: datetime) -> Breaker:
        """The endpoint's breaker after these calls. Read again under lock where it changes; a success changes nothing."""
        jitter = self._chance.permille(JITTER_PERMILLE)
        if _after(breaker, outcomes, now, jitter) == breaker:
            return breaker
        changed = _after(await uow.dispatch.lock_breaker(endpoint), outcomes, now, jitter)
        await uow.dispatch.set_breaker(endpoint, changed)
        return changed


def _after(breaker: Breaker, outcomes: Sequence[Outcome], now: datetime, jitter_permille: int) -> Breaker:
    for outcome in outcomes:
        breaker = breaker.after(outcome, now=now, jitter_permille=jitter_permille)
    return breaker
