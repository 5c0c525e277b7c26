"""Pools of people and their draw of docs/draw-spec.md (§8, §9, §9.1), written from the page alone
by somebody who had not read scheduler/draw.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import reduce
from math import ceil
from typing import Any

from draw.oracle_frame import (
    Campaign,
    Row,
    applying,
    available,
    competent,
    days_in,
    experts,
    inspector_out,
    item_codes,
    lower_median,
    meet,
    officers,
    task_frame,
    window_of,
)
from draw.oracle_quota import Amount, compact, read_term, rounded
from draw.oracle_seed import ranked, ticket
from draw.oracle_text import RefusedError, parts

Member = tuple[Row, ...]
Window = tuple[date, date]
Need = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Workload:
    """§8: expected minutes by need and window, the items each department is competent for, and those for
    which one is that it works for. ``minutes`` of officers are by the department that works."""

    minutes: Mapping[Need, Mapping[Window, Fraction]]
    asked: Mapping[str, frozenset[str]]
    items: Mapping[str, frozenset[str]]
    specialties: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Pool:
    """§8: the plan's entry of one pool, and its members by the id that stands in their ticket."""

    pool_id: str
    role: str
    stratum: str = ""
    department: Row | None = None
    specialty: str = ""
    members: Mapping[str, Member]
    quota: int = 0
    labels: Mapping[str, int] = field(default_factory=dict)
    k_max: int = 0

    def entry(self) -> dict[str, Any]:
        """The fields of `plan.pools`."""
        home = {
            c: self.department[c] if self.department else "" for c in ("department_id", "authority", "unit")
        }
        return home | {
            "pool_id": self.pool_id,
            "role": self.role,
            "stratum": self.stratum,
            "specialty": self.specialty,
            "size": len(self.members),
            "quota": self.quota,
            "k_max": self.k_max,
            "qualification_quotas": [[label, self.labels[label]] for label in sorted(self.labels)],
        }


def is_group_counted(campaign: Campaign, inspector: Row) -> bool:
    """§8: whether the inspector is in a fixed group that counts."""
    return campaign.settings["teams"]["fixed_groups"] and bool(inspector["fixed_group"])


def is_out(campaign: Campaign, inspector: Row) -> bool:
    """§4: whether the inspector is excluded; one of a department that is not in the register is not."""
    return (
        inspector["department_id"] in campaign.departments and inspector_out(campaign, inspector) is not None
    )


def person_id(person: Row) -> str:
    """The id of an inspector or an expert."""
    return person["inspector_id"] if "inspector_id" in person else person["expert_id"]


def member_days(campaign: Campaign, member: Member) -> frozenset[date]:
    """§8: the days on which all people of a member are available."""
    days = [available(campaign, person_id(p), p.get("certificate_expires", "")) for p in member]
    return reduce(frozenset.intersection, days)


def capacity(campaign: Campaign, days: Iterable[date], span: Window) -> int:
    """§8: capacity in minutes in a span, of somebody with these available days."""
    minutes = sum(end - start for start, end in campaign.settings["hours"]["pieces"])
    return max(campaign.settings["goals"]["capacity_floor_min"], len(days_in(days, span)) * minutes)


def item_minutes(campaign: Campaign, codes: Iterable[str]) -> int:
    """§8: minutes(d, t, e) for the items that department d has there, at least one."""
    merging = campaign.settings["merging"]
    minutes = [int(campaign.items[c]["duration_min"] or merging["item_min"]) for c in codes]
    return sum(minutes) + merging["overhead_min"]


def holds_qualification(person: Row, qualification: str) -> bool:
    """§8: whether a person has a qualification; everybody has an empty one."""
    return not qualification or qualification in parts(person["qualifications"])


def may_do(person: Row, item: Row) -> bool:
    """§8, label `item:`: qualification and scope of one person for an item."""
    code, scopes = item["item_code"], parts(person["item_scopes"])
    in_scope = not scopes or any(s == code or (s.endswith("*") and code.startswith(s[:-1])) for s in scopes)
    return in_scope and holds_qualification(person, item["qualification"])


def needs_at(campaign: Campaign, by_department: Mapping[str, Sequence[str]]) -> dict[Need, int]:
    """§8: the needs of one visit and their minutes, from its items by competent department."""
    minutes = {d: item_minutes(campaign, codes) for d, codes in by_department.items()}
    needs: dict[Need, int] = {}
    for d, codes in by_department.items():
        needs[("department", d)] = minutes[d]
        for code in codes:
            item = campaign.items[code]
            needs[("item", d, code)] = minutes[d]
            if item["qualification"]:
                needs[("qualification", d, item["qualification"])] = minutes[d]
            if item["expert"]:
                needs[("specialty", item["expert"])] = max(minutes.values())
    return needs


