"""The draw a second time, written from docs/draw-spec.md alone by somebody who had not read scheduler/draw.

`plan_of` and `draw_of` take the texts of the files that a run folder holds and compute what the page
defines; the rules themselves stand, each with its section, in draw.oracle_text, draw.oracle_frame,
draw.oracle_quota, draw.oracle_people, draw.oracle_seed and draw.oracle_beacon. What is refused raises
RefusedError with all reasons found.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations
from typing import Any

from draw import oracle_people, oracle_quota, oracle_seed
from draw.oracle_frame import (
    EXCLUDED_COLUMNS,
    FRAME_COLUMNS,
    Campaign,
    Row,
    applying,
    centres,
    competent,
    cosine_ppm,
    covers,
    days_in,
    excluded,
    item_codes,
    meet,
    read_campaign,
    task_frame,
    window_of,
)
from draw.oracle_people import Pool, Workload
from draw.oracle_text import (
    PROFILES,
    RefusedError,
    hash_text,
    is_ascii_id,
    is_name,
    parts,
    table_text,
)

IDS = {
    "departments": "department_id",
    "enterprises": "enterprise_id",
    "inspectors": "inspector_id",
    "experts": "expert_id",
    "items": "item_code",
    "tasks": "task_id",
    "orders": "order_id",
}
DRAWN_COLUMNS = ("task_id", "stratum_id", "rank", "enterprise_id", "ticket", "drawn")
CUTOFF_COLUMNS = ("stratum_id", "size", "quota", "cutoff")
PEOPLE_COLUMNS = ("pool_id", "rank", "person_id", "ticket", "drawn")
ORDER_COLUMNS = ("order_id", "enterprise_id", "ticket")


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """§6: an entry of `plan.strata`, and its rows of the frame."""

    entry: Mapping[str, Any]
    enterprise_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that the page defines of a plan, before any seed."""

    campaign: Campaign
    strata: tuple[Stratum, ...]
    pools: tuple[Pool, ...]
    load: Workload

    def tables(self) -> dict[str, str]:
        """§4, §10: the texts of plan/frame.csv and plan/excluded.csv."""
        return {
            "plan/frame.csv": table_text(FRAME_COLUMNS, self.campaign.frame),
            "plan/excluded.csv": table_text(EXCLUDED_COLUMNS, excluded(self.campaign)),
        }

    def entries(self, frame_key: str) -> dict[str, Any]:
        """The fields of plan/plan.json that the page defines, but digests and the secret's commitment."""
        settings = self.campaign.settings
        leaves = [
            oracle_seed.leaf([r[c] for c in FRAME_COLUMNS], frame_key, settings["profile"])
            for r in self.campaign.frame
        ]
        return {
            "settings": settings,
            "strata": [s.entry for s in self.strata],
            "pools": [p.entry() for p in self.pools],
            "centres": centres(self.campaign),
            "cosine_ppm": cosine_ppm(self.campaign),
            "frame_size": len(leaves),
            "frame_root": oracle_seed.tree_root(leaves, settings["profile"]).hex(),
        }


def id_faults(campaign: Campaign) -> list[str]:
    """§1: ids and names, and that none stands twice."""
    tables = campaign.tables
    ids = {name: [r[column] for r in tables[name]] for name, column in IDS.items()}
    faults = [
        f"§1 {name}: {i} twice" for name, found in ids.items() for i, n in Counter(found).items() if n > 1
    ]
    for name, found in ids.items():
        lawful = is_ascii_id if name in {"enterprises", "inspectors", "experts"} else is_name
        faults += [f"§1 {name}: id {i!r}" for i in found if not lawful(i)]
    groups = {r["fixed_group"] for r in tables["inspectors"] if oracle_people.is_group_counted(campaign, r)}
    people = {*ids["inspectors"], *ids["experts"]}
    faults += [f"§1 fixed group {g!r}" for g in sorted(groups) if not is_ascii_id(g) or g in people]
    if set(ids["inspectors"]) & set(ids["experts"]):
        faults.append("§1 an expert with the id of an inspector")
    return faults + name_faults(tables, shared=campaign.settings["coordination"] == "shared")


