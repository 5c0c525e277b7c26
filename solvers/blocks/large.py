"""A large campaign: a first roster of the whole, then blocks deepened wherever there is room, in fixed order.

In: facts, the budget, an executor or none. Out: placements. May import: ``solvers`` below blocks.

The order of blocks, their seeds and their steps depend on the problem and the budget alone; answers are
written back in the blocks' order. So the roster is the same for any number of processes.
"""

from collections.abc import Iterator
from concurrent.futures import Executor

import numpy as np

from scheduler.domain.ports import Progress
from scheduler.domain.problem import Placement
from scheduler.domain.settings import Budget
from solvers.blocks.bench import bench_of
from solvers.blocks.crowd import run_all
from solvers.blocks.cut import cut, write_back
from solvers.blocks.deepen import Pass, deepen
from solvers.blocks.land import DAY, START, TARGET, Ints, Land, State, empty, land_of
from solvers.blocks.parts import parts
from solvers.blocks.ruin import fill
from solvers.blocks.stops import rebuild
from solvers.bounds import department_ratios
from solvers.facts import NO_LIMIT, Facts
from solvers.goals import department_members

STEPS = 400_000
"""Search steps per round for the whole campaign, between the two bounds below per visit."""
FEWEST, MOST = 4, 90
"""Steps per visit and round: a metropolis and its year takes the first, a county the second."""
ROUNDS: tuple[tuple[tuple[int, int, int, int], ...], ...] = (
    ((0, 20, 24, 4), (1, 20, 24, 10)),
    ((4, 20, 20, 10),),
    ((20, 40, 20, 0),),
)
"""Per turn over all blocks: (weight of a minute above the load target, share of the steps in percent, minutes
that a step may be worse at first and at last). Load counts ever more (measured: docs/adr/0020)."""
CHUNK = 2_000


def first_roster(facts: Facts, land: Land, progress: Progress | None) -> State:
    """Visit after visit at its cheapest place, the hardest first: many groups, many seats, few days."""
    state, bench = empty(land), bench_of(land, 1)
    order = sorted(range(len(facts.visits)), key=lambda visit: _hardness(facts, visit))
    for done in range(0, len(order), CHUNK):
        fill(land, state, bench, np.array(order[done : done + CHUNK], np.int64))
        if progress is not None:
            progress("solve.construct", done=min(len(order), done + CHUNK), total=len(order))
    return state


def _hardness(facts: Facts, visit: int) -> tuple[int, ...]:
    need = facts.visits[visit]
    seats = sum(group.n_seats for group in need.groups)
    return (-len(need.groups), -seats, len(need.days), need.rank, visit)


def steps_per_visit(n_visits: int, rounds: int) -> int:
    """How often each visit is looked at on average; falls with the size of the campaign."""
    return rounds * max(FEWEST, min(MOST, STEPS // max(1, n_visits)))


def solve_large(
    facts: Facts, budget: Budget, progress: Progress | None, executor: Executor | None
) -> tuple[Placement, ...]:
    """Lawful placements of a large campaign; which visits can be staffed at all is settled afterwards."""
    land = land_of(facts)
    state = first_roster(facts, land, progress)
    state.people[:, TARGET] = load_targets(facts, state)
    blocks, aside = parts(land)
    halves = [half for half in (blocks, [aside]) if any(len(block) for block in half)]
    effort, seed, done = steps_per_visit(len(facts.visits), budget.rounds), 0, 0
    total = len(ROUNDS) * sum(len(half) for half in halves)
    for turn in ROUNDS:
        for half in halves:
            tasks = [
                (cut(land, state, block), _passes(turn, effort * len(block)), seed + at)
                for at, block in enumerate(half, start=1)
            ]
            seed += len(tasks)
            for moved in run_all(executor, deepen, tasks):
                write_back(land, state, moved)
                done += 1
                if progress is not None:
                    progress("solve.search", done=done, total=total)
            state = _again(land, state)
    return tuple(_placements(facts, state))


def _passes(turn: tuple[tuple[int, int, int, int], ...], steps: int) -> tuple[Pass, ...]:
    return tuple(
        Pass(weight, steps * share // 100, worse, worse_last) for weight, share, worse, worse_last in turn
    )


def _again(land: Land, state: State) -> State:
    """The same roster with its routes walked anew."""
    fresh = empty(land)
    fresh.plan[:], fresh.team[:] = state.plan, state.team
    fresh.people[:, TARGET] = state.people[:, TARGET]
    rebuild(land, fresh)
    return fresh


def load_targets(facts: Facts, state: State) -> Ints:
    """Load of each person at his department's bound, widened by the committed tolerance; experts have no
    target."""
    placed = np.flatnonzero(state.plan[:, DAY] >= 0)
    ratios = department_ratios(facts, tuple(int(visit) for visit in placed))
    widened = 1000 + facts.problem.load_tolerance_permille
    target = np.full(len(facts.people), NO_LIMIT, np.int64)
    for department, members in department_members(facts).items():
        for person in members:
            target[person] = ratios[department] * widened * facts.capacity[person] // 1_000_000
    return target


def _placements(facts: Facts, state: State) -> Iterator[Placement]:
    seat, plan, team = 0, state.plan.tolist(), state.team.tolist()
    for idx, visit in enumerate(facts.visits):
        teams = []
        for group in visit.groups:
            teams.append(tuple(sorted(team[seat : seat + group.n_seats])))
            seat += group.n_seats
        if plan[idx][DAY] >= 0:
            yield Placement(
                visit_idx=idx, day_idx=plan[idx][DAY], start_min=plan[idx][START], teams=tuple(teams)
            )
