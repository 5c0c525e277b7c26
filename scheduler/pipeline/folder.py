"""The write-once run folder: a stage is written aside, renamed into place, then told to the ledger.

In: a folder and functions that write a stage's files. Out: sealed stages, or nothing that looks sealed.
May import: :mod:`scheduler.domain` and the ledger.

Whatever moment the process is killed at, one of these stands: a hidden ``.tmp-`` folder, a stage folder
without a line, or an unfinished line. None counts as sealed; the next call clears it and carries on.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from scheduler.domain.errors import InputError, Problem, SealError, UsageError, refuse
from scheduler.domain.hashes import Profile, file_digest
from scheduler.domain.layout import LEDGER, STAGES, anchor, attempt, order, reserve
from scheduler.domain.ports import Progress
from scheduler.pipeline.ledger import (
    Entry,
    Fact,
    Kind,
    line_of,
    next_entry,
    profile_of,
    read_ledger,
    refuse_earlier,
)

try:
    import fcntl
except ImportError:  # Windows has no flock; there, two writers are kept apart by the operator
    fcntl = None  # type: ignore[assignment]

TEMP = ".tmp-"
AFTER_VOID = frozenset({"draw", "publish-commit", "publish", "publish-close", "close"})
"""What may still be sealed once a campaign is void: its list is drawn and published all the same."""

Write = Callable[[Path], Mapping[str, Fact]]
"""Writes a stage's files into the folder given and returns the facts for its ledger line."""


def silent(_code: str, /, **_params: str | int) -> None:
    """Progress that nobody listens to."""