def name_faults(tables: Mapping[str, Iterable[Row]], *, shared: bool) -> list[str]:
    """§1: groups of tasks, districts of enterprises, what items ask for, departments' homes."""
    columns = {
        "tasks": ("group",) if shared else (),
        "enterprises": ("district",),
        "departments": ("authority", "unit"),
        "items": ("qualification", "expert"),
    }
    names = {r[c] for name, found in columns.items() for r in tables[name] for c in found}
    return [f"§1 name {n!r}" for n in sorted(names) if n and not is_name(n)]


def setting_faults(settings: Mapping[str, Any]) -> list[str]:
    """§1, §2, §12, §16: what the settings alone are refused for."""
    slot, head = settings["slot"], settings["previous_head"]
    checks = {
        "§16 profile": settings["profile"] in PROFILES,
        "§1 campaign id": is_ascii_id(settings["campaign_id"]),
        "§12 slot": bool(re.fullmatch(r"[^\s|]{1,64}", slot))
        and slot.isprintable()
        and bool(set(slot) & set("0123456789")),
        "§12 previous head": bool(re.fullmatch("[0-9a-f]{64}", head)),
        "§2 attempt without a previous head": settings["attempt"] == 1 or head != "0" * 64,
        "§2 attempt": settings["attempt"] >= 1,
        "§12 teams.officers": settings["teams"]["officers"] >= 2,
        "§12 pairs.cap_permille": 0 <= settings["pairs"]["cap_permille"] <= 1000,
        "§12 pairs.spare": settings["pairs"]["spare"] >= 1,
        "§12 pools.k_max": settings["pools"]["k_max"] >= 0,
        "§12 quotas.reserves_listed": settings["quotas"]["reserves_listed"] >= 0,
    }
    return [name for name, holds in checks.items() if not holds] + oracle_seed.entropy_faults(settings)


def pool_setting_faults(campaign: Campaign) -> list[str]:
    """§8: ratios above 1, ratios or counts of nought."""
    faults: list[str] = []
    for name in ("inspectors", "experts", "leaders", "fixed_groups"):
        try:
            oracle_people.pool_amount(campaign, name)
        except RefusedError as error:
            faults += error.reasons
    return faults


def neighbour_faults(campaign: Campaign) -> list[str]:
    """§8: what the table of neighbours is refused for, where it counts."""
    rows = campaign.tables["neighbours"]
    if not campaign.settings["teams"]["neighbours_help"]:
        return []
    faults = [] if rows else ["§8 neighbours: no row"]
    for row in rows:
        one, other = (campaign.departments.get(row[c]) for c in ("department_id", "helper_id"))
        if one is None or other is None or one is other or one["field"] != other["field"]:
            faults.append(f"§8 neighbours: {row['department_id']} and {row['helper_id']}")
    return faults


def window_faults(campaign: Campaign, name: str, row: Row) -> list[str]:
    """§7.1, §12: a window that is empty, leaves the campaign's, or holds no working day."""
    start, end = window_of(row)
    inside = campaign.window[0] <= start < end <= campaign.window[1]
    return [] if inside and days_in(campaign.working, (start, end)) else [f"{name}: window"]


def task_faults(campaign: Campaign) -> list[str]:
    """§12: unknown departments and items, windows, groups whose windows do not overlap."""
    faults = []
    for task in campaign.tables["tasks"]:
        named = {task["lead_id"], *parts(task["cooperating_ids"])}
        faults += [
            f"§12 {task['task_id']}: department {d}" for d in sorted(named - set(campaign.departments))
        ]
        faults += [f"§12 {task['task_id']}: item {c}" for c in item_codes(task) if c not in campaign.items]
        faults += window_faults(campaign, f"§12 {task['task_id']}", task)
    if campaign.settings["coordination"] == "shared":
        for one, other in combinations(campaign.tables["tasks"], 2):
            if one["group"] and one["group"] == other["group"] and not meet(window_of(one), window_of(other)):
                faults.append(f"§12 group {one['group']}: windows that do not overlap")
    return faults


