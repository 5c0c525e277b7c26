"""One roster solved as the program solves it, beside the round-robin of today.

In: a size of ``instances.roster``. Out: figures. May import: ``instances``, ``scheduler``, ``solvers``.
"""

import hashlib
from collections import Counter
from dataclasses import replace
from typing import Any

from benchmarks.baselines import measure_baselines
from benchmarks.compiled import compile_loops
from benchmarks.measuring import Stopwatch, measured
from benchmarks.round_robin import round_robin
from instances import roster
from scheduler.domain.codec import to_json
from scheduler.domain.problem import AssignmentProblem, GoalResult, Outcome
from scheduler.domain.rules import GOALS
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules, goal_values
from solvers import local_processes, solve
from solvers.blocks.assign import proved_ratios
from solvers.facts import Facts
from solvers.goals import department_members, largest_ratio, shares
from solvers.roster import Roster
from solvers.solving import SERVED

DENSE = 16
"""Seats per officer from which on a load's lengths average out: the target of the metropolis counts these."""
CITY_TOLERANCE = 50
"""Per mille of load given up for travel at ``city-month``: the committed tolerance of its target."""


def measure_roster(
    size: str, seed: int, processes: int = 1, tolerance: int = 0, baselines: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Seconds, memory, goals, broken rules, digest of the outcome, baselines; in a process of its own. Of the
    baselines ``round_robin`` is always there; the others come on request and take their time."""
    compile_loops()
    figures = measured(_roster, size, seed, processes, tolerance)
    more = measure_baselines(baselines, size, seed, tolerance, figures["seconds"])
    return {**figures, "baselines": {**figures["baselines"], **more}}


def _roster(size: str, seed: int, processes: int, tolerance: int) -> dict[str, Any]:
    problem = replace(roster(size, seed=seed), load_tolerance_permille=tolerance)
    watch = Stopwatch()
    with local_processes(processes) as executor:
        outcome = solve(problem, Budget(), executor=executor)
    seconds = watch.seconds()
    watch = Stopwatch()
    broken, recounted = broken_rules(problem, outcome), goal_values(problem, outcome)
    seconds_verify = watch.seconds()["seconds"]
    told = {goal.goal: goal.value for goal in outcome.goals}
    return {
        "size": size,
        "seed": seed,
        "processes": processes,
        "load_tolerance_permille": tolerance,
        "n_visits": len(problem.visits),
        "n_inspectors": sum(person.department_idx >= 0 for person in problem.people),
        "n_experts": sum(person.department_idx < 0 for person in problem.people),
        "n_departments": len(problem.departments),
        **seconds,
        "seconds_verify": seconds_verify,
        "violations": sum(broken.values()),
        "broken": broken,
        "goals_recounted": all(told[goal] == value for goal, value in recounted.items()),
        **outcome_figures(problem, outcome),
        "baselines": {"round_robin": round_robin(Facts(problem))},
    }


def outcome_figures(problem: AssignmentProblem, outcome: Outcome) -> dict[str, Any]:
    """What an outcome reached and how close to its bounds."""
    return {
        "method": outcome.method,
        "n_unplaced": len(outcome.unplaced),
        "work_units": outcome.work_units,
        "goals": [goal_figures(goal) for goal in outcome.goals],
        "load": load_figures(problem, outcome),
        "sha256": hashlib.sha256(to_json(outcome)).hexdigest(),
    }


def goal_figures(goal: GoalResult) -> dict[str, Any]:
    """``value``, ``bound`` and ``gap`` of a goal: lists by class of risk for goal 1, for any other numbers of
    its first component. Those of its further components stand under their names (``excess_min``)."""
    gaps = tuple(abs(value - bound) for value, bound in zip(goal.value, goal.bound, strict=True))
    told: dict[str, Any] = {"goal": goal.goal, "proved": goal.proved}
    if goal.goal == SERVED:
        return {**told, "value": goal.value, "bound": goal.bound, "gap": gaps}
    names = next(known.components for known in GOALS if known.goal == goal.goal)
    first, *further = (
        {"value": value, "bound": bound, "gap": gap}
        for value, bound, gap in zip(goal.value, goal.bound, gaps, strict=True)
    )
    return {**told, **first, **dict(zip(names[1:], further, strict=True))}


def load_figures(problem: AssignmentProblem, outcome: Outcome) -> dict[str, Any]:
    """The largest load of each department with work beside its proven bound, in per mille; how many are near
    it; minutes above the bound's shares, in all and per million minutes of work.

    ``dense`` counts the departments with :data:`DENSE` seats or more per officer. The bounds are proved here
    anew, as the solver did: arithmetic first, CP-SAT where the roster is above that.
    """
    facts = Facts(problem)
    finished = Roster(facts)
    for placement in outcome.placements:
        finished.put(placement)
    able = tuple(placement is not None for placement in finished.placed)
    bounds = proved_ratios(finished, able, Budget(), None)
    seats = _seats_per_department(facts, outcome)
    rows, above, minutes = [], 0, 0
    for department, members in department_members(facts).items():
        loads = [finished.load[person] for person in members]
        capacities = [facts.capacity[person] for person in members]
        value, bound = largest_ratio(loads, capacities), bounds[department]
        if value:
            minutes += sum(loads)
            caps = shares(capacities, bound)
            above += sum(max(0, load - cap) for load, cap in zip(loads, caps, strict=True))
            dense = seats[department] >= DENSE * len(members)
            rows.append({"department": department, "value": value, "bound": bound, "dense": dense})
    dense_rows = [row for row in rows if row["dense"]]
    return {
        "departments": len(rows),
        **_near(rows),
        "proved": sum(row["value"] == row["bound"] for row in rows),
        "dense": {"departments": len(dense_rows), **_near(dense_rows)},
        "minutes_above_bound": above,
        "minutes_above_bound_per_million": 1_000_000 * above // max(1, minutes),
        "by_department": [
            {**row, "gap": row["value"] - row["bound"], "proved": row["value"] == row["bound"]}
            for row in rows
        ],
    }


def _near(rows: list[dict[str, int]]) -> dict[str, int]:
    return {
        f"within_{limit}_percent": sum(100 * row["value"] <= (100 + limit) * row["bound"] for row in rows)
        for limit in (1, 3, 5)
    }


def _seats_per_department(facts: Facts, outcome: Outcome) -> Counter[int]:
    seats: Counter[int] = Counter()
    for placement in outcome.placements:
        for team in placement.teams:
            seats.update(facts.people[person].department_idx for person in team)
    return seats
