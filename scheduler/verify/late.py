"""Orders made after the draw, replayed: each with the earliest opening and the team of the lowest tickets.

In: :class:`Facts` of the roster alone and with the events. Out: cases of ``R01``. Written from
``docs/reference/late-orders.md``; how the event found its team is not asked.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from scheduler.domain.errors import Value
from scheduler.domain.late import SealedOrders
from scheduler.domain.registers import Order
from scheduler.domain.schedule import Seat, Unscheduled
from scheduler.domain.visits import Requirement, Visit
from scheduler.verify.census import seed_of, ticket_of
from scheduler.verify.doors import minutes_of_work, pairs_of
from scheduler.verify.evidence import Cases, Evidence
from scheduler.verify.facts import Facts, Stay
from scheduler.verify.merging import ordered
from scheduler.verify.orders import check_orders
from scheduler.verify.paircap import is_capped, under_threshold
from scheduler.verify.squads import Group, Opening, Want, team_exists, visit_marks
from scheduler.verify.teams import specialties
from scheduler.verify.vacancy import free_people, unlimited_groups, want_of

Placement = tuple[Opening, tuple[tuple[str, str], ...]]
"""An opening, and the team: department (empty for an expert) and person, sorted."""

EMPTY: Mapping[str, Mapping[dt.date, tuple[Stay, ...]]] = {}


def with_late(evidence: Evidence) -> Evidence:
    """The evidence with orders, requirements, visits, seats and reasons of the events in its own tables; the
    same where there is none."""
    if not evidence.late:
        return evidence
    registers = evidence.registers
    late = [order for event in evidence.late for order in event.orders]
    return replace(
        evidence,
        registers=replace(registers, orders=(*registers.orders, *late)),
        requirements=(*evidence.requirements, *(row for e in evidence.late for row in e.requirements)),
        visits=(*evidence.visits, *(row for e in evidence.late for row in e.visits)),
        seats=(*evidence.seats, *(row for e in evidence.late for row in e.seats)),
        unscheduled=(*evidence.unscheduled, *(row for e in evidence.late for row in e.unscheduled)),
    )


def orders_after_the_draw(base: Facts, whole: Facts) -> Cases:
    """R01 for the events: every order made after the draw is lawful, has the earliest opening that the roster
    and the orders before it leave, and the team of the lowest tickets there."""
    cases = Cases("R01")
    _Story(cases, base, whole).follow()
    return cases


class _Story:
    """The events one after the other; each order is judged beside what stood before it, as sealed."""

    def __init__(self, cases: Cases, base: Facts, whole: Facts) -> None:
        self.cases, self.base, self.whole = cases, base, whole
        self.stays: dict[str, dict[dt.date, tuple[Stay, ...]]] = {
            person: dict(days) for person, days in base.stays.items()
        }
        self.n_visits: dict[str, int] = defaultdict(int)
        for visit in base.evidence.visits:
            self.n_visits[visit.enterprise_id] += 1
        self.tickets = _tickets(whole)

    def follow(self) -> None:
        """Every order of every event, in the order of their ids."""
        registers, census = self.whole.evidence.registers, self.whole.census
        check_orders(self.cases, registers, self.whole.settings, census.scopes, census.kept)
        for number, event in enumerate(self.base.evidence.late, start=1):
            self.cases.look(bool(event.orders), "verify.late_event", event=number, table="orders")
            dues = [self._order(number, event, one) for one in _by_id(event.orders)]
            self._check_tables(number, event, [due for due in dues if due is not None])

    def _check_tables(
        self, number: int, event: SealedOrders, dues: Sequence[tuple[Requirement, Visit]]
    ) -> None:
        """The event holds a requirement and a visit for each of its orders, as due, and nothing else."""
        needs = sorted((need for need, _ in dues), key=lambda row: row.requirement_id)
        visits = sorted((visit for _, visit in dues), key=lambda row: row.visit_id)
        same = list(event.requirements) == needs
        self.cases.look(same, "verify.late_event", event=number, table="requirements")
        self.cases.look(list(event.visits) == visits, "verify.late_event", event=number, table="visits")
        own = {visit.visit_id for visit in visits}
        for name, rows in (("schedule", event.seats), ("unscheduled", event.unscheduled)):
            strange = {row.visit_id for row in rows} - own
            self.cases.look(not strange, "verify.late_event", event=number, table=name)

    def _order(self, number: int, event: SealedOrders, one: Order) -> tuple[Requirement, Visit] | None:
        """Judge one order's opening, team or reason; gives its requirement and visit as they have to be."""
        due = self._due(one)
        if due is None:
            return None
        need, visit = due
        seats = [seat for seat in event.seats if seat.visit_id == visit.visit_id]
        rows = [row for row in event.unscheduled if row.visit_id == visit.visit_id]
        place: dict[str, Value] = {"event": number, "order": one.order_id}
        found = self._place(one, visit, self.stays)
        if found is None:
            reason = self._reason(one, visit)
            row = Unscheduled(requirement_id=need.requirement_id, visit_id=visit.visit_id, reason=reason)
            lawful = not seats and rows == [row]
            self.cases.look(lawful, "verify.late_reason", **place, due=reason)
        else:
            self.cases.look(not rows, "verify.late_reason", **place, due="")
            self._check_seats(place, visit, found, seats)
        self._stand(visit, seats)
        return due

    def _reason(self, one: Order, visit: Visit) -> Literal["unstaffable", "no_room"]:
        """Why there is no opening: with nobody else to visit there would be none either, or there would."""
        return "unstaffable" if self._place(one, visit, EMPTY) is None else "no_room"

    def _due(self, one: Order) -> tuple[Requirement, Visit] | None:
        """What the order asks for, and the visit it is; None where its enterprise is unknown, which its own
        check tells."""
        profile = self.whole.settings.profile
        seed = seed_of(self.whole.evidence.seed_text, profile)
        ticket = ticket_of(seed, "E", f"order:{one.order_id}", one.enterprise_id, profile)
        need = ordered(self.whole, one, ticket)
        if need is None:
            return None
        self.n_visits[one.enterprise_id] += 1
        pairs = pairs_of([need])
        visit = Visit(
            visit_id=f"V-{one.enterprise_id}-{self.n_visits[one.enterprise_id]}",
            enterprise_id=one.enterprise_id,
            requirement_ids=(need.requirement_id,),
            item_codes=tuple(code for code, _ in pairs),
            department_ids=tuple(owner for _, owner in pairs),
            start=need.start,
            end=need.end,
            duration_min=minutes_of_work(self.whole, pairs),
            on_site=need.on_site,
        )
        return need, visit

    def _check_seats(
        self, place: dict[str, Value], visit: Visit, found: Placement, seats: Sequence[Seat]
    ) -> None:
        opening, team = found
        due = f"{opening.day.isoformat()} {opening.start_min // 60:02d}:{opening.start_min % 60:02d}"
        end = opening.start_min + visit.duration_min
        times = {(seat.day, seat.start_min, seat.end_min) for seat in seats}
        same = times == {(opening.day, opening.start_min, end)}
        self.cases.look(same, "verify.late_opening", **place, due=due)
        if same:
            told = sorted((seat.department_id, seat.person_id) for seat in seats)
            people = "、".join(person for _, person in team)
            self.cases.look(told == sorted(team), "verify.late_team", **place, due=people)

    def _stand(self, visit: Visit, seats: Iterable[Seat]) -> None:
        """From now on the visit is part of the roster."""
        point = self.whole.site(visit)
        for seat in seats:
            stay = Stay(start_min=seat.start_min, end_min=seat.end_min, visit_id=visit.visit_id, point=point)
            days = self.stays.setdefault(seat.person_id, {})
            days[seat.day] = tuple(sorted({*days.get(seat.day, ()), stay}))

    def _place(
        self, one: Order, visit: Visit, roster: Mapping[str, Mapping[dt.date, tuple[Stay, ...]]]
    ) -> Placement | None:
        """The earliest opening at which the free people hold a lawful team, and the first of its teams."""
        want = _want(self.whole, visit)
        lacking: set[frozenset[str]] = set()
        for opening in sorted(set(want.openings), key=lambda at: (at.day, at.start_min)):
            if not _is_after(opening, one.approved_at):
                continue
            free = free_people(self.whole, roster, want, opening)
            if free in lacking:
                continue
            if team_exists(want, free):
                return opening, self._team(want, free)
            lacking.add(free)
        return None

    def _team(self, want: Want, free: frozenset[str]) -> tuple[tuple[str, str], ...]:
        """Ticket after ticket: whoever leaves a lawful team possible with those taken before him sits."""
        names = iter(specialties(self.whole, want.visit))
        owners = iter(sorted(set(want.visit.department_ids)))
        taken: list[tuple[str, str]] = []
        for at, group in enumerate(want.groups):
            key = next(owners) if group.is_officers else f"expert/{next(names)}"
            role = "" if group.is_officers else key
            line = sorted((self.tickets.get((role, person), ""), person) for person in group.candidates)
            n_left = group.n_seats
            for _, person in line:
                tried = _with(want, at, person)
                if n_left and person in free and team_exists(tried, free):
                    want, n_left = tried, n_left - 1
                    taken.append((key if group.is_officers else "", person))
        return tuple(sorted(taken))


