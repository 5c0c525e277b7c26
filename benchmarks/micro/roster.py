"""One roster solved as the program solves it, beside the round-robin of today.

In: a size of ``instances.roster``. Out: figures. May import: ``instances``, ``scheduler``, ``solvers``.
"""

import hashlib
from dataclasses import replace
from typing import Any

from benchmarks.measuring import Stopwatch, measured
from benchmarks.round_robin import round_robin
from instances import roster
from scheduler.domain.codec import to_json
from scheduler.domain.problem import AssignmentProblem, Outcome
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules, goal_values
from solvers import local_processes, solve
from solvers.bounds import department_ratios
from solvers.facts import Facts
from solvers.goals import department_members, largest_ratio
from solvers.roster import Roster

MICRO_SIZES = ("street", "county")


CITY_TOLERANCE = 50
"""Per mille of load given up for travel at ``city-month``: the committed tolerance of its target."""


def measure_roster(size: str, seed: int, processes: int = 1, tolerance: int = 0) -> dict[str, Any]:
    """Seconds, memory, goals, broken rules, digest of the outcome, baselines; in a process of its own."""
    return measured(_roster, size, seed, processes, tolerance)


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
        "goals": [
            {
                "goal": goal.goal,
                "value": goal.value,
                "bound": goal.bound,
                "gap": [abs(value - bound) for value, bound in zip(goal.value, goal.bound, strict=True)],
                "proved": goal.proved,
            }
            for goal in outcome.goals
        ],
        "load": load_figures(problem, outcome),
        "sha256": hashlib.sha256(to_json(outcome)).hexdigest(),
    }


def load_figures(problem: AssignmentProblem, outcome: Outcome) -> dict[str, int]:
    """Departments with work, and how many of them have a largest load near its bound."""
    facts = Facts(problem)
    finished = Roster(facts)
    for placement in outcome.placements:
        finished.put(placement)
    bounds = department_ratios(facts, tuple(placement.visit_idx for placement in outcome.placements))
    gaps = []
    for department, members in department_members(facts).items():
        loads = [finished.load[person] for person in members]
        value = largest_ratio(loads, [facts.capacity[person] for person in members])
        if value:
            gaps.append((value, bounds[department]))
    near = {limit: sum(100 * v <= (100 + limit) * b for v, b in gaps) for limit in (1, 3, 5)}
    return {"departments": len(gaps), **{f"within_{limit}_percent": n for limit, n in near.items()}}
