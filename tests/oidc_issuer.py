"""An OpenID Connect issuer on loopback, as the standards have it, and with what issuers do wrong.

Discovery 1.0, 3 and 4; Core 1.0, 3.1.2 (authorization endpoint), 3.1.3 (token endpoint), 5.3 (UserInfo), 10.1 (keys); RFC 7636, 4 (PKCE is
asked for); RFC 6749, 2.3.1, 4.1.2 and 5.2; RFC 9207. Tokens and keys are made by hand (`signed_tokens.py`).
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import parse_qs, unquote_plus, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.contract.faulty_server import FaultyServer
from tests.signed_tokens import SigningKey, new_key

CLIENT_ID, CLIENT_SECRET = "glint", "s3cret/of+the client:1"
ANNA: Mapping[str, Any] = {"sub": "248289761001", "email": "Anna@Uni.Example", "email_verified": True, "preferred_username": "anna"}
TARGETS = {"/token": "send", "/.well-known/openid-configuration": "validate", "/keys": "find"}
"""What a fault of `FaultyServer` may be on."""
TOKEN_SECONDS = 300
PAGE = """<!DOCTYPE html><html lang="en"><title>The university</title><h1>The university</h1>
<form method="post" action="/authorize?{query}"><button>It is me</button></form></html>"""


@dataclass
class _Code:
    redirect_uri: str
    challenge: str
    nonce: str
    used: bool = False


@dataclass
class OidcIssuer:
    """`with OidcIssuer(clock).server as server:` serves it. Whoever's browser comes is signed in as `person` already; `asks` them first."""

    clock: Callable[[], datetime]
    host: str = "127.0.0.1"
    redirect_uris: set[str] = field(default_factory=set)
    person: dict[str, Any] = field(default_factory=lambda: dict(ANNA))
    authentication: Literal["client_secret_basic", "client_secret_post", "private_key_jwt"] = "client_secret_basic"
    tells_in: Literal["id_token", "userinfo"] = "id_token"
    """Where the claims of a scope are (Core 1.0, 5.4)."""
    asks: bool = False
    denies: str | None = None
    """The error that people are sent back with."""
    names_itself: bool = False
    key: SigningKey = field(default_factory=lambda: new_key("first"))
    metadata: dict[str, Any] = field(default_factory=dict)
    """Over what it says; None takes away."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Over what an ID token says; None takes away."""
    sent_back: dict[str, str] = field(default_factory=dict)
    """Over the parameters that people are sent back with."""
    token: Callable[[Mapping[str, Any]], str] | None = None
    """Makes the ID token in place of `key`."""
    token_answer: Callable[[], Response] | None = None
    userinfo: dict[str, Any] = field(default_factory=dict)
    """Over what UserInfo says."""

    def __post_init__(self) -> None:
        self.published = [self.key.jwk]
        self.codes: dict[str, _Code] = {}
        self.access: dict[str, str] = {}
        self.issued: list[str] = []
        """Codes and tokens, which no log may hold."""
        routes = [
            Route("/.well-known/openid-configuration", self._configuration),
            Route("/keys", self._keys),
            Route("/authorize", self._authorize, methods=["GET", "POST"]),
            Route("/token", self._token, methods=["POST"]),
            Route("/userinfo", self._userinfo),
        ]
        self.server = FaultyServer(Starlette(routes=routes), lambda _, path, __: TARGETS.get(path.partition("?")[0]))  # type: ignore[arg-type,return-value]

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.server.port}"

    def asked(self, path: str) -> int:
        """How often it was called there."""
        return sum(each.partition("?")[0] == path for _, each, _, _ in self.server.requests)

    async def _configuration(self, _: Request) -> Response:
        told = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": [self.authentication],
            "authorization_response_iss_parameter_supported": self.names_itself,
        }
        return JSONResponse({name: value for name, value in (told | self.metadata).items() if value is not None})

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": self.published})

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        if asked.get("client_id") != CLIENT_ID or asked.get("redirect_uri") not in self.redirect_uris:
            return Response("unknown client or redirect_uri: nobody is sent anywhere", 400)
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split() or len(asked.get("state", "")) < 22:
            return Response("not a request of Core 1.0, 3.1.2.1", 400)
        if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43 or len(asked.get("nonce", "")) < 22:
            return Response("no challenge of RFC 7636, 4.3, or no nonce", 400)
        if self.asks and request.method == "GET":
            return HTMLResponse(PAGE.format(query=request.url.query.replace("&", "&amp;")))
        told = {"state": asked["state"]} | ({"iss": self.url} if self.names_itself else {})
        if self.denies is not None:
            told |= {"error": self.denies, "error_description": "The <b>person</b> said no"}
        else:
            told["code"] = self._issue("code")
            self.codes[told["code"]] = _Code(asked["redirect_uri"], asked["code_challenge"], asked["nonce"])
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(told | self.sent_back)}", 303)

    async def _token(self, request: Request) -> Response:
        fields = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if not self._is_client(request, fields):
            return _error("invalid_client", 401)
        if fields.get("grant_type") != "authorization_code":
            return _error("unsupported_grant_type")
        code = self.codes.get(fields.get("code", ""))
        if code is None or code.used or code.redirect_uri != fields.get("redirect_uri") or not _is_verified(code, fields):
            return _error("invalid_grant")
        code.used = True  # RFC 6749, 4.1.2: once
        if self.token_answer is not None:
            return self.token_answer()
        access = self._issue("access")
        self.access[access] = self.person["sub"]
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "id_token": self._id_token(code.nonce)}
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    async def _userinfo(self, request: Request) -> Response:
        """Core 1.0, 5.3.1: with the access token as a bearer."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.access:
            return Response(status_code=401)
        return JSONResponse(self.person | self.userinfo)

    def _id_token(self, nonce: str) -> str:
        now = int(self.clock().timestamp())
        told = {"iss": self.url, "aud": CLIENT_ID, "exp": now + TOKEN_SECONDS, "iat": now, "nonce": nonce}
        told |= self.person if self.tells_in == "id_token" else {"sub": self.person["sub"]}
        claims = {name: value for name, value in (told | self.claims).items() if value is not None}
        made = self.token(claims) if self.token is not None else self.key.token(claims)
        self.issued.append(made)
        return made

    def _is_client(self, request: Request, fields: Mapping[str, str]) -> bool:
        if self.authentication == "client_secret_post":
            given = fields.get("client_id", ""), fields.get("client_secret", "")
        else:
            scheme, _, pair = request.headers.get("authorization", "").partition(" ")
            name, _, secret = base64.b64decode(pair).decode().partition(":") if scheme == "Basic" else ("", "", "")
            given = unquote_plus(name), unquote_plus(secret)
        return hmac.compare_digest(":".join(given), f"{CLIENT_ID}:{CLIENT_SECRET}")

    def _issue(self, kind: str) -> str:
        made = f"{kind}-{secrets.token_urlsafe(24)}"
        self.issued.append(made)
        return made


def _is_verified(code: _Code, fields: Mapping[str, str]) -> bool:
    """RFC 7636, 4.6."""
    verifier = fields.get("code_verifier", "")
    digest = hashlib.sha256(verifier.encode()).digest()
    return 43 <= len(verifier) <= 128 and code.challenge == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _error(code: str, status: int = 400) -> Response:
    return JSONResponse({"error": code, "error_description": "a sentence of the issuer's"}, status)
