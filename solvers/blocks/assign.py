"""CP-SAT assigns the inspectors of a large campaign: department after department, with hard load targets.

In: a roster whose dates and routes are found. Out: the roster with other people, and here and there other
dates, never less even; and what was proved about the loads. May import: ``solvers`` below blocks.

First whole person-days are dealt out, which costs no travel (with a committed tolerance what the search made
of the load is nearly enough, and this is left out). Then CP-SAT says how even a department can be at
all. What is not that even is dealt out seat by seat, at first with the dates as they are, then with some of
them free. Last, single seats for less travel at the loads reached. A block holds those above its load bound
and those with most room below it, as many as keep the model small; what the search chose is the hint, and
stays where CP-SAT finds nothing better.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

from scheduler.domain.ports import Progress
from scheduler.domain.settings import Budget
from solvers.blocks import dating, dating_model, naming, seating
from solvers.blocks.crowd import run_all
from solvers.blocks.proofs import raised_ratios
from solvers.bounds import department_ratios, sure_visits
from solvers.facts import Facts
from solvers.goals import department_members, largest_ratios, served
from solvers.roster import Roster

Block = TypeVar("Block")
Answer = TypeVar("Answer")

LITERALS = 2_500
"""Person-days times people of one block: feasible within a second (DESIGN: one to three thousand)."""
SEATING_VISITS = 2_000
"""Up to so many visits single seats are dealt out too: larger campaigns have enough person-days to deal."""
NEAR_PERMILLE = 10
"""In campaigns larger than that a department this near to its bound is left as it is: the last per mille of
each of 178 departments would take as long as all the rest."""
AIMS = (1, 1, 1, 2, 2)
"""Turns of dealing seats with dates: the part of the way from the load reached down to the bound that each
one aims at, all of it or half; the first leaves all dates, each later one frees others."""
MORE_AIMS = (1, 1, 1, 1)
"""Then, up to :data:`SEATING_VISITS`: other people and other dates for the one or two departments that are
left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assigned:
    """Per mille by which CP-SAT raised the bounds of the largest loads, all departments together, and the
    work units of all blocks."""

    raised: int
    work_units: int


def assign(
    roster: Roster,
    able: tuple[bool, ...],
    budget: Budget,
    progress: Progress | None,
    executor: Executor | None,
) -> Assigned:
    """Deal people out towards the load bounds, with other dates where these forbid it."""
    facts = roster.facts
    members = {d: people for d, people in department_members(facts).items() if free(facts, people)}
    spent = 0
    if not facts.problem.load_tolerance_permille:
        spent += _name(roster, members, _wanted(roster, able, {}), budget, progress, executor)
    proved, units = even_out(roster, able, budget, progress, executor)
    wanted, spent = _wanted(roster, able, proved), spent + units
    if len(facts.visits) <= SEATING_VISITS:
        spent += _seat(roster, members, wanted, budget, executor)
    sure = sure_visits(facts, able, served(facts, roster.placements()))
    raised = sum(proved.values()) - sum(department_ratios(facts, sure).values())
    return Assigned(raised=raised, work_units=spent)


