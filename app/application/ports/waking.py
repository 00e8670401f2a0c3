"""Telling workers that lanes became due. A hint only: whoever misses it sees the lanes at the next poll."""

from typing import Protocol


class Waker(Protocol):
    def wake(self) -> None:
        """Lanes became due: the workers of every process are told. Neither waits nor fails."""
        ...


class Wakeups(Protocol):
    async def wait(self, seconds: float) -> None:
        """Returns when lanes may have become due, and after so many seconds at the latest."""
        ...

    def nudge(self) -> None:
        """Ends the wait of this process alone."""
        ...
