"""Calls with people's tokens to a vendor whose URLs or headers name the organisation that they chose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.adapters.erp.answers import HttpResult, Timeouts
from app.adapters.erp.authorised import AuthorisedCalls, NoToken, outcome_without_token
from app.adapters.erp.http import MAX_RESPONSE_BYTES, HttpClient
from app.adapters.erp.outcomes import StatusOutcome, outcome_of
from app.application.ports.sign_in import AccessToken, NotAuthorised, NoTokenNow, SignIn
from app.domain.delivery import Problem

Reply = HttpResult | NoToken
"""What came of a call; where there is no token none was made."""

NOTHING_CHOSEN = NotAuthorised(reason="no organisation was chosen when the endpoint was authorised: authorise it again and choose one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call. `label` says what is called in what is kept of it."""

    method: str
    path: str
    label: str
    content: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = MAX_RESPONSE_BYTES


class TokenCalls:
    """One endpoint's. `url` and `headers` are what depends on the organisation; `secrets` are kept out of what is kept."""

    def __init__(
        self,
        http: HttpClient,
        sign_in: SignIn | None,
        timeouts: Timeouts,
        *,
        url: Callable[[str], str],
        headers: Callable[[str, Request], Mapping[str, str]] = lambda _, __: {},
        secrets: Sequence[str] = (),
    ) -> None:
        self._http = http
        self._sign_in = sign_in
        self._timeouts = timeouts
        self._url = url
        self._headers = headers
        self._secrets = tuple(secrets)

    def step(self) -> AuthorisedCalls:
        """What the calls of one step are made with, and kept in."""
        step = AuthorisedCalls(self._http, self._sign_in, self._timeouts)
        for secret in self._secrets:
            step.calls.hide(secret)
        return step

    async def make(self, request: Request, step: AuthorisedCalls) -> Reply:
        """Never raises for what a vendor or a network does."""
        token = await step.token()
        if not isinstance(token, AccessToken):
            return token
        if not token.organisation:
            return NOTHING_CHOSEN
        return await step.request(
            request.method,
            self._url(token.organisation) + request.path,
            label=request.label,
            headers={"accept": "application/json", **request.headers, **self._headers(token.organisation, request)},
            content=request.content,
            max_bytes=request.max_bytes,
        )


def outcome_of_reply(reply: Reply, problems: Sequence[Problem] = ()) -> StatusOutcome:
    """What a send means that was not answered with the success its adapter reads."""
    return outcome_without_token(reply) if isinstance(reply, NotAuthorised | NoTokenNow) else outcome_of(reply, problems)
