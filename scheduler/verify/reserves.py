"""R02 with its second clause: reserves called next in order, at most k_max, no more than a cut proves needed.

In: :class:`Facts` with the sealed events. Out: cases of ``R02``. Written from ``docs/draw-spec.md`` §9.1;
nothing of the search that found the cuts is used, a cut stands or falls with the committed facts.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import get_args

from scheduler.domain.errors import Value
from scheduler.domain.plan import DrawnPerson, Pool
from scheduler.domain.registers import Inspector
from scheduler.domain.reserves import (
    CalledReserve,
    Cut,
    CutPerson,
    CutSeat,
    ReplaceReason,
    SealedReserve,
)
from scheduler.domain.visits import Visit
from scheduler.verify.evidence import Cases
from scheduler.verify.facts import Facts
from scheduler.verify.filling import fills
from scheduler.verify.people import barred_from, drawn_people_only, has_jurisdiction
from scheduler.verify.teams import masters, specialties
from scheduler.verify.times import is_quiet, pieces_of

Post = tuple[str, str]
"""The seats somebody may take: ``("department", id)`` or ``("specialty", name)``."""

MOST_SIGNS = 1000


def people_in_force_only(facts: Facts) -> Cases:
    """R02: only drawn inspectors, or recorded reserves in ticket order, sit in a team; each reserve is called
    by a sealed event that its cut or its evidence justifies, at most k_max, and no more than necessary."""
    cases = drawn_people_only(facts)
    _check_events(cases, facts)
    return cases


def _check_events(cases: Cases, facts: Facts) -> None:
    """Every event in turn, each judged by what the events before it left."""
    story = _Story(facts)
    for number, event in enumerate(facts.evidence.reserves, start=1):
        if event.event.kind == "replacement":
            _check_replacement(cases, story, number, event)
        else:
            _check_shortage(cases, story, number, event)
        story.follow(event)


class _Story:
    """Who is in force and who may still be called, after the events followed so far."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.pools = {pool.pool_id: pool for pool in facts.evidence.plan.pools}
        self.rows: dict[str, list[DrawnPerson]] = defaultdict(list)
        for row in sorted(facts.evidence.people, key=lambda row: (row.pool_id, row.rank, row.person_id)):
            self.rows[row.pool_id].append(row)
        self.in_force = {(row.pool_id, row.person_id) for row in facts.evidence.people if row.drawn}
        self.called: dict[str, set[str]] = defaultdict(set)
        self.out: set[str] = set()

    def follow(self, event: SealedReserve) -> None:
        """Take the event as told, lawful or not."""
        for row in event.called:
            self.in_force.add((row.pool_id, row.person_id))
            self.called[row.pool_id].add(row.ticket)
        if event.event.person_id:
            self.out |= {event.event.person_id, *self.mates(event.event.person_id)}

    def mates(self, person_id: str) -> set[str]:
        """Whoever shares the person's ticket in a pool: he himself, and the others of his fixed group."""
        rows = [row for pool in self.rows.values() for row in pool]
        own = {(row.pool_id, row.ticket) for row in rows if row.person_id == person_id}
        return {row.person_id for row in rows if (row.pool_id, row.ticket) in own}

    def next_ones(self, pool_id: str) -> list[list[DrawnPerson]]:
        """The pool's reserves that may still be called, next one first; a fixed group has one ticket and is
        one reserve."""
        pool = self.pools.get(pool_id)
        left = 0 if pool is None else max(0, pool.k_max - len(self.called[pool_id]))
        waiting: dict[str, list[DrawnPerson]] = defaultdict(list)
        for row in self.rows[pool_id]:
            if not (row.drawn or row.ticket in self.called[pool_id] or row.person_id in self.out):
                waiting[row.ticket].append(row)
        return list(waiting.values())[:left]

    def staff(self, post: Post) -> set[str]:
        """Everybody in force who may take seats of the post."""
        return {
            person
            for pool_id, person in self.in_force
            if person not in self.out and pool_id in self.pools and self._serves(self.pools[pool_id], post)
        }

    def _serves(self, pool: Pool, post: Post) -> bool:
        """Whether the pool's people may take seats of the post: those of their department, or of one it
        helps."""
        helpers = self.facts.helpers.get(post[1], ()) if post[0] == "department" else ()
        return post_of(pool) == post or (pool.role == "officer" and pool.department_id in helpers)

    def possible(self, post: Post) -> set[str]:
        """The staff, and all who may still be called for the post."""
        found = self.staff(post)
        for pool_id, pool in self.pools.items():
            if self._serves(pool, post):
                found |= {row.person_id for unit in self.next_ones(pool_id) for row in unit}
        return found


