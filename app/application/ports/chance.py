"""Randomness, which the domain is given and never takes."""

from typing import Protocol


class Chance(Protocol):
    def permille(self, bound: int) -> int:
        """A number in [−bound, bound]."""
        ...
