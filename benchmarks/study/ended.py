"""A campaign at its end, at the size of a roster problem: what outputs are made from, without the way there.

In: a size of ``instances.roster``. Out: plan, registers, draw, visits, schedule, certificate. May import:
instances, solvers, the domain and :mod:`scheduler.verify.roster`.

The roster is the solver's first one: lawful, not improved; outputs cost the same for a better one. Its rules
are counted anew before it is used.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.study.ended_names import DAY, PPM, SPECIALTY, Names
from instances import roster
from instances.sizes import Size, size_named
from scheduler.domain.plan import (
    Centre,
    Cutoff,
    DrawnEnterprise,
    DrawnPerson,
    DrawResult,
    Plan,
    Pool,
    Stratum,
)
from scheduler.domain.problem import AssignmentProblem, GoalResult, Outcome, VisitNeed
from scheduler.domain.registers import RISK_CLASSES, Registers
from scheduler.domain.rules import GOALS, RULES
from scheduler.domain.schedule import Certificate, RuleVerdict, Schedule, Seat, SolveReport, Unscheduled
from scheduler.domain.settings import Budget, Settings
from scheduler.domain.visits import MergeReport, MergeResult, Requirement, Visit
from scheduler.verify.roster import broken_rules, goal_values
from solvers.blocks.large import solve_large
from solvers.facts import Facts

REGISTERS = {"city-month": "city", "metro-month": "metro", "metro-year": "metro"}
"""Whose generated names stand in the registers of a roster's size."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """All that an output may be made from."""

    plan: Plan
    registers: Registers
    draw: DrawResult
    merged: MergeResult
    schedule: Schedule
    certificate: Certificate


def ended(size: str, *, seed: int = 1) -> Ended:
    """The campaign of that roster size. Errors: ``RuntimeError`` where its first roster breaks a rule."""
    problem = roster(size, seed=seed)
    placements = solve_large(Facts(problem), Budget(rounds=0), None, None)
    placed = {placement.visit_idx for placement in placements}
    outcome = Outcome(
        placements=placements,
        unplaced=tuple((idx, "no_room") for idx in range(len(problem.visits)) if idx not in placed),
        goals=(),
        method="blocks",
        solver="first roster",
        solver_version="",
    )
    broken = broken_rules(problem, outcome)
    if broken:
        message = f"the first roster breaks rules: {broken}"
        raise RuntimeError(message)
    return _Maker(size_named(REGISTERS[size]), problem, outcome, size, seed).all()


