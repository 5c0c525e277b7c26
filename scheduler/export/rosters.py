"""A department's workbook: 排期, 人员, 未安排, then a sheet to print for each inspector sent.

In: a department and the look-ups. Out: sheets as data. May import: :mod:`scheduler.domain`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scheduler.domain.messages import text
from scheduler.domain.registers import Department, Inspector, Item
from scheduler.domain.schedule import Seat, Unscheduled
from scheduler.domain.visits import Requirement
from scheduler.export.facts import Facts, Placed
from scheduler.export.habits import RISKS, clock, expert, officer, weekday
from scheduler.export.sheets import Cell, Column, Sheet, Toned, laid_out, sheet_name


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A visit as one department sees it."""

    me: str
    placed: Placed


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What one officer has to do in the campaign; ``permille`` is the load's share of the capacity, rounded
    up, None without any capacity. ``sheet`` is the name of his own sheet."""

    person_id: str
    name: str
    visits: int
    days: int
    minutes: int
    capacity_min: int
    sheet: str = ""

    @property
    def permille(self) -> int | None:
        """As goal 2 counts it."""
        return -(-1000 * self.minutes // self.capacity_min) if self.capacity_min else None


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """A requirement without a visit, as one department sees it."""

    row: Unscheduled
    wanted: Requirement
    items: tuple[Item, ...]
    facts: Facts


def _risk(placed: Placed) -> Cell:
    tone = placed.risk_class if placed.risk_class != "A" else ""
    return Toned(value=RISKS[placed.risk_class], tone=tone)


def _method(placed: Placed) -> Cell:
    return "现场" if placed.visit.on_site else Toned(value="非现场", tone="quiet")


def _items(items: Iterable[Item]) -> str:
    return "\n".join(f"{item.item_code} {item.name}" for item in items)


def _others(line: Line) -> str:
    return "\n".join(row.name for row in line.placed.departments if row.department_id != line.me)


def _share(load: Load) -> Cell:
    if load.permille is None:
        return ""
    return Toned(value=load.permille, tone="bad" if load.permille > 1000 else "")


def _load_words(load: Load) -> Cell:
    if load.permille is None:
        return Toned(value="没有可用时间", tone="bad")
    return Toned(value="超出可用时间", tone="bad") if load.permille > 1000 else "在可用时间内"


def _window_end(row: LeftOut) -> dt.date:
    return row.wanted.end - dt.timedelta(days=1)


def _reason(row: LeftOut) -> Cell:
    if row.row.reason == "unstaffable":
        return Toned(value=text("export.unstaffable", "zh"), tone="bad")
    return Toned(value=text("export.no_room", "zh"), tone="C")


def _left_risk(row: LeftOut) -> Cell:
    risk = row.wanted.risk_class
    return Toned(value=RISKS[risk], tone=risk if risk != "A" else "")


def _team(placed: Placed) -> str:
    """Everybody at the door, a line for each department, the experts at the end."""
    lines = [
        f"{row.name}：{'、'.join(officer(who) for who in placed.officers_of(row.department_id))}"
        for row in placed.departments
    ]
    if placed.experts:
        lines.append(f"专家：{'、'.join(expert(who) for who in placed.experts)}")
    return "\n".join(lines)


ROSTER_COLUMNS: tuple[Column[Line], ...] = (
    Column(heading="日期", width=12, cell=lambda line: line.placed.day),
    Column(heading="星期", width=6, cell=lambda line: weekday(line.placed.day)),
    Column(heading="开始", width=7, cell=lambda line: clock(line.placed.start_min)),
    Column(heading="结束", width=7, cell=lambda line: clock(line.placed.end_min)),
    Column(heading="检查对象", width=24, cell=lambda line: line.placed.enterprise.name),
    Column(heading="主体代码", width=21, cell=lambda line: line.placed.enterprise.enterprise_id),
    Column(heading="住所", width=26, cell=lambda line: line.placed.enterprise.address),
    Column(heading="信用风险等级", width=8, cell=lambda line: _risk(line.placed)),
    Column(heading="检查方式", width=10, cell=lambda line: _method(line.placed)),
    Column(heading="本部门抽查事项", width=30, cell=lambda line: _items(line.placed.items_of(line.me))),
    Column(
        heading="本部门人员",
        width=22,
        cell=lambda line: "\n".join(officer(who) for who in line.placed.officers_of(line.me)),
    ),
    Column(heading="其他到场部门", width=22, cell=_others),
    Column(heading="专家", width=18, cell=lambda line: "\n".join(expert(who) for who in line.placed.experts)),
    Column(
        heading="抽查任务",
        width=24,
        cell=lambda line: "\n".join(task.name for task in line.placed.tasks),
    ),
    Column(heading="出具通知书", width=20, cell=lambda line: line.placed.issuer.name),
    Column(heading="上门编号", width=26, cell=lambda line: line.placed.visit.visit_id),
)
PEOPLE_COLUMNS: tuple[Column[Load], ...] = (
    Column(heading="工号", width=16, cell=lambda load: Toned(value=load.person_id, sheet=load.sheet)),
    Column(heading="姓名", width=20, cell=lambda load: load.name),
    Column(heading="上门次数", width=10, cell=lambda load: load.visits),
    Column(heading="检查天数", width=10, cell=lambda load: load.days),
    Column(heading="现场分钟", width=10, cell=lambda load: load.minutes),
    Column(heading="可用分钟", width=10, cell=lambda load: load.capacity_min),
    Column(heading="负荷（‰）", width=10, cell=_share),
    Column(heading="负荷说明", width=16, cell=_load_words),
)
LEFT_OUT_COLUMNS: tuple[Column[LeftOut], ...] = (
    Column(
        heading="检查对象", width=34, cell=lambda row: row.facts.enterprises[row.wanted.enterprise_id].name
    ),
    Column(heading="主体代码", width=22, cell=lambda row: row.wanted.enterprise_id),
    Column(
        heading="住所", width=36, cell=lambda row: row.facts.enterprises[row.wanted.enterprise_id].address
    ),
    Column(heading="信用风险等级", width=8, cell=_left_risk),
    Column(heading="抽查任务", width=36, cell=lambda row: row.facts.tasks[row.wanted.task_id].name),
    Column(heading="本部门抽查事项", width=40, cell=lambda row: _items(row.items)),
    Column(heading="最早日期", width=12, cell=lambda row: row.wanted.start),
    Column(heading="最晚日期", width=12, cell=_window_end),
    Column(heading="未安排原因", width=44, cell=_reason),
    Column(heading="检查需求编号", width=30, cell=lambda row: row.row.requirement_id),
)
PERSON_COLUMNS: tuple[Column[Line], ...] = (
    Column(heading="日期", width=12, cell=lambda line: line.placed.day),
    Column(heading="星期", width=6, cell=lambda line: weekday(line.placed.day)),
    Column(
        heading="时间",
        width=13,
        cell=lambda line: f"{clock(line.placed.start_min)}–{clock(line.placed.end_min)}",
    ),
    Column(heading="检查对象", width=20, cell=lambda line: line.placed.enterprise.name),
    Column(heading="住所", width=22, cell=lambda line: line.placed.enterprise.address),
    Column(heading="信用风险等级", width=8, cell=lambda line: _risk(line.placed)),
    Column(heading="检查方式", width=10, cell=lambda line: _method(line.placed)),
    Column(heading="本部门抽查事项", width=26, cell=lambda line: _items(line.placed.items_of(line.me))),
    Column(heading="到场人员", width=32, cell=lambda line: _team(line.placed)),
    Column(heading="完成情况", width=10, cell=lambda _line: ""),
    Column(heading="上门编号", width=18, cell=lambda line: line.placed.visit.visit_id),
)
EXPERT_COLUMNS: tuple[Column[tuple[str, Placed]], ...] = (
    Column(heading="专家", width=24, cell=lambda pair: pair[0]),
    Column(heading="日期", width=12, cell=lambda pair: pair[1].day),
    Column(heading="星期", width=6, cell=lambda pair: weekday(pair[1].day)),
    Column(
        heading="时间",
        width=13,
        cell=lambda pair: f"{clock(pair[1].start_min)}–{clock(pair[1].end_min)}",
    ),
    Column(heading="检查对象", width=34, cell=lambda pair: pair[1].enterprise.name),
    Column(heading="住所", width=36, cell=lambda pair: pair[1].enterprise.address),
    Column(heading="到场人员", width=50, cell=lambda pair: _team(pair[1])),
    Column(heading="上门编号", width=28, cell=lambda pair: pair[1].visit.visit_id),
)


def department_sheets(department: Department, facts: Facts, head: str) -> Iterator[Sheet]:
    """The sheets of one department; ``head`` opens every title. One without visits has headings only."""
    me = department.department_id
    lines = [Line(me=me, placed=placed) for placed in facts.entries_of(me)]
    known = {"排期", "人员", "未安排"}
    people = [
        (load, sheet_name(known, f"{load.person_id} {load.name}"))
        for load in loads(department.department_id, facts)
    ]
    title = f"{head} {department.name}"
    yield laid_out("排期", f"{title} 排期", ROSTER_COLUMNS, lines, rule_by=0, paper="A3")
    yield laid_out(
        "人员", f"{title} 人员", PEOPLE_COLUMNS, (replace(load, sheet=name) for load, name in people)
    )
    left_out = [_left_out(row, me, facts) for row in facts.left_out.get(me, [])]
    yield laid_out("未安排", f"{title} 未安排", LEFT_OUT_COLUMNS, left_out)
    for load, name in people:
        yield _person_sheet(
            name, title, facts.inspectors[load.person_id], load, _lines(load.person_id, facts)
        )


def _lines(person_id: str, facts: Facts) -> list[Line]:
    """The officer's visits, each with the department for which he sits there."""
    return [
        Line(me=owner, placed=placed)
        for placed in facts.entries_by_person[person_id]
        for who, owner in placed.officers
        if who.inspector_id == person_id
    ]


