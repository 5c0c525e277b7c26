"""Departments, inspectors, experts, leave and recusals of an invented place.

In: a size, a layout, a seed. Out: domain rows. May import: the domain and this package.
Shares (qualification 60 %, leave 6 %, certificates running out 5 % ...): ``docs/reference/instances.md``.
"""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from instances.chance import happens, pick, sample, stream
from instances.fields import Line, body_name, lines
from instances.places import Layout, micro_degrees_of, office, scatter
from instances.sizes import ALL_FIELDS, Size
from instances.words import GIVEN, SURNAMES
from scheduler.domain.registers import Department, Expert, Inspector, Leave, Recusal

FULLY_QUALIFIED = 4
"""So many officers of each department hold every qualification, so that no seat is empty by construction."""

SMALL = 100
"""Up to so many officers a department has hardly more than a team: no second certificate runs out, no two
officers are barred from working together."""

RELATIONS = ("近亲属", "利害关系", "曾任职")


def departments(size: Size, place: Layout, seed: int) -> list[Department]:
    """Municipal bodies first, then every field in every district, in the order of the size."""
    rng = stream(seed, size.name, "departments")
    rows = [
        _department(size.division, size.place, None, lines()[prefix], office(place, None, rng))
        for prefix in ALL_FIELDS[: size.municipal]
    ]
    for index, (division, name) in enumerate(size.districts):
        rows += [
            _department(division, name, division, lines()[prefix], office(place, index, rng))
            for prefix in size.fields
        ]
    return rows


def _department(
    division: str, place_name: str, district: str | None, line: Line, point: tuple[int, int]
) -> Department:
    lon, lat = micro_degrees_of(*point)
    name = body_name(place_name, line)
    return Department(
        department_id=f"{division}{line.prefix}",
        name=name,
        field=line.field,
        level="municipal" if district is None else "district",
        authority=name,
        unit=place_name,
        districts=() if district is None else (district,),
        lon_udeg=lon,
        lat_udeg=lat,
    )


