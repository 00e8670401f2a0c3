"""Secrets at rest, the tokens of keys, and the files a first start makes."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.adapters.key_files import kept_secret
from app.adapters.key_ring_file import KeyRingFile
from app.adapters.secrets import AesGcmSecrets, RandomTokens, encode_key, key_id, new_secret_key
from app.application.ports.secrecy import RotationUnderWay, SealedByOther
from app.application.token_hash import token_hash
from app.config import Settings

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


def ring_of(file: KeyRingFile) -> AesGcmSecrets:
    keys, _ = file.load()
    return AesGcmSecrets(keys[0], keys[1:], reread=file.reread)


def test_a_ring_that_is_in_use_follows_its_file(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    running = ring_of(KeyRingFile(path))
    before = running.seal(b"before", ROW)
    assert KeyRingFile(path).renew()
    fresh = ring_of(KeyRingFile(path))
    assert running.open(fresh.seal(b"after", ROW), ROW) == b"after"
    assert fresh.is_current(running.seal(b"x", ROW))
    assert not running.is_current(before)
    assert running.key_ids() == fresh.key_ids()
    assert running.sealed_by(before) == fresh.key_ids()[1]


def test_what_is_sealed_after_a_new_key_is_sealed_with_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    running = ring_of(KeyRingFile(path))
    KeyRingFile(path).renew()
    assert ring_of(KeyRingFile(path)).is_current(running.seal(b"x", ROW))


def test_a_key_that_was_dropped_from_the_file_still_opens_what_was_read_before(tmp_path: Path) -> None:
    file = KeyRingFile(tmp_path / "secret-key")
    running = ring_of(file)
    read_before = running.seal(b"x", ROW)
    assert KeyRingFile(file.path).renew()
    assert KeyRingFile(file.path).drop_older() == 1
    assert not running.is_current(read_before)
    assert running.open(read_before, ROW) == b"x"
    with pytest.raises(SealedByOther):
        ring_of(KeyRingFile(file.path)).open(read_before, ROW)


def test_an_unknown_key_is_looked_for_in_the_file_only_where_it_changed(tmp_path: Path) -> None:
    file = KeyRingFile(tmp_path / "secret-key")
    keys, _ = file.load()
    reads: list[int] = []

    def reread() -> tuple[bytes, ...]:
        found = file.reread()
        reads.append(len(found))
        return found

    ring = AesGcmSecrets(keys[0], reread=reread)
    stranger = AesGcmSecrets(OTHER).seal(b"x", ROW)
    for _ in range(3):
        with pytest.raises(SealedByOther):
            ring.open(stranger, ROW)
    assert sum(reads) == 0
    file.path.write_text(f"{encode_key(keys[0])}\n{encode_key(OTHER)}\n")
    assert ring.open(stranger, ROW) == b"x"


def test_a_rotation_that_was_not_finished_goes_on_with_its_key(tmp_path: Path) -> None:
    file = KeyRingFile(tmp_path / "secret-key")
    first, _ = file.load()
    assert file.renew()
    begun = file.path.read_text()
    assert not file.renew()
    assert file.path.read_text() == begun
    assert begun.splitlines()[1:] == [encode_key(first[0])]
    assert file.drop_older() == 1
    assert file.path.read_text() == begun.splitlines()[0] + "\n"
    assert file.drop_older() == 0
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["secret-key"]


def test_what_a_killed_rotation_left_behind_is_cleared_away(tmp_path: Path) -> None:
    file = KeyRingFile(tmp_path / "secret-key")
    file.load()
    (tmp_path / "secret-key.0123456789abcdef").write_text(encode_key(KEY))
    kept = ("admin-key", "secret-key.bak", "secret-key.2026-11-22")
    for name in kept:
        (tmp_path / name).write_text("not ours")
    file.renew()
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(("secret-key", *kept))


def test_one_rotation_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    KeyRingFile(path).load()
    with KeyRingFile(path).exclusively(), pytest.raises(RotationUnderWay), KeyRingFile(path).exclusively():
        pass
    with KeyRingFile(path).exclusively():
        pass


def test_a_ring_that_is_gone_or_unreadable_while_in_use_changes_nothing(tmp_path: Path) -> None:
    file = KeyRingFile(tmp_path / "secret-key")
    ring = ring_of(file)
    file.path.unlink()
    assert ring.open(ring.seal(b"x", ROW), ROW) == b"x"


@pytest.mark.parametrize("content", ["", "\n\n", "nonsense\n", encode_key(KEY[:16]) + "\n"])
def test_a_file_of_anything_else_is_refused_without_showing_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret-key"
    path.write_text(content)
    with pytest.raises(ValueError, match="secret-key") as caught:
        KeyRingFile(path).load()
    assert not content.strip() or content.strip() not in str(caught.value)


def test_a_file_that_root_replaces_stays_its_owners(tmp_path: Path) -> None:
    owner = 10001 if os.geteuid() == 0 else os.geteuid()  # only root may give files away
    file = KeyRingFile(tmp_path / "secret-key")
    file.load()
    os.chown(file.path, owner, -1)
    assert file.renew()
    assert (file.path.stat().st_uid, stat.S_IMODE(file.path.stat().st_mode)) == (owner, 0o600)


@pytest.mark.parametrize("name", ["GLINT_SECRET_KEY", "GLINT_OLD_SECRET_KEYS"])
@pytest.mark.parametrize("value", ["no base64!", encode_key(KEY[:31]), f"{encode_key(KEY)},c2hvcnQ="])
def test_a_setting_that_is_no_key_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name) as caught:
        Settings()
    assert value not in str(caught.value)


def test_old_keys_are_listed_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLINT_OLD_SECRET_KEYS", f"{encode_key(KEY)}, {encode_key(OTHER)} ,")
    assert [each.get_secret_value() for each in Settings().old_secret_keys] == [encode_key(KEY), encode_key(OTHER)]
