"""The credentials of an `xml` endpoint."""

import base64
from typing import Annotated

from pydantic import Field, SecretStr, model_validator

from app.adapters.erp.agreed.settings import AgreedCredentials, AgreedEndpoint, Token, read_agreed
from app.application.ports.erp import Connection


class XmlCredentials(AgreedCredentials):
    """`credentials` of the endpoint: a bearer token, or a user with its password (RFC 7617); without either no `Authorization` is sent."""

    token: Token | None = None
    user: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^:\x00-\x1f\x7f]+$")] | None = None
    password: Annotated[SecretStr, Field(min_length=1, max_length=8192)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "XmlCredentials":
        if (self.user is None) is not (self.password is None):
            raise ValueError("user and password must come together")
        if self.token is not None and self.user is not None:
            raise ValueError("either a token or a user with a password, not both")
        return self

    @property
    def authorization(self) -> str | None:
        if self.token is not None:
            return f"Bearer {self.token.get_secret_value()}"
        return None if self._basic is None else f"Basic {self._basic}"

    @property
    def kept_out(self) -> tuple[str, ...]:
        if self.token is not None:
            return (self.token.get_secret_value(),)
        return () if self.password is None or self._basic is None else (self.password.get_secret_value(), self._basic)

    @property
    def _basic(self) -> str | None:
        if self.user is None or self.password is None:
            return None
        return base64.b64encode(f"{self.user}:{self.password.get_secret_value()}".encode()).decode()


def read_endpoint(connection: Connection) -> AgreedEndpoint:
    """Raises `Invalid` with a fault per field."""
    return read_agreed(connection, XmlCredentials, "xml")
