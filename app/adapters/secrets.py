"""Secrets at rest as AES-256-GCM, and the tokens that keys are made of."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

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
    """A keyring: everything is sealed with the primary key, and opened with whichever key it was sealed with.

    A blob is format (1 byte), key id (8), nonce (12), then ciphertext and tag. Format, key id and context are authenticated. To
    rotate, the new key becomes primary and the old one stays among `older` until every blob is sealed anew.

    `reread` gives all keys, the primary first, where they are others than before, else none. It is asked before anything is sealed
    or judged, and for a blob of an unknown key: a rotation by another process needs no restart of this one. What was known stays known.
    """

    def __init__(self, primary: bytes, older: Sequence[bytes] = (), *, reread: Callable[[], Sequence[bytes]] = tuple) -> None:
        self._keys: dict[bytes, AESGCM] = {}
        self._reread = reread
        self._learn((primary, *older))

    def _refresh(self) -> None:
        self._learn(self._reread())

    def _learn(self, keys: Sequence[bytes]) -> None:
        if any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        if keys:
            self._primary = key_id(keys[0])
            self._keys |= {key_id(key): AESGCM(key) for key in keys}

    def seal(self, plain: bytes, context: str) -> bytes:
        """Seals `plain` for the row `context`; the same input never gives the same blob twice."""
        self._refresh()
        header, nonce = FORMAT + self._primary, secrets.token_bytes(NONCE_BYTES)
        return header + nonce + self._keys[self._primary].encrypt(nonce, plain, header + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises `SealedByOther` where it was not sealed for this context by a key of this ring."""
        header, rest = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
        nonce, ciphertext = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        key = self._key(header[len(FORMAT) :]) if header.startswith(FORMAT) else None
        if key is None or len(nonce) != NONCE_BYTES:
            raise SealedByOther("no key of this ring sealed it")
        try:
            return key.decrypt(nonce, ciphertext, header + context.encode())
        except InvalidTag as error:
            raise SealedByOther("it was sealed for another row, or changed since") from error

    def _key(self, wanted: bytes) -> AESGCM | None:
        if wanted not in self._keys:
            self._refresh()
        return self._keys.get(wanted)

    def is_current(self, sealed: bytes) -> bool:
        """Whether it is sealed with the primary key: what is not has to be sealed anew before the old key may go."""
        self._refresh()
        return sealed.startswith(FORMAT + self._primary)

    def key_ids(self) -> tuple[str, ...]:
        """Of all keys, the primary first."""
        self._refresh()
        return (self._primary.hex(), *(each.hex() for each in self._keys if each != self._primary))

    def sealed_by(self, sealed: bytes) -> str:
        """The id of the key that a blob names, known or not; `?` where it is no blob of ours."""
        named = sealed[len(FORMAT) : HEADER_BYTES]
        return named.hex() if sealed.startswith(FORMAT) and len(named) == KEY_ID_BYTES else "?"


def key_id(key: bytes) -> bytes:
    """What a blob says about its key: the first bytes of a hash that is used for nothing else."""
    return hashlib.sha256(b"glint secret key id\0" + key).digest()[:KEY_ID_BYTES]


def new_key() -> bytes:
    """A key of a ring."""
    return secrets.token_bytes(KEY_BYTES)


def new_secret_key() -> str:
    """A key for `GLINT_SECRET_KEY`."""
    return encode_key(new_key())


def encode_key(key: bytes) -> str:
    """A key as it is written in settings and files."""
    return base64.b64encode(key).decode()


def decode_key(text: str) -> bytes:
    """A key as it was written. Raises `ValueError` that does not repeat it."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key is {KEY_BYTES} bytes in base64") from None
    return key


class RandomTokens:
    """`glint_` and 43 characters that are safe in URLs: 256 random bits, so that a plain hash of it needs no salt."""

    def new(self) -> str:
        return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


class GivenKeys:
    """`KeyRing` of an installation whose operator keeps the keys: they change with its settings, and not here."""

    def exclusively(self) -> AbstractContextManager[None]:
        return nullcontext()

    def renew(self) -> bool:
        return False

    def drop_older(self) -> int:
        return 0
