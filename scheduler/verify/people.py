"""R01, R02, R04, R07, R08, R14: who may come to whom.

In: :class:`Facts`. Out: cases per rule. Each function's docstring is the rule's sentence.
"""

import datetime as dt
from itertools import combinations

from scheduler.domain.registers import Department, Inspector, Recusal
from scheduler.verify.census import look_of
from scheduler.verify.evidence import Cases
from scheduler.verify.exempt import Duty
from scheduler.verify.facts import Facts
from scheduler.verify.orders import is_signed


def drawn_enterprises_only(facts: Facts) -> Cases:
    """R01: only drawn enterprises are visited, or ordered visits with their order."""
    cases = Cases("R01")
    drawn = {(row.task_id, row.enterprise_id) for row in facts.evidence.drawn_enterprises if row.drawn}
    orders = facts.evidence.registers.orders
    drawn |= {(order.order_id, order.enterprise_id) for order in orders if is_signed(order)}
    for visit_id in facts.seats:
        visit = facts.visits.get(visit_id)
        if visit is None or not visit.requirement_ids:
            cases.look(False, "verify.visit_unknown", visit=visit_id)
            continue
        for requirement_id in visit.requirement_ids:
            requirement = facts.requirements.get(requirement_id)
            lawful = requirement is not None and (
                requirement.enterprise_id == visit.enterprise_id
                and (requirement.task_id, requirement.enterprise_id) in drawn
            )
            cases.look(lawful, "verify.not_drawn", visit=visit_id, requirement=requirement_id)
    return cases


def drawn_people_only(facts: Facts) -> Cases:
    """R02's first clause: only drawn inspectors, or called reserves, sit in a team, and nobody replaced."""
    cases = Cases("R02")
    for seat in facts.evidence.seats:
        pools = facts.pools_of.get(seat.person_id, ())
        lawful = any(pool.role == seat.role for pool in pools)
        cases.look(lawful, "verify.person_not_drawn", visit=seat.visit_id, person=seat.person_id)
    return cases


def below_annual_cap(facts: Facts) -> Cases:
    """R14: nobody is drawn whom an authority of the task has inspected as often in the year as the cap."""
    cases = Cases("R14")
    scopes, exemptions = facts.census.scopes, facts.census.exemptions
    for row in facts.evidence.drawn_enterprises if facts.settings.exclusions.annual_cap else ():
        task, enterprise = facts.tasks.get(row.task_id), facts.enterprises.get(row.enterprise_id)
        if not row.drawn or task is None or enterprise is None:
            continue  # the draw's own check tells
        work = scopes.works(look_of(enterprise)).get(row.task_id)
        owners = () if work is None else work.department_ids
        duty = Duty(task=task, items=() if work is None else work.items, department_ids=owners)
        full = "、".join(exemptions.authorities_at_cap(row.enterprise_id, duty))
        place = {"task": row.task_id, "enterprise": row.enterprise_id}
        cases.look(not full, "verify.over_cap", **place, authority=full)
    return cases


def certificate_valid(facts: Facts) -> Cases:
    """R04: every officer's certificate is valid on the day."""
    cases = Cases("R04")
    for seat in facts.evidence.seats:
        officer = facts.inspectors.get(seat.person_id)
        if officer is not None and seat.role == "officer":
            cases.look(
                seat.day <= officer.certificate_expires,
                "verify.certificate_expired",
                visit=seat.visit_id,
                person=seat.person_id,
                day=seat.day.isoformat(),
                expires=officer.certificate_expires.isoformat(),
            )
    return cases


def binds(recusal: Recusal, first: dt.date, end: dt.date) -> bool:
    """Whether a recusal's dates meet ``first`` or another day of ``[first, end)``."""
    begins = recusal.start is None or recusal.start <= first or recusal.start < end
    return begins and (recusal.end is None or recusal.end > first)


def barred_from(facts: Facts, person_id: str, enterprise_id: str, first: dt.date, end: dt.date) -> bool:
    """Whether a recusal keeps the person from the enterprise on ``first`` or a day of ``[first, end)``."""
    return any(
        recusal.enterprise_id == enterprise_id and binds(recusal, first, end)
        for recusal in facts.recusals.get(person_id, ())
        if recusal.inspector_id == person_id and recusal.enterprise_id
    )


def barred_together(facts: Facts, one: str, other: str, first: dt.date, end: dt.date) -> bool:
    """Whether a recusal keeps two people out of one team on ``first`` or a day of ``[first, end)``."""
    return any(
        {recusal.inspector_id, recusal.other_inspector_id} == {one, other} and binds(recusal, first, end)
        for recusal in facts.recusals.get(one, ())
    )


def no_barred_pair(facts: Facts) -> Cases:
    """R07: no barred pair of inspector and enterprise; no barred pair of inspectors in one team."""
    cases = Cases("R07")
    for visit_id, seats in facts.seats.items():
        visit = facts.visits.get(visit_id)
        enterprise_id = "" if visit is None else visit.enterprise_id
        present = sorted({(seat.person_id, seat.day) for seat in seats})
        for person, day in present:
            cases.look(
                not barred_from(facts, person, enterprise_id, day, day),
                "verify.barred_enterprise",
                visit=visit_id,
                person=person,
                enterprise=enterprise_id,
            )
        for (one, day), (other, _) in combinations(present, 2):
            lawful = not barred_together(facts, one, other, day, day)
            cases.look(lawful, "verify.barred_team", visit=visit_id, person=one, other=other)
    return cases


def has_jurisdiction(facts: Facts, officer: Inspector, department_id: str, district: str) -> bool:
    """Whether the officer may act for the department in the district: he is its own, or a helper's."""
    department = facts.departments.get(department_id)
    if department is None or not covers(department, district):
        return False
    pair = (officer.authority, officer.unit)
    home = facts.departments.get(officer.department_id)
    if home is not None and home.department_id in facts.helpers.get(department_id, ()):
        return pair == (home.authority, home.unit)
    if officer.department_id != department_id:
        return False
    return pair == (department.authority, department.unit) or any(
        pair == (other.authority, other.unit) and covers(other, district)
        for other in facts.departments.values()
    )


def covers(department: Department, district: str) -> bool:
    """Whether the department's jurisdiction holds the district; no districts means all of them."""
    return not department.districts or district in department.districts


def inside_jurisdiction(facts: Facts) -> Cases:
    """R08: inspectors stay inside their jurisdiction, or help a department that the committed table names."""
    cases = Cases("R08")
    for seat in facts.evidence.seats:
        officer, visit = facts.inspectors.get(seat.person_id), facts.visits.get(seat.visit_id)
        if seat.role != "officer" or officer is None or visit is None:
            continue
        lawful = has_jurisdiction(facts, officer, seat.department_id, facts.district(visit))
        cases.look(
            lawful,
            "verify.outside_jurisdiction",
            visit=seat.visit_id,
            person=seat.person_id,
            department=seat.department_id,
        )
    return cases
