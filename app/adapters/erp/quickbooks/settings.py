"""The settings and credentials of a `quickbooks` endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.adapters.erp.shapes import base_url_fault, read_shape
from app.application.ports.erp import Connection
from app.domain.errors import Fault, Invalid


class Entity(BaseModel):
    """The name that QuickBooks wants on a line of accounts payable or receivable: whose list it is in, and its id there."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: Literal["Vendor", "Customer", "Employee"]
    id: str = Field(min_length=1, max_length=50)


class QuickBooksSettings(BaseModel):
    """`settings` of the endpoint. Seconds; after `time_limit_seconds` a request that QuickBooks did not answer is taken to be over.

    `account_ref`: what our ERP account codes are there; `number` is the account number (AcctNum), `name` the name with its parents'.
    `foreign_currency`: `exchange_rate` sends the amounts in their currency with a rate, `base_amounts` those of the base currency.
    `entities`: by account code, the name that goes on every line of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    timeout_seconds: int = Field(default=30, ge=1, le=300)
    time_limit_seconds: int = Field(default=120, ge=1, le=86_400)
    batch_max: int = Field(default=10, ge=1, le=30)
    max_lines: int | None = Field(default=None, ge=2)
    account_ref: Literal["number", "id", "name"] = "number"
    foreign_currency: Literal["exchange_rate", "base_amounts", "refuse"] = "exchange_rate"
    entities: Mapping[str, Entity] = Field(default_factory=dict)


class QuickBooksCredentials(BaseModel):
    """`credentials` of the endpoint: the OAuth 2.0 app that its operator registered with Intuit."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_id: str = Field(min_length=1, max_length=200)
    client_secret: SecretStr = Field(min_length=1, max_length=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickBooksEndpoint:
    """A connection whose shape was checked. `url` is the API's base without a slash at its end."""

    url: str
    settings: QuickBooksSettings
    credentials: QuickBooksCredentials


def read_endpoint(connection: Connection) -> QuickBooksEndpoint:
    """Raises `Invalid` with a fault per field. Messages never repeat what was given: it may be a secret."""
    faults = [Fault(pointer="/url", message=fault)] if (fault := base_url_fault(connection.url)) is not None else []
    settings = read_shape(QuickBooksSettings, connection.settings, "/settings", faults)
    credentials = read_shape(QuickBooksCredentials, connection.credentials, "/credentials", faults)
    if faults or settings is None or credentials is None:
        raise Invalid("The connection of a quickbooks endpoint is not complete", *faults)
    return QuickBooksEndpoint(url=connection.url.rstrip("/"), settings=settings, credentials=credentials)
