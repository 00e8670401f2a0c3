"""From an endpoint as configured to a connection that can be called: credentials are opened here and nowhere else."""

import json

from app.application.ports.erp import Connection, ErpAdapters, ErpConnection
from app.application.ports.setup import Endpoint, Secrets


def credentials_context(tenant_id: object, endpoint_name: str) -> str:
    """The row that sealed credentials belong to."""
    return f"erp_endpoint/{tenant_id}/{endpoint_name}"


class ConnectEndpoint:
    def __init__(self, adapters: ErpAdapters, secrets: Secrets) -> None:
        self._adapters = adapters
        self._secrets = secrets

    def __call__(self, tenant_id: object, endpoint: Endpoint) -> ErpConnection:
        return self._adapters.connect(endpoint.adapter, self.connection(tenant_id, endpoint))

    def connection(self, tenant_id: object, endpoint: Endpoint) -> Connection:
        credentials: dict[str, str] = {}
        if endpoint.credentials is not None:
            credentials = json.loads(self._secrets.open(endpoint.credentials, credentials_context(tenant_id, endpoint.name)))
        return Connection(
            url=endpoint.url,
            environment="test" if endpoint.environment == "test" else "live",
            settings=endpoint.settings,
            credentials=credentials,
        )