class RunFolder:
    """One run, held by this process alone as long as it is open."""

    def __init__(self, path: Path, ledger: BinaryIO, progress: Progress) -> None:
        self.path = path
        self.progress = progress
        self._ledger = ledger
        reading = read_ledger(ledger.read())
        refuse_earlier(reading.entries)
        self.entries = reading.entries
        self._torn, self._unended = reading.torn, reading.unended

    @property
    def profile(self) -> Profile:
        """The hash of this run, as its first line names it; SHA-256 before there is one."""
        return (profile_of(self.entries[0].facts) if self.entries else None) or "sha256"

    def sealed(self, stage: str) -> Entry | None:
        """The ledger line of a stage folder (``solve-001`` for an attempt), None where it is not sealed."""
        kinds = ("stage", "anchor")
        found = (entry for entry in self.entries if entry.kind in kinds and entry.stage == stage)
        return next(found, None)

    def attempts(self) -> tuple[Entry, ...]:
        """The sealed solve attempts in order."""
        numbered = (self.sealed(attempt(number)) for number in range(1, len(self.entries) + 1))
        return tuple(entry for entry in numbered if entry)

    def reserves(self) -> tuple[Entry, ...]:
        """The sealed events that called or replaced people, in order."""
        numbered = (self.sealed(reserve(number)) for number in range(1, len(self.entries) + 1))
        return tuple(entry for entry in numbered if entry)

    def orders(self) -> tuple[Entry, ...]:
        """The sealed events that brought orders made after the draw, in order."""
        numbered = (self.sealed(order(number)) for number in range(1, len(self.entries) + 1))
        return tuple(entry for entry in numbered if entry)

    def entropy(self) -> Entry | None:
        """The line that tells which seed was fixed, None before any was."""
        return next((entry for entry in self.entries if entry.kind == "entropy"), None)

    def void(self) -> Entry | None:
        """The line that declares the campaign void, None where none does."""
        return next((entry for entry in self.entries if entry.kind == "void"), None)

    def refuse_voided(self, stage: str) -> None:
        """After a void only what publishes its list may follow.

        Errors: ``pipeline.voided`` (:class:`UsageError`).
        """
        if self.void() and stage not in AFTER_VOID:
            raise refuse(UsageError, "pipeline.voided", stage=stage)

    def check(self, stages: Iterable[str]) -> None:
        """Compare every file of the stages with its sealed digest.

        Errors: ``pipeline.missing_file``, ``pipeline.changed_file`` (:class:`SealError`), all at once.
        """
        problems = [
            Problem(code=code, place={"file": path})
            for stage in stages
            for path, digest in self.require(stage).files.items()
            if (code := self._fault(path, digest))
        ]
        if problems:
            raise SealError(problems)

    def require(self, stage: str) -> Entry:
        """A sealed stage's line. Errors: ``pipeline.stage_missing`` (:class:`UsageError`)."""
        entry = self.sealed(stage)
        if entry is None:
            raise refuse(UsageError, "pipeline.stage_missing", run=str(self.path), stage=stage)
        return entry

    def open(self, facts: Mapping[str, Fact]) -> None:
        """Write the first line, once."""
        if not self.entries:
            self.append("open", facts=facts)

    def anchors(self) -> tuple[Entry, ...]:
        """The lines of the proofs from outside, in order."""
        return tuple(entry for entry in self.entries if entry.kind == "anchor")

    def seal(
        self,
        stage: str,
        write: Write,
        *,
        unlisted: frozenset[str] = frozenset(),
        digests: Mapping[str, str] | None = None,
        kind: Literal["stage", "anchor"] = "stage",
    ) -> Entry:
        """Write a stage, move it into place and tell the ledger; on any error nothing of it stays.

        ``unlisted`` names files whose digest must not stand in the ledger (that of the seed's text would
        be the seed itself); ``digests`` has those that ``write`` took of what it wrote.
        """
        self._refuse_unwritable()
        self.refuse_voided(stage)
        temp = self.path / f"{TEMP}{stage}"
        temp.mkdir()
        try:
            facts = write(temp)
            names = sorted(p.relative_to(temp).as_posix() for p in temp.rglob("*") if p.is_file())
            files = {
                f"{stage}/{name}": (digests or {}).get(name) or file_digest(temp / name, self.profile)
                for name in names
                if name not in unlisted
            }
            _sync_tree(temp)
        except BaseException:
            shutil.rmtree(temp)
            raise
        temp.rename(self.path / stage)
        _sync(self.path)
        return self.append(kind, stage, files=files, facts=facts)

    def append(
        self,
        kind: Kind,
        stage: str = "",
        *,
        files: Mapping[str, str] | None = None,
        facts: Mapping[str, Fact] | None = None,
    ) -> Entry:
        """Add one line and wait until it is on the disk."""
        self._refuse_unwritable()
        entry = next_entry(self.entries, kind, stage, files=files, facts=facts)
        self._write(line_of(entry))
        self.entries = (*self.entries, entry)
        return entry

    def tidy(self) -> None:
        """Clear what a killed call left: its unfinished line, its hidden folder, its unsealed stage.

        Told, never silent; nothing happens in a read-only folder. Errors: ``pipeline.stray``
        (:class:`SealError`) for an unsealed stage folder that no interrupted call explains.
        """
        if not self._ledger.writable():
            return
        self._mend()
        for path in sorted(self.path.iterdir()):
            if path.name.startswith(TEMP) or (path.is_dir() and self._unsealed(path.name)):
                self.progress("pipeline.cleared", folder=path.name)
                _remove(path)

    def _mend(self) -> None:
        if self._torn:
            self._ledger.truncate(self._ledger.seek(-len(self._torn), os.SEEK_END))
            self.progress("pipeline.tail_cut", n_bytes=len(self._torn))
            self._write(b"")
        elif self._unended:
            self._write(b"\n")
            self.progress("pipeline.tail_ended")

    def _write(self, data: bytes) -> None:
        self._ledger.seek(0, os.SEEK_END)
        self._ledger.write(data)
        self._ledger.flush()
        os.fsync(self._ledger.fileno())

    def _unsealed(self, name: str) -> bool:
        """Whether this is a stage folder that a call killed before its ledger line left behind."""
        due = self._due()
        if self.sealed(name) or not (
            name in STAGES or name.startswith(("solve-", "anchor-", "reserve-", "order-"))
        ):
            return False
        if name not in due:
            raise refuse(SealError, "pipeline.stray", {"file": f"{name}/"})
        return True

    def _due(self) -> frozenset[str]:
        """The stage folders that a call may have been writing, after what the ledger tells."""
        attempts = self.attempts()
        conditions = {
            "intake": self.entries,
            "plan": self.sealed("intake"),
            "draw": self.entropy(),
            "merge": self.sealed("draw"),
            attempt(len(attempts) + 1): self.sealed("merge"),
            reserve(len(self.reserves()) + 1): self.sealed("merge") and not attempts,
            order(len(self.orders()) + 1): attempts and not self.sealed("certificate"),
            anchor(len(self.anchors()) + 1): self.sealed("plan"),
            "certificate": attempts,
            "publish": self.sealed("certificate"),
            "export": self.sealed("certificate"),
            "close": self.sealed("certificate") or self.void(),
            "publish-commit": self.sealed("plan"),
            "publish-close": self.sealed("close"),
        }
        return frozenset(name for name, condition in conditions.items() if condition)

    def _fault(self, path: str, digest: str) -> str:
        file = self.path / path
        if file.is_symlink() or not file.is_file():
            return "pipeline.missing_file"
        return "" if file_digest(file, self.profile) == digest else "pipeline.changed_file"

    def _refuse_unwritable(self) -> None:
        if not self._ledger.writable():
            raise refuse(InputError, "pipeline.unwritable", {"file": str(self.path)})


