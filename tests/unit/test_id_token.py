"""Which ID tokens are taken: OpenID Connect Core 1.0, 3.1.3.7 and 10.1. No network; the tokens are made by hand."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from app.adapters.oidc.id_token import Expected, UnknownKey, verified_claims
from app.adapters.oidc.refused import Refused
from app.application.ports.identity import Refusal
from tests.signed_tokens import SigningKey, b64, hmac_token, new_key, unsigned_token

NOW = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
EXPECTED = Expected(issuer="https://login.uni.example", client_id="glint", nonce="the-nonce", now=NOW)
CLAIMS: dict[str, Any] = {
    "iss": "https://login.uni.example",
    "sub": "248289761001",
    "aud": "glint",
    "exp": AT + 300,
    "iat": AT,
    "nonce": "the-nonce",
    "email": "anna@uni.example",
}
RSA, PSS, EC, OTHER = new_key("r1"), new_key("p1", "PS256"), new_key("e1", "ES256"), new_key("r1")
KEYS = [RSA.jwk, PSS.jwk, EC.jwk]


def said(**changes: Any) -> dict[str, Any]:
    """None takes a claim away."""
    return {name: value for name, value in (CLAIMS | changes).items() if value is not None}


def refused(token: str, keys: list[Any] | None = None) -> str:
    with pytest.raises(Refused) as caught:
        verified_claims(token, KEYS if keys is None else keys, EXPECTED)
    assert caught.value.reason is Refusal.UNTRUSTED
    return caught.value.detail


@pytest.mark.parametrize("key", [RSA, PSS, EC], ids=["RS256", "PS256", "ES256"])
def test_signed_for_us_it_is_taken(key: SigningKey) -> None:
    assert verified_claims(key.token(CLAIMS), KEYS, EXPECTED) == CLAIMS


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["glint"]},
        {"aud": ["glint", "others"], "azp": "glint"},
        {"azp": "glint"},
        {"exp": AT - 59},
        {"iat": AT + 59},
        {"nbf": AT + 59},
        {"exp": AT + 300.5},
        {"anything": {"else": [1]}},
    ],
)
def test_also_taken(changes: Mapping[str, Any]) -> None:
    assert verified_claims(RSA.token(said(**changes)), KEYS, EXPECTED)["sub"] == CLAIMS["sub"]


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"iss": "https://login.evil.example"}, "iss"),
        ({"iss": "https://login.uni.example/"}, "iss"),
        ({"iss": ["https://login.uni.example"]}, "iss"),
        ({"iss": None}, "iss"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 256}, "subject"),
        ({"aud": "others"}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": "glint2"}, "aud"),
        ({"aud": ["glint", 7]}, "aud"),
        ({"aud": ["glint", "others"]}, "azp"),
        ({"aud": ["glint", "others"], "azp": "others"}, "azp"),
        ({"azp": "others"}, "azp"),
        ({"exp": AT - 60}, "exp"),
        ({"exp": AT - 90_000}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": str(AT + 300)}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"iat": AT + 61}, "iat"),
        ({"iat": None}, "iat"),
        ({"nbf": AT + 61}, "nbf"),
        ({"nonce": "another-nonce"}, "nonce"),
        ({"nonce": ["the-nonce"]}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"nonce": None}, "nonce"),
    ],
)
def test_a_wrong_claim_is_refused(changes: Mapping[str, Any], about: str) -> None:
    detail = refused(RSA.token(said(**changes)))
    assert about in detail
    assert "the-nonce" not in detail
    assert "evil" not in detail


def altered(token: str) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{b64(json.dumps(said(email='rector@uni.example')).encode())}.{signature}"


@pytest.mark.parametrize(
    "make",
    [
        lambda: unsigned_token(CLAIMS),
        lambda: unsigned_token(CLAIMS).replace(b64(b'{"alg": "none"'), b64(b'{"alg": "nOnE"')),
        lambda: hmac_token(CLAIMS, RSA.pem, "r1"),
        lambda: hmac_token(CLAIMS, json.dumps(RSA.jwk).encode(), "r1"),
        lambda: hmac_token(CLAIMS, b"the client's secret", "r1"),
        lambda: OTHER.token(CLAIMS),
        lambda: OTHER.token(CLAIMS, jwk=OTHER.jwk),
        lambda: RSA.token(CLAIMS, crit=["exp"], exp=AT),
        lambda: RSA.token(CLAIMS, crit=["b64"], b64=False),
        lambda: RSA.token(CLAIMS, alg=None),
        lambda: RSA.token(CLAIMS, alg=["RS256"]),
        lambda: altered(RSA.token(CLAIMS)),
        lambda: RSA.token(CLAIMS).rpartition(".")[0] + ".",
        lambda: RSA.token(CLAIMS).rpartition(".")[0],
        lambda: RSA.token(CLAIMS) + ".x.y",
        lambda: RSA.token([1]),  # type: ignore[arg-type]
        lambda: RSA.token(CLAIMS, filler="x" * 5_000),
        lambda: "é" + RSA.token(CLAIMS),
        lambda: "",
        lambda: "..",
    ],
    ids=lambda each: None,
)
def test_what_the_issuer_did_not_sign_is_refused(make: Callable[[], str]) -> None:
    assert refused(make())


def test_a_key_that_is_not_published_is_told_apart() -> None:
    """It may be a new one: whoever asks reads the keys again."""
    for token, keys in (
        (new_key("r2").token(CLAIMS), KEYS),
        (RSA.token(CLAIMS), []),
        (RSA.token(CLAIMS), [RSA.jwk | {"use": "enc"}]),
        (RSA.token(CLAIMS), [RSA.jwk | {"alg": "RS512"}]),
        (RSA.token(CLAIMS), [RSA.jwk | {"key_ops": ["encrypt"]}]),
        (RSA.token(CLAIMS), [{"kty": "oct", "kid": "r1", "k": "c2VjcmV0"}]),
        (EC.token(CLAIMS, kid="r1"), KEYS),
    ):
        with pytest.raises(UnknownKey):
            verified_claims(token, keys, EXPECTED)


def test_a_token_without_a_key_id_needs_an_issuer_with_one_key() -> None:
    token = RSA.token(CLAIMS, kid=None)
    assert verified_claims(token, [EC.jwk, RSA.jwk], EXPECTED) == CLAIMS  # the other is for another algorithm
    assert "which key" in refused(token, [RSA.jwk, OTHER.jwk | {"kid": "r2"}])


def test_keys_that_are_none_do_not_get_in_the_way_of_others() -> None:
    strange: list[dict[str, Any]] = [
        {"kty": "AKP", "kid": "r1"},
        {"kid": 7},
        {"kty": ["RSA"], "kid": "r1"},
        RSA.jwk | {"x5c": 7, "x5u": "no URL"},
    ]
    assert verified_claims(RSA.token(CLAIMS), strange, EXPECTED) == CLAIMS


def test_a_key_that_is_broken_or_weak_is_refused() -> None:
    weak = new_key("r1", bits=1024)
    assert "2048" in refused(weak.token(CLAIMS), [weak.jwk])
    assert "no public key" in refused(RSA.token(CLAIMS), [RSA.jwk | {"n": "!" * 400}])
    assert "no public key" in refused(EC.token(CLAIMS), [EC.jwk | {"x": "AAAA"}])