def post_of(pool: Pool) -> Post:
    """For which seats a pool is, and its reserves are called."""
    return ("specialty", pool.specialty) if pool.role == "expert" else ("department", pool.department_id)


def _check_order(
    cases: Cases, story: _Story, number: int, pool_id: str, rows: Sequence[CalledReserve]
) -> None:
    """Next in ticket order, never more than the committed k_max, as the sealed draw lists them."""
    units = story.next_ones(pool_id)
    n_called = len({row.ticket for row in rows})
    within = n_called <= len(units)
    cases.look(within, "verify.reserve_over_limit", event=number, pool=pool_id, n=n_called, most=len(units))
    due = [row for unit in units[:n_called] for row in unit]
    if within and len(rows) < len(due):
        missing = sorted({row.person_id for row in due} - {row.person_id for row in rows})
        person = rows[-1].person_id
        cases.look(False, "verify.reserve_order", event=number, pool=pool_id, person=person, due=missing[0])
    for row, next_one in zip(rows, due, strict=False):
        told = (row.rank, row.person_id, row.ticket)
        lawful = told == (next_one.rank, next_one.person_id, next_one.ticket)
        cases.look(
            lawful,
            "verify.reserve_order",
            event=number,
            pool=pool_id,
            person=row.person_id,
            due=next_one.person_id,
        )


def _check_replacement(cases: Cases, story: _Story, number: int, event: SealedReserve) -> None:
    told = event.event
    own = sorted(pool for pool, person in story.in_force if person == told.person_id)
    signed = all(_is_text(text) for text in (told.evidence, told.decider))
    lawful = bool(own) and told.person_id not in story.out and not (told.cuts or event.seats or event.people)
    lawful = lawful and signed and told.reason in get_args(ReplaceReason)
    cases.look(lawful, "verify.reserve_replacement", event=number, person=told.person_id)
    by_pool = _by_pool(event.called)
    for pool_id in sorted({*own, *by_pool}):
        rows = by_pool.get(pool_id, [])
        _check_order(cases, story, number, pool_id, rows)
        due = min(1, len(story.next_ones(pool_id))) if pool_id in own else 0
        fits = len({row.ticket for row in rows}) == due
        fits = fits and all(row.replaces == told.person_id for row in rows)
        cases.look(fits, "verify.reserve_seats", event=number, pool=pool_id, person=told.person_id)


def _is_text(text: str) -> bool:
    return bool(text.strip()) and text.isprintable() and len(text) <= MOST_SIGNS


def _by_pool(rows: Iterable[CalledReserve]) -> dict[str, list[CalledReserve]]:
    found: dict[str, list[CalledReserve]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.pool_id, row.rank, row.person_id)):
        found[row.pool_id].append(row)
    return found


def _check_shortage(cases: Cases, story: _Story, number: int, event: SealedReserve) -> None:
    told = event.event
    plain = not (told.person_id or told.reason or told.evidence or told.decider)
    cuts = {cut.pool_id: cut for cut in told.cuts}
    by_pool = _by_pool(event.called)
    # Leaders may take any seat, so their pools come first.
    leading = {pool_id for pool_id, pool in story.pools.items() if pool.stratum == "leaders"}
    turns = sorted({*by_pool, *cuts}, key=lambda pool_id: (pool_id not in leading, pool_id))
    ordered = [cut.pool_id for cut in told.cuts] == [pool_id for pool_id in turns if pool_id in cuts]
    named = {row.pool_id for row in event.seats} | {row.pool_id for row in event.people}
    whole = plain and ordered and bool(by_pool) and not named - set(cuts)
    whole = whole and not any(row.replaces for row in event.called)
    cases.look(whole, "verify.reserve_event", event=number)
    joined: dict[Post, set[str]] = defaultdict(set)
    for pool_id in turns:
        rows, cut, pool = by_pool.get(pool_id, []), cuts.get(pool_id), story.pools.get(pool_id)
        _check_order(cases, story, number, pool_id, rows)
        if pool is None or cut is None or not rows:
            cases.look(False, "verify.reserve_needless", event=number, pool=pool_id, n=len(rows))
            continue
        _Judge(cases, story, number, pool, joined[post_of(pool)]).judge(cut, rows, event)
        joined[post_of(pool)] |= {row.person_id for row in rows}


