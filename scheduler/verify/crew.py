"""A sealed frame read and hashed by several processes: each holds the ids of its own lines.

In: ``plan/frame.csv``, who is exempt from which tasks. Out: how many look alike, then tickets on demand. May
import: the domain, the standard library, and of this room the replay.

Only lines that can be cut at commas are read here; for a frame with any other the answer is None, and
whoever asked reads it row by row. No process hands on an id before it is asked for tickets.
"""

import contextlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection
from operator import lt
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from scheduler.domain.frame_csv import HEADER, profile_of
from scheduler.domain.plan import FrameRow
from scheduler.verify.replay import Found, Key, Question, answer

PIECE = 1 << 22
"""Bytes of a frame that are dealt at a time. The processes take turns: neighbours have much in common, and a
long run of them would give one process more to hash than the other."""

PATIENCE_S = 5
"""So long a process may take to end by itself."""

Exempt = Mapping[bytes, tuple[str, ...]]
"""Ids in UTF-8 with the tasks that they are exempt from."""

Alike = tuple[bytes, tuple[str, ...]]
"""All that follows the id in a line, and the tasks that the enterprise is exempt from."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a process found in its lines: how many are alike, and by piece the first and the last id, for
    the order of the whole. ``ascending`` is about its own pieces."""

    sizes: dict[Alike, int]
    ends: dict[int, tuple[bytes, bytes]]
    ascending: bool


