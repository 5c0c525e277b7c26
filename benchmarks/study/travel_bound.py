"""Study: a proven bound of the travel, department by department, far above the radial one.

In: a size of ``instances.roster``. Out: bounds beside round-robin. May import: ``instances``, ``scheduler``,
``solvers``, numba through ``solvers.blocks.jit``, MathOpt.

Every seat is filled on some day of some officer, and such a day is a sequence of visits that one officer can
make: within the limits of a day, at starts that the visits allow, with a day in all windows. If every visit
has a price, and no such day has prices of more than its way is long, then all prices together, times the
seats, are a bound (weak duality of covering seats by days). Nothing else is asked: not that teams meet, nor
who works when, holds which skill, is barred, or carries how much. Prices come from a linear program over
ever more days (Gilmore and Gomory, Operations Research 9(6), 1961); whatever they are, they are cut down
until the dearest of *all* days keeps the rule (Farley, Operations Research 38(5), 1990), in integers, so
that no rounding is believed. Experts have homes of their own and are left out.
"""

# ruff: noqa: C901, PLR0912, PLR0915 - one compiled loop: plain and whole
# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from ortools.math_opt.python import mathopt

from benchmarks.measuring import Stopwatch
from benchmarks.round_robin import round_robin
from instances import roster
from scheduler.domain.problem import SeatGroup
from solvers.blocks.jit import jit
from solvers.blocks.land import DAY_MIN, Ints, Land, X, Y, land_of
from solvers.blocks.times import leg
from solvers.facts import Facts

PART = 1_000
"""Prices are in so many parts of a minute."""
PER_VISIT = 6
"""Days kept per visit that they begin with, those whose prices exceed their way most."""
NEAR_PERMILLE = 10
"""A department is done once its bound is so near to the linear program's value."""
ROUNDS = 80
NOTHING = -(1 << 60)
OUT, MINUTES, OPENS, CLOSES, SEATS = range(5)
"""Columns of ``Asked.visits``: the way from the nearest office, the length, first and last day, seats."""
DAY_VISITS, DAY_MINUTES, GRID = range(3)
"""Places in ``Asked.limits``."""
CHOSEN, ENDS, ON_SITE, WAY, PRICES, FIRST_DAY, LAST_DAY, NEXT = range(8)
"""Rows of the scratch of :func:`dearest`, a column per stop."""


class Asked(NamedTuple):
    """One department's visits; ``starts[visit, t]`` is the first start from t grid steps on, -1 for none."""

    visits: Ints
    legs: Ints
    starts: Ints
    limits: Ints


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """Person-minutes under way: what is proved, and what the linear program came down to."""

    proved: int
    reached: float
    rounds: int


def measure_travel_bound(size: str, seed: int, departments: int | None = None) -> dict[str, Any]:
    """The bound of all departments, or of the first few, and round-robin's travel."""
    watch = Stopwatch()
    facts = Facts(roster(size, seed=seed))
    land, rows = land_of(facts), []
    for department, groups in list(_groups(facts).items())[:departments]:
        bound = travel_of(asked_of(facts, land, groups))
        rows.append(
            {"department": department, "visits": len(groups), "bound": bound.proved, "rounds": bound.rounds}
        )
    dealt = {way: figures["travel"] for way, figures in round_robin(facts).items()}
    total = sum(row["bound"] for row in rows)
    return {
        "size": size,
        "seed": seed,
        **watch.seconds(),
        "departments": len(rows),
        "bound": total,
        "round_robin": dealt,
        "percent_of_round_robin": {way: round(100 * total / travel, 1) for way, travel in dealt.items()},
        "by_department": rows,
    }


def _groups(facts: Facts) -> dict[int, list[tuple[int, SeatGroup]]]:
    """Visits and seat groups by department; the experts' are left out."""
    found: dict[int, list[tuple[int, SeatGroup]]] = {}
    for idx, visit in enumerate(facts.visits):
        for group in visit.groups:
            if visit.days and group.n_seats and facts.department_of(group) >= 0:
                found.setdefault(facts.department_of(group), []).append((idx, group))
    return dict(sorted(found.items()))


