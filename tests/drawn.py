"""A plan and a draw written down by hand, so that what follows the draw is tested without it.

Tickets are the SHA-256 of the row, pools take everybody of a department; nothing here is random.
"""

import hashlib
from collections.abc import Sequence

from small import settings

from scheduler.domain.plan import Centre, DrawnEnterprise, DrawnPerson, DrawResult, Plan, Pool
from scheduler.domain.registers import Registers
from scheduler.domain.settings import Settings

SEED = "5eed" * 16


def plan(known: Registers, own: Settings | None = None, *, centres: tuple[Centre, ...] = ()) -> Plan:
    jurisdictions = sorted({(row.department_id, row.authority, row.unit) for row in known.inspectors})
    officers = tuple(
        Pool(
            pool_id=f"{department}/{authority}/{unit}",
            role="officer",
            department_id=department,
            authority=authority,
            unit=unit,
            size=9,
            quota=9,
            k_max=0,
        )
        for department, authority, unit in jurisdictions
    )
    specialties = sorted({name for row in known.experts for name in row.specialties})
    experts = tuple(
        Pool(pool_id=f"expert/{name}", role="expert", specialty=name, size=9, quota=9, k_max=0)
        for name in specialties
    )
    return Plan(
        spec="onedoor-draw/1",
        spec_sha256="0" * 64,
        settings=own or settings(),
        digests={},
        rejected_rows=0,
        strata=(),
        pools=officers + experts,
        entropy=(),
        cosine_ppm=864_000,
        centres=centres or (Centre(district="", lon_udeg=120_200_000, lat_udeg=30_200_000),),
    )


def ticket_of(task_id: str, enterprise_id: str) -> str:
    return hashlib.sha256(f"{task_id}:{enterprise_id}".encode()).hexdigest()


def draw(known: Registers, rows: Sequence[str], *, reserves: Sequence[str] = ()) -> DrawResult:
    """``rows`` are drawn as ``<task>:<enterprise>``, all people with them but the ``reserves``."""
    enterprises = [
        DrawnEnterprise(
            task_id=task,
            stratum_id=task,
            rank=rank,
            enterprise_id=enterprise,
            ticket=ticket_of(task, enterprise),
            drawn=f"{task}:{enterprise}" not in reserves,
        )
        for rank, (task, enterprise) in enumerate(row.split(":") for row in (*rows, *reserves) if ":" in row)
    ]
    people = [
        (f"{row.department_id}/{row.authority}/{row.unit}", row.inspector_id) for row in known.inspectors
    ]
    people += [(f"expert/{name}", row.expert_id) for row in known.experts for name in row.specialties]
    return DrawResult(
        seed_commitment="c" * 64,
        enterprises=tuple(enterprises),
        cutoffs=(),
        people=tuple(
            DrawnPerson(
                pool_id=pool,
                rank=rank,
                person_id=name,
                ticket=ticket_of(pool, name),
                drawn=name not in reserves,
            )
            for rank, (pool, name) in enumerate(sorted(people), start=1)
        ),
    )
