"""What `Secrets` of `setup.py` may find, and the secrets that API keys are."""

from contextlib import AbstractContextManager
from typing import Protocol

from app.application.ports.setup import Secrets


class SealedByOther(Exception):
    """A sealed secret does not open: its key is missing here, it belongs to another row, or it was changed."""


class Tokens(Protocol):
    def new(self) -> str:
        """A token that nobody can guess."""
        ...


class RotationUnderWay(Exception):
    """Another process is rotating the same keys."""


class RotatingSecrets(Secrets, Protocol):
    """Secrets whose keys can be told apart, by ids that tell nothing of the keys."""

    def is_current(self, sealed: bytes) -> bool:
        """Whether the primary key sealed it."""
        ...

    def sealed_by(self, sealed: bytes) -> str:
        """The id of the key that it says it was sealed with, here or not."""
        ...

    def key_ids(self) -> tuple[str, ...]:
        """Of the keys that are here, the primary first."""
        ...


class KeyRing(Protocol):
    """Where the keys themselves are kept."""

    def exclusively(self) -> AbstractContextManager[None]:
        """Keeps other rotations out. Raises `RotationUnderWay`."""
        ...

    def renew(self) -> bool:
        """Makes a new primary key; False where an earlier rotation has yet to be finished with its own, or keys are not made here."""
        ...

    def drop_older(self) -> int:
        """Drops all keys but the primary one, and says how many. Only once nothing is sealed with them any more."""
        ...
