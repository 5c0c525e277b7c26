"""A run folder judged as it lies there: every file against the ledger, then everything they say.

In: a folder. Out: its files' state, and the evidence of one attempt. Nothing is written, no link is
followed, no file outside is read.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any, Generic, TypeVar

from scheduler.domain.canonical import canonical_json, file_sha256
from scheduler.domain.codec import csv_bytes, read_csv, read_json, to_json
from scheduler.domain.errors import OneDoorError, SealError, refuse
from scheduler.domain.hashes import Profile, digest_hex, file_digest
from scheduler.domain.intake import Change, Rejected
from scheduler.domain.layout import (
    ATTEMPT_FILES,
    DELTA,
    LATE_FILES,
    LEDGER,
    REJECTED,
    RESERVE_FILES,
    SEED,
    TABLE_FILES,
    attempt,
    intake_table,
)
from scheduler.domain.registers import SORT_KEYS, TABLES
from scheduler.verify.evidence import Cases
from scheduler.verify.ledger import FOLDERS, OUTSIDE, Book, Line

Row = TypeVar("Row")
TEMP = ".tmp-"
ORDER: dict[str, tuple[str, ...]] = {
    **{intake_table(name): columns for name, columns in SORT_KEYS.items()},
    DELTA: ("table", "ident", "field"),
    "plan/frame.csv": ("enterprise_id",),
    "plan/excluded.csv": ("role", "subject_id", "task_id", "reason"),
    "draw/enterprises.csv": ("stratum_id", "rank"),
    "draw/cutoffs.csv": ("stratum_id",),
    "draw/people.csv": ("pool_id", "rank"),
    "merge/requirements.csv": ("requirement_id",),
    "merge/visits.csv": ("visit_id",),
    "schedule.csv": ("day", "start_min", "visit_id", "department_id", "person_id"),
    "unscheduled.csv": ("requirement_id",),
    "called.csv": ("pool_id", "rank", "person_id"),
    "seats.csv": ("pool_id", "visit_id"),
    "people.csv": ("pool_id", "person_id"),
    "orders.csv": ("order_id",),
    "requirements.csv": ("requirement_id",),
    "visits.csv": ("visit_id",),
}
"""The columns by which each sealed table is sorted, and by which its rows are unique."""
MAY_REPEAT = frozenset(
    {intake_table("recusals"), intake_table("history"), intake_table("leave"), intake_table("quiet")}
)
"""Tables whose identifying columns may repeat: two ranges, two pieces of evidence."""


BATCH = 1000
"""So many rows of a table are held at a time to be spelled out again."""


class Table(Generic[Row]):
    """The rows of one sealed CSV, read anew each time. ``fault`` is the code of what is wrong with their
    order or spelling and ``n_rows`` how many there are, known once they were read to the end. Errors:
    ``verify.unreadable`` with the file.
    """

    def __init__(self, run: Path, name: str, cls: type[Row]) -> None:
        self.run, self.name, self.cls = run, name, cls
        self.fault = ""
        self.n_rows = 0

    def __iter__(self) -> Iterator[Row]:
        columns = ORDER.get(self.name) or ORDER.get(self.name.rsplit("/", 1)[-1], ())
        place = _place(columns)
        before: object = None
        # Two spellings are compared here and nothing is sealed: SHA-256 serves whatever the run's hash is.
        spelled, lines = hashlib.sha256(csv_bytes(self.cls, ())), list[Row]()
        self.n_rows = 0
        try:
            for row in read_csv(self.cls, self.run / self.name):
                key = place(row)
                if before is not None and columns:
                    self._compare(before, key)
                before = key
                self.n_rows += 1
                lines.append(row)
                if len(lines) == BATCH:
                    spelled.update(_lines(self.cls, lines))
                    lines.clear()
                yield row
            spelled.update(_lines(self.cls, lines))
            if not self.fault and spelled.hexdigest() != file_sha256(self.run / self.name):
                self.fault = "verify.not_canonical"
        except (OneDoorError, OSError, ValueError) as error:
            raise unreadable(self.name, error) from error

    def _compare(self, before: Any, key: Any) -> None:
        if before > key:
            self.fault = "verify.unsorted"
        elif before == key and self.name not in MAY_REPEAT:
            self.fault = self.fault or "verify.repeated"


def _place(columns: tuple[str, ...]) -> Callable[[object], object]:
    """Where a row stands in the table's order; a single column stands for itself."""
    return attrgetter(*columns) if columns else lambda _: ()


def _lines(cls: type[Row], rows: list[Row]) -> bytes:
    """The rows as canonical CSV, without its heading."""
    return csv_bytes(cls, rows).partition(b"\n")[2]


def unreadable(name: str, error: Exception) -> OneDoorError:
    """The error for a file that cannot be read as what it has to be."""
    detail = type(error).__name__
    if isinstance(error, OneDoorError):
        first = error.problems[0]
        detail = f"{first.code} {first.params.get('field', '')}".strip()
    return refuse(SealError, "verify.unreadable", {"file": name}, detail=detail)