def even_out(
    roster: Roster,
    able: tuple[bool, ...],
    budget: Budget,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> tuple[dict[int, int], int]:
    """Prove how even each department can be at all, and deal seats out where it is not that even; what was
    proved, and the work units."""
    members = {
        d: people for d, people in department_members(roster.facts).items() if free(roster.facts, people)
    }
    proved = proved_ratios(roster, able, budget, executor)
    wanted = _wanted(roster, able, proved)
    return proved, _date(roster, members, wanted, budget, progress, executor)


def proved_ratios(
    roster: Roster, able: tuple[bool, ...], budget: Budget, executor: Executor | None
) -> dict[int, int]:
    """Per department a largest per mille that no roster serving as much is below: by arithmetic, and by
    CP-SAT where the roster is above that."""
    facts = roster.facts
    sure = sure_visits(facts, able, served(facts, roster.placements()))
    reached = largest_ratios(facts, roster.load)
    tolerance = _near(facts)
    ratios = department_ratios(facts, sure)
    return raised_ratios(facts, sure, ratios, reached, budget.block_units, executor, tolerance)


def _wanted(roster: Roster, able: tuple[bool, ...], proved: Mapping[int, int]) -> dict[int, int]:
    """The largest per mille to aim at for what is placed, widened by what is near enough."""
    facts = roster.facts
    placed = tuple(v for v, can in enumerate(able) if can and roster.placed[v] is not None)
    widened = 1000 + _near(facts)
    return {
        department: max(ratio, proved.get(department, 0)) * widened // 1000
        for department, ratio in department_ratios(facts, placed).items()
    }


def _near(facts: Facts) -> int:
    """Per mille above its bound at which a department's largest load is good enough."""
    least = NEAR_PERMILLE if len(facts.visits) > SEATING_VISITS else 0
    return max(least, facts.problem.load_tolerance_permille)


def free(facts: Facts, people: tuple[int, ...]) -> bool:
    """Whether a department's people may be dealt out by the models here: one row each, no fixed group, no
    newcomer who needs company. Others keep the places that the search gave them, which keeps all rules."""
    guided = any(need.senior or any(group.senior for group in need.groups) for need in facts.visits)
    return facts.one_row.issuperset(people) and not any(
        facts.people[p].fixed_idx >= 0 or (guided and facts.people[p].is_newcomer) for p in people
    )


def _name(
    roster: Roster,
    members: Mapping[int, tuple[int, ...]],
    wanted: Mapping[int, int],
    budget: Budget,
    progress: Progress | None,
    executor: Executor | None,
) -> int:
    """Whole person-days of each department; the work units."""
    days = [len(routes) for routes in roster.routes]
    blocks = [
        naming.naming_block(roster, _block_people(roster, people, wanted[d], days, 0), wanted[d])
        for d, people in members.items()
    ]
    blocks = [block for block in blocks if block.days]
    spent = 0
    for block, named in _answers(executor, naming.name, blocks, budget, progress):
        naming.apply(roster, block, named)
        spent += named.work_units
    return spent


def _answers(
    executor: Executor | None,
    function: Callable[[Block, int], Answer],
    blocks: Sequence[Block],
    budget: Budget,
    progress: Progress | None,
) -> Iterator[tuple[Block, Answer]]:
    """Each block with its answer, in the blocks' order; told once it was used."""
    answers = run_all(executor, function, [(block, budget.block_units) for block in blocks])
    for done, (block, answer) in enumerate(zip(blocks, answers, strict=True), start=1):
        yield block, answer
        if progress is not None:
            progress("solve.block", done=done, total=len(blocks))


def _block_people(
    roster: Roster, people: tuple[int, ...], ratio: int, sizes: list[int], turn: int
) -> tuple[int, ...]:
    """Those above the department's share, then those farthest below it, while what they hold in all, times
    their number, stays small. Each turn begins with others of those below."""
    facts = roster.facts
    room = {p: ratio * facts.capacity[p] // 1000 - roster.load[p] for p in people}
    over = sorted((p for p in people if room[p] < 0), key=lambda p: (room[p], p))
    under = sorted((p for p in people if room[p] >= 0), key=lambda p: (-room[p], p))
    first = 3 * turn % max(1, len(under))
    under = [*under[first:], *under[:first]]
    chosen: list[int] = []
    size = 0
    for person in (*over[: len(over) // 2 + 1], *under, *over[len(over) // 2 + 1 :]):
        size += sizes[person]
        if chosen and size * (len(chosen) + 1) > LITERALS:
            break
        chosen.append(person)
    return tuple(sorted(chosen))


def _date(
    roster: Roster,
    members: Mapping[int, tuple[int, ...]],
    wanted: Mapping[int, int],
    budget: Budget,
    progress: Progress | None,
    executor: Executor | None,
) -> int:
    """Seats of the departments that are not as even as was wanted, turn after turn; the work units."""
    spent = 0
    aims = AIMS if len(roster.facts.visits) > SEATING_VISITS else AIMS + MORE_AIMS
    for turn, part in enumerate(aims):
        reached = largest_ratios(roster.facts, roster.load)
        late = [d for d in members if reached[d] > wanted[d]]
        stops = [sum(len(route.stops) for route in routes.values()) for routes in roster.routes]
        blocks = []
        for department in late:
            ratio = reached[department] - -(-(reached[department] - wanted[department]) // part)
            people = _block_people(roster, members[department], ratio, stops, turn)
            blocks.append(dating.dating_block(roster, people, ratio, turn))
        for block, dated in _answers(executor, dating_model.date, blocks, budget, progress):
            dating.apply(roster, block, dated)
            spent += dated.work_units
    return spent


def _seat(
    roster: Roster,
    members: Mapping[int, tuple[int, ...]],
    wanted: Mapping[int, int],
    budget: Budget,
    executor: Executor | None,
) -> int:
    """Single seats of a few days each; a department's stretches of days follow each other, departments run
    side by side."""
    facts, spent = roster.facts, 0
    tolerance = facts.problem.load_tolerance_permille
    days = [len(routes) for routes in roster.routes]
    stretches = []
    for department, whole in members.items():
        people = _block_people(roster, whole, wanted[department], days, 0)
        stretches.append((people, wanted[department], seating.days_of(roster, people, wanted[department])))
    for turn in range(max((len(stretch) for _, _, stretch in stretches), default=0)):
        blocks = [
            seating.seating_block(roster, people, stretch[turn], ratio)
            for people, ratio, stretch in stretches
            if turn < len(stretch)
        ]
        blocks = [block for block in blocks if block.stops]
        tasks = [(block, budget.block_units, tolerance) for block in blocks]
        for block, seated in zip(blocks, run_all(executor, seating.seat, tasks), strict=True):
            seating.apply(roster, block, seated)
            spent += seated.work_units
    return spent
