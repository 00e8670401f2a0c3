"""A vendor with OAuth 2.0 on loopback: its authorisation server as RFC 6749, 7636 and 7009 have it, and a ledger that takes its tokens.

What differs from vendor to vendor is in `Vendor`; the four of them are as their documentation says:
Xero, "The standard authorization code flow" and "OAuth 2.0 FAQ"; Intuit, "Set up OAuth 2.0"; Microsoft, "OAuth 2.0 authorization code flow"
and "client credentials flow" of the identity platform; NetSuite, "OAuth 2.0 Authorization Code Grant Flow" of the help center.
"""

import asyncio
import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.contract.faulty_server import FaultyServer
from tests.fakes import FakeClock

CLIENT_ID, CLIENT_SECRET = "client-one", "s3cret/of+the client"


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """`rotates`: each refresh gives a new refresh token; the old one is taken for `grace` more, for ever where that is None."""

    name: str
    authentication: Literal["basic", "post"] = "basic"
    pkce: bool = True
    rotates: bool = True
    grace: timedelta | None = timedelta(0)
    lists_organisations: bool = False
    organisation_parameter: str | None = None
    revokes: Literal["form", "json"] | None = "form"
    access_seconds: int = 1800


XERO = Vendor(name="xero", lists_organisations=True, grace=timedelta(minutes=30))
INTUIT = Vendor(name="intuit", pkce=False, organisation_parameter="realmId", revokes="json", access_seconds=3600)
ENTRA = Vendor(name="entra", authentication="post", lists_organisations=True, grace=None, revokes=None, access_seconds=3599)
NETSUITE = Vendor(name="netsuite", rotates=False, access_seconds=3600)
STRICT = Vendor(name="strict")
VENDORS = (XERO, INTUIT, ENTRA, NETSUITE, STRICT)


@dataclass
class _Code:
    redirect_uri: str
    challenge: str | None
    family: str


@dataclass
class _Token:
    family: str
    ends_at: datetime | None


