"""The destinations that are built in, and those that other packages add. A new one is a folder beside this file and one line here."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points

from app.adapters.erp.destination import ENTRY_POINTS, Destination
from app.adapters.erp.http import HttpClient
from app.adapters.erp.json.connection import JSON
from app.application.ports.erp import Connection, ErpConnection
from app.domain.errors import Fault, Invalid

BUILT_IN: tuple[Destination, ...] = (JSON,)


@cache
def destinations() -> Mapping[str, Destination]:
    """All by name. Raises `TypeError` or `ValueError` where a package adds what is no destination, or takes a name that is taken."""
    return _by_name([*BUILT_IN, *(_loaded(point.name, point.load()) for point in entry_points(group=ENTRY_POINTS))])


class InstalledAdapters:
    """`ErpAdapters` over one HTTP client, which the composition root opens and closes."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def names(self) -> tuple[str, ...]:
        return tuple(destinations())

    def check_settings(self, adapter: str, connection: Connection) -> None:
        """Raises `Invalid` where the adapter is unknown or the connection's shape is wrong."""
        _destination(adapter).check(connection)

    def connect(self, adapter: str, connection: Connection) -> ErpConnection:
        """Raises `Invalid` as `check_settings` does; makes no call."""
        return _destination(adapter).connect(self._http, connection)


def _destination(adapter: str) -> Destination:
    known = destinations()
    if adapter not in known:
        raise Invalid(f"There is no adapter {adapter}", Fault(pointer="/adapter", message=f"one of {', '.join(known)}"))
    return known[adapter]


def _by_name(listed: Iterable[Destination]) -> dict[str, Destination]:
    found: dict[str, Destination] = {}
    for destination in listed:
        if destination.name in found:
            raise ValueError(f"two ERP adapters are named {destination.name}")
        found[destination.name] = destination
    return found


def _loaded(name: str, found: object) -> Destination:
    if not isinstance(found, Destination):
        raise TypeError(f"the entry point {name} of {ENTRY_POINTS} is no Destination")
    return found
