"""A problem, or one block of it, as integer tables: what the compiled loops see, and what a block ships.

In: facts. Out: :class:`Land` and an empty :class:`State`. May import: ``scheduler.domain``, NumPy,
``solvers.facts``.

Few tables with named columns, not many arrays: a compiled function takes each array of its arguments apart
(measured: 95 arrays compiled in 78 s and called slowly, see docs/adr/0020-the-roster-at-scale.md). A pair of
columns ``..._AT``, ``..._END`` bounds a row's items in ``lists`` (or in the next table), end exclusive.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler.domain.problem import AssignmentProblem, Person, SeatGroup
from solvers.facts import NO_LIMIT, Facts

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.int8]
CLASS_WEIGHTS = (10**9, 10**6, 10**3, 1)
"""Goal 1 as one number for a handful of visits: none serves a thousand requirements of a class."""
DAY_MIN = 24 * 60

GRID, LEG_MUL, LEG_DIV, LEAST_LEG, DISTINCT, ANY_LONG, ZONE_BITS = range(7)
"""Places in ``Land.scale``: a leg takes ceil(metres * LEG_MUL / LEG_DIV) minutes, at least LEAST_LEG. With a
table of travel times ZONE_BITS is not 0: see :func:`placed`."""
X, Y, DUR, DAY_AT, DAY_END, PIECE_AT, PIECE_END, GROUP_AT, GROUP_END, SEAT_AT, SEAT_END = range(11)
V_LEADER, V_SENIOR, APART, WORTH, RANK = range(11, 16)
"""Columns of ``Land.visits``; X and Y as :func:`placed` has them."""
ASKED, G_LEADER, G_SENIOR, POOL_AT, POOL_END, BAR_AT, BAR_END, G_SEAT_AT, G_SEAT_END = range(9)
"""Columns of ``Land.groups``."""
HOME_X, HOME_Y, HOME, SKILLS, CAPACITY, IS_LEADER, IS_NEW, IS_OFFICER, CREW, CREW_SIZE, BODY = range(11)
FOE_AT, FOE_END, LONG = range(11, 14)
DAY_VISITS, DAY_MINUTES, WEEK_VISITS, WEEK_MINUTES, ALL_VISITS, ALL_MINUTES = range(14, 20)
"""Columns of ``Land.people``; limits are :data:`~solvers.facts.NO_LIMIT` where there are none."""


class Land(NamedTuple):
    """What never changes. ``works[day, person]``; ``pools[pool]`` bounds its members in ``lists``;
    ``legs[zone + 1, zone + 1]`` are stated minutes, -1 for none."""

    scale: Ints
    visits: Ints
    groups: Ints
    people: Ints
    pools: Ints
    lists: Shorts
    pieces: Ints
    works: Flags
    week: Ints
    legs: Shorts


N_STOPS, WAY, ON_SITE, FIRST_STOP = range(4)
"""Columns of ``State.routes``: stops of the day, minutes under way and on site; then the visits in order;
then, in the second half, the leg before each of them and the one home."""
LOAD, TARGET, VISITS, MINUTES = range(4)
"""Columns of ``State.people``."""
DAY, START = range(2)
"""Columns of ``State.plan``; the day is -1 for a visit without a place."""
TRAVEL, PENALTY, WEIGHT = range(3)
"""Places in ``State.total``; the weight is of a minute above the target, in minutes of travel."""


class State(NamedTuple):
    """A roster. ``team`` has a person per seat, -1 for somebody who is outside of the block;
    ``busy[day, body]`` is 0 for somebody free all day (the same as ``routes`` says, but quick to look
    through); ``weeks[body, week]`` counts visits and minutes where any such limit exists."""

    plan: Shorts
    team: Shorts
    busy: Flags
    routes: Shorts
    people: Ints
    weeks: Ints
    total: Ints


class _Lists:
    """One flat list; every row knows where its items begin and end."""

    def __init__(self) -> None:
        self.items: list[int] = []
        self.known: dict[tuple[int, ...], tuple[int, int]] = {}

    def put(self, row: Iterable[int]) -> tuple[int, int]:
        key = tuple(row)
        if key not in self.known:
            self.known[key] = (len(self.items), len(self.items) + len(key))
            self.items.extend(key)
        return self.known[key]


def land_of(facts: Facts) -> Land:
    """The whole problem as tables."""
    problem, lists = facts.problem, _Lists()
    works = np.zeros((len(problem.days), len(facts.people)), np.int8)
    for idx, person in enumerate(facts.people):
        works[list(person.days), idx] = 1
    members: list[list[int]] = [[] for _ in problem.pools]
    for idx, person in enumerate(facts.people):
        members[person.pool_idx].append(idx)
    crews: dict[int, int] = {}
    for person in facts.people:
        crews[person.fixed_idx] = crews.get(person.fixed_idx, 0) + 1
    spots = placed(problem)
    visits, groups, pieces = _visits(facts, lists, spots)
    people = [
        _person(facts, lists, idx, crews[person.fixed_idx], spots[person.site_idx])
        for idx, person in enumerate(facts.people)
    ]
    pools = [lists.put(row) for row in members]
    weeks = {week: at for at, week in enumerate(sorted(set(problem.weeks)))}
    return Land(
        scale=np.array(
            [
                problem.grid_min,
                problem.detour_permille * 60,
                1_000_000 * problem.speed_kmh,
                problem.least_min,
                problem.distinct_cover,
                any(facts.long_limits),
                zone_bits(problem),
            ],
            np.int64,
        ),
        visits=table(visits, 16),
        groups=table(groups, 9),
        people=table(people, 20),
        pools=table(pools, 2),
        lists=np.array(lists.items, np.int32),
        pieces=table(pieces, 2),
        works=works,
        week=np.array([weeks[week] for week in problem.weeks], np.int64),
        legs=_legs(problem),
    )


def zone_bits(problem: AssignmentProblem) -> int:
    """Bits that hold every zone and one more, and tell sites of one zone and point apart; 0 without a table
    of travel times."""
    if not problem.zones:
        return 0
    alike = max(Counter(zip(problem.zones, problem.sites, strict=True)).values())
    return max(len(problem.legs), alike - 1).bit_length()


def placed(problem: AssignmentProblem) -> list[tuple[int, int]]:
    """X and Y of every site: metres. With a table of travel times metres times 2**ZONE_BITS, the zone + 1 in
    the low bits of X, and in those of Y a number among sites that are alike: one pair of numbers goes on
    saying where a place is, comparisons of distance go on as they were, and only ``times.leg`` takes the pair
    apart."""
    bits = zone_bits(problem)
    if not bits:
        return list(problem.sites)
    alike: Counter[tuple[int, tuple[int, int]]] = Counter()
    found = []
    for zone, (x, y) in zip(problem.zones, problem.sites, strict=True):
        found.append((x << bits | zone + 1, y << bits | alike[zone, (x, y)]))
        alike[zone, (x, y)] += 1
    return found


def _legs(problem: AssignmentProblem) -> Shorts:
    legs = np.full((len(problem.legs) + 1, len(problem.legs) + 1), -1, np.int32)
    if problem.legs:
        legs[1:, 1:] = problem.legs
    return legs


def table(rows: Sequence[Sequence[int]], width: int) -> Ints:
    """The rows as a table, also where there are none."""
    return np.array(rows, np.int64).reshape(len(rows), width)


def _visits(
    facts: Facts, lists: _Lists, spots: Sequence[tuple[int, int]]
) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]], list[tuple[int, int]]]:
    visits: list[tuple[int, ...]] = []
    groups: list[tuple[int, ...]] = []
    pieces: list[tuple[int, int]] = []
    known: dict[tuple[tuple[int, int], ...], tuple[int, int]] = {}
    seat = 0
    for visit in facts.visits:
        if visit.pieces not in known:
            known[visit.pieces] = (len(pieces), len(pieces) + len(visit.pieces))
            pieces.extend(sorted(visit.pieces))
        first_group, first_seat = len(groups), seat
        for group in visit.groups:
            groups.append(_group(lists, group, seat))
            seat += group.n_seats
        visits.append(
            (
                *spots[visit.site_idx],
                visit.duration_min,
                *lists.put(visit.days),
                *known[visit.pieces],
                first_group,
                len(groups),
                first_seat,
                seat,
                visit.leader,
                visit.senior,
                facts.apart(visit.groups),
                sum(w * n for w, n in zip(CLASS_WEIGHTS, visit.served, strict=True)),
                visit.rank,
            )
        )
    return visits, groups, pieces


def _group(lists: _Lists, group: SeatGroup, seat: int) -> tuple[int, ...]:
    asked = sum(1 << skill for skill in set(group.skills))
    pools, barred = lists.put(sorted(set(group.pools))), lists.put(sorted(set(group.barred)))
    return (asked, group.leader, group.senior, *pools, *barred, seat, seat + group.n_seats)


def _person(facts: Facts, lists: _Lists, idx: int, crew_size: int, spot: tuple[int, int]) -> tuple[int, ...]:
    person: Person = facts.people[idx]
    limits = (
        person.max_visits_day,
        person.max_minutes_day,
        person.max_visits_week,
        person.max_minutes_week,
        person.max_visits,
        person.max_minutes,
    )
    return (
        *spot,
        person.site_idx,
        person.skills,
        facts.capacity[idx],
        person.is_leader,
        person.is_newcomer,
        person.department_idx >= 0,
        person.fixed_idx,
        crew_size,
        facts.body[idx],
        *lists.put(sorted(facts.barred_with.get(idx, ()))),
        facts.long_limits[idx],
        *(limit or NO_LIMIT for limit in limits),
    )


def most_stops(land: Land) -> int:
    """Stops that a person's day can hold at most: by the limit of visits, and by the shortest visit."""
    if not len(land.visits) or not len(land.people):
        return 1
    by_time = DAY_MIN // max(1, int(land.visits[:, DUR].min()))
    return max(1, min(by_time, int(land.people[:, DAY_VISITS].max())))


def empty(land: Land) -> State:
    """Nobody sent anywhere, no targets."""
    n_days, n_people = land.works.shape
    n_weeks = int(land.week.max()) + 1 if land.scale[ANY_LONG] and n_days else 1
    people = np.zeros((n_people, 4), np.int64)
    people[:, TARGET] = NO_LIMIT
    plan = np.zeros((len(land.visits), 2), np.int32)
    plan[:, DAY] = -1
    n_seats = int(land.visits[-1, SEAT_END]) if len(land.visits) else 0
    return State(
        plan=plan,
        team=np.full(n_seats, -1, np.int32),
        busy=np.zeros((n_days, n_people), np.int8),
        routes=np.zeros((n_days, n_people, FIRST_STOP + 2 * most_stops(land) + 1), np.int32),
        people=people,
        weeks=np.zeros((n_people, n_weeks, 2), np.int64),
        total=np.array([0, 0, 1], np.int64),
    )
