"""汇总.xlsx: the campaign over all departments, the goals, the checker's verdict.

In: plan, merge result, schedule, certificate, look-ups. Out: sheets as data.
May import: :mod:`scheduler.domain`.
"""

import datetime as dt

from scheduler.domain.hashes import HASH_NAMES
from scheduler.domain.messages import catalogue, text
from scheduler.domain.plan import Plan
from scheduler.domain.problem import GoalResult
from scheduler.domain.registers import Department
from scheduler.domain.rules import GOALS, RULES
from scheduler.domain.schedule import Certificate, RuleVerdict, Schedule, SolveReport
from scheduler.domain.visits import MergeResult
from scheduler.export.facts import Facts
from scheduler.export.rosters import loads
from scheduler.export.sheets import Cell, Column, Sheet

OVERVIEW_COLUMNS = (Column(heading="项目", width=24), Column(heading="内容", width=80))
DEPARTMENT_COLUMNS = (
    Column(heading="部门编号", width=16),
    Column(heading="部门名称", width=36),
    Column(heading="参加上门", width=10),
    Column(heading="派出人员", width=10),
    Column(heading="现场人分钟", width=12),
    Column(heading="最高负荷（‰）", width=14),
    Column(heading="未安排检查需求", width=16),
    Column(heading="工作簿", width=44),
)
GOAL_COLUMNS = (
    Column(heading="级别", width=6),
    Column(heading="目标", width=44),
    Column(heading="指标", width=36),
    Column(heading="数值", width=16),
    Column(heading="界", width=16),
    Column(heading="差距", width=12),
    Column(heading="已证明最优", width=12),
)
RULE_COLUMNS = (
    Column(heading="规则", width=8),
    Column(heading="内容", width=70),
    Column(heading="核验次数", width=10),
    Column(heading="违反次数", width=10),
    Column(heading="结论", width=16),
)


def summary_sheets(
    plan: Plan,
    merged: MergeResult,
    schedule: Schedule,
    certificate: Certificate,
    facts: Facts,
    files: tuple[tuple[Department, str], ...],
    head: str,
) -> tuple[Sheet, ...]:
    """Four sheets; ``files`` pairs each department with its workbook's name."""
    contents: tuple[tuple[str, tuple[Column, ...], list[tuple[Cell, ...]]], ...] = (
        ("概况", OVERVIEW_COLUMNS, _overview(plan, merged, schedule, certificate)),
        ("部门", DEPARTMENT_COLUMNS, [_department_row(row, file, facts) for row, file in files]),
        ("目标", GOAL_COLUMNS, _goal_rows(certificate)),
        ("核验", RULE_COLUMNS, [_rule_row(verdict) for verdict in certificate.rules]),
    )
    return tuple(
        Sheet(name=name, title=f"{head} {name}", columns=columns, rows=rows)
        for name, columns, rows in contents
    )


def _overview(
    plan: Plan, merged: MergeResult, schedule: Schedule, certificate: Certificate
) -> list[tuple[Cell, ...]]:
    settings, report, solved = plan.settings, merged.report, schedule.report
    last = settings.end - dt.timedelta(days=1)
    return [
        ("批次编号", settings.campaign_id),
        ("批次名称", settings.name),
        ("组织机关", settings.authority),
        ("年度计划序号", settings.slot),
        ("检查期间", f"{settings.start.isoformat()} 至 {last.isoformat()}"),
        ("是否演练", yes_no(settings.rehearsal)),
        (f"计划 {HASH_NAMES[certificate.profile]}", certificate.plan_sha256),
        ("种子承诺", certificate.seed_commitment),
        ("先承诺后抽签", "已由外部凭证证明" if certificate.order == "proven" else "未经外部证明"),
        ("核验结论", "通过" if certificate.verdict == "certified" else "未通过"),
        ("排期次数", certificate.attempt),
        ("酌定排期", yes_no(certificate.discretionary)),
        ("求解方式", f"{solved.method} {solved.solver} {solved.solver_version}"),
        ("检查需求", certificate.n_requirements),
        ("已安排检查需求", certificate.n_served),
        ("未安排检查需求", certificate.n_unscheduled),
        *_late_rows(certificate),
        ("涉及检查对象", report.n_enterprises),
        ("不合并时上门次数", report.doors_unmerged),
        ("合并后上门次数", report.doors),
        *_pair_cap_rows(solved),
        *(("排期说明", text(note, "zh")) for note in solved.notes if note in catalogue()),
    ]


def _late_rows(certificate: Certificate) -> list[tuple[Cell, ...]]:
    """The orders made after the draw, where there were any; the figures above leave them out."""
    if not certificate.n_late_orders:
        return []
    return [("抽取后指令检查", certificate.n_late_orders), ("其中已安排", certificate.n_late_placed)]


def _pair_cap_rows(solved: SolveReport) -> list[tuple[Cell, ...]]:
    """What the pair cap (R19) left, where the plan has one."""
    cap = solved.pair_cap
    if cap is None:
        return []
    return [("成对概率上界（‰）", cap.bound_permille), ("按数不足的席位组", len(cap.starved))]


def _department_row(department: Department, file: str, facts: Facts) -> tuple[Cell, ...]:
    me = department.department_id
    people = loads(me, facts)
    minutes = sum(load.minutes for load in people)
    largest: Cell = max((load.permille for load in people if load.permille is not None), default="")
    visits, left_out = len(facts.placed.get(me, [])), len(facts.left_out.get(me, []))
    return (me, department.name, visits, len(people), minutes, largest, left_out, file)


def _goal_rows(certificate: Certificate) -> list[tuple[Cell, ...]]:
    told = {row.goal: row for row in certificate.goals}
    return [
        row
        for goal in GOALS
        if goal.goal in told
        for row in _component_rows(goal.zh, goal.components, told[goal.goal])
    ]


def _component_rows(name: str, components: tuple[str, ...], told: GoalResult) -> list[tuple[Cell, ...]]:
    figures = zip(components, told.value, told.bound, strict=True)
    return [
        (
            told.goal,
            name,
            text(f"export.component_{component}", "zh"),
            value,
            bound,
            abs(value - bound),
            yes_no(told.proved),
        )
        for component, value, bound in figures
    ]


def _rule_row(verdict: RuleVerdict) -> tuple[Cell, ...]:
    rules = {rule.rule_id: rule for rule in RULES}
    rule = rules.get(verdict.rule)
    name = rule.zh if rule else text(f"check.{verdict.rule}", "zh")
    later = rule is not None and rule.state == "later"
    return (verdict.rule, name, verdict.checked, verdict.violations, _conclusion(verdict, later=later))


def _conclusion(verdict: RuleVerdict, *, later: bool) -> str:
    if verdict.violations:
        return "违反"
    if later:
        return "尚未启用"
    return "符合" if verdict.checked else "没有适用情形"


def yes_no(flag: bool) -> str:  # noqa: FBT001  # a one-word rendering, its argument is the word
    """是 or 否."""
    return "是" if flag else "否"