def asked_of(facts: Facts, land: Land, groups: list[tuple[int, SeatGroup]]) -> Asked:
    """The tables of one department's seat groups; all that can only make the bound smaller is left out."""
    people = sorted({person for _, group in groups for person in facts.members(group)})
    homes = sorted({facts.home[person] for person in people})
    sites = [facts.visit_site[idx] for idx, _ in groups]
    visits = [
        (
            min(facts.leg(home, site) for home in homes),
            facts.duration[idx],
            facts.visits[idx].days[0],
            facts.visits[idx].days[-1],
            group.n_seats,
        )
        for site, (idx, group) in zip(sites, groups, strict=True)
    ]
    steps = DAY_MIN // facts.grid + 1
    starts = np.full((len(groups), steps + 1), -1, np.int64)
    for row, (idx, _) in enumerate(groups):
        for step in range(steps - 1, -1, -1):
            starts[row, step] = step if facts.starts[idx] >> step & 1 else starts[row, step + 1]
    limits = (
        min(max(facts.visits_day[person] for person in people), len(groups)),
        max(facts.minutes_day[person] for person in people),
        facts.grid,
    )
    legs = np.zeros((len(groups), len(groups)), np.int64)
    all_legs(land, np.array([idx for idx, _ in groups], np.int64), legs)
    return Asked(np.array(visits, np.int64), legs, starts, np.array(limits, np.int64))


@jit
def all_legs(land: Land, visits: Ints, legs: Ints) -> None:
    """Minutes between any two of the visits."""
    for one in range(len(visits)):
        x, y = land.visits[visits[one], X], land.visits[visits[one], Y]
        for other in range(len(visits)):
            legs[one, other] = leg(land, x, y, land.visits[visits[other], X], land.visits[visits[other], Y])


@jit
def best_more(asked: Asked, prices: Ints, more: Ints) -> None:
    """``more[k, visit]``: what k more stops after the visit can add at most to prices less way."""
    visits = asked.visits
    for k in range(1, len(more)):
        for one in range(len(visits)):
            more[k, one] = NOTHING
            for other in range(len(visits)):
                if (
                    other != one
                    and visits[other, OPENS] <= visits[one, CLOSES]
                    and visits[one, OPENS] <= visits[other, CLOSES]
                ):
                    way = asked.legs[one, other] + visits[other, OUT] - visits[one, OUT]
                    gain = prices[other] - PART * way
                    if k > 1:
                        gain += max(0, more[k - 1, other])
                    more[k, one] = max(more[k, one], gain)


