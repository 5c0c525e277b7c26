"""A roster in the making: who is where on which day, with loads and travel kept up to date.

In: facts. Out: placements. May import: ``scheduler.domain``, ``solvers.facts``.
"""

from typing import NamedTuple

from scheduler.domain.problem import Placement
from solvers.facts import NO_LIMIT, Facts

EXCESS_CURVE = 16
"""The square of the excess is divided by this: the farthest above the target gives way first."""
DAY_MIN = 24 * 60
KEPT_ROUTES = 50_000
"""Routes remembered with what fits into them; beyond, all are forgotten and made anew."""


class Slot(NamedTuple):
    """A gap in a route that takes a visit: extra travel and the start bits it allows."""

    extra: int
    starts: int


class Gaps(NamedTuple):
    """Where a visit fits into a route, in order of time, with the least and the most extra travel."""

    least: int
    most: int
    slots: tuple[Slot, ...]


NO_GAPS = Gaps(NO_LIMIT + 1, 0, ())


class Route:
    """One person's day from ``home`` and back: stops as (start minute, visit) ascending, its minutes.

    Routes with the same stops are one object; ``gaps`` remembers the answer for each visit asked about.
    """

    __slots__ = ("gaps", "home", "on_site", "stops", "travel")

    def __init__(self, home: int, stops: tuple[tuple[int, int], ...], on_site: int, travel: int) -> None:
        self.home = home
        self.stops = stops
        self.on_site = on_site
        self.travel = travel
        self.gaps: dict[int, Gaps] = {}


