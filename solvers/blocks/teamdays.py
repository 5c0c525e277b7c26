"""Team-days of a roster: tours made from its plan and teams, and written back into them.

In: a land and a state, which visits are free. Out: tours; plan and teams of the visits that moved. May
import: ``solvers.blocks`` (kernel), NumPy.

A visit is left to the search over single people where team-days cannot say what it asks for: a leader or a
senior of the whole visit, groups that share people, a team that is not together all day.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

import numpy as np

from solvers.blocks.land import (
    APART,
    BODY,
    DAY,
    DUR,
    FOE_AT,
    FOE_END,
    G_SEAT_AT,
    G_SEAT_END,
    GROUP_AT,
    GROUP_END,
    POOL_AT,
    POOL_END,
    SEAT_AT,
    SEAT_END,
    START,
    V_LEADER,
    V_SENIOR,
    ZONE_BITS,
    Ints,
    Land,
    State,
    most_stops,
    table,
)
from solvers.blocks.strings import HEAT, QUANTILES
from solvers.blocks.tours import (
    EARLY,
    I_KEY,
    I_VISIT,
    ITEM,
    MOST_SIZE,
    MOVES,
    N_COLUMNS,
    T_MEMBERS,
    T_N,
    T_SIZE,
    VISIT,
    Tours,
    charge,
    lay_out,
)

Team = tuple[int, ...]
Key = tuple[Team, int]


def suited(land: Land, free: Ints) -> Ints:
    """Of the free visits those that team-days can serve with all rules; none where travel times are stated:
    what is left of a tour that loses a stop may then take longer (``solvers.blocks.detours``)."""
    if land.scale[ZONE_BITS]:
        nobody: Ints = free[:0]
        return nobody
    visits = land.visits[free]
    good = (visits[:, APART] != 0) & (visits[:, V_LEADER] == 0) & (visits[:, V_SENIOR] == 0)
    good &= visits[:, GROUP_END] > visits[:, GROUP_AT]
    seats = land.groups[:, G_SEAT_END] - land.groups[:, G_SEAT_AT]
    entangled = _entangled(land)
    for at in np.flatnonzero(good).tolist():
        groups = range(visits[at, GROUP_AT], visits[at, GROUP_END])
        if any(seats[group] < 1 for group in groups):
            good[at] = False
        if entangled and len(groups) > 1:
            good[at] = sum(any(pool in entangled for pool in _pools(land, group)) for group in groups) < 2
    found: Ints = free[good]
    return found


def _pools(land: Land, group: int) -> Team:
    return tuple(land.lists[land.groups[group, POOL_AT] : land.groups[group, POOL_END]].tolist())


def pool_of_people(land: Land) -> list[int]:
    """The pool of each person, -1 for none."""
    found = np.full(len(land.people), -1, np.int64)
    for pool, (at, end) in enumerate(land.pools.tolist()):
        found[land.lists[at:end]] = pool
    return [int(pool) for pool in found]


def _entangled(land: Land) -> frozenset[int]:
    """Pools with somebody who is barred from somebody of another pool, or sits in both."""
    pools, found = pool_of_people(land), set[int]()
    for person in np.flatnonzero(land.people[:, BODY] != np.arange(len(land.people))).tolist():
        found |= {pools[person], pools[int(land.people[person, BODY])]}
    for person in np.flatnonzero(land.people[:, FOE_END] > land.people[:, FOE_AT]).tolist():
        for other in land.lists[land.people[person, FOE_AT] : land.people[person, FOE_END]].tolist():
            if pools[other] != pools[person]:
                found |= {pools[other], pools[person]}
    return frozenset(found)


def tours_of(land: Land, roster: State, free: Ints, state: State) -> Tours:
    """The roster's team-days; ``state``, empty before, holds their loads and travel. What does not move and
    what only fills people's days counts in loads and limits, not in travel."""
    return _Maker(land, roster, free, state).tours()


