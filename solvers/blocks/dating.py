"""Who sits where and on which day: CP-SAT deals all seats of one department, with some dates free.

Everybody of other departments stays where he is: a joint visit may only move to a start at which all of them
are free, so no other department's load changes. In: a roster, a department, a largest load to reach. Out: a
block for :mod:`solvers.blocks.dating_model`, and its answer applied. May import: ``solvers`` below blocks.

Why: near its bound a department is often infeasible at the dates that travel chose, and feasible at it with
a few dates free (docs/adr/0027-load-and-dates.md).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from scheduler.domain.problem import Person, Placement
from solvers.blocks.naming import leader_covers
from solvers.dice import Dice
from solvers.facts import skill_sets
from solvers.roster import Roster

FREE_VISITS = (0, 20, 20, 20, 40)
"""Visits of a block whose dates are free, by turn, the last for all that follow: pairs of them make most of
the model, and every new date costs travel."""
FILLED = 3
"""From this turn on the counts of lengths are said that fill a share: it finds what sums alone do not, with
more changes than they."""
FREE_OPTIONS = 20
"""Days and starts of all of them together, per free visit."""

Option = tuple[int, int]
"""(day, start minute)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """A visit: the days and starts it may have, the present one first, and who else is there: nobody of them
    may be at two of the block's moved visits on one day."""

    visit_idx: int
    minutes: int
    options: tuple[Option, ...]
    others: frozenset[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Seats:
    """One group's seats at the door in position ``door``; ``covers`` asks for at least so many of some."""

    door: int
    group: int
    n_seats: int
    team: tuple[int, ...]
    eligible: tuple[int, ...]
    covers: tuple[tuple[frozenset[int], int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DatingBlock:
    """A department's seats; can be pickled. ``works`` are masks of days, ``homes[p][door]`` and
    ``legs[door][door]`` minutes, ``weeks`` the week of each day, ``ratio`` the largest per mille to reach;
    ``filled`` says whether to ask how many visits of each length fill a share."""

    people: tuple[int, ...]
    who: tuple[Person, ...]
    capacities: tuple[int, ...]
    works: tuple[int, ...]
    doors: tuple[Door, ...]
    seats: tuple[Seats, ...]
    homes: tuple[tuple[int, ...], ...]
    legs: tuple[tuple[int, ...], ...]
    weeks: tuple[int, ...]
    apart: tuple[tuple[int, int], ...]
    ratio: int
    filled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Dated:
    """A team per seats and an option per door, or neither; ``work_units`` what it cost."""

    teams: tuple[tuple[int, ...], ...] = ()
    when: tuple[Option, ...] = ()
    work_units: int = 0


def dating_block(roster: Roster, people: tuple[int, ...], ratio: int, turn: int) -> DatingBlock:
    """All seats of people without a second row. ``turn`` 0 frees no date, each later one other dates, and in
    the end more of them."""
    facts, mine = roster.facts, frozenset(people)
    visits = sorted({v for p in people for route in roster.routes[p].values() for _, v in route.stops})
    options = _options(roster, visits, mine, turn)
    site = facts.visit_site
    return DatingBlock(
        people=people,
        who=tuple(facts.people[person] for person in people),
        capacities=tuple(facts.capacity[person] for person in people),
        works=tuple(facts.days_mask[person] for person in people),
        doors=tuple(
            Door(
                visit_idx=visit,
                minutes=facts.duration[visit],
                options=options[visit],
                others=frozenset(facts.body[p] for team in _placed(roster, visit).teams for p in team) - mine,
            )
            for visit in visits
        ),
        seats=tuple(_seats(roster, visits, people)),
        homes=tuple(tuple(facts.leg(facts.home[p], site[v]) for v in visits) for p in people),
        legs=tuple(tuple(facts.leg(site[one], site[other]) for other in visits) for one in visits),
        weeks=facts.problem.weeks,
        apart=tuple(pair for pair in facts.problem.barred_pairs if mine.issuperset(pair)),
        ratio=ratio,
        filled=turn >= FILLED,
    )


def _placed(roster: Roster, visit: int) -> Placement:
    placement = roster.placed[visit]
    if placement is None:
        raise KeyError(visit)
    return placement


def _options(
    roster: Roster, visits: list[int], mine: frozenset[int], turn: int
) -> dict[int, tuple[Option, ...]]:
    """The present day and start of each visit, and for a few visits others at which its other people can
    come."""
    found: dict[int, tuple[Option, ...]] = {}
    for visit in visits:
        placement = _placed(roster, visit)
        found[visit] = ((placement.day_idx, placement.start_min),)
    most = FREE_VISITS[min(turn, len(FREE_VISITS) - 1)]
    order, dice, n_free, n_options = list(visits), Dice(turn), 0, 0
    for at in range(len(order) - 1, 0, -1):
        other = dice.below(at + 1)
        order[at], order[other] = order[other], order[at]
    for visit in order:
        if n_free >= most or n_options >= FREE_OPTIONS * most:
            break
        more = _elsewhere(roster, visit, mine)
        if more:
            found[visit] += more
            n_free, n_options = n_free + 1, n_options + len(more)
    return found


def _elsewhere(roster: Roster, visit: int, mine: frozenset[int]) -> tuple[Option, ...]:
    """The first and the last start of every other day at which everybody who is not of the department could
    come, the rest of his roster being as it is."""
    facts, placement = roster.facts, roster.take(visit)
    others = sorted({p for team in placement.teams for p in team} - mine)
    found: list[Option] = []
    for day in facts.visits[visit].days:
        starts = facts.starts[visit] if day != placement.day_idx else 0
        for person in others:
            starts &= free_starts(roster, person, visit, day) if starts else 0
        if starts:
            first, last = (starts & -starts).bit_length() - 1, starts.bit_length() - 1
            found += [(day, start * facts.grid) for start in sorted({first, last})]
    roster.put(placement)
    return tuple(found)


def free_starts(roster: Roster, person: int, visit: int, day: int) -> int:
    """Start bits at which the person could come to a visit that is not placed, besides all he does."""
    facts, body = roster.facts, roster.facts.body[person]
    if not facts.days_mask[person] >> day & 1:
        return 0
    route = roster.routes[body].get(day) or roster.route(person, ())
    if len(route.stops) >= facts.visits_day[person]:
        return 0
    if facts.long_limits[person] and not roster.within_long_limits(person, visit, day):
        return 0
    spare = facts.minutes_day[person] - route.on_site - route.travel - facts.duration[visit]
    starts = 0
    for extra, allowed in roster.gaps(route, visit).slots:
        starts |= allowed if extra <= spare else 0
    return starts


def _seats(roster: Roster, visits: Sequence[int], people: tuple[int, ...]) -> Iterator[Seats]:
    facts, mine = roster.facts, frozenset(people)
    for door, visit in enumerate(visits):
        need, placement = facts.visits[visit], _placed(roster, visit)
        outside = {p for team in placement.teams for p in team} - mine
        window = sum(1 << day for day in need.days)
        for at, team in enumerate(placement.teams):
            own = tuple(person for person in team if person in mine)
            if own:
                group = need.groups[at]
                eligible = tuple(
                    p
                    for p in people
                    if facts.people[p].pool_idx in group.pools
                    and p not in group.barred
                    and facts.days_mask[p] & window
                    and outside.isdisjoint(facts.barred_with.get(p, ()))
                )
                covers = []
                for asked in skill_sets(group.skills, distinct=facts.problem.distinct_cover):
                    mask = sum(1 << skill for skill in asked)
                    needed = len(asked) - sum(bool(facts.skills[p] & mask) for p in team if p not in mine)
                    if needed > 0:
                        covers.append((frozenset(p for p in mine if facts.skills[p] & mask), needed))
                covers += [(c.people, c.needed) for c in leader_covers(roster, {(visit, at): (0,)}, mine)]
                yield Seats(
                    door=door,
                    group=at,
                    n_seats=len(own),
                    team=own,
                    eligible=eligible,
                    covers=tuple(covers),
                )


def apply(roster: Roster, block: DatingBlock, dated: Dated) -> bool:
    """Seat the teams at their dates, if the roster as it is now still allows every one of them; whether it
    did. Otherwise nothing changes."""
    if not dated.when:
        return False
    before = list(roster.placed)
    wanted = {}
    for door, option in zip(block.doors, dated.when, strict=True):
        placement = _placed(roster, door.visit_idx)
        if option != door.options[0]:
            placement = replace(placement, day_idx=option[0], start_min=option[1])
        wanted[door.visit_idx] = placement
    for seats, team in zip(block.seats, dated.teams, strict=True):
        placement = wanted[block.doors[seats.door].visit_idx]
        teams = list(placement.teams)
        others = set(teams[seats.group]) - set(block.people)
        teams[seats.group] = tuple(sorted({*others, *team}))
        wanted[placement.visit_idx] = replace(placement, teams=tuple(teams))
    changed = [placement for visit, placement in wanted.items() if placement != roster.placed[visit]]
    for placement in changed:
        roster.take(placement.visit_idx)
    for placement in changed:
        if not may_be_put(roster, placement):
            roster.restore(before)
            return False
        roster.put(placement)
    return True


def may_be_put(roster: Roster, placement: Placement) -> bool:
    """Whether everybody in the teams is free for the placement."""
    start = placement.start_min // roster.facts.grid
    return all(
        free_starts(roster, person, placement.visit_idx, placement.day_idx) >> start & 1
        for team in placement.teams
        for person in team
    )