def document(run: Path, name: str, cls: type[Row]) -> Row:
    """A sealed JSON file. Errors: ``verify.unreadable``."""
    try:
        found = read_json(cls, run / name)
        if to_json(found) != (run / name).read_bytes():
            raise refuse(SealError, "verify.not_canonical", {"file": name})
    except (OneDoorError, OSError, ValueError, RecursionError) as error:
        raise unreadable(name, error) from error
    return found


def table_of(name: str) -> type[Any]:
    """The row class of a table by its path."""
    intake = {intake_table(table): cls for table, cls in TABLES.items()}
    events = {**LATE_FILES, **RESERVE_FILES}
    known = {**intake, REJECTED: Rejected, DELTA: Change, **TABLE_FILES, **ATTEMPT_FILES, **events}
    return known[name if name in known else name.rsplit("/", 1)[-1]]


@dataclass(frozen=True, kw_only=True)
class State:
    """A folder's files beside what the ledger lists. ``found`` maps listed files to the digests they have
    now; ``base`` are the files of the stages that an attempt's verdict rests on."""

    run: Path
    book: Book
    number: int
    found: dict[str, str] = field(default_factory=dict)

    @property
    def profile(self) -> Profile:
        """The run's hash, by the ledger's first line."""
        return self.book.profile

    @cached_property
    def base_lines(self) -> tuple[Line, ...]:
        """The lines of opening, entropy and the stages up to the attempt."""
        names = {*FOLDERS, *self.book.reserves(), attempt(self.number), *self.book.orders(self.number)}
        own = (line for line in self.book.lines if line.kind not in (*OUTSIDE, "void"))
        return tuple(line for line in own if line.kind != "stage" or line.stage in names)

    @cached_property
    def base(self) -> dict[str, str]:
        """Listed path to listed digest of those stages."""
        return {path: digest for line in self.base_lines for path, digest in line.files.items()}

    @cached_property
    def listed(self) -> dict[str, str]:
        """Listed path to listed digest of all stages."""
        return {path: digest for line in self.book.lines for path, digest in line.files.items()}

    def fact(self, kind: str, stage: str, name: str) -> object:
        """A fact that a line tells, empty where there is none."""
        lines = (line for line in self.book.lines if line.kind == kind and line.stage == stage)
        return next((line.facts.get(name, "") for line in lines), "")

    def draw_sha256(self) -> str:
        """The name of the sealed draw: the digest of its files' digests."""
        line = self.book.stage("draw")
        return "" if line is None else digest_hex(canonical_json(line.files), self.profile)


def inspect(run: Path, book: Book, number: int) -> tuple[State, Cases]:
    """Compare every file with its digest; the cases are the base's files, the violations all files'."""
    state = State(run=run, book=book, number=number)
    cases = Cases("digest")
    files, strange = _walk(run)
    for path, digest in sorted(state.listed.items()):
        fault = ""
        if path not in files:
            fault = "verify.missing_file"
        else:
            state.found[path] = _digest(run / path, book.profile)
            fault = "" if state.found[path] == digest else "verify.changed_file"
        cases.checked += path in state.base
        if fault:
            cases.broken(fault, file=path)
    allowed = {LEDGER, *state.listed, *([SEED] if book.stage("draw") else [])}
    for path in sorted(set(files) - allowed):
        cases.broken("verify.leftover" if path.startswith(TEMP) else "verify.unlisted_file", file=path)
    for path, code in strange:
        if code != "verify.unlisted_file" or not any(
            name.startswith(f"{path}/") for name in (*files, *allowed)
        ):
            cases.broken(code, file=path)
    return state, cases


def _digest(path: Path, profile: Profile) -> str:
    try:
        return file_digest(path, profile)
    except OSError:
        return ""


def _walk(run: Path) -> tuple[frozenset[str], tuple[tuple[str, str], ...]]:
    """Regular files by path, and what is strange: links, devices, folders (a fault only where empty)."""
    files: set[str] = set()
    strange: list[tuple[str, str]] = []
    todo = [""]
    while todo:
        folder = todo.pop()
        try:
            entries = sorted(os.scandir(run / folder), key=lambda entry: entry.name)
        except OSError:
            name = folder.encode(errors="backslashreplace").decode()
            strange.append((name or ".", "verify.unreadable_folder"))
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            name = path.encode(errors="backslashreplace").decode()  # what is no UTF-8 can still be told
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                todo.append(path)
                strange.append(
                    (name, "verify.leftover" if entry.name.startswith(TEMP) else "verify.unlisted_file")
                )
            elif stat.S_ISREG(mode):
                files.add(name)
            else:
                strange.append((name, "verify.symlink" if stat.S_ISLNK(mode) else "verify.strange_file"))
    return frozenset(files), tuple(sorted(strange))
