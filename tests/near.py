"""The small campaign with a market bureau of one officer, and a bureau beyond the hill that may help it.

``D-hill`` has no work of its own in the campaign: no task names it, and it covers another district.
"""

from dataclasses import replace

from small import AUTHORITY, registers

from scheduler.domain.registers import Department, Inspector, Neighbour, Registers
from scheduler.domain.settings import Teams

HELP = Teams(neighbours_help=True)
FOOD = "D-food"
HILL = "D-hill"
HILL_POOL = f"{HILL}/{AUTHORITY}/山后所"


def near_registers(n_own: int = 1, **changes: object) -> Registers:
    """``n_own`` officers of the market bureau are left (of ``food-1`` to ``food-4``, without their
    recusals); four are beyond the hill."""
    known = registers()
    hill = Department(
        department_id=HILL,
        name="山后县市场监管局",
        field="市场监管",
        level="district",
        authority=AUTHORITY,
        unit="山后所",
        districts=("330183",),
        lon_udeg=120_230_000,
        lat_udeg=30_230_000,
    )
    kept = {f"food-{n}" for n in range(1, n_own + 1)}
    own = [row for row in known.inspectors if row.department_id != FOOD or row.inspector_id in kept]
    model = next(row for row in known.inspectors if row.inspector_id == "food-1")
    helping: list[Inspector] = [
        replace(
            model,
            inspector_id=f"hill-{n}",
            name=f"山后官{n}",
            department_id=HILL,
            unit="山后所",
            certificate_no=f"ZFhill{n}",
        )
        for n in range(1, 5)
    ]
    made = replace(
        known,
        departments=tuple(sorted((*known.departments, hill), key=lambda row: row.department_id)),
        inspectors=tuple(sorted((*own, *helping), key=lambda row: row.inspector_id)),
        recusals=tuple(row for row in known.recusals if not row.other_inspector_id),
        neighbours=(Neighbour(department_id=FOOD, helper_id=HILL, document="青市监〔2026〕3号"),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]