def order_faults(campaign: Campaign) -> list[str]:
    """§7.1: what orders are refused for."""
    tasks = {task["task_id"] for task in campaign.tables["tasks"]}
    faults = []
    for order in campaign.tables["orders"]:
        name = f"§7.1 {order['order_id']}"
        known = (
            order["enterprise_id"] in campaign.enterprises and order["department_id"] in campaign.departments
        )
        codes = item_codes(order)
        if not known or not codes or not set(codes) <= set(campaign.items):
            faults.append(f"{name}: unknown enterprise, department or item")
        elif not order_fits(campaign, order):
            faults.append(f"{name}: another field, or a district that is not covered")
        faults += window_faults(campaign, name, order)
        faults += [f"{name}: id of a task"] if order["order_id"] in tasks else []
        faults += (
            []
            if order["approver"].strip() and order["document"].strip()
            else [f"{name}: approver or document"]
        )
        faults += [] if is_approved_in_time(order) else [f"{name}: approved_at"]
    return faults


def order_fits(campaign: Campaign, order: Row) -> bool:
    """§7.1: the items' field is the department's, which covers the enterprise's district."""
    department = campaign.departments[order["department_id"]]
    fields = {campaign.items[code]["field"] for code in item_codes(order)}
    return fields == {department["field"]} and covers(
        department, campaign.enterprises[order["enterprise_id"]]["district"]
    )


def is_approved_in_time(order: Row) -> bool:
    """§7.1: YYYY-MM-DDTHH:MM, on a day not after start."""
    found = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]", order["approved_at"])
    try:
        return bool(found) and date.fromisoformat(found[1]) <= window_of(order)[0]
    except ValueError:
        return False


def group_of(campaign: Campaign, task: Row) -> str:
    """§3: `stratum.group`."""
    shared = campaign.settings["coordination"] == "shared" and task["group"]
    return f"group:{task['group']}" if shared else f"task:{task['task_id']}"


def task_strata(campaign: Campaign, task: Row) -> list[Stratum]:
    """§6: the strata of one task; refused also where an item has no competent department (§5)."""
    rows, by_district = task_frame(campaign, task), task["by_district"] == "1"
    for row in rows:
        for code in applying(campaign, task, row):
            if not competent(campaign, task, code, row["district"]):
                raise RefusedError(f"§5 {task['task_id']}: no one competent department for {code}")
    cells = [(row["district"] if by_district else "", row["risk_class"]) for row in rows]
    quota, numbers = oracle_quota.strata_numbers(
        Counter(cells), task["quota"], campaign.settings["quotas"], by_district=by_district
    )
    found = []
    for cell, n in numbers.items():
        ids = [
            r["enterprise_id"]
            for r, key in zip(rows, cells, strict=True)
            if key[0] == cell.district and key[1] in cell.classes
        ]
        entry = {
            "stratum_id": "/".join(
                (task["task_id"], *([cell.district] if by_district else []), cell.classes)
            ),
            "task_id": task["task_id"],
            "group": group_of(campaign, task),
            "district": cell.district,
            "risk_classes": list(cell.classes),
            "size": len(ids),
            "quota": n,
            "ratio": oracle_quota.ratio_text(quota, cell.classes),
        }
        found.append(Stratum(entry=entry, enterprise_ids=tuple(ids)))
    return found


def all_strata(campaign: Campaign) -> list[Stratum]:
    """§6: `plan.strata`, sorted by id; two with one id are refused (§12)."""
    found: list[Stratum] = []
    faults: list[str] = []
    for task in campaign.tables["tasks"]:
        try:
            found += task_strata(campaign, task)
        except RefusedError as error:
            faults += error.reasons
    ids = Counter(s.entry["stratum_id"] for s in found)
    faults += [f"§12 stratum {i} twice" for i, n in ids.items() if n > 1]
    if faults:
        raise RefusedError(*faults)
    return sorted(found, key=lambda s: s.entry["stratum_id"])


