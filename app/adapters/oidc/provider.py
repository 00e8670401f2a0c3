"""The issuer as the port has it: the authorization code flow with PKCE (Core 1.0, 3.1; RFC 7636)."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from app.adapters.erp.answers import HttpFailure
from app.adapters.erp.http import HttpClient
from app.adapters.oidc.documents import Metadata, json_object, read_object
from app.adapters.oidc.id_token import Expected, UnknownKey, verified_claims
from app.adapters.oidc.published import MAX_BYTES, TIMEOUTS, Published
from app.adapters.oidc.refused import Refused, untrusted
from app.application.ports.identity import Flow, Identified, NotIdentified, Refusal

LONGEST_TOKEN = 100_000
KNOWN_ERRORS = frozenset(
    {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}
)
"""Of RFC 6749, 5.2: these are repeated in the log, others are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """How the issuer knows us, and by which claim we know people."""

    client_id: str
    client_secret: str = field(repr=False)
    claim: str = "email"


class OidcIdentityProvider:
    """`IdentityProvider` of one issuer."""

    def __init__(self, http: HttpClient, issuer: str, client: Client) -> None:
        self._http = http
        self._client = client
        self._published = Published(http, issuer)

    async def sign_in_url(self, flow: Flow, redirect_uri: str) -> str | NotIdentified:
        """Core 1.0, 3.1.2.1, with the challenge of RFC 7636, 4.2."""
        try:
            endpoint = (await self._published.metadata()).authorization_endpoint
        except Refused as refused:
            return NotIdentified(reason=refused.reason, detail=refused.detail)
        asked = {
            "response_type": "code",
            "scope": "openid email" if self._client.claim == "email" else "openid email profile",
            "client_id": self._client.client_id,
            "redirect_uri": redirect_uri,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked, quote_via=quote)}"

    async def identify(self, flow: Flow, redirect_uri: str, *, code: str, issuer: str | None) -> Identified | NotIdentified:
        try:
            metadata = await self._published.metadata()
            if issuer != metadata.issuer and (issuer is not None or metadata.names_itself):  # RFC 9207, 2.4
                raise untrusted("the answer is not the issuer's (iss)")
            answer = await self._redeem(metadata, code, flow.verifier, redirect_uri)
            claims = await self._verified(answer.get("id_token"), flow.nonce)
            return Identified(name=self._name(await self._named(metadata, claims, answer)))
        except Refused as refused:
            return NotIdentified(reason=refused.reason, detail=refused.detail)

    async def _redeem(self, metadata: Metadata, code: str, verifier: str, redirect_uri: str) -> Mapping[str, Any]:
        """Core 1.0, 3.1.3.1, and RFC 7636, 4.5. The client proves itself as RFC 6749, 2.3.1 has it."""
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        pair = self._client.client_id, self._client.client_secret
        if metadata.client_authentication == "basic":
            plain = ":".join(quote_plus(each) for each in pair)
            headers["authorization"] = f"Basic {base64.b64encode(plain.encode()).decode()}"
        else:
            fields |= dict(zip(("client_id", "client_secret"), pair, strict=True))
        body = urlencode(fields).encode()
        result = await self._http.request(
            "POST", metadata.token_endpoint, headers=headers, content=body, timeouts=TIMEOUTS, max_bytes=MAX_BYTES
        )
        if not isinstance(result, HttpFailure) and result.status in (400, 401, 403):
            told = (json_object(result) or {}).get("error")
            error = told if isinstance(told, str) and told in KNOWN_ERRORS else "another error"
            reason = Refusal.STALE if error == "invalid_grant" else Refusal.UNAVAILABLE
            raise Refused(reason, f"the issuer did not take the code: {error}")
        return read_object(result, "the issuer's tokens")

    async def _verified(self, token: object, nonce: str) -> Mapping[str, Any]:
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise untrusted("the issuer gave no ID token")
        metadata = await self._published.metadata()
        expected = Expected(issuer=metadata.issuer, client_id=self._client.client_id, nonce=nonce, now=self._http.now())
        try:
            return verified_claims(token, await self._published.keys(), expected)
        except UnknownKey:
            newer = await self._published.keys(anew=True)
        try:
            return verified_claims(token, newer, expected)
        except UnknownKey as error:
            raise untrusted("the ID token is signed with a key that the issuer does not publish") from error

    async def _named(self, metadata: Metadata, claims: Mapping[str, Any], answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """The ID token's claims, or where it lacks the one that counts, the UserInfo endpoint's (Core 1.0, 5.3 and 5.4)."""
        access = answer.get("access_token")
        if self._client.claim in claims or metadata.userinfo_endpoint is None or not _is_bearer(access):
            return claims
        headers = {"authorization": f"Bearer {access}", "accept": "application/json"}
        result = await self._http.request("GET", metadata.userinfo_endpoint, headers=headers, timeouts=TIMEOUTS, max_bytes=MAX_BYTES)
        told = read_object(result, "the issuer's UserInfo")
        if told.get("sub") != claims["sub"]:  # Core 1.0, 5.3.2
            raise untrusted("the issuer's UserInfo is about somebody else")
        return told

    def _name(self, claims: Mapping[str, Any]) -> str:
        name = claims.get(self._client.claim)
        if not isinstance(name, str) or not name:
            raise Refused(Refusal.UNNAMED, f"the issuer does not tell the claim {self._client.claim}")
        # Some issuers write it as text.
        if self._client.claim == "email" and str(claims.get("email_verified", True)).lower() != "true":
            raise Refused(Refusal.UNVERIFIED, "the issuer did not verify the e-mail address")
        return name


def _is_bearer(token: object) -> bool:
    """Whether it can stand in a header."""
    return isinstance(token, str) and 0 < len(token) <= LONGEST_TOKEN and all("\x21" <= character <= "\x7e" for character in token)
