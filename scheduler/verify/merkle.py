"""Merkle proofs checked as RFC 9162 §2.1.3.2 and §2.1.4.2 say, and the frame's root recomputed.

In: digests, or the sealed frame and the key of its salts. Out: yes or no, or the root. Own code: the
draw's tree is not asked (that one reduces level by level, this one splits as the RFC's definition does).
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from scheduler.domain.hashes import NewHash, Profile, hasher

DIGEST_BYTES = 32


def node(left: bytes, right: bytes, new: NewHash) -> bytes:
    """HASH(0x01 || left || right)."""
    return new(b"\x01" + left + right).digest()


def leaf(row: str, salt: str, profile: Profile = "sha256") -> bytes:
    """HASH(0x00 || row || "|" || salt) of a row of the frame."""
    return hasher(profile)(f"\0{row}|{salt}".encode()).digest()


def includes(
    root: bytes,
    size: int,
    index: int,
    leaf_hash: bytes,
    path: Sequence[bytes],
    profile: Profile = "sha256",
) -> bool:
    """Whether the leaf stands at ``index`` (from 0) of the tree with this root and size."""
    new = hasher(profile)
    if not 0 <= index < size or len(leaf_hash) != DIGEST_BYTES:
        return False
    fn, sn, found = index, size - 1, leaf_hash
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node(sibling, found, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node(found, sibling, new)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def extends(
    first: bytes,
    n_first: int,
    second: bytes,
    n_second: int,
    path: Sequence[bytes],
    profile: Profile = "sha256",
) -> bool:
    """Whether the second tree is the first one with leaves added; an empty first tree proves nothing."""
    if not 0 < n_first <= n_second:
        return False
    if n_first == n_second:
        return not path and first == second
    if not path:
        return False
    steps = [first, *path] if n_first & (n_first - 1) == 0 else list(path)
    start = hasher(profile)
    fn, sn = n_first - 1, n_second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = steps[0]
    for sibling in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node(sibling, old, start), node(sibling, new, start)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node(new, sibling, start)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and old == first and new == second


def root_of(leaves: Iterable[bytes], profile: Profile = "sha256") -> tuple[str, int]:
    """Root and size of a tree whose leaves come one by one; held are the perfect subtrees on its edge."""
    new = hasher(profile)
    edge: list[bytes] = []
    size = 0
    for found in leaves:
        top, full = found, size
        while full & 1:
            top, full = node(edge.pop(), top, new), full >> 1
        edge.append(top)
        size += 1
    top = edge.pop() if edge else new().digest()
    while edge:
        top = node(edge.pop(), top, new)
    return top.hex(), size


def frame_root(frame: Path, frame_key: str, profile: Profile = "sha256") -> tuple[str, int]:
    """Root and size of the tree over a sealed ``frame.csv``.

    Errors: ``OSError``, ``ValueError`` and :class:`csv.Error` where the file is not what it has to be.
    """
    with frame.open("rb") as stream:
        stream.readline()
        return root_of(_salted(_rows(stream), frame_key, hasher(profile)), profile)


def _rows(stream: Iterable[bytes]) -> Iterator[bytes]:
    """Rows without their line feed; a quoted cell may hold one."""
    held = b""
    for line in stream:
        held += line
        if held.count(b'"') % 2 == 0:
            yield held.removesuffix(b"\n")
            held = b""
    if held:
        yield held


def _salted(rows: Iterable[bytes], frame_key: str, new: NewHash) -> Iterator[bytes]:
    """The leaves; the key's part of each salt is hashed once."""
    start = new(f"onedoor-salt|{frame_key}|".encode())
    for row in rows:
        state = start.copy()
        state.update(_ident(row) if row.startswith(b'"') else row.split(b",", 1)[0])
        salt = state.hexdigest()
        yield new(b"\x00" + row + b"|" + salt.encode()).digest()


def _ident(row: bytes) -> bytes:
    return next(csv.reader([row.decode()]), [""])[0].encode()
