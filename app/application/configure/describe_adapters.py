"""The adapters that an endpoint can be of."""

from collections.abc import Sequence

from app.application.ports.erp import AdapterDescription, ErpAdapters


class DescribeAdapters:
    """What each is called, what it can do, and what an endpoint of it is given."""

    def __init__(self, adapters: ErpAdapters) -> None:
        self._adapters = adapters

    def all(self) -> Sequence[AdapterDescription]:
        """In the order of their titles."""
        found = [self._adapters.describe(name) for name in self._adapters.names()]
        return sorted(found, key=lambda each: each.title.lower())

    def __call__(self, adapter: str) -> AdapterDescription:
        """Raises `Invalid` where there is none of this name."""
        return self._adapters.describe(adapter)
