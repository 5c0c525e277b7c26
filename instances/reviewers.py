"""Readers of public reviewer assignments: papers, reviewers, how much each likes each, loads; no time at all.

In: the files of MIDL 2018 as Kobren, Saha and McCallum published them (KDD 2019; ``scores.npy`` reviewers by
papers, ``covs.npy`` reviewers a paper, ``loads.npy``, ``loads-lb.npy``), or a PrefLib bid file (first line
papers and reviewers, then a line of bids per paper). Out: an AssignmentProblem with goals 1 and 5: a paper is
a visit, each on a day of its own so that nothing ever clashes; a reviewer is an officer, his load the most
visits of a campaign; what he likes less than the best is goal 5's penalty, in units of 10^-12. May import:
``scheduler.domain``, NumPy.

How special entries are read: a score of -1 in MIDL bars the pair (a recusal); every other score counts as it
stands, also below zero. A bid of 0 in PrefLib counts as 0 and bars nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.problem import AssignmentProblem, Outcome, Person, SeatGroup, VisitNeed

UNITS = 10**12
"""Parts of one that a score is rounded to: bids are exact, a sum of 354 scores within 2·10^-10."""
RECUSAL = -1
PREFLIB_SEATS = 3
PREFLIB_LOADS = {"preflib1": 6, "preflib2": 7}
MIDL = ("scores.npy", "covs.npy", "loads.npy", "loads-lb.npy")
FIRST_DAY = date(2026, 1, 1)
MINUTE = 540


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """``likes[paper][reviewer]`` in units, None for a recusal; ``least`` asks for so many papers each."""

    name: str
    likes: tuple[tuple[int | None, ...], ...]
    seats: tuple[int, ...]
    loads: tuple[int, ...]
    least: tuple[int, ...]


def cases(folder: Path) -> tuple[Case, ...]:
    """MIDL, MIDL with its least loads, and the two PrefLib files.

    Errors: ``instance.source_missing`` (InputError) where a file is not there.
    """
    for name in (*MIDL, *(f"{name}.in" for name in PREFLIB_LOADS)):
        if not (folder / name).exists():
            raise refuse(InputError, "instance.source_missing", path=str(folder / name), needed=name)
    preflib = [read_bids(folder / f"{name}.in", load) for name, load in PREFLIB_LOADS.items()]
    return (read_midl(folder, least=False), read_midl(folder, least=True), *preflib)


def read_midl(folder: Path, *, least: bool) -> Case:
    """The MIDL case, with or without the least loads."""
    scores, seats, loads, floors = (np.load(folder / name).tolist() for name in MIDL)
    n_papers = len(seats)
    return Case(
        name="midl-least" if least else "midl",
        likes=tuple(
            tuple(None if row[paper] == RECUSAL else _units(row[paper]) for row in scores)
            for paper in range(n_papers)
        ),
        seats=tuple(int(n) for n in seats),
        loads=tuple(int(n) for n in loads),
        least=tuple(int(n) for n in floors) if least else (0,) * len(loads),
    )


def read_bids(path: Path, load: int) -> Case:
    """A PrefLib case."""
    first, *rows = path.read_text(encoding="utf-8").splitlines()
    n_papers, n_reviewers = (int(word) for word in first.split())
    return Case(
        name=path.stem,
        likes=tuple(tuple(_units(float(word)) for word in row.split()) for row in rows[:n_papers]),
        seats=(PREFLIB_SEATS,) * n_papers,
        loads=(load,) * n_reviewers,
        least=(0,) * n_reviewers,
    )


def _units(score: float) -> int:
    return round(Fraction(score) * UNITS)


def problem_of(case: Case) -> AssignmentProblem:
    """The case as a problem; ``liked`` tells the sum that an outcome reaches."""
    best = _best(case)
    # One missing paper costs more than all else together, so the least is kept wherever that is possible.
    missing = 1 + sum(case.seats) * (best - min(like or 0 for row in case.likes for like in row))
    days = range(len(case.seats))
    return AssignmentProblem(
        draw_sha256="0" * 64,
        days=tuple((FIRST_DAY + timedelta(day)).isoformat() for day in days),
        weeks=tuple(days),
        grid_min=1,
        people=tuple(
            Person(
                person_id=f"R{idx}",
                pool_idx=0,
                department_idx=0,
                site_idx=0,
                days=tuple(days),
                skills=0,
                capacity_min=load,
                max_visits=load,
            )
            for idx, load in enumerate(case.loads)
        ),
        visits=tuple(_paper(case, paper, best) for paper in days),
        sites=((0, 0),),
        departments=("D",),
        pools=("D",),
        least_visits=tuple((who, least, missing) for who, least in enumerate(case.least) if least),
        goals=(1, 5),
    )


def _best(case: Case) -> int:
    return max(like for row in case.likes for like in row if like is not None)


def _paper(case: Case, paper: int, best: int) -> VisitNeed:
    row = case.likes[paper]
    group = SeatGroup(
        department_idx=0,
        n_seats=case.seats[paper],
        pools=(0,),
        barred=tuple(who for who, like in enumerate(row) if like is None),
        wishes=tuple(best - like for like in row if like is not None),
    )
    return VisitNeed(
        visit_id=f"P{paper}",
        site_idx=0,
        duration_min=1,
        days=(paper,),
        pieces=((MINUTE, MINUTE + 1),),
        groups=(group,),
        served=(0, 0, 0, 1),
        rank=paper,
    )


def liked(case: Case, penalty: int) -> Fraction:
    """The sum of scores that a penalty of goal 5 stands for, where all papers and least loads are served."""
    return Fraction(sum(case.seats) * _best(case) - penalty, UNITS)


def liked_by(case: Case, outcome: Outcome) -> Fraction:
    """The sum of scores of an outcome, counted from its teams.

    Errors: ValueError where somebody sits with a paper that he is barred from.
    """
    total = 0
    for placement in outcome.placements:
        for person in placement.teams[0]:
            like = case.likes[placement.visit_idx][person]
            if like is None:
                raise ValueError(person)
            total += like
    return Fraction(total, UNITS)


def loads_kept(case: Case, outcome: Outcome) -> bool:
    """Whether every paper has its reviewers and nobody has more or fewer papers than allowed."""
    teams: Sequence[tuple[int, ...]] = [placement.teams[0] for placement in outcome.placements]
    sits = [sum(person in team for team in teams) for person in range(len(case.loads))]
    full = [len(set(team)) for team in teams] == list(case.seats)
    return full and all(
        least <= n <= most for least, n, most in zip(case.least, sits, case.loads, strict=True)
    )
