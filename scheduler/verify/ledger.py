"""The ledger replayed from its bytes: chain, canonical lines, numbers, the order of entropy and draw.

In: a run folder. Out: its lines as far as they can be read, and the cases of ``ledger``. Own code: the
pipeline that wrote the ledger is not asked.
"""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduler.domain.canonical import canonical_json
from scheduler.domain.errors import OneDoorError, SealError, refuse
from scheduler.domain.hashes import Profile, digest_hex, profile_named
from scheduler.domain.layout import LEDGER, SEED, anchor
from scheduler.verify.evidence import Cases

KEYS = frozenset({"seq", "prev", "kind", "stage", "files", "facts", "at", "hash"})
KINDS = frozenset({"open", "stage", "entropy", "anchor", "witness", "void"})
OUTSIDE = frozenset({"anchor", "witness"})
"""Kinds of line that tell of proofs from outside; what a run's own verdict rests on leaves them out."""
FOLDERS = ("intake", "plan", "draw", "merge")
"""Stages before any attempt, in order."""
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
AFTER_VOID = frozenset({"entropy", "draw", "publish-commit", "publish", "close", "publish-close"})
"""What may follow once a campaign is void: its list is drawn, closed and published, nothing else."""
AFTER = ("certificate", "publish", "export")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One readable line: ``files`` maps safe paths to digests, ``facts`` are what the stage told."""

    number: int
    kind: str
    stage: str
    files: dict[str, str]
    facts: dict[str, Any]
    at: str = ""
    hash: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """The ledger's readable lines and the faults of all of it, by line number from 1. ``profile`` is the hash
    that its first line names: the run's."""

    lines: tuple[Line, ...]
    faults: tuple[tuple[int, str], ...]
    n_lines: int
    profile: Profile

    def stage(self, name: str) -> Line | None:
        """The line that seals a stage folder."""
        return next((line for line in self.lines if line.kind == "stage" and line.stage == name), None)

    def reserves(self) -> tuple[str, ...]:
        """Folders of the events that call or replace people, in order of their lines."""
        return tuple(
            line.stage for line in self.lines if line.kind == "stage" and numbered(line.stage, "reserve")
        )

    def orders(self, attempt: int) -> tuple[str, ...]:
        """Folders of the orders made after the draw that stand beside an attempt, in order of their lines."""
        return tuple(
            line.stage
            for line in self.lines
            if line.kind == "stage" and numbered(line.stage, "order") and _names(line, attempt)
        )

    def attempts(self) -> tuple[int, ...]:
        """Numbers of the sealed attempts in order of their lines."""
        return tuple(
            number
            for line in self.lines
            if line.kind == "stage" and (number := attempt_number(line.stage)) > 0
        )


def attempt_number(stage: str) -> int:
    """``solve-007`` is 7; anything else is 0."""
    return numbered(stage, "solve")


def numbered(stage: str, kind: str) -> int:
    """The number of a folder of the kind, written in three digits at least; 0 for any other name."""
    head, _, digits = stage.partition("-")
    lawful = head == kind and 3 <= len(digits) <= 9 and digits.isdecimal() and digits.isascii()
    return int(digits) if lawful else 0


def read_book(run: Path) -> Book:
    """Read the ledger. Errors: ``verify.no_ledger`` (:class:`SealError`) where none can be read at all."""
    path = run / LEDGER
    try:
        data = b"" if path.is_symlink() else path.read_bytes()
    except OSError:
        data = b""
    return book_of(data)


def book_of(data: bytes) -> Book:
    """The ledger in these bytes; errors as :func:`read_book`."""
    *rows, tail = data.split(b"\n")
    faults = [(len(rows) + 1, "verify.ledger_unended")] if tail else []
    rows = [*rows, tail] if tail else rows
    lines: list[Line] = []
    named = _named_profile(rows)
    if named is None:
        faults.append((1, "verify.ledger_profile"))
    profile: Profile = named or "sha256"
    before, latest = "0" * 64, _NEVER
    for number, row in enumerate(rows, start=1):
        fields = _fields(row)
        faults += [(number, code) for code in _line_faults(row, fields, number, before, profile)]
        if _moment(fields.get("at")) < latest:
            faults.append((number, "verify.ledger_clock"))
        latest = max(latest, _moment(fields.get("at")))
        before = str(fields.get("hash", ""))
        line = _line(fields, number)
        if line is not None:
            lines.append(line)
    if not lines:
        raise refuse(SealError, "verify.no_ledger", {"file": LEDGER})
    faults += _order_faults(lines)
    return Book(lines=tuple(lines), faults=tuple(sorted(set(faults))), n_lines=len(rows), profile=profile)


