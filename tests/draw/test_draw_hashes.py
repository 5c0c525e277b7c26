"""SHA-256 and SM3 under one shape: the standard's vectors, OpenSSL beside the plain SM3, pieces, copies."""

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain import hashes
from scheduler.domain.hashes import PROFILES, Profile, Sm3, digest_hex, file_digest, hasher, profile_named

VECTORS = {
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
    b"": "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b",
}
"""The first two are examples 1 and 2 of GB/T 32905-2016, appendix A; the third is OpenSSL's."""

HAS_SM3 = "sm3" in hashlib.algorithms_available


@pytest.mark.parametrize("data", VECTORS)
def test_the_plain_sm3_gives_the_standards_examples(data: bytes) -> None:
    assert Sm3(data).hexdigest() == VECTORS[data]
    assert digest_hex(data, "sm3") == VECTORS[data]


def test_sm3_is_the_openssl_programs() -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl program here")
    for size in (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000):
        data = bytes(n % 251 for n in range(size))
        command = ["openssl", "dgst", "-sm3", "-r"]
        done = subprocess.run(command, input=data, capture_output=True, check=False)
        if done.returncode:
            pytest.skip("an openssl program without SM3")
        assert done.stdout.decode()[:64] == Sm3(data).hexdigest() == digest_hex(data, "sm3")


@pytest.mark.skipif(not HAS_SM3, reason="hashlib has no sm3 here")
@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_the_plain_sm3_is_openssls(data: bytes) -> None:
    assert Sm3(data).digest() == hashlib.new("sm3", data).digest()


@pytest.mark.skipif(not HAS_SM3, reason="hashlib has no sm3 here")
def test_the_plain_sm3_is_openssls_at_every_length_up_to_four_blocks() -> None:
    data = bytes(n * 7 % 256 for n in range(260))
    for size in range(260):
        assert Sm3(data[:size]).hexdigest() == hashlib.new("sm3", data[:size]).hexdigest()


@given(st.lists(st.binary(max_size=90), max_size=6), st.binary(max_size=90))
@settings(max_examples=50, deadline=None)
def test_pieces_and_copies_give_what_the_whole_gives(pieces: list[bytes], more: bytes) -> None:
    whole = b"".join(pieces)
    for new, due in ((hasher("sha256"), hashlib.sha256), (hasher("sm3"), Sm3), (Sm3, Sm3)):
        state = new()
        for piece in pieces:
            state.update(piece)
        again = state.copy()
        again.update(more)
        assert state.digest() == due(whole).digest()
        assert again.hexdigest() == due(whole + more).hexdigest()
        assert state.hexdigest() == due(whole).hexdigest()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_file_is_hashed_as_its_bytes(profile: Profile, tmp_path: Path) -> None:
    data = bytes(range(256)) * 1500
    (tmp_path / "file").write_bytes(data)
    assert len(data) > hashes.PIECE_BYTES
    assert file_digest(tmp_path / "file", profile) == hasher(profile)(data).hexdigest()


def test_where_openssl_has_no_sm3_the_plain_one_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_words: object, **_named: object) -> NoReturn:
        raise ValueError("unsupported hash type sm3")

    monkeypatch.setattr(hashlib, "new", refused)
    assert hasher("sm3") is Sm3
    assert digest_hex(b"abc", "sm3") == VECTORS[b"abc"]
    assert hasher("sha256") is hashlib.sha256


def test_only_the_two_profiles_have_names() -> None:
    assert [profile_named(name) for name in PROFILES] == list(PROFILES)
    assert [profile_named(name) for name in ("SM3", "md5", "", None, 3, ["sm3"])] == [None] * 6


def test_the_two_profiles_agree_on_nothing() -> None:
    for data in VECTORS:
        assert digest_hex(data, "sm3") != digest_hex(data, "sha256")
