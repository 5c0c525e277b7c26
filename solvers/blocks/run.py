"""A roster for the exact model to start from: construct, search, then part after part in a fixed order.

In: facts, which visits can be staffed, the budget. Out: a roster and its work units. May import:
``solvers`` below blocks. Large campaigns go another way (``solvers.blocks.large``).
"""

from scheduler.domain.ports import Progress
from scheduler.domain.problem import Placement
from scheduler.domain.settings import Budget
from solvers.blocks import naming, seating
from solvers.blocks.assign import even_out
from solvers.blocks.construct import construct, held_targets, targets
from solvers.blocks.search import Search
from solvers.bounds import department_ratios
from solvers.facts import Facts
from solvers.goals import department_members, goal_values
from solvers.roster import Roster
from solvers.watch import keep

FREE_STEPS = 4
"""Search steps per visit and round for travel alone, before anybody's load counts."""
EVEN_STEPS = ((1, 3), (6, 2))
"""Then (weight of a minute above the load target, steps per visit and round)."""

HOLD_WEIGHT = 1_000
"""Weight that keeps the load as it is while travel is searched."""
HELD_STEPS = 100
"""Steps per visit of that search: for small campaigns, to hand the exact model a hint."""


def solve_blocks(
    facts: Facts, able: tuple[bool, ...], budget: Budget, progress: Progress | None = None
) -> tuple[Roster, int]:
    """The best roster within the budget's rounds, and the CP-SAT work units it took."""
    n_steps = budget.rounds * sum(able)
    roster = Roster(facts)
    construct(roster, able, progress)
    keep(roster.placements)
    search = Search(roster, able)
    search.run(FREE_STEPS * n_steps, progress)
    spent = _name_all(roster, able, budget, progress)
    for weight, steps in EVEN_STEPS:
        roster.set_target(targets(facts, able), weight)
        search.run(steps * n_steps, progress)
    spent += _name_all(roster, able, budget, progress)
    spent += _seat_all(roster, able, budget, progress)
    _, units = even_out(roster, able, budget, progress)
    return roster, spent + units


def shorter(
    facts: Facts, able: tuple[bool, ...], placements: tuple[Placement, ...], start: int = 1
) -> tuple[Placement, ...]:
    """The same visits at no worse a load with less travel, by search alone; the placements themselves
    where none is found. Another ``start`` looks elsewhere."""
    roster = Roster(facts)
    for placement in placements:
        roster.put(placement)
    before, placed = goal_values(facts, placements), {p.visit_idx for p in placements}
    roster.set_target(held_targets(roster), HOLD_WEIGHT)
    search = Search(roster, tuple(can and v in placed for v, can in enumerate(able)), start)
    search.run(HELD_STEPS * len(placed))
    after = goal_values(facts, roster.placements())
    better = after[1] == before[1] and after[2] <= before[2] and after[3] < before[3]
    return roster.placements() if better else placements


def _departments(facts: Facts) -> list[tuple[int, tuple[int, ...]]]:
    """Departments whose people have one row each, in order."""
    alone = facts.one_row
    return [(d, people) for d, people in department_members(facts).items() if alone.issuperset(people)]


def _experts(facts: Facts) -> tuple[int, ...]:
    """Experts with one row each: their loads are not evened out."""
    return tuple(p for p, who in enumerate(facts.people) if who.department_idx < 0 and p in facts.one_row)


def _name_all(roster: Roster, able: tuple[bool, ...], budget: Budget, progress: Progress | None) -> int:
    ratios = _ratios(roster, able)
    spent, departments = 0, _departments(roster.facts)
    for done, (department, people) in enumerate(departments, start=1):
        block = naming.naming_block(roster, people, ratios[department])
        if block.days:
            named = naming.name(block, budget.block_units)
            naming.apply(roster, block, named)
            spent += named.work_units
        if progress is not None:
            progress("solve.block", done=done, total=len(departments))
    return spent


def _seat_all(roster: Roster, able: tuple[bool, ...], budget: Budget, progress: Progress | None) -> int:
    tolerance = roster.facts.problem.load_tolerance_permille
    ratios = {d: ratio * (1000 + tolerance) // 1000 for d, ratio in _ratios(roster, able).items()}
    crews = [(people, ratios[d]) for d, people in _departments(roster.facts)]
    crews.append((_experts(roster.facts), seating.NO_EVENNESS))
    spent = 0
    for done, (people, enough) in enumerate(crews, start=1):
        for days in seating.days_of(roster, people, enough):
            block = seating.seating_block(roster, people, days, enough)
            if block.stops:
                seated = seating.seat(block, budget.block_units, tolerance)
                seating.apply(roster, block, seated)
                spent += seated.work_units
        if progress is not None:
            progress("solve.block", done=done, total=len(crews))
    return spent


def _ratios(roster: Roster, able: tuple[bool, ...]) -> dict[int, int]:
    """Least largest per mille by department for what is placed now."""
    sure = tuple(v for v, can in enumerate(able) if can and roster.placed[v] is not None)
    return department_ratios(roster.facts, sure)
