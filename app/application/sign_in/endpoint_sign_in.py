"""The access tokens of one endpoint: `SignIn` over what is stored, refreshed by one caller at a time whatever the number of processes."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.application.ports.authorisations import Authorisation, AuthorisationStatus, Renewal
from app.application.ports.clock import Clock
from app.application.ports.secrecy import SealedByOther
from app.application.ports.setup import Secrets
from app.application.ports.sign_in import AccessToken, NotAuthorised, NoTokenNow, TokenAnswer
from app.application.ports.unit_of_work import StoreUnavailable, UnitsOfWork
from app.application.ports.vendor_sign_in import Granted, GrantRefused, NoGrant, VendorSignIn
from app.application.serial import lock_set_up
from app.application.sign_in.sealed_tokens import TokenPair, open_tokens, seal_tokens
from app.application.sign_in.token_state import NEVER, Renew, TokenState, Wait, state_of

LEASE = timedelta(seconds=90)
"""Longer than a call to the vendor can last: whose lease ended is dead, or has given up."""
WAIT_SECONDS = 0.1
WAITS = 300
"""So often a caller looks whether another's refresh has come back."""
STORE_TRIES = 5
STORE_AGAIN_SECONDS = 1.0
"""New tokens are not given up at once where the database is away: the vendor may not take the old ones any more."""

ACTOR = "worker"
UNSEALED = "the tokens were sealed by a secret key that this service does not have; authorise the endpoint again"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A refresh that is ours. `pair` are the tokens until now, None where the application has not signed in by itself yet."""

    fence: int
    before: Authorisation
    pair: TokenPair | None


class EndpointSignIn:
    """A token that is good for a minute and more is given as it is stored. Otherwise the refresh is claimed and committed before the
    vendor is called, with no unit of work open; the new tokens are stored before the access token is used; who else wants one waits.

    An answer that was lost leaves the refresh token of before in place, and it is tried again: vendors that give a new one each time
    take the old one for a while (Xero for 30 minutes). Where it is refused, a person has to authorise again.
    """

    def __init__(
        self, units_of_work: UnitsOfWork, secrets: Secrets, clock: Clock, vendor: VendorSignIn, tenant_id: UUID, endpoint: str
    ) -> None:
        self._units_of_work = units_of_work
        self._secrets = secrets
        self._clock = clock
        self._vendor = vendor
        self._tenant_id = tenant_id
        self._endpoint = endpoint

    async def token(self) -> TokenAnswer:
        return await self._answer(None)

    async def refused(self, token: AccessToken) -> TokenAnswer:
        return await self._answer(token.value)

    async def _answer(self, refused: str | None) -> TokenAnswer:
        try:
            for _ in range(WAITS):
                step = await self._look(refused)
                if isinstance(step, _Claim):
                    return await self._renew(step)
                if not isinstance(step, Wait):
                    return step
                await asyncio.sleep(WAIT_SECONDS)
        except StoreUnavailable:
            return NoTokenNow(reason="the database does not answer")
        except SealedByOther:
            return NotAuthorised(reason=UNSEALED)
        return NoTokenNow(reason="the refresh of the token, begun elsewhere, has not come back")

    async def _look(self, refused: str | None) -> TokenAnswer | Wait | _Claim:
        """What is stored, where it answers; else the claim, committed."""
        async with self._units_of_work(self._tenant_id) as uow:
            state = self._state(await uow.authorisations.get(self._endpoint), refused)
            if not isinstance(state, Renew):
                return state
            if self._vendor.by_itself:
                await uow.authorisations.ensure(self._endpoint, self._vendor.client)
            row = await uow.authorisations.get(self._endpoint, lock=True)
            state = self._state(row, refused)
            if row is None:
                return NotAuthorised(reason=NEVER)
            if not isinstance(state, Renew):
                return state
            fence = await uow.authorisations.claim(self._endpoint, self._clock.now() + LEASE)
            await uow.commit()
        return _Claim(fence=fence, before=row, pair=state.pair)

    def _state(self, row: Authorisation | None, refused: str | None) -> TokenState:
        if row is not None and row.client != self._vendor.client:
            row = None
        return state_of(row, self._opened(row), by_itself=self._vendor.by_itself, refused=refused, now=self._clock.now())

    def _opened(self, row: Authorisation | None) -> TokenPair | None:
        if row is None or row.sealed is None:
            return None
        return open_tokens(self._secrets, self._tenant_id, self._endpoint, row.sealed)

    async def _renew(self, claim: _Claim) -> TokenAnswer:
        began = self._clock.now()
        answer = await self._vendor.renew(None if claim.pair is None else claim.pair.refresh)
        match answer:
            case Granted():
                return await self._store(claim, answer, began)
            case GrantRefused(reason=reason, for_good=True) if not self._vendor.by_itself:
                return await self._lost(claim, reason)
            case GrantRefused(reason=reason):
                await self._release(claim, reason)
                return NotAuthorised(reason=reason)
            case NoGrant(reason=reason):
                await self._release(claim, reason)
                return NoTokenNow(reason=reason)

    async def _store(self, claim: _Claim, granted: Granted, began: datetime) -> TokenAnswer:
        """Before the access token is used."""
        refresh = granted.refresh or (None if claim.pair is None else claim.pair.refresh)
        pair = TokenPair(access=granted.access, refresh=refresh)
        ends_at = began + timedelta(seconds=granted.expires_in)
        for left in reversed(range(STORE_TRIES)):
            try:
                kept = await self._keep(claim, pair, ends_at, granted.scopes)
            except StoreUnavailable:
                if not left:
                    raise
                await asyncio.sleep(STORE_AGAIN_SECONDS)
            else:
                break
        if not kept:
            return await self._overtaken()
        chosen = claim.before.organisation
        return AccessToken(value=pair.access, organisation=None if chosen is None else chosen.id)

    async def _keep(self, claim: _Claim, pair: TokenPair, ends_at: datetime, scopes: tuple[str, ...] | None) -> bool:
        async with self._units_of_work(self._tenant_id) as uow:
            await lock_set_up(uow)
            sealed = seal_tokens(self._secrets, self._tenant_id, self._endpoint, pair)
            renewal = Renewal(sealed=sealed, access_expires_at=ends_at, scopes=scopes)
            kept = await uow.authorisations.renewed(self._endpoint, claim.fence, renewal)
            await uow.commit()
        return kept

    async def _lost(self, claim: _Claim, reason: str) -> TokenAnswer:
        told = f"{reason}: authorise the endpoint again"
        async with self._units_of_work(self._tenant_id) as uow:
            if await uow.authorisations.end(self._endpoint, claim.fence, AuthorisationStatus.RECONNECT, told):
                await uow.audit.write(ACTOR, "endpoint.authorisation_lost", self._endpoint, {"reason": reason})
                await uow.commit()
                return NotAuthorised(reason=told)
        return await self._overtaken()

    async def _overtaken(self) -> TokenAnswer:
        """Our lease was lost, so what came back is void: another's result, or a person's, stands."""
        async with self._units_of_work(self._tenant_id) as uow:
            step = self._state(await uow.authorisations.get(self._endpoint), None)
        return step if isinstance(step, AccessToken | NotAuthorised) else NoTokenNow(reason="another refresh of the token is under way")

    async def _release(self, claim: _Claim, reason: str) -> None:
        async with self._units_of_work(self._tenant_id) as uow:
            await uow.authorisations.release(self._endpoint, claim.fence, reason)
            await uow.commit()
