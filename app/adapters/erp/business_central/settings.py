"""The settings and credentials of a `business_central` endpoint."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from app.adapters.erp.shapes import base_url_fault, read_shape
from app.application.ports.erp import Connection
from app.domain.errors import Fault, Invalid

Guid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]


class BusinessCentralSettings(BaseModel):
    """`settings` of the endpoint. Seconds; `time_limit_seconds` covers Business Central's own: 8 minutes for a call, 10 at its gateway.

    Without `company_id` it is the company that was chosen at the sign-in, without `journal_template` Business Central's first general one.
    `journal_prefix` begins the code of every journal of ours; letters, since a code with digits is counted up when it is posted.
    `entra_tenant` is the customer's directory, an id or a domain; `sign_in` says who signs in: a person, or the application by itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    company_id: Guid | None = None
    journal_template: Annotated[str, Field(pattern=r"^[^a-z\s][^a-z]{0,9}$")] | None = None
    journal_prefix: Annotated[str, Field(pattern=r"^[A-Z]{2,3}$")] = "GLI"
    entra_tenant: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$")] | None = None
    sign_in: Literal["authorization_code", "client_credentials"] = "authorization_code"
    timeout_seconds: int = Field(default=60, ge=1, le=600)
    time_limit_seconds: int = Field(default=600, ge=1, le=86_400)
    batch_max: int = Field(default=10, ge=1, le=40)
    max_lines: int | None = Field(default=None, ge=2)

    @model_validator(mode="after")
    def _known_company(self) -> "BusinessCentralSettings":
        if self.sign_in == "client_credentials" and (self.company_id is None or self.entra_tenant is None):
            raise ValueError("an application that signs in by itself needs company_id and entra_tenant")
        return self


class BusinessCentralCredentials(BaseModel):
    """`credentials` of the endpoint: the application as it is registered at Microsoft Entra."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_id: Annotated[str, Field(min_length=1, max_length=200)]
    client_secret: Annotated[SecretStr, Field(min_length=1, max_length=1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCentralEndpoint:
    """A connection whose shape was checked. `url` is the API's base, such as
    `https://api.businesscentral.dynamics.com/v2.0/{tenant}/{environment}/api/v2.0`, without a slash at its end."""

    url: str
    settings: BusinessCentralSettings
    credentials: BusinessCentralCredentials


def read_endpoint(connection: Connection) -> BusinessCentralEndpoint:
    """Raises `Invalid` with a fault per field. Messages never repeat what was given: it may be a secret."""
    faults = [Fault(pointer="/url", message=fault)] if (fault := base_url_fault(connection.url)) is not None else []
    settings = read_shape(BusinessCentralSettings, connection.settings, "/settings", faults)
    credentials = read_shape(BusinessCentralCredentials, connection.credentials, "/credentials", faults)
    if faults or settings is None or credentials is None:
        raise Invalid("The connection of a business_central endpoint is not complete", *faults)
    return BusinessCentralEndpoint(url=connection.url.rstrip("/"), settings=settings, credentials=credentials)
