"""Large campaigns: one roster wherever its blocks run, lawful with every rule, loads proved by CP-SAT."""

import hashlib
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from plain_roster import need, person, tiny
from town import in_small_blocks, town, without_compiling

from scheduler.domain.problem import AssignmentProblem, SeatGroup
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules, goal_values
from solvers import local_processes, solve
from solvers.blocks import large, parts
from solvers.blocks.cut import cut, moves, write_back
from solvers.blocks.land import DAY, empty, land_of
from solvers.blocks.proofs import raised_ratios
from solvers.blocks.stops import rebuild
from solvers.bounds import department_ratios
from solvers.facts import Facts

ROOT = Path(__file__).parents[2]
BUDGET = Budget(rounds=1, block_units=1)
PLAIN = """
from test_solvers_large import digest
from town import few_steps, town
few_steps()
print(digest(town(40)))
"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_blocks(monkeypatch)


def digest(problem: AssignmentProblem, executor: Executor | None = None) -> str:
    return hashlib.sha256(repr(solve(problem, BUDGET, executor=executor)).encode()).hexdigest()


def strict(problem: AssignmentProblem) -> AssignmentProblem:
    """With leaders and seniors wanted everywhere, newcomers, and a fixed pair in every department."""
    people = list(problem.people)
    by_pool: dict[int, list[int]] = {}
    for idx, who in enumerate(people):
        by_pool.setdefault(who.pool_idx, []).append(idx)
    for crew, members in enumerate(row for row in by_pool.values() if people[row[0]].department_idx >= 0):
        for idx in members[-2:]:
            people[idx] = replace(people[idx], fixed_idx=crew)
        for idx in members[4:6]:
            people[idx] = replace(people[idx], is_newcomer=True)
    visits = [
        replace(
            visit,
            leader=True,
            senior=True,
            groups=tuple(
                replace(group, leader=group.department_idx >= 0, senior=group.department_idx >= 0)
                for group in visit.groups
            ),
        )
        for visit in problem.visits
    ]
    return replace(problem, people=tuple(people), visits=tuple(visits))


def test_the_roster_is_the_same_with_one_and_with_two_processes() -> None:
    problem = town(160)
    blocks, aside = parts.parts(land_of(Facts(problem)))
    assert len(blocks) > 1
    assert len(aside)
    with local_processes(2) as executor:
        assert digest(problem, executor) == digest(problem)


def test_compiled_and_plain_loops_give_the_same_bytes() -> None:
    assert without_compiling(PLAIN) == digest(town(40))


@pytest.mark.parametrize("kind", ["plain", "strict"])
def test_a_large_roster_keeps_every_rule_and_its_bounds_hold(kind: str) -> None:
    problem = strict(town(160)) if kind == "strict" else town(160)
    outcome = solve(problem, BUDGET)
    assert outcome.method == "blocks"
    assert broken_rules(problem, outcome) == {}
    told = {goal.goal: goal.value for goal in outcome.goals}
    assert {goal: told[goal] for goal in (1, 2, 3)} == goal_values(problem, outcome)
    for goal in outcome.goals:
        pairs = list(zip(goal.value, goal.bound, strict=True))
        assert all(value <= bound if goal.goal == 1 else bound <= value for value, bound in pairs)


class Killing:
    """An executor whose workers die at every second block."""

    def __init__(self) -> None:
        self.n = 0

    def submit(self, function: Callable[..., object], /, *args: object) -> Future[object]:
        future: Future[object] = Future()
        self.n += 1
        if self.n % 2:
            future.set_exception(BrokenProcessPool("killed"))
        else:
            future.set_result(function(*args))
        return future


def test_a_killed_worker_costs_its_block_and_nothing_else() -> None:
    problem = town(60)
    assert digest(problem, Killing()) == digest(problem)  # type: ignore[arg-type]


def test_every_visit_is_in_one_part_and_no_two_blocks_share_a_pool() -> None:
    problem = town(160)
    blocks, aside = parts.parts(land_of(Facts(problem)))
    assert sorted(np.concatenate((*blocks, aside)).tolist()) == list(range(len(problem.visits)))
    pools = [
        {pool for visit in block for group in problem.visits[visit].groups for pool in group.pools}
        for block in blocks
    ]
    assert all(not one & other for at, one in enumerate(pools) for other in pools[at + 1 :])


def test_a_block_written_back_unchanged_changes_nothing() -> None:
    problem = town(160)
    facts = Facts(problem)
    land = land_of(facts)
    state = large.first_roster(facts, land, None)
    travel, plan, team = state.total[0], state.plan.copy(), state.team.copy()
    blocks, aside = parts.parts(land)
    for free in (*blocks, aside):
        block = cut(land, state, free)
        inside = block.state()
        assert (inside.plan[block.free] == plan[free]).all()
        write_back(land, state, moves(block, inside))
    assert (state.plan == plan).all()
    placed = np.repeat(plan[:, DAY] >= 0, land.visits[:, 10] - land.visits[:, 9])
    assert (state.team[placed] == team[placed]).all()
    fresh = empty(land)
    fresh.plan[:], fresh.team[:] = state.plan, state.team
    rebuild(land, fresh)
    assert fresh.total[0] == travel


def test_a_load_that_arithmetic_allows_is_refuted_by_cp_sat() -> None:
    people = tuple(person(f"P{at}", capacity_min=1000) for at in range(3))
    alone = SeatGroup(department_idx=0, n_seats=1, pools=(0,))
    long, short = need("V0", duration_min=100, groups=(alone,)), need("V1", duration_min=60, groups=(alone,))
    visits = (
        *(replace(long, visit_id=f"V{n}") for n in range(3)),
        *(replace(short, visit_id=f"V{n}") for n in (3, 4)),
    )
    problem = tiny(people=people, visits=visits)
    facts = Facts(problem)
    assert department_ratios(facts, range(5)) == {0: 140}
    assert raised_ratios(facts, range(5), {0: 140}, {0: 150}, 5, None) == {0: 150}
    assert raised_ratios(facts, range(5), {0: 155}, {0: 160}, 5, None) == {0: 160}
    assert raised_ratios(facts, range(5), {0: 160}, {0: 165}, 5, None) == {0: 160}
