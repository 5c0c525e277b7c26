"""A first roster of the whole campaign: visit after visit at its cheapest lawful place.

In: an empty roster with load targets. Out: the roster filled. May import: ``solvers`` below blocks.
"""

from scheduler.domain.ports import Progress
from solvers.bounds import department_ratios
from solvers.facts import NO_LIMIT, Facts
from solvers.goals import department_members, shares, target_ratio
from solvers.insertion import best_place
from solvers.roster import Roster

TALK_EVERY = 50


def construct(roster: Roster, able: tuple[bool, ...], progress: Progress | None = None) -> None:
    """Place what can be placed, the hardest first; where not all finds room, also the highest class first,
    and the roster that serves more stays."""
    _fill(roster, sorted(_open(roster, able), key=lambda v: _hardness(roster, v)), progress)
    if not _open(roster, able):
        return
    first, served = list(roster.placed), list(roster.served)
    for placement in roster.placements():
        roster.take(placement.visit_idx)
    _fill(roster, sorted(_open(roster, able), key=lambda v: (roster.facts.visits[v].rank, v)), progress)
    if roster.served < served:
        roster.restore(first)


def _open(roster: Roster, able: tuple[bool, ...]) -> list[int]:
    return [visit for visit in roster.unplaced() if able[visit]]


def _fill(roster: Roster, order: list[int], progress: Progress | None) -> None:
    for done, visit in enumerate(order, start=1):
        choice = best_place(roster, visit)
        if choice is not None:
            roster.put(choice.placement)
        if progress is not None and (done % TALK_EVERY == 0 or done == len(order)):
            progress("solve.construct", done=done, total=len(order))


def _hardness(roster: Roster, visit: int) -> tuple[int, ...]:
    """Many groups, many seats, few days, then rank."""
    need = roster.facts.visits[visit]
    seats = sum(group.n_seats for group in need.groups)
    return (-len(need.groups), -seats, len(need.days), need.rank, visit)


def held_targets(roster: Roster) -> tuple[int, ...]:
    """Loads that cannot make goal 2 worse: each person's own, or his department's target if that is more.

    While nobody is above them, neither the largest per mille nor the minutes above the targets grow.
    """
    facts, found = roster.facts, [NO_LIMIT] * len(roster.facts.people)
    for members in department_members(facts).values():
        capacities = [facts.capacity[person] for person in members]
        ratio = target_ratio(capacities, sum(roster.load[person] for person in members))
        for person, share in zip(members, shares(capacities, ratio), strict=True):
            found[person] = max(share, roster.load[person])
    return tuple(found)


def targets(facts: Facts, able: tuple[bool, ...]) -> tuple[int, ...]:
    """Load of each person at his department's bound, widened by the committed tolerance; experts have no
    target."""
    ratios = department_ratios(facts, tuple(visit for visit, can in enumerate(able) if can))
    found = [NO_LIMIT] * len(facts.people)
    widened = 1000 + facts.problem.load_tolerance_permille
    for department, members in department_members(facts).items():
        for person in members:
            room = facts.capacity[person]
            found[person] = ratios[department] * widened * room // 1_000_000
    return tuple(found)
