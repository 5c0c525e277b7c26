"""汇总.xlsx: the campaign over all departments, the goals, the checker's verdict.

In: plan, merge result, schedule, certificate, look-ups. Out: sheets as data.
May import: :mod:`scheduler.domain`.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.domain.hashes import HASH_NAMES
from scheduler.domain.messages import catalogue, text
from scheduler.domain.plan import Plan
from scheduler.domain.registers import Department
from scheduler.domain.rules import GOALS, RULES
from scheduler.domain.schedule import Certificate, RuleVerdict, Schedule, Seat, SolveReport
from scheduler.domain.visits import MergeResult
from scheduler.export.facts import Facts
from scheduler.export.habits import yes_no
from scheduler.export.rosters import Load, loads, seats_of
from scheduler.export.sheets import Cell, Column, Sheet, Toned, laid_out


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One line of the overview."""

    name: str
    value: Cell


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """A department with its workbook, its seats, and what its own people have to do wherever they sit."""

    department: Department
    file: str
    seats: list[Seat]
    people: list[Load]
    visits: int
    left_out: int

    @property
    def largest(self) -> Cell:
        """The largest load, as goal 2 counts it; empty without anybody."""
        found = max((load.permille for load in self.people if load.permille is not None), default=None)
        return "" if found is None else Toned(value=found, tone="bad" if found > 1000 else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One component of a goal's value."""

    goal: int
    name: str
    component: str
    value: int
    bound: int
    proved: bool


def _rule_words(verdict: RuleVerdict) -> str:
    known = {rule.rule_id: rule.zh for rule in RULES}
    return known.get(verdict.rule) or text(f"check.{verdict.rule}", "zh")


def _conclusion(verdict: RuleVerdict) -> Cell:
    if verdict.violations:
        return Toned(value="违反", tone="bad")
    if any(rule.rule_id == verdict.rule and rule.state == "later" for rule in RULES):
        return Toned(value="尚未启用", tone="quiet")
    return Toned(value="符合", tone="good") if verdict.checked else "没有适用情形"


OVERVIEW_COLUMNS: tuple[Column[Fact], ...] = (
    Column(heading="项目", width=24, cell=lambda fact: fact.name),
    Column(heading="内容", width=80, cell=lambda fact: fact.value, left=True),
)
DEPARTMENT_COLUMNS: tuple[Column[Body], ...] = (
    Column(heading="部门编号", width=16, cell=lambda body: body.department.department_id),
    Column(heading="部门名称", width=40, cell=lambda body: body.department.name),
    Column(heading="参加上门", width=10, cell=lambda body: body.visits),
    Column(heading="派出人员", width=10, cell=lambda body: len({seat.person_id for seat in body.seats})),
    Column(
        heading="现场人分钟",
        width=12,
        cell=lambda body: sum(seat.end_min - seat.start_min for seat in body.seats),
    ),
    Column(heading="最高负荷（‰）", width=14, cell=lambda body: body.largest),
    Column(
        heading="未安排检查需求",
        width=16,
        cell=lambda body: Toned(value=body.left_out, tone="C" if body.left_out else ""),
    ),
    Column(heading="工作簿", width=48, cell=lambda body: body.file),
)
GOAL_COLUMNS: tuple[Column[Figure], ...] = (
    Column(heading="级别", width=6, cell=lambda figure: figure.goal),
    Column(heading="目标", width=44, cell=lambda figure: figure.name),
    Column(
        heading="指标",
        width=36,
        cell=lambda figure: text(f"export.component_{figure.component}", "zh"),
    ),
    Column(heading="数值", width=16, cell=lambda figure: figure.value),
    Column(heading="界", width=16, cell=lambda figure: figure.bound),
    Column(heading="差距", width=12, cell=lambda figure: abs(figure.value - figure.bound)),
    Column(
        heading="求解器已证明最优",
        width=20,
        cell=lambda figure: Toned(value=yes_no(figure.proved), tone="good" if figure.proved else ""),
    ),
)
RULE_COLUMNS: tuple[Column[RuleVerdict], ...] = (
    Column(heading="规则", width=8, cell=lambda row: row.rule),
    Column(heading="内容", width=70, cell=_rule_words),
    Column(heading="核验次数", width=12, cell=lambda row: row.checked),
    Column(heading="违反次数", width=12, cell=lambda row: row.violations),
    Column(heading="结论", width=16, cell=_conclusion),
)


def summary_sheets(
    plan: Plan,
    merged: MergeResult,
    schedule: Schedule,
    certificate: Certificate,
    facts: Facts,
    files: tuple[tuple[Department, str], ...],
    head: str,
) -> Iterator[Sheet]:
    """Four sheets; ``files`` pairs each department with its workbook's name."""
    overview = _overview(plan, merged, schedule, certificate)
    yield laid_out("概况", f"{head} 概况", OVERVIEW_COLUMNS, overview)
    yield laid_out(
        "部门", f"{head} 部门", DEPARTMENT_COLUMNS, (_body(row, file, facts) for row, file in files)
    )
    yield laid_out("目标", f"{head} 目标", GOAL_COLUMNS, _figures(certificate), rule_by=0)
    yield laid_out("核验", f"{head} 核验", RULE_COLUMNS, certificate.rules)


def _overview(
    plan: Plan, merged: MergeResult, schedule: Schedule, certificate: Certificate
) -> Iterator[Fact]:
    settings, report, solved = plan.settings, merged.report, schedule.report
    last = settings.end - dt.timedelta(days=1)
    proven, passed = certificate.order == "proven", certificate.verdict == "certified"
    told: dict[str, Cell] = {
        "批次编号": settings.campaign_id,
        "批次名称": settings.name,
        "组织机关": settings.authority,
        "年度计划序号": settings.slot,
        "检查期间": f"{settings.start.isoformat()} 至 {last.isoformat()}",
        "是否演练": yes_no(settings.rehearsal),
        f"计划 {HASH_NAMES[certificate.profile]}": certificate.plan_sha256,
        "种子承诺": certificate.seed_commitment,
        "先承诺后抽签": Toned(value="已由外部凭证证明", tone="good") if proven else "未经外部证明",
        "核验结论": Toned(value="通过" if passed else "未通过", tone="good" if passed else "bad"),
        "排期次数": certificate.attempt,
        "酌定排期": yes_no(certificate.discretionary),
        "求解方式": f"{solved.method} {solved.solver} {solved.solver_version}",
        "检查需求": certificate.n_requirements,
        "已安排检查需求": certificate.n_served,
        "未安排检查需求": certificate.n_unscheduled,
        **_late(certificate),
        "涉及检查对象": report.n_enterprises,
        "不合并时上门次数": report.doors_unmerged,
        "合并后上门次数": report.doors,
        **_pair_cap(solved),
    }
    yield from (Fact(name=name, value=value) for name, value in told.items())
    for note in solved.notes:
        if note in catalogue():
            yield Fact(name="排期说明", value=text(note, "zh"))


def _late(certificate: Certificate) -> dict[str, Cell]:
    """The orders made after the draw, where there were any; the figures above leave them out."""
    if not certificate.n_late_orders:
        return {}
    return {"抽取后指令检查": certificate.n_late_orders, "其中已安排": certificate.n_late_placed}


def _pair_cap(solved: SolveReport) -> dict[str, Cell]:
    """What the pair cap (R19) left, where the plan has one."""
    cap = solved.pair_cap
    if cap is None:
        return {}
    return {"成对概率上界（‰）": cap.bound_permille, "按数不足的席位组": len(cap.starved)}


def _body(department: Department, file: str, facts: Facts) -> Body:
    me = department.department_id
    return Body(
        department=department,
        file=file,
        seats=seats_of(me, facts),
        people=[load for load in loads(me, facts) if facts.inspectors[load.person_id].department_id == me],
        visits=len(facts.placed.get(me, [])),
        left_out=len(facts.left_out.get(me, [])),
    )


def _figures(certificate: Certificate) -> Iterator[Figure]:
    told = {row.goal: row for row in certificate.goals}
    for goal in GOALS:
        if found := told.get(goal.goal):
            for component, value, bound in zip(goal.components, found.value, found.bound, strict=True):
                yield Figure(
                    goal=goal.goal,
                    name=goal.zh,
                    component=component,
                    value=value,
                    bound=bound,
                    proved=found.proved,
                )
