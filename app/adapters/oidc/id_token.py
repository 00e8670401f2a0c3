"""Whether an ID token is what its issuer signed for us, now, in this flow (Core 1.0, 3.1.3.7). Pure."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jwt import JWTClaimsRegistry

from app.adapters.oidc.refused import untrusted

ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
}
"""Those that are taken, each with its kind of key. None that is symmetric: whoever may verify could sign too; and never `none`."""
LEEWAY_SECONDS = 60
WEAKEST_RSA_BITS = 2048
LONGEST_SUBJECT = 255
_MEMBERS = frozenset({"kty", "n", "e", "crv", "x", "y"})
_ERRORS = (JoseError, ValueError, TypeError, KeyError, RecursionError)


class UnknownKey(Exception):
    """The token names a key that is not among those given: the issuer may have changed its keys since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the token has to say."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    now: datetime


def verified_claims(token: str, keys: Sequence[Mapping[str, Any]], expected: Expected) -> Mapping[str, Any]:
    """The claims. `keys` as the issuer publishes them. Raises `Refused`, or `UnknownKey`."""
    # What it does not know in a header it passes over, as RFC 7515, 4 has it, unless `crit` says that it must not.
    registry = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    registry.max_header_length = 4_096
    try:
        signed = jws.extract_compact(token.encode("ascii"), registry=registry)
    except _ERRORS as error:
        raise untrusted("the ID token is no signed JWT") from error
    key = _key(signed.headers(), keys)
    try:
        is_signed = jws.validate_compact(signed, key, registry=registry)
    except _ERRORS as error:
        raise untrusted("the ID token's signature cannot be verified") from error
    if not is_signed:
        raise untrusted("the ID token's signature is wrong")
    return _checked(_claims(signed.payload or b""), expected)


def _key(header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]]) -> RSAKey | ECKey:
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise untrusted("the ID token is not signed with an asymmetric algorithm that is taken")
    found = [each for each in keys if _fits(each, algorithm) and kid in (None, each.get("kid"))]
    if not found:
        raise UnknownKey
    if kid is None and len(found) > 1:  # Core 1.0, 10.1
        raise untrusted("the ID token does not say which key signed it, and the issuer has several")
    return _imported(found[0])


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    operations = key.get("key_ops")
    return (
        key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )


def _imported(key: Mapping[str, Any]) -> RSAKey | ECKey:
    public: dict[str, str | list[str]] = {name: value for name, value in key.items() if name in _MEMBERS and isinstance(value, str)}
    if public["kty"] == "RSA" and len(public.get("n", "")) < math.ceil(WEAKEST_RSA_BITS / 6):
        raise untrusted(f"the issuer's key is shorter than {WEAKEST_RSA_BITS} bits")
    try:
        return RSAKey.import_key(public) if public["kty"] == "RSA" else ECKey.import_key(public)
    except _ERRORS as error:
        raise untrusted("the issuer's key is no public key") from error


def _claims(payload: bytes) -> Mapping[str, Any]:
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise untrusted("the ID token's claims are no JSON") from error
    if not isinstance(claims, dict):
        raise untrusted("the ID token's claims are no object")
    return claims


def _checked(claims: Mapping[str, Any], expected: Expected) -> Mapping[str, Any]:
    registry = JWTClaimsRegistry(
        now=int(expected.now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": expected.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": expected.nonce},
    )
    try:
        registry.validate(dict(claims))
    except ClaimError as error:
        raise untrusted(f"the ID token's claim {error.claim} is not right: {error.error}") from error
    if not isinstance(claims["nonce"], str) or len(claims["sub"]) > LONGEST_SUBJECT:
        raise untrusted("the ID token's nonce or subject is not one")
    # An additional audience is taken only where the token says that it was made for us.
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else expected.client_id) != expected.client_id:
        raise untrusted("the ID token was made for another client (azp)")
    return claims
