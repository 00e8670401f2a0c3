"""From an endpoint as configured to a connection that can be called: credentials are opened here and nowhere else."""

import json
from dataclasses import replace
from uuid import UUID

from app.application.polled_endpoint import NEVER_CALLED, POLL
from app.application.ports.clock import Clock
from app.application.ports.erp import Connection, ErpAdapters, ErpConnection
from app.application.ports.setup import Endpoint, Secrets
from app.application.ports.sign_in import SignIn
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.vendor_sign_in import VendorSignIn
from app.application.sign_in.endpoint_sign_in import EndpointSignIn


def credentials_context(tenant_id: object, endpoint_name: str) -> str:
    """The row that sealed credentials belong to."""
    return f"erp_endpoint/{tenant_id}/{endpoint_name}"


class ConnectEndpoint:
    """Makes no call. Raises `SealedByOther` where the credentials do not open."""

    def __init__(self, adapters: ErpAdapters, secrets: Secrets, units_of_work: UnitsOfWork, clock: Clock) -> None:
        self._adapters = adapters
        self._secrets = secrets
        self._units_of_work = units_of_work
        self._clock = clock

    def __call__(self, tenant_id: UUID, endpoint: Endpoint) -> ErpConnection:
        plain = self.connection(tenant_id, endpoint)
        sign_in = self._sign_in(tenant_id, endpoint, self._adapters.sign_in(endpoint.adapter, plain))
        return self._adapters.connect(endpoint.adapter, replace(plain, sign_in=sign_in))

    def connection(self, tenant_id: UUID, endpoint: Endpoint) -> Connection:
        """Without its sign-in."""
        credentials: dict[str, str] = {}
        if endpoint.credentials is not None:
            credentials = json.loads(self._secrets.open(endpoint.credentials, credentials_context(tenant_id, endpoint.name)))
        return Connection(
            url=endpoint.url or (NEVER_CALLED if endpoint.delivery == POLL else ""),
            environment="test" if endpoint.environment == "test" else "live",
            settings=endpoint.settings,
            credentials=credentials,
        )

    def vendor(self, tenant_id: UUID, endpoint: Endpoint) -> VendorSignIn | None:
        """How it signs in at its vendor; None where it needs no such tokens."""
        return self._adapters.sign_in(endpoint.adapter, self.connection(tenant_id, endpoint))

    def sign_in(self, tenant_id: UUID, endpoint: Endpoint) -> SignIn | None:
        """Its access tokens; None where it needs none."""
        return self._sign_in(tenant_id, endpoint, self.vendor(tenant_id, endpoint))

    def _sign_in(self, tenant_id: UUID, endpoint: Endpoint, vendor: VendorSignIn | None) -> SignIn | None:
        if vendor is None:
            return None
        return EndpointSignIn(self._units_of_work, self._secrets, self._clock, vendor, tenant_id, endpoint.name)
