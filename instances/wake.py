"""Makes a campaign out of the public Wake County files: real places, real inspectors, real past pairs.

In: the folder of the files, an empty folder. Out: tables with Chinese headings, campaign.toml, the
rehearsal's ceremony, defects.json. May import: the domain and this package. What the county's files have
wrong goes through for intake to report; the one thing mended, and its count, stand in defects.json.
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low
from typing import Any

from instances import wake_rules as rules
from instances.campaign import CAMPAIGN, CEREMONY, campaign_toml, ceremony_text, empty_folder
from instances.tables import NAMES, cells_of, fields_of, write_lines
from instances.wake_source import (
    INSPECTIONS,
    RESTAURANTS,
    SAMPLE,
    TIMEZONE,
    Establishment,
    Visited,
    read_establishments,
    read_inspections,
)
from scheduler.domain.errors import InputError, Problem
from scheduler.domain.ports import Progress
from scheduler.domain.registers import CalendarDay, Department, Inspector, Item, RiskClass, Task

AUTHORITY = "Wake County Environmental Services"
UNIT = "Wake County"
DISTRICT = "37183"
"""FIPS code of Wake County, North Carolina."""

DEFECTS = "defects.json"
VALID_UNTIL = dt.date(2023, 12, 31)
"""The files have no certificates; all are taken as valid through the next year (assumed)."""

BASIS = "15A NCAC 18A .2600"
SPEED_KMH = 50
"""Assumed for county roads; the default of 25 km/h is a Chinese town's."""

