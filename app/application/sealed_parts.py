"""Everything of a tenant that is sealed at rest: credentials of endpoints, tokens of authorisations, verifiers of consents under way."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.application.connect_endpoint import credentials_context
from app.application.ports.unit_of_work import UnitOfWork
from app.application.sign_in.sealed_tokens import tokens_context, verifier_context


class PartKind(StrEnum):
    CREDENTIALS = "credentials"
    TOKENS = "tokens"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPart:
    """One blob, and the endpoint whose it is."""

    kind: PartKind
    endpoint: str
    sealed: bytes

    def context(self, tenant_id: UUID) -> str:
        """The row that it was sealed for."""
        match self.kind:
            case PartKind.CREDENTIALS:
                return credentials_context(tenant_id, self.endpoint)
            case PartKind.TOKENS:
                return tokens_context(tenant_id, self.endpoint)
            case PartKind.CONSENT:
                return verifier_context(tenant_id, self.endpoint)


async def sealed_parts(uow: UnitOfWork) -> Sequence[SealedPart]:
    """All of the tenant's, endpoint by endpoint."""
    found = [(PartKind.CREDENTIALS, each.name, each.credentials) for each in await uow.endpoints.list()]
    found += [(PartKind.TOKENS, name, each.sealed) for name, each in (await uow.authorisations.all()).items()]
    found += [(PartKind.CONSENT, each.endpoint, each.verifier) for each in await uow.consents.list()]
    parts = [SealedPart(kind=kind, endpoint=name, sealed=sealed) for kind, name, sealed in found if sealed is not None]
    return sorted(parts, key=lambda part: (part.endpoint, part.kind))


async def present(uow: UnitOfWork, part: SealedPart) -> SealedPart | None:
    """The same part as it is now, inside the set-up lock; None where it is gone."""
    now = (each for each in await sealed_parts(uow) if (each.kind, each.endpoint) == (part.kind, part.endpoint))
    return next(now, None)


async def reseal(uow: UnitOfWork, part: SealedPart, sealed: bytes) -> None:
    match part.kind:
        case PartKind.CREDENTIALS:
            await uow.endpoints.reseal(part.endpoint, sealed)
        case PartKind.TOKENS:
            await uow.authorisations.reseal(part.endpoint, sealed)
        case PartKind.CONSENT:
            await uow.consents.reseal(part.endpoint, sealed)
