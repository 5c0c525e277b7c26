"""What a right roster is, in the plainest Python: independent of the solvers, for their tests only.

``broken`` names the rules a set of placements breaks, ``values`` recomputes the goals, ``every_roster``
enumerates all lawful rosters of a tiny problem, ``tiny`` and ``planted`` make problems.
"""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from math import isqrt

from scheduler.domain.problem import AssignmentProblem, Person, Placement, SeatGroup, VisitNeed

PIECES = ((540, 720), (810, 1020))


def person(person_id: str, **changes: object) -> Person:
    given: dict[str, object] = {
        "pool_idx": 0,
        "department_idx": 0,
        "site_idx": 0,
        "days": (0, 1),
        "skills": 0,
        "capacity_min": 780,
    }
    return Person(person_id=person_id, **(given | changes))  # type: ignore[arg-type]


def need(visit_id: str, **changes: object) -> VisitNeed:
    given: dict[str, object] = {
        "site_idx": 1,
        "duration_min": 60,
        "days": (0, 1),
        "pieces": PIECES,
        "groups": (SeatGroup(department_idx=0, n_seats=2, pools=(0,)),),
        "served": (0, 0, 0, 1),
        "rank": int(visit_id[1:]),
    }
    return VisitNeed(visit_id=visit_id, **(given | changes))  # type: ignore[arg-type]


def tiny(**changes: object) -> AssignmentProblem:
    """Two days, three officers, one visit two kilometres away; anything can be changed."""
    given: dict[str, object] = {
        "draw_sha256": "0" * 64,
        "days": ("2026-03-02", "2026-03-03"),
        "weeks": (10, 10),
        "grid_min": 60,
        "people": (person("P0"), person("P1"), person("P2")),
        "visits": (need("V0"),),
        "sites": ((0, 0), (2_000, 0), (0, 6_000), (8_000, 8_000)),
        "departments": ("D",),
        "pools": ("D/pool", "expert/pool"),
    }
    return AssignmentProblem(**(given | changes))  # type: ignore[arg-type]


def place(visit: int, day: int, start: int, *teams: tuple[int, ...]) -> Placement:
    return Placement(visit_idx=visit, day_idx=day, start_min=start, teams=teams)


def minutes(problem: AssignmentProblem, a: int, b: int) -> int:
    (ax, ay), (bx, by) = problem.sites[a], problem.sites[b]
    if problem.zones:
        one, other = problem.zones[a], problem.zones[b]
        if -1 not in (one, other) and a != b and problem.legs[one][other] != -1:
            return max(problem.legs[one][other], problem.least_min)
    if (ax, ay) == (bx, by):
        return 0
    metres = isqrt((ax - bx) ** 2 + (ay - by) ** 2)
    exact = metres * problem.detour_permille * 60
    return max(
        problem.least_min, (exact + 1_000_000 * problem.speed_kmh - 1) // (1_000_000 * problem.speed_kmh)
    )


def days_of(
    problem: AssignmentProblem, placements: tuple[Placement, ...]
) -> dict[tuple[str, int], list[Placement]]:
    found: dict[tuple[str, int], list[Placement]] = {}
    for placement in placements:
        for team in placement.teams:
            for p in team:
                found.setdefault((problem.people[p].person_id, placement.day_idx), []).append(placement)
    return {key: sorted(items, key=lambda item: item.start_min) for key, items in sorted(found.items())}


def way(problem: AssignmentProblem, home: int, stops: list[Placement]) -> int:
    sites = [home, *(problem.visits[stop.visit_idx].site_idx for stop in stops), home]
    return sum(minutes(problem, a, b) for a, b in itertools.pairwise(sites))


def broken(problem: AssignmentProblem, placements: tuple[Placement, ...]) -> set[str]:
    found: set[str] = set()
    for placement in placements:
        found |= _broken_alone(problem, placement)
    rows = {p.person_id: p for p in problem.people}
    counts: dict[tuple[str, object], list[int]] = {}
    for (person_id, day), stops in days_of(problem, placements).items():
        who = rows[person_id]
        spent = [problem.visits[stop.visit_idx].duration_min for stop in stops]
        for stop, following, length in zip(stops, stops[1:], spent, strict=False):
            here, there = problem.visits[stop.visit_idx], problem.visits[following.visit_idx]
            if (
                stop.start_min + length + minutes(problem, here.site_idx, there.site_idx)
                > following.start_min
            ):
                found.add("R09")
        if who.max_visits_day and len(stops) > who.max_visits_day:
            found.add("R10")
        if who.max_minutes_day and sum(spent) + way(problem, who.site_idx, stops) > who.max_minutes_day:
            found.add("R10")
        for span in (problem.weeks[day], "all"):
            counts.setdefault((person_id, span), []).extend(spent)
    for (person_id, span), spent in counts.items():
        who = rows[person_id]
        visits = who.max_visits if span == "all" else who.max_visits_week
        most = who.max_minutes if span == "all" else who.max_minutes_week
        if (visits and len(spent) > visits) or (most and sum(spent) > most):
            found.add("R10")
    return found