POOLS = "60%"


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What was read, and what the rules made of it."""

    places: Sequence[Establishment]
    rows: Sequence[Visited]
    known: frozenset[str]
    records: Mapping[str, Sequence[Visited]]
    inspectors: Sequence[str]
    kinds: Mapping[str, Counter[str]]
    risks: Mapping[str, RiskClass]


def write_wake(data: Path, out: Path, *, progress: Progress | None = None) -> Path:
    """Write the Wake County campaign into the empty or new folder ``out``; returns its campaign.toml.

    Errors for the files in ``data``: ``instance.source_missing``, ``instance.source_unreadable``,
    ``instance.source_column``, ``instance.source_value`` (all unknown facility types at once); and
    ``instance.out_used`` where ``out`` holds files. ``progress`` is told what is wrong in the files.
    """
    facts = _facts(data)
    empty_folder(out)
    bodies = _departments(facts)
    tables: dict[str, Iterator[Sequence[str]]] = {
        "departments": _cells("departments", bodies),
        "enterprises": _enterprises(facts),
        "inspectors": _cells("inspectors", _inspectors(facts)),
        "items": _cells("items", _items()),
        "tasks": _cells("tasks", _tasks()),
        "recusals": _cells("recusals", rules.recusals_of(facts.records, facts.inspectors)),
        "history": _history(facts),
        "calendar": _cells("calendar", _calendar()),
    }
    files = {}
    for table, lines in tables.items():
        files[table] = f"{NAMES[table]}.csv"
        write_lines(out / files[table], table, lines, "utf-8")
    (out / CEREMONY).write_text(ceremony_text("wake", 1), encoding="utf-8", newline="")
    found = defects(facts)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (out / DEFECTS).write_text(text + "\n", encoding="utf-8", newline="\n")
    (out / CAMPAIGN).write_text(_settings(files), encoding="utf-8", newline="\n")
    if progress is not None:
        _tell(found, out / DEFECTS, progress)
    return out / CAMPAIGN


def _tell(found: Mapping[str, Mapping[str, Any]], file: Path, progress: Progress) -> None:
    progress(
        "instance.wake_defects",
        mended=found["lost_leading_zero"]["mended"],
        orphans=sum(found["orphan_inspections"]["rows"].values()),
        unknown=found["unknown_inspectors"]["rows"],
        repeated=found["repeated_inspections"]["rows"],
        zeros=found["zero_coordinates"]["rows"],
        file=str(file),
    )


def _facts(data: Path) -> _Facts:
    places, rows = read_establishments(data), read_inspections(data)
    _refuse_unknown_kinds(places)
    known = frozenset(place.hsisid for place in places)
    records = rules.by_establishment(rows, known)
    return _Facts(
        places=places,
        rows=rows,
        known=known,
        records=records,
        inspectors=rules.inspectors_of(rows),
        kinds=rules.kinds_inspected(records, {place.hsisid: place.kind for place in places}),
        risks=rules.risk_classes(places, records),
    )


def _refuse_unknown_kinds(places: Sequence[Establishment]) -> None:
    unknown = {
        place.kind: row for row, place in enumerate(places, start=2) if place.kind not in rules.GROUP_OF
    }
    problems = [
        Problem(
            code="instance.source_value",
            params={"column": "FACILITYTYPE", "value": kind},
            place={"file": RESTAURANTS, "row": row},
        )
        for kind, row in sorted(unknown.items())
    ]
    if problems:
        raise InputError(problems)


def _cells(table: str, rows: Sequence[object]) -> Iterator[Sequence[str]]:
    return (cells_of(table, row) for row in rows)


def _departments(facts: _Facts) -> list[Department]:
    return [_department(group, facts.places) for group in rules.GROUPS]


def _department(group: rules.Group, places: Sequence[Establishment]) -> Department:
    """Its office is taken to stand at the median of its establishments: the files name none (assumed)."""
    own = [place for place in places if place.kind in group.kinds]
    points = [place.point for place in own if place.point]
    return Department(
        department_id=group.department_id,
        name=f"{AUTHORITY}, {group.field}",
        field=group.field,
        level="district",
        authority=AUTHORITY,
        unit=UNIT,
        districts=(DISTRICT,),
        lon_udeg=median_low(lon for lon, _ in points) if points else None,
        lat_udeg=median_low(lat for _, lat in points) if points else None,
    )


def _enterprises(facts: _Facts) -> Iterator[Sequence[str]]:
    """The register's lines; coordinates and names are the file's own text."""
    for place in facts.places:
        records = facts.records.get(place.hsisid, ())
        cells = {
            "enterprise_id": place.hsisid,
            "id_kind": "其他",
            "name": place.name,
            "address": place.address,
            "authority": AUTHORITY,
            "unit": UNIT,
            "district": DISTRICT,
            "status": "存续",
            "risk_class": facts.risks[place.hsisid],
            "tags": place.kind,
            "lon_udeg": place.lon,
            "lat_udeg": place.lat,
            "last_inspected": records[-1].day.isoformat() if records else "",
        }
        yield [cells.get(name, "") for name in fields_of("enterprises")]


def _inspectors(facts: _Facts) -> list[Inspector]:
    department = rules.departments_of(facts.inspectors, facts.kinds)
    return [
        Inspector(
            inspector_id=name,
            name=name,
            department_id=department[name],
            authority=AUTHORITY,
            unit=UNIT,
            certificate_no=name,
            certificate_expires=VALID_UNTIL,
            qualifications=tuple(sorted(facts.kinds.get(name, Counter()))),
        )
        for name in facts.inspectors
    ]


def _items() -> list[Item]:
    return [
        Item(
            item_code=f"{group.department_id}{number:02d}",
            name=f"{kind} inspection",
            field=group.field,
            basis=BASIS,
            qualification=rules.SAME_SKILL.get(kind, kind),
            duration_min=minutes,
            tags=(kind,),
        )
        for group in rules.GROUPS
        for number, (kind, minutes) in enumerate(group.kinds.items(), start=1)
    ]


def _tasks() -> list[Task]:
    return [
        Task(
            task_id=f"T-{group.department_id}",
            name=f"{group.field} 2022",
            lead_id=group.department_id,
            item_codes=tuple(item.item_code for item in _items() if item.field == group.field),
            tags=tuple(group.kinds),
            quota=rules.QUOTA,
            start=rules.START,
            end=rules.END,
        )
        for group in rules.GROUPS
    ]


def _history(facts: _Facts) -> Iterator[Sequence[str]]:
    """Every line of both files; orphans and unknown inspectors stay, for intake to name them."""
    for row in facts.rows:
        yield [rules.mended(row.hsisid, facts.known), row.inspector, row.day.isoformat(), ""]


def _calendar() -> list[CalendarDay]:
    days = (rules.START + dt.timedelta(days=n) for n in range((rules.END - rules.START).days))
    return [
        CalendarDay(
            day=day,
            is_working=day.weekday() < 5 and day not in rules.FEDERAL_HOLIDAYS,
            source=rules.FEDERAL_HOLIDAYS.get(day, "5 U.S.C. 6103"),
        )
        for day in days
    ]


def defects(facts: _Facts) -> dict[str, dict[str, Any]]:
    """What is wrong in the county's files, counted; ``mended`` is all that was changed."""
    by_file = {name: [row for row in facts.rows if row.source == name] for name in (INSPECTIONS, SAMPLE)}
    orphans = {
        name: [row for row in rows if rules.mended(row.hsisid, facts.known) not in facts.known]
        for name, rows in by_file.items()
    }
    staff = frozenset(facts.inspectors)
    lost = [row for row in facts.rows if row.hsisid not in facts.known]
    good = [row for row in facts.rows if rules.mended(row.hsisid, facts.known) in facts.known]
    accepted = [row for row in good if row.inspector in staff]
    keys = {(rules.mended(row.hsisid, facts.known), row.inspector, row.day) for row in accepted}
    return {
        "lost_leading_zero": {
            "rule": "a 10-digit HSISID becomes 0 + itself where that stands in restaurants.csv",
            "mended": sum(1 for row in lost if rules.mended(row.hsisid, facts.known) in facts.known),
        },
        "orphan_inspections": {
            "rule": "left as they are; intake rejects them",
            "rows": {name: len(rows) for name, rows in orphans.items()},
            "establishments": len({row.hsisid.lstrip("0") for rows in orphans.values() for row in rows}),
        },
        "unknown_inspectors": {
            "rule": "in the sample only; left as they are; intake rejects their rows",
            "rows": len(good) - len(accepted),
        },
        "repeated_inspections": {
            "rule": "in both files; left as they are; intake folds them",
            "rows": len(accepted) - len(keys),
        },
        "zero_coordinates": {
            "rule": "left as they are; intake sets them aside",
            "rows": sum(1 for place in facts.places if place.point is None),
        },
        "never_inspected": {"rule": "risk class C", "rows": len(facts.places) - len(facts.records)},
    }


def _settings(files: Mapping[str, str]) -> str:
    flat = {
        "campaign_id": "wake-2022-02",
        "name": "Wake County food establishments 2022-02",
        "authority": AUTHORITY,
        "slot": "2022-01",
        "rehearsal": True,
        "timezone": TIMEZONE,
        "calendar": "file",
        "start": rules.START,
        "end": rules.END,
    }
    tables: dict[str, dict[str, object]] = {
        "travel": {"speed_kmh": SPEED_KMH},
        "pools": {"inspectors": POOLS},
    }
    return campaign_toml(flat, tables, files)
