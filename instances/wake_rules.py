"""How public Wake County records become a campaign: every rule, in one place.

In: establishments and inspections. Out: risk classes, departments, qualifications, recusals. May import:
the domain and this package. The rules in words: ``docs/reference/instances.md``.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from instances.wake_source import INSPECTIONS, Establishment, Visited
from scheduler.domain.registers import Recusal, RiskClass

START, END = dt.date(2022, 2, 7), dt.date(2022, 3, 8)
"""Twenty working days after the last record (2022-01-31), with Washington's Birthday in between."""

FEDERAL_HOLIDAYS = {
    dt.date(2022, 1, 17): "Birthday of Martin Luther King, Jr.",
    dt.date(2022, 2, 21): "Washington's Birthday",
    dt.date(2022, 5, 30): "Memorial Day",
}
"""Legal public holidays of the United States around the window, 5 U.S.C. § 6103(a)."""

QUOTA = "A:7%;B:11%;C:17%;D:28%"
"""A tenth of all establishments, the higher risk the oftener."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A department: the facility types it inspects, with the minutes of one inspection (assumed)."""

    department_id: str
    field: str
    kinds: Mapping[str, int]


GROUPS: tuple[Group, ...] = (
    Group(
        department_id="WR",
        field="Restaurants",
        kinds={"Restaurant": 80},
    ),
    Group(
        department_id="WS",
        field="Stands and markets",
        kinds={
            "Food Stand": 50,
            "Limited Food Service": 50,
            "Meat Market": 60,
            "Mobile Food Units": 40,
            "Pushcarts": 30,
        },
    ),
    Group(
        department_id="WI",
        field="Institutions",
        kinds={
            "Public School Lunchrooms": 60,
            "Private School Lunchrooms": 60,
            "Institutional Food Service": 70,
            "Elderly Nutrition Sites (catered)": 40,
        },
    ),
)
SAME_SKILL = {"Limited Food Service": "Food Stand"}
"""There is one limited food service, seen by one inspector: whoever knows stands may inspect it (assumed)."""

GROUP_OF = {kind: group.department_id for group in GROUPS for kind in group.kinds}

RECENT = 3
A_TENTHS, B_TENTHS, C_TENTHS = 970, 950, 930
"""Mean of the last three scores from which on an establishment is A, B, C; below it is D."""

ENOUGH_RECORDS = 20
FAMILIAR = 6


def mended(hsisid: str, known: frozenset[str]) -> str:
    """The identifier with its lost leading zero, where exactly that is in the register; else unchanged."""
    padded = f"0{hsisid}"
    return padded if hsisid not in known and padded in known else hsisid


def risk_classes(
    places: Iterable[Establishment], records: Mapping[str, Sequence[Visited]]
) -> dict[str, RiskClass]:
    """A to D by the mean of the last three scores; D after a re-inspection within a year; C if never seen."""
    return {place.hsisid: _risk(records.get(place.hsisid, ())) for place in places}


def _risk(records: Sequence[Visited]) -> RiskClass:
    if not records:
        return "C"
    year_before = START - dt.timedelta(days=365)
    recent = [record.score_tenths for record in records[-RECENT:]]
    if sum(recent) < C_TENTHS * len(recent) or any(r.again and r.day >= year_before for r in records):
        return "D"
    if sum(recent) < B_TENTHS * len(recent):
        return "C"
    return "B" if sum(recent) < A_TENTHS * len(recent) else "A"


def by_establishment(records: Iterable[Visited], known: frozenset[str]) -> dict[str, list[Visited]]:
    """Each known establishment's inspections, oldest first, every one once though both files have it."""
    seen: dict[tuple[str, dt.date, str], Visited] = {}
    for record in records:
        ident = mended(record.hsisid, known)
        if ident in known:
            seen.setdefault((ident, record.day, record.inspector), record)
    found: dict[str, list[Visited]] = {}
    for ident, day, inspector in sorted(seen):
        found.setdefault(ident, []).append(seen[ident, day, inspector])
    return found


def inspectors_of(records: Iterable[Visited]) -> list[str]:
    """The 61 inspectors of the six years' file; who appears in the later sample only is not among them."""
    return sorted({record.inspector for record in records if record.source == INSPECTIONS})


def kinds_inspected(
    records: Mapping[str, Sequence[Visited]], kind_of: Mapping[str, str]
) -> dict[str, Counter[str]]:
    """How often each inspector inspected each facility type."""
    found: dict[str, Counter[str]] = {}
    for ident, rows in records.items():
        for record in rows:
            found.setdefault(record.inspector, Counter())[kind_of[ident]] += 1
    return found


def departments_of(inspectors: Sequence[str], kinds: Mapping[str, Counter[str]]) -> dict[str, str]:
    """The department whose share of the inspector's work is largest against its share of all work.

    Restaurants are two thirds of everybody's work, so plain counts would leave the others without staff.
    With fewer than 20 records the plain count decides; with none, restaurants.
    """
    overall: Counter[str] = Counter()
    own = {name: _by_group(kinds.get(name, Counter())) for name in inspectors}
    for name in sorted(own):
        overall.update(own[name])
    chosen = {}
    for name, counts in own.items():
        few = counts.total() < ENOUGH_RECORDS
        # counts/total over overall/all, compared by cross-multiplication: no float decides.
        ranked = sorted(
            GROUPS,
            key=lambda group: (
                -counts[group.department_id]
                * (1 if few else overall.total() ** 2 // max(1, overall[group.department_id])),
                group.department_id != "WR",
                group.department_id,
            ),
        )
        chosen[name] = ranked[0].department_id
    return chosen


def _by_group(kinds: Counter[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for kind, count in kinds.items():
        counts[GROUP_OF[kind]] += count
    return counts


def recusals_of(records: Mapping[str, Sequence[Visited]], inspectors: Sequence[str]) -> list[Recusal]:
    """轮换: who inspected an establishment last. 回避: who did so six times or more in the six years."""
    known = frozenset(inspectors)
    rows = []
    for ident in sorted(records):
        last = records[ident][-1]
        counts = Counter(record.inspector for record in records[ident])
        for name in sorted(counts):
            if name not in known or (name != last.inspector and counts[name] < FAMILIAR):
                continue
            is_last = name == last.inspector
            rows.append(
                Recusal(
                    inspector_id=name,
                    enterprise_id=ident,
                    kind="轮换" if is_last else "多次检查",
                    evidence=f"last {last.day.isoformat()}" if is_last else f"{counts[name]} inspections",
                    decider="rule",
                )
            )
    return rows
