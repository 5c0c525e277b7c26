"""Frame, exclusions, scopes, competence, orders and coordinates of docs/draw-spec.md (§4, §5, §7.1, §11),
written from the page alone by somebody who had not read scheduler/draw.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from draw.oracle_text import parts, read_table

Row = Mapping[str, str]
TABLES = [
    "departments",
    "enterprises",
    "inspectors",
    "experts",
    "items",
    "tasks",
    "recusals",
    "leave",
    "history",
    "calendar",
    "quiet",
    "orders",
]
FRAME_COLUMNS = ("enterprise_id", "authority", "unit", "district", "industry", "risk_class", "tags")
EXCLUDED_COLUMNS = ("role", "subject_id", "task_id", "reason", "detail")


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """The sealed intake: the settings as JSON gives them, and each table's rows as text by heading."""

    settings: Mapping[str, Any]
    tables: Mapping[str, list[dict[str, str]]]

    @cached_property
    def window(self) -> tuple[date, date]:
        """`[settings.start, settings.end)`."""
        return date.fromisoformat(self.settings["start"]), date.fromisoformat(self.settings["end"])

    @cached_property
    def working(self) -> frozenset[date]:
        """The days that intake/calendar.csv calls working."""
        rows = self.tables["calendar"]
        return frozenset(date.fromisoformat(r["day"]) for r in rows if r["is_working"] == "1")

    @cached_property
    def departments(self) -> dict[str, Row]:
        """The register of departments by id."""
        return {r["department_id"]: r for r in self.tables["departments"]}

    @cached_property
    def sending(self) -> dict[str, frozenset[str]]:
        """§8, neighbours: by department all that work for it, itself among them."""
        helps = self.settings["teams"]["neighbours_help"]
        pairs = {(r["department_id"], r["helper_id"]) for r in self.tables["neighbours"] if helps}
        return {d: frozenset({d} | {h for own, h in pairs if own == d}) for d in self.departments}

    @cached_property
    def items(self) -> dict[str, Row]:
        """The list of items by code."""
        return {r["item_code"]: r for r in self.tables["items"]}

    @cached_property
    def enterprises(self) -> dict[str, Row]:
        """The register of enterprises by id, of any status."""
        return {r["enterprise_id"]: r for r in self.tables["enterprises"]}

    @cached_property
    def frame(self) -> list[Row]:
        """§4: the rows of plan/frame.csv, sorted by id."""
        active = [r for r in self.tables["enterprises"] if r["status"] == "active"]
        return [{c: r[c] for c in FRAME_COLUMNS} for r in sorted(active, key=lambda r: r["enterprise_id"])]

    @cached_property
    def visits_before(self) -> dict[str, list[Row]]:
        """The history by enterprise."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.tables["history"]:
            found[row["enterprise_id"]].append(row)
        return found

    @cached_property
    def authorities(self) -> dict[str, str]:
        """§4: the authority of an inspector's department, by inspector; those without one are not in it."""
        return {
            r["inspector_id"]: self.departments[r["department_id"]]["authority"]
            for r in self.tables["inspectors"]
            if r["department_id"] in self.departments
        }


def read_campaign(files: Mapping[str, str]) -> Campaign:
    """The sealed intake from the texts of its files by their path in the run folder."""
    tables = {name: read_table(files[f"intake/{name}.csv"]) for name in TABLES}
    neighbours = files.get("intake/neighbours.csv")
    tables["neighbours"] = read_table(neighbours) if neighbours else []
    return Campaign(settings=json.loads(files["intake/settings.json"]), tables=tables)


def window_of(row: Row) -> tuple[date, date]:
    """`[start, end)` of a row; an empty end is open."""
    start = date.fromisoformat(row["start"]) if row["start"] else date.min
    return start, date.fromisoformat(row["end"]) if row["end"] else date.max


def days_in(days: Iterable[date], window: tuple[date, date]) -> list[date]:
    """The days in a half-open window."""
    return [day for day in days if window[0] <= day < window[1]]


def meet(one: tuple[date, date], other: tuple[date, date]) -> bool:
    """Whether two half-open windows have a day in common."""
    return max(one[0], other[0]) < min(one[1], other[1])


def item_codes(row: Row) -> list[str]:
    """§5: the items that a task or an order names, each once, in order."""
    return list(dict.fromkeys(parts(row["item_codes"])))


