"""CP-SAT assigns the inspectors of a large campaign: department after department, with hard load targets.

In: a roster whose dates and routes are found. Out: the roster with other people on the same days, never less
even. May import: ``solvers`` below blocks.

A department's block holds those above its load bound and those with most room below it, as many as keep the
model small; what the search chose is the hint, and stays where CP-SAT finds nothing better.
"""

from concurrent.futures import Executor

from scheduler.domain.ports import Progress
from scheduler.domain.settings import Budget
from solvers.blocks import naming, seating
from solvers.blocks.crowd import run_all
from solvers.bounds import department_ratios
from solvers.facts import Facts
from solvers.goals import department_members
from solvers.roster import Roster

LITERALS = 2_500
"""Person-days times people of one block: feasible within a second (DESIGN: one to three thousand)."""
SEATING_VISITS = 2_000
"""Up to so many visits single seats are dealt out too: larger campaigns have enough person-days to deal."""


def assign(
    roster: Roster,
    able: tuple[bool, ...],
    budget: Budget,
    progress: Progress | None,
    executor: Executor | None,
) -> int:
    """Deal person-days, then in smaller campaigns single seats, towards the load bounds; the work units."""
    facts = roster.facts
    placed = tuple(v for v, can in enumerate(able) if can and roster.placed[v] is not None)
    tolerance = facts.problem.load_tolerance_permille
    ratios = {d: ratio * (1000 + tolerance) // 1000 for d, ratio in department_ratios(facts, placed).items()}
    crews = [(people, ratios[d]) for d, people in department_members(facts).items() if free(facts, people)]
    crews = [(_block_people(roster, people, ratio), ratio) for people, ratio in crews]
    blocks = [naming.naming_block(roster, people, ratio) for people, ratio in crews]
    blocks = [block for block in blocks if block.days]
    spent = 0
    tasks = [(block, budget.block_units) for block in blocks]
    for done, named in enumerate(run_all(executor, naming.name, tasks), start=1):
        naming.apply(roster, blocks[done - 1], named)
        spent += named.work_units
        if progress is not None:
            progress("solve.block", done=done, total=len(blocks))
    if len(facts.visits) <= SEATING_VISITS:
        spent += _seat(roster, crews, budget, executor)
    return spent


def free(facts: Facts, people: tuple[int, ...]) -> bool:
    """Whether a department's people may be dealt out by the models here: one row each, no fixed group, no
    newcomer who needs company. Others keep the places that the search gave them, which keeps all rules."""
    guided = any(need.senior or any(group.senior for group in need.groups) for need in facts.visits)
    return facts.one_row.issuperset(people) and not any(
        facts.people[p].fixed_idx >= 0 or (guided and facts.people[p].is_newcomer) for p in people
    )


def _block_people(roster: Roster, people: tuple[int, ...], ratio: int) -> tuple[int, ...]:
    """Those above the department's share, then those farthest below it, while the block stays small."""
    facts = roster.facts
    room = {p: ratio * facts.capacity[p] // 1000 - roster.load[p] for p in people}
    over = sorted((p for p in people if room[p] < 0), key=lambda p: (room[p], p))
    under = sorted((p for p in people if room[p] >= 0), key=lambda p: (-room[p], p))
    chosen: list[int] = []
    n_days = 0
    for person in (*over[: len(over) // 2 + 1], *under, *over[len(over) // 2 + 1 :]):
        n_days += len(roster.routes[person])
        if chosen and n_days * (len(chosen) + 1) > LITERALS:
            break
        chosen.append(person)
    return tuple(sorted(chosen))


def _seat(
    roster: Roster, crews: list[tuple[tuple[int, ...], int]], budget: Budget, executor: Executor | None
) -> int:
    """Single seats of a few days each; a department's stretches of days follow each other, departments run
    side by side."""
    facts, spent = roster.facts, 0
    tolerance = facts.problem.load_tolerance_permille
    stretches = [(people, ratio, seating.days_of(roster, people, ratio)) for people, ratio in crews]
    for turn in range(max((len(days) for _, _, days in stretches), default=0)):
        blocks = [
            seating.seating_block(roster, people, days[turn], ratio)
            for people, ratio, days in stretches
            if turn < len(days)
        ]
        blocks = [block for block in blocks if block.stops]
        tasks = [(block, budget.block_units, tolerance) for block in blocks]
        for block, seated in zip(blocks, run_all(executor, seating.seat, tasks), strict=True):
            seating.apply(roster, block, seated)
            spent += seated.work_units
    return spent
