"""Settings, all from the environment: `GLINT_…`."""

import base64
import binascii
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    """Read once by the composition root; nothing else reads the environment."""

    model_config = SettingsConfigDict(env_prefix="GLINT_", extra="ignore", hide_input_in_errors=True, ignored_types=(cached_property,))

    database_url: Annotated[str | None, Field(repr=False)] = None
    direct_database_url: Annotated[str | None, Field(repr=False)] = None
    data_dir: Path = Path("glint-data")
    admin_key: SecretStr | None = None
    secret_key: SecretStr | None = None
    old_secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    public_url: str | None = None
    allowed_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    max_body_bytes: int = 5_000_000
    database_pool_size: int = 16
    lease_seconds: Annotated[int, Field(ge=5, le=3600)] = 120
    log_level: str = "INFO"
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_claim: Annotated[str, Field(min_length=1, max_length=100)] = "email"
    oidc_label: Annotated[str, Field(min_length=1, max_length=100)] = "your organisation's account"

    @field_validator("allowed_networks", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str | None) -> str | None:
        return public_base(value.strip()) if value is not None and value.strip() else None

    @field_validator("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_claim", "oidc_label", mode="before")
    @classmethod
    def _strip(cls, value: object, info: ValidationInfo) -> object:
        """What is set to nothing is not set."""
        if isinstance(value, str):
            return value.strip() or cls.model_fields[str(info.field_name)].default
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _check_oidc_issuer(cls, value: str | None) -> str | None:
        return value if value is None else https_url(value, "GLINT_OIDC_ISSUER", "whoever is in between could be anybody")

    @model_validator(mode="after")
    def _check_oidc(self) -> Self:
        needed = {
            "GLINT_OIDC_ISSUER": self.oidc_issuer,
            "GLINT_OIDC_CLIENT_ID": self.oidc_client_id,
            "GLINT_OIDC_CLIENT_SECRET": self.oidc_client_secret and self.oidc_client_secret.get_secret_value(),
        }
        missing = [name for name, value in (needed | {"GLINT_PUBLIC_URL": self.public_url}).items() if not value]
        if any(needed.values()) and missing:
            raise ValueError(f"signing in by OpenID Connect needs {' and '.join(missing)} too")
        return self

    @field_validator("old_secret_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("secret_key")
    @classmethod
    def _check_secret_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _check_key(value, "GLINT_SECRET_KEY")
        return value

    @field_validator("old_secret_keys")
    @classmethod
    def _check_old_secret_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for each in value:
            _check_key(each, "each of GLINT_OLD_SECRET_KEYS")
        return value


def _check_key(key: SecretStr, name: str) -> None:
    try:
        raw = base64.b64decode(key.get_secret_value().strip(), validate=True)
    except binascii.Error as error:
        raise ValueError(f"{name} must be base64") from error
    if len(raw) != 32:
        raise ValueError(f"{name} must be 32 bytes, base64 encoded")


LOOPBACK = ("localhost", "127.0.0.1", "::1")


def public_base(url: str) -> str:
    """Where people's browsers reach this service, without a slash at its end. Raises `ValueError`."""
    return https_url(url, "GLINT_PUBLIC_URL", "tokens depend on what is sent back there").rstrip("/")


def https_url(url: str, name: str, why: str) -> str:
    """As it is given; on loopback it may be without TLS. Raises `ValueError`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"{name} must be an http or https URL without user, query and fragment")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError(f"{name} must be https: {why}")
    return url


class CannotStart(Exception):
    """Something around us that an operator has to see to first. The message says what, and repeats no secret."""


def why(error: Exception) -> str:
    """What an operator is told of it: our own words stand for themselves."""
    return str(error) if isinstance(error, CannotStart) else f"{type(error).__name__}: {error}"


def read_settings() -> Settings:
    """Raises `CannotStart`."""
    try:
        return Settings()
    except ValidationError as error:
        raise CannotStart("; ".join(_told(str(each["loc"][0]) if each["loc"] else "", each["msg"]) for each in error.errors())) from None


def _told(field: str, message: str) -> str:
    """Our own messages name the setting."""
    own = message.removeprefix("Value error, ")
    return own if own != message else f"GLINT_{field.upper()}: {message}"
