"""The settings and credentials of a `netsuite` endpoint."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.adapters.erp.shapes import base_url_fault, read_shape
from app.application.ports.erp import Connection
from app.domain.errors import Fault, Invalid

InternalId = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}$")]


class NetSuiteSettings(BaseModel):
    """`settings` of the endpoint. Seconds; `time_limit_seconds` covers NetSuite's own: it ends a request after 15 minutes.

    `account_id` as in host names (`1234567`, `1234567-sb1`). `subsidiary_id`: whose books these are, left out where the account has no
    subsidiaries. `accounting_book`: which book is read back. `approve`: our journals are approved as they are made; otherwise people do.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    account_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$", max_length=60)]
    subsidiary_id: InternalId | None = None
    accounting_book: InternalId = "1"
    approve: bool = True
    timeout_seconds: int = Field(default=60, ge=1, le=900)
    time_limit_seconds: int = Field(default=900, ge=1, le=86_400)
    batch_max: int = Field(default=5, ge=1, le=40)
    max_lines: int = Field(default=1_000, ge=2, le=10_000)


class NetSuiteCredentials(BaseModel):
    """`credentials` of the endpoint: those of the integration record there."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_id: Annotated[str, Field(min_length=1, max_length=200)]
    client_secret: Annotated[SecretStr, Field(min_length=1, max_length=1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSuiteEndpoint:
    """A connection whose shape was checked. `url` is the base of the REST services, such as
    `https://1234567.suitetalk.api.netsuite.com/services/rest`, without a slash at its end."""

    url: str
    settings: NetSuiteSettings
    credentials: NetSuiteCredentials


def read_endpoint(connection: Connection) -> NetSuiteEndpoint:
    """Raises `Invalid` with a fault per field. Messages never repeat what was given: it may be a secret."""
    faults = [Fault(pointer="/url", message=fault)] if (fault := base_url_fault(connection.url)) is not None else []
    settings = read_shape(NetSuiteSettings, connection.settings, "/settings", faults)
    credentials = read_shape(NetSuiteCredentials, connection.credentials, "/credentials", faults)
    if faults or settings is None or credentials is None:
        raise Invalid("The connection of a netsuite endpoint is not complete", *faults)
    return NetSuiteEndpoint(url=connection.url.rstrip("/"), settings=settings, credentials=credentials)