def plan_of(files: Mapping[str, str]) -> Plan:
    """The plan of a sealed intake: `files` are the texts of intake/*.csv and intake/settings.json by path."""
    campaign = read_campaign(files)
    faults = [*setting_faults(campaign.settings), *id_faults(campaign), *pool_setting_faults(campaign)]
    faults += [*task_faults(campaign), *order_faults(campaign), *neighbour_faults(campaign)]
    if faults:
        raise RefusedError(*faults)
    strata = all_strata(campaign)
    rates = {
        (s.entry["task_id"], i): Fraction(s.entry["quota"], s.entry["size"])
        for s in strata
        for i in s.enterprise_ids
    }
    pools = oracle_people.pools_of(campaign, rates)
    if len({p.pool_id for p in pools}) < len(pools):
        raise RefusedError("§12 two pools with one id")
    load = oracle_people.workload(campaign, rates)
    return Plan(campaign=campaign, strata=tuple(strata), pools=tuple(pools), load=load)


def draw_stratum(
    plan: Plan, stratum: Stratum, seed: str
) -> tuple[list[dict[str, object]], dict[str, object]]:
    """§7: the rows of draw/enterprises.csv of one stratum, and its row of draw/cutoffs.csv."""
    settings, entry = plan.campaign.settings, stratum.entry
    tickets = {
        i: oracle_seed.ticket(seed, "E", entry["group"], i, settings["profile"])
        for i in stratum.enterprise_ids
    }
    order, n = oracle_seed.ranked(tickets), entry["quota"]
    listed = order[: n + settings["quotas"]["reserves_listed"]] if n else []
    rows = [
        {
            "task_id": entry["task_id"],
            "stratum_id": entry["stratum_id"],
            "rank": rank,
            "enterprise_id": i,
            "ticket": tickets[i],
            "drawn": rank <= n,
        }
        for rank, i in enumerate(listed, 1)
    ]
    cutoff = tickets[order[n - 1]] if n else ""
    return rows, {"stratum_id": entry["stratum_id"], "size": len(order), "quota": n, "cutoff": cutoff}


def draw_orders(campaign: Campaign, seed: str) -> list[dict[str, object]]:
    """§3, §7.1: the rows of draw/orders.csv."""
    profile = campaign.settings["profile"]
    return [
        {
            "order_id": r["order_id"],
            "enterprise_id": r["enterprise_id"],
            "ticket": oracle_seed.ticket(seed, "E", f"order:{r['order_id']}", r["enterprise_id"], profile),
        }
        for r in sorted(campaign.tables["orders"], key=lambda r: r["order_id"])
    ]


def draw_of(plan: Plan, given: Mapping[str, str]) -> dict[str, str]:
    """§2, §7, §9, §10: the texts of the files under draw/, from what each source gave (`seed_text`)."""
    settings = plan.campaign.settings
    seed = oracle_seed.seed_of(settings, given)
    drawn = [draw_stratum(plan, stratum, seed) for stratum in plan.strata]
    people = [
        row for pool in plan.pools for row in oracle_people.draw_pool(plan.campaign, plan.load, pool, seed)
    ]
    return {
        "draw/seed.txt": oracle_seed.seed_text(settings, given),
        "draw/enterprises.csv": table_text(DRAWN_COLUMNS, [row for rows, _ in drawn for row in rows]),
        "draw/cutoffs.csv": table_text(CUTOFF_COLUMNS, [cutoff for _, cutoff in drawn]),
        "draw/people.csv": table_text(PEOPLE_COLUMNS, people),
        "draw/orders.csv": table_text(ORDER_COLUMNS, draw_orders(plan.campaign, seed)),
    }


def digests_of(files: Mapping[str, str], profile: str) -> dict[str, str]:
    """§16: `plan.digests` of the files that are given by path."""
    return {path: hash_text(text, profile) for path, text in files.items()}
