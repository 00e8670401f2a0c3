"""The settings of an endpoint that speaks the calls of `docs/json-adapter.md`, and the secrets that its deliveries are signed with."""

from dataclasses import dataclass
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from app.adapters.erp.agreed.signing import secret_fault
from app.adapters.erp.shapes import base_url_fault, read_shape
from app.application.ports.erp import Connection
from app.domain.errors import Fault, Invalid


def header_safe(token: SecretStr) -> SecretStr:
    """Raises `ValueError` where it cannot stand in a header."""
    value = token.get_secret_value()
    if not value or not all("\x21" <= character <= "\x7e" for character in value):
        raise ValueError("must be visible ASCII without spaces")
    return token


def _signing_secret(secret: SecretStr) -> SecretStr:
    if (fault := secret_fault(secret.get_secret_value())) is not None:
        raise ValueError(fault)
    return secret


SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]


class AgreedSettings(BaseModel):
    """`settings` of the endpoint. Seconds; `time_limit_seconds` is the ERP's promise after which a request it did not answer is over."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    timeout_seconds: int = Field(default=30, ge=1, le=300)
    time_limit_seconds: int = Field(default=120, ge=1, le=86_400)
    batch_max: int = Field(default=50, ge=1, le=500)
    max_lines: int | None = Field(default=None, ge=2)


class AgreedCredentials(BaseModel):
    """What `credentials` have in every form. Without a signing secret nothing is signed.

    While the signing secret is replaced, the one of before signs too, so that the ERP may change at any moment in between.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

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

    @property
    def authorization(self) -> str | None:
        """The header's value; None where none is sent."""
        return None

    @property
    def kept_out(self) -> tuple[str, ...]:
        """The secrets of it that must not get into our records."""
        return ()


Token = Annotated[SecretStr, Field(max_length=8192), AfterValidator(header_safe)]
Credentials = TypeVar("Credentials", bound=AgreedCredentials)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedEndpoint:
    """A connection whose shape was checked. `url` has no slash at its end."""

    url: str
    settings: AgreedSettings
    credentials: AgreedCredentials


def read_agreed(connection: Connection, credentials: type[Credentials], adapter: str) -> AgreedEndpoint:
    """Raises `Invalid` with a fault per field. Messages never repeat what was given: it may be a secret."""
    faults = [Fault(pointer="/url", message=fault)] if (fault := base_url_fault(connection.url)) is not None else []
    settings = read_shape(AgreedSettings, connection.settings, "/settings", faults)
    given = read_shape(credentials, connection.credentials, "/credentials", faults)
    if faults or settings is None or given is None:
        raise Invalid(f"The connection of a {adapter} endpoint is not complete", *faults)
    return AgreedEndpoint(url=connection.url.rstrip("/"), settings=settings, credentials=given)