def expert_sheet(facts: Facts, head: str) -> Sheet:
    """All visits of all experts; they belong to no department."""
    pairs = [
        (expert(facts.experts[person_id]), placed)
        for person_id, entries in facts.entries_by_person.items()
        if person_id in facts.experts
        for placed in entries
    ]
    return laid_out("专家", f"{head} 专家", EXPERT_COLUMNS, pairs, rule_by=0)


def loads(department_id: str, facts: Facts) -> list[Load]:
    """The whole load of each officer who has a seat of the department, and of each of its own who has one
    anywhere (R08), by officer's id."""
    own = {
        person_id
        for person_id in facts.entries_by_person
        if person_id in facts.inspectors and facts.inspectors[person_id].department_id == department_id
    }
    own.update(seat.person_id for seat in seats_of(department_id, facts))
    return [_load(person_id, facts) for person_id in sorted(own)]


def seats_of(department_id: str, facts: Facts) -> list[Seat]:
    """The department's seats for officers, in the schedule's order."""
    return [
        seat
        for visit_id in facts.placed.get(department_id, [])
        for seat in facts.seats[visit_id]
        if seat.role == "officer" and seat.department_id == department_id
    ]


def _load(person_id: str, facts: Facts) -> Load:
    entries = facts.entries_by_person[person_id]
    return Load(
        person_id=person_id,
        name=facts.inspectors[person_id].name,
        visits=len(entries),
        days=len({placed.day for placed in entries}),
        minutes=sum(placed.end_min - placed.start_min for placed in entries),
        capacity_min=facts.working_min[person_id],
    )


def _person_sheet(name: str, title: str, who: Inspector, load: Load, lines: list[Line]) -> Sheet:
    """What one inspector takes along: title with his figures, his visits, a line to sign."""
    told = f"{title} {officer(who)} 上门 {load.visits} 次，{load.days} 天，现场 {load.minutes:,} 分钟"
    signed = "本人已知悉以上安排，与检查对象无需要回避的关系。  签名：＿＿＿＿＿＿＿＿　日期：＿＿＿＿＿＿"
    return laid_out(name, told, PERSON_COLUMNS, lines, rule_by=0, notes=(signed,))


def _left_out(row: Unscheduled, me: str, facts: Facts) -> LeftOut:
    wanted = facts.requirements[row.requirement_id]
    pairs = zip(wanted.item_codes, wanted.department_ids, strict=True)
    items = tuple(facts.items[code] for code, owner in pairs if owner == me)
    return LeftOut(row=row, wanted=wanted, items=items, facts=facts)
