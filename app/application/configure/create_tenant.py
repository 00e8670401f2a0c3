"""A new tenant, with its first key."""

from uuid import UUID

from app.application.configure.tenant_checks import check_base_currency, check_time_zone
from app.application.ports.clock import Clock, Ids
from app.application.ports.currencies import Currencies
from app.application.ports.secrecy import Tokens
from app.application.ports.setup import ApiKey, Scope, Tenant
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.token_hash import token_hash

TENANT_SCOPES = tuple(scope for scope in Scope if scope is not Scope.ADMIN)
FIRST_KEY = "first"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX_LENGTH = 6


class CreateTenant:
    """Makes a tenant and a key that has every scope of it but `admin`. The key is shown this once and never again.

    The base currency stays for ever: everything is posted in it.
    """

    def __init__(self, units_of_work: UnitsOfWork, clock: Clock, ids: Ids, currencies: Currencies, tokens: Tokens) -> None:
        self._units_of_work = units_of_work
        self._clock = clock
        self._ids = ids
        self._currencies = currencies
        self._tokens = tokens

    async def __call__(self, actor: str, *, name: str, base_currency: str, time_zone: str) -> tuple[Tenant, str]:
        """The tenant and the key's secret. Raises `Invalid`, or `TenantExists` where the name is taken."""
        check_base_currency(base_currency, self._currencies)
        check_time_zone(time_zone)
        tenant_id, token = self._ids.new(), self._tokens.new()
        tenant = Tenant(
            id=tenant_id, name=name, base_currency=base_currency, time_zone=time_zone, reference_prefix=reference_prefix(tenant_id)
        )
        key = ApiKey(id=self._ids.new(), tenant_id=tenant_id, name=FIRST_KEY, scopes=TENANT_SCOPES, created_at=self._clock.now())
        async with self._units_of_work(tenant_id) as uow:
            await uow.tenants.add(tenant)
            await uow.keys.add(key, token_hash(token))
            await uow.audit.write(actor, "tenant.create", name, {"base_currency": base_currency, "time_zone": time_zone})
            await uow.commit()
        return tenant, token


def reference_prefix(tenant_id: UUID) -> str:
    """Six characters that nobody mistakes for others (Crockford's base 32), from the random end of the id."""
    rest = tenant_id.int
    return "".join(_ALPHABET[rest >> 5 * place & 31] for place in reversed(range(PREFIX_LENGTH)))