def _fields(row: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(row)
        json.dumps(fields, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _named_profile(rows: Sequence[bytes]) -> Profile | None:
    """What the first line says of the hash, SHA-256 where it says nothing; None for what is no profile."""
    facts = _fields(rows[0]).get("facts") if rows else None
    return profile_named(facts.get("profile", "sha256") if isinstance(facts, dict) else "sha256")


def _line_faults(
    row: bytes, fields: dict[str, Any], number: int, before: str, profile: Profile
) -> Iterator[str]:
    try:
        canonical = canonical_json(fields)
        hashed = canonical_json({key: value for key, value in fields.items() if key != "hash"})
    except (OneDoorError, ValueError, RecursionError):
        canonical = hashed = b""
    if canonical != row or fields.keys() != KEYS:
        yield "verify.ledger_line"
        return
    if digest_hex(hashed, profile) != fields["hash"]:
        yield "verify.ledger_hash"
    if fields["seq"] != number - 1 or isinstance(fields["seq"], bool) or fields["prev"] != before:
        yield "verify.ledger_chain"
    if not _is_time(fields["at"]) or fields["kind"] not in KINDS or _line(fields, number) is None:
        yield "verify.ledger_line"


def _is_time(text: object) -> bool:
    try:
        return isinstance(text, str) and dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _moment(text: object) -> dt.datetime:
    """The time a line tells; the beginning of time where it tells none, which is a fault of its own."""
    return dt.datetime.fromisoformat(str(text)) if _is_time(text) else _NEVER


def _line(fields: dict[str, Any], number: int) -> Line | None:
    files, facts = fields.get("files"), fields.get("facts")
    kind, stage = fields.get("kind"), fields.get("stage")
    if not (isinstance(kind, str) and isinstance(stage, str)):
        return None
    if not isinstance(files, dict) or not isinstance(facts, dict):
        return None
    if not all(isinstance(digest, str) and is_safe(path) for path, digest in files.items()):
        return None
    at, digest = str(fields.get("at", "")), str(fields.get("hash", ""))
    return Line(number=number, kind=kind, stage=stage, files=files, facts=facts, at=at, hash=digest)


def is_safe(path: str) -> bool:
    """Whether a path from a ledger stays inside the run folder and is written in one way only."""
    parts = path.split("/")
    return (
        "\\" not in path
        and "\0" not in path
        and len(parts) > 1
        and not any(p in ("", ".", "..") for p in parts)
    )


def _order_faults(lines: Sequence[Line]) -> list[tuple[int, str]]:
    """Faults of the story the lines tell: one opening first, one entropy line after the plan and before
    the draw, each stage once and after what it was made from, each file in its stage's folder, the digest
    of the seed's text (which is the seed) nowhere, attempts numbered in order."""
    faults: list[tuple[int, str]] = []
    seen: list[str] = []
    for index, line in enumerate(lines):
        if line.kind in OUTSIDE:
            if not _outside_is_lawful(line, seen):
                faults.append((line.number, "verify.ledger_order"))
            seen.append(line.stage)
            continue
        name = line.stage if line.kind == "stage" else line.kind
        lawful = (
            name not in seen
            and (line.kind == "open") == (index == 0)
            and all(path.split("/")[0] == line.stage for path in line.files)
            and SEED not in line.files
            and _follows(name, seen)
            and _is_of_attempt(line, seen)
            and (line.kind == "stage" or not line.stage)
        )
        if not lawful:
            faults.append((line.number, "verify.ledger_order"))
        seen.append(name)
    return faults


def _names(line: Line, attempt: int) -> bool:
    told = line.facts.get("attempt")
    return isinstance(told, int) and not isinstance(told, bool) and told == attempt


def _is_of_attempt(line: Line, seen: Sequence[str]) -> bool:
    """Orders made after the draw stand beside the latest attempt, and then the certificate is of that one."""
    ordered = any(numbered(stage, "order") for stage in seen)
    if not numbered(line.stage, "order") and not (line.stage == "certificate" and ordered):
        return True
    return _names(line, max((attempt_number(stage) for stage in seen), default=0))


def _outside_is_lawful(line: Line, seen: Sequence[str]) -> bool:
    """A witness's key at any time after the opening, an anchor after the plan and
    before a void; anchors count from 1."""
    if line.kind == "witness":
        return bool(seen) and not line.stage and not line.files
    number = 1 + sum(stage.startswith("anchor-") for stage in seen)
    return (
        "plan" in seen
        and "void" not in seen
        and line.stage == anchor(number)
        and bool(line.files)
        and all(path.split("/")[0] == line.stage for path in line.files)
    )


def _follows(name: str, seen: Sequence[str]) -> bool:
    attempts = [number for stage in seen if (number := attempt_number(stage))]
    before = {
        "open": (),
        "intake": ("open",),
        "plan": ("intake",),
        "entropy": ("plan",),
        "draw": ("entropy",),
        "merge": ("draw",),
        "publish": ("certificate",),
        "export": ("certificate",),
        "void": ("plan",),
        "publish-commit": ("plan",),
        "publish-close": ("close",),
    }
    if ("void" in seen and name not in AFTER_VOID) or (name == "void" and "close" in seen):
        return False
    if name == "close":
        return "certificate" in seen or "void" in seen
    if name in before:
        return all(stage in seen for stage in before[name])
    if name == "certificate":
        return bool(attempts)
    ordered = _next(seen, "order") > 1
    events = {
        "reserve": "merge" in seen and not attempts,
        "order": bool(attempts) and "certificate" not in seen,
        "solve": "merge" in seen and "certificate" not in seen and not ordered,
    }
    kind = name.partition("-")[0]
    return events.get(kind, False) and numbered(name, kind) == _next(seen, kind)


def _next(seen: Sequence[str], kind: str) -> int:
    """The number due for the next folder of the kind."""
    return 1 + sum(numbered(stage, kind) > 0 for stage in seen)


def ledger_cases(book: Book, kept: frozenset[int]) -> Cases:
    """The tally of the ledger; lines in ``kept`` are the cases, faults of all lines are told."""
    cases = Cases("ledger")
    cases.checked = len(kept)
    for number, code in book.faults:
        cases.broken(code, file=LEDGER, line=number)
    return cases
