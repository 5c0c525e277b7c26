"""One officer per visit, travel alone: the exact model agrees, every answer is lawful, the shape's edges."""

import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from plain_roster import broken, need, person, tiny, values

from scheduler.domain.problem import AssignmentProblem, SeatGroup, VisitNeed
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules
from solvers import solve, solving
from solvers.facts import Facts
from solvers.routes.way import solve_routes

ROOT = Path(__file__).parents[2]
PLAIN = """
import sys
sys.path[:0] = ["tests", "tests/solvers"]
from test_solvers_fixed import QUICK, planted
from test_solvers_routes import Budget, Facts, routed, solve_routes
from solvers.fixed.way import solve_fixed
from solvers.routes import way
way.STEPS_PER_VISIT = 100
print(solve_routes(Facts(routed(1)), Budget(rounds=1)).placements)
print(solve_fixed(Facts(planted(3, n_people=4, extra=2)), QUICK).placements)
"""
ONE = SeatGroup(department_idx=0, n_seats=1, pools=(0,))
HALVES = ((540, 720), (810, 1020))


def alone(visit_id: str, **changes: object) -> VisitNeed:
    return need(visit_id, **({"groups": (ONE,), "pieces": HALVES} | changes))


def routed(seed: int, n_visits: int = 5, **changes: object) -> AssignmentProblem:
    """Three officers of two offices, two days, some windows, bars, skills and leave."""
    dice = random.Random(seed)  # noqa: S311 - instances, nothing secret
    people = [
        person(
            f"P{idx}",
            site_idx=idx % 2,
            days=(0, 1) if idx < 2 else (1,),
            skills=1 if idx != 1 else 0,
            max_visits_day=dice.choice((2, 3)),
            max_minutes_day=dice.choice((240, 420)),
        )
        for idx in range(3)
    ]
    visits = []
    for idx in range(n_visits):
        asked = (0,) if dice.random() < 0.3 else ()
        barred = (dice.randrange(2),) if dice.random() < 0.2 else ()
        group = SeatGroup(department_idx=0, n_seats=1, pools=(0,), skills=asked, barred=barred)
        pieces = HALVES if dice.random() < 0.5 else (dice.choice(((600, 700), (840, 960))),)
        days = dice.choice(((0,), (1,), (0, 1)))
        given = {"groups": (group,), "pieces": pieces, "days": days, "site_idx": 2 + idx}
        visits.append(alone(f"V{idx}", duration_min=dice.choice((30, 60, 75)), **given))
    sites = tuple((dice.randrange(-6_000, 6_000), dice.randrange(-6_000, 6_000)) for _ in range(2 + n_visits))
    given = {
        "people": tuple(people),
        "visits": tuple(visits),
        "sites": sites,
        "skills": ("k0",),
        "grid_min": 15,
        "goals": (1, 3),
    }
    return tiny(**(given | changes))


@pytest.mark.parametrize("seed", range(12))
def test_routes_are_as_short_as_the_exact_model_proves(seed: int) -> None:
    problem = routed(seed)
    exact = solve(problem, Budget())
    found = solve_routes(Facts(problem), Budget(rounds=1))
    if exact.unplaced:
        assert found is None
        return
    assert found is not None
    assert not broken(problem, found.placements)
    (travel,) = (goal for goal in exact.goals if goal.goal == 3)
    assert travel.proved
    assert values(problem, found.placements)[3] == travel.value


def test_the_entry_takes_this_way_beyond_the_exact_model(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = routed(1, n_visits=8)
    monkeypatch.setattr(solving, "is_small", lambda _facts: False)
    outcome = solve(problem, Budget(rounds=1))
    assert outcome == solve(problem, Budget(rounds=1))
    assert broken_rules(problem, outcome) == {}
    assert outcome.goals[-1].bound <= outcome.goals[-1].value
    assert values(problem, outcome.placements) == {goal.goal: goal.value for goal in outcome.goals}


def test_a_planted_day_is_served_whole() -> None:
    """Every officer has four visits back to back at one place each: nobody has a minute to spare."""
    visits, sites = [], [(0, 0)]
    for officer in range(6):
        sites.append((2_000 * (officer + 1), 1_000))
        for at, begin in enumerate((540, 630, 810, 900)):
            group = replace(ONE, barred=tuple(p for p in range(6) if (p + officer) % 3 == 1 and p != officer))
            given = {"days": (0,), "pieces": ((begin, begin + 90),), "groups": (group,)}
            visits.append(alone(f"V{4 * officer + at}", duration_min=90, site_idx=officer + 1, **given))
    people = tuple(person(f"P{idx}", max_visits_day=4) for idx in range(6))
    problem = tiny(people=people, visits=tuple(visits), sites=tuple(sites), grid_min=15, goals=(1, 3))
    found = solve_routes(Facts(problem), Budget(rounds=1))
    assert found is not None
    assert len(found.placements) == 24
    assert not broken(problem, found.placements)


def test_compiled_and_plain_loops_give_the_same_bytes() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", PLAIN],
            cwd=ROOT,
            env={**os.environ, "NUMBA_DISABLE_JIT": disabled, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for disabled in ("0", "1")
    ]
    assert told[0] == told[1]
    assert told[0].count("Placement(") > 10


PAIR = SeatGroup(department_idx=0, n_seats=2, pools=(0,))


@pytest.mark.parametrize(
    "changes",
    [
        {"goals": (1, 2, 3)},
        {"goals": (1, 3, 4)},
        {"barred_pairs": ((0, 1),)},
        {"people": (person("P0", max_visits=3),)},
        {"people": (person("P0"), person("P0"))},
        {"visits": (alone("V0", groups=(PAIR,)),)},
        {"visits": (alone("V0", groups=(ONE, ONE)),)},
        {"visits": (alone("V0", leader=True),)},
        {"visits": (alone("V0", groups=(replace(ONE, skills=(0, 1)),)),), "distinct_cover": True},
        {"visits": ()},
        {"visits": (alone("V0", pieces=((540, 560),)),)},
    ],
)
def test_any_other_shape_goes_the_ordinary_way(changes: dict[str, object]) -> None:
    problem = tiny(visits=(alone("V0"),), goals=(1, 3), skills=("k0", "k1"))
    assert solve_routes(Facts(problem), Budget(rounds=1)) is not None
    assert solve_routes(Facts(replace(problem, **changes)), Budget(rounds=1)) is None  # type: ignore[arg-type]
