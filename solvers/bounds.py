"""Proven bounds of all goals by arithmetic alone: often weak, never wrong.

In: facts, which visits can be staffed, goal 1's value. Out: bounds in the goals' components.
May import: ``scheduler.domain``, ``solvers.facts``, ``solvers.goals``, ``solvers.shortcuts``.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, gcd, isqrt

from scheduler.domain.problem import SeatGroup, VisitNeed
from solvers.facts import NO_LIMIT, Facts
from solvers.goals import Vector, department_members, shares, target_ratio
from solvers.shortcuts import possible, tabled_bound

NEIGHBOUR_PAIRS = 4_000_000
"""Pairs of visits looked at for the nearest-neighbour bound; beyond, the radial bound stands alone."""


def served_bound(facts: Facts, staffable: Sequence[bool]) -> Vector:
    """Per class: no more than can be staffed alone, nor than any one department has days for.

    A department's loss is a fractional knapsack over its seats, once counted in visits, once in minutes.
    """
    able = possible(facts, staffable)
    total = [sum(facts.visits[idx].served[at] for idx in able) for at in range(4)]
    best = list(total)
    asked: dict[int, dict[int, int]] = {}
    for idx in able:
        for group in facts.visits[idx].groups:
            seats = asked.setdefault(facts.department_of(group), {})
            seats[idx] = seats.get(idx, 0) + group.n_seats
    for department, members in department_members(facts).items():
        supplies = (
            sum(_visits_possible(facts, person) for person in members),
            sum(_minutes_possible(facts, person) for person in members),
        )
        asks = [(idx, n) for idx, n in asked.get(department, {}).items() if n]
        for at in range(4):
            for supply, per_seat in zip(supplies, (False, True), strict=True):
                worth = [
                    (facts.visits[idx].served[at], n * (facts.duration[idx] if per_seat else 1))
                    for idx, n in asks
                ]
                best[at] = min(best[at], total[at] - _loss(worth, supply))
    return tuple(best)


def _visits_possible(facts: Facts, person: int) -> int:
    who = facts.people[person]
    by_day = len(who.days) * who.max_visits_day if who.max_visits_day else NO_LIMIT
    return min(by_day, who.max_visits or NO_LIMIT)


def _minutes_possible(facts: Facts, person: int) -> int:
    who = facts.people[person]
    by_day = len(who.days) * who.max_minutes_day if who.max_minutes_day else NO_LIMIT
    return min(by_day, who.max_minutes or NO_LIMIT)


def _loss(worth: list[tuple[int, int]], supply: int) -> int:
    """The least worth that must be left out where all together asks for more than the supply."""
    gain, total = Fraction(0), sum(value for value, _ in worth)
    if sum(ask for _, ask in worth) <= supply:
        return 0
    for value, ask in sorted(worth, key=lambda item: Fraction(-item[0], item[1])):
        if value <= 0 or supply <= 0:
            break
        gain += Fraction(value * min(ask, supply), ask)
        supply -= min(ask, supply)
    return total - int(gain)


def _own_seats(facts: Facts, visit: VisitNeed, department: int) -> int:
    return sum(g.n_seats for g in visit.groups if facts.department_of(g) == department)


def sure_visits(facts: Facts, staffable: Sequence[bool], value: Vector) -> tuple[int, ...]:
    """Visits that every schedule with this value of goal 1 places: those of classes served in full."""
    able = possible(facts, staffable)
    total = [sum(facts.visits[idx].served[at] for idx in able) for at in range(4)]
    full = [at for at in range(4) if total[at] == value[at]]
    return tuple(idx for idx in able if any(facts.visits[idx].served[at] for at in full))


def load_bound(facts: Facts, sure: Sequence[int], *, all_sure: bool) -> Vector:
    """Goal 2: per department the ratio that its load, its skills and its largest visit force.

    ``all_sure`` says that nothing else is ever placed: only then are the targets known and the minutes
    that the visits' granularity forces above them counted.
    """
    largest_sum = excess = 0
    known = loads_known(facts, sure, all_sure=all_sure)
    for department, ratio in department_ratios(facts, sure).items():
        largest_sum += ratio
        if known:
            excess += _forced_excess(facts, sure, department)
    return (largest_sum, excess)


def loads_known(facts: Facts, sure: Sequence[int], *, all_sure: bool) -> bool:
    """Whether each department's load is that of its own seats in these visits; ``all_sure`` as above."""
    if facts.problem.legs and len(sure) < len(facts.visits):
        return False  # in company a visit may be reached that nobody reaches alone
    return all_sure and all(
        facts.department_of(group) >= 0 or group.department_idx < 0
        for visit in facts.visits
        for group in visit.groups
    )


