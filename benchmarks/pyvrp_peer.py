"""A day of one-officer visits as PyVRP sees it, and its answer as an outcome of ours.

In: an AssignmentProblem as :mod:`instances.days` makes them, when to stop. Out: an Outcome. May import: PyVRP
(the benchmark extra), NumPy, ``scheduler.domain``.

The translation is exact. Minutes of travel are PyVRP's durations; its distances are travel plus the minutes
on site at the far end, so that ``max_distance`` is our limit of minutes a day, and the objective ours plus a
constant. Visits a day are a load of one each. Officers with the same office and skills are one vehicle type;
a visit that asks for a skill is out of reach for the types without it. Windows are those of the start; the
legs from and to the office may lie outside the working day, waiting costs nothing: as in our rules.
"""

import time
from collections import defaultdict
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
import pyvrp
from pyvrp.stop import StoppingCriterion

from scheduler.domain.problem import AssignmentProblem, Outcome, Placement

OUT_OF_REACH = 100_000
"""Minutes to a visit that a vehicle type may not take: more than any day or limit."""
DAY_END = 2 * 24 * 60
SEED = 1
Kind = tuple[int, int]
"""(office, skills) of a vehicle type."""


class ProcessorTime(NamedTuple):
    """A stopping rule for PyVRP: this process's processor seconds, because the machine may be shared."""

    until: float

    def __call__(self, best_cost: int) -> bool:
        """Whether the time is over; the cost has no say."""
        del best_cost
        return time.process_time() >= self.until


def play(problem: AssignmentProblem, stop: StoppingCriterion) -> Outcome:
    """What PyVRP finds until it has to stop; nobody is sent anywhere where it found nothing lawful."""
    crews = crews_of(problem)
    best = pyvrp.solve(translated(problem, crews), stop, seed=SEED, collect_stats=False).best
    waiting = {kind: list(people) for kind, people in crews.items()}
    kinds = tuple(crews)
    placements: list[Placement] = []
    for route in best.routes() if best.is_feasible() else ():
        person = waiting[kinds[route.vehicle_type()]].pop()
        placements += [
            Placement(visit_idx=stop.idx, day_idx=0, start_min=stop.start_time, teams=((person,),))
            for stop in route.schedule()
            if stop.is_client()
        ]
    placed = {placement.visit_idx for placement in placements}
    return Outcome(
        placements=tuple(sorted(placements, key=lambda placement: placement.visit_idx)),
        unplaced=tuple((idx, "no_room") for idx in range(len(problem.visits)) if idx not in placed),
        goals=(),
        method="blocks",
        solver="pyvrp",
        solver_version=version("pyvrp"),
        reproducible=False,
    )


def crews_of(problem: AssignmentProblem) -> dict[Kind, list[int]]:
    """The officers of each vehicle type, types in order."""
    found: dict[Kind, list[int]] = defaultdict(list)
    for idx, person in enumerate(problem.people):
        found[person.site_idx, person.skills].append(idx)
    return dict(sorted(found.items()))


def translated(problem: AssignmentProblem, crews: dict[Kind, list[int]]) -> pyvrp.ProblemData:
    """The problem in PyVRP's words; a location per site, in order."""
    sites = range(len(problem.sites))
    travel = np.array([[problem.travel_min(a, b) for b in sites] for a in sites], np.int64)
    on_site = np.zeros(len(problem.sites), np.int64)
    for visit in problem.visits:
        on_site[visit.site_idx] = visit.duration_min
    offices = sorted({office for office, _ in crews})
    durations: list[Any] = []  # PyVRP's stubs say ndarray[int], which no array is to mypy
    distances: list[Any] = []
    types = []
    for profile, ((office, skills), people) in enumerate(crews.items()):
        barred = [visit.site_idx for visit in problem.visits if _asked(visit.groups[0].skills) & ~skills]
        minutes = travel.copy()
        minutes[:, barred] = OUT_OF_REACH
        np.fill_diagonal(minutes, 0)
        distance = minutes + on_site[np.newaxis, :]
        np.fill_diagonal(distance, 0)
        durations.append(minutes)
        distances.append(distance)
        officer = problem.people[people[0]]
        types.append(
            pyvrp.VehicleType(
                num_available=len(people),
                capacity=[officer.max_visits_day],
                start_depot=offices.index(office),
                end_depot=offices.index(office),
                tw_early=0,
                tw_late=DAY_END,
                max_distance=officer.max_minutes_day,
                profile=profile,
            )
        )
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(float(x), float(y)) for x, y in problem.sites],
        clients=[
            pyvrp.Client(
                location=visit.site_idx,
                delivery=[1],
                service_duration=visit.duration_min,
                tw_early=visit.pieces[0][0],
                tw_late=visit.pieces[0][1] - visit.duration_min,
            )
            for visit in problem.visits
        ],
        depots=[pyvrp.Depot(location=office, tw_early=0, tw_late=DAY_END) for office in offices],
        vehicle_types=types,
        distance_matrices=distances,
        duration_matrices=durations,
    )


def _asked(skills: tuple[int, ...]) -> int:
    return sum(1 << skill for skill in set(skills))
