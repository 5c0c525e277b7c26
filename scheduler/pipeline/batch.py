"""Many campaigns, one after the other or side by side: one that fails does not stop the rest.

In: campaign files and a folder for their runs. Out: a run folder per campaign and one summary of all.
May import: the stages and :mod:`scheduler.domain`.

A further call carries on: what is sealed stands, what failed or waits is tried again.
"""

import os
import secrets
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from scheduler.domain.codec import csv_bytes, to_json
from scheduler.domain.errors import InputError, OneDoorError, Problem, UsageError, Value, refuse
from scheduler.domain.messages import Language
from scheduler.domain.ports import AssignmentSolver, Progress
from scheduler.pipeline.folder import silent
from scheduler.pipeline.importing import NOTHING_MORE, ImportOptions
from scheduler.pipeline.results import RunResult
from scheduler.pipeline.stages import run_all

BUG = 1
"""Exit code of a campaign that a fault of the program ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchRow:
    """One campaign's end. ``state`` ``waiting`` asks for what ``waits_for`` names, sources of the seed in the
    plan's order; ``codes`` name what was wrong, each once, in order; figures are 0 where the run did not come
    that far. ``stopped`` is ``clock`` where a time limit, ``failure`` where a failing solver ended the solve:
    that roster is not reproducible."""

    name: str
    run: str
    campaign_id: str
    state: Literal["certified", "waiting", "failed"]
    exit_code: int
    n_draws: int
    n_visits: int
    n_served: int
    n_unscheduled: int
    codes: tuple[str, ...]
    waits_for: tuple[str, ...] = ()
    stopped: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchResult:
    """All campaigns in the order given, and by name what was wrong with those that are not fine."""

    out: str
    rows: tuple[BatchRow, ...]
    problems: dict[str, tuple[Problem, ...]]

    @property
    def exit_code(self) -> int:
        """The largest exit code of all, 0 where everything is fine."""
        return max((row.exit_code for row in self.rows), default=0)


def campaign_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The campaign files named or found in the folders named (``campaign.toml`` there or one level below).

    Sorted within a folder. Errors: ``pipeline.no_campaign`` (:class:`InputError`), once per path.
    """
    found: list[Path] = []
    problems: list[Problem] = []
    for path in paths:
        here = [path] if path.is_file() else _in_folder(path)
        found += here
        if not here:
            problems.append(Problem(code="pipeline.no_campaign", place={"file": str(path)}))
    if problems:
        raise InputError(problems)
    once: dict[Path, Path] = {}
    for path in found:
        once.setdefault(path.resolve(), path)
    return tuple(once.values())


def run_batch(
    files: Sequence[Path],
    out: Path,
    solver: AssignmentSolver,
    *,
    entropy: Path | None = None,
    processes: int = 1,
    executor: Executor | None = None,
    language: Language | None = None,
    progress: Progress | None = None,
) -> BatchResult:
    """Run every campaign into ``out/<name>/``, then write ``out/summary.csv`` and ``summary.json``.

    A campaign's name is its file's stem, for ``campaign.toml`` that of its folder. ``entropy`` is a folder
    outside ``out`` with ``<name>/ceremony.txt``, ``<name>/beacon.json`` and ``<name>/secret.txt``: what
    stands there is entered, and the secret of a plan that wants one is put there at its commitment.
    ``processes`` as for :func:`scheduler.pipeline.draw`. With ``language`` each campaign whose files have
    problems gets its workbook ``out/<name>-问题清单.xlsx`` in these words.

    With an ``executor`` whole campaigns run side by side, each in one of its workers; ``solver`` can be
    pickled then, and workers on other machines see the same folders under the same names. Whatever a worker
    had sealed when it was killed stands: another one carries on. Each campaign is told when it has ended.

    Errors (:class:`UsageError`): ``pipeline.same_name`` for each name that two files claim,
    ``pipeline.entropy_inside``. ``OSError`` where ``out`` cannot be a folder.
    """
    tell = progress or silent
    names = [_name(path) for path in files]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UsageError([Problem(code="pipeline.same_name", params={"name": name}) for name in twice])
    if entropy and out.resolve() in (entropy.resolve(), *entropy.resolve().parents):
        raise refuse(UsageError, "pipeline.entropy_inside", {"file": str(entropy)})
    out.mkdir(parents=True, exist_ok=True)  # what cannot be written is known before anything is solved
    jobs = [
        _Job(
            name=name,
            path=path,
            run=out / name,
            desk=_Desk(entropy / name) if entropy else None,
            processes=processes,
            options=ImportOptions(problems=out / f"{name}-问题清单.xlsx", language=language)
            if language
            else NOTHING_MORE,
        )
        for name, path in zip(names, files, strict=True)
    ]
    ends = (
        _one_by_one(jobs, solver, tell) if executor is None else _side_by_side(jobs, solver, executor, tell)
    )
    result = BatchResult(
        out=str(out),
        rows=tuple(end.row for end in ends),
        problems={end.row.name: end.problems for end in ends if end.problems},
    )
    _write_summary(out, result)
    return result


