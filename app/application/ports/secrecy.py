"""What `Secrets` of `setup.py` may find, and the secrets that API keys are."""

from typing import Protocol


class SealedByOther(Exception):
    """A sealed secret does not open: its key is missing here, it belongs to another row, or it was changed."""


class Tokens(Protocol):
    def new(self) -> str:
        """A token that nobody can guess."""
        ...