def _with(want: Want, at: int, person: str) -> Want:
    """The same with this person asked for in the group."""
    group = want.groups[at]
    asked = replace(group, marks=(*group.marks, frozenset({person})))
    return replace(want, groups=(*want.groups[:at], asked, *want.groups[at + 1 :]))


def _want(facts: Facts, visit: Visit) -> Want:
    """What the visit asks for; under a pair cap with those alone whose ticket admits them (R19)."""
    want = want_of(facts, visit)
    if not is_capped(facts):
        return want
    groups = (
        *(_admitted(facts, visit, group) for group in unlimited_groups(facts, visit)),
        *(group for group in want.groups if not group.is_officers),
    )
    return replace(want, groups=groups, marks=visit_marks(facts, groups))


def _admitted(facts: Facts, visit: Visit, group: Group) -> Group:
    people = frozenset(p for p in group.candidates if under_threshold(facts, visit.enterprise_id, p))
    return replace(
        group,
        candidates=tuple(person for person in group.candidates if person in people),
        needs=tuple(need & people for need in group.needs),
        marks=tuple(mark & people for mark in group.marks),
    )


def _is_after(opening: Opening, approved_at: str) -> bool:
    """Whether the opening does not begin before the order was approved."""
    begin = f"{opening.day.isoformat()}T{opening.start_min // 60:02d}:{opening.start_min % 60:02d}"
    return begin >= approved_at


def _tickets(facts: Facts) -> dict[tuple[str, str], str]:
    """Each officer's ticket under no name, each expert's by ``expert/`` and specialty, as the sealed draw
    lists them."""
    pools = {pool.pool_id: pool for pool in facts.evidence.plan.pools}
    found: dict[tuple[str, str], str] = {}
    for row in facts.evidence.people:
        pool = pools.get(row.pool_id)
        if pool is not None:
            key = "" if pool.role == "officer" else f"expert/{pool.specialty}"
            found[key, row.person_id] = row.ticket
    return found


def _by_id(orders: Iterable[Order]) -> Iterator[Order]:
    yield from sorted(orders, key=lambda one: one.order_id)