def head_counts(n_officers: int, n_departments: int, rng: np.random.Generator) -> list[int]:
    """Officers per department: everybody gets a base, the rest falls at random; the sum is exact."""
    base = n_officers // n_departments
    if base > FULLY_QUALIFIED:
        base = min(base, max(6, base // 3))
    rest = n_officers - base * n_departments
    extra = np.bincount(rng.integers(0, n_departments, rest), minlength=n_departments)
    return [base + int(count) for count in extra]


def person_name(rng: np.random.Generator) -> str:
    """A surname with one or two given characters."""
    given = pick(rng, GIVEN) + (pick(rng, GIVEN) if happens(rng, 0.8) else "")
    return pick(rng, SURNAMES) + given


def inspectors(size: Size, bodies: Sequence[Department], seed: int) -> list[Inspector]:
    """All officers, grouped by department; at least one certificate runs out inside the window."""
    rng = stream(seed, size.name, "inspectors")
    rows: list[Inspector] = []
    for body, count in zip(bodies, head_counts(size.n_officers, len(bodies), rng), strict=True):
        rows += [_inspector(size, body, place, len(rows) + place, rng) for place in range(count)]
    return rows


def _inspector(size: Size, body: Department, place: int, serial: int, rng: np.random.Generator) -> Inspector:
    line = lines()[body.department_id[-2:]]
    full = place < FULLY_QUALIFIED
    held = tuple(q for q in line.qualifications if full or happens(rng, 0.6))
    # A department of three can lose one certificate, not two.
    running_out = serial == 2 or (size.n_officers > SMALL and happens(rng, 0.05))
    window = (size.end - size.start).days
    days = int(rng.integers(3, window - 1)) if running_out else window + int(rng.integers(30, 1_400))
    scoped = not full and happens(rng, 0.03)
    return Inspector(
        inspector_id=f"{body.department_id}-{place + 1:03d}",
        name=person_name(rng),
        department_id=body.department_id,
        authority=body.authority,
        unit=body.unit,
        certificate_no=f"{size.division}{serial + 1:06d}",
        certificate_expires=size.start + dt.timedelta(days=days),
        qualifications=held,
        item_scopes=(f"{line.prefix}0001", f"{line.prefix}0002") if scoped else (),
        is_leader=full or happens(rng, 0.5),
        is_newcomer=not full and happens(rng, 0.06),
        max_visits_day=2 if not full and happens(rng, 0.02) else None,
    )


def experts(size: Size, place: Layout, seed: int) -> list[Expert]:
    """Experts in turn over the specialties of the fields there are, living anywhere in the place."""
    rng = stream(seed, size.name, "experts")
    specialties = [lines()[p].specialty for p in size.fields if lines()[p].specialty]
    homes = rng.integers(0, len(size.districts), size.n_experts)
    points, _ = scatter(place, homes, rng)
    rows = []
    for index, (x, y) in enumerate(points.tolist()):
        held = [specialties[index % len(specialties)]]
        if happens(rng, 0.15):
            held.append(pick(rng, specialties))
        lon, lat = micro_degrees_of(x, y)
        rows.append(
            Expert(
                expert_id=f"ZJ{index + 1:04d}",
                name=person_name(rng),
                specialties=tuple(sorted(set(held))),
                lon_udeg=lon,
                lat_udeg=lat,
            )
        )
    return rows


def leave(size: Size, officers: Sequence[Inspector], seed: int) -> list[Leave]:
    """Blocks of two to six calendar days; about 6 % of all days are away."""
    rng = stream(seed, size.name, "leave")
    window = (size.end - size.start).days
    rows: list[Leave] = []
    for officer in officers:
        for _ in range(int(rng.poisson(0.06 * window / 4))):
            start = size.start + dt.timedelta(days=int(rng.integers(0, window)))
            end = start + dt.timedelta(days=int(rng.integers(2, 7)))
            kind = pick(rng, ("年休假", "病假", "值班", "培训", "出差"))
            rows.append(Leave(person_id=officer.inspector_id, start=start, end=end, kind=kind))
    return rows


def recusals(
    size: Size, officers: Sequence[Inspector], firms: Sequence[tuple[str, str]], seed: int
) -> list[Recusal]:
    """Relations to enterprises of one's own district, and a few between officers of one department.

    ``firms`` are (id, division). At most one officer of a department is barred from one enterprise
    in a street, where a department has three.
    """
    rng = stream(seed, size.name, "recusals")
    by_division: dict[str, list[str]] = {}
    for ident, division in firms:
        by_division.setdefault(division, []).append(ident)
    everybody = [ident for ident, _ in firms]
    rows: list[Recusal] = []
    taken: set[tuple[str, str]] = set()
    for officer in officers:
        near = by_division.get(officer.department_id[:6], everybody)
        for firm in sample(rng, near, int(rng.poisson(0.8))):
            if (officer.department_id, firm) not in taken:
                taken.add((officer.department_id, firm))
                rows.append(_relation(size, officer, firm, rng))
    return rows + _spouses(size, officers, rng)


def _relation(size: Size, officer: Inspector, firm: str, rng: np.random.Generator) -> Recusal:
    # Most relations have no end; some are a former post's two years, some are only applied for.
    bounded = happens(rng, 0.2)
    start = size.start - dt.timedelta(days=int(rng.integers(30, 300)))
    return Recusal(
        inspector_id=officer.inspector_id,
        enterprise_id=firm,
        kind=pick(rng, RELATIONS),
        state="granted" if happens(rng, 0.8) else "applied" if happens(rng, 0.7) else "rejected",
        start=start if bounded else None,
        end=start + dt.timedelta(days=730) if bounded else None,
        evidence="回避申请表",
        decider="单位负责人",
    )


def _spouses(size: Size, officers: Sequence[Inspector], rng: np.random.Generator) -> list[Recusal]:
    rows = []
    for first, second in pairwise(officers):
        same = first.department_id == second.department_id
        if same and size.n_officers > SMALL and happens(rng, 0.01):
            rows.append(
                Recusal(
                    inspector_id=first.inspector_id,
                    other_inspector_id=second.inspector_id,
                    kind="近亲属",
                    evidence="个人事项报告",
                    decider="单位负责人",
                )
            )
    return rows