def department_ratios(facts: Facts, sure: Sequence[int]) -> dict[int, int]:
    """Per department the least largest per mille that Hall sets leave: all, each pool's own seats, each
    skill, one visit."""
    members = department_members(facts)
    seats: dict[int, list[tuple[int, SeatGroup]]] = {department: [] for department in members}
    for idx in sure:
        for group in facts.visits[idx].groups:
            department = facts.department_of(group)
            if department >= 0:
                seats[department].append((facts.duration[idx], group))
    return {department: _ratio(facts, members[department], seats[department]) for department in members}


def _ratio(facts: Facts, members: tuple[int, ...], seats: list[tuple[int, SeatGroup]]) -> int:
    if not seats:
        return 0
    step = gcd(*(minutes for minutes, _ in seats))
    capacities = [facts.capacity[person] for person in members]
    ratio = _hall(capacities, sum(minutes * group.n_seats for minutes, group in seats), step)
    for pools in sorted({group.pools for _, group in seats}):
        inside = [(minutes, group) for minutes, group in seats if set(pools).issuperset(group.pools)]
        held = [facts.capacity[p] for p in members if facts.people[p].pool_idx in pools]
        ratio = max(ratio, _hall(held, sum(minutes * group.n_seats for minutes, group in inside), step))
    for skill in sorted({skill for _, group in seats for skill in group.skills}):
        asked = sum(minutes for minutes, group in seats if skill in group.skills)
        held = [facts.capacity[p] for p in members if facts.skills[p] >> skill & 1]
        ratio = max(ratio, _hall(held, asked, step))
    widest: dict[tuple[tuple[int, ...], int], int] = {}
    for minutes, group in seats:
        key = (group.pools, group.n_seats)
        widest[key] = max(widest.get(key, 0), minutes)
    for (pools, n_seats), minutes in sorted(widest.items()):
        rooms = sorted(
            (facts.capacity[p] for p in members if facts.people[p].pool_idx in pools), reverse=True
        )
        if len(rooms) >= n_seats and rooms[n_seats - 1]:
            ratio = max(ratio, -(-1000 * minutes // rooms[n_seats - 1]))
    return ratio


def _hall(capacities: Sequence[int], asked: int, step: int) -> int:
    """Least per mille at which shares, rounded down to whole steps, reach what is asked; 0 if nobody can."""
    if not asked or not sum(capacities):
        return 0
    low, high = 0, max(1, target_ratio(capacities, asked))
    while _stepped(capacities, high, step) < asked:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _stepped(capacities, middle, step) >= asked else (middle, high)
    return high


def _stepped(capacities: Sequence[int], ratio: int, step: int) -> int:
    return sum(share - share % step for share in shares(capacities, ratio))


def _forced_excess(facts: Facts, sure: Sequence[int], department: int) -> int:
    """Loads come in whole steps: what does not fit below the targets costs the cheapest steps above them."""
    loads = [(facts.duration[v], _own_seats(facts, facts.visits[v], department)) for v in sure]
    total = sum(minutes * n for minutes, n in loads)
    if not total:
        return 0
    step = gcd(*(minutes for minutes, n in loads if n))
    capacities = [facts.capacity[p] for p in department_members(facts)[department]]
    targets = shares(capacities, target_ratio(capacities, total))
    missing = (total - sum(target - target % step for target in targets)) // step
    first = sorted(step - target % step for target in targets)[: max(0, missing)]
    return sum(first) + step * max(0, missing - len(first))


def travel_bound(facts: Facts, sure: Sequence[int]) -> Vector:
    """Goal 3: per circle of departments that share people the better of the radial and the nearest-neighbour
    bound."""
    if facts.problem.legs:
        return (tabled_bound(facts, sure),)
    by_circle: dict[int, list[tuple[int, SeatGroup]]] = {}
    for idx in sure:
        for group in facts.visits[idx].groups:
            by_circle.setdefault(facts.circle_of(group), []).append((idx, group))
    pairs = sum(len(seats) ** 2 for seats in by_circle.values())
    total = 0
    for circle in sorted(by_circle):
        seats = by_circle[circle]
        best = _radial(facts, seats)
        if pairs <= NEIGHBOUR_PAIRS and circle >= 0:
            best = max(best, _nearest(facts, seats))
        total += best
    return (total,)


def _radial(facts: Facts, seats: list[tuple[int, SeatGroup]]) -> int:
    """A day with at most K visits travels at least twice as far as its farthest one, so each visit
    stands for 2/K of its own distance; a leg in whole metres lacks less than one.

    Σ over seats of minutes per metre · max(0, 2·metres - K - 1) / K, rounded up.
    """
    problem = facts.problem
    per_metre = Fraction(problem.detour_permille * 60, 1_000_000 * problem.speed_kmh)
    homes: dict[tuple[int, ...], tuple[int, tuple[int, ...]]] = {}
    metres_by_day_visits: dict[int, int] = {}
    for idx, group in seats:
        if group.pools not in homes:
            homes[group.pools] = (_visits_a_day(facts, group), _homes(facts, group))
        n_day, sites = homes[group.pools]
        metres = min((_metres(facts, site, facts.visit_site[idx]) for site in sites), default=0)
        counted = group.n_seats * max(0, 2 * metres - n_day - 1)
        metres_by_day_visits[n_day] = metres_by_day_visits.get(n_day, 0) + counted
    total = sum(per_metre * metres / n_day for n_day, metres in sorted(metres_by_day_visits.items()))
    return ceil(total)


def _homes(facts: Facts, group: SeatGroup) -> tuple[int, ...]:
    return tuple(sorted({facts.home[person] for person in facts.members(group)}))


def _metres(facts: Facts, site_a: int, site_b: int) -> int:
    (ax, ay), (bx, by) = facts.problem.sites[site_a], facts.problem.sites[site_b]
    return isqrt((ax - bx) ** 2 + (ay - by) ** 2)


def _visits_a_day(facts: Facts, group: SeatGroup) -> int:
    limits = {facts.people[p].max_visits_day for p in facts.members(group)}
    if limits and 0 not in limits:
        return max(limits)
    return max(1, 24 * 60 // max(1, min(facts.duration)))


def _nearest(facts: Facts, seats: list[tuple[int, SeatGroup]]) -> int:
    """Each stop has two legs, each leg two ends: at least half of a stop's two cheapest legs, where the
    way home may be both and another visit with a common day only one.
    """
    total = 0
    days = {idx: sum(1 << day for day in facts.visits[idx].days) for idx, _ in seats}
    for idx, group in seats:
        site = facts.visit_site[idx]
        home = min((facts.leg(start, site) for start in _homes(facts, group)), default=0)
        first, second = home, home
        for other, mask in days.items():
            if other != idx and mask & days[idx]:
                minutes = facts.leg(site, facts.visit_site[other])
                if minutes < first:
                    first, second = minutes, first
                elif minutes < second:
                    second = minutes
        total += group.n_seats * (first + second)
    return -(-total // 2)


def officers_bound(facts: Facts, sure: Sequence[int]) -> int:
    """Goal 4: per department no fewer than its largest team, than its seats ask for by what one officer can
    do in the campaign, and than sit at one moment where visits have no choice of time."""
    seats: dict[int, list[tuple[int, int]]] = {}
    for idx in sure:
        for group in facts.visits[idx].groups:
            department = facts.department_of(group)
            if department >= 0:
                seats.setdefault(department, []).append((idx, group.n_seats))
    members = department_members(facts)
    fewest = [_fewest(facts, members[department], own) for department, own in sorted(seats.items())]
    # Rows of one human being in two departments would be counted twice.
    return sum(fewest) if len(facts.one_row) == len(facts.people) else max(fewest, default=0)


def _fewest(facts: Facts, members: tuple[int, ...], seats: list[tuple[int, int]]) -> int:
    team = max(n for _, n in seats)
    at_once = _at_once(facts, seats)
    visits = sorted((_visits_possible(facts, person) for person in members), reverse=True)
    minutes = sorted((_minutes_possible(facts, person) for person in members), reverse=True)
    by_visits = _how_many(visits, sum(n for _, n in seats))
    by_minutes = _how_many(minutes, sum(n * facts.duration[idx] for idx, n in seats))
    return max(team, at_once, by_visits, by_minutes)


def _how_many(supplies: list[int], asked: int) -> int:
    """The fewest of the supplies, largest first, that make up what is asked; all where they do not."""
    total = 0
    for n, supply in enumerate(supplies):
        if total >= asked:
            return n
        total += supply
    return len(supplies)


def _at_once(facts: Facts, seats: list[tuple[int, int]]) -> int:
    """Seats that are surely taken at one moment: a visit with one day is under way from its latest start to
    its earliest end."""
    changes: dict[int, list[tuple[int, int]]] = {}
    for idx, n in seats:
        mask, days = facts.starts[idx], facts.visits[idx].days
        first = ((mask & -mask).bit_length() - 1) * facts.grid
        last = (mask.bit_length() - 1) * facts.grid
        end = first + facts.duration[idx]
        if mask and len(days) == 1 and last < end:
            changes.setdefault(days[0], []).extend([(last, n), (end, -n)])
    most = 0
    for steps in changes.values():
        now = 0
        for _, change in sorted(steps):
            now += change
            most = max(most, now)
    return most


def wishes_bound(facts: Facts, sure: Sequence[int]) -> int:
    """Goal 5: every sure visit pays its cheapest day, every sure group its cheapest people."""
    total = 0
    for idx in sure:
        need = facts.visits[idx]
        total += min(need.day_wishes, default=0)
        total += sum(sum(sorted(group.wishes)[: group.n_seats]) for group in need.groups)
    return total


def lottery_bound(facts: Facts, sure: Sequence[int]) -> int:
    """Goal 6: every sure group takes at least its smallest weights."""
    return sum(
        sum(sorted(group.lottery)[: group.n_seats])
        for idx in sure
        for group in facts.visits[idx].groups
        if group.lottery
    )
