"""The secrets that API keys are."""

from typing import Protocol


class Tokens(Protocol):
    def new(self) -> str:
        """A token that nobody can guess."""
        ...
