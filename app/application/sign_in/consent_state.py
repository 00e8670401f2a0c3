"""The `state` of a consent: which tenant it is of, and a secret by which it is found there."""

from uuid import UUID

from app.application.ports.secrecy import Tokens

LONGEST = 200


def new_state(tenant_id: UUID, tokens: Tokens) -> str:
    """Nobody can guess it; only its hash is kept."""
    return f"{tenant_id.hex}.{tokens.new()}"


def tenant_of(state: str) -> UUID | None:
    """The tenant that it names. Whether it has such a consent is another question: the hash is of the whole text."""
    tenant, dot, _ = state.partition(".")
    if not dot or len(state) > LONGEST or len(tenant) != 32:
        return None
    try:
        return UUID(hex=tenant)
    except ValueError:
        return None
