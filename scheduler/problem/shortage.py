"""Which pools cannot staff their seats, and how many reserves that makes necessary (docs/draw-spec.md §9.1).

In: plan, registers, visits, who is in force and who may still be called. Out: calls with their cuts.
May import: the domain and this room.

Everything here is an upper bound on what people can carry (days, numbers of visits, minutes; no way, no
lunch, no start), so that a shortage that shows is certain, and one that does not show justifies no call.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.plan import DrawnPerson, Plan, Pool
from scheduler.domain.registers import Registers
from scheduler.domain.reserves import CalledReserve, Cut, CutPerson, CutSeat, Measure
from scheduler.domain.visits import MergeResult
from scheduler.problem.capacity import Demand, Field, Unit, key_of, limit_of, most_in
from scheduler.problem.flow import Asked, Carried, carried

MEASURES: tuple[Measure, ...] = ("visits", "minutes")


@dataclass(frozen=True, kw_only=True)
class PoolCall:
    """The reserves one pool needs, with the proof."""

    called: tuple[CalledReserve, ...]
    cut: Cut
    seats: tuple[CutSeat, ...]
    people: tuple[CutPerson, ...]


@dataclass(frozen=True, kw_only=True)
class Shortage:
    """``calls`` in the order in which they were made. ``short`` are the pools whose seats cannot all be
    filled even after them; ``hopeless`` the visits that no call could staff: for some seat too few people
    exist."""

    calls: tuple[PoolCall, ...]
    short: tuple[str, ...]
    hopeless: tuple[str, ...]


def reserves_needed(
    plan: Plan,
    registers: Registers,
    merged: MergeResult,
    people: Sequence[DrawnPerson],
    waiting: Mapping[str, Sequence[Unit]],
) -> Shortage:
    """The fewest next reserves of each pool that a cut proves necessary; none where no cut does.

    ``people`` are the rows of the draw, ``drawn`` for who is in force; ``waiting`` each pool's reserves that
    may still be called, next one first, each everybody of one ticket. Leaders' pools are looked at first,
    then the others by id, each with what the pools before it call.
    """
    field = Field(plan, registers, merged, people, waiting)
    calls = []
    for pool in sorted(plan.pools, key=turn_of):
        call = _PoolSearch(field, pool).call()
        if call is not None:
            calls.append(call)
            field.add(pool, [row.person_id for row in call.called])
    posts = {key_of(pool): pool for pool in sorted(plan.pools, key=turn_of, reverse=True)}
    short = sorted(pool.pool_id for pool in posts.values() if _PoolSearch(field, pool).is_short())
    return Shortage(calls=tuple(calls), short=tuple(short), hopeless=tuple(sorted(field.hopeless)))


def turn_of(pool: Pool) -> tuple[bool, str]:
    """Leaders come first: whoever leads may take any seat, so fewer others are needed afterwards."""
    return pool.stratum != "leaders", pool.pool_id


@dataclass(frozen=True, kw_only=True)
class _Network:
    """Seats of one need in the days ``[start, end)``, counted in one unit."""

    need: str
    unit: Measure
    start: dt.date
    end: dt.date
    demands: tuple[Demand, ...]


class _PoolSearch:
    """Looks for the cut that asks for most reserves of one pool."""

    def __init__(self, field: Field, pool: Pool) -> None:
        self.field, self.pool = field, pool
        self.base = sorted(field.in_force.get(key_of(pool), []))
        self.later = list(field.waiting.get(pool.pool_id, ()))
        self._capacities: dict[tuple[str, Measure, dt.date, dt.date], tuple[int, int]] = {}

    def call(self) -> PoolCall | None:
        """The call of the pool, None where no cut asks for one."""
        best: tuple[int, _Network, tuple[Demand, ...]] | None = None
        for network in self._networks() if self.later else ():
            if self._fills(network, network.demands, 0) or not self._answers(network.need):
                continue
            fillable = self._fillable(network)
            k = self._fewest(network, fillable)
            if k and (best is None or k > best[0]):
                best = (k, network, fillable)
        return None if best is None else self._call(*best)

    def is_short(self) -> bool:
        """Whether some seats cannot be filled by those in force."""
        return any(not self._fills(network, network.demands, 0) for network in self._networks())

    def _answers(self, need: str) -> bool:
        """A leaders' pool is for leaders, unless nobody else of the department is left to be called."""
        others = (
            pool
            for pool in self.field.pools.values()
            if pool != self.pool and key_of(pool) == key_of(self.pool)
        )
        alone = not any(self.field.waiting.get(pool.pool_id) for pool in others)
        return self.pool.stratum != "leaders" or need == "leader" or alone

    def _networks(self) -> Iterator[_Network]:
        """Need by need, each unit, each stretch of days from a window's start to a window's end that
        encloses other visits than the narrower ones do."""
        for need, demands in sorted(self.field.demands.get(key_of(self.pool), {}).items()):
            starts = sorted({one.start for one in demands})
            ends = sorted({one.end for one in demands})
            for unit in MEASURES:
                for start in starts:
                    for end in ends:
                        inside = tuple(one for one in demands if start <= one.start and one.end <= end)
                        tight = inside and (
                            min(one.start for one in inside) == start
                            and max(one.end for one in inside) == end
                        )
                        if tight:
                            yield _Network(need=need, unit=unit, start=start, end=end, demands=inside)

    def _staff(self, k: int) -> list[str]:
        also = (row.person_id for unit in self.later[:k] for row in unit if row.person_id in self.field.staff)
        return list(dict.fromkeys((*self.base, *also)))

    def _carried(self, network: _Network, demands: Sequence[Demand], k: int) -> Carried:
        return carried(self._classes(network, demands, k)[0], self._room(network, demands, k))

    def _room(self, network: _Network, demands: Sequence[Demand], k: int) -> dict[str, int]:
        endless = _total(demands, network.unit)
        found = ((one, self._capacity(one, network)[1]) for one in self._staff(k))
        return {one: endless if room < 0 else room for one, room in found}

    def _classes(
        self, network: _Network, demands: Sequence[Demand], k: int
    ) -> tuple[list[Asked], list[list[Demand]]]:
        """Visits that ask the same of the same people as one class; those who ask fewest people first."""
        minutes = network.unit == "minutes"
        present = frozenset(self._staff(k))
        alike: dict[tuple[int, int, frozenset[str]], list[Demand]] = {}
        for one in demands:
            key = (one.seats, one.minutes if minutes else 1, one.able & present)
            alike.setdefault(key, []).append(one)
        order = sorted(alike, key=lambda key: (len(key[2]), alike[key][0].visit_id))
        asked = [
            Asked(amount=len(alike[key]) * key[0] * key[1], each=len(alike[key]) * key[1], able=_ids(key[2]))
            for key in order
        ]
        return asked, [alike[key] for key in order]

    def _fillable(self, network: _Network) -> tuple[Demand, ...]:
        """All demands where every reserve together can fill them; else as many of them as go in, class by
        class, each class its first visits."""
        k = len(self.later)
        if self._fills(network, network.demands, k):
            return network.demands
        kept: list[Demand] = []
        for own in self._classes(network, network.demands, k)[1]:
            few, many = 0, len(own)
            while few < many:
                middle = (few + many + 1) // 2
                if self._fills(network, [*kept, *own[:middle]], k):
                    few = middle
                else:
                    many = middle - 1
            kept += own[:few]
        return tuple(sorted(kept, key=lambda one: one.visit_id))

    def _fills(self, network: _Network, demands: Sequence[Demand], k: int) -> bool:
        return self._carried(network, demands, k).flow == _total(demands, network.unit)

    def _fewest(self, network: _Network, demands: Sequence[Demand]) -> int:
        return next(k for k in range(len(self.later) + 1) if self._fills(network, demands, k))

    def _call(self, k: int, network: _Network, fillable: tuple[Demand, ...]) -> PoolCall:
        asked, members = self._classes(network, fillable, k - 1)
        found = carried(asked, self._room(network, fillable, k - 1))
        short = sorted((one for n in found.short for one in members[n]), key=lambda one: one.visit_id)
        called = [row for unit in self.later[:k] for row in unit]
        last = {row.person_id for row in self.later[k - 1]} - {*self._staff(k - 1)}
        rows = [self._row(one, network, short, k) for one in sorted(self._staff(k))]
        cut = Cut(
            pool_id=self.pool.pool_id,
            need=network.need,
            unit=network.unit,
            start=network.start,
            end=network.end,
            n_called=k,
            demand=_total(short, network.unit),
            supply_before=sum(row.supply for row in rows if row.person_id not in last),
            supply=sum(row.supply for row in rows),
        )
        return PoolCall(
            called=tuple(
                CalledReserve(pool_id=row.pool_id, rank=row.rank, person_id=row.person_id, ticket=row.ticket)
                for row in called
            ),
            cut=cut,
            seats=tuple(
                CutSeat(
                    pool_id=self.pool.pool_id,
                    visit_id=one.visit_id,
                    seats=one.seats,
                    minutes=one.minutes,
                )
                for one in short
            ),
            people=tuple(rows),
        )

    def _row(self, ident: str, network: _Network, short: Sequence[Demand], k: int) -> CutPerson:
        own = [one for one in short if ident in one.able]
        n_days, capacity = self._capacity(ident, network)
        most = len(own) if network.unit == "visits" else sum(one.minutes for one in own)
        return CutPerson(
            pool_id=self.pool.pool_id,
            person_id=ident,
            called=any(row.person_id == ident for unit in self.later[:k] for row in unit),
            n_days=n_days,
            n_visits=len(own),
            capacity=capacity,
            supply=most if capacity < 0 else min(capacity, most),
        )

    def _capacity(self, ident: str, network: _Network) -> tuple[int, int]:
        key = (ident, network.unit, network.start, network.end)
        if key not in self._capacities:
            days = [day for day in self.field.days(ident) if network.start <= day < network.end]
            own = limit_of(self.field.staff[ident], self.field.settings, network.unit)
            self._capacities[key] = len(days), most_in(days, own)
        return self._capacities[key]


def _ids(people: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(people))


def _total(demands: Sequence[Demand], unit: Measure) -> int:
    return sum(one.seats * (one.minutes if unit == "minutes" else 1) for one in demands)
