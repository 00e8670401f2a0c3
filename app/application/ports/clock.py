"""Time and identity, which the domain is given and never takes."""

from datetime import datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...


class Ids(Protocol):
    def new(self) -> UUID:
        """A fresh id, growing with time so that indexes stay compact."""
        ...
