"""Who asks: the key of a request, and the scopes it carries."""

import hmac
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request
from structlog.contextvars import bind_contextvars

from app.api.errors import Forbidden, Unauthenticated
from app.application.gathered import Gathered
from app.application.ports.setup import KeyDirectory, Scope
from app.application.token_hash import token_hash

ADMINISTRATOR = "admin"
"""The actor in the audit log where the operator's admin key was used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A tenant's key at work. `key_name` is the actor of what it changes."""

    tenant_id: UUID
    key_id: UUID
    key_name: str
    scopes: frozenset[Scope]


class Keys:
    """The keys there are: tenants' in the directory, the operator's in the settings."""

    def __init__(self, directory: KeyDirectory, admin_key: str) -> None:
        self._found = Gathered(directory.find)
        self._admin_hash = token_hash(admin_key)

    def is_admin(self, token: str) -> bool:
        """Compared in constant time."""
        return hmac.compare_digest(token_hash(token), self._admin_hash)

    async def principal(self, token: str) -> Principal | None:
        """Looked up by its hash, so that time tells nothing about how near a guess was; at every request, so that a key that is revoked
        ends at once. Requests that come meanwhile are looked up together."""
        key = await self._found(token_hash(token))
        if key is None:
            return None
        return Principal(tenant_id=key.tenant_id, key_id=key.id, key_name=key.name, scopes=frozenset(key.scopes))


class Require:
    """A dependency that lets in keys with any of `scopes`, and gives the `Principal`. Without scopes: every key of a tenant."""

    def __init__(self, *scopes: Scope) -> None:
        self.scopes = scopes

    async def __call__(self, request: Request) -> Principal:
        keys, token = _keys(request), bearer_token(request)
        if keys.is_admin(token):
            raise Forbidden("the admin key makes tenants and does nothing else")
        principal = await keys.principal(token)
        if principal is None:
            raise Unauthenticated("the key is unknown or revoked")
        if self.scopes and principal.scopes.isdisjoint(self.scopes):
            raise Forbidden(f"the key lacks the scope {' or '.join(self.scopes)}")
        bind_contextvars(tenant_id=str(principal.tenant_id))
        return principal


class RequireAdmin:
    """A dependency that lets in the operator's admin key alone."""

    scopes = (Scope.ADMIN,)

    async def __call__(self, request: Request) -> None:
        keys, token = _keys(request), bearer_token(request)
        if keys.is_admin(token):
            return
        if await keys.principal(token) is None:
            raise Unauthenticated("the key is unknown or revoked")
        raise Forbidden("the key lacks the scope admin")


def require(*scopes: Scope) -> Any:
    """For a route's parameter: `principal: Annotated[Principal, require(Scope.CONFIG_WRITE)]`. Keep it before a `JsonBody`."""
    return Depends(Require(*scopes))


Configurer = Annotated[Principal, require(Scope.CONFIG_WRITE)]
"""A key that may read and change the set-up."""


def bearer_token(request: Request) -> str:
    """The key as sent; `Unauthenticated` where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("send your key as Authorization: Bearer <key>")
    return token.strip()


def _keys(request: Request) -> Keys:
    keys: Keys = request.app.state.keys
    return keys
