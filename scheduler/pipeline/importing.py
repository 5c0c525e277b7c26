"""What an import does besides sealing: the workbook of problems, the limit of rejected rows, the comparison.

In: a campaign file, an earlier run. Out: what is to be sealed, and a workbook outside the run folder. May
import: intake and the domain.

The workbook holds what the input held, personal data that a plan does not need among it, so it never
enters the run folder; it is written whether or not the import is refused, before anything is sealed.
"""

import csv
import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir

from scheduler import intake as intake_room
from scheduler.domain.codec import read_csv
from scheduler.domain.errors import InputError, OneDoorError, UsageError, Value, refuse
from scheduler.domain.intake import Change, Register, Rejected, TableReport
from scheduler.domain.layout import LEDGER, REJECTED, intake_table
from scheduler.domain.messages import Language
from scheduler.domain.ports import Progress
from scheduler.pipeline.folder import RunFolder, opened
from scheduler.pipeline.shelf import Shelf

COMPARED: tuple[Register, ...] = ("enterprises", "inspectors")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportOptions:
    """``problems`` is where the workbook of problems goes, in ``language``; none is written without it.
    ``max_rejects`` (``20`` rows, or ``0.5%`` of each table) refuses an import that loses more. ``previous``
    is an earlier run to compare with. ``spill`` says where and how a large register is kept while it is read;
    by default in a hidden folder beside the run, removed at the end."""

    problems: Path | None = None
    language: Language = "zh"
    max_rejects: str | None = None
    previous: Path | None = None
    spill: intake_room.Spill | None = None


NOTHING_MORE = ImportOptions()
"""An import without workbook, limit or comparison."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Since:
    """How an import differs from that of an earlier run, whose ledger's head is ``head``: the changes of the
    registers, and how many problems were mended, are left, are new."""

    run: str
    head: str
    changes: tuple[Change, ...]
    mended: int
    left: int
    new: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A campaign read and not refused: what is to be sealed, and what the workbook is made of."""

    campaign_file: Path
    options: ImportOptions
    examined: intake_room.Examined
    intake: intake_room.Intake


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """The workbook of problems as written; ``file`` is empty where there was nothing to say."""

    file: str = ""
    n_problems: int = 0


def read_for_import(campaign_file: Path, run: Path, options: ImportOptions, progress: Progress) -> Read:
    """Read the campaign; where it is refused, write the workbook first.

    Errors: those of :func:`scheduler.intake.examine`; ``intake.too_many_rejects``;
    ``intake.max_rejects``, ``pipeline.problems_inside``, ``pipeline.problems_input``,
    ``pipeline.previous_same``, ``pipeline.no_run``, ``pipeline.stage_missing`` (:class:`UsageError`).
    """
    limit = intake_room.reject_limit(options.max_rejects) if options.max_rejects is not None else None
    if options.problems is not None:
        _refuse_inside(options.problems, run)
        if options.problems.exists() and not options.problems.is_file():  # a device would be replaced
            raise _unwritable(options.problems, os.strerror(errno.EEXIST))
    if options.previous is not None:
        _heads_of(options.previous, run, progress)
    progress("pipeline.reading", file=str(campaign_file))
    examined = intake_room.examine(campaign_file, progress=progress, spill=options.spill or _spill(run))
    _refuse_overwriting(campaign_file, options, examined)
    if limit is not None and (too_many := tuple(intake_room.reject_problems(examined.report.tables, limit))):
        if examined.intake and examined.intake.rest:
            examined.intake.rest.close()
        examined = replace(examined, intake=None, problems=(*examined.problems, *too_many))
    if examined.intake is None:
        write_book(options, examined, None, progress)
        raise InputError(examined.problems)
    return Read(campaign_file=campaign_file, options=options, examined=examined, intake=examined.intake)


def _heads_of(previous: Path, run: Path, progress: Progress) -> frozenset[str]:
    """The heads that the ledger of the earlier run has had. Asked for before anything is read: whoever names
    the wrong folder does not wait for millions of rows to learn it."""
    if previous.resolve() == run.resolve():
        raise refuse(UsageError, "pipeline.previous_same", {"file": str(run)})
    with opened(previous, progress=progress) as folder:
        folder.require("intake")
        return frozenset(entry.hash for entry in folder.entries)