class Lines:
    """The lines of one process by what is alike, or the fact that they cannot be cut at commas."""

    def __init__(self) -> None:
        self._found: dict[Alike, bytearray] = defaultdict(bytearray)
        self._ends: dict[int, tuple[bytes, bytes]] = {}
        self._ascending = True

    def read(self, path: Path, exempt: Exempt, first: int, step: int) -> Told | None:
        """Read the pieces ``first``, ``first + step`` and so on; None also where nothing can be read."""
        try:
            return self._read(path, exempt, first, step)
        except OSError:
            return None

    def _read(self, path: Path, exempt: Exempt, first: int, step: int) -> Told | None:
        size = path.stat().st_size
        with path.open("rb") as stream:
            if stream.readline() != HEADER:
                return None
            for number in range(first, -(-size // PIECE), step):
                lines = _piece(stream, number)
                if lines is None:
                    return None
                if lines:
                    self._file(lines, exempt, number)
        if not all(ids.isascii() for ids in self._found.values()):
            return None
        sizes = {alike: ids.count(b"\n") for alike, ids in self._found.items()}
        return Told(sizes=sizes, ends=self._ends, ascending=self._ascending)

    def tickets(self, keys: Mapping[Alike, Key], question: Question) -> Found:
        """The answer for these lines; ``keys`` says what is alike to scopes and strata."""
        return answer(question, ((keys[alike], bytes(ids)) for alike, ids in self._found.items()))

    def _file(self, lines: Sequence[bytes], exempt: Exempt, number: int) -> None:
        """File the ids; a line without a comma is filed under no text, which is nobody's."""
        ids: list[bytes] = []
        alike: dict[bytes, list[bytes]] = {}
        for line in lines:
            ident, _, rest = line.partition(b",")
            ids.append(ident)
            try:
                alike[rest].append(ident)
            except KeyError:
                alike[rest] = [ident]
        for rest, own in alike.items():
            apart = exempt.keys() & set(own) if exempt else ()
            rest_of = [one for one in own if one not in apart] if apart else own
            self._found[rest, ()] += b"\n".join([*rest_of, b""])
            for one in sorted(apart):
                self._found[rest, exempt[one]] += one + b"\n"
        self._ascending = self._ascending and all(map(lt, ids, ids[1:]))
        self._ends[number] = ids[0], ids[-1]


def _piece(stream: BinaryIO, number: int) -> list[bytes] | None:
    """The lines that begin in this piece of the file, without the header; None where one needs more than
    cutting."""
    start = max(len(HEADER), number * PIECE)
    stream.seek(start - 1)
    if start > len(HEADER):
        start += len(stream.readline()) - 1  # the rest of a line that begins in the piece before
    stream.seek(start)
    text = stream.read(max(0, (number + 1) * PIECE - start))
    text += b"" if not text or text.endswith(b"\n") else stream.readline()
    if b'"' in text or b"\r" in text or (text and not text.endswith(b"\n")):
        return None
    return text.split(b"\n")[:-1] if text else []


class Hand(Protocol):
    """One share of the lines, here or in another process."""

    def told(self) -> Told | None:
        """What was found in the lines, once they are read."""
        ...

    def send(self, keys: Mapping[Alike, Key], question: Question) -> None:
        """Begin with the answer."""
        ...

    def heard(self) -> Found:
        """The answer, once it is there."""
        ...


class _Here:
    """All lines in this process."""

    def __init__(self, path: Path, exempt: Exempt) -> None:
        self._lines = Lines()
        self._told = self._lines.read(path, exempt, 0, 1)
        self._found: Found = {}

    def told(self) -> Told | None:
        return self._told

    def send(self, keys: Mapping[Alike, Key], question: Question) -> None:
        self._found = self._lines.tickets(keys, question)

    def heard(self) -> Found:
        return self._found


class _There:
    """The lines of a process of its own; a process that is gone shows as :class:`EOFError`."""

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe = pipe

    def told(self) -> Told | None:
        told: Told | None = self._pipe.recv()
        return told

    def send(self, keys: Mapping[Alike, Key], question: Question) -> None:
        self._pipe.send((keys, question))

    def heard(self) -> Found:
        found: Found = self._pipe.recv()
        return found


def work(pipe: "Connection[Any, Any]", path: Path, exempt: Exempt, first: int, step: int) -> None:
    """What a process does: reads its lines, then answers until it is told to stop or nobody is there."""
    lines = Lines()
    with contextlib.suppress(EOFError):
        pipe.send(lines.read(path, exempt, first, step))
        while (asked := pipe.recv()) is not None:
            pipe.send(lines.tickets(*asked))


@contextlib.contextmanager
def reading(path: Path, exempt: Exempt, processes: int) -> Iterator[Sequence[Hand]]:
    """Begin to read the frame; the processes end with the block."""
    if processes < 2:
        yield [_Here(path, exempt)]
        return
    context = get_context("spawn")
    pipes, started = [], []
    try:
        for number in range(processes):
            own, theirs = context.Pipe()
            process = context.Process(
                target=work, args=(theirs, path, exempt, number, processes), daemon=True
            )
            process.start()
            theirs.close()
            pipes.append(own)
            started.append(process)
        yield [_There(pipe) for pipe in pipes]
        for pipe in pipes:
            pipe.send(None)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in started:
            process.join(PATIENCE_S)
            process.terminate()
            process.join()


class Crew:
    """All shares together. ``sizes`` counts the frame; ``ascending`` says that every id of the whole frame
    is above the one before it."""

    def __init__(self, hands: Sequence[Hand], told: Sequence[Told], keys: Mapping[Alike, Key]) -> None:
        self._hands = hands
        self._keys = keys
        self.sizes: Counter[Key] = Counter()
        ends: dict[int, tuple[bytes, bytes]] = {}
        for one in told:
            ends |= one.ends
            for alike, size in one.sizes.items():
                if size:
                    self.sizes[keys[alike]] += size
        in_order = [ends[number] for number in sorted(ends)]
        self.ascending = all(one.ascending for one in told) and all(
            before[1] < after[0] for before, after in pairwise(in_order)
        )

    def ask(self, question: Question) -> Iterator[Found]:
        """The answers of all shares, hashed side by side."""
        for hand in self._hands:
            hand.send(self._keys, question)
        for hand in self._hands:
            yield hand.heard()


def crew_of(hands: Sequence[Hand]) -> Crew | None:
    """The shares once they are read; None where a line needs more than cutting at commas."""
    told = [one for one in (hand.told() for hand in hands) if one is not None]
    if len(told) < len(hands):
        return None
    rows: dict[bytes, FrameRow] = {}
    for text in sorted({text for one in told for text, _ in one.sizes}):
        row = profile_of(text)
        if row is None:
            return None
        rows[text] = row
    keys = {(text, tasks): _key(rows[text], tasks) for one in told for text, tasks in one.sizes}
    return Crew(hands, told, keys)


def _key(row: FrameRow, tasks: tuple[str, ...]) -> Key:
    return (row.district, row.industry, row.tags, tasks), row.risk_class