class _Maker:
    """One set of tours in the making."""

    def __init__(self, land: Land, roster: State, free: Ints, state: State) -> None:
        self.land, self.roster, self.state = land, roster, state
        self.plan = roster.plan.tolist()
        self.moves = np.zeros(len(land.visits), bool)
        self.moves[suited(land, free)] = True
        self.pools = pool_of_people(land)
        self.keys: dict[Key, int] = {}
        self.key_of = [
            self._key(_pools(land, group), seats)
            for group, seats in enumerate((land.groups[:, G_SEAT_END] - land.groups[:, G_SEAT_AT]).tolist())
        ]
        self.days: dict[tuple[int, int], list[int]] = {}
        self.rows: dict[tuple[int, int], set[int]] = {}

    def _key(self, pools: Team, seats: int) -> int:
        return self.keys.setdefault((pools, seats), len(self.keys))

    def tours(self) -> Tours:
        teams = self._teams()
        shifts = self._shifts(teams)
        self._freeze(teams, shifts)
        outings = sorted({(day, team): self.days[day, body] for (day, body), team in shifts.items()}.items())
        stops = [(day, team, visit) for (day, team), visits in outings for visit in visits]
        fixed = [item for item in stops if not self.moves[item[2]]]
        tours = self._empty(len(fixed))
        self._count_others(tours, shifts)
        stays = dict(zip(fixed, range(len(self.land.groups), len(tours.items)), strict=True))
        heads: list[Team] = []
        crews: list[int] = []
        items: list[int] = []
        for (day, team), visits in outings:
            key = self._key_of_team(team, visits)
            for visit in visits:
                if self.moves[visit]:
                    items.append(self._group_of(visit, team[0]))
                else:
                    item = stays[day, team, visit]
                    items.append(item)
                    tours.items[item] = visit, key, -1
            heads.append((key, day, len(crews), len(crews) + len(team), len(items) - len(visits), len(items)))
            crews.extend(team)
        people, stops_of = np.array(crews, np.int64), np.array(items, np.int64)
        lay_out(self.land, self.state, tours, table(heads, 6), people, stops_of)
        return tours

    def _teams(self) -> dict[int, list[Team]]:
        """People per group of the placed visits that may move."""
        found = {}
        for visit in np.flatnonzero(self.moves).tolist():
            if self.plan[visit][DAY] >= 0:
                groups = range(self.land.visits[visit, GROUP_AT], self.land.visits[visit, GROUP_END])
                found[visit] = [
                    tuple(
                        sorted(
                            self.roster.team[
                                self.land.groups[group, G_SEAT_AT] : self.land.groups[group, G_SEAT_END]
                            ].tolist()
                        )
                    )
                    for group in groups
                ]
        return found

    def _shifts(self, teams: dict[int, list[Team]]) -> dict[tuple[int, int], Team]:
        """Per day and human being sent anywhere the team that is together all day."""
        land, plan = self.land, self.plan
        owner = np.repeat(np.arange(len(land.visits)), land.visits[:, SEAT_END] - land.visits[:, SEAT_AT])
        for seat in np.flatnonzero((self.roster.team >= 0) & (self.roster.plan[owner, DAY] >= 0)).tolist():
            visit, person = int(owner[seat]), int(self.roster.team[seat])
            place = plan[visit][DAY], int(land.people[person, BODY])
            self.days.setdefault(place, []).append(visit)
            self.rows.setdefault(place, set()).add(person)
        for visits in self.days.values():
            visits.sort(key=lambda visit: (plan[visit][START], visit))
        team_with = {
            (visit, person): team for visit, groups in teams.items() for team in groups for person in team
        }
        pools = self.pools
        alike: dict[tuple[int, int, tuple[int, ...]], list[int]] = {}
        for (day, body), visits in self.days.items():
            person = min(self.rows[day, body])
            alike.setdefault((day, pools[person], tuple(visits)), []).append(person)
        shifts = {}
        for (day, body), visits in self.days.items():
            person = min(self.rows[day, body])
            own = [team_with[visit, person] for visit in visits if (visit, person) in team_with]
            team = own[0] if own else tuple(sorted(alike[day, pools[person], tuple(visits)]))
            together = all(
                self.days.get((day, int(land.people[mate, BODY]))) == visits
                and self.rows[day, int(land.people[mate, BODY])] == {mate}
                for mate in team
            )
            if together and (own or self._is_asked(team, pools[person])):
                shifts[day, body] = team
        return shifts

    def _is_asked(self, team: Team, pool: int) -> bool:
        return ((pool,), len(team)) in self.keys

    def _freeze(self, teams: dict[int, list[Team]], shifts: dict[tuple[int, int], Team]) -> None:
        """What has a team that is not together all day does not move."""
        for visit, groups in teams.items():
            day = self.plan[visit][DAY]
            if any(
                shifts.get((day, int(self.land.people[p, BODY]))) != team for team in groups for p in team
            ):
                self.moves[visit] = False

    def _key_of_team(self, team: Team, visits: Sequence[int]) -> int:
        for visit in visits:
            if self.moves[visit]:
                return self.key_of[self._group_of(visit, team[0])]
        return self._key((self.pools[team[0]],), len(team))

    def _group_of(self, visit: int, person: int) -> int:
        group = int(self.land.visits[visit, GROUP_AT])
        while (
            person
            not in self.roster.team[self.land.groups[group, G_SEAT_AT] : self.land.groups[group, G_SEAT_END]]
        ):
            group += 1
        return group

    def _empty(self, n_fixed: int) -> Tours:
        land = self.land
        n_items = len(land.groups) + n_fixed
        size = max(1, int((land.groups[:, G_SEAT_END] - land.groups[:, G_SEAT_AT]).max(initial=0)))
        stops, n_rows = most_stops(land), n_items + 1
        width = T_MEMBERS + size + N_COLUMNS * (stops + 2)
        rows = np.zeros((n_rows, width), np.int64)
        rows[:, T_N] = -1
        items = np.full((n_items, 3), -1, np.int64)
        n_groups = land.visits[:, GROUP_END] - land.visits[:, GROUP_AT]
        owned = np.flatnonzero(n_groups)
        items[: len(land.groups), I_VISIT] = np.repeat(owned, n_groups[owned])
        items[: len(land.groups), I_KEY] = self.key_of
        kind = np.zeros((len(land.visits), 1), np.int8)
        kind[:, MOVES] = self.moves
        touched = n_rows
        self.state.plan[:] = self.roster.plan
        return Tours(
            rows=rows,
            items=items,
            kind=kind,
            where=np.full(land.works.shape, -1, np.int32),
            idle=np.arange(n_rows, dtype=np.int64)[::-1].copy(),
            counts=np.array([n_rows, 0, 0, stops, size, 0, 0], np.int64),
            touched=np.zeros(touched, np.int64),
            before=np.zeros((touched, width), np.int64),
            stamp=np.zeros(n_rows, np.int64),
            queue=np.zeros(n_rows, np.int64),
            queued=np.zeros(n_rows, np.int8),
        )

    def _count_others(self, tours: Tours, shifts: dict[tuple[int, int], Team]) -> None:
        """People whose day is no team-day are busy; their loads count."""
        land = self.land
        owner = np.repeat(np.arange(len(land.visits)), land.visits[:, SEAT_END] - land.visits[:, SEAT_AT])
        for seat in np.flatnonzero((self.roster.team >= 0) & (self.roster.plan[owner, DAY] >= 0)).tolist():
            visit, person = int(owner[seat]), int(self.roster.team[seat])
            day, body = self.plan[visit][DAY], int(land.people[person, BODY])
            if (day, body) not in shifts:
                charge(land, self.state, person, day, 1, int(land.visits[visit, DUR]))
                tours.where[day, body] = -2


