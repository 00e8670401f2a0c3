"""Signing in at an issuer, where the installation has one."""

from app.application.people.begin_by_identity import BeginByIdentity
from app.application.people.start_session_by_identity import StartSessionByIdentity
from app.application.ports.clock import Clock
from app.application.ports.identity import IdentityProvider
from app.application.ports.secrecy import Tokens
from app.application.ports.setup import Secrets
from app.application.ports.unit_of_work import UnitsOfWork
from app.application.ports.users import TenantNames


class ByIdentity:
    """The two halves of it. `label`: what people call the account that they have there."""

    def __init__(
        self,
        *,
        label: str,
        provider: IdentityProvider,
        units_of_work: UnitsOfWork,
        tenants: TenantNames,
        tokens: Tokens,
        secrets: Secrets,
        clock: Clock,
    ) -> None:
        self.label = label
        self.begin = BeginByIdentity(provider, tenants, tokens, secrets, clock)
        self.start_session = StartSessionByIdentity(provider, units_of_work, tenants, tokens, secrets, clock)
