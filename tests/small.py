"""A small named campaign for tests: a town with three departments, nine officers and twelve shops.

Window: 2026-03-02 (Monday) to 2026-03-14, ten working days. Everyone is qualified for something, the
food officers alone hold 食品; ``T-food`` and ``T-fire`` share the coordination group ``G1``.
"""

import datetime as dt
from dataclasses import replace

from scheduler.domain.registers import (
    CalendarDay,
    Department,
    Enterprise,
    Expert,
    Inspector,
    Item,
    Leave,
    PastInspection,
    Recusal,
    Registers,
    Task,
)
from scheduler.domain.settings import Settings

START, END = dt.date(2026, 3, 2), dt.date(2026, 3, 14)
CEREMONY = "3141592653589793238462643383279502884197"

AUTHORITY, UNIT, DISTRICT = "青石县市场监督管理局", "城关所", "330182"


def settings(**changes: object) -> Settings:
    base = Settings(
        campaign_id="small-2026-01",
        name="青石县小样",
        authority=AUTHORITY,
        slot="2026-01",
        rehearsal=True,
        start=START,
        end=END,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def registers(**changes: object) -> Registers:
    departments = tuple(
        Department(
            department_id=code,
            name=f"青石县{name}",
            field=field,
            level="district",
            authority=AUTHORITY,
            unit=UNIT,
            districts=(DISTRICT,),
            lon_udeg=120_200_000 + 4_000 * n,
            lat_udeg=30_200_000,
        )
        for n, (code, name, field) in enumerate(
            [
                ("D-fire", "消防救援大队", "消防"),
                ("D-food", "市场监管局", "市场监管"),
                ("D-work", "人社局", "人社"),
            ]
        )
    )
    inspectors = tuple(
        Inspector(
            inspector_id=f"{code}-{n}",
            name=f"{code}官{n}",
            department_id=f"D-{code}",
            authority=AUTHORITY,
            unit=UNIT,
            certificate_no=f"ZF{code}{n}",
            certificate_expires=dt.date(2026, 3, 9) if (code, n) == ("work", 3) else dt.date(2028, 1, 1),
            qualifications=("食品",) if code == "food" and n != 2 else (),
            is_leader=n == 1,
        )
        for code in ("fire", "food", "work")
        for n in (1, 2, 3, 4)
    )
    enterprises = tuple(
        Enterprise(
            enterprise_id=f"E{n:02d}",
            id_kind="other",
            name=f"青石县第{n}商行",
            authority=AUTHORITY,
            unit=UNIT,
            district=DISTRICT,
            industry="H6210" if n % 2 else "F5211",
            risk_class="ABCD"[n % 4],  # type: ignore[arg-type]
            tags=("餐饮",) if n % 2 else ("零售",),
            lon_udeg=120_200_000 + 9_000 * (n % 4),
            lat_udeg=30_210_000 + 7_000 * (n // 4),
        )
        for n in range(1, 13)
    )
    items = (
        Item(
            item_code="S01", name="食品经营许可情况", field="市场监管", qualification="食品", tags=("餐饮",)
        ),
        Item(item_code="S02", name="明码标价情况", field="市场监管"),
        Item(item_code="X01", name="消防安全检查", field="消防", expert="电气"),
        Item(item_code="R01", name="工资支付情况", field="人社", duration_min=45),
    )
    tasks = (
        Task(
            task_id="T-fire",
            name="消防联合抽查",
            lead_id="D-fire",
            cooperating_ids=("D-food",),
            item_codes=("S02", "X01"),
            quota="25%",
            start=START,
            end=END,
            group="G1",
        ),
        Task(
            task_id="T-food",
            name="餐饮抽查",
            lead_id="D-food",
            item_codes=("S01",),
            tags=("餐饮",),
            quota="A:30%;B:50%;C:50%;D:100%",
            start=START,
            end=dt.date(2026, 3, 12),
            group="G1",
        ),
        Task(
            task_id="T-work",
            name="劳动保障抽查",
            lead_id="D-work",
            item_codes=("R01",),
            quota="2家",
            start=dt.date(2026, 3, 5),
            end=END,
        ),
    )
    days = (START + dt.timedelta(days=n) for n in range((END - START).days))
    base = Registers(
        departments=departments,
        enterprises=enterprises,
        inspectors=inspectors,
        experts=(
            Expert(
                expert_id="EX1",
                name="专家甲",
                specialties=("电气",),
                lon_udeg=120_210_000,
                lat_udeg=30_205_000,
            ),
            Expert(expert_id="EX2", name="专家乙", specialties=("电气",)),
        ),
        items=tuple(sorted(items, key=lambda item: item.item_code)),
        tasks=tasks,
        recusals=(
            Recusal(inspector_id="fire-1", enterprise_id="E03", kind="亲属", evidence="申请书"),
            Recusal(inspector_id="food-1", other_inspector_id="food-2", kind="近亲属"),
        ),
        leave=(Leave(person_id="fire-2", start=dt.date(2026, 3, 3), end=dt.date(2026, 3, 5)),),
        history=(PastInspection(enterprise_id="E05", inspector_id="food-3", day=dt.date(2025, 9, 1)),),
        calendar=tuple(CalendarDay(day=day, is_working=day.weekday() < 5, source="test") for day in days),
    )
    return replace(base, **changes)  # type: ignore[arg-type]
