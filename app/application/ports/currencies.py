"""Which currencies there are, and their decimals."""

from typing import Protocol

from app.domain.money import Currency


class Currencies(Protocol):
    """ISO 4217."""

    def get(self, code: str) -> Currency | None:
        """The currency of this code in capitals, None where there is none."""
        ...
