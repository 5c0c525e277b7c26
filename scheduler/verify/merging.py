"""The merge replayed: requirements from the draw, visits that partition them, and the claims of fewest doors.

In: :class:`Facts`. Out: cases of ``merge``.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

from scheduler.domain.plan import DrawnEnterprise
from scheduler.domain.registers import Order
from scheduler.domain.visits import Requirement, SecondDoor, Visit
from scheduler.verify.census import look_of
from scheduler.verify.doors import apart, fewest_doors, minutes_of_work, pairs_of
from scheduler.verify.evidence import Cases
from scheduler.verify.facts import Facts
from scheduler.verify.orders import work_of

SEVERAL = "merge.reason_several"
ALWAYS_PROVED = 10
"""Up to so many requirements at one door all packings can be tried, so a proof is owed."""


def merge_holds(facts: Facts) -> Cases:
    """Requirements are exactly what was drawn, visits partition them lawfully, and no fewer doors would
    do where that is claimed."""
    cases = Cases("merge")
    _check_requirements(cases, facts)
    _check_partition(cases, facts)
    for visit in facts.evidence.visits:
        _check_visit(cases, facts, visit)
    _check_splits(cases, facts)
    _check_doors(cases, facts)
    return cases


def _check_requirements(cases: Cases, facts: Facts) -> None:
    due: dict[str, Requirement | None] = {
        f"{row.task_id}:{row.enterprise_id}": _requirement(facts, row)
        for row in facts.evidence.drawn_enterprises
        if row.drawn
    }
    tickets = {row.order_id: row.ticket for row in facts.evidence.orders}
    for order in facts.evidence.registers.orders:
        ticket = tickets.get(order.order_id, "")
        due[f"{order.order_id}:{order.enterprise_id}"] = ordered(facts, order, ticket)
    told = Counter(need.requirement_id for need in facts.evidence.requirements)
    for requirement_id, expected in sorted(due.items(), key=lambda pair: pair[0]):
        cases.look(told[requirement_id] == 1, "verify.requirement_missing", requirement=requirement_id)
        found = facts.requirements.get(requirement_id)
        if found is not None:
            cases.look(found == expected, "verify.requirement_differs", requirement=requirement_id)
    for requirement_id in sorted(set(told) - set(due)):
        cases.look(False, "verify.requirement_undrawn", requirement=requirement_id)


def _requirement(facts: Facts, row: DrawnEnterprise) -> Requirement | None:
    task, enterprise = facts.tasks.get(row.task_id), facts.enterprises.get(row.enterprise_id)
    if task is None or enterprise is None:
        return None
    work = facts.census.scopes.works(look_of(enterprise)).get(row.task_id)
    if work is None:
        return None
    start = max(task.start, facts.settings.start)
    return Requirement(
        requirement_id=f"{row.task_id}:{row.enterprise_id}",
        task_id=row.task_id,
        enterprise_id=row.enterprise_id,
        risk_class=enterprise.risk_class,
        ticket=row.ticket,
        item_codes=tuple(item.item_code for item in work.items),
        department_ids=work.department_ids,
        start=start,
        end=max(start, min(task.end, facts.settings.end)),
        on_site=any(item.method == "onsite" for item in work.items),
    )


def ordered(facts: Facts, order: Order, ticket: str) -> Requirement | None:
    """What an order asks for at its enterprise, of its own department; None at an unknown one."""
    enterprise = facts.enterprises.get(order.enterprise_id)
    if enterprise is None:
        return None
    work = work_of(order, facts.census.scopes)
    start = max(order.start, facts.settings.start)
    return Requirement(
        requirement_id=f"{order.order_id}:{order.enterprise_id}",
        task_id=order.order_id,
        enterprise_id=order.enterprise_id,
        risk_class=enterprise.risk_class,
        ticket=ticket,
        item_codes=tuple(item.item_code for item in work.items),
        department_ids=work.department_ids,
        start=start,
        end=max(start, min(order.end, facts.settings.end)),
        on_site=any(item.method == "onsite" for item in work.items),
    )


def _check_partition(cases: Cases, facts: Facts) -> None:
    homes = Counter(r for visit in facts.evidence.visits for r in visit.requirement_ids)
    for requirement_id in sorted({*homes, *facts.requirements}):
        lawful = homes[requirement_id] == 1 and requirement_id in facts.requirements
        cases.look(lawful, "verify.not_in_one_visit", requirement=requirement_id, n=homes[requirement_id])
    ids = Counter(visit.visit_id for visit in facts.evidence.visits)
    for visit_id, n in sorted(ids.items()):
        cases.look(n == 1, "verify.visit_twice", visit=visit_id)


def _check_visit(cases: Cases, facts: Facts, visit: Visit) -> None:
    needs = [facts.requirements[r] for r in visit.requirement_ids if r in facts.requirements]
    if not needs:
        cases.look(False, "verify.visit_differs", visit=visit.visit_id, field="requirement_ids")
        return
    pairs = pairs_of(needs)
    same = {
        "visit_id": visit.visit_id.startswith(f"V-{visit.enterprise_id}-"),
        "enterprise_id": {need.enterprise_id for need in needs} == {visit.enterprise_id},
        "item_codes": visit.item_codes == tuple(code for code, _ in pairs),
        "department_ids": visit.department_ids == tuple(owner for _, owner in pairs),
        "start": visit.start == max(need.start for need in needs),
        "end": visit.end == min(need.end for need in needs),
        "duration_min": visit.duration_min == minutes_of_work(facts, pairs),
        "on_site": {need.on_site for need in needs} == {visit.on_site},
    }
    for name, holds in same.items():
        cases.look(holds, "verify.visit_differs", visit=visit.visit_id, field=name)
    # One requirement alone may exceed a maximum, so that no draw is dropped.
    if len(needs) > 1:
        crowd = {seat.person_id for seat in facts.seats.get(visit.visit_id, ())}
        crowded = 0 < facts.settings.merging.max_officers < len(crowd)
        reasons = sorted(apart(facts, needs) | ({"merge.reason_officers"} if crowded else set()))
        cases.look(not reasons, "verify.visit_unlawful", visit=visit.visit_id, reason=",".join(reasons))


def _check_splits(cases: Cases, facts: Facts) -> None:
    """No two visits of an enterprise, both at the door or both at the desk, could have been one."""
    homes: dict[tuple[str, bool], list[Visit]] = defaultdict(list)
    for visit in facts.evidence.visits:
        homes[visit.enterprise_id, visit.on_site].append(visit)
    for visits in homes.values():
        for one, other in combinations(visits, 2):
            ids = (*one.requirement_ids, *other.requirement_ids)
            needs = [facts.requirements[r] for r in ids if r in facts.requirements]
            lawful = bool(needs and apart(facts, needs))
            cases.look(lawful, "verify.needless_split", visit=one.visit_id, other=other.visit_id)


def _check_doors(cases: Cases, facts: Facts) -> None:
    report = facts.evidence.merge_report
    at_door: dict[str, list[Requirement]] = defaultdict(list)
    for need in facts.evidence.requirements:
        if need.on_site:
            at_door[need.enterprise_id].append(need)
    doors = Counter(visit.enterprise_id for visit in facts.evidence.visits if visit.on_site)
    told = {row.enterprise_id: row for row in report.second_doors}
    proved = 0
    enterprises = {need.enterprise_id for need in facts.evidence.requirements}
    for enterprise_id in sorted(enterprises | set(told)):
        row, n = told.get(enterprise_id), doors[enterprise_id]
        lawful = (row is None) == (n <= 1) and (row is None or row.n_visits == n)
        cases.look(lawful, "verify.second_door", enterprise=enterprise_id, n=n)
        if row is None:
            proved += n <= 1
        elif lawful:
            holds = _claim_holds(facts, row, at_door[enterprise_id])
            cases.look(holds, "verify.fewest_doors", enterprise=enterprise_id, proof=row.proof)
            proved += holds and row.proof != "open"
    n_onsite = sum(len(needs) for needs in at_door.values())
    figures = {
        "n_requirements": len(facts.evidence.requirements),
        "n_onsite_requirements": n_onsite,
        "n_enterprises": len(enterprises),
        "n_visits": len(facts.evidence.visits),
        "doors": sum(doors.values()),
        "doors_unmerged": n_onsite,
        "n_fewest_proved": proved,
    }
    for name, found in figures.items():
        value = getattr(report, name)
        cases.look(value == found, "verify.merge_figure", figure=name, told=value, found=found)


def _claim_holds(facts: Facts, row: SecondDoor, needs: Sequence[Requirement]) -> bool:
    """Whether a second door's proof and reason hold."""
    by_id = {need.requirement_id: need for need in needs}
    witness = [by_id[r] for r in row.witness if r in by_id]
    if len(witness) != len(set(row.witness)) or len(witness) != len(row.witness):
        return False
    broken = [apart(facts, pair) for pair in combinations(witness, 2)]
    if not all(broken):
        return False
    if row.proof == "pairwise":
        common = frozenset.intersection(*broken) if broken else frozenset()
        return len(witness) == row.n_visits and _reason_holds(row.reason, common)
    ordered = sorted(needs, key=lambda need: need.requirement_id)
    every = apart(facts, ordered)
    if not _reason_holds(row.reason, every if len(every) == 1 else frozenset()):
        return False
    if row.proof == "open":
        return len(ordered) > ALWAYS_PROVED
    n = fewest_doors(len(ordered), lambda block: not apart(facts, [ordered[at] for at in block]))
    return row.proof == "exhaustive" and n == row.n_visits


def _reason_holds(reason: str, common: frozenset[str]) -> bool:
    return reason in common if common else reason == SEVERAL
