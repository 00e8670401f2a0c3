"""The settings and credentials of a `json` endpoint."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from app.adapters.erp.json.signing import secret_fault
from app.adapters.erp.shapes import base_url_fault, read_shape
from app.application.ports.erp import Connection
from app.domain.errors import Fault, Invalid


def _header_safe(token: SecretStr) -> SecretStr:
    value = token.get_secret_value()
    if not value or not all("\x21" <= character <= "\x7e" for character in value):
        raise ValueError("must be visible ASCII without spaces")
    return token


def _signing_secret(secret: SecretStr) -> SecretStr:
    if (fault := secret_fault(secret.get_secret_value())) is not None:
        raise ValueError(fault)
    return secret


SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]


class JsonSettings(BaseModel):
    """`settings` of the endpoint. Seconds; `time_limit_seconds` is the ERP's promise after which a request it did not answer is over."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    timeout_seconds: int = Field(default=30, ge=1, le=300)
    time_limit_seconds: int = Field(default=120, ge=1, le=86_400)
    batch_max: int = Field(default=50, ge=1, le=500)
    max_lines: int | None = Field(default=None, ge=2)


class JsonCredentials(BaseModel):
    """`credentials` of the endpoint. Without a token no `Authorization` header is sent, without a signing secret nothing is signed.

    While the signing secret is replaced, the one of before signs too, so that the ERP may change at any moment in between.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    token: Annotated[SecretStr, Field(max_length=8192), AfterValidator(_header_safe)] | None = None
    signing_secret: SigningSecret | None = None
    previous_signing_secret: SigningSecret | None = None

    @field_validator("previous_signing_secret")
    @classmethod
    def _not_alone(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None and info.data.get("signing_secret", value) is None:
            raise ValueError("must come with the one that replaces it")
        return value

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """The newest first."""
        both = (self.signing_secret, self.previous_signing_secret)
        return tuple(secret.get_secret_value() for secret in both if secret is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonEndpoint:
    """A connection whose shape was checked. `url` has no slash at its end."""

    url: str
    settings: JsonSettings
    credentials: JsonCredentials


def read_endpoint(connection: Connection) -> JsonEndpoint:
    """Raises `Invalid` with a fault per field. Messages never repeat what was given: it may be a secret."""
    faults = [Fault(pointer="/url", message=fault)] if (fault := base_url_fault(connection.url)) is not None else []
    settings = read_shape(JsonSettings, connection.settings, "/settings", faults)
    credentials = read_shape(JsonCredentials, connection.credentials, "/credentials", faults)
    if faults or settings is None or credentials is None:
        raise Invalid("The connection of a json endpoint is not complete", *faults)
    return JsonEndpoint(url=connection.url.rstrip("/"), settings=settings, credentials=credentials)