@dataclass(frozen=True, kw_only=True)
class _Job:
    """One campaign to run; can be pickled."""

    name: str
    path: Path
    run: Path
    desk: "_Desk | None"
    processes: int
    options: ImportOptions

    def elsewhere(self) -> "_Job":
        """The same for a worker that stands in another folder and has one core."""
        problems = self.options.problems
        return replace(
            self,
            path=self.path.resolve(),
            run=self.run.resolve(),
            desk=_Desk(self.desk.folder.resolve()) if self.desk else None,
            processes=1,
            options=replace(self.options, problems=problems.resolve() if problems else None),
        )


@dataclass(frozen=True, kw_only=True)
class _End:
    """How one campaign ended: its row of the summary and what was wrong."""

    row: BatchRow
    problems: tuple[Problem, ...]


def _one_by_one(jobs: Sequence[_Job], solver: AssignmentSolver, tell: Progress) -> list[_End]:
    ends = []
    for number, job in enumerate(jobs, start=1):
        tell("pipeline.batch", name=job.name, number=number, total=len(jobs))
        ends.append(_end(job, _run_one(job, solver, tell)))
        _tell_waits(ends[-1], tell)
    return ends


def _tell_waits(end: _End, tell: Progress) -> None:
    if end.row.waits_for:
        tell("pipeline.batch_waits", name=end.row.name, sources="、".join(end.row.waits_for))


def _side_by_side(
    jobs: Sequence[_Job], solver: AssignmentSolver, executor: Executor, tell: Progress
) -> list[_End]:
    """All at once, as many as the executor has room for; told as they end, given in their order."""
    ends: dict[int, _End] = {}
    with _shared_mark(jobs) as mark:
        waiting: dict[Future[_End], int] = {
            executor.submit(_run_elsewhere, job.elsewhere(), solver, mark): at for at, job in enumerate(jobs)
        }
        for future in as_completed(waiting):
            at = waiting[future]
            ends[at] = _answered(jobs[at], future)
            row = ends[at].row
            tell("pipeline.batch_done", name=row.name, state=row.state, done=len(ends), total=len(jobs))
            _tell_waits(ends[at], tell)
    return [ends[at] for at in range(len(jobs))]


@contextmanager
def _shared_mark(jobs: Sequence[_Job]) -> Iterator[Path]:
    """A file beside the runs that a worker has to see, while it works: it writes where we read."""
    out = jobs[0].run.parent.resolve() if jobs else Path.cwd()
    mark = out / f".batch-{os.getpid()}-{secrets.token_hex(8)}"
    mark.touch()
    try:
        yield mark
    finally:
        mark.unlink(missing_ok=True)


def _run_elsewhere(job: _Job, solver: AssignmentSolver, mark: Path) -> _End:
    """One campaign in a worker. Errors stand in the answer: one must not look like a broken worker."""
    if not mark.exists():
        return _end(job, refuse(UsageError, "pipeline.not_shared", {"file": str(job.run.parent)}))
    return _end(job, _run_one(job, solver, silent))


def _answered(job: _Job, future: "Future[_End]") -> _End:
    try:
        end = future.result()
    except (BrokenExecutor, CancelledError, OSError) as error:
        return _end(job, OneDoorError(Problem(code="pipeline.worker_lost", params={"detail": str(error)})))
    except OneDoorError as error:
        return _end(job, error)
    except Exception as error:  # noqa: BLE001 - whatever a cluster raises must not cost the others their turn
        return _end(job, _bug(error))
    return replace(end, row=replace(end.row, run=str(job.run)))