def _broken_alone(problem: AssignmentProblem, placement: Placement) -> set[str]:
    found: set[str] = set()
    visit = problem.visits[placement.visit_idx]
    end = placement.start_min + visit.duration_min
    if placement.day_idx not in visit.days:
        found.add("R12")
    if placement.start_min % problem.grid_min or not any(
        a <= placement.start_min and end <= b for a, b in visit.pieces
    ):
        found |= {"R11", "R12"}
    everybody = [p for team in placement.teams for p in team]
    if len({problem.people[p].person_id for p in everybody}) < len(everybody):
        found.add("R09")
    if any(i in everybody and j in everybody for i, j in problem.barred_pairs):
        found.add("R07")
    officers = [
        p
        for g, team in zip(visit.groups, placement.teams, strict=True)
        if g.department_idx >= 0
        for p in team
    ]
    if not _led(problem, officers, leader=visit.leader, senior=visit.senior):
        found.add("R15")
    for group, team in zip(visit.groups, placement.teams, strict=True):
        found |= _broken_group(problem, group, team, placement.day_idx)
    return found


def _broken_group(problem: AssignmentProblem, group: SeatGroup, team: tuple[int, ...], day: int) -> set[str]:
    found: set[str] = set()
    if len(team) != group.n_seats:
        found.add("R06" if group.department_idx < 0 else "R03")
    if any(p in group.barred for p in team):
        found.add("R07")
    if any(problem.people[p].pool_idx not in group.pools for p in team):
        found.add("R08")
    if any(day not in problem.people[p].days for p in team):
        found |= {"R04", "R11"}
    if not _covered(problem, group, team):
        found.add("R05")
    if not _led(problem, list(team), leader=group.leader, senior=group.senior):
        found.add("R15")
    fixed = {problem.people[p].fixed_idx for p in team} - {-1}
    if any(who.fixed_idx in fixed and p not in team for p, who in enumerate(problem.people)):
        found.add("R16")
    return found


def _led(problem: AssignmentProblem, team: list[int], *, leader: bool, senior: bool) -> bool:
    people = [problem.people[p] for p in team]
    led = not leader or any(who.is_leader for who in people)
    guided = (
        not senior or not any(who.is_newcomer for who in people) or any(not p.is_newcomer for p in people)
    )
    return led and guided


def _covered(problem: AssignmentProblem, group: SeatGroup, team: tuple[int, ...]) -> bool:
    def has(p: int, skill: int) -> bool:
        return bool(problem.people[p].skills >> skill & 1)

    if not problem.distinct_cover:
        return all(any(has(p, skill) for p in team) for skill in group.skills)
    return any(
        all(has(p, skill) for p, skill in zip(chosen, group.skills, strict=True))
        for chosen in itertools.permutations(team, len(group.skills))
    )


