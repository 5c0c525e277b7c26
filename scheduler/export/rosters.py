"""A department's three sheets: 排期, 人员, 未安排.

In: a department and the look-ups. Out: sheets as data. May import: :mod:`scheduler.domain`.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.domain.messages import text
from scheduler.domain.registers import Department
from scheduler.domain.schedule import Seat, Unscheduled
from scheduler.domain.visits import Requirement
from scheduler.export.facts import Facts
from scheduler.export.sheets import Cell, Column, Sheet

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")

ROSTER_COLUMNS = (
    Column(heading="日期", width=12),
    Column(heading="星期", width=6),
    Column(heading="开始", width=7),
    Column(heading="结束", width=7),
    Column(heading="检查对象", width=30),
    Column(heading="主体代码", width=22),
    Column(heading="住所", width=30),
    Column(heading="检查方式", width=10),
    Column(heading="本部门抽查事项", width=36),
    Column(heading="本部门人员", width=22),
    Column(heading="其他到场部门", width=24),
    Column(heading="专家", width=18),
    Column(heading="抽查任务", width=26),
    Column(heading="上门编号", width=26),
)
PEOPLE_COLUMNS = (
    Column(heading="工号", width=16),
    Column(heading="姓名", width=14),
    Column(heading="上门次数", width=10),
    Column(heading="检查天数", width=10),
    Column(heading="现场分钟", width=10),
    Column(heading="可用分钟", width=10),
    Column(heading="负荷（‰）", width=10),
)
LEFT_OUT_COLUMNS = (
    Column(heading="检查对象", width=30),
    Column(heading="主体代码", width=22),
    Column(heading="住所", width=30),
    Column(heading="信用风险等级", width=8),
    Column(heading="抽查任务", width=26),
    Column(heading="本部门抽查事项", width=36),
    Column(heading="最早日期", width=12),
    Column(heading="最晚日期", width=12),
    Column(heading="未安排原因", width=40),
    Column(heading="检查需求编号", width=30),
)


def department_sheets(department: Department, facts: Facts, head: str) -> tuple[Sheet, ...]:
    """The sheets of one department; ``head`` opens every title. One without visits has headings only."""
    me = department.department_id
    placed = facts.placed.get(me, [])
    left_out = facts.left_out.get(me, [])
    contents: tuple[tuple[str, tuple[Column, ...], list[tuple[Cell, ...]]], ...] = (
        ("排期", ROSTER_COLUMNS, [_visit_row(visit_id, me, facts) for visit_id in placed]),
        ("人员", PEOPLE_COLUMNS, [_person_row(load, facts) for load in loads(me, facts)]),
        ("未安排", LEFT_OUT_COLUMNS, [_left_out_row(row, me, facts) for row in left_out]),
    )
    return tuple(
        Sheet(name=name, title=f"{head} {department.name} {name}", columns=columns, rows=rows)
        for name, columns, rows in contents
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What one officer has to do in the campaign; ``permille`` is the load's share of the capacity, rounded
    up, or ``None`` without any capacity."""

    person_id: str
    visits: int
    days: int
    minutes: int
    capacity_min: int

    @property
    def permille(self) -> int | None:
        """As goal 2 counts it."""
        return -(-1000 * self.minutes // self.capacity_min) if self.capacity_min else None


def loads(department_id: str, facts: Facts) -> list[Load]:
    """The load of each officer who has a seat of the department, by officer's id."""
    mine: defaultdict[str, list[Seat]] = defaultdict(list)
    for visit_id in facts.placed.get(department_id, []):
        for seat in _officers(visit_id, department_id, facts):
            mine[seat.person_id].append(seat)
    return [
        Load(
            person_id=person_id,
            visits=len(mine[person_id]),
            days=len({seat.day for seat in mine[person_id]}),
            minutes=sum(seat.end_min - seat.start_min for seat in mine[person_id]),
            capacity_min=facts.working_min[person_id],
        )
        for person_id in sorted(mine)
    ]


def _person_row(load: Load, facts: Facts) -> tuple[Cell, ...]:
    name = facts.inspectors[load.person_id].name
    share = "" if load.permille is None else load.permille
    return (load.person_id, name, load.visits, load.days, load.minutes, load.capacity_min, share)


def _officers(visit_id: str, department_id: str, facts: Facts) -> list[Seat]:
    return [s for s in facts.seats[visit_id] if s.role == "officer" and s.department_id == department_id]


def _visit_row(visit_id: str, me: str, facts: Facts) -> tuple[Cell, ...]:
    visit, seats = facts.visits[visit_id], facts.seats[visit_id]
    enterprise = facts.enterprises[visit.enterprise_id]
    first = seats[0]
    pairs = zip(visit.item_codes, visit.department_ids, strict=True)
    tasks = sorted({facts.requirements[name].task_id for name in visit.requirement_ids})
    return (
        first.day,
        WEEKDAYS[first.day.weekday()],
        clock(first.start_min),
        clock(first.end_min),
        enterprise.name,
        enterprise.enterprise_id,
        enterprise.address,
        "现场" if visit.on_site else "非现场",
        _items((item for item, owner in pairs if owner == me), facts),
        "\n".join(_officer(seat.person_id, facts) for seat in _officers(visit_id, me, facts)),
        "\n".join(facts.departments[name].name for name in sorted(set(visit.department_ids) - {me})),
        "\n".join(_expert(seat.person_id, facts) for seat in seats if seat.role == "expert"),
        "\n".join(facts.tasks[name].name for name in tasks),
        visit_id,
    )


def _left_out_row(row: Unscheduled, me: str, facts: Facts) -> tuple[Cell, ...]:
    wanted = facts.requirements[row.requirement_id]
    enterprise = facts.enterprises[wanted.enterprise_id]
    return (
        enterprise.name,
        enterprise.enterprise_id,
        enterprise.address,
        wanted.risk_class,
        facts.tasks[wanted.task_id].name,
        _items(_own_items(wanted, me), facts),
        wanted.start,
        wanted.end - dt.timedelta(days=1),
        _reason(row),
        row.requirement_id,
    )


def _own_items(wanted: Requirement, me: str) -> list[str]:
    pairs = zip(wanted.item_codes, wanted.department_ids, strict=True)
    return [item for item, owner in pairs if owner == me]


def _reason(row: Unscheduled) -> str:
    if row.reason == "unstaffable":
        return text("export.unstaffable", "zh")
    return text("export.no_room", "zh")


def _items(codes: Iterable[str], facts: Facts) -> str:
    return "\n".join(f"{code} {facts.items[code].name}" for code in codes)


def _officer(person_id: str, facts: Facts) -> str:
    return f"{facts.inspectors[person_id].name}（{person_id}）"


def _expert(person_id: str, facts: Facts) -> str:
    expert = facts.experts[person_id]
    return f"{expert.name}（{'、'.join(expert.specialties)}）"


def clock(minutes: int) -> str:
    """Minutes after midnight as ``09:30``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