def jobs(
    campaign: Campaign, rates: Mapping[tuple[str, str], Fraction]
) -> Iterable[tuple[Window, Fraction, dict[Need, int]]]:
    """§8: window, n/N and needs of each task at each enterprise of its frame, and of each order.

    `rates` is n/N by (task_id, enterprise_id).
    """
    for task in campaign.tables["tasks"]:
        for row in task_frame(campaign, task):
            by_department: dict[str, list[str]] = defaultdict(list)
            for code in applying(campaign, task, row):
                by_department[competent(campaign, task, code, row["district"])].append(code)
            rate = rates[task["task_id"], row["enterprise_id"]]
            yield window_of(task), rate, needs_at(campaign, by_department)
    for order in campaign.tables["orders"]:
        yield window_of(order), Fraction(1), needs_at(campaign, {order["department_id"]: item_codes(order)})


def workload(campaign: Campaign, rates: Mapping[tuple[str, str], Fraction]) -> Workload:
    """§8: what the whole campaign asks for."""
    minutes: dict[Need, dict[Window, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for window, rate, needs in jobs(campaign, rates):
        for need, each in needs.items():
            minutes[need][window] += rate * each
    return Workload(
        minutes=spread(campaign, minutes),
        asked=items_by_department(minutes),
        items=items_by_department(spread(campaign, minutes)),
        specialties=frozenset(n[1] for n in minutes if n[0] == "specialty"),
    )


def items_by_department(minutes: Mapping[Need, object]) -> dict[str, frozenset[str]]:
    """§8: the departments with a need, each with its items."""
    departments = {need[1] for need in minutes if need[0] == "department"}
    return {d: frozenset(n[2] for n in minutes if n[:2] == ("item", d)) for d in departments}


def spread(
    campaign: Campaign, minutes: Mapping[Need, Mapping[Window, Fraction]]
) -> dict[Need, dict[Window, Fraction]]:
    """§8, neighbours: a department has the needs of every department that it works for, added up."""
    found: dict[Need, dict[Window, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for need, windows in minutes.items():
        workers = [need[1]] if need[0] == "specialty" else sorted(campaign.sending[need[1]])
        for worker in workers:
            for window, exact in windows.items():
                found[need[0], worker, *need[2:]][window] += exact
    return found


def expected_size(
    campaign: Campaign, members: Sequence[Member], windows: Mapping[Window, Fraction], seats: int
) -> int:
    """§8, `auto`: min(N, max(2 seats, the largest ceil(2 M seats / median capacity) over all spans))."""
    if not members:
        return 0
    days = [member_days(campaign, m) for m in members]
    largest = 2 * seats
    for a in {w[0] for w in windows}:
        for b in {w[1] for w in windows if a < w[1]}:
            exact = sum((x for w, x in windows.items() if a <= w[0] and w[1] <= b), Fraction(0))
            median = max(1, lower_median(capacity(campaign, own, (a, b)) for own in days))
            largest = max(largest, ceil(2 * exact * seats / median))
    return min(len(members), largest)


def pool_amount(campaign: Campaign, setting: str) -> Amount | None:
    """§8: how a setting of `settings.pools` gives the size; None for auto."""
    text = compact(campaign.settings["pools"][setting])
    if text.lower() == "auto":
        return None
    amount = read_term(text)
    if amount is None or amount.value <= 0 or (amount.is_ratio and amount.value > 1):
        raise RefusedError(f"§8 pools.{setting} {text!r}")
    return amount


def sized(pool: Pool, campaign: Campaign, load: Workload, seats: int) -> Pool:
    """§8: the pool with n, the labels' numbers and k_max."""
    is_officer = pool.department is not None
    setting = (
        {"leaders": "leaders", "fixed": "fixed_groups", "": "inspectors"}[pool.stratum]
        if is_officer
        else "experts"
    )
    amount = pool_amount(campaign, setting)
    need: Need = (
        ("department", pool.department["department_id"]) if pool.department else ("specialty", pool.specialty)
    )
    members, size = list(pool.members.values()), len(pool.members)
    if amount is None:
        quota = expected_size(campaign, members, load.minutes[need], seats)
    elif amount.is_ratio:
        quota = min(
            size, max(rounded(amount.value * size, campaign.settings["quotas"]["rounding"]), min(size, seats))
        )
    else:
        quota = min(size, max(int(amount.value), seats))
    labels = {}
    for label, (holders, asked) in (holders_of(campaign, load, pool) if is_officer else {}).items():
        auto = amount is None
        labels[label] = (
            expected_size(campaign, holders, load.minutes[asked], seats) if auto else min(len(holders), seats)
        )
    return Pool(
        **{k: v for k, v in vars(pool).items() if k not in {"quota", "labels", "k_max"}},
        quota=quota,
        labels=labels,
        k_max=min(campaign.settings["pools"]["k_max"], size - quota),
    )


def those(members: Iterable[Member], holds: Callable[[Row], bool]) -> list[Member]:
    """§8: the members of whom at least one person holds something."""
    return [m for m in members if any(holds(p) for p in m)]


def holders_of(campaign: Campaign, load: Workload, pool: Pool) -> dict[str, tuple[list[Member], Need]]:
    """§8: the labels that are listed for a pool of officers, each with its holders and its need."""
    home = pool.department["department_id"] if pool.department else ""
    members = list(pool.members.values())
    found: dict[str, tuple[list[Member], Need]] = {}
    for code in load.items[home]:
        item = campaign.items[code]
        name = item["qualification"]
        qualified = those(members, lambda p, name=name: holds_qualification(p, name))
        able = those(members, lambda p, item=item: may_do(p, item))
        if name:
            found[f"qualification:{name}"] = qualified, ("qualification", home, name)
        if len(able) < len(qualified):
            found[f"item:{code}"] = able, ("item", home, code)
    return found


def stratum_of(campaign: Campaign, inspector: Row) -> str:
    """§8: in which of a department's pools an inspector is."""
    if is_group_counted(campaign, inspector):
        return "fixed"
    leads = campaign.settings["teams"]["leader_required"] and inspector["is_leader"] == "1"
    return "leaders" if leads else ""


def department_pools(campaign: Campaign, department: Row) -> list[tuple[Pool, int]]:
    """§8, strata of officers: the pools of a competent department with the seats of each."""
    teams = campaign.settings["teams"]
    members: dict[str, dict[str, Member]] = {"fixed": {}, "leaders": {}, "": {}}
    for person in officers(campaign):
        if person["department_id"] == department["department_id"]:
            stratum = stratum_of(campaign, person)
            key = person["fixed_group"] if stratum == "fixed" else person["inspector_id"]
            members[stratum][key] = (*members[stratum].get(key, ()), person)
    base = "/".join(department[c] for c in ("department_id", "authority", "unit"))
    seats = {"fixed": 1, "leaders": 1, "": teams["officers"] - int(teams["leader_required"])}
    return [
        (
            Pool(
                pool_id=base + ("/" + stratum if stratum else ""),
                role="officer",
                stratum=stratum,
                department=department,
                members=found,
            ),
            seats[stratum],
        )
        for stratum, found in members.items()
        if found or not stratum
    ]


def expert_pool(campaign: Campaign, specialty: str) -> Pool:
    """§8: the pool of one specialty."""
    able = {r["expert_id"]: (r,) for r in experts(campaign) if specialty in parts(r["specialties"])}
    return Pool(pool_id=f"expert/{specialty}", role="expert", specialty=specialty, members=able)


def staffing_faults(campaign: Campaign, home: str, codes: Iterable[str], pools: Iterable[Pool]) -> list[str]:
    """§8: what cannot be staffed in one department that is asked; the pools are those of all that work for
    it."""
    teams = campaign.settings["teams"]
    people = [p for pool in pools for m in pool.members.values() for p in m]
    by_department = teams["per"] == "department"
    faults = []
    if len(people) < (teams["officers"] if by_department else 1):
        faults.append(f"§8 {home}: too few people")
    if by_department and teams["leader_required"] and all(p["is_leader"] != "1" for p in people):
        faults.append(f"§8 {home}: no leader")
    if by_department and teams["newcomer_with_senior"] and all(p["is_newcomer"] == "1" for p in people):
        faults.append(f"§8 {home}: newcomers only")
    for code in sorted(codes):
        able = any(may_do(p, campaign.items[code]) for p in people)
        faults += [] if able else [f"§8 {home}: nobody for {code}"]
    return faults


def group_faults(campaign: Campaign) -> list[str]:
    """§8: what fixed groups are refused for."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for person in campaign.tables["inspectors"]:
        if is_group_counted(campaign, person):
            groups[person["fixed_group"]].append(person)
    faults = []
    for name, people in groups.items():
        if len({(p["department_id"], p["authority"], p["unit"]) for p in people}) > 1:
            faults.append(f"§8 fixed group {name} of two homes")
        faults += members_faults(campaign, name, [p for p in people if not is_out(campaign, p)])
    return faults


def members_faults(campaign: Campaign, name: str, people: Sequence[Row]) -> list[str]:
    """§8: what the inspectors of one fixed group who are not excluded are refused for."""
    teams, ids = campaign.settings["teams"], {p["inspector_id"] for p in people}
    faults = [f"§8 fixed group {name} too large"] if len(people) > teams["officers"] else []
    for row in campaign.tables["recusals"]:
        barred = {row["inspector_id"], row["other_inspector_id"]} <= ids and row["state"] != "rejected"
        if barred and meet(window_of(row), campaign.window):
            faults.append(f"§8 fixed group {name} with a recusal inside")
    if teams["per"] == "department" and len(people) == teams["officers"]:
        if teams["leader_required"] and all(p["is_leader"] != "1" for p in people):
            faults.append(f"§8 fixed group {name} without a leader")
        if teams["newcomer_with_senior"] and all(p["is_newcomer"] == "1" for p in people):
            faults.append(f"§8 fixed group {name} of newcomers")
    return faults


def pools_of(campaign: Campaign, rates: Mapping[tuple[str, str], Fraction]) -> list[Pool]:
    """§8: all pools with their numbers, sorted by id; refused where something cannot be staffed."""
    load = workload(campaign, rates)
    found, faults = [], group_faults(campaign)
    homes = {home: department_pools(campaign, campaign.departments[home]) for home in sorted(load.items)}
    for home, pools in homes.items():
        found += [sized(pool, campaign, load, seats) for pool, seats in pools]
        if home in load.asked:
            sending = [p for d in sorted(campaign.sending[home]) for p, _ in homes[d]]
            faults += staffing_faults(campaign, home, load.asked[home], sending)
    for specialty in sorted(load.specialties):
        pool = expert_pool(campaign, specialty)
        faults += [] if pool.members else [f"§8 no expert for {specialty}"]
        found.append(sized(pool, campaign, load, 1))
    if faults:
        raise RefusedError(*faults)
    return sorted(found, key=lambda p: p.pool_id)


def pool_group(pool: Pool) -> str:
    """§3: the group in the tickets of a pool's members."""
    if pool.role == "expert":
        return f"expert:{pool.specialty}"
    return "fixed" if pool.stratum == "fixed" else "officers"


def draw_pool(campaign: Campaign, load: Workload, pool: Pool, seed: str) -> list[dict[str, object]]:
    """§9: the rows of draw/people.csv of one pool."""
    profile = campaign.settings["profile"]
    tickets = {key: ticket(seed, "I", pool_group(pool), key, profile) for key in pool.members}
    order = ranked(tickets)
    drawn = set(order[: pool.quota])
    holders = holders_of(campaign, load, pool) if pool.role == "officer" else {}
    for label, number in pool.labels.items():
        drawn |= set([key for key in order if pool.members[key] in holders[label][0]][:number])
    listed = drawn | set([key for key in order if key not in drawn][: pool.k_max])
    return [
        {
            "pool_id": pool.pool_id,
            "rank": rank,
            "person_id": who,
            "ticket": tickets[key],
            "drawn": key in drawn,
        }
        for rank, key in enumerate(order, 1)
        if key in listed
        for who in sorted(person_id(p) for p in pool.members[key])
    ]


def next_reserve(
    people: Iterable[Row], k_max: int, called: Sequence[str], replaced: Iterable[str]
) -> list[str]:
    """§9.1: who is called next in one pool, everybody of one ticket; nobody where k_max is used up.

    `people` are the pool's rows of draw/people.csv, `called` the tickets called so far in this pool by
    events of both kinds, `replaced` the ids of the replaced.
    """
    gone = set(replaced)
    left = [
        r for r in people if r["drawn"] == "0" and r["ticket"] not in called and r["person_id"] not in gone
    ]
    if not left or len(set(called)) >= k_max:
        return []
    rank = min(int(r["rank"]) for r in left)
    return sorted(r["person_id"] for r in left if int(r["rank"]) == rank)


def limit_capacity(days: Iterable[date], per_day: int, per_week: int, per_campaign: int) -> int:
    """§9.1: the most that limits allow on these days, -1 where nothing limits; a limit of 0 is none."""
    weeks: dict[tuple[int, int], int] = defaultdict(int)
    for day in days:
        weeks[day.isocalendar()[:2]] += 1
    if not per_day and not per_week:
        return per_campaign or -1
    total = sum(min(n for n in (k * per_day, per_week) if n) for k in weeks.values())
    return min(total, per_campaign) if per_campaign else total
