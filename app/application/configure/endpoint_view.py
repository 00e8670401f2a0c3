"""An endpoint as it is shown: of its credentials the names and nothing else."""

import json
from dataclasses import dataclass
from uuid import UUID

from app.application.connect_endpoint import credentials_context
from app.application.ports.authorisations import Authorisation, AuthorisationStatus
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Endpoint, Secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """`credentials` are the names that are set; None where they are sealed with a key that is not here any more. `authorisation` None:
    it needs none."""

    endpoint: Endpoint
    credentials: tuple[str, ...] | None
    authorisation: AuthorisationStatus | None


def view(secrets: Secrets, tenant_id: UUID, endpoint: Endpoint, authorisation: Authorisation | None) -> EndpointView:
    """The endpoint with the names of its credentials."""
    names: tuple[str, ...] | None = ()
    if endpoint.credentials is not None:
        try:
            names = tuple(sorted(json.loads(secrets.open(endpoint.credentials, credentials_context(tenant_id, endpoint.name)))))
        except SealedByOther:
            names = None
    status = None if authorisation is None else authorisation.status
    return EndpointView(endpoint=endpoint, credentials=names, authorisation=status)
