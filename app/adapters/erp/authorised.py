"""Calls to an ERP whose access tokens people authorise at its vendor: with the token in force, and once more where it was refused."""

from collections.abc import Mapping

from app.adapters.erp.answers import HttpAnswer, HttpResult, Timeouts
from app.adapters.erp.calls import Calls
from app.adapters.erp.http import MAX_RESPONSE_BYTES, HttpClient
from app.application.ports.sign_in import AccessToken, NotAuthorised, NoTokenNow, SignIn, TokenAnswer
from app.domain.delivery import Retryable, Unauthorised

NO_SIGN_IN = NotAuthorised(reason="nobody has authorised the endpoint at its vendor")

NoToken = NotAuthorised | NoTokenNow


class AuthorisedCalls:
    """The calls of one step. `calls` keeps them, without the tokens."""

    def __init__(self, http: HttpClient, sign_in: SignIn | None, timeouts: Timeouts) -> None:
        self._http = http
        self._sign_in = sign_in
        self._timeouts = timeouts
        self._token: AccessToken | None = None
        self.calls = Calls()
        self.reached = False
        """Whether the ERP has answered anything at all."""

    async def token(self) -> TokenAnswer:
        """The token of this step, and with it the organisation that was chosen."""
        if self._token is None:
            answer = NO_SIGN_IN if self._sign_in is None else await self._sign_in.token()
            if not isinstance(answer, AccessToken):
                return answer
            self._take(answer)
            return answer
        return self._token

    async def request(
        self, method: str, url: str, *, label: str, headers: Mapping[str, str], content: str = "", max_bytes: int = MAX_RESPONSE_BYTES
    ) -> HttpResult | NoToken:
        """One call, with a bearer token. What was answered 401 was not carried out: it is repeated once, with a newer token."""
        token = await self.token()
        if not isinstance(token, AccessToken):
            return token
        result = await self._call(method, url, label, headers, content, max_bytes, token)
        if not isinstance(result, HttpAnswer) or result.status != 401 or self._sign_in is None:
            return result
        newer = await self._sign_in.refused(token)
        if not isinstance(newer, AccessToken):
            return newer
        self._take(newer)
        return await self._call(method, url, label, headers, content, max_bytes, newer)

    async def _call(
        self, method: str, url: str, label: str, headers: Mapping[str, str], content: str, max_bytes: int, token: AccessToken
    ) -> HttpResult:
        bearer = {**headers, "authorization": f"Bearer {token.value}"}
        result = await self._http.request(
            method, url, headers=bearer, content=content.encode(), timeouts=self._timeouts, max_bytes=max_bytes
        )
        self.reached = self.reached or isinstance(result, HttpAnswer)
        return self.calls.add(result, label)

    def _take(self, token: AccessToken) -> None:
        self._token = token
        self.calls.hide(token.value)


def outcome_without_token(answer: NoToken) -> Unauthorised | Retryable:
    """What a step comes to that could not sign in: nothing was sent."""
    if isinstance(answer, NotAuthorised):
        return Unauthorised(reason=f"not authorised, the endpoint must be connected again: {answer.reason}")
    return Retryable(reason=answer.reason)
