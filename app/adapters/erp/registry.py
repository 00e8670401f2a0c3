"""The destinations that are built in, and those that other packages add. A new one is a folder beside this file and one line here."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

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
from app.application.ports.erp import AdapterDescription, Connection, ErpConnection
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


class BrokenAdapter(Exception):
    """A package adds an adapter that cannot be used. Names the package: nothing starts until it is mended or uninstalled, since the
    journals of its endpoints would wait without a word."""


@cache
def destinations() -> Mapping[str, Destination]:
    """All by name. Raises `BrokenAdapter` where a package adds what cannot be loaded, is no destination, or has a name that is taken."""
    found = {destination.name: destination for destination in BUILT_IN}
    for point in entry_points(group=ENTRY_POINTS):
        added = _loaded(point)
        if added.name in found:
            raise BrokenAdapter(f"{_called(point)}: there is another one of the name {added.name}")
        found[added.name] = added
    return found


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

    def describe(self, adapter: str) -> AdapterDescription:
        """Raises `Invalid` where it is unknown."""
        found = self._destination(adapter)
        return AdapterDescription(
            name=found.name,
            title=found.title,
            capabilities=found.capabilities,
            signs_in=found.sign_in is not None,
            settings=None if found.settings is None else found.settings.model_json_schema(),
            credentials=None if found.credentials is None else found.credentials.model_json_schema(),
        )

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


def _loaded(point: EntryPoint) -> Destination:
    try:
        found: object = point.load()
    except Exception as error:  # whatever another package does while it is imported
        raise BrokenAdapter(f"{_called(point)} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(found, Destination):
        raise BrokenAdapter(f"{_called(point)}: {point.value} is no Destination")
    return found


def _called(point: EntryPoint) -> str:
    package = "an unknown package" if point.dist is None else f"the package {point.dist.name} {point.dist.version}"
    return f"the ERP adapter {point.name} of {package}"