@dataclass
class AuthorisationServer:
    vendor: Vendor
    clock: FakeClock
    redirect_uris: set[str] = field(default_factory=set)
    organisations: list[tuple[str, str]] = field(default_factory=lambda: [("org-1", "Club & Söhne <b>Ltd</b>")])
    """Those that the consenting person opens."""
    realm: str = "9130357"
    delay: float = 0
    """Seconds that the token endpoint takes."""
    gate: threading.Event | None = None
    """Token requests that come while it is there are decided at once, and answered when it is set."""
    listing_fails: bool = False
    granted: list[str] = field(default_factory=list)
    """The grant types of the token requests, as they came, refused ones included."""
    journals: list[tuple[str, str]] = field(default_factory=list)
    """The references that were booked, each with the organisation it went to."""

    def __post_init__(self) -> None:
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, _Token] = {}
        self._refresh: dict[str, _Token] = {}
        self.issued: list[str] = []
        routes = [
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/revoke", self._revoke, methods=["POST"]),
            Route("/connections", self._connections),
            Route("/accounts", self._accounts),
            Route("/journals", self._journals, methods=["POST"]),
        ]
        self.server = FaultyServer(Starlette(routes=routes), lambda method, path, _: "send" if path == "/token" else None)

    @property
    def url(self) -> str:
        return self.server.url

    def end_access(self) -> None:
        """The access tokens are not taken any more, though their time has not come."""
        self._access.clear()

    def end_refresh(self) -> None:
        """As where a person disconnects the application at the vendor."""
        self._refresh.clear()

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        if asked.get("client_id") != CLIENT_ID or asked.get("redirect_uri") not in self.redirect_uris:
            return Response("unknown client or redirect_uri: nobody is sent anywhere", 400)
        if asked.get("response_type") != "code" or len(asked.get("state", "")) < 22 or not asked.get("scope"):
            return Response("not a request of RFC 6749, 4.1.1", 400)
        if self.vendor.pkce and (asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43):
            return Response("no challenge of RFC 7636", 400)
        if asked.get("deny"):
            return _back(asked["redirect_uri"], state=asked["state"], error="access_denied", error_description="The <b>user</b> denied it")
        code, family = secrets.token_urlsafe(16), secrets.token_hex(4)
        self._codes[code] = _Code(asked["redirect_uri"], asked.get("code_challenge"), family)
        told = {} if self.vendor.organisation_parameter is None else {self.vendor.organisation_parameter: self.realm}
        return _back(asked["redirect_uri"], code=code, state=asked["state"], **told)

    async def _token(self, request: Request) -> Response:
        body = await request.body()
        fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        gate = self.gate
        self.granted.append(fields.get("grant_type", ""))
        if not self._is_client(request, fields):
            return _error("invalid_client", 401)
        answer = self._answer(fields)
        if self.delay:
            await asyncio.sleep(self.delay)
        while gate is not None and not gate.is_set():
            await asyncio.sleep(0.02)
        return answer

    def _answer(self, fields: Mapping[str, str]) -> Response:
        match fields.get("grant_type"):
            case "authorization_code":
                code = self._codes.pop(fields.get("code", ""), None)
                if code is None or code.redirect_uri != fields.get("redirect_uri") or not self._is_verified(code, fields):
                    return _error("invalid_grant")
                return self._give(code.family, new_refresh=True)
            case "refresh_token":
                token = self._refresh.get(fields.get("refresh_token", ""))
                if token is None or (token.ends_at is not None and self.clock.now() >= token.ends_at):
                    return _error("invalid_grant")
                if self.vendor.rotates and self.vendor.grace is not None and token.ends_at is None:
                    token.ends_at = self.clock.now() + self.vendor.grace
                return self._give(token.family, new_refresh=self.vendor.rotates)
            case "client_credentials":
                return self._give("application", new_refresh=False)
            case _:
                return _error("unsupported_grant_type")

    def _is_verified(self, code: _Code, fields: Mapping[str, str]) -> bool:
        if code.challenge is None:
            return "code_verifier" not in fields
        digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == code.challenge

    def _give(self, family: str, *, new_refresh: bool) -> Response:
        access = f"access-{secrets.token_urlsafe(24)}"
        self._access[access] = _Token(family, self.clock.now() + timedelta(seconds=self.vendor.access_seconds))
        self.issued.append(access)
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": self.vendor.access_seconds, "scope": "books offline_access"}
        if new_refresh:
            refresh = f"refresh-{secrets.token_urlsafe(24)}"
            self._refresh[refresh] = _Token(family, None)
            self.issued.append(refresh)
            answer["refresh_token"] = refresh
        return JSONResponse(answer, headers={"cache-control": "no-store"})

    def _is_client(self, request: Request, fields: Mapping[str, str]) -> bool:
        if self.vendor.authentication == "post":
            return (fields.get("client_id"), fields.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        scheme, _, pair = request.headers.get("authorization", "").partition(" ")
        if scheme != "Basic" or "client_secret" in fields:
            return False
        name, _, secret = base64.b64decode(pair).decode().partition(":")
        return (unquote(name), unquote(secret)) == (CLIENT_ID, CLIENT_SECRET)

    async def _revoke(self, request: Request) -> Response:
        body = await request.body()
        fields = json.loads(body) if self.vendor.revokes == "json" else dict(parse_qsl(body.decode()))
        if not self._is_client(request, fields):
            return _error("invalid_client", 401)
        token = self._refresh.get(fields["token"]) or self._access.get(fields["token"])
        for tokens in (self._refresh, self._access):
            for each in [each for each, known in tokens.items() if token is not None and known.family == token.family]:
                del tokens[each]
        return Response(status_code=200)

    def _is_let_in(self, request: Request) -> bool:
        token = self._access.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return token is not None and token.ends_at is not None and self.clock.now() < token.ends_at

    async def _connections(self, request: Request) -> Response:
        if self.listing_fails or not self._is_let_in(request):
            return Response(status_code=503 if self.listing_fails else 401)
        return JSONResponse([{"tenantId": each, "tenantName": name} for each, name in self.organisations])

    async def _accounts(self, request: Request) -> Response:
        return JSONResponse(["1000", "4000"]) if self._is_let_in(request) else Response(status_code=401)

    async def _journals(self, request: Request) -> Response:
        if not self._is_let_in(request):
            return Response(status_code=401)
        self.journals.append(((await request.json())["reference"], request.headers.get("organisation", "")))
        return JSONResponse({"number": f"N{len(self.journals)}"})


def _back(redirect_uri: str, **told: str) -> Response:
    return RedirectResponse(f"{redirect_uri}?{urlencode(told)}", 302)


def _error(code: str, status: int = 400) -> Response:
    return JSONResponse({"error": code, "error_description": "a sentence of the vendor's"}, status)


def denied(url: str) -> str:
    """The same link, at which the person says no."""
    parts = urlsplit(url)
    return parts._replace(query=f"{parts.query}&deny=1").geturl()