def values(problem: AssignmentProblem, placements: tuple[Placement, ...]) -> dict[int, tuple[int, ...]]:
    served = tuple(sum(problem.visits[p.visit_idx].served[c] for p in placements) for c in range(4))
    load: Counter[int] = Counter()
    for placement in placements:
        for team in placement.teams:
            for p in team:
                load[p] += problem.visits[placement.visit_idx].duration_min
    largest = excess = 0
    for department in sorted({p.department_idx for p in problem.people if p.department_idx >= 0}):
        members = [i for i, p in enumerate(problem.people) if p.department_idx == department]
        room = [problem.people[i].capacity_min for i in members]
        largest += max((1000 * load[i] + c - 1) // c for i, c in zip(members, room, strict=True))
        ratio = next(
            r for r in itertools.count() if sum(r * c // 1000 for c in room) >= sum(load[i] for i in members)
        )
        excess += sum(max(0, load[i] - ratio * c // 1000) for i, c in zip(members, room, strict=True))
    home = {p.person_id: p.site_idx for p in problem.people}
    travel = sum(way(problem, home[who], stops) for (who, _), stops in days_of(problem, placements).items())
    found = {1: served, 2: (largest, excess), 3: (travel,), 4: (_sent(problem, placements),)}
    found[5] = (wishes(problem, placements),)
    return {goal: value for goal, value in found.items() if goal in problem.goals}


def _sent(problem: AssignmentProblem, placements: tuple[Placement, ...]) -> int:
    sent = [problem.people[p] for placement in placements for team in placement.teams for p in team]
    return len({who.person_id for who in sent if who.department_idx >= 0})


def wishes(problem: AssignmentProblem, placements: tuple[Placement, ...]) -> int:
    total = 0
    days = {placement.visit_idx: placement.day_idx for placement in placements}
    for placement in placements:
        visit = problem.visits[placement.visit_idx]
        everybody = {p for team in placement.teams for p in team}
        for group, team in zip(visit.groups, placement.teams, strict=True):
            for p, penalty in zip(problem.candidates(group), group.wishes, strict=False):
                total += penalty * (p in team)
        for day, penalty in zip(visit.days, visit.day_wishes, strict=False):
            total += penalty * (day == placement.day_idx)
        total += sum(w for i, j, w in problem.pair_wishes if {i, j} <= everybody)
    for p, least, penalty in problem.least_visits:
        sits = sum(p in team for placement in placements for team in placement.teams)
        total += penalty * max(0, least - sits)
    for one, other, least, penalty in problem.spaced:
        if one in days and other in days and abs(days[one] - days[other]) < least:
            total += penalty
    return total


def every_place(problem: AssignmentProblem, visit: int) -> Iterator[Placement]:
    """All placements of one visit that are lawful alone."""
    asked = problem.visits[visit]
    teams = [list(itertools.combinations(problem.candidates(group), group.n_seats)) for group in asked.groups]
    for day in range(len(problem.days)):
        for start in range(0, 24 * 60, problem.grid_min):
            for chosen in itertools.product(*teams):
                placement = place(visit, day, start, *chosen)
                if not broken(problem, (placement,)):
                    yield placement


def every_roster(problem: AssignmentProblem) -> Iterator[tuple[Placement, ...]]:
    """All lawful rosters, the empty one among them."""
    options = [list(every_place(problem, visit)) for visit in range(len(problem.visits))]

    def grow(visit: int, sofar: tuple[Placement, ...]) -> Iterator[tuple[Placement, ...]]:
        if visit == len(options):
            yield sofar
            return
        yield from grow(visit + 1, sofar)
        for placement in options[visit]:
            longer = (*sofar, placement)
            if not broken(problem, longer):
                yield from grow(visit + 1, longer)

    return grow(0, ())


def goal_key(problem: AssignmentProblem, placements: tuple[Placement, ...]) -> tuple[int, ...]:
    """Smaller is better: goal 1 turned round, who was given up, then the others that are pursued."""
    found = values(problem, placements)
    order = sorted(range(len(problem.visits)), key=lambda v: (problem.visits[v].rank, v))
    kept = sum(len(order) - order.index(placement.visit_idx) for placement in placements)
    later = [number for goal in problem.goals if goal in found and goal > 1 for number in found[goal]]
    return (*(-count for count in found[1]), -kept, *later)


def tabled(problem: AssignmentProblem, seed: int, stated: tuple[int, ...]) -> AssignmentProblem:
    """The problem with a table of travel times between two or three zones, some sites in none: minutes out of
    ``stated`` (-1 is nothing), whatever that does to the triangle inequality."""
    dice = random.Random(seed)  # noqa: S311 - makes problems, decides nothing
    n = dice.choice((2, 3))
    legs = [[0] * n for _ in range(n)]
    for one, other in itertools.combinations_with_replacement(range(n), 2):
        legs[one][other] = legs[other][one] = dice.choice(stated)
    zones = [dice.randrange(-1, n) if dice.random() < 0.3 else at % n for at in range(len(problem.sites))]
    return replace(problem, zones=tuple(zones), legs=tuple(map(tuple, legs)))


def every_roster_by_table(problem: AssignmentProblem) -> Iterator[tuple[Placement, ...]]:
    """All lawful rosters where in company a way may be shorter than alone: grown as if no way took time."""
    timeless = replace(problem, sites=((0, 0),) * len(problem.sites), zones=(), legs=())
    return (roster for roster in every_roster(timeless) if not broken(problem, roster))


def random_tiny(seed: int, n_visits: int = 4) -> AssignmentProblem:
    """A problem small enough to enumerate: two departments, few starts, all kinds of limits."""
    dice = random.Random(seed)  # noqa: S311 - makes problems, decides nothing
    people = tuple(
        person(
            f"P{at}",
            pool_idx=at // 3,
            department_idx=at // 3,
            site_idx=at // 3,
            days=tuple(sorted(dice.sample((0, 1), dice.choice((1, 2, 2))))),
            skills=dice.randrange(4),
            capacity_min=dice.choice((420, 780)),
            max_visits_day=dice.choice((0, 1, 2)),
            max_minutes_day=dice.choice((0, 200, 420)),
            max_visits_week=dice.choice((0, 0, 2)),
            max_minutes=dice.choice((0, 0, 180)),
        )
        for at in range(6)
    )
    visits = tuple(
        need(
            f"V{at}",
            site_idx=dice.randrange(4),
            duration_min=dice.choice((60, 90)),
            days=tuple(sorted(dice.sample((0, 1), dice.choice((1, 2))))),
            pieces=((540, 720),),
            groups=tuple(
                SeatGroup(
                    department_idx=d,
                    n_seats=dice.choice((1, 2)),
                    pools=(d,),
                    skills=tuple(sorted(dice.sample((0, 1), dice.choice((0, 0, 1))))),
                    barred=tuple(sorted(dice.sample(range(3 * d, 3 * d + 3), dice.choice((0, 0, 1))))),
                )
                for d in sorted(dice.sample((0, 1), dice.choice((1, 1, 2))))
            ),
            served=dice.choice(((0, 0, 0, 1), (0, 0, 1, 0), (1, 0, 0, 0), (0, 0, 0, 2))),
        )
        for at in range(n_visits)
    )
    return tiny(
        people=people,
        visits=visits,
        departments=("D0", "D1"),
        pools=("D0/pool", "D1/pool"),
        skills=("k0", "k1"),
        barred_pairs=dice.choice(((), ((0, 1),), ((1, 4),))),
        distinct_cover=dice.random() < 0.5,
    )


def planted(seed: int, n_days: int = 5, n_visits: int = 36) -> AssignmentProblem:
    """A problem made around a lawful roster: each visit's window and team surround where it was put."""
    dice = random.Random(seed)  # noqa: S311 - makes problems, decides nothing
    people = tuple(
        person(
            f"P{at:02d}",
            pool_idx=at // 8,
            department_idx=at // 8,
            site_idx=at // 8,
            days=tuple(range(n_days)),
            skills=dice.randrange(4),
            capacity_min=390 * n_days,
            max_visits_day=4,
            max_minutes_day=420,
        )
        for at in range(16)
    )
    sites = [(dice.randrange(8_000), dice.randrange(8_000)) for _ in range(n_visits + 2)]
    frame = tiny(
        days=tuple(f"2026-03-{2 + day:02d}" for day in range(n_days)),
        weeks=(0,) * n_days,
        grid_min=15,
        people=people,
        visits=(),
        sites=tuple(sites),
        departments=("D", "E"),
        pools=("D/pool", "E/pool"),
        skills=("k0", "k1"),
    )
    visits, roster = [], ()
    while len(visits) < n_visits:
        joint = dice.random() < 0.25
        teams = tuple(
            tuple(sorted(dice.sample(range(8 * d, 8 * d + 8), 2)))
            for d in ((0, 1) if joint else (dice.randrange(2),))
        )
        groups = tuple(
            SeatGroup(
                department_idx=team[0] // 8,
                n_seats=2,
                pools=(team[0] // 8,),
                skills=tuple(k for k in (0, 1) if any(people[p].skills >> k & 1 for p in team)),
            )
            for team in teams
        )
        at, day = len(visits), dice.randrange(n_days)
        duration = dice.choice((40, 70, 100))
        begin, end = dice.choice(PIECES)
        start = dice.randrange(begin, end - duration + 1, 15)
        visit = need(
            f"V{at}",
            site_idx=2 + at,
            duration_min=duration,
            days=tuple(sorted({day, dice.randrange(n_days)})),
            groups=groups,
            served=dice.choice(((0, 0, 0, 1), (0, 0, 1, 0), (1, 0, 0, 0))),
        )
        grown = (*roster, place(at, day, start, *teams))
        if not broken(replace(frame, visits=(*visits, visit)), grown):
            visits.append(visit)
            roster = grown
    return replace(frame, visits=tuple(visits))
