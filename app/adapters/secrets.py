"""Secrets at rest as AES-256-GCM, and the tokens that keys are made of."""

import base64
import hashlib
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.application.ports.secrecy import SealedByOther

KEY_BYTES = 32
KEY_ID_BYTES = 8
NONCE_BYTES = 12
FORMAT = b"\x01"
HEADER_BYTES = len(FORMAT) + KEY_ID_BYTES
TOKEN_BYTES = 32
TOKEN_PREFIX = "glint_"  # noqa: S105 - lets secret scanners find a leaked key


class AesGcmSecrets:
    """A keyring: everything is sealed with `primary`, and opened with whichever key it was sealed with.

    A blob is format (1 byte), key id (8), nonce (12), then ciphertext and tag. Format, key id and context are authenticated. To
    rotate, the new key becomes primary and the old one stays among `older` until every blob is sealed anew.
    """

    def __init__(self, primary: bytes, older: Sequence[bytes] = ()) -> None:
        if any(len(key) != KEY_BYTES for key in (primary, *older)):
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self._primary = key_id(primary)
        self._keys = {key_id(key): AESGCM(key) for key in (*older, primary)}

    def seal(self, plain: bytes, context: str) -> bytes:
        """Seals `plain` for the row `context`; the same input never gives the same blob twice."""
        header, nonce = FORMAT + self._primary, secrets.token_bytes(NONCE_BYTES)
        return header + nonce + self._keys[self._primary].encrypt(nonce, plain, header + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises `SealedByOther` where it was not sealed for this context by a key of this ring."""
        header, rest = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
        nonce, ciphertext = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        key = self._keys.get(header[len(FORMAT) :]) if header.startswith(FORMAT) else None
        if key is None or len(nonce) != NONCE_BYTES:
            raise SealedByOther("no key of this ring sealed it")
        try:
            return key.decrypt(nonce, ciphertext, header + context.encode())
        except InvalidTag as error:
            raise SealedByOther("it was sealed for another row, or changed since") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether it is sealed with the primary key: what is not has to be sealed anew before the old key may go."""
        return sealed.startswith(FORMAT + self._primary)


def key_id(key: bytes) -> bytes:
    """What a blob says about its key: the first bytes of a hash that is used for nothing else."""
    return hashlib.sha256(b"glint secret key id\0" + key).digest()[:KEY_ID_BYTES]


def new_secret_key() -> str:
    """A key for `GLINT_SECRET_KEY`."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


class RandomTokens:
    """`glint_` and 43 characters that are safe in URLs: 256 random bits, so that a plain hash of it needs no salt."""

    def new(self) -> str:
        return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