def _in_folder(folder: Path) -> list[Path]:
    return sorted([*folder.glob("campaign.toml"), *folder.glob("*/campaign.toml")])


def _name(path: Path) -> str:
    return path.resolve().parent.name if path.name == "campaign.toml" else path.stem


@dataclass(frozen=True, kw_only=True)
class _Texts:
    """What was entered for one campaign; empty where no file is there."""

    ceremony: str
    secret: str
    drand: str


class _Desk:
    """One campaign's folder of what is entered for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.escrow = folder / "secret.txt"

    def read(self) -> _Texts:
        """All texts. Errors: ``pipeline.entropy_unreadable`` (:class:`InputError`), once for each file."""
        names = {"ceremony": "ceremony.txt", "secret": "secret.txt", "drand": "beacon.json"}
        texts: dict[str, str] = {}
        problems: list[Problem] = []
        for kind, name in names.items():
            try:
                texts[kind] = (self.folder / name).read_bytes().decode("utf-8-sig")
            except FileNotFoundError:
                texts[kind] = ""
            except (OSError, UnicodeDecodeError):
                place: dict[str, Value] = {"file": str(self.folder / name)}
                problems.append(Problem(code="pipeline.entropy_unreadable", place=place))
        if problems:
            raise InputError(problems)
        return _Texts(**texts)


def _run_one(job: _Job, solver: AssignmentSolver, progress: Progress) -> RunResult | OneDoorError:
    path, run, desk, processes, options = job.path, job.run, job.desk, job.processes, job.options
    try:
        if desk is None:
            return run_all(path, run, solver, processes=processes, options=options, progress=progress)
        told = desk.read()
        committed = (run / "plan").exists()
        desk.folder.mkdir(parents=True, exist_ok=True)
        return run_all(
            path,
            run,
            solver,
            told.ceremony or None,
            secret=told.secret if committed else "",
            beacon=told.drand,
            escrow=desk.escrow,
            processes=processes,
            options=options,
            progress=progress,
        )
    except OneDoorError as error:
        return error
    except OSError as error:
        detail = error.strerror or type(error).__name__
        return refuse(InputError, "pipeline.os_error", {"file": str(error.filename or run)}, detail=detail)
    except Exception as error:  # noqa: BLE001 - a bug in one campaign must not cost the others their turn
        return _bug(error)


def _bug(error: Exception) -> OneDoorError:
    return refuse(OneDoorError, "pipeline.bug", detail=f"{type(error).__name__}: {error}")


def _end(job: _Job, end: RunResult | OneDoorError) -> _End:
    error = _error(end)
    return _End(row=_row(job.name, job.run, end, job.desk), problems=error.problems if error else ())


def _error(end: RunResult | OneDoorError) -> OneDoorError | None:
    return end.failure() if isinstance(end, RunResult) else end


def _waits_for(result: RunResult | None, desk: _Desk | None) -> tuple[str, ...]:
    """The sources of a waiting campaign for which nothing was entered."""
    if result is None or not result.waiting:
        return ()
    told = desk.read() if desk else None
    return tuple(kind for kind in result.committed.sources if told is None or not getattr(told, kind))


def _row(name: str, run: Path, end: RunResult | OneDoorError, desk: _Desk | None) -> BatchRow:
    result = end if isinstance(end, RunResult) else None
    error = _error(end)
    drawn = result.drawn if result else None
    solved = result.solved if result else None
    merged = result.merged if result else None
    return BatchRow(
        name=name,
        run=str(run),
        campaign_id=result.imported.campaign_id if result else "",
        state="failed" if error else "waiting" if result and result.waiting else "certified",
        exit_code=error.exit_code if error else 0,
        n_draws=drawn.n_draws if drawn else 0,
        n_visits=merged.n_visits if merged else 0,
        n_served=solved.n_served if solved else 0,
        n_unscheduled=solved.n_unscheduled if solved else 0,
        codes=tuple(dict.fromkeys(problem.code for problem in error.problems)) if error else (),
        waits_for=_waits_for(result, desk),
        stopped=solved.stopped if solved else "",
    )


def _write_summary(out: Path, result: BatchResult) -> None:
    (out / "summary.csv").write_bytes(BOM_UTF8 + csv_bytes(BatchRow, result.rows))  # Excel needs the mark
    (out / "summary.json").write_bytes(to_json(result.rows))
