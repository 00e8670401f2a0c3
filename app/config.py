"""Settings, all from the environment: `GLINT_…`."""

import base64
import binascii
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network


class Settings(BaseSettings):
    """Read once by the composition root; nothing else reads the environment."""

    model_config = SettingsConfigDict(env_prefix="GLINT_", extra="ignore", ignored_types=(cached_property,))

    database_url: Annotated[str | None, Field(repr=False)] = None
    data_dir: Path = Path("glint-data")
    admin_key: SecretStr | None = None
    secret_key: SecretStr | None = None
    allowed_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    max_body_bytes: int = 5_000_000
    database_pool_size: int = 16
    lease_seconds: Annotated[int, Field(ge=5, le=3600)] = 120
    log_level: str = "INFO"

    @field_validator("allowed_networks", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())
        return value

    @field_validator("secret_key")
    @classmethod
    def _check_secret_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                raw = base64.b64decode(value.get_secret_value(), validate=True)
            except binascii.Error as error:
                raise ValueError("GLINT_SECRET_KEY must be base64") from error
            if len(raw) != 32:
                raise ValueError("GLINT_SECRET_KEY must be 32 bytes, base64 encoded")
        return value
