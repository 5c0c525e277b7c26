"""R15 and R16: who leads a team, who guides a newcomer, and who comes together.

In: :class:`Facts`. Out: cases per rule. Each function's docstring is the rule's sentence.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from itertools import combinations

from scheduler.domain.registers import Inspector
from scheduler.domain.schedule import Seat
from scheduler.verify.evidence import Cases
from scheduler.verify.facts import Facts
from scheduler.verify.people import barred_together


def led_and_guided(facts: Facts) -> Cases:
    """R15: a leader among the team, a newcomer never without a senior, where configured; a team is a
    department's officers, or all of a visit where teams are counted so."""
    cases = Cases("R15")
    teams = facts.settings.teams
    if not (teams.leader_required or teams.newcomer_with_senior):
        return cases
    for visit_id, seats in facts.seats.items():
        for department_id, officers in _teams(facts, seats).items():
            place = {"visit": visit_id, "department": department_id}
            if teams.leader_required:
                cases.look(any(one.is_leader for one in officers), "verify.no_leader", **place)
            if teams.newcomer_with_senior:
                newcomers = [one.inspector_id for one in officers if one.is_newcomer]
                lawful = not newcomers or len(newcomers) < len(officers)
                cases.look(lawful, "verify.no_senior", person="、".join(newcomers), **place)
    return cases


def _teams(facts: Facts, seats: Iterable[Seat]) -> dict[str, list[Inspector]]:
    """Officers by the department whose seat they take; all under no name where teams count per visit."""
    whole = facts.settings.teams.per == "visit"
    found: dict[str, dict[str, Inspector]] = defaultdict(dict)
    for seat in seats:
        officer = facts.inspectors.get(seat.person_id)
        if seat.role == "officer" and officer is not None:
            found["" if whole else seat.department_id][seat.person_id] = officer
    return {name: list(people.values()) for name, people in sorted(found.items())}


def fixed_groups_together(facts: Facts) -> Cases:
    """R16: whoever of a fixed group sits for a department at a visit, all of the group who may be sent sit
    there, where configured."""
    cases = Cases("R16")
    if not facts.settings.teams.fixed_groups:
        return cases
    for visit_id, seats in facts.seats.items():
        present: dict[str, set[str]] = defaultdict(set)
        for seat in seats:
            if seat.role == "officer":
                present[seat.department_id].add(seat.person_id)
        for department_id, people in sorted(present.items()):
            for name in sorted({fixed_group(facts, person) for person in people} - {""}):
                absent = sorted(set(facts.fixed_groups.get(name, ())) - people)
                place = {"visit": visit_id, "department": department_id, "group": name}
                cases.look(not absent, "verify.group_split", absent="、".join(absent), **place)
    return cases


def fixed_group(facts: Facts, person_id: str) -> str:
    """The person's fixed group, empty where he has none or none counts."""
    officer = facts.inspectors.get(person_id)
    return officer.fixed_group if officer is not None and facts.settings.teams.fixed_groups else ""


def mates_of(facts: Facts, people: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For those of the people who are in a fixed group of more than one: all of it, sorted."""
    if not facts.fixed_groups:
        return {}
    named = {person: facts.fixed_groups.get(fixed_group(facts, person), ()) for person in people}
    return {person: group for person, group in named.items() if len(group) > 1}


def marks_of(facts: Facts, people: Sequence[str]) -> tuple[frozenset[str], ...]:
    """The sets of which R15 wants somebody in a team: leaders, those who are no newcomers. A team without a
    newcomer has a senior of its own, so the second is wanted of every team."""
    teams, officers = facts.settings.teams, facts.inspectors
    marks = []
    if teams.leader_required:
        marks.append(frozenset(person for person in people if officers[person].is_leader))
    if teams.newcomer_with_senior:
        marks.append(frozenset(person for person in people if not officers[person].is_newcomer))
    return tuple(marks)


def check_fixed_groups(cases: Cases, facts: Facts, free: Container[str]) -> None:
    """Every fixed group is one that may be drawn as one (``docs/draw-spec.md`` §8); ``free`` are those whom
    the pools do not leave out."""
    groups: dict[str, list[Inspector]] = defaultdict(list)
    for officer in facts.inspectors.values() if facts.settings.teams.fixed_groups else ():
        if officer.fixed_group:
            groups[officer.fixed_group].append(officer)
    for name, members in sorted(groups.items()):
        there = [officer for officer in members if officer.inspector_id in free]
        plain = all("!" <= sign <= "~" and sign not in "|;" for sign in name)
        own_name = name not in facts.inspectors and name not in facts.experts
        homes = {(officer.department_id, officer.authority, officer.unit) for officer in members}
        lawful = plain and own_name and len(homes) == 1 and _is_a_team(facts, there)
        cases.look(lawful, "verify.group_unlawful", group=name)


def _is_a_team(facts: Facts, there: Sequence[Inspector]) -> bool:
    teams, settings = facts.settings.teams, facts.settings
    for one, other in combinations(there, 2):
        if barred_together(facts, one.inspector_id, other.inspector_id, settings.start, settings.end):
            return False
    if len(there) < teams.officers or teams.per == "visit":
        return len(there) <= teams.officers
    led = not teams.leader_required or any(one.is_leader for one in there)
    guided = not teams.newcomer_with_senior or not all(one.is_newcomer for one in there)
    return len(there) == teams.officers and led and guided
