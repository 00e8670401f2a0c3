"""The settings and credentials of an `odoo` endpoint."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from app.adapters.erp.shapes import base_url_fault, read_shape
from app.application.ports.erp import Connection
from app.domain.errors import Fault, Invalid


def _header_safe(value: str) -> str:
    if not value or not all("\x21" <= character <= "\x7e" for character in value):
        raise ValueError("must be visible ASCII without spaces")
    return value


def _secret_header_safe(secret: SecretStr) -> SecretStr:
    _header_safe(secret.get_secret_value())
    return secret


class OdooSettings(BaseModel):
    """`settings` of the endpoint.

    `api` is how it is called: `json-2` from Odoo 19 on, `json-rpc` before. `database` and `login` are needed for `json-rpc`; for
    `json-2` the database is where one server has several. `journal` is the code of the journal that is posted to, in the company with
    this id where several have it. Seconds; `time_limit_seconds` is that of the server (Odoo's own is 120) and of what stands before it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    api: Literal["json-2", "json-rpc"] = "json-2"
    database: Annotated[str, Field(max_length=100), AfterValidator(_header_safe)] | None = None
    login: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    journal: Annotated[str, Field(min_length=1, max_length=100)] = "MISC"
    company_id: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    timeout_seconds: int = Field(default=60, ge=1, le=300)
    time_limit_seconds: int = Field(default=180, ge=1, le=86_400)
    batch_max: int = Field(default=20, ge=1, le=200)
    max_lines: int | None = Field(default=None, ge=2)


class OdooCredentials(BaseModel):
    """`credentials` of the endpoint: the API key of an Odoo user, which both ways of calling take."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_key: Annotated[SecretStr, Field(max_length=1000), AfterValidator(_secret_header_safe)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OdooEndpoint:
    """A connection whose shape was checked. `url` has no slash at its end."""

    url: str
    settings: OdooSettings
    credentials: OdooCredentials

    @property
    def api_key(self) -> str:
        return self.credentials.api_key.get_secret_value()


def read_endpoint(connection: Connection) -> OdooEndpoint:
    """Raises `Invalid` with a fault per field. Messages never repeat what was given: it may be a secret."""
    faults = [Fault(pointer="/url", message=fault)] if (fault := base_url_fault(connection.url)) is not None else []
    settings = read_shape(OdooSettings, connection.settings, "/settings", faults)
    credentials = read_shape(OdooCredentials, connection.credentials, "/credentials", faults)
    if settings is not None and settings.api == "json-rpc":
        for name in ("database", "login"):
            if getattr(settings, name) is None:
                faults.append(Fault(pointer=f"/settings/{name}", message="is needed for json-rpc"))
    if faults or settings is None or credentials is None:
        raise Invalid("The connection of an odoo endpoint is not complete", *faults)
    return OdooEndpoint(url=connection.url.rstrip("/"), settings=settings, credentials=credentials)
