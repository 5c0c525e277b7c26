"""The tree over the frame: known roots of RFC 9162's tree, paths, salts, strange rows."""

import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.codec import csv_bytes
from scheduler.domain.hashes import Profile, hasher
from scheduler.domain.plan import FrameRow
from scheduler.draw import frame_records, frame_tree, inclusion
from scheduler.draw import merkle as own
from scheduler.verify import merkle

KEY = "0f" * 32
LEAVES = [
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Roots of the first 1, 2 … 8 test leaves of the Certificate Transparency log (RFC 6962 and 9162 alike),
in transparency-dev/merkle ``testonly/constants.go``."""


def hashed(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def rows(n: int) -> bytes:
    return csv_bytes(
        FrameRow,
        (
            FrameRow(
                enterprise_id=f"E{k:05d}",
                authority="局",
                unit="所",
                district="330182",
                industry="H6210",
                risk_class="ABCD"[k % 4],  # type: ignore[arg-type]
                tags=("餐饮", "零售")[: k % 3],
            )
            for k in range(n)
        ),
    )


def records(data: bytes) -> list[tuple[bytes, bytes]]:
    return list(frame_records(io.BytesIO(data)))


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_known_ones_in_both_implementations(size: int) -> None:
    leaves = [hashed(data) for data in LEAVES[:size]]
    assert own._reduced(leaves, None, hashlib.sha256)[0].hex() == ROOTS[size - 1]
    assert merkle.root_of(leaves) == (ROOTS[size - 1], size)


def test_of_no_rows_the_root_is_the_hash_of_nothing(profile: Profile) -> None:
    nothing = hasher(profile)().hexdigest()
    assert merkle.root_of([], profile) == (nothing, 0)
    tree = frame_tree([], KEY, profile)
    assert (tree.root, tree.size) == (nothing, 0)
    assert inclusion([], KEY, "E1", profile) is None


def test_a_tree_of_three_rows_is_hashed_by_hand(profile: Profile) -> None:
    new, table = hasher(profile), records(rows(3))
    leaves = []
    for ident, row in table:
        salt = new(f"onedoor-salt|{KEY}|{ident.decode()}".encode()).hexdigest()
        leaves.append(new(b"\0" + row + b"|" + salt.encode()).digest())
    left = new(b"\1" + leaves[0] + leaves[1]).digest()
    root = new(b"\1" + left + leaves[2]).hexdigest()
    assert frame_tree(table, KEY, profile) == own.FrameTree(root=root, size=3)
    found = inclusion(table, KEY, "E00002", profile)
    assert found is not None
    assert found.path == (left.hex(),)


@given(st.integers(1, 70), st.data())
@settings(max_examples=60, deadline=None)
def test_every_row_has_a_path_that_leads_to_the_root_and_to_no_other_place(
    profile: Profile, size: int, data: st.DataObject
) -> None:
    table = records(rows(size))
    index = data.draw(st.integers(0, size - 1))
    found = inclusion(table, KEY, f"E{index:05d}", profile)
    assert found is not None
    assert (found.index, found.tree) == (index, frame_tree(table, KEY, profile))
    path = [bytes.fromhex(digest) for digest in found.path]
    leaf, root = merkle.leaf(found.row, found.salt, profile), bytes.fromhex(found.tree.root)
    other: Profile = "sha256" if profile == "sm3" else "sm3"
    assert merkle.includes(root, size, index, leaf, path, profile)
    assert not path or not merkle.includes(root, size, index, leaf, path, other)
    for place in {*range(size + 2)} - {index}:
        assert not merkle.includes(root, size, place, leaf, path, profile)
    wrong = merkle.leaf(found.row + "x", found.salt, profile)
    assert not merkle.includes(root, size, index, wrong, path, profile)
    assert not merkle.includes(root, size, index, leaf, [*path, root], profile)
    assert not path or not merkle.includes(root, size, index, leaf, path[:-1], profile)


@pytest.mark.parametrize("chunk", [1, 2, 4, 8])
def test_the_size_of_a_chunk_changes_nothing(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    table = records(rows(37))
    whole = [inclusion(table, KEY, f"E{k:05d}") for k in range(37)]
    monkeypatch.setattr(own, "CHUNK", chunk)
    assert [inclusion(table, KEY, f"E{k:05d}") for k in range(37)] == whole


def test_the_checkers_root_is_the_draws(profile: Profile, tmp_path: Path) -> None:
    path = tmp_path / "frame.csv"
    path.write_bytes(rows(101))
    tree = frame_tree(records(path.read_bytes()), KEY, profile)
    assert merkle.frame_root(path, KEY, profile) == (tree.root, tree.size) == (tree.root, 101)


def test_quotes_commas_and_line_ends_in_cells_are_part_of_one_row(tmp_path: Path) -> None:
    odd = FrameRow(
        enterprise_id='A,"1"',
        authority="局\n二行",
        unit='"所"',
        district="1",
        industry="",
        risk_class="A",
        tags=("甲,乙", "丙\n丁"),
    )
    plain = FrameRow(enterprise_id="B", authority="局", unit="所", district="1", industry="", risk_class="B")
    path = tmp_path / "frame.csv"
    path.write_bytes(csv_bytes(FrameRow, (odd, plain)))
    table = records(path.read_bytes())
    assert [ident.decode() for ident, _ in table] == ['A,"1"', "B"]
    assert b"\n".join(row for _, row in table) + b"\n" == path.read_bytes().split(b"\n", 1)[1]
    tree = frame_tree(table, KEY)
    assert merkle.frame_root(path, KEY) == (tree.root, 2)


def test_salts_differ_by_row_and_by_key_and_hide_the_row() -> None:
    table = records(rows(4))
    found = [inclusion(table, key, f"E0000{k}") for key in (KEY, "1" * 64) for k in range(4)]
    assert len({one.salt for one in found if one}) == 8
    one = found[0]
    assert one is not None
    guesses = {hashed(row) for _, row in table} | {hashlib.sha256(row).digest() for _, row in table}
    assert not guesses & {bytes.fromhex(digest) for digest in one.path}
    assert KEY not in repr(one)


def test_a_damaged_file_gives_rows_all_the_same() -> None:
    assert records(b"") == []
    assert records(b"head\n") == []
    assert len(records(b'head\n"E1,half')) == 1
