"""The settings and credentials of an `erpnext` endpoint."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from app.adapters.erp.shapes import base_url_fault, read_shape
from app.application.ports.erp import Connection
from app.domain.errors import Fault, Invalid


def _key(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if not value or not value.isascii() or not value.isprintable() or any(character in ": " for character in value):
        raise ValueError("must be visible ASCII without spaces and colons")
    return secret


Key = Annotated[SecretStr, Field(max_length=1000), AfterValidator(_key)]


class ErpNextSettings(BaseModel):
    """`settings` of the endpoint. `company` by its name. `reference_field`: the field of Journal Entry that holds our reference.

    `foreign_currency`: journals in another currency are booked, with both amounts on accounts that are kept in it, and with the base
    amount alone on the others; else they are refused. Seconds; `time_limit_seconds` covers the web server's limit for a request.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    company: str = Field(min_length=1, max_length=140)
    reference_field: str = Field(default="custom_glint_reference", pattern=r"^[a-z][a-z0-9_]{0,60}$")
    foreign_currency: bool = False
    timeout_seconds: int = Field(default=60, ge=1, le=600)
    time_limit_seconds: int = Field(default=300, ge=1, le=86_400)
    batch_max: int = Field(default=20, ge=1, le=100)
    max_lines: int | None = Field(default=None, ge=2)


class ErpNextCredentials(BaseModel):
    """`credentials` of the endpoint: the key and the secret of an API user."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_key: Key
    api_secret: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpNextEndpoint:
    """A connection whose shape was checked. `url` is the site's, without a slash at its end."""

    url: str
    settings: ErpNextSettings
    credentials: ErpNextCredentials

    @property
    def authorization(self) -> str:
        return f"token {self.credentials.api_key.get_secret_value()}:{self.credentials.api_secret.get_secret_value()}"


def read_endpoint(connection: Connection) -> ErpNextEndpoint:
    """Raises `Invalid` with a fault per field. Messages never repeat what was given: it may be a secret."""
    faults = [Fault(pointer="/url", message=fault)] if (fault := base_url_fault(connection.url)) is not None else []
    settings = read_shape(ErpNextSettings, connection.settings, "/settings", faults)
    credentials = read_shape(ErpNextCredentials, connection.credentials, "/credentials", faults)
    if faults or settings is None or credentials is None:
        raise Invalid("The connection of an erpnext endpoint is not complete", *faults)
    return ErpNextEndpoint(url=connection.url.rstrip("/"), settings=settings, credentials=credentials)
