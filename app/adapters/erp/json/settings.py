"""The credentials of a `json` endpoint."""

from app.adapters.erp.agreed.settings import AgreedCredentials, AgreedEndpoint, Token, read_agreed
from app.application.ports.erp import Connection


class JsonCredentials(AgreedCredentials):
    """`credentials` of the endpoint. Without a token no `Authorization` header is sent."""

    token: Token | None = None

    @property
    def authorization(self) -> str | None:
        return None if self.token is None else f"Bearer {self.token.get_secret_value()}"

    @property
    def kept_out(self) -> tuple[str, ...]:
        return () if self.token is None else (self.token.get_secret_value(),)


def read_endpoint(connection: Connection) -> AgreedEndpoint:
    """Raises `Invalid` with a fault per field."""
    return read_agreed(connection, JsonCredentials, "json")
