"""What the issuer publishes: its metadata (Discovery 1.0, 3) and its keys (RFC 7517, 5). Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from app.adapters.erp.answers import HttpAnswer, HttpFailure, HttpResult
from app.adapters.erp.http import url_fault
from app.adapters.oidc.refused import unavailable

WELL_KNOWN = "/.well-known/openid-configuration"
MOST_KEYS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """`names_itself`: its answers carry `iss` (RFC 9207, 3). `userinfo_endpoint` None: it has none."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    client_authentication: Literal["basic", "post"]
    names_itself: bool


def metadata_url(issuer: str) -> str:
    """Discovery 1.0, 4.1: a slash at the issuer's end is taken away first."""
    return issuer.removesuffix("/") + WELL_KNOWN


def read_metadata(result: HttpResult, issuer: str) -> Metadata:
    """Raises `Refused`."""
    found = read_object(result, "the issuer's metadata")
    if found.get("issuer") != issuer:  # Discovery 1.0, 4.3: exactly
        raise unavailable("the issuer's metadata names another issuer than GLINT_OIDC_ISSUER")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=_endpoint(found, "authorization_endpoint", issuer),
        token_endpoint=_endpoint(found, "token_endpoint", issuer),
        jwks_uri=_endpoint(found, "jwks_uri", issuer),
        userinfo_endpoint=_endpoint(found, "userinfo_endpoint", issuer) if "userinfo_endpoint" in found else None,
        client_authentication=_client_authentication(found.get("token_endpoint_auth_methods_supported")),
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
    )


def read_keys(result: HttpResult) -> Sequence[Mapping[str, Any]]:
    """Raises `Refused`. Whether each is of use is for whoever looks for one: unknown kinds are not errors (RFC 7517, 5)."""
    keys = read_object(result, "the issuer's keys").get("keys")
    if not isinstance(keys, list):
        raise unavailable("the issuer's keys are no key set")
    return [key for key in keys[:MOST_KEYS] if isinstance(key, dict)]


def read_object(result: HttpResult, what: str) -> Mapping[str, Any]:
    """The JSON object of a successful answer. Raises `Refused`."""
    if isinstance(result, HttpFailure):
        raise unavailable(f"{what}: {result.reason}")
    if result.status != 200:
        raise unavailable(f"{what}: the answer was {result.status}")
    found = json_object(result)
    if found is None:
        raise unavailable(f"{what}: the answer is no JSON object, or too long")
    return found


def json_object(answer: HttpAnswer) -> Mapping[str, Any] | None:
    """None where the body is no JSON object, or was cut."""
    if answer.truncated:
        return None
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _endpoint(found: Mapping[str, Any], name: str, issuer: str) -> str:
    """Over TLS, but where the issuer itself is a loopback one without it."""
    url = found.get(name)
    if not isinstance(url, str) or url_fault(url) is not None or not url.isascii() or not url.isprintable():
        raise unavailable(f"the issuer's metadata has no {name} that can be called")
    parts = urlsplit(url)
    if parts.scheme not in ("https", urlsplit(issuer).scheme) or parts.fragment:
        raise unavailable(f"the {name} of the issuer's metadata is not https, or has a fragment")
    return url


def _client_authentication(methods: object) -> Literal["basic", "post"]:
    """`client_secret_basic` is what an issuer that says nothing takes (Discovery 1.0, 3)."""
    if methods is None:
        return "basic"
    if isinstance(methods, list) and "client_secret_basic" in methods:
        return "basic"
    if isinstance(methods, list) and "client_secret_post" in methods:
        return "post"
    raise unavailable("the issuer takes no client secret (client_secret_basic or client_secret_post)")