class Roster:
    """Placements that keep every rule, as long as only lawful ones are put.

    ``target[p]`` is the load above which goal 2 counts an excess; one minute above it weighs as much as
    ``weight`` minutes of travel; ``penalty`` sums :meth:`strain`.
    """

    def __init__(self, facts: Facts, target: tuple[int, ...] = (), weight: int = 1) -> None:
        self.facts = facts
        self.weight = weight
        n_people = len(facts.people)
        self.placed: list[Placement | None] = [None] * len(facts.visits)
        self._routes: dict[tuple[int, tuple[tuple[int, int], ...]], Route] = {}
        self.routes: list[dict[int, Route]] = [{} for _ in range(n_people)]
        self.load = [0] * n_people
        self.target = target or (NO_LIMIT,) * n_people
        self.n_visits = [0] * n_people
        self.minutes = [0] * n_people
        self.week_visits: dict[tuple[int, int], int] = {}
        self.week_minutes: dict[tuple[int, int], int] = {}
        self.served = [0, 0, 0, 0]
        self.travel = 0
        self.penalty = 0

    def strain(self, person: int, load: int) -> int:
        """What a load above the target costs, in the search's unit: steeper the farther above."""
        excess = load - self.target[person]
        return 0 if excess <= 0 else self.weight * excess + excess * excess // EXCESS_CURVE

    def set_target(self, target: tuple[int, ...], weight: int) -> None:
        """Other targets: the penalty is counted anew."""
        self.target, self.weight = target, weight
        self.penalty = sum(self.strain(person, load) for person, load in enumerate(self.load))

    def put(self, placement: Placement) -> None:
        """Add a lawful placement of a visit that is not placed."""
        visit = placement.visit_idx
        self.placed[visit] = placement
        self._serve(visit, 1)
        for team in placement.teams:
            for person in team:
                self._count(person, visit, placement.day_idx, 1)
                self._reroute(person, placement.day_idx, (placement.start_min, visit), add=True)

    def take(self, visit: int) -> Placement:
        """Remove a placed visit and return where it was."""
        placement = self.placed[visit]
        if placement is None:
            raise KeyError(visit)
        self.placed[visit] = None
        self._serve(visit, -1)
        for team in placement.teams:
            for person in team:
                self._count(person, visit, placement.day_idx, -1)
                self._reroute(person, placement.day_idx, (placement.start_min, visit), add=False)
        return placement

    def _serve(self, visit: int, sign: int) -> None:
        for at, count in enumerate(self.facts.visits[visit].served):
            self.served[at] += sign * count

    def _count(self, person: int, visit: int, day: int, sign: int) -> None:
        minutes = sign * self.facts.duration[visit]
        before = self.load[person]
        self.load[person] = before + minutes
        self.penalty += self.strain(person, before + minutes) - self.strain(person, before)
        body = self.facts.body[person]
        self.n_visits[body] += sign
        self.minutes[body] += minutes
        key = (body, self.facts.problem.weeks[day])
        self.week_visits[key] = self.week_visits.get(key, 0) + sign
        self.week_minutes[key] = self.week_minutes.get(key, 0) + minutes

    def _reroute(self, person: int, day: int, stop: tuple[int, int], *, add: bool) -> None:
        body = self.facts.body[person]
        old = self.routes[body].get(day)
        before = () if old is None else old.stops
        stops = tuple(sorted((*before, stop))) if add else tuple(item for item in before if item != stop)
        self.travel -= 0 if old is None else old.travel
        if not stops:
            del self.routes[body][day]
            return
        route = self.route(body, stops)
        self.travel += route.travel
        self.routes[body][day] = route

    def route(self, person: int, stops: tuple[tuple[int, int], ...]) -> Route:
        """The route through the stops, from the person's site and back."""
        home = self.facts.home[person]
        known = self._routes.get((home, stops))
        if known is None:
            if len(self._routes) >= KEPT_ROUTES:
                self._routes.clear()
            known = self._routes[home, stops] = self._made(home, stops)
        return known

    def _made(self, home: int, stops: tuple[tuple[int, int], ...]) -> Route:
        site, leg = self.facts.visit_site, self.facts.leg
        here, travel, on_site = home, 0, 0
        for _, visit in stops:
            travel += leg(here, site[visit])
            here = site[visit]
            on_site += self.facts.duration[visit]
        return Route(home, stops, on_site, travel + leg(here, home))

    def gaps(self, route: Route, visit: int) -> Gaps:
        """Where the visit fits into the route; remembered."""
        known = route.gaps.get(visit)
        if known is None:
            slots = self._slots(route, visit)
            known = NO_GAPS
            if slots:
                extras = [slot.extra for slot in slots]
                known = Gaps(min(extras), max(extras), slots)
            route.gaps[visit] = known
        return known

    def _slots(self, route: Route, visit: int) -> tuple[Slot, ...]:
        facts = self.facts
        site, minutes, allowed = facts.visit_site[visit], facts.duration[visit], facts.starts[visit]
        found = []
        before, ready = route.home, 0
        for start, following in (*route.stops, (DAY_MIN, -1)):
            after = route.home if following < 0 else facts.visit_site[following]
            arrive, leave = facts.leg(before, site), facts.leg(site, after)
            earliest = ready + arrive if before != route.home or ready else 0
            latest = start - minutes - (0 if following < 0 else leave)
            starts = allowed & facts.between(earliest, latest)
            if starts:
                detour = facts.leg(before, after) if route.stops else 0
                found.append(Slot(arrive + leave - detour, starts))
            if following >= 0:
                before, ready = after, start + facts.duration[following]
        return tuple(found)

    def holds(self, body: int, day: int) -> bool:
        """Whether the person's day leaves time for every way and keeps his minutes (R09, R10)."""
        route = self.routes[body].get(day)
        if route is None:
            return True
        facts, ready, here = self.facts, 0, -1
        for start, visit in route.stops:
            if here >= 0 and ready + facts.leg(here, facts.visit_site[visit]) > start:
                return False
            ready, here = start + facts.duration[visit], facts.visit_site[visit]
        return route.on_site + route.travel <= facts.minutes_day[body]

    def within_long_limits(self, person: int, visit: int, day: int) -> bool:
        """Whether week and campaign have room for the visit; days are looked at elsewhere."""
        facts = self.facts
        who, minutes, body = facts.people[person], facts.duration[visit], facts.body[person]
        key = (body, facts.problem.weeks[day])
        return (
            _allows(who.max_visits, self.n_visits[body] + 1)
            and _allows(who.max_minutes, self.minutes[body] + minutes)
            and _allows(who.max_visits_week, self.week_visits.get(key, 0) + 1)
            and _allows(who.max_minutes_week, self.week_minutes.get(key, 0) + minutes)
        )

    def placements(self) -> tuple[Placement, ...]:
        """All placements in visit order."""
        return tuple(item for item in self.placed if item is not None)

    def restore(self, placed: list[Placement | None]) -> None:
        """Back to the placements remembered; only what differs is touched."""
        for visit, placement in enumerate(placed):
            if self.placed[visit] is not None and self.placed[visit] != placement:
                self.take(visit)
        for visit, placement in enumerate(placed):
            if placement is not None and self.placed[visit] is None:
                self.put(placement)

    def unplaced(self) -> tuple[int, ...]:
        """Visits without a place, what must stay longest first."""
        open_visits = (idx for idx, item in enumerate(self.placed) if item is None)
        return tuple(sorted(open_visits, key=lambda idx: (self.facts.visits[idx].rank, idx)))


def _allows(limit: int, value: int) -> bool:
    return not limit or value <= limit