def covers(department: Row, district: str) -> bool:
    """§5: a department covers a district if its districts are empty or contain it."""
    return not department["districts"] or district in parts(department["districts"])


def fits(wanted: Row, enterprise: Row) -> bool:
    """§5: the industries and tags of a task or an item against an enterprise's."""
    industries, tags = parts(wanted["industries"]), parts(wanted["tags"])
    return (not industries or enterprise["industry"].startswith(industries)) and (
        not tags or bool(set(tags) & set(parts(enterprise["tags"])))
    )


def in_scope(campaign: Campaign, task: Row, enterprise: Row) -> bool:
    """§5: whether an enterprise is in the scope of a task."""
    if not fits(task, enterprise):
        return False
    if task["districts"] and enterprise["district"] not in parts(task["districts"]):
        return False
    if task["mode"] == "municipal_to_district":
        return True
    return covers(campaign.departments[task["lead_id"]], enterprise["district"])


def applying(campaign: Campaign, task: Row, enterprise: Row) -> list[str]:
    """§5: the codes of the task's items that apply at the enterprise."""
    return [code for code in item_codes(task) if fits(campaign.items[code], enterprise)]


def competent(campaign: Campaign, task: Row, code: str, district: str) -> str:
    """§5: the id of the competent department of an item, empty where there is none that may come."""
    field = campaign.items[code]["field"]
    if task["mode"] == "municipal_to_district":
        among = [d for d in campaign.departments.values() if d["level"] == "district" and covers(d, district)]
    else:
        named = {task["lead_id"], *parts(task["cooperating_ids"])}
        among = [campaign.departments[d] for d in sorted(named)]
    able = [d for d in among if d["field"] == field]
    if len(able) != 1 or not covers(able[0], district):
        return ""
    return able[0]["department_id"]


def inspections(campaign: Campaign, enterprise_id: str, authority: str, year: int) -> int:
    """§4, cap: the different days of a year on which the history has rows of an authority."""
    rows = campaign.visits_before.get(enterprise_id, [])
    days = {r["day"] for r in rows if campaign.authorities.get(r["inspector_id"]) == authority}
    return sum(date.fromisoformat(day).year == year for day in days)


def capped(campaign: Campaign, task: Row, enterprise: Row, codes: Iterable[str]) -> str | None:
    """§4, cap: the smallest authority that has reached the annual cap, or None."""
    cap = campaign.settings["exclusions"]["annual_cap"]
    year = window_of(task)[0].year
    able = {competent(campaign, task, code, enterprise["district"]) for code in codes} - {""}
    names = sorted({campaign.departments[d]["authority"] for d in able}) if cap > 0 else []
    for name in names:
        if inspections(campaign, enterprise["enterprise_id"], name, year) >= cap:
            return name
    return None


def cooling(campaign: Campaign, task: Row, enterprise: Row, codes: Iterable[str]) -> str | None:
    """§4, cool-off: the earliest of the items' latest days, where it is not before start less d days."""
    n_days = campaign.settings["exclusions"]["cool_off_days"]
    if n_days <= 0:
        return None
    rows = campaign.visits_before.get(enterprise["enterprise_id"], [])
    latest = [max((r["day"] for r in rows if code in parts(r["items"])), default="") for code in codes]
    if not all(latest):
        return None
    first = min(latest)
    return first if date.fromisoformat(first) >= window_of(task)[0] - timedelta(days=n_days) else None


def quiet(campaign: Campaign, task: Row, enterprise: Row, codes: Iterable[str]) -> bool:
    """§4, quiet: on site, and quiet on every working day of the task's window."""
    if all(campaign.items[code]["method"] != "onsite" for code in codes):
        return False
    spans = [
        window_of(r)
        for r in campaign.tables["quiet"]
        if r["enterprise_id"] == enterprise["enterprise_id"] and r["district"] in {"", enterprise["district"]}
    ]
    days = days_in(campaign.working, window_of(task))
    return bool(days) and all(any(a <= day < b for a, b in spans) for day in days)