class _Judge:
    """One pool's cut held against the committed facts; ``joined`` are called by the same event before."""

    def __init__(self, cases: Cases, story: _Story, number: int, pool: Pool, joined: set[str]) -> None:
        self.cases, self.story, self.facts, self.pool = cases, story, story.facts, pool
        self.place: dict[str, Value] = {"event": number, "pool": pool.pool_id}
        self.post = post_of(pool)
        self.before = story.staff(self.post) | joined

    def judge(self, cut: Cut, rows: Sequence[CalledReserve], event: SealedReserve) -> None:
        """The figures are those of the facts; with one reserve less they do not suffice, with all they do."""
        pool_id = self.pool.pool_id
        seats = [row for row in event.seats if row.pool_id == pool_id]
        visits = self._visits(cut, seats)
        if visits is None:
            return
        called = [row.person_id for row in rows]
        able = {
            person: [v for v in visits if self.may_take(person, v, cut.need)]
            for person in sorted({*self.before, *called})
        }
        due = [self._person(person, own, cut, called) for person, own in able.items()]
        told = [row for row in event.people if row.pool_id == pool_id]
        for row in sorted({*told} ^ {*due}, key=lambda row: row.person_id):
            self.cases.broken("verify.reserve_cut", **self.place, subject=row.person_id)
        weight = {v.visit_id: v.duration_min if cut.unit == "minutes" else 1 for v in visits}
        demand = sum(row.seats * weight[row.visit_id] for row in seats)
        supply = sum(row.supply for row in due)
        # Strictly in order, so the last one called is the one to do without.
        last = {row.person_id for row in rows if row.ticket == rows[-1].ticket} - self.before
        last -= {row.person_id for row in rows if row.ticket != rows[-1].ticket}
        n_called = len({row.ticket for row in rows})
        less = supply - sum(row.supply for row in due if row.person_id in last)
        figures = (cut.demand, cut.supply_before, cut.supply, cut.n_called)
        self.cases.look(
            figures == (demand, less, supply, n_called), "verify.reserve_cut", **self.place, subject=""
        )
        self.cases.look(demand > less, "verify.reserve_needless", **self.place, n=n_called)
        room = {row.person_id: demand if row.capacity < 0 else row.capacity for row in due}
        filled = fills(
            {row.visit_id: row.seats for row in seats},
            weight,
            {person: [v.visit_id for v in own] for person, own in able.items()},
            room,
        )
        self.cases.look(filled, "verify.reserve_unfilled", **self.place, n=n_called)

    def _visits(self, cut: Cut, seats: Sequence[CutSeat]) -> list[Visit] | None:
        """The visits of the cut; None where there are none, or one of them does not belong there."""
        visits = [self.facts.visits.get(row.visit_id) for row in seats]
        lawful = bool(seats) and len({row.visit_id for row in seats}) == len(seats)
        for row, visit in zip(seats, visits, strict=True):
            fits = (
                visit is not None
                and (cut.start <= visit.start and visit.end <= cut.end)
                and needs_of(self.facts, visit).get((self.post, cut.need)) == row.seats
                and visit.duration_min == row.minutes
                and not self._is_hopeless(visit)
            )
            if not fits:
                lawful = False
                self.cases.broken("verify.reserve_visit", **self.place, visit=row.visit_id)
        self.cases.look(lawful, "verify.reserve_cut", **self.place, subject="")
        return [visit for visit in visits if visit is not None] if lawful else None

    def _person(
        self,
        person: str,
        own: Sequence[Visit],
        cut: Cut,
        called: Sequence[str],
    ) -> CutPerson:
        worker = self.facts.workers.get(person)
        free = () if worker is None else worker.days
        days = [day for day in free if cut.start <= day < cut.end]
        room = _room(self.facts, person, days, minutes=cut.unit == "minutes")
        most = sum(v.duration_min for v in own) if cut.unit == "minutes" else len(own)
        return CutPerson(
            pool_id=self.pool.pool_id,
            person_id=person,
            called=person in called,
            n_days=len(days),
            n_visits=len(own),
            capacity=room,
            supply=most if room < 0 else min(room, most),
        )

    def may_take(self, person: str, visit: Visit, need: str) -> bool:
        """Whether somebody of this pool's post may take a seat of the need."""
        return _may_take(self.facts, person, visit, self.post, need)

    def _is_hopeless(self, visit: Visit) -> bool:
        """Whether some seat of the visit has too few people even with every reserve: no call is for it."""
        grid = self.facts.settings.hours.grid_min
        pieces = pieces_of(self.facts, visit)
        if not any(-(-lo // grid) * grid + visit.duration_min <= hi for lo, hi in pieces):
            return True
        return any(
            sum(_may_take(self.facts, person, visit, post, need) for person in self.story.possible(post))
            < seats
            for (post, need), seats in needs_of(self.facts, visit).items()
        )


def needs_of(facts: Facts, visit: Visit) -> dict[tuple[Post, str], int]:
    """Seats by need: a team per department (one officer where teams count per visit) with its leader where
    one is asked for, somebody for each item, an expert per specialty."""
    teams = facts.settings.teams
    found: dict[tuple[Post, str], int] = {}
    for code, department_id in zip(visit.item_codes, visit.department_ids, strict=False):
        post = ("department", department_id)
        found[post, ""] = teams.officers if teams.per == "department" else 1
        found[post, f"item:{code}"] = 1
        if teams.leader_required and teams.per == "department":
            found[post, "leader"] = 1
    for name in specialties(facts, visit):
        found[("specialty", name), ""] = 1
    return found


def _may_take(facts: Facts, person: str, visit: Visit, post: Post, need: str) -> bool:
    kind, name = post
    if kind == "specialty":
        expert = facts.experts.get(person)
        able = expert is not None and name in expert.specialties
    else:
        officer = facts.inspectors.get(person)
        able = officer is not None and (
            has_jurisdiction(facts, officer, name, facts.district(visit)) and _meets(facts, officer, need)
        )
    worker = facts.workers.get(person)
    if not able or worker is None or barred_from(facts, person, visit.enterprise_id, visit.start, visit.end):
        return False
    return any(visit.start <= day < visit.end and not is_quiet(facts, visit, day) for day in worker.days)


def _meets(facts: Facts, officer: Inspector, need: str) -> bool:
    """Whether the officer is what the need asks for: anybody, a leader, a master of the item."""
    item = facts.items.get(need.removeprefix("item:"))
    mastered = need.startswith("item:") and item is not None and masters(officer, item)
    return not need or mastered or (need == "leader" and officer.is_leader)


def _room(facts: Facts, person: str, days: Iterable[dt.date], *, minutes: bool) -> int:
    """The most that the person's limits allow in the days: seats, or minutes; -1 where nothing limits it."""
    worker, limits = facts.workers.get(person), facts.settings.limits
    if worker is None:
        return 0
    if minutes:
        day = sum(hi - lo for lo, hi in facts.settings.hours.pieces)
        daily, weekly, total = (
            min(day, worker.max_minutes_day or day),
            limits.minutes_week,
            limits.minutes_campaign,
        )
    else:
        daily, weekly, total = worker.max_visits_day, limits.visits_week, limits.visits_campaign
    by_week = Counter(day.isocalendar()[:2] for day in days)
    if not daily and not weekly:
        return total or -1
    each = (min(top for top in (n * daily, weekly) if top) for n in by_week.values())
    most = sum(each)
    return min(most, total) if total else most