def refuse_unanswered(folder: RunFolder, tables: Iterable[TableReport], options: ImportOptions) -> None:
    """Refuse a sealed import that is not what the options ask for: it follows no option any more.

    Errors: ``intake.too_many_rejects`` (:class:`InputError`); ``intake.max_rejects``,
    ``pipeline.compared_otherwise`` (:class:`UsageError`).
    """
    if options.max_rejects is not None:
        limit = intake_room.reject_limit(options.max_rejects)
        if too_many := tuple(intake_room.reject_problems(tables, limit)):
            raise InputError(too_many)
    if options.previous is not None:
        heads = _heads_of(options.previous, folder.path, folder.progress)
        if folder.require("intake").facts.get("previous_head") not in heads:
            place: dict[str, Value] = {"file": str(folder.path)}
            raise refuse(UsageError, "pipeline.compared_otherwise", place, previous=str(options.previous))


def _spill(run: Path) -> intake_room.Spill:
    """Beside the run folder, which does not exist yet, or else where programs keep such things."""
    beside = run.resolve().parent
    return intake_room.Spill(folder=beside if beside.is_dir() else Path(gettempdir()))


def since_previous(read: Read, tables: Path, progress: Progress) -> Since | None:
    """The comparison with the earlier run that the options name; ``tables`` is the folder of this import's
    canonical tables. Errors: those of opening a run whose intake is sealed and whole."""
    previous, intake = read.options.previous, read.intake
    if previous is None:
        return None
    with opened(previous, progress=progress) as folder:
        shelf = Shelf(folder)
        report = shelf.intake_report
        rejected = tuple(read_csv(Rejected, folder.path / REJECTED))
        found: list[Change] = []
        for table in COMPARED:
            known = intake_room.known_reasons(table, intake, rejected)
            before = _lines(folder.path / intake_table(table))
            found += intake_room.changes(table, before, _lines(tables / f"{table}.csv"), known)
        mended, left, new = intake_room.compared_problems(
            (*rejected, *report.warnings), (*intake.rejected, *intake.report.warnings)
        )
        head = folder.entries[-1].hash
    return Since(run=str(previous), head=head, changes=tuple(found), mended=mended, left=left, new=new)


def _lines(path: Path) -> Iterator[list[str]]:
    """Heading and rows of a canonical table."""
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.reader(stream, strict=True)


def write_book(
    options: ImportOptions, examined: intake_room.Examined, since: Since | None, progress: Progress
) -> Book:
    """The workbook, where it is asked for and says anything; one of an earlier try is never left standing.
    Errors: ``pipeline.problems_unwritable`` (:class:`InputError`)."""
    path = options.problems
    n_problems = len(examined.problems) + len(examined.rejected) + len(examined.report.warnings)
    if path is None or not (n_problems or since or path.exists()):
        return Book()
    more = () if since is None else (intake_room.delta_page(since.changes, options.language),)
    temp = path.with_name(f".tmp-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        n_problems = intake_room.write_problem_book(temp, examined, options.language, more)
        temp.replace(path)
    except OSError as error:
        raise _unwritable(path, error.strerror or type(error).__name__) from error
    finally:
        with suppress(OSError):
            temp.unlink()
    progress("pipeline.problem_book", file=str(path), n_problems=n_problems)
    return Book(file=str(path), n_problems=n_problems)


def _unwritable(path: Path, detail: str) -> OneDoorError:
    return refuse(InputError, "pipeline.problems_unwritable", {"file": str(path)}, detail=detail)


def _refuse_overwriting(campaign_file: Path, options: ImportOptions, examined: intake_room.Examined) -> None:
    """A planner may mend the annotated copy and import that: it must not be lost to the next one."""
    if options.problems is None:
        return
    named = [
        campaign_file,
        *(campaign_file.parent / entry.file for entry in examined.sources if not entry.query),
        *(campaign_file.parent / name for name in examined.beside),
    ]
    if options.problems.resolve() in {path.resolve() for path in named}:
        raise refuse(UsageError, "pipeline.problems_input", {"file": str(options.problems)})


def _refuse_inside(problems: Path, run: Path) -> None:
    """A run folder holds only what is sealed: this one, and any other."""
    place = problems.resolve()
    if run.resolve() in (place, *place.parents) or any((one / LEDGER).is_file() for one in place.parents):
        raise refuse(UsageError, "pipeline.problems_inside", {"file": str(problems)})


def told_changes(found: Iterable[Change]) -> dict[str, dict[str, int]]:
    """How many entered, left and changed, by register; a row with several changes counts once."""
    idents: dict[tuple[str, str], set[str]] = {}
    for one in found:
        idents.setdefault((one.table, one.change), set()).add(one.ident)
    kinds = ("entered", "left", "changed")
    return {table: {kind: len(idents.get((table, kind), ())) for kind in kinds} for table in COMPARED}
