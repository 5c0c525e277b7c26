"""The small campaign carried to its end by hand, for tests of what comes after the checker.

Tickets are real (``SEED`` is the seed); dates and teams are merely plausible: one visit a day, the last one
left out. No room of the pipeline is used, so that a fault there does not show up here.
"""

import datetime as dt
import hashlib
from typing import Any

from small import registers, settings

from scheduler.domain.codec import to_json
from scheduler.domain.plan import (
    Cutoff,
    DrawnEnterprise,
    DrawnPerson,
    DrawResult,
    EntropySource,
    Plan,
    Pool,
    Stratum,
)
from scheduler.domain.problem import GoalResult
from scheduler.domain.registers import Enterprise, Registers, RiskClass, Task
from scheduler.domain.rules import GOALS, RULES
from scheduler.domain.schedule import Certificate, RuleVerdict, Schedule, Seat, SolveReport, Unscheduled
from scheduler.domain.visits import MergeReport, MergeResult, Requirement, SecondDoor, Visit

CEREMONY_TEXT = "3141592653589793238462643383279502884197"
SEED = hashlib.sha256(f"a seed text with {CEREMONY_TEXT}".encode()).hexdigest()
SEED_COMMITMENT = hashlib.sha256(f"onedoor-seed-commit|{SEED}".encode()).hexdigest()
ALL: tuple[RiskClass, ...] = ("A", "B", "C", "D")
TEAMS = {"D-fire": ("fire-3", "fire-4"), "D-food": ("food-3", "food-4"), "D-work": ("work-1", "work-2")}
CHECKS = ("ledger", "digest", "plan", "draw", "merge", "goal")


def finished() -> dict[str, Any]:
    """``plan``, ``registers``, ``draw``, ``merged``, ``schedule`` and ``certificate`` of the campaign."""
    known = registers()
    plan = _plan()
    draw = _draw(plan, known)
    merged = _merged(draw, known)
    schedule = _schedule(merged)
    return {
        "plan": plan,
        "registers": known,
        "draw": draw,
        "merged": merged,
        "schedule": schedule,
        "certificate": _certificate(plan, merged, schedule),
    }


def _plan() -> Plan:
    def stratum(
        task: str, classes: tuple[RiskClass, ...], group: str, ratio: str, size: int, n: int
    ) -> Stratum:
        name = f"{task}/{''.join(classes)}"
        return Stratum(
            stratum_id=name, task_id=task, risk_classes=classes, group=group, ratio=ratio, size=size, quota=n
        )

    return Plan(
        spec="onedoor-draw/1",
        spec_sha256="5" * 64,
        settings=settings(),
        digests={"intake/enterprises.csv": "e" * 64},
        rejected_rows=0,
        strata=(
            stratum("T-fire", ALL, "group:G1", "25%", 12, 3),
            stratum("T-food", ("B",), "group:G1", "50%", 3, 2),
            stratum("T-food", ("D",), "group:G1", "100%", 3, 3),
            stratum("T-work", ALL, "task:T-work", "2家", 12, 2),
        ),
        pools=(
            *(
                Pool(
                    pool_id=f"{row.department_id}/{row.authority}/{row.unit}",
                    role="officer",
                    department_id=row.department_id,
                    authority=row.authority,
                    unit=row.unit,
                    size=4,
                    quota=4 if row.department_id == "D-work" else 2,
                    k_max=2,
                )
                for row in registers().departments
            ),
            Pool(pool_id="expert/电气", role="expert", specialty="电气", size=2, quota=1, k_max=1),
        ),
        entropy=(
            EntropySource(
                kind="ceremony", alphabet="0123456789", length=40, order="as called out", min_entropy_bits=132
            ),
        ),
        cosine_ppm=864_000,
        centres=(),
    )


def _ticket(role: str, group: str, ident: str) -> str:
    return hashlib.sha256(f"{SEED}|{role}|{group}|{ident}".encode()).hexdigest()


def _in_stratum(stratum: Stratum, enterprise: Enterprise) -> bool:
    fits = stratum.task_id != "T-food" or "餐饮" in enterprise.tags
    return fits and enterprise.risk_class in stratum.risk_classes


def _draw(plan: Plan, known: Registers) -> DrawResult:
    rows: list[DrawnEnterprise] = []
    cutoffs: list[Cutoff] = []
    for stratum in plan.strata:
        members = [row.enterprise_id for row in known.enterprises if _in_stratum(stratum, row)]
        order = sorted((_ticket("E", stratum.group, name), name) for name in members)
        rows += [
            DrawnEnterprise(
                task_id=stratum.task_id,
                stratum_id=stratum.stratum_id,
                rank=rank,
                enterprise_id=name,
                ticket=ticket,
                drawn=rank <= stratum.quota,
            )
            for rank, (ticket, name) in enumerate(order, start=1)
        ]
        cutoffs.append(
            Cutoff(
                stratum_id=stratum.stratum_id,
                size=stratum.size,
                quota=stratum.quota,
                cutoff=order[stratum.quota - 1][0],
            )
        )
    people = tuple(
        DrawnPerson(pool_id=pool.pool_id, rank=1, person_id="fire-3", ticket="a" * 64, drawn=True)
        for pool in plan.pools[:1]
    )
    return DrawResult(
        seed_commitment=SEED_COMMITMENT, enterprises=tuple(rows), cutoffs=tuple(cutoffs), people=people
    )


