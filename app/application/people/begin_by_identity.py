"""A person leaves for the issuer to prove there who they are."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.application.ports.clock import Clock
from app.application.ports.identity import Flow, IdentityProvider, NotIdentified
from app.application.ports.secrecy import Tokens
from app.application.ports.setup import Secrets
from app.application.ports.users import TenantNames

LASTS = timedelta(minutes=10)
LONGEST_ORGANISATION, LONGEST_WANTED = 200, 1_500
"""In characters and in bytes: all of it has to fit into a cookie."""
CONTEXT = "people/flow"
"""What the flow is sealed for: nothing else that is sealed opens as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """`sealed` is for the browser to keep and to bring back: it ties the answer to it. Nothing of the flow is kept here."""

    url: str = field(repr=False)
    sealed: bytes = field(repr=False)
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichOrganisation:
    """None was named, and there are several."""


class BeginByIdentity:
    """Makes the address at the issuer to which a person's browser goes, and what it has to bring back within ten minutes. Nothing tells
    whether there is an organisation of the name."""

    def __init__(self, provider: IdentityProvider, tenants: TenantNames, tokens: Tokens, secrets: Secrets, clock: Clock) -> None:
        self._provider = provider
        self._tenants = tenants
        self._tokens = tokens
        self._secrets = secrets
        self._clock = clock

    async def __call__(self, organisation: str, wanted: str, redirect_uri: str) -> Leaving | WhichOrganisation | NotIdentified:
        """`wanted` is where the person wants to be afterwards."""
        if not organisation and await self._tenants.find("") is None:
            return WhichOrganisation()
        flow = Flow(state=self._tokens.new(), nonce=self._tokens.new(), verifier=self._tokens.new())
        url = await self._provider.sign_in_url(flow, redirect_uri)
        if isinstance(url, NotIdentified):
            return url
        ends_at = self._clock.now() + LASTS
        kept = {
            "state": flow.state,
            "nonce": flow.nonce,
            "verifier": flow.verifier,
            "organisation": organisation[:LONGEST_ORGANISATION],
            "wanted": wanted if len(wanted.encode(errors="replace")) <= LONGEST_WANTED else "",
            "ends_at": ends_at.isoformat(),
        }
        plain = json.dumps(kept, ensure_ascii=False).encode(errors="replace")
        return Leaving(url=url, sealed=self._secrets.seal(plain, CONTEXT), ends_at=ends_at)
