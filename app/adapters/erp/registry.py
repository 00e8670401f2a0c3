"""The destinations that are built in, and those that other packages add. A new one is a folder beside this file and one line here."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points

from app.adapters.erp.business_central.connection import BUSINESS_CENTRAL
from app.adapters.erp.destination import ENTRY_POINTS, Destination
from app.adapters.erp.erpnext.connection import ERPNEXT
from app.adapters.erp.http import HttpClient
from app.adapters.erp.json.connection import JSON
from app.adapters.erp.netsuite.connection import NETSUITE
from app.adapters.erp.oauth import OAuthSignIn
from app.adapters.erp.odoo.connection import ODOO
from app.adapters.erp.quickbooks.connection import QUICKBOOKS
from app.adapters.erp.tryton.connection import TRYTON
from app.adapters.erp.xero.connection import XERO
from app.adapters.erp.xml.connection import XML
from app.application.ports.erp import Connection, ErpConnection
from app.application.ports.vendor_sign_in import VendorSignIn
from app.domain.errors import Fault, Invalid

BUILT_IN: tuple[Destination, ...] = (
    JSON,
    XML,
    BUSINESS_CENTRAL,
    ERPNEXT,
    NETSUITE,
    ODOO,
    QUICKBOOKS,
    TRYTON,
    XERO,
)


@cache
def destinations() -> Mapping[str, Destination]:
    """All by name. Raises `TypeError` or `ValueError` where a package adds what is no destination, or takes a name that is taken."""
    return _by_name([*BUILT_IN, *(_loaded(point.name, point.load()) for point in entry_points(group=ENTRY_POINTS))])


class InstalledAdapters:
    """`ErpAdapters` over one HTTP client, which the composition root opens and closes."""

    def __init__(self, http: HttpClient, known: Mapping[str, Destination] | None = None) -> None:
        """`known` in place of all that are installed."""
        self._http = http
        self._given = known

    @property
    def _known(self) -> Mapping[str, Destination]:
        return destinations() if self._given is None else self._given

    def names(self) -> tuple[str, ...]:
        return tuple(self._known)

    def check_settings(self, adapter: str, connection: Connection) -> None:
        """Raises `Invalid` where the adapter is unknown or the connection's shape is wrong."""
        self._destination(adapter).check(connection)

    def connect(self, adapter: str, connection: Connection) -> ErpConnection:
        """Raises `Invalid` as `check_settings` does; makes no call."""
        return self._destination(adapter).connect(self._http, connection)

    def sign_in(self, adapter: str, connection: Connection) -> VendorSignIn | None:
        """Raises `Invalid` as `check_settings` does; makes no call."""
        tell = self._destination(adapter).sign_in
        flow = None if tell is None else tell(connection)
        return None if flow is None else OAuthSignIn(self._http, flow, adapter=adapter, connection=connection)

    def _destination(self, adapter: str) -> Destination:
        if adapter not in self._known:
            raise Invalid(f"There is no adapter {adapter}", Fault(pointer="/adapter", message=f"one of {', '.join(self._known)}"))
        return self._known[adapter]


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
