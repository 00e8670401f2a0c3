"""The settings and credentials of a `xero` endpoint."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.adapters.erp.shapes import base_url_fault, read_shape
from app.application.ports.erp import Connection
from app.domain.errors import Fault, Invalid


class XeroSettings(BaseModel):
    """`settings` of the endpoint. Seconds; after `time_limit_seconds` a request that Xero did not answer is taken to be over.

    `foreign_currency`: Xero's manual journals are in its base currency; `base_amounts` sends those of a journal in another one.
    `ledger`: where reconciliation reads; `manual_journals` are what this and people booked as such, `journals` is the whole ledger, but
    needs a scope that Xero gives few apps.
    `posted_ahead_days`: how long before its accounting date an entry may have been made to be seen there; `ledger_calls_max` bounds it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    timeout_seconds: int = Field(default=30, ge=1, le=300)
    time_limit_seconds: int = Field(default=120, ge=1, le=86_400)
    batch_max: int = Field(default=50, ge=1, le=50)
    max_lines: int | None = Field(default=None, ge=2)
    foreign_currency: Literal["refuse", "base_amounts"] = "refuse"
    cash_basis: bool = True
    ledger: Literal["manual_journals", "journals"] = "manual_journals"
    posted_ahead_days: int = Field(default=366, ge=0, le=3_660)
    ledger_calls_max: int = Field(default=100, ge=1, le=1_000)


class XeroCredentials(BaseModel):
    """`credentials` of the endpoint: the OAuth 2.0 app that its operator registered with Xero. What a person authorises is kept
    elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_id: str = Field(min_length=1, max_length=200)
    client_secret: SecretStr = Field(min_length=1, max_length=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class XeroEndpoint:
    """A connection whose shape was checked. `url` is the API's base without a slash at its end."""

    url: str
    settings: XeroSettings
    credentials: XeroCredentials


def read_endpoint(connection: Connection) -> XeroEndpoint:
    """Raises `Invalid` with a fault per field. Messages never repeat what was given: it may be a secret."""
    faults = [Fault(pointer="/url", message=fault)] if (fault := base_url_fault(connection.url)) is not None else []
    settings = read_shape(XeroSettings, connection.settings, "/settings", faults)
    credentials = read_shape(XeroCredentials, connection.credentials, "/credentials", faults)
    if faults or settings is None or credentials is None:
        raise Invalid("The connection of a xero endpoint is not complete", *faults)
    return XeroEndpoint(url=connection.url.rstrip("/"), settings=settings, credentials=credentials)
