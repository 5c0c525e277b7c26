"""Reader of the public personnel task scheduling instances: jobs with fixed times, workers able to do some.

In: a ``.dat`` file of the library of Krishnamoorthy, Ernst and Baatar (European Journal of Operational
Research 219, 2012), in a folder or in a zip archive. Out: an AssignmentProblem with goals 1 and 4: every job
is a visit of one seat with one day and one start, all at one place; every worker is an officer of one
department, without limits. May import: ``scheduler.domain`` and the standard library.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from scheduler.domain.errors import InputError, OneDoorError, refuse
from scheduler.domain.problem import AssignmentProblem, Person, SeatGroup, VisitNeed

ENDING = ".dat"
BOUNDS = "bounds.csv"
DAY = "2026-01-01"
"""Any day: the instances have times of one day and no date."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """What is published about an instance; ``upper`` is 0 where no value was known."""

    lower: int
    upper: int


def instance_names(folder: Path) -> tuple[str, ...]:
    """Names without ending, in the order of the library's numbers."""
    return tuple(sorted(_files(folder), key=lambda name: (int(name.split("_")[1]), name)))


def read_instance(folder: Path, name: str) -> AssignmentProblem:
    """The instance of this name.

    Errors: ``instance.shifts`` (InputError) where there is no such file or its text is not of the format.
    """
    path = _files(folder).get(name)
    if path is None:
        raise refuse(InputError, "instance.shifts", name=name, line=0)
    archive, inner = path
    if archive is None:
        return problem_of(name, inner.read_text(encoding="utf-8"))
    with ZipFile(archive) as opened:
        return problem_of(name, opened.read(str(inner)).decode("utf-8"))


def listed_bounds(folder: Path) -> dict[str, Listed]:
    """Published bounds by instance, of the file ``bounds.csv`` (columns instance, LB, UB)."""
    with (folder / BOUNDS).open(encoding="utf-8", newline="") as file:
        return {
            row["instance"]: Listed(lower=int(row["LB"]), upper=int(row["UB"] or 0))
            for row in csv.DictReader(file)
        }


def _files(folder: Path) -> dict[str, tuple[Path | None, Path]]:
    found: dict[str, tuple[Path | None, Path]] = {}
    for archive in sorted(folder.glob("*.zip")):
        with ZipFile(archive) as opened:
            names = [Path(name) for name in opened.namelist()]
        found |= {path.stem: (archive, path) for path in names if path.suffix == ENDING}
    return found | {path.stem: (None, path) for path in sorted(folder.glob(f"*{ENDING}"))}


def problem_of(name: str, text: str) -> AssignmentProblem:
    """The text of an instance as a problem.

    Errors: ``instance.shifts`` (InputError) with the line that is not of the format.
    """
    lines = [
        (number, line.strip())
        for number, line in enumerate(io.StringIO(text), start=1)
        if line.strip() and not line.startswith("#")
    ]
    reader = _Reader(name, lines)
    reader.named("Type")
    times = [reader.times() for _ in range(reader.named("Jobs"))]
    able = [reader.jobs(len(times)) for _ in range(reader.named("Qualifications"))]
    return _problem(times, able)


class _Reader:
    """Line after line; what is not as the format has it is refused with its number."""

    def __init__(self, name: str, lines: Sequence[tuple[int, str]]) -> None:
        self.name = name
        self.lines = iter(lines)
        self.number = 0

    def _next(self) -> str:
        self.number, line = next(self.lines, (self.number + 1, ""))
        return line

    def _numbers(self, text: str) -> list[int]:
        try:
            return [int(word) for word in text.split()]
        except ValueError:
            raise self._refused() from None

    def _refused(self) -> OneDoorError:
        return refuse(InputError, "instance.shifts", name=self.name, line=self.number)

    def named(self, what: str) -> int:
        """The number of a line ``what = number``."""
        before, _, after = self._next().partition("=")
        found = self._numbers(after)
        if before.strip() != what or len(found) != 1 or found[0] < 0:
            raise self._refused()
        return found[0]

    def times(self) -> tuple[int, int]:
        """Start and end of a job in minutes."""
        found = self._numbers(self._next())
        if len(found) != 2 or not 0 <= found[0] < found[1]:
            raise self._refused()
        return found[0], found[1]

    def jobs(self, n_jobs: int) -> frozenset[int]:
        """The jobs that a worker can do, counted from 0: ``how many: job job …``."""
        count, _, rest = self._next().partition(":")
        found = self._numbers(rest)
        if self._numbers(count) != [len(found)] or any(not 0 <= job < n_jobs for job in found):
            raise self._refused()
        return frozenset(found)


def _problem(times: Sequence[tuple[int, int]], able: Sequence[frozenset[int]]) -> AssignmentProblem:
    return AssignmentProblem(
        draw_sha256="0" * 64,
        days=(DAY,),
        weeks=(1,),
        grid_min=1,
        people=tuple(
            Person(
                person_id=f"W{idx}",
                pool_idx=0,
                department_idx=0,
                site_idx=0,
                days=(0,),
                skills=0,
                capacity_min=24 * 60,
            )
            for idx in range(len(able))
        ),
        visits=tuple(
            VisitNeed(
                visit_id=f"J{idx}",
                site_idx=0,
                duration_min=end - start,
                days=(0,),
                pieces=((start, end),),
                groups=(
                    SeatGroup(
                        department_idx=0,
                        n_seats=1,
                        pools=(0,),
                        barred=tuple(who for who, jobs in enumerate(able) if idx not in jobs),
                    ),
                ),
                served=(0, 0, 0, 1),
                rank=idx,
            )
            for idx, (start, end) in enumerate(times)
        ),
        sites=((0, 0),),
        departments=("D",),
        pools=("D",),
        goals=(1, 4),
    )