def write_tours(land: Land, tours: Tours, state: State, roster: State) -> None:
    """Plan and teams of the visits that move, from their tours; the roster's routes and loads are stale."""
    moves = np.flatnonzero(tours.kind[:, MOVES])
    roster.plan[moves] = state.plan[moves]
    first = T_MEMBERS + int(tours.counts[MOST_SIZE])
    for row in tours.rows[tours.rows[:, T_N] > 0].tolist():
        team = sorted(row[T_MEMBERS : T_MEMBERS + row[T_SIZE]])
        for at in range(first, first + N_COLUMNS * row[T_N], N_COLUMNS):
            visit, item = row[at + VISIT], row[at + ITEM]
            if tours.kind[visit, MOVES]:
                roster.plan[visit, START] = row[at + EARLY]
                seat = int(land.groups[item, G_SEAT_AT])
                roster.team[seat : seat + len(team)] = team


@cache
def logs() -> Ints:
    """-ln of the middles of equal parts of (0, 1), in 1/256: what is drawn from it is exponential."""
    steps = [(Decimal(2 * at + 1) / (2 * QUANTILES)).ln() for at in range(QUANTILES)]
    return np.array([int(-HEAT * step) for step in steps], np.int64)


def heats(first: int, last: int, parts: int = 64) -> Ints:
    """Temperatures falling by equal factors, in 1/256 of a minute."""
    high, low = Decimal(first).ln(), Decimal(last).ln()
    steps = [high + (low - high) * at / (parts - 1) for at in range(parts)]
    return np.array([int(HEAT * step.exp()) for step in steps], np.int64)
