"""Keys of a tenant."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from app.api.configuration import Setup
from app.api.errors import Forbidden
from app.api.ids import Kind, format_id, parse_id
from app.api.json_body import JsonBody
from app.api.parameters import Answer
from app.api.presenters import instant
from app.api.security import Configurer
from app.application.configure.create_tenant import TENANT_SCOPES
from app.application.events_in.values import Name, Strict
from app.application.ports.setup import ApiKey, Scope
from app.domain.errors import Fault, Invalid

router = APIRouter(prefix="/v1/keys", tags=["keys"])


class NewKey(Strict):
    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=50)]


class KeyAnswer(Answer):
    id: str
    name: str
    scopes: list[Scope]
    created_at: str | None


class NewKeyAnswer(KeyAnswer):
    """`key` is the secret: shown this once."""

    key: str


class KeyList(Answer):
    items: list[KeyAnswer]
    next_cursor: str | None = None


@router.post("", status_code=201)
async def create_key(principal: Configurer, setup: Setup, body: Annotated[NewKey, Depends(JsonBody(NewKey))]) -> NewKeyAnswer:
    """Makes a key and shows it this once. A key can only give scopes that it has itself; `admin` belongs to no tenant's key."""
    for place, scope in enumerate(body.scopes):
        if scope not in TENANT_SCOPES:
            raise Invalid(f"{scope} belongs to no tenant's key", Fault(pointer=f"/scopes/{place}", message="not a scope of a tenant"))
    if lacking := [scope for scope in body.scopes if scope not in principal.scopes]:
        raise Forbidden(f"a key can only give scopes that it has itself, and this one lacks {', '.join(lacking)}")
    key, token = await setup.create_key(principal.tenant_id, principal.key_name, name=body.name, scopes=body.scopes)
    return NewKeyAnswer(**_show(key).model_dump(), key=token)


@router.get("")
async def list_keys(principal: Configurer, setup: Setup) -> KeyList:
    """The keys in force, oldest first, without their secrets."""
    return KeyList(items=[_show(key) for key in await setup.list_keys(principal.tenant_id)])


@router.delete("/{key_id}", status_code=204)
async def revoke_key(key_id: str, principal: Configurer, setup: Setup) -> None:
    """Takes a key out of force at once and for good."""
    await setup.revoke_key(principal.tenant_id, principal.key_name, parse_id(Kind.KEY, key_id))


def _show(key: ApiKey) -> KeyAnswer:
    return KeyAnswer(id=format_id(Kind.KEY, key.id), name=key.name, scopes=list(key.scopes), created_at=instant(key.created_at))
