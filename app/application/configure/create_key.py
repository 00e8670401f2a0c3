"""A new key of a tenant."""

from collections.abc import Sequence
from uuid import UUID

from app.application.ports.clock import Clock, Ids
from app.application.ports.secrecy import Tokens
from app.application.ports.setup import ApiKey, Scope
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.token_hash import token_hash


class CreateKey:
    """Makes a key with these scopes. It is shown this once and never again: only its hash is kept."""

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock, ids: Ids, tokens: Tokens) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._ids = ids
        self._tokens = tokens

    async def __call__(self, tenant_id: UUID, actor: str, *, name: str, scopes: Sequence[Scope]) -> tuple[ApiKey, str]:
        """The key and its secret. A scope named twice counts once."""
        token = self._tokens.new()
        key = ApiKey(id=self._ids.new(), tenant_id=tenant_id, name=name, scopes=tuple(dict.fromkeys(scopes)), created_at=self._clock.now())
        async with self._units_of_work(tenant_id) as uow:
            await uow.keys.add(key, token_hash(token))
            await uow.audit.write(actor, "key.create", name, {"scopes": [str(scope) for scope in key.scopes], "key_id": key.id.hex})
            await uow.commit()
        return key, token
