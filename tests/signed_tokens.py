"""JWTs and keys made by hand on `cryptography` alone (RFC 7515, 7517, 7518), so that what verifies them is not what made them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

COORDINATE_BYTES = 32


def b64(raw: bytes) -> str:
    """RFC 7515, 2: base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value: int) -> str:
    """RFC 7518, 2: Base64urlUInt."""
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@dataclass(frozen=True)
class SigningKey:
    """A key of an issuer: RSA, or P-256 where `alg` is ES256."""

    kid: str
    alg: str
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    @property
    def jwk(self) -> dict[str, str]:
        """The public half, as a key set has it."""
        named = {"kid": self.kid, "use": "sig", "alg": self.alg}
        if isinstance(self.private, rsa.RSAPrivateKey):
            told = self.private.public_key().public_numbers()
            return named | {"kty": "RSA", "n": number(told.n), "e": number(told.e)}
        point = self.private.public_key().public_numbers()
        x, y = (each.to_bytes(COORDINATE_BYTES, "big") for each in (point.x, point.y))
        return named | {"kty": "EC", "crv": "P-256", "x": b64(x), "y": b64(y)}

    @property
    def pem(self) -> bytes:
        """The public half, as people hand it about."""
        encoding, format_ = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(encoding, format_)

    def sign(self, content: bytes) -> bytes:
        if isinstance(self.private, rsa.RSAPrivateKey):
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            return self.private.sign(content, pss if self.alg == "PS256" else padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self.private.sign(content, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big")

    def token(self, claims: Mapping[str, Any], **header: Any) -> str:
        """`header` adds to what it is, and None takes away."""
        told = {"alg": self.alg, "typ": "JWT", "kid": self.kid} | header
        content = _content({name: value for name, value in told.items() if value is not None}, claims)
        return f"{content}.{b64(self.sign(content.encode()))}"


def new_key(kid: str, alg: str = "RS256", bits: int = 2048) -> SigningKey:
    """`alg` is RS256, PS256 or ES256."""
    private = ec.generate_private_key(ec.SECP256R1()) if alg == "ES256" else rsa.generate_private_key(65537, bits)
    return SigningKey(kid, alg, private)


def unsigned_token(claims: Mapping[str, Any]) -> str:
    """`alg` none (RFC 7519, 6)."""
    return _content({"alg": "none", "typ": "JWT"}, claims) + "."


def hmac_token(claims: Mapping[str, Any], secret: bytes, kid: str) -> str:
    """HS256 with whatever is taken for a secret."""
    content = _content({"alg": "HS256", "typ": "JWT", "kid": kid}, claims)
    return f"{content}.{b64(hmac.new(secret, content.encode(), hashlib.sha256).digest())}"


def _content(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    return ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
