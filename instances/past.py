"""What was before: past inspections, and quiet periods (安静生产期) announced in advance.

In: a size, officers, known enterprises, a seed. Out: domain rows. May import: the domain and this package.
"""

import datetime as dt
from collections.abc import Sequence

from instances.chance import pick, sample, stream
from instances.sizes import Size
from scheduler.domain.registers import Inspector, PastInspection, QuietPeriod

YEARS_BACK = 3
ORPHAN = "91380799MA00000000"
"""A code that no register holds: its past inspection has to be rejected."""


def history(
    size: Size, officers: Sequence[Inspector], firms: Sequence[tuple[str, str]], seed: int
) -> tuple[list[PastInspection], int]:
    """About ``size.n_history`` rows, two officers of one department each time, and how many are orphans."""
    rng = stream(seed, size.name, "history")
    by_department: dict[str, list[str]] = {}
    for officer in officers:
        by_department.setdefault(officer.department_id, []).append(officer.inspector_id)
    divisions: dict[str, list[str]] = {}
    for department in by_department:
        divisions.setdefault(department[:6], []).append(department)
    rows: dict[tuple[str, str, dt.date], PastInspection] = {}
    for _ in range(size.n_history // 2):
        firm, division = pick(rng, firms)
        department = pick(rng, divisions[division])
        day = size.start - dt.timedelta(days=int(rng.integers(30, 365 * YEARS_BACK)))
        for officer_id in sample(rng, by_department[department], 2):
            rows[firm, officer_id, day] = PastInspection(
                enterprise_id=firm, inspector_id=officer_id, day=day, items=(f"{department[-2:]}0001",)
            )
    lost = PastInspection(
        enterprise_id=ORPHAN, inspector_id=officers[0].inspector_id, day=size.start - dt.timedelta(days=200)
    )
    return [*rows.values(), lost], 1


def quiet_periods(size: Size, firms: Sequence[tuple[str, str]], seed: int) -> list[QuietPeriod]:
    """Three days' quiet for a handful of firms, none in a street; never a whole task window."""
    rng = stream(seed, size.name, "quiet")
    count = min(200, len(firms) // 1_000)
    rows = []
    for firm, _ in sample(rng, firms, count):
        start = size.start + dt.timedelta(days=int(rng.integers(0, (size.end - size.start).days - 3)))
        rows.append(
            QuietPeriod(
                enterprise_id=firm, start=start, end=start + dt.timedelta(days=3), reason="重大生产任务"
            )
        )
    return rows
