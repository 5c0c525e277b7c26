"""The frame's Merkle tree (RFC 9162 §2.1) over salted rows; docs/draw-spec.md §15.

In: the lines of ``plan/frame.csv`` and the key of their salts. Out: the root for the plan, and for one
enterprise its row, salt and path. May import: the domain, the standard library. Read as a stream: of the
rows no more than one chunk is held, of a year's metropolis (6.43 million rows) a few hundred digests.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from scheduler.domain.hashes import NewHash, Profile, digest_hex, hasher

CHUNK = 1 << 14
"""Leaves reduced at a time; a power of two, so that every full chunk is one perfect subtree."""

Record = tuple[bytes, bytes]
"""An enterprise's id and its line of the frame without the line feed at the end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameTree:
    """Root (64 hexadecimal digits) and number of rows; of no rows the root is the digest of nothing."""

    root: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Inclusion:
    """Where one row stands: ``index`` from 0, ``path`` from the leaf upwards, digests in hexadecimal."""

    tree: FrameTree
    index: int
    row: str
    salt: str
    path: tuple[str, ...]


def frame_records(lines: Iterable[bytes]) -> Iterator[Record]:
    """The rows of a canonical ``frame.csv`` without its heading, from the file's lines."""
    pieces = iter(lines)
    next(pieces, None)
    for line in pieces:
        whole = line
        while whole.count(b'"') % 2:  # a quoted cell holds a line feed: the row goes on
            whole += next(pieces, b'"')
        row = whole.removesuffix(b"\n")
        yield _ident(row), row


def _ident(row: bytes) -> bytes:
    if row.startswith(b'"'):
        return next(csv.reader([row.decode()]))[0].encode()
    return row.partition(b",")[0]


def frame_tree(records: Iterable[Record], frame_key: str, profile: Profile = "sha256") -> FrameTree:
    """The tree over the rows in the order given."""
    new = hasher(profile)
    return _grown(_leaves(records, frame_key, new), None, new)[0]


def inclusion(
    records: Iterable[Record], frame_key: str, enterprise_id: str, profile: Profile = "sha256"
) -> Inclusion | None:
    """The enterprise's row with its salt and path; None where no row has this id."""
    wanted, found = enterprise_id.encode(), list[tuple[int, bytes]]()

    def watched() -> Iterator[Record]:
        for index, record in enumerate(records):
            if record[0] == wanted:
                found.append((index, record[1]))
            yield record

    new = hasher(profile)
    tree, path = _grown(_leaves(watched(), frame_key, new), found, new)
    if not found:
        return None
    index, row = found[0]
    salt = salt_of(frame_key, enterprise_id, profile)
    return Inclusion(
        tree=tree, index=index, row=row.decode(), salt=salt, path=tuple(digest.hex() for digest in path)
    )


def salt_of(frame_key: str, enterprise_id: str, profile: Profile) -> str:
    """What keeps a row from being guessed: known to the enterprise and the house, to nobody beside it."""
    return digest_hex(f"onedoor-salt|{frame_key}|{enterprise_id}".encode(), profile)


def _leaves(records: Iterable[Record], frame_key: str, new: NewHash) -> Iterator[bytes]:
    head = new(f"onedoor-salt|{frame_key}|".encode())
    for ident, row in records:
        salt = head.copy()
        salt.update(ident)
        yield new(b"\0%b|%b" % (row, salt.hexdigest().encode())).digest()


def _grown(
    leaves: Iterator[bytes], found: list[tuple[int, bytes]] | None, new: NewHash
) -> tuple[FrameTree, list[bytes]]:
    """The tree, and the path of the first leaf that ``found`` names as soon as it has been read."""
    tops: list[bytes] = []
    size = 0
    path: list[bytes] = []
    place: int | None = None
    while chunk := list(islice(leaves, CHUNK)):
        inside = found[0][0] - size if found and place is None else None
        top, lower = _reduced(chunk, inside, new)
        if inside is not None:
            path, place = lower, len(tops)
        tops.append(top)
        size += len(chunk)
    root, upper = _reduced(tops, place, new) if tops else (new().digest(), [])
    return FrameTree(root=root.hex(), size=size), path + upper


def _reduced(level: list[bytes], index: int | None, new: NewHash) -> tuple[bytes, list[bytes]]:
    """The root of some digests, and the siblings on the way up from the one at ``index``.

    Level by level, an odd one at the end goes up unchanged: the same tree as RFC 9162's, which splits at
    the largest power of two.
    """
    path: list[bytes] = []
    while len(level) > 1:
        if index is not None:
            if index ^ 1 < len(level):
                path.append(level[index ^ 1])
            index >>= 1
        pairs = [
            new(b"\1" + one + other).digest() for one, other in zip(level[::2], level[1::2], strict=False)
        ]
        level = pairs + level[len(level) & ~1 :]
    return level[0], path
