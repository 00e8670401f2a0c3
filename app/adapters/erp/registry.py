"""The destinations that are built in. A new one is a folder beside this file and one line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.adapters.erp.http import HttpClient
from app.adapters.erp.json.connection import JsonConnection
from app.adapters.erp.json.settings import read_endpoint as read_json_endpoint
from app.application.ports.erp import Connection, ErpConnection
from app.domain.errors import Fault, Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """`check` raises `Invalid` where a connection's shape is wrong; `connect` makes no call yet."""

    check: Callable[[Connection], object]
    connect: Callable[[HttpClient, Connection], ErpConnection]


DESTINATIONS: Mapping[str, Destination] = {
    "json": Destination(check=read_json_endpoint, connect=JsonConnection),
}


class BuiltInAdapters:
    """`ErpAdapters` over one HTTP client, which the composition root opens and closes."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def names(self) -> tuple[str, ...]:
        return tuple(DESTINATIONS)

    def check_settings(self, adapter: str, connection: Connection) -> None:
        """Raises `Invalid` where the adapter is unknown or the connection's shape is wrong."""
        _destination(adapter).check(connection)

    def connect(self, adapter: str, connection: Connection) -> ErpConnection:
        """Raises `Invalid` as `check_settings` does; makes no call."""
        return _destination(adapter).connect(self._http, connection)


def _destination(adapter: str) -> Destination:
    destination = DESTINATIONS.get(adapter)
    if destination is None:
        raise Invalid(f"There is no adapter {adapter}", Fault(pointer="/adapter", message=f"one of {', '.join(DESTINATIONS)}"))
    return destination