def left_out(campaign: Campaign, task: Row, enterprise: Row) -> tuple[str, str] | None:
    """§4: reason and detail for which an enterprise in a task's scope is excluded from it, or None."""
    codes = applying(campaign, task, enterprise)
    if not codes:
        return "excluded.no_item", ""
    authority = capped(campaign, task, enterprise, codes)
    if authority is not None:
        return "excluded.cap", authority
    day = cooling(campaign, task, enterprise, codes)
    if day is not None:
        return "excluded.cool_off", day
    return ("excluded.quiet", "") if quiet(campaign, task, enterprise, codes) else None


def task_frame(campaign: Campaign, task: Row) -> list[Row]:
    """§5: the rows of the frame in the task's scope, less the excluded, by id."""
    return [e for e in campaign.frame if in_scope(campaign, task, e) and left_out(campaign, task, e) is None]


def available(campaign: Campaign, person_id: str, expires: str = "") -> frozenset[date]:
    """§8: the available days of a person; `expires` is an inspector's certificate_expires."""
    leave = [window_of(r) for r in campaign.tables["leave"] if r["person_id"] == person_id]
    return frozenset(
        day
        for day in days_in(campaign.working, campaign.window)
        if not any(a <= day < b for a, b in leave) and not (expires and day > date.fromisoformat(expires))
    )


def inspector_out(campaign: Campaign, inspector: Row) -> tuple[str, str] | None:
    """§4: the first reason that holds of an inspector of a department in the register, or None."""
    expires = inspector["certificate_expires"]
    department = campaign.departments[inspector["department_id"]]
    if date.fromisoformat(expires) < campaign.window[0]:
        return "excluded.certificate", expires
    if any(inspector[c] != department[c] for c in ("authority", "unit")):
        return "excluded.jurisdiction", department["department_id"]
    if not available(campaign, inspector["inspector_id"], expires):
        return "excluded.absent", ""
    return None


def officers(campaign: Campaign) -> list[Row]:
    """§8: the inspectors of a department in the register who are not excluded."""
    return [
        r
        for r in campaign.tables["inspectors"]
        if r["department_id"] in campaign.departments and inspector_out(campaign, r) is None
    ]


def experts(campaign: Campaign) -> list[Row]:
    """§8: the experts who are not excluded."""
    return [r for r in campaign.tables["experts"] if available(campaign, r["expert_id"])]


def excluded(campaign: Campaign) -> list[dict[str, str]]:
    """§4: the rows of plan/excluded.csv."""
    found = [
        ("enterprise", r["enterprise_id"], "", "excluded.status", r["status"])
        for r in campaign.tables["enterprises"]
        if r["status"] != "active"
    ]
    for task in campaign.tables["tasks"]:
        for row in campaign.frame:
            why = left_out(campaign, task, row) if in_scope(campaign, task, row) else None
            found += [("enterprise", row["enterprise_id"], task["task_id"], *why)] if why else []
    for row in campaign.tables["inspectors"]:
        why = inspector_out(campaign, row) if row["department_id"] in campaign.departments else None
        found += [("inspector", row["inspector_id"], "", *why)] if why else []
    for row in campaign.tables["experts"]:
        if not available(campaign, row["expert_id"]):
            found.append(("expert", row["expert_id"], "", "excluded.absent", ""))
    return [dict(zip(EXCLUDED_COLUMNS, row, strict=True)) for row in sorted(found)]


def lower_median(numbers: Iterable[int]) -> int:
    """§11: of m integers the one at position floor((m - 1) / 2) in ascending order."""
    ordered = sorted(numbers)
    return ordered[(len(ordered) - 1) // 2]


def centres(campaign: Campaign) -> list[dict[str, object]]:
    """§11: the medians of each district, and with district empty those of the campaign."""
    places: dict[str, list[Row]] = defaultdict(list)
    for row in campaign.frame:
        place = campaign.enterprises[row["enterprise_id"]]
        if place["lon_udeg"] and place["lat_udeg"]:
            places[""].append(place)
            places[row["district"]].append(place)
    return [
        {"district": d, **{c: lower_median(int(r[c]) for r in places[d]) for c in ("lon_udeg", "lat_udeg")}}
        for d in sorted(places)
    ]


def cosine_ppm(campaign: Campaign) -> int:
    """§11: floor(10^6 cos(median latitude) + 1/2); 1000000 where there are no coordinates."""
    found = centres(campaign)
    if not found:
        return 1_000_000
    return math.floor(1_000_000 * math.cos(math.radians(int(str(found[0]["lat_udeg"])) / 1_000_000)) + 0.5)
