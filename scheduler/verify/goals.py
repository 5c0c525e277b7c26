"""All goals, recomputed from the committed data and the seats, and compared with what is told.

In: :class:`Facts`. Out: cases and the recomputed goals. A bound is not proved here: what is checked is
that it stands on the right side of the value and that a claimed proof closes the gap.
"""

from collections import defaultdict

from scheduler.domain.hashes import digest_hex
from scheduler.domain.problem import GoalResult
from scheduler.domain.rules import GOALS
from scheduler.verify.evidence import Cases
from scheduler.verify.facts import Facts
from scheduler.verify.times import travel_of_day
from scheduler.verify.vacancy import lottery_pairs
from scheduler.verify.wishes import officers_sent, wishes_paid

CLASS_ORDER = ("D", "C", "B", "A")
LOTTERY_DIGITS = 3
"""Hexadecimal digits of a W ticket that make a weight (``docs/reference/lottery.md``)."""
LOTTERY_PAIRS = 200_000
"""Above so many pairs of seat group and candidate no weights are made (``docs/reference/lottery.md``)."""


def recompute(facts: Facts) -> dict[int, tuple[int, ...]]:
    """The values of all goals in force, by number, in the components the register names."""
    return {
        1: _served(facts),
        2: _load(facts),
        3: (_travel(facts),),
        4: (officers_sent(facts),),
        5: (wishes_paid(facts),),
        6: (_lottery(facts),),
    }


def _served(facts: Facts) -> tuple[int, ...]:
    served: dict[str, int] = defaultdict(int)
    for visit_id in facts.seats:
        visit = facts.visits.get(visit_id)
        for requirement_id in () if visit is None else visit.requirement_ids:
            requirement = facts.requirements.get(requirement_id)
            if requirement is not None:
                served[requirement.risk_class] += 1
    return tuple(served[risk_class] for risk_class in CLASS_ORDER)


def _load(facts: Facts) -> tuple[int, int]:
    """Summed over departments with a drawn officer: the largest ⌈1000·load/capacity⌉, and the minutes
    above the department's target. Departments tied by who helps whom count as one."""
    loads: dict[str, int] = defaultdict(int)
    for seat in facts.evidence.seats:
        if seat.role == "officer":
            loads[seat.person_id] += seat.end_min - seat.start_min
    circles: dict[str, frozenset[str]] = {}
    staff: dict[frozenset[str], list[tuple[int, int]]] = defaultdict(list)
    for person, pools in sorted(facts.pools_of.items()):
        worker = facts.workers.get(person)
        for pool in pools[:1]:
            if pool.role == "officer" and worker is not None:
                if pool.department_id not in circles:
                    circles[pool.department_id] = tied(facts, pool.department_id)
                staff[circles[pool.department_id]].append((loads[person], max(1, worker.capacity_min)))
    largest = sum(max(-(-1000 * load // cap) for load, cap in people) for people in staff.values())
    return largest, sum(_excess(people) for people in staff.values())


def tied(facts: Facts, department_id: str) -> frozenset[str]:
    """The department with all that help it or that it helps, and so on, as far as they have a pool."""
    pooled = {pool.department_id for pool in facts.evidence.plan.pools if pool.role == "officer"}
    found, fresh = {department_id}, {department_id}
    while fresh:
        helping = {name for own in fresh for name in facts.helpers.get(own, ())}
        helped = {own for own, names in facts.helpers.items() if not names.isdisjoint(fresh)}
        fresh = ((helping | helped) & pooled) - found
        found |= fresh
    return frozenset(found)


def _excess(people: list[tuple[int, int]]) -> int:
    """Minutes above target: the target is the least per mille at which all people together could carry
    the department's load, each floor(ratio·capacity/1000)."""
    total = sum(load for load, _ in people)
    low, high = 0, 1
    while sum(high * cap // 1000 for _, cap in people) < total:
        high *= 2
    while low < high:
        middle = (low + high) // 2
        if sum(middle * cap // 1000 for _, cap in people) >= total:
            high = middle
        else:
            low = middle + 1
    return sum(max(0, load - low * cap // 1000) for load, cap in people)


def _travel(facts: Facts) -> int:
    return sum(
        travel_of_day(facts, facts.workers[person], stays)
        for person, days in facts.stays.items()
        if person in facts.workers
        for stays in days.values()
    )


def _lottery(facts: Facts) -> int:
    if lottery_pairs(facts) > LOTTERY_PAIRS:
        return 0
    profile, campaign = facts.settings.profile, facts.settings.campaign_id
    seed = digest_hex(facts.evidence.seed_text.encode(), profile)
    weight = 0
    for seat in facts.evidence.seats:
        visit = facts.visits.get(seat.visit_id)
        if visit is not None:
            text = f"{seed}|W|{campaign}|{visit.enterprise_id}:{seat.person_id}"
            weight += int(digest_hex(text.encode(), profile)[:LOTTERY_DIGITS], 16)
    return weight


def goals_agree(facts: Facts) -> Cases:
    """Every goal told has the value that the seats give, and a bound on the right side of it."""
    cases = Cases("goal")
    values = recompute(facts)
    told = {goal.goal: goal for goal in facts.evidence.solve_report.goals}
    numbers = [goal.goal for goal in facts.evidence.solve_report.goals]
    due = [goal.goal for goal in GOALS]
    # Without lottery weights there is nothing to tell about goal 6; a solver may then leave it out.
    if numbers != due and not (numbers == due[:-1] and values[6] == (0,)):
        cases.broken("verify.goals_listed", found=",".join(map(str, numbers)))
    for goal in GOALS:
        claim = told.get(goal.goal)
        if claim is None:
            continue
        value = values[goal.goal]
        cases.look(
            claim.value == value,
            "verify.goal_value",
            goal=goal.goal,
            told=_text(claim.value),
            found=_text(value),
        )
        lawful = len(claim.bound) == len(value) and (
            claim.bound <= claim.value if goal.sense == "min" else claim.bound >= claim.value
        )
        cases.look(
            lawful, "verify.goal_bound", goal=goal.goal, told=_text(claim.value), bound=_text(claim.bound)
        )
        if claim.proved:
            cases.look(
                _closes(facts, claim),
                "verify.goal_proof",
                goal=goal.goal,
                told=_text(claim.value),
                bound=_text(claim.bound),
            )
    proved = {goal.goal for goal in facts.evidence.solve_report.goals if goal.proved}
    if 6 in proved:
        # The lottery is claimed only where everything before it is proved.
        cases.look(proved >= set(values), "verify.lottery_proof")
    return cases


def _closes(facts: Facts, claim: GoalResult) -> bool:
    """Whether a claimed proof leaves no gap but the one that goal 2's tolerance gives up to later goals."""
    if claim.value == claim.bound:
        return True
    tolerance = facts.settings.goals.load_tolerance_permille
    return (
        claim.goal == 2
        and len(claim.value) == len(claim.bound)
        and all(
            v * 1000 <= b * (1000 + tolerance) for v, b in zip(claim.value[:1], claim.bound[:1], strict=True)
        )
        and tolerance > 0
    )


def _text(value: tuple[int, ...]) -> str:
    return ",".join(map(str, value))


def judged_goals(facts: Facts) -> tuple[GoalResult, ...]:
    """The goals for the certificate: recomputed values, with the solver's bounds and claims beside them."""
    told = {goal.goal: goal for goal in facts.evidence.solve_report.goals}
    return tuple(
        GoalResult(
            goal=number,
            value=value,
            bound=told[number].bound if number in told else value,
            proved=number in told and told[number].proved and told[number].value == value,
        )
        for number, value in recompute(facts).items()
    )