def _requirement(row: DrawnEnterprise, enterprise: Enterprise, task: Task, known: Registers) -> Requirement:
    fields = {department.field: department.department_id for department in known.departments}
    items = [item for item in known.items if item.item_code in task.item_codes]
    return Requirement(
        requirement_id=f"{task.task_id}:{enterprise.enterprise_id}",
        task_id=task.task_id,
        enterprise_id=enterprise.enterprise_id,
        risk_class=enterprise.risk_class,
        ticket=row.ticket,
        item_codes=tuple(item.item_code for item in items),
        department_ids=tuple(fields[item.field] for item in items),
        start=task.start,
        end=task.end,
        on_site=True,
    )


def _merged(draw: DrawResult, known: Registers) -> MergeResult:
    enterprises = {row.enterprise_id: row for row in known.enterprises}
    tasks = {row.task_id: row for row in known.tasks}
    requirements = sorted(
        (
            _requirement(row, enterprises[row.enterprise_id], tasks[row.task_id], known)
            for row in draw.enterprises
            if row.drawn
        ),
        key=lambda row: row.requirement_id,
    )
    visits = []
    for name in sorted({row.enterprise_id for row in requirements}):
        mine = [row for row in requirements if row.enterprise_id == name]
        pairs = sorted({p for row in mine for p in zip(row.item_codes, row.department_ids, strict=True)})
        visits.append(
            Visit(
                visit_id=f"V-{name}-1",
                enterprise_id=name,
                requirement_ids=tuple(row.requirement_id for row in mine),
                item_codes=tuple(item for item, _ in pairs),
                department_ids=tuple(department for _, department in pairs),
                start=max(row.start for row in mine),
                end=min(row.end for row in mine),
                duration_min=70,
                on_site=True,
            )
        )
    report = MergeReport(
        n_requirements=len(requirements),
        n_onsite_requirements=len(requirements),
        n_enterprises=len(visits),
        n_visits=len(visits),
        doors=len(visits),
        doors_unmerged=len(requirements),
        n_fewest_proved=len(visits),
        second_doors=(
            SecondDoor(
                enterprise_id="E01", n_visits=2, reason="merge.windows", proof="pairwise", witness=("a",)
            ),
        ),
    )
    return MergeResult(requirements=tuple(requirements), visits=tuple(visits), report=report)


def _schedule(merged: MergeResult) -> Schedule:
    workdays = [dt.date(2026, 3, 2) + dt.timedelta(days=n) for n in (3, 4, 7, 8, 9, 10, 11)]
    placed = merged.visits[:-1]
    seats = []
    for visit, day in zip(placed, workdays, strict=False):
        pairs = [(d, p, "officer") for d in sorted(set(visit.department_ids)) for p in TEAMS[d]]
        if "X01" in visit.item_codes:
            pairs.append(("", "EX1", "expert"))
        seats += [
            Seat(
                visit_id=visit.visit_id,
                day=day,
                start_min=540,
                end_min=540 + visit.duration_min,
                department_id=department,
                person_id=person,
                role=role,  # type: ignore[arg-type]
            )
            for department, person, role in sorted(pairs)
        ]
    left_out = merged.visits[len({seat.visit_id for seat in seats}) :]
    return Schedule(
        seats=tuple(seats),
        unscheduled=tuple(
            Unscheduled(requirement_id=name, visit_id=visit.visit_id, reason="no_room")
            for visit in left_out
            for name in visit.requirement_ids
        ),
        report=SolveReport(
            attempt=1,
            draw_sha256="d" * 64,
            problem_sha256="b" * 64,
            method="exact",
            solver="ortools",
            solver_version="9.15.6755",
            reproducible=True,
            discretionary=False,
            work_units=12,
            goals=GOAL_RESULTS,
        ),
    )


GOAL_RESULTS = tuple(
    GoalResult(
        goal=goal.goal,
        value=tuple(range(3, 3 + len(goal.components))),
        bound=tuple(range(3, 3 + len(goal.components))),
        proved=goal.goal != 3,
    )
    for goal in GOALS
)


def _certificate(plan: Plan, merged: MergeResult, schedule: Schedule) -> Certificate:
    n, left_out = len(merged.requirements), len(schedule.unscheduled)
    verdicts = [
        RuleVerdict(rule=rule.rule_id, checked=0 if rule.state == "later" else n, violations=0)
        for rule in RULES
    ] + [RuleVerdict(rule=name, checked=1, violations=0) for name in CHECKS]
    return Certificate(
        verdict="certified",
        rehearsal=plan.settings.rehearsal,
        order="unproven",
        attempt=1,
        campaign_id=plan.settings.campaign_id,
        plan_sha256=hashlib.sha256(to_json(plan)).hexdigest(),
        seed_commitment=SEED_COMMITMENT,
        rules=tuple(verdicts),
        goals=schedule.report.goals,
        n_requirements=n,
        n_served=n - left_out,
        n_unscheduled=left_out,
        discretionary=False,
        violations=(),
        digests={"plan/plan.json": "c" * 64},
    )
