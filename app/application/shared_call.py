"""A call to an ERP about one or more journals, each of a lane of its own: made once, answered to all."""

import asyncio

from app.application.ports.erp import Answered, ErpConnection, Prepared
from app.application.settle_delivery import Outcome
from app.domain.delivery import FindOutcome, Purpose, SendOutcome, ValidateOutcome


class SharedCall:
    """Whichever of its lanes comes first has it made. A lane that is cancelled leaves the others their answer; when the last one is,
    so is the call."""

    def __init__(self, connection: ErpConnection, prepared: Prepared) -> None:
        self.connection = connection
        self.prepared = prepared
        self._lanes = len(prepared.references)
        self._under_way: asyncio.Task[Answered[Outcome]] | None = None

    @property
    def journals(self) -> int:
        """How many it is about."""
        return len(self.prepared.references)

    async def answer(self) -> Answered[Outcome]:
        """To be asked for once by each lane. No unit of work is open meanwhile."""
        if self.journals == 1:
            return await self._make()
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._make())
        try:
            return await asyncio.shield(self._under_way)
        finally:
            self._lanes -= 1
            if not self._lanes:
                self._under_way.cancel()  # nothing, where it is done

    async def _make(self) -> Answered[Outcome]:
        answered: Answered[ValidateOutcome] | Answered[SendOutcome] | Answered[FindOutcome]
        match self.prepared.purpose:
            case Purpose.VALIDATE:
                answered = await self.connection.validate(self.prepared)
            case Purpose.SEND:
                answered = await self.connection.send(self.prepared)
            case Purpose.FIND:
                answered = await self.connection.find(self.prepared)
        return Answered(results=dict(answered.results), exchange=answered.exchange)
