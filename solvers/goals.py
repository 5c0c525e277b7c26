"""Goal values of a set of placements, exactly as the rule register words them, in integers.

In: facts and placements. Out: tuples of integers. May import: ``scheduler.domain``, ``solvers.facts``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from scheduler.domain.problem import Placement
from solvers.facts import Facts
from solvers.roster import Roster

Vector = tuple[int, ...]


def goal_values(facts: Facts, placements: Iterable[Placement]) -> dict[int, Vector]:
    """Value per goal that the problem optimises: 1 served, 2 load, 3 travel, 4 officers, 5 wishes, 6 lottery
    (only where some group has weights)."""
    roster = Roster(facts)
    for placement in placements:
        roster.put(placement)
    placed = roster.placements()
    values: dict[int, Vector] = {
        1: served(facts, placed),
        2: load_value(facts, roster.load),
        3: (roster.travel,),
        4: (officers_sent(facts, placed),),
        5: (wishes_value(facts, placed),),
    }
    if has_lottery(facts):
        values[6] = (lottery_value(facts, placed),)
    return {goal: value for goal, value in values.items() if goal in facts.problem.goals}


def served(facts: Facts, placements: Iterable[Placement]) -> Vector:
    """Requirements served by class D, C, B, A."""
    total = [0, 0, 0, 0]
    for placement in placements:
        for at, count in enumerate(facts.visits[placement.visit_idx].served):
            total[at] += count
    return tuple(total)


def worth_of(facts: Facts) -> dict[int, int]:
    """What each visit counts in the order of giving up: n - its place by rank, so that nobody is left out for
    one that ought to be left out first."""
    order = sorted(range(len(facts.visits)), key=lambda v: (facts.visits[v].rank, v))
    return {visit: len(order) - at for at, visit in enumerate(order)}


def kept(facts: Facts, placements: Iterable[Placement]) -> tuple[Vector, int]:
    """Goal 1, then the order of giving up as a number, more is better: what no other goal may lessen, whether
    serving is told as a goal or not."""
    placed, worth = tuple(placements), worth_of(facts)
    return served(facts, placed), sum(worth[placement.visit_idx] for placement in placed)


def is_better(facts: Facts, one: tuple[Placement, ...], other: tuple[Placement, ...]) -> bool:
    """Whether more is kept, or as much and the goals' values are better in their order; the load counts only
    where it gives up nothing."""
    keeps, kept_by_other = kept(facts, one), kept(facts, other)
    if keeps != kept_by_other:
        return keeps > kept_by_other
    values, others = goal_values(facts, one), goal_values(facts, other)
    counted = [goal for goal in sorted(values) if goal != 2 or not facts.problem.load_tolerance_permille]
    return [values[goal] for goal in counted] < [others[goal] for goal in counted]


def load_value(facts: Facts, load: Sequence[int]) -> Vector:
    """Sum of the largest per mille of each department, and the minutes above the targets."""
    largest_sum = excess = 0
    for members in department_members(facts).values():
        loads = [load[person] for person in members]
        capacities = [facts.capacity[person] for person in members]
        largest_sum += largest_ratio(loads, capacities)
        targets = shares(capacities, target_ratio(capacities, sum(loads)))
        excess += sum(max(0, have - want) for have, want in zip(loads, targets, strict=True))
    return (largest_sum, excess)


def largest_ratios(facts: Facts, load: Sequence[int]) -> dict[int, int]:
    """The largest per mille of each department."""
    return {
        department: largest_ratio([load[p] for p in members], [facts.capacity[p] for p in members])
        for department, members in department_members(facts).items()
    }


def largest_ratio(loads: Sequence[int], capacities: Sequence[int]) -> int:
    """The largest ``ceil(1000 * load / capacity)``; 0 where nobody has a load."""
    return max(
        (-(-1000 * have // room) for have, room in zip(loads, capacities, strict=True) if have), default=0
    )


def shares(capacities: Sequence[int], ratio: int) -> list[int]:
    """``floor(ratio * capacity / 1000)`` for each."""
    return [ratio * room // 1000 for room in capacities]


def target_ratio(capacities: Sequence[int], load: int) -> int:
    """The least per mille at which the shares reach the load; 0 for no load or nobody with capacity."""
    if not load or not sum(capacities):
        return 0
    low, high = 0, 1000 * (load + len(capacities)) // sum(capacities) + 1000
    while sum(shares(capacities, high)) < load:
        high *= 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if sum(shares(capacities, middle)) >= load else (middle, high)
    return high


def department_members(facts: Facts) -> dict[int, tuple[int, ...]]:
    """People by department, both ascending; experts belong to none."""
    found: dict[int, list[int]] = {}
    for idx, person in enumerate(facts.people):
        if person.department_idx >= 0:
            found.setdefault(person.department_idx, []).append(idx)
    return {department: tuple(found[department]) for department in sorted(found)}


def officers_sent(facts: Facts, placements: Iterable[Placement]) -> int:
    """Goal 4: how many officers have a visit at all; experts come because an item asks and do not count."""
    return len(
        {
            facts.body[person]
            for placement in placements
            for team in placement.teams
            for person in team
            if facts.people[person].department_idx >= 0
        }
    )


def wishes_value(facts: Facts, placements: Iterable[Placement]) -> int:
    """Goal 5: the penalties of all who sit, of the days, of pairs that sit together, of visits too near,
    and of people with too few visits."""
    placed = {placement.visit_idx: placement for placement in placements}
    return (
        sum(_seat_wishes(facts, placement) + _day_wish(facts, placement) for placement in placed.values())
        + _pair_wishes(facts, placed.values())
        + _spacing(facts, placed)
        + _too_few(facts, placed.values())
    )


def _seat_wishes(facts: Facts, placement: Placement) -> int:
    total = 0
    for group, team in zip(facts.visits[placement.visit_idx].groups, placement.teams, strict=True):
        if group.wishes:
            penalty = dict(zip(facts.candidates(group), group.wishes, strict=True))
            total += sum(penalty[person] for person in team)
    return total


def _day_wish(facts: Facts, placement: Placement) -> int:
    need = facts.visits[placement.visit_idx]
    return need.day_wishes[need.days.index(placement.day_idx)] if need.day_wishes else 0


def _pair_wishes(facts: Facts, placements: Iterable[Placement]) -> int:
    if not facts.problem.pair_wishes:
        return 0
    dear: dict[int, list[tuple[int, int]]] = {}
    for one, other, penalty in facts.problem.pair_wishes:
        dear.setdefault(one, []).append((other, penalty))
    total = 0
    for placement in placements:
        present = {person for team in placement.teams for person in team}
        total += sum(penalty for one in present for other, penalty in dear.get(one, ()) if other in present)
    return total


def _spacing(facts: Facts, placed: Mapping[int, Placement]) -> int:
    return sum(
        penalty
        for one, other, least, penalty in facts.problem.spaced
        if one in placed and other in placed and abs(placed[one].day_idx - placed[other].day_idx) < least
    )


def _too_few(facts: Facts, placements: Iterable[Placement]) -> int:
    if not facts.problem.least_visits:
        return 0
    sits = Counter(person for placement in placements for team in placement.teams for person in team)
    return sum(
        max(0, least - sits[person]) * penalty for person, least, penalty in facts.problem.least_visits
    )


def has_lottery(facts: Facts) -> bool:
    """Whether any group has lottery weights."""
    return any(group.lottery for visit in facts.visits for group in visit.groups)


def lottery_value(facts: Facts, placements: Iterable[Placement]) -> int:
    """Sum of the lottery weights of all who sit; groups without weights count 0."""
    total = 0
    for placement in placements:
        for group, team in zip(facts.visits[placement.visit_idx].groups, placement.teams, strict=True):
            if group.lottery:
                weight = dict(zip(facts.candidates(group), group.lottery, strict=True))
                total += sum(weight[person] for person in team)
    return total
