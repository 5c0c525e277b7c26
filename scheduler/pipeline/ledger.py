"""The ledger: an append-only chain of hashes over everything a run sealed.

In: the bytes of ``ledger.jsonl``. Out: its entries, checked line by line, and the bytes of the next one.
May import: :mod:`scheduler.domain`.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from scheduler.domain.canonical import canonical_json
from scheduler.domain.errors import InputError, SealError, refuse
from scheduler.domain.hashes import Profile, digest_hex, profile_named
from scheduler.domain.layout import LEDGER

Kind = Literal["open", "stage", "entropy", "anchor", "witness", "void"]
Fact = str | int | bool

NO_HASH = "0" * 64
"""The ``prev`` of the first line."""

KEYS = ("at", "facts", "files", "hash", "kind", "prev", "seq", "stage")
"""Fields of a line as canonical JSON orders them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line. ``files`` maps paths in the run folder to digests; ``at`` is ISO 8601 with its offset."""

    seq: int
    prev: str
    kind: Kind
    stage: str
    files: dict[str, str]
    facts: dict[str, Fact]
    at: str
    hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A ledger as it stands: its entries, and what an interrupted append left behind them.

    ``torn`` is the unfinished line to cut off; ``unended`` says that the last entry is whole and lacks
    only its line feed.
    """

    entries: tuple[Entry, ...]
    torn: bytes = b""
    unended: bool = False


def next_entry(
    entries: tuple[Entry, ...],
    kind: Kind,
    stage: str = "",
    *,
    files: Mapping[str, str] | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> Entry:
    """The entry that follows, stamped with the clock of this computer.

    The first one's facts name the ``profile`` that it and all others are hashed with. Errors:
    ``pipeline.clock_backwards`` (:class:`InputError`) where the clock is behind the last line;
    ``pipeline.ledger_broken`` (:class:`SealError`) for a profile that is unknown.
    """
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    if entries and now < _moment(entries[-1]):
        raise refuse(InputError, "pipeline.clock_backwards", now=now.isoformat(), last=entries[-1].at)
    body: dict[str, Any] = {
        "seq": len(entries),
        "prev": entries[-1].hash if entries else NO_HASH,
        "kind": kind,
        "stage": stage,
        "files": dict(files or {}),
        "facts": dict(facts or {}),
        "at": now.isoformat(timespec="seconds"),
    }
    profile = profile_of(entries[0].facts if entries else body["facts"])
    if profile is None:
        raise refuse(SealError, "pipeline.ledger_broken", {"file": LEDGER, "row": 1})
    return Entry(**body, hash=digest_hex(canonical_json(body), profile))


def profile_of(facts: Mapping[str, Fact]) -> Profile | None:
    """The profile that a first line names: SHA-256 where it names none, as the first ledgers did; None where
    it names one that is unknown."""
    return profile_named(facts.get("profile", "sha256"))


def _moment(entry: Entry) -> dt.datetime:
    """The time a line tells. Errors: ``pipeline.ledger_broken`` where it tells none with an offset."""
    place: dict[str, str | int] = {"file": LEDGER, "row": entry.seq + 1}
    try:
        moment = dt.datetime.fromisoformat(entry.at)
    except (TypeError, ValueError) as error:
        raise refuse(SealError, "pipeline.ledger_broken", place) from error
    if moment.tzinfo is None:
        raise refuse(SealError, "pipeline.ledger_broken", place)
    return moment


def refuse_earlier(entries: tuple[Entry, ...]) -> None:
    """Refuse lines whose times run backwards; equal times are fine.

    Errors: ``pipeline.ledger_clock`` (:class:`SealError`) with the first such line.
    """
    for before, entry in pairwise(entries):
        if _moment(entry) < _moment(before):
            raise refuse(SealError, "pipeline.ledger_clock", {"file": LEDGER, "row": entry.seq + 1})


def line_of(entry: Entry) -> bytes:
    """The entry's canonical line, with its line feed."""
    return canonical_json({key: getattr(entry, key) for key in KEYS}) + b"\n"


def read_ledger(data: bytes) -> Reading:
    """All entries, each compared with its canonical bytes and chained to the one before.

    Only an unfinished last line is forgiven: a killed append leaves a beginning of a line, never a whole
    line that is wrong. Errors: ``pipeline.ledger_broken`` (:class:`SealError`) with the line.
    """
    *lines, tail = data.split(b"\n")
    entries: tuple[Entry, ...] = ()
    for line in lines:
        entries = (*entries, _entry(line, entries))
    if not tail:
        return Reading(entries=entries)
    if _is_beginning(tail):
        return Reading(entries=entries, torn=tail)
    # Whole but for the line feed: it may tell of entropy already entered, so it is kept, never dropped.
    return Reading(entries=(*entries, _entry(tail, entries)), unended=True)


def _entry(line: bytes, before: tuple[Entry, ...]) -> Entry:
    fields = _fields(line)
    try:
        entry = Entry(**fields)
        hashed = {key: value for key, value in fields.items() if key != "hash"}
        whole = (
            isinstance(entry.files, dict)
            and isinstance(entry.facts, dict)
            and (profile := profile_of((before or (entry,))[0].facts)) is not None
            and line_of(entry) == line + b"\n"
            and entry.hash == digest_hex(canonical_json(hashed), profile)
            and entry.seq == len(before)
            and entry.prev == (before[-1].hash if before else NO_HASH)
        )
    except (TypeError, ValueError, InputError):
        whole = False
    if not whole:
        raise refuse(SealError, "pipeline.ledger_broken", {"file": LEDGER, "row": len(before) + 1})
    return entry


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) and tuple(sorted(fields)) == KEYS else {}


def _is_beginning(tail: bytes) -> bool:
    """Whether the bytes can be the start of a line and no more than that.

    The first bytes must fit, and the object must not yet be closed: a line with bytes after its end was
    changed, not interrupted. Zeros at the end are what some file systems leave after a power cut.
    """
    start, kept = b'{"at":"', tail.rstrip(b"\0")
    if not (kept.startswith(start) or start.startswith(kept)):
        return False
    try:
        # A cut may fall inside a character; what is lost of it cannot close the object.
        json.JSONDecoder().raw_decode(kept.decode("utf-8", errors="ignore"))
    except (ValueError, RecursionError):
        return True
    return False
