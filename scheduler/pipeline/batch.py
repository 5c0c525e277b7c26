"""Many campaigns, one after the other: one that fails does not stop the rest.

In: campaign files and a folder for their runs. Out: a run folder per campaign and one summary of all.
May import: the stages and :mod:`scheduler.domain`.

A further call carries on: what is sealed stands, what failed or waits is tried again.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scheduler.domain.codec import to_json, write_csv
from scheduler.domain.errors import InputError, OneDoorError, Problem, UsageError
from scheduler.domain.ports import AssignmentSolver, Progress
from scheduler.pipeline.folder import silent
from scheduler.pipeline.results import RunResult
from scheduler.pipeline.stages import run_all

BUG = 1
"""Exit code of a campaign that a fault of the program ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchRow:
    """One campaign's end. ``state`` ``waiting`` asks for the ceremony's text; ``codes`` name what was
    wrong, each once, in order; figures are 0 where the run did not come that far."""

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
    return tuple(dict.fromkeys(found))


def run_batch(
    files: Sequence[Path], out: Path, solver: AssignmentSolver, *, progress: Progress | None = None
) -> BatchResult:
    """Run every campaign into ``out/<name>/``, then write ``out/summary.csv`` and ``summary.json``.

    A campaign's name is its file's stem, for ``campaign.toml`` that of its folder. Errors:
    ``pipeline.same_name`` (:class:`UsageError`) for each name that two files claim.
    """
    tell = progress or silent
    names = [_name(path) for path in files]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UsageError([Problem(code="pipeline.same_name", params={"name": name}) for name in twice])
    rows: list[BatchRow] = []
    problems: dict[str, tuple[Problem, ...]] = {}
    for number, (name, path) in enumerate(zip(names, files, strict=True), start=1):
        tell("pipeline.batch", name=name, number=number, total=len(files))
        end = _run_one(path, out / name, solver, tell)
        rows.append(_row(name, out / name, end))
        if error := _error(end):
            problems[name] = error.problems
    result = BatchResult(out=str(out), rows=tuple(rows), problems=problems)
    _write_summary(out, result)
    return result


def _in_folder(folder: Path) -> list[Path]:
    return sorted([*folder.glob("campaign.toml"), *folder.glob("*/campaign.toml")])


def _name(path: Path) -> str:
    return path.resolve().parent.name if path.name == "campaign.toml" else path.stem


def _run_one(path: Path, run: Path, solver: AssignmentSolver, progress: Progress) -> RunResult | OneDoorError:
    try:
        return run_all(path, run, solver, progress=progress)
    except OneDoorError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a bug in one campaign must not cost the others their turn
        problem = Problem(code="pipeline.bug", params={"detail": f"{type(error).__name__}: {error}"})
        return OneDoorError(problem)


def _error(end: RunResult | OneDoorError) -> OneDoorError | None:
    return end.failure() if isinstance(end, RunResult) else end


def _row(name: str, run: Path, end: RunResult | OneDoorError) -> BatchRow:
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
    )


def _write_summary(out: Path, result: BatchResult) -> None:
    out.mkdir(parents=True, exist_ok=True)
    write_csv(out / "summary.csv", BatchRow, result.rows)
    (out / "summary.json").write_bytes(to_json(result.rows))
