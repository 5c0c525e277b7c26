"""Random campaigns on which the second implementation and the draw are compared: lawful ones and such as are
refused. Rows of the domain and settings; the texts of a sealed intake are made from them.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from draw.oracle_text import has_profile
from small import END, START

from scheduler.domain import codec
from scheduler.domain.hashes import PROFILES
from scheduler.domain.registers import (
    TABLES,
    Enterprise,
    Inspector,
    Leave,
    Neighbour,
    Order,
    PastInspection,
    QuietPeriod,
    Recusal,
    Registers,
    Task,
)
from scheduler.domain.settings import Ceremony, Drand, Entropy, Exclusions, Pools, Quotas, Settings, Teams

DAYS = [dt.date(2025, 12, 30), dt.date(2026, 1, 15), dt.date(2026, 2, 20), dt.date(2026, 3, 5)]
WINDOWS = [(START, END), (START, dt.date(2026, 3, 9)), (dt.date(2026, 3, 4), END), (dt.date(2026, 3, 9), END)]
QUOTAS = (
    "5%", "30%", "8‰", "100%", "3家", "4 所", "0.5%", "10-20%", "20%~30%", "2至5家", "1—2 ‰", "2-6家",
    "１０％", "≥3家", "≤90家:不少于2家;>90家:≥5%", "<=30:2家;>30家:10%", "≥2:10%;<2:1家", "≥1:10%",
    "5%;1次/年", "30%、一年1次", "不低于10%", "至少 2 户",
    "低风险：5%；一般风险：10%；较高:20%;高级:60%;", "D:50%;C:20%;B:9%;A:3%", "A:5-9%,B:1%,C:2~3%,D:8‰",
    "A:10%;B:0%;C:30%;D:50%", "A:0%;B:0%;C:30%;D:100%", "9%-12%", "A类:10%、b级：0.7%、C:0%、高风险:30%",
    "≥2:至少3户;每年1次",
)  # fmt: skip
"""Forms of §6.1 that most frames allow."""

ODD_QUOTAS = (
    "60家", "≥10:10%", "5%;每年2次", "A:1-2%;B:3%;C:5家;D:10%", "A:0%;B:0%;C:0%;D:100%",
    "a:1家,b:1家、c:1家,D:1家", "A:0家;B:2家;C:1家;D:20%", "A:10%;B:20%", "基数30;5%", "20%(3户)",
    "≥10%(4家)", "1 0%", "三级≥50%", "0%", "0家", "120%", "5.5家", "20-10%", "10-10%", "1.0-2家",
    "50-120%", "A:200%;B:1%;C:1%;D:1%", "5%;", "5%,3家", "≥5:10%;>20:2家", "基数30",
    "A:1%;A:2%;B:1%;C:1%;D:1%", "A:1%B:1%", "≥10-20%", "5-9", "≥2:≥3家;<2:5%", "30%;;",
    "A:9%;B:9%;C:9%;D:9%;;",
)  # fmt: skip
"""Forms that are refused, or that only few frames allow."""


def chooser(number: int) -> Random:
    """Whatever is chosen for one campaign; it draws nothing that counts."""
    return Random(number)  # noqa: S311


def chance(choose: Random, of_ten: float) -> bool:
    return choose.random() * 10 < of_ten


def some(choose: Random, rows: Sequence[Any], most: int) -> list[Any]:
    return choose.sample(list(rows), min(len(rows), choose.randrange(most + 1)))


def past(base: Registers, choose: Random) -> tuple[PastInspection, ...]:
    codes = [item.item_code for item in base.items]
    rows = {
        PastInspection(
            enterprise_id=firm.enterprise_id,
            inspector_id=choose.choice(base.inspectors).inspector_id,
            day=choose.choice(DAYS),
            items=tuple(choose.sample(codes, choose.randrange(len(codes) + 1))),
        )
        for firm in some(choose, base.enterprises, 60)
        for _ in range(choose.randrange(1, 4))
    }
    return tuple(sorted(rows, key=lambda row: (row.enterprise_id, row.inspector_id, row.day, row.items)))


def quiet(base: Registers, choose: Random) -> tuple[QuietPeriod, ...]:
    return tuple(
        QuietPeriod(
            enterprise_id=firm.enterprise_id if chance(choose, 9) else "",
            district=choose.choice(["", "", firm.district, "330199"]),
            start=choose.choice([START, dt.date(2026, 3, 7)]),
            end=choose.choice([END, dt.date(2026, 3, 7), dt.date(2026, 3, 9)]),
        )
        for firm in some(choose, base.enterprises, 20)
        for _ in range(choose.randrange(1, 3))
    )


def firms(base: Registers, choose: Random) -> tuple[Enterprise, ...]:
    kept = base.enterprises if chance(choose, 3) else some(choose, base.enterprises, 60) or base.enterprises
    states = ["active"] * 12 + ["revoked", "cancelled"]
    return tuple(
        replace(
            firm,
            status=choose.choice(states),
            lat_udeg=choose.choice([None, 30_000_000 + choose.randrange(900_000)]),
        )
        for firm in sorted(kept, key=lambda firm: firm.enterprise_id)
    )


def staff(base: Registers, choose: Random) -> tuple[Inspector, ...]:
    """Inspectors with leaders, newcomers, scopes, and fixed groups of two, nearly always of one home."""
    leading, new, grouped = choose.choice([1, 5, 8]), choose.choice([0, 1, 3]), choose.choice([0, 3, 8])
    codes = [item.item_code for item in base.items]
    scopes = ((), (), (), (), ("S*",), ("*",), ("S1", "S0*"), (codes[0],))
    seen: Counter[str] = Counter()
    found = []
    for person in base.inspectors:
        home = person.department_id
        seen[home] += 1
        is_grouped = chance(choose, grouped) and (person.unit != "别处" or chance(choose, 0.02))
        found.append(
            replace(
                person,
                is_leader=chance(choose, leading),
                is_newcomer=chance(choose, new),
                fixed_group=f"{home}-g{seen[home] // 2}" if is_grouped else "",
                item_scopes=choose.choice(scopes),
                certificate_expires=choose.choice([person.certificate_expires, dt.date(2027, 1, 1)]),
            )
        )
    return tuple(found)


def tasks(base: Registers, choose: Random) -> tuple[Task, ...]:
    found = []
    for task in base.tasks:
        start, end = choose.choice(WINDOWS)
        found.append(
            replace(
                task,
                quota=choose.choice(ODD_QUOTAS if chance(choose, 0.4) else QUOTAS),
                start=start if chance(choose, 4) else task.start,
                end=end if chance(choose, 4) else task.end,
                group=choose.choice([task.group, "G", "协同"]),
                by_district=chance(choose, 3),
            )
        )
    return tuple(found)


def orders(base: Registers, choose: Random) -> tuple[Order, ...]:
    found = []
    for number in range(choose.choice([0, 0, 1, 3])):
        department = choose.choice(base.departments)
        field = department.field
        codes = [item.item_code for item in base.items if item.field == field or chance(choose, 0.1)]
        firm = choose.choice(base.enterprises)
        start, end = choose.choice(WINDOWS)
        if chance(choose, 9.8) and (not codes or department.districts not in {(), (firm.district,)}):
            continue
        found.append(
            Order(
                order_id=f"O{number}" if chance(choose, 9.8) else base.tasks[0].task_id,
                enterprise_id=firm.enterprise_id,
                department_id=department.department_id,
                item_codes=tuple(some(choose, codes, 3) or codes),
                start=start,
                end=end,
                approver=choose.choice(["李局"] * 19 + [""]),
                document="文〔2026〕1号",
                approved_at=choose.choice(["2026-02-20T09:30"] * 19 + ["2026-03-20T09:30"]),
            )
        )
    return tuple(found)


def recusals(people: Sequence[Inspector], choose: Random) -> tuple[Recusal, ...]:
    pairs = [choose.sample(list(people), 2) for _ in range(choose.choice([0, 0, 2, 30]))]
    return tuple(
        Recusal(
            inspector_id=one.inspector_id,
            other_inspector_id=other.inspector_id,
            kind="近亲属",
            state=choose.choice(["applied", "granted", "rejected"]),
            start=choose.choice([None, dt.date(2026, 3, 10), dt.date(2026, 3, 20)]),
            end=choose.choice([None, dt.date(2026, 3, 30)]),
        )
        for one, other in pairs
    )


def widened(base: Registers, choose: Random) -> Registers:
    """The campaign with all that the page knows: orders, fixed groups, leaders, exclusions, quotas."""
    base = replace(base, enterprises=firms(base, choose), inspectors=staff(base, choose))
    away = tuple(
        Leave(person_id=person.inspector_id, start=START, end=choose.choice([END, dt.date(2026, 3, 11)]))
        for person in some(choose, base.inspectors, 10)
    )
    return replace(
        base,
        tasks=tasks(base, choose),
        history=past(base, choose) if chance(choose, 7) else (),
        quiet=quiet(base, choose),
        orders=orders(base, choose),
        recusals=recusals(base.inspectors, choose),
        leave=tuple(sorted((*base.leave, *away), key=lambda row: (row.person_id, row.start, row.end))),
    )


def rules(rule: Settings, choose: Random) -> Settings:
    """Settings with every choice that the draw looks at, now and then one that is refused."""
    sizes = ["auto"] * 4 + ["30%", "4人", "1名", "100%"]
    sources = [
        ("ceremony",),
        ("ceremony",),
        ("secret", "ceremony"),
        ("ceremony", "drand"),
        ("secret", "drand"),
    ]
    alphabet, length = choose.choice([("0123456789", 40), ("0123456789", 20), ("123456", 25), ("HT", 64)])
    odd = [("drand",), ("secret",), ("drand", "ceremony"), ()]
    return replace(
        rule,
        teams=Teams(
            officers=choose.choice([2, 2, 2, 3, 4]),
            per=choose.choice(["department", "visit"]),
            leader_required=chance(choose, 3),
            newcomer_with_senior=chance(choose, 2),
            fixed_groups=chance(choose, 4),
        ),
        pools=Pools(
            inspectors=choose.choice(sizes),
            experts=choose.choice(sizes),
            leaders=choose.choice(sizes),
            fixed_groups=choose.choice(sizes),
            k_max=choose.randrange(5),
        ),
        quotas=Quotas(
            rounding=choose.choice(["up", "half_up"]),
            zero=choose.choice(["one"] * 9 + ["pool"] * 10 + ["refuse"]),
            reserves_listed=choose.randrange(8),
            range=choose.choice(["low", "high"]),
        ),
        exclusions=Exclusions(
            annual_cap=choose.choice([0, 0, 1, 2]), cool_off_days=choose.choice([0, 0, 30, 60])
        ),
        coordination=choose.choice(["shared", "shared", "independent"]),
        profile=choose.choice([name for name in PROFILES if has_profile(name)]),
        entropy=Entropy(sources=choose.choice(sources if chance(choose, 9.8) else odd)),
        ceremony=Ceremony(alphabet=alphabet, length=length),
        drand=Drand(round=1000),
    )


def helped(base: Registers, choose: Random) -> Registers:
    """With departments of another district beside some of them, and rows of who helps whom."""
    mine = some(choose, base.departments, 3)
    others = tuple(
        replace(one, department_id=f"{one.department_id}-2", unit="邻所", districts=("330199",))
        for one in mine
    )
    people = tuple(
        replace(person, inspector_id=f"{person.inspector_id}-2", department_id=f"{home}-2", unit="邻所")
        for person in base.inspectors
        if (home := person.department_id) in {one.department_id for one in mine} and chance(choose, 6)
    )
    rows = {Neighbour(department_id=one.department_id, helper_id=f"{one.department_id}-2") for one in mine}
    rows |= {
        Neighbour(department_id=n.helper_id, helper_id=n.department_id) for n in rows if chance(choose, 5)
    }
    one, other = (choose.choice((*base.departments, *others)).department_id for _ in "12")
    rows |= {Neighbour(department_id=one, helper_id=other)} if chance(choose, 1) else set()
    return replace(
        base,
        departments=(*base.departments, *others),
        inspectors=(*base.inspectors, *(replace(person, fixed_group="") for person in people)),
        neighbours=tuple(sorted(rows, key=lambda row: (row.department_id, row.helper_id))),
    )


def sealed_texts(registers: Registers, settings: Settings) -> dict[str, str]:
    """The texts of a sealed intake by their path in the run folder."""
    rows = ((name, row, getattr(registers, name)) for name, row in TABLES.items())
    texts = {
        f"intake/{name}.csv": codec.csv_bytes(row, table).decode()
        for name, row, table in rows
        if table or name != "neighbours"
    }
    return texts | {"intake/settings.json": codec.to_json(settings).decode()}
