"""The settings and credentials of a `tryton` endpoint."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from app.adapters.erp.shapes import base_url_fault, read_shape
from app.application.ports.erp import Connection
from app.domain.errors import Fault, Invalid

BATCH_MAX = 20
TIME_LIMIT_SECONDS = 300


def _visible(key: SecretStr) -> SecretStr:
    value = key.get_secret_value()
    if not value or not all("\x21" <= character <= "\x7e" for character in value):
        raise ValueError("must be visible ASCII without spaces")
    return key


def _name(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise ValueError("must be printable, without spaces around it")
    return text


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_name)]


class TrytonSettings(BaseModel):
    """`settings` of the endpoint. Seconds; `time_limit_seconds` is after how long whatever stands before Tryton ends a request.

    `database` and `journal` (the code of a journal of Tryton) are Tryton's; `company` is the name of a company's party, needed where the
    key's user sees several. `analytic_accounting`: Tryton has its module analytic_account, and dimensions are analytic accounts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    database: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$")]
    journal: Name
    company: Name | None = None
    timeout_seconds: int = Field(default=30, ge=1, le=300)
    time_limit_seconds: int = Field(default=TIME_LIMIT_SECONDS, ge=1, le=86_400)
    analytic_accounting: bool = False
    batch_max: int = Field(default=BATCH_MAX, ge=1, le=100)
    max_lines: int | None = Field(default=None, ge=2)


class TrytonCredentials(BaseModel):
    """`credentials` of the endpoint: the key of a user application for the REST API, which a user of Tryton makes in their preferences."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    application_key: Annotated[SecretStr, Field(max_length=1_000), AfterValidator(_visible)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrytonEndpoint:
    """A connection whose shape was checked. `rest_url` is what all paths are added to."""

    rest_url: str
    settings: TrytonSettings
    key: str


def read_endpoint(connection: Connection) -> TrytonEndpoint:
    """Raises `Invalid` with a fault per field. Messages never repeat what was given: it may be a secret."""
    faults = [Fault(pointer="/url", message=fault)] if (fault := base_url_fault(connection.url)) is not None else []
    settings = read_shape(TrytonSettings, connection.settings, "/settings", faults)
    credentials = read_shape(TrytonCredentials, connection.credentials, "/credentials", faults)
    if faults or settings is None or credentials is None:
        raise Invalid("The connection of a tryton endpoint is not complete", *faults)
    url = f"{connection.url.rstrip('/')}/{quote(settings.database, safe='')}/rest/model"
    return TrytonEndpoint(rest_url=url, settings=settings, key=credentials.application_key.get_secret_value())