class _Maker(Names):
    """The rows of one campaign."""

    def __init__(
        self, size: Size, problem: AssignmentProblem, outcome: Outcome, name: str, seed: int
    ) -> None:
        super().__init__(size, problem, name, seed)
        self.outcome = outcome

    def all(self) -> Ended:
        merged = self.merged()
        registers = self.registers(merged)
        draw = self.draw(merged)
        plan = self.plan(draw)
        schedule = self.schedule(merged)
        return Ended(
            plan=plan,
            registers=registers,
            draw=draw,
            merged=merged,
            schedule=schedule,
            certificate=self.certificate(plan, merged, schedule),
        )

    def merged(self) -> MergeResult:
        """A requirement per task that was drawn there; of two, each has half of the departments."""
        requirements: list[Requirement] = []
        visits = []
        for idx, need in enumerate(self.problem.visits):
            mine = list(self.requirements(idx, need))
            pairs = sorted({p for r in mine for p in zip(r.item_codes, r.department_ids, strict=True)})
            requirements += mine
            visits.append(
                Visit(
                    visit_id=f"V-{self.firms['enterprise_id'][idx]}-1",
                    enterprise_id=self.firms["enterprise_id"][idx],
                    requirement_ids=tuple(sorted(row.requirement_id for row in mine)),
                    item_codes=tuple(code for code, _ in pairs),
                    department_ids=tuple(code for _, code in pairs),
                    start=self.days[need.days[0]],
                    end=self.days[need.days[-1]] + DAY,
                    duration_min=need.duration_min,
                    on_site=True,
                )
            )
        n, doors = len(requirements), len(visits)
        return MergeResult(
            requirements=tuple(sorted(requirements, key=lambda row: row.requirement_id)),
            visits=tuple(sorted(visits, key=lambda row: row.visit_id)),
            report=MergeReport(
                n_requirements=n,
                n_onsite_requirements=n,
                n_enterprises=doors,
                n_visits=doors,
                doors=doors,
                doors_unmerged=n,
                n_fewest_proved=doors,
                second_doors=(),
            ),
        )

    def requirements(self, idx: int, need: VisitNeed) -> Iterator[Requirement]:
        groups = [group for group in need.groups if group.department_idx >= 0]
        half = (len(groups) + 1) // 2
        parts = [groups[:half], groups[half:]] if sum(need.served) > 1 and len(groups) > 1 else [groups]
        firm = self.firms["enterprise_id"][idx]
        for part in parts:
            team = tuple(group.department_idx for group in part)
            task = self.tasks.setdefault(team, f"RW{len(self.tasks) + 1:04d}")
            pairs = [
                (self.item(g.department_idx, skill), g.department_idx) for g in part for skill in g.skills
            ]
            yield Requirement(
                requirement_id=f"{task}:{firm}",
                task_id=task,
                enterprise_id=firm,
                risk_class=RISK_CLASSES[3 - next(place for place, n in enumerate(need.served) if n)],
                ticket=self.ticket("E", task, firm),
                item_codes=tuple(code for code, _ in pairs),
                department_ids=tuple(self.codes[place] for _, place in pairs),
                start=self.days[need.days[0]],
                end=self.days[need.days[-1]] + DAY,
                on_site=True,
            )

    def draw(self, merged: MergeResult) -> DrawResult:
        ranks: Counter[str] = Counter()
        rows = []
        for row in sorted(merged.requirements, key=lambda row: (row.task_id, row.ticket)):
            ranks[row.task_id] += 1
            rows.append(
                DrawnEnterprise(
                    task_id=row.task_id,
                    stratum_id=row.task_id,
                    rank=ranks[row.task_id],
                    enterprise_id=row.enterprise_id,
                    ticket=row.ticket,
                    drawn=True,
                )
            )
        people = [
            DrawnPerson(
                pool_id=self.problem.pools[person.pool_idx],
                rank=1,
                person_id=person.person_id,
                ticket=self.ticket("I", person.person_id),
                drawn=True,
            )
            for person in self.problem.people
        ]
        last = {row.task_id: row.ticket for row in rows}
        return DrawResult(
            seed_commitment=self.ticket("seed"),
            enterprises=tuple(rows),
            cutoffs=tuple(
                Cutoff(stratum_id=task, size=20 * n, quota=n, cutoff=last[task])
                for task, n in sorted(ranks.items())
            ),
            people=tuple(people),
        )

    def plan(self, draw: DrawResult) -> Plan:
        counts = Counter(person.pool_idx for person in self.problem.people)
        return Plan(
            spec="onedoor-draw/1",
            spec_sha256=self.ticket("spec"),
            settings=Settings(
                campaign_id=self.name,
                name=f"{self.size.place}{self.days[0].year}年双随机抽查演练",
                authority=f"{self.size.place}市场监管联席会议",
                slot=f"{self.days[0].year}-01",
                rehearsal=True,
                start=self.days[0],
                end=self.end,
            ),
            digests={},
            rejected_rows=0,
            strata=tuple(
                Stratum(
                    stratum_id=row.stratum_id,
                    task_id=row.stratum_id,
                    risk_classes=RISK_CLASSES,
                    group=f"task:{row.stratum_id}",
                    ratio="5%",
                    size=row.size,
                    quota=row.quota,
                )
                for row in draw.cutoffs
            ),
            pools=tuple(
                Pool(
                    pool_id=name,
                    role="officer" if place < len(self.codes) else "expert",
                    department_id=self.codes[place] if place < len(self.codes) else "",
                    specialty="" if place < len(self.codes) else SPECIALTY,
                    size=counts[place],
                    quota=counts[place],
                    k_max=0,
                )
                for place, name in enumerate(self.problem.pools)
            ),
            entropy=(),
            cosine_ppm=PPM,
            centres=(Centre(district="", lon_udeg=0, lat_udeg=0),),
            frame_size=self.size.n_enterprises,
        )

    def schedule(self, merged: MergeResult) -> Schedule:
        seats = []
        for placement in self.outcome.placements:
            need = self.problem.visits[placement.visit_idx]
            for group, team in zip(need.groups, placement.teams, strict=True):
                officer = group.department_idx >= 0
                seats += [
                    Seat(
                        visit_id=f"V-{self.firms['enterprise_id'][placement.visit_idx]}-1",
                        day=self.days[placement.day_idx],
                        start_min=placement.start_min,
                        end_min=placement.start_min + need.duration_min,
                        department_id=self.codes[group.department_idx] if officer else "",
                        person_id=self.problem.people[person].person_id,
                        role="officer" if officer else "expert",
                    )
                    for person in team
                ]
        seated = {seat.visit_id for seat in seats}
        left = [
            Unscheduled(requirement_id=name, visit_id=visit.visit_id, reason="no_room")
            for visit in merged.visits
            if visit.visit_id not in seated
            for name in visit.requirement_ids
        ]
        return Schedule(
            seats=tuple(
                sorted(seats, key=lambda s: (s.day, s.start_min, s.visit_id, s.department_id, s.person_id))
            ),
            unscheduled=tuple(sorted(left, key=lambda row: row.requirement_id)),
            report=SolveReport(
                attempt=1,
                draw_sha256=self.problem.draw_sha256,
                problem_sha256=self.ticket("problem"),
                method="blocks",
                solver=self.outcome.solver,
                solver_version="",
                reproducible=True,
                discretionary=False,
                work_units=0,
                goals=self.goals(),
            ),
        )

    def goals(self) -> tuple[GoalResult, ...]:
        """Goals 1 to 3 counted anew; without bounds of a solver each is its own."""
        values = goal_values(self.problem, self.outcome)
        return tuple(
            GoalResult(goal=goal.goal, value=values[goal.goal], bound=values[goal.goal], proved=False)
            for goal in GOALS
            if goal.goal in values
        )

    def certificate(self, plan: Plan, merged: MergeResult, schedule: Schedule) -> Certificate:
        n, left = len(merged.requirements), len(schedule.unscheduled)
        return Certificate(
            verdict="certified",
            rehearsal=True,
            order="unproven",
            attempt=1,
            campaign_id=plan.settings.campaign_id,
            plan_sha256=self.ticket("plan"),
            seed_commitment=self.ticket("seed"),
            rules=tuple(RuleVerdict(rule=rule.rule_id, checked=n, violations=0) for rule in RULES),
            goals=schedule.report.goals,
            n_requirements=n,
            n_served=n - left,
            n_unscheduled=left,
            discretionary=False,
            violations=(),
            digests={},
        )
