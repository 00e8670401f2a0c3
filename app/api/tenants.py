"""Tenants: made by the operator, each looked after by itself."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.api.configuration import Setup
from app.api.ids import Kind, format_id
from app.api.json_body import JsonBody
from app.api.openapi_problems import may_fail
from app.api.parameters import Answer
from app.api.security import ADMINISTRATOR, Configurer, RequireAdmin
from app.application.events_in.values import CurrencyCode, Name, Strict
from app.application.ports.setup import Tenant

router = APIRouter(tags=["tenants"])


class NewTenant(Strict):
    """`base_currency` is for ever."""

    name: Name
    base_currency: CurrencyCode
    time_zone: Name


class ChangedTenant(Strict):
    """`base_currency` may be repeated, and cannot be changed."""

    name: Name
    base_currency: CurrencyCode | None = None
    time_zone: Name


class TenantAnswer(Answer):
    id: str
    name: str
    base_currency: str
    time_zone: str


class NewTenantAnswer(Answer):
    """`key` is the secret of the tenant's first key: shown this once."""

    tenant: TenantAnswer
    key: str


@router.post("/v1/tenants", status_code=201, dependencies=[Depends(RequireAdmin())], responses=may_fail(409))
async def create_tenant(setup: Setup, body: Annotated[NewTenant, Depends(JsonBody(NewTenant))]) -> NewTenantAnswer:
    """Makes a tenant and its first key, which has every scope of the tenant but `admin` and is shown this once."""
    tenant, token = await setup.create_tenant(ADMINISTRATOR, name=body.name, base_currency=body.base_currency, time_zone=body.time_zone)
    return NewTenantAnswer(tenant=_show(tenant), key=token)


@router.get("/v1/tenant")
async def get_tenant(principal: Configurer, setup: Setup) -> TenantAnswer:
    """The tenant that the key belongs to."""
    return _show(await setup.get_tenant(principal.tenant_id))


@router.put("/v1/tenant", responses=may_fail(409))
async def update_tenant(
    principal: Configurer, setup: Setup, body: Annotated[ChangedTenant, Depends(JsonBody(ChangedTenant))]
) -> TenantAnswer:
    """Changes name and time zone. The base currency stays: everything is posted in it."""
    tenant = await setup.update_tenant(
        principal.tenant_id, principal.key_name, name=body.name, base_currency=body.base_currency, time_zone=body.time_zone
    )
    return _show(tenant)


def _show(tenant: Tenant) -> TenantAnswer:
    return TenantAnswer(
        id=format_id(Kind.TENANT, tenant.id), name=tenant.name, base_currency=tenant.base_currency, time_zone=tenant.time_zone
    )
