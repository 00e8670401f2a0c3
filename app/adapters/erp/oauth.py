"""Signing in at a vendor by OAuth 2.0 (RFC 6749, 7636, 7009, 7523), for whatever `SignInFlow` an adapter tells."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from app.adapters.erp.answers import HttpFailure, HttpResult, Timeouts
from app.adapters.erp.http import HttpClient
from app.adapters.erp.oauth_answers import read_grant
from app.adapters.erp.sign_in_flow import SignInFlow
from app.application.ports.erp import Connection
from app.application.ports.vendor_sign_in import GrantAnswer, GrantRefused, Organisation, OrganisationsAnswer, OrganisationsUnknown

TIMEOUTS = Timeouts(read=20, total=30)
"""Well within the lease of a refresh (`app.application.sign_in.endpoint_sign_in`)."""
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ORGANISATION_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}", re.ASCII)


class OAuthSignIn:
    """`VendorSignIn` of one endpoint."""

    def __init__(self, http: HttpClient, flow: SignInFlow, *, adapter: str, connection: Connection) -> None:
        self._http = http
        self._flow = flow
        self.by_itself = flow.grant == "client_credentials"
        self.scopes = flow.scopes
        server = "/".join(connection.url.split("/", 3)[:3]).lower()
        told = json.dumps([adapter, flow.grant, flow.client_id, flow.authorise_url, flow.token_url, server])
        self.client = hashlib.sha256(told.encode()).hexdigest()

    def consent_url(self, *, state: str, verifier: str, redirect_uri: str) -> str:
        """RFC 6749, 4.1.1, with the challenge of RFC 7636, 4.2."""
        asked = {
            "response_type": "code",
            "client_id": self._flow.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self._flow.scopes),
            "state": state,
        }
        if self._flow.pkce:
            digest = hashlib.sha256(verifier.encode()).digest()
            asked |= {"code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), "code_challenge_method": "S256"}
        query = urlencode({**self._flow.authorise_parameters, **asked}, quote_via=quote)
        return f"{self._flow.authorise_url}{'&' if '?' in self._flow.authorise_url else '?'}{query}"

    async def redeem(self, *, code: str, verifier: str, redirect_uri: str) -> GrantAnswer:
        """RFC 6749, 4.1.3."""
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return await self._grant(fields | ({"code_verifier": verifier} if self._flow.pkce else {}))

    async def renew(self, refresh: str | None) -> GrantAnswer:
        """RFC 6749, 6, or 4.4 where the application signs in by itself."""
        if self.by_itself:
            return await self._grant({"grant_type": "client_credentials", "scope": " ".join(self._flow.scopes)})
        if refresh is None:
            return GrantRefused(reason="the vendor gave no refresh token", for_good=True)
        return await self._grant({"grant_type": "refresh_token", "refresh_token": refresh})

    async def organisations(self, access: str, callback: Mapping[str, str]) -> OrganisationsAnswer | None:
        """Ids that could not stand in a path or header are left out."""
        if (parameter := self._flow.organisation_parameter) is not None:
            told = callback.get(parameter, "")
            if _ORGANISATION_ID.fullmatch(told):
                return (Organisation(id=told, name=told),)
            return OrganisationsUnknown(reason="the vendor did not say which organisation was chosen")
        if self._flow.organisations is None:
            return None
        answer = await self._flow.organisations(self._http, access)
        if isinstance(answer, OrganisationsUnknown):
            return answer
        return tuple(each for each in answer if _ORGANISATION_ID.fullmatch(each.id))

    async def revoke(self, token: str) -> str | None:
        """RFC 7009; Intuit takes JSON in place of the form."""
        if self._flow.revoke_url is None:
            return "the vendor has no way to revoke: end it at the vendor"
        result = await self._post(self._flow.revoke_url, {"token": token}, as_json=self._flow.revoke_as == "json")
        if isinstance(result, HttpFailure):
            return f"the vendor's sign-in: {result.reason}"
        return None if 200 <= result.status < 300 else f"the vendor's sign-in answered {result.status}"

    async def _grant(self, fields: Mapping[str, str]) -> GrantAnswer:
        return read_grant(await self._post(self._flow.token_url, {**self._flow.token_parameters, **fields}))

    async def _post(self, url: str, fields: Mapping[str, str], *, as_json: bool = False) -> HttpResult:
        headers, proof = self._proof()
        content = json.dumps({**fields, **proof}) if as_json else urlencode({**fields, **proof})
        kind = "application/json" if as_json else "application/x-www-form-urlencoded"
        headers = headers | {"content-type": kind, "accept": "application/json"}
        return await self._http.request("POST", url, headers=headers, content=content.encode(), timeouts=TIMEOUTS)

    def _proof(self) -> tuple[dict[str, str], dict[str, str]]:
        """The headers and the fields by which the client shows who it is (RFC 6749, 2.3.1; RFC 7523, 2.2)."""
        flow = self._flow
        if flow.client_authentication == "basic":
            pair = f"{quote(flow.client_id, safe='')}:{quote(flow.client_secret, safe='')}"
            return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}
        if flow.client_authentication == "assertion" and flow.client_assertion is not None:
            return {}, {"client_assertion_type": ASSERTION, "client_assertion": flow.client_assertion(self._http.now())}
        return {}, {"client_id": flow.client_id} | ({"client_secret": flow.client_secret} if flow.client_secret else {})
