"""R03, R05, R06, R13, R17: what makes a team complete for a visit.

In: :class:`Facts`. Out: cases per rule. Each function's docstring is the rule's sentence.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from scheduler.domain.registers import Inspector, Item
from scheduler.domain.schedule import Seat
from scheduler.domain.visits import Visit
from scheduler.verify.evidence import Cases
from scheduler.verify.facts import Facts


def enough_officers(facts: Facts) -> Cases:
    """R03: at least two certified officers per participating department (per visit, where configured so)."""
    cases = Cases("R03")
    teams = facts.settings.teams
    for visit_id, seats in facts.seats.items():
        visit = facts.visits.get(visit_id)
        if visit is None:
            continue
        officers = _officers(facts, seats)
        participating = sorted(set(visit.department_ids))
        if teams.per == "visit":
            count = len({person for people in officers.values() for person in people})
            cases.look(
                count >= teams.officers, "verify.too_few_officers", visit=visit_id, department="", n=count
            )
        for department_id in participating:
            count = len(officers.get(department_id, set()))
            # Every department with an item there owes a seat, however teams are counted (DESIGN §11).
            least = teams.officers if teams.per == "department" else 1
            cases.look(
                count >= least, "verify.too_few_officers", visit=visit_id, department=department_id, n=count
            )
        for department_id in sorted(set(officers) - set(participating)):
            cases.broken("verify.seat_without_item", visit=visit_id, department=department_id)
        # A helper might be counted for two departments of one visit.
        taken = Counter(person for people in officers.values() for person in people)
        for person in sorted(person for person, n in taken.items() if n > 1):
            cases.broken("verify.two_seats", visit=visit_id, person=person)
    return cases


def _officers(facts: Facts, seats: Iterable[Seat]) -> dict[str, set[str]]:
    """Certified officers per department whose seat they take; an expert is never among them."""
    found: dict[str, set[str]] = {}
    for seat in seats:
        officer = facts.inspectors.get(seat.person_id)
        if seat.role == "officer":
            people = found.setdefault(seat.department_id, set())
            if officer is not None and officer.certificate_no:
                people.add(seat.person_id)
    return found


def masters(officer: Inspector, item: Item) -> bool:
    """Whether the officer's scope and qualifications hold the item."""
    scopes = officer.item_scopes
    in_scope = not scopes or any(
        item.item_code.startswith(scope[:-1]) if scope.endswith("*") else item.item_code == scope
        for scope in scopes
    )
    return in_scope and (not item.qualification or item.qualification in officer.qualifications)


def every_item_covered(facts: Facts) -> Cases:
    """R05: every item is covered by an officer of the competent department with its scope and
    qualification (by somebody else for each, where one officer may not cover many)."""
    cases = Cases("R05")
    for visit_id, seats in facts.seats.items():
        visit = facts.visits.get(visit_id)
        if visit is None:
            continue
        covered = covered_items(facts, visit, seats)
        for pair in _pairs(visit):
            cases.look(
                pair in covered, "verify.item_uncovered", visit=visit_id, item=pair[0], department=pair[1]
            )
    return cases


def _pairs(visit: Visit) -> list[tuple[str, str]]:
    return list(zip(visit.item_codes, visit.department_ids, strict=False))


def covered_items(facts: Facts, visit: Visit, seats: Sequence[Seat]) -> set[tuple[str, str]]:
    """The visit's (item, department) pairs that the seated officers cover."""
    able: dict[tuple[str, str], list[str]] = {}
    for item_code, department_id in _pairs(visit):
        item = facts.items.get(item_code)
        able[item_code, department_id] = [
            seat.person_id
            for seat in seats
            if item is not None
            and seat.role == "officer"
            and seat.department_id == department_id
            and (officer := facts.inspectors.get(seat.person_id)) is not None
            and masters(officer, item)
        ]
    if facts.settings.teams.one_officer_many_items:
        return {pair for pair, people in able.items() if people}
    return set(matched(able))


def matched(able: Mapping[tuple[str, str], Sequence[str]]) -> dict[tuple[str, str], str]:
    """A largest assignment of somebody else to each item, by augmenting paths."""
    holder: dict[str, tuple[str, str]] = {}

    def place(pair: tuple[str, str], seen: set[str]) -> bool:
        for person in able[pair]:
            if person not in seen:
                seen.add(person)
                if person not in holder or place(holder[person], seen):
                    holder[person] = pair
                    return True
        return False

    for pair in sorted(able):
        place(pair, set())
    return {pair: person for person, pair in holder.items()}


def specialties(facts: Facts, visit: Visit) -> tuple[str, ...]:
    """The expert specialties that the visit's items ask for, sorted."""
    items = (facts.items.get(code) for code in visit.item_codes)
    return tuple(sorted({item.expert for item in items if item is not None and item.expert}))


def experts_present(facts: Facts) -> Cases:
    """R06: an expert where the item asks for one, in addition, never counted in R03 or R05; somebody else
    for each specialty, drawn for it."""
    cases = Cases("R06")
    for visit_id, seats in facts.seats.items():
        visit = facts.visits.get(visit_id)
        wanted = () if visit is None else specialties(facts, visit)
        able = {
            (name, ""): [seat.person_id for seat in seats if _is_expert(facts, seat, name)] for name in wanted
        }
        found = matched(able)
        for specialty in wanted:
            lawful = (specialty, "") in found
            cases.look(lawful, "verify.expert_missing", visit=visit_id, specialty=specialty)
        for seat in seats:
            if seat.role == "officer":
                lawful = seat.person_id not in facts.experts
                cases.look(lawful, "verify.expert_as_officer", visit=visit_id, person=seat.person_id)
            else:
                asked = any(_is_expert(facts, seat, specialty) for specialty in wanted)
                lawful = asked and not seat.department_id
                cases.look(lawful, "verify.expert_unasked", visit=visit_id, person=seat.person_id)
    return cases


def _is_expert(facts: Facts, seat: Seat, specialty: str) -> bool:
    pools = facts.pools_of.get(seat.person_id, ())
    return seat.role == "expert" and any(p.role == "expert" and p.specialty == specialty for p in pools)


def all_teams_together(facts: Facts) -> Cases:
    """R13: all teams of a merged visit are there at the same time, for as long as the visit lasts."""
    cases = Cases("R13")
    for visit_id, seats in facts.seats.items():
        visit = facts.visits.get(visit_id)
        times = {(seat.day, seat.start_min, seat.end_min) for seat in seats}
        cases.look(len(times) == 1, "verify.not_together", visit=visit_id)
        if visit is not None and len(times) == 1:
            _, start, end = next(iter(times))
            lawful = end - start == visit.duration_min
            cases.look(lawful, "verify.duration", visit=visit_id, minutes=end - start, due=visit.duration_min)
    return cases


def published_items_only(facts: Facts) -> Cases:
    """R17: only items on the published list are checked."""
    cases = Cases("R17")
    for visit in facts.evidence.visits:
        for item_code in visit.item_codes:
            lawful = item_code in facts.items
            cases.look(lawful, "verify.item_unpublished", visit=visit.visit_id, item=item_code)
    return cases