@contextmanager
def opened(run: Path, *, create: bool = False, progress: Progress | None = None) -> Iterator[RunFolder]:
    """Open a run for one process; one that was made for this and got nothing is not left standing.

    Errors: ``pipeline.no_run``, ``pipeline.not_a_run``, ``pipeline.locked`` (:class:`UsageError`),
    ``pipeline.unwritable`` (:class:`InputError`), ``pipeline.ledger_broken`` (:class:`SealError`).
    """
    refuse_other_folder(run)
    is_there = run.exists()
    made = create and _create(run)
    if not (run / LEDGER).is_file():
        raise refuse(UsageError, "pipeline.no_run", {"file": str(run)})
    folder = None
    try:
        with _ledger(run / LEDGER) as stream:
            _lock(stream, run)
            folder = RunFolder(run, stream, progress or silent)
            folder.tidy()
            yield folder
    except BaseException:
        if made and folder is not None and [path.name for path in run.iterdir()] == [LEDGER]:
            _unmake(run, with_folder=not is_there)
        raise


def refuse_other_folder(run: Path) -> None:
    """Refuse a path that holds something else than a run.

    Errors: ``pipeline.not_a_run`` (:class:`UsageError`), naming what stands there.
    """
    if run.is_dir() and not (run / LEDGER).exists():
        found = sorted(path.name for path in run.iterdir())
        if found:
            raise refuse(UsageError, "pipeline.not_a_run", {"file": str(run)}, found=found[0])
    elif run.exists() and not run.is_dir():
        raise refuse(UsageError, "pipeline.not_a_run", {"file": str(run)}, found=run.name)


def _create(run: Path) -> bool:
    """Make a run where there is none; whether it was made."""
    if (run / LEDGER).is_file():
        return False
    try:
        run.mkdir(parents=True, exist_ok=True)
        (run / LEDGER).touch()
    except OSError as error:
        raise refuse(InputError, "pipeline.unwritable", {"file": str(run)}) from error
    _sync(run)
    _sync(run.parent)
    return True


def _unmake(run: Path, *, with_folder: bool) -> None:
    """Remove a run that holds nothing but its ledger."""
    (run / LEDGER).unlink()
    if with_folder:
        run.rmdir()


def _ledger(path: Path) -> BinaryIO:
    """The ledger for reading and appending, or for reading only where the folder is read-only."""
    try:
        return path.open("r+b")
    except OSError:
        return path.open("rb")


def _lock(stream: BinaryIO, run: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise refuse(UsageError, "pipeline.locked", {"file": str(run)}) from error


def _remove(path: Path) -> None:
    """Remove a folder with all in it; of a link, only the link."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folder for syncing; its renames are journalled
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
