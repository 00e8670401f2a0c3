"""Tokens and verifiers as they are kept. Whatever is sealed is sealed inside the set-up lock, so that no rotation of keys misses it."""

import json
from dataclasses import dataclass, field
from uuid import UUID

from app.application.ports.setup import Secrets


def tokens_context(tenant_id: UUID, endpoint: str) -> str:
    """The row that sealed tokens belong to."""
    return f"erp_authorisation/{tenant_id}/{endpoint}"


def verifier_context(tenant_id: UUID, endpoint: str) -> str:
    """The row that a sealed verifier belongs to."""
    return f"erp_consent/{tenant_id}/{endpoint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)


def seal_tokens(secrets: Secrets, tenant_id: UUID, endpoint: str, pair: TokenPair) -> bytes:
    """Only inside the set-up lock."""
    plain = json.dumps({"access": pair.access, "refresh": pair.refresh})
    return secrets.seal(plain.encode(), tokens_context(tenant_id, endpoint))


def open_tokens(secrets: Secrets, tenant_id: UUID, endpoint: str, sealed: bytes) -> TokenPair:
    """Raises `SealedByOther`."""
    return TokenPair(**json.loads(secrets.open(sealed, tokens_context(tenant_id, endpoint))))
