"""What is done by hand today: officers dealt in turn, blind to everything; its travel and what it breaks.

In: a roster problem. Out: travel in person-minutes and counts of broken rules. May import:
``scheduler.domain``, ``solvers.facts``.
"""

from solvers.facts import Facts

Teams = dict[int, list[tuple[int, ...]]]


def round_robin(facts: Facts) -> dict[str, dict[str, int]]:
    """Two ways: dates by list position, and each officer packing the own list (which breaks meeting)."""
    teams = _deal(facts)
    return {"dates_by_list": _dates_by_list(facts, teams), "own_list": _own_lists(facts, teams)}


def _deal(facts: Facts) -> Teams:
    """The next officers of each department's list, visit by visit, in the visits' order."""
    turn: dict[tuple[int, ...], int] = {}
    teams: Teams = {}
    for idx, visit in enumerate(facts.visits):
        teams[idx] = []
        for group in visit.groups:
            members, at = facts.members(group), turn.get(group.pools, 0)
            seats = range(at, at + min(group.n_seats, len(members)))
            teams[idx].append(tuple(members[seat % len(members)] for seat in seats))
            turn[group.pools] = at + group.n_seats
    return teams


def _broken(facts: Facts, teams: Teams) -> dict[str, int]:
    barred = uncovered = 0
    for idx, visit in enumerate(facts.visits):
        for group, team in zip(visit.groups, teams[idx], strict=True):
            barred += any(person in group.barred for person in team)
            uncovered += not facts.covers(group, team)
    return {"R05": uncovered, "R07": barred}


def _dates_by_list(facts: Facts, teams: Teams) -> dict[str, int]:
    """The i-th visit of the list goes on the i-th of its days, in turn."""
    days: dict[tuple[int, int], list[int]] = {}
    absent = 0
    for idx, visit in enumerate(facts.visits):
        day = visit.days[idx * 7 % len(visit.days)] if visit.days else 0
        for team in teams[idx]:
            for person in team:
                days.setdefault((person, day), []).append(idx)
                absent += not facts.days_mask[person] >> day & 1
    crowded = sum(_too_much(facts, person, visits) for (person, _), visits in days.items())
    travel = sum(_tour(facts, person, visits) for (person, _), visits in days.items())
    return {"travel": travel, **_broken(facts, teams), "R10": crowded, "R11": absent, "R13": 0}


def _own_lists(facts: Facts, teams: Teams) -> dict[str, int]:
    """Each officer fills day after day with what is due first and what lies nearest to it."""
    own: dict[int, set[int]] = {}
    for idx, groups in teams.items():
        for team in groups:
            for person in team:
                own.setdefault(person, set()).add(idx)
    when: dict[int, set[int]] = {}
    travel = absent = 0
    for person, mine in sorted(own.items()):
        rest, used = sorted(mine, key=lambda v: (facts.visits[v].days[-1:], v)), set[int]()
        while rest:
            visits, days = _pack(facts, person, rest)
            travel += _tour(facts, person, visits)
            free = [d for d in sorted(days - used) if facts.days_mask[person] >> d & 1]
            absent += not free
            day = free[0] if free else min(days, default=0)
            used.add(day)
            for visit in visits:
                when.setdefault(visit, set()).add(day)
    apart = sum(len(days) > 1 for days in when.values())
    return {"travel": travel, **_broken(facts, teams), "R10": 0, "R11": absent, "R13": apart}


def _pack(facts: Facts, person: int, rest: list[int]) -> tuple[list[int], set[int]]:
    """Takes one day's visits off the list: the first, then the nearest that fit its limits and days."""
    chosen = [rest.pop(0)]
    days = set(facts.visits[chosen[0]].days)
    while True:
        fitting = [
            visit
            for visit in rest
            if days & set(facts.visits[visit].days) and not _too_much(facts, person, [*chosen, visit])
        ]
        if not fitting:
            return chosen, days
        nearest = min(fitting, key=lambda visit: (min(_leg(facts, visit, other) for other in chosen), visit))
        rest.remove(nearest)
        chosen.append(nearest)
        days &= set(facts.visits[nearest].days)


def _leg(facts: Facts, one: int, other: int) -> int:
    return facts.leg(facts.visit_site[one], facts.visit_site[other])


def _too_much(facts: Facts, person: int, visits: list[int]) -> bool:
    who = facts.people[person]
    minutes = sum(facts.duration[visit] for visit in visits) + _tour(facts, person, visits)
    many = who.max_visits_day and len(visits) > who.max_visits_day
    return bool(many or (who.max_minutes_day and minutes > who.max_minutes_day))


def _tour(facts: Facts, person: int, visits: list[int]) -> int:
    """Travel from the office to the nearest place not yet seen, and home at the end."""
    here = home = facts.home[person]
    rest, travel = sorted({facts.visit_site[visit] for visit in visits}), 0
    while rest:
        nearest = min(rest, key=lambda site: (facts.leg(here, site), site))
        travel += facts.leg(here, nearest)
        here = nearest
        rest.remove(nearest)
    return travel + facts.leg(here, home)
