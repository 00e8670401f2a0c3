"""How the secret of an API key is stored and looked up."""

import hashlib


def token_hash(token: str) -> bytes:
    """SHA-256: enough for 256 random bits, and the same each time, so that a key is found by its hash."""
    return hashlib.sha256(token.encode("utf-8", errors="surrogateescape")).digest()
