"""Secrets at rest, the tokens of keys, and the files a first start makes."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.adapters.key_files import kept_secret
from app.adapters.secrets import AesGcmSecrets, RandomTokens, key_id, new_secret_key
from app.application.ports.secrecy import SealedByOther
from app.application.token_hash import token_hash

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
ROW = "erp_endpoint/tenant/erp"


def test_what_is_sealed_opens_in_its_row_and_nowhere_else() -> None:
    ring = AesGcmSecrets(KEY)
    sealed = ring.seal(b'{"token": "s3cret"}', ROW)
    assert b"s3cret" not in sealed
    assert ring.open(sealed, ROW) == b'{"token": "s3cret"}'
    with pytest.raises(SealedByOther):
        ring.open(sealed, "erp_endpoint/tenant/other")


def test_the_same_secret_never_looks_the_same() -> None:
    ring = AesGcmSecrets(KEY)
    assert ring.seal(b"x", ROW) != ring.seal(b"x", ROW)


@pytest.mark.parametrize("place", [0, 1, 9, 21, -1])
def test_a_changed_byte_anywhere_is_noticed(place: int) -> None:
    ring = AesGcmSecrets(KEY)
    sealed = bytearray(ring.seal(b"secret", ROW))
    sealed[place] ^= 1
    with pytest.raises(SealedByOther):
        ring.open(bytes(sealed), ROW)


@pytest.mark.parametrize("length", [0, 1, 8, 9, 20, 21, 30])
def test_a_blob_that_was_cut_off_is_noticed(length: int) -> None:
    ring = AesGcmSecrets(KEY)
    with pytest.raises(SealedByOther):
        ring.open(ring.seal(b"secret", ROW)[:length], ROW)


def test_rotation_opens_with_the_old_key_and_seals_with_the_new_one() -> None:
    old = AesGcmSecrets(KEY)
    sealed = old.seal(b"secret", ROW)
    rotating = AesGcmSecrets(OTHER, older=[KEY])
    assert rotating.open(sealed, ROW) == b"secret"
    assert old.is_current(sealed)
    assert not rotating.is_current(sealed)
    renewed = rotating.seal(rotating.open(sealed, ROW), ROW)
    assert rotating.is_current(renewed)
    assert AesGcmSecrets(OTHER).open(renewed, ROW) == b"secret"
    with pytest.raises(SealedByOther):
        AesGcmSecrets(OTHER).open(sealed, ROW)


def test_a_blob_names_its_key_without_telling_it() -> None:
    assert AesGcmSecrets(KEY).seal(b"", ROW)[1:9] == key_id(KEY)
    assert key_id(KEY) != key_id(OTHER)
    assert key_id(KEY) not in KEY


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        AesGcmSecrets(KEY[:16])
    with pytest.raises(ValueError, match="32 bytes"):
        AesGcmSecrets(KEY, older=[b""])


def test_tokens_have_their_format_and_are_never_the_same() -> None:
    tokens = {RandomTokens().new() for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("glint_") and len(token) == 49 and token.isascii() for token in tokens)
    assert len(token_hash(tokens.pop())) == 32


def test_a_secret_file_is_its_owners_alone_and_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret-key"
    made, new = kept_secret(path, new_secret_key)
    assert new
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept_secret(path, lambda: "another") == (made, False)
    assert [each.name for each in path.parent.iterdir()] == ["secret-key"]


def test_of_many_that_start_at_once_one_makes_the_secret(tmp_path: Path) -> None:
    path = tmp_path / "admin-key"
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: kept_secret(path, RandomTokens().new), range(64)))
    assert len({secret for secret, _ in found}) == 1
    assert sum(made for _, made in found) == 1