@jit
def dearest(
    asked: Asked, prices: Ints, more: Ints, at: Ints, days: Ints, ways: Ints, above: Ints, cut: Ints
) -> int:
    """All days whose prices exceed their way are gone through. Of those that begin with each visit the worst
    are kept in ``days``, their ``ways`` and what they are ``above``; how many. ``cut`` is the least way over
    prices, as numerator and denominator: prices times that keep the rule. ``at`` is scratch."""
    visits, legs, n_kept, most = asked.visits, asked.legs, 0, asked.limits[DAY_VISITS]
    cut[0], cut[1] = 1, 1
    for first in range(len(visits)):
        begin, depth, entered = n_kept, 0, True
        start = asked.starts[first, 0]
        if start < 0 or visits[first, MINUTES] + 2 * visits[first, OUT] > asked.limits[DAY_MINUTES]:
            continue
        at[CHOSEN, 0], at[ENDS, 0] = first, start * asked.limits[GRID] + visits[first, MINUTES]
        at[ON_SITE, 0], at[WAY, 0], at[PRICES, 0] = visits[first, MINUTES], visits[first, OUT], prices[first]
        at[FIRST_DAY, 0], at[LAST_DAY, 0] = visits[first, OPENS], visits[first, CLOSES]
        while depth >= 0:
            here, left = at[CHOSEN, depth], most - 1 - depth
            way = at[WAY, depth] + visits[here, OUT]
            gain = at[PRICES, depth] - PART * way
            if entered:
                entered = False
                if gain > 0:
                    if PART * way * cut[1] < at[PRICES, depth] * cut[0]:
                        cut[0], cut[1] = PART * way, at[PRICES, depth]
                    place = n_kept
                    if n_kept - begin >= PER_VISIT:
                        place = begin
                        for other in range(begin, n_kept):
                            if above[other] < above[place]:
                                place = other
                    if place == n_kept or above[place] < gain:
                        n_kept = max(n_kept, place + 1)
                        above[place], ways[place] = gain, way
                        for stop in range(days.shape[1]):
                            days[place, stop] = at[CHOSEN, stop] if stop <= depth else -1
                if left <= 0 or gain + more[left, here] <= 0:
                    depth -= 1
                    continue
                at[NEXT, depth] = 0
            going = -1
            while at[NEXT, depth] < len(visits) and going < 0:
                other = at[NEXT, depth]
                at[NEXT, depth] += 1
                if visits[other, OPENS] > at[LAST_DAY, depth] or visits[other, CLOSES] < at[FIRST_DAY, depth]:
                    continue
                longer = legs[here, other] + visits[other, OUT] - visits[here, OUT]
                hope = max(0, more[left - 1, other]) if left > 1 else 0
                if gain + prices[other] - PART * longer + hope <= 0:
                    continue
                minutes = at[ON_SITE, depth] + visits[other, MINUTES] + way + longer
                if minutes > asked.limits[DAY_MINUTES]:
                    continue
                step = -(-(at[ENDS, depth] + legs[here, other]) // asked.limits[GRID])
                if step >= asked.starts.shape[1] or asked.starts[other, step] < 0:
                    continue
                going, start = other, asked.starts[other, step]
                for stop in range(depth + 1):
                    if at[CHOSEN, stop] == other:
                        going = -1
            if going < 0:
                depth -= 1
                continue
            at[CHOSEN, depth + 1], at[ENDS, depth + 1] = (
                going,
                start * asked.limits[GRID] + visits[going, MINUTES],
            )
            at[ON_SITE, depth + 1] = at[ON_SITE, depth] + visits[going, MINUTES]
            at[WAY, depth + 1] = at[WAY, depth] + legs[here, going]
            at[PRICES, depth + 1] = at[PRICES, depth] + prices[going]
            at[FIRST_DAY, depth + 1] = max(at[FIRST_DAY, depth], visits[going, OPENS])
            at[LAST_DAY, depth + 1] = min(at[LAST_DAY, depth], visits[going, CLOSES])
            depth += 1
            entered = True
    return n_kept


class _Master:
    """The linear program: fewest minutes of days that cover all seats."""

    def __init__(self, asked: Asked) -> None:
        self.model = mathopt.Model()
        self.rows = [self.model.add_linear_constraint(lb=float(seats)) for seats in asked.visits[:, SEATS]]
        self.objective = self.model.objective
        self.model.minimize(0.0)
        self.known: dict[tuple[int, ...], int] = {}
        self.solver = mathopt.IncrementalSolver(self.model, mathopt.SolverType.GLOP)
        for visit, out in enumerate(asked.visits[:, OUT].tolist()):
            self.add((visit,), 2 * out)

    def add(self, day: tuple[int, ...], way: int) -> None:
        """A day, unless the same visits are known with as short a way."""
        if self.known.get(day, way + 1) > way:
            self.known[day] = way
            used = self.model.add_variable(lb=0.0)
            self.objective.set_linear_coefficient(used, float(way))
            for visit in day:
                self.rows[visit].set_coefficient(used, 1.0)

    def prices(self) -> tuple[float, Ints]:
        """The value and the prices it goes with, in parts of a minute."""
        result = self.solver.solve()
        duals = result.dual_values(self.rows)
        return result.objective_value(), np.array([max(0, int(PART * dual)) for dual in duals], np.int64)


def travel_of(asked: Asked) -> Bound:
    """The bound of one department."""
    n, most = len(asked.visits), int(asked.limits[DAY_VISITS])
    kept, seats = n * PER_VISIT, asked.visits[:, SEATS]
    more, at = np.zeros((most, n), np.int64), np.zeros((NEXT + 1, most), np.int64)
    days, ways, above = (
        np.zeros((kept, most), np.int64),
        np.zeros(kept, np.int64),
        np.zeros(kept, np.int64),
    )
    cut, master = np.ones(2, np.int64), _Master(asked)
    proved, best, prices = 0, np.zeros(n, np.int64), PART * asked.visits[:, OUT]
    value, done, enough = 0.0, 0, False
    while done < ROUNDS and not enough:
        done += 1
        best_more(asked, prices, more)
        found = dearest(asked, prices, more, at, days, ways, above, cut)
        # In Python's integers: the products are too large for 64 bits.
        lawful = np.array([price * int(cut[0]) // int(cut[1]) for price in prices.tolist()], np.int64)
        if int((lawful * seats).sum()) > proved:
            proved, best = int((lawful * seats).sum()), lawful
        for day, way in zip(days[:found].tolist(), ways[:found].tolist(), strict=True):
            master.add(tuple(sorted(visit for visit in day if visit >= 0)), way)
        value, duals = master.prices()
        enough = 1000 * proved >= (1000 - NEAR_PERMILLE) * PART * value
        # Half-way between the best prices and the program's: these alone jump about.
        prices = (best + duals) // 2
    return Bound(proved=-(-proved // PART), reached=value, rounds=done)
