"""Whether requests can be served now."""

from typing import Protocol


class Readiness(Protocol):
    async def complaint(self) -> str | None:
        """Why not, as a sentence for an operator; None where all is well. Never raises."""
        ...
