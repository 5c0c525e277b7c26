"""R18: nothing vanishes, and what is not served has a reason that holds.

In: :class:`Facts`. Out: cases. Reasons are confirmed by enumeration, the order of giving up by exchange.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from scheduler.domain.visits import Visit
from scheduler.verify.evidence import Cases
from scheduler.verify.facts import Facts
from scheduler.verify.squads import Opening, Want, team_exists
from scheduler.verify.vacancy import Days, Roster, day_holds, free_at, free_people, want_of


def everything_accounted_for(facts: Facts) -> Cases:
    """R18: every requirement is visited, unscheduled with a reason, or withdrawn with evidence."""
    cases = Cases("R18")
    home = {r: visit.visit_id for visit in facts.evidence.visits for r in visit.requirement_ids}
    told = Counter(row.requirement_id for row in facts.evidence.unscheduled)
    for requirement_id in sorted({*facts.requirements, *home}):
        served = home.get(requirement_id, "") in facts.seats
        ends = served + told[requirement_id]
        cases.look(ends >= 1, "verify.vanished", requirement=requirement_id)
        if ends > 1:
            cases.broken("verify.two_ends", requirement=requirement_id)
    for row in facts.evidence.unscheduled:
        known = row.requirement_id in facts.requirements and home.get(row.requirement_id) == row.visit_id
        cases.look(known, "verify.unscheduled_unknown", requirement=row.requirement_id, visit=row.visit_id)
    _confirm_reasons(facts, cases)
    return cases


def _confirm_reasons(facts: Facts, cases: Cases) -> None:
    reasons: dict[str, set[str]] = defaultdict(set)
    for row in facts.evidence.unscheduled:
        if row.visit_id in facts.visits and row.visit_id not in facts.seats:
            reasons[row.visit_id].add(row.reason)
    exchange = _Exchange(facts)
    for visit_id, told in sorted(reasons.items()):
        want = want_of(facts, facts.visits[visit_id])
        true_reason = _reason(facts, want)
        cases.look(told == {true_reason}, "verify.reason_untrue", visit=visit_id, found=true_reason)
        if true_reason == "no_room":
            for other in exchange.better_than(want):
                cases.broken("verify.given_up_too_early", visit=visit_id, other=other)


def _reason(facts: Facts, want: Want) -> str:
    """Why the visit is not served: ``unstaffable``, ``no_room``, or ``free`` where nothing bars it."""
    if any(team_exists(want, free_people(facts, facts.stays, want, o)) for o in want.openings):
        return "free"
    alone: Roster = {}
    if any(team_exists(want, free_people(facts, alone, want, o)) for o in want.openings):
        return "no_room"
    return "unstaffable"


class _Exchange:
    """Whom could an unserved visit have displaced? Placed visits of its class with a higher ticket, one
    at a time. Visits that serve more requirements than it does are not given up for it: goal 1 comes first.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        limits = facts.settings.limits
        self.long_run = bool(
            limits.visits_week or limits.minutes_week or limits.visits_campaign or limits.minutes_campaign
        )
        self.placed = sorted(
            (v for i, v in facts.visits.items() if i in facts.seats), key=lambda v: v.visit_id
        )

    def better_than(self, want: Want) -> Iterator[str]:
        """Ids of placed visits that should have been given up instead."""
        mine = self._rank(want.visit)
        people = frozenset(want.people)
        free: dict[Opening, frozenset[str]] = {}
        for other in self.placed:
            rank = self._rank(other)
            if (
                rank[0] != mine[0]
                or rank <= mine
                or len(other.requirement_ids) > len(want.visit.requirement_ids)
            ):
                continue
            released = sorted(people & {seat.person_id for seat in self.facts.seats[other.visit_id]})
            if released and self._takes_place(want, other, released, free):
                yield other.visit_id

    def _holds_without(self, other: Visit) -> bool:
        """Whether everybody's day is lawful without the visit: by a table of travel times the way past it may
        be shorter than the direct one, and then leaving it out makes no room."""
        for seat in self.facts.seats[other.visit_id]:
            worker = self.facts.workers.get(seat.person_id)
            stays = self.facts.stays.get(seat.person_id, {}).get(seat.day, ())
            rest = tuple(stay for stay in stays if stay.visit_id != other.visit_id)
            if worker is not None and rest and not day_holds(self.facts, worker, rest):
                return False
        return True

    def _rank(self, visit: Visit) -> tuple[str, str, str]:
        needs = [self.facts.requirements[r] for r in visit.requirement_ids if r in self.facts.requirements]
        if not needs:
            return ("", "", visit.visit_id)
        return (max(n.risk_class for n in needs), min(n.ticket for n in needs), visit.visit_id)

    def _takes_place(
        self, want: Want, other: Visit, released: list[str], free: dict[Opening, frozenset[str]]
    ) -> bool:
        """Whether a team exists once the other visit's people are released. Only they can be new."""
        without: dict[str, Days] = {
            person: {
                day: tuple(stay for stay in stays if stay.visit_id != other.visit_id)
                for day, stays in self.facts.stays.get(person, {}).items()
            }
            for person in released
        }
        days = {seat.day for seat in self.facts.seats[other.visit_id]}
        if not self._holds_without(other):
            return False
        for opening in want.openings:
            if opening.day not in days and not self.long_run:
                continue  # on another day the released are as free as they were
            gained = {p for p in released if free_at(self.facts, without, want, opening, p)}
            if not gained:
                continue
            if opening not in free:
                free[opening] = free_people(self.facts, self.facts.stays, want, opening)
            if not gained <= free[opening] and team_exists(want, free[opening] | gained):
                return True
        return False
