"""The draw once more, from docs/draw-spec.md alone: registers, settings, ceremony in; plan and draw out.

Written after the page, and importing nothing of the program but the domain's dataclasses. Slow and plain
on purpose: one loop over tasks and enterprises, fractions everywhere, one function per paragraph.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from scheduler.domain.plan import Cutoff, DrawnEnterprise, DrawnPerson, Exclusion, OrderTicket, Pool, Stratum
from scheduler.domain.registers import Department, Enterprise, Expert, Inspector, Item, Registers, Task
from scheduler.domain.settings import Settings

CLASSES = "ABCD"
Member = Inspector | Expert
Span = tuple[date, date]
Spent = dict[Span, Fraction]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# §2, §3


def seed_text(settings: Settings, ceremony: str) -> str:
    return (
        "spec=onedoor-draw/1\nprofile=sha256\n"
        f"campaign={settings.campaign_id}\nslot={settings.slot}\nceremony={ceremony}\n"
    )


def ticket(seed: str, role: str, group: str, ident: str) -> str:
    return sha256(f"{seed}|{role}|{group}|{ident}")


def ordered(seed: str, role: str, group: str, ids: Iterable[str]) -> list[tuple[str, str]]:
    return sorted((ticket(seed, role, group, ident), ident) for ident in ids)


# §6.1

NUMBER = r"\d{1,9}(?:\.\d{1,9})?"
UNIT = "[家户人所个名]"
MARK = f"[%‰]|{UNIT}"
LEAST = "≥|>=|不低于|不少于|至少"
NAMES = {"低": "A", "一般": "B", "较高": "C", "高": "D"}
COMPARE = {
    "<": int.__lt__,
    "<=": int.__le__,
    "≤": int.__le__,
    ">": int.__gt__,
    ">=": int.__ge__,
    "≥": int.__ge__,
}


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A ratio, or a count with ``ratio`` None."""

    text: str
    ratio: Fraction | None = None
    count: int = 0
    least: bool = False


@dataclass(frozen=True, kw_only=True)
class Quota:
    text: str
    whole: Amount | None
    classes: dict[str, Amount]


def marked(number: str, mark: str, text: str) -> Amount:
    if mark in "%‰":
        return Amount(text=text, ratio=Fraction(number) / (100 if mark == "%" else 1000))
    return Amount(text=text, count=int(number))


def amount(text: str, end: str) -> Amount:
    if found := re.fullmatch(f"({NUMBER})({MARK})", text):
        return marked(found[1], found[2], text)
    found = re.fullmatch(f"({NUMBER})(?:{MARK})?[-~–—至到]({NUMBER})({MARK})", text)
    assert found, text
    return marked(found[1 if end == "low" else 2], found[3], text)


def with_least(text: str, end: str) -> Amount:
    found = re.match(LEAST, text)
    plain = amount(text[found.end() :] if found else text, end)
    return Amount(text=text, ratio=plain.ratio, count=plain.count, least=found is not None)


def quota_of(text: str, frame: int, end: str) -> Quota:
    """The quota that holds for a frame of this size; its text is kept whole."""
    clean = "".join(unicodedata.normalize("NFKC", text).split())
    body = re.sub(rf"^基数\d{{1,9}}{UNIT}?[;,、]", "", clean)
    body = re.sub(r"[;,、]?((1|一)次/年|(每年|年度|本年度|1年|一年)(1|一)次)$", "", body)
    if ":" not in body:
        counted = re.fullmatch(rf"((?:{LEAST})?){NUMBER}[%‰]\((\d+){UNIT}\)", body)
        whole = Amount(text=clean, count=int(counted[2])) if counted else with_least(body, end)
        return Quota(text=clean, whole=whole, classes={})
    parts = [part.split(":") for part in re.split("[;,、]", body) if part]
    if body[0] in "<≤>≥":
        (held,) = [right for left, right in parts if holds(left, frame)]
        return Quota(text=clean, whole=with_least(held, end), classes={})
    classes = {class_of(left): amount(right, end) for left, right in parts}
    return Quota(text=clean, whole=None, classes=classes)


def holds(condition: str, frame: int) -> bool:
    found = re.fullmatch(rf"([<>]=?|[≤≥])(\d+){UNIT}?", condition)
    assert found, condition
    return bool(COMPARE[found[1]](frame, int(found[2])))


def class_of(name: str) -> str:
    bare = re.sub("(风险|类|级)$", "", name)
    return NAMES.get(bare, bare.upper())


# §6.2


@dataclass
class Cell:
    district: str
    classes: str
    size: int
    share: Fraction
    n: int = 0

    @property
    def tie(self) -> tuple[int, str]:
        return -CLASSES.index(max(self.classes)), self.district


def apportion(cells: list[Cell], total: int) -> None:
    for cell in cells:
        cell.n = floor(cell.share)
    by_rest = sorted(cells, key=lambda cell: (floor(cell.share) - cell.share, cell.tie))
    for cell in by_rest[: total - sum(cell.n for cell in cells)]:
        cell.n += 1


def starved(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.n == 0 and cell.share > 0]


def strata_cells(quota: Quota, sizes: dict[tuple[str, str], int], settings: Settings) -> list[Cell]:
    frame = sum(sizes.values())
    cells = []
    for (district, risk), size in sizes.items():
        term = quota.whole or quota.classes[risk]
        if term.ratio is not None:
            share = term.ratio * size
        else:
            share = Fraction(term.count * size, frame) if quota.whole else Fraction(term.count)
        cells.append(Cell(district, risk, size, share))
    counted = quota.whole is not None and quota.whole.ratio is None
    exact = sum((cell.share for cell in cells), Fraction(0))
    up = settings.quotas.rounding == "up" or (quota.whole is not None and quota.whole.least)
    total = (
        quota.whole.count if quota.whole and counted else ceil(exact) if up else floor(exact + Fraction(1, 2))
    )
    apportion(cells, total)
    if settings.quotas.zero == "one" and not counted:
        for cell in starved(cells):
            cell.n = 1
    elif settings.quotas.zero == "one" and total >= len(cells):
        by_tie = sorted(cells, key=lambda cell: cell.tie)
        for cell in sorted(starved(cells), key=lambda cell: cell.tie):
            giver = max(by_tie, key=lambda other: (other.n, by_tie.index(other)))
            giver.n, cell.n = giver.n - 1, 1
    else:
        while poor := starved(cells):
            cells = unite(min(poor, key=lambda cell: (cell.district, min(cell.classes))), cells)
            apportion(cells, total)
    return cells


def unite(poor: Cell, cells: list[Cell]) -> list[Cell]:
    near = [c for c in cells if c is not poor and c.district == poor.district and c.share > 0]
    higher = [c for c in near if min(c.classes) > max(poor.classes)]
    lower = [c for c in near if max(c.classes) < min(poor.classes)]
    other = min(higher, key=lambda c: c.classes) if higher else max(lower, key=lambda c: c.classes)
    both = "".join(sorted(poor.classes + other.classes))
    united = Cell(poor.district, both, poor.size + other.size, poor.share + other.share)
    return [cell for cell in cells if cell is not poor and cell is not other] + [united]


# §4, §5, §8


@dataclass
class Reading:
    """One campaign as the page tells it."""

    registers: Registers
    settings: Settings

    @cached_property
    def items(self) -> dict[str, Item]:
        return {item.item_code: item for item in self.registers.items}

    @cached_property
    def departments(self) -> dict[str, Department]:
        return {row.department_id: row for row in self.registers.departments}

    @cached_property
    def working_days(self) -> list[object]:
        first, end = self.settings.start, self.settings.end
        return [row.day for row in self.registers.calendar if row.is_working and first <= row.day < end]

    def covers(self, department: Department, district: str) -> bool:
        return not department.districts or district in department.districts

    def in_scope(self, task: Task, firm: Enterprise) -> bool:
        lead = self.departments[task.lead_id]
        return (
            (not task.industries or any(firm.industry.startswith(code) for code in task.industries))
            and (not task.tags or any(tag in firm.tags for tag in task.tags))
            and (not task.districts or firm.district in task.districts)
            and (task.mode == "municipal_to_district" or self.covers(lead, firm.district))
        )

    def applying(self, task: Task, firm: Enterprise) -> list[Item]:
        return [
            item
            for item in (self.items[code] for code in sorted(set(task.item_codes)))
            if (not item.industries or any(firm.industry.startswith(code) for code in item.industries))
            and (not item.tags or any(tag in firm.tags for tag in item.tags))
        ]

    def competent(self, task: Task, item: Item, firm: Enterprise) -> Department:
        if task.mode == "municipal_to_district":
            rows = [d for d in self.registers.departments if d.level == "district"]
            (found,) = [d for d in rows if d.field == item.field and self.covers(d, firm.district)]
        else:
            rows = [self.departments[code] for code in {task.lead_id, *task.cooperating_ids}]
            (found,) = [d for d in rows if d.field == item.field]
        return found

    @cached_property
    def active(self) -> list[Enterprise]:
        rows = [firm for firm in self.registers.enterprises if firm.status == "active"]
        return sorted(rows, key=lambda firm: firm.enterprise_id)

    @cached_property
    def excluded(self) -> set[Exclusion]:
        gone = {
            Exclusion(
                role="enterprise", subject_id=firm.enterprise_id, reason="excluded.status", detail=firm.status
            )
            for firm in self.registers.enterprises
            if firm.status != "active"
        }
        return gone | self.excluded_from_tasks | set(self.excluded_people())

    @cached_property
    def excluded_from_tasks(self) -> set[Exclusion]:
        found = set()
        for task in self.registers.tasks:
            for firm in self.active:
                if self.in_scope(task, firm) and (reason := self.reason(task, firm)):
                    found.add(
                        Exclusion(
                            role="enterprise",
                            subject_id=firm.enterprise_id,
                            task_id=task.task_id,
                            reason=reason[0],
                            detail=reason[1],
                        )
                    )
        return found

    def reason(self, task: Task, firm: Enterprise) -> tuple[str, str] | None:
        items = self.applying(task, firm)
        if not items:
            return "excluded.no_item", ""
        if capped := sorted(self.capped(task, firm, items)):
            return "excluded.cap", capped[0]
        if cool := self.cooling(task, firm, items):
            return "excluded.cool_off", cool
        return ("excluded.quiet", "") if self.is_quiet(task, firm, items) else None

    def capped(self, task: Task, firm: Enterprise, items: list[Item]) -> Iterator[str]:
        most = self.settings.exclusions.annual_cap
        home = {row.inspector_id: row.department_id for row in self.registers.inspectors}
        for authority in {self.competent(task, item, firm).authority for item in items} if most else ():
            days = {
                row.day
                for row in self.registers.history
                if row.enterprise_id == firm.enterprise_id
                and row.day.year == task.start.year
                and home.get(row.inspector_id) in self.departments
                and self.departments[home[row.inspector_id]].authority == authority
            }
            if len(days) >= most:
                yield authority

    def cooling(self, task: Task, firm: Enterprise, items: list[Item]) -> str:
        if not self.settings.exclusions.cool_off_days:
            return ""
        rows = [row for row in self.registers.history if row.enterprise_id == firm.enterprise_id]
        days = [[row.day for row in rows if item.item_code in row.items] for item in items]
        if not all(days):
            return ""
        counting = min(max(each) for each in days)
        long_ago = task.start - timedelta(days=self.settings.exclusions.cool_off_days)
        return counting.isoformat() if counting >= long_ago else ""

    def is_quiet(self, task: Task, firm: Enterprise, items: list[Item]) -> bool:
        days = [
            row.day for row in self.registers.calendar if row.is_working and task.start <= row.day < task.end
        ]
        own = [
            row
            for row in self.registers.quiet
            if row.enterprise_id == firm.enterprise_id and row.district in ("", firm.district)
        ]
        onsite = any(item.method == "onsite" for item in items)
        return onsite and bool(days) and all(any(q.start <= day < q.end for q in own) for day in days)

    def frame_of(self, task: Task) -> list[Enterprise]:
        out = {row.subject_id for row in self.excluded_from_tasks if row.task_id == task.task_id}
        return [f for f in self.active if f.enterprise_id not in out and self.in_scope(task, f)]

    @cached_property
    def frames(self) -> dict[str, list[Enterprise]]:
        return {task.task_id: self.frame_of(task) for task in self.registers.tasks}

    # §6

    @cached_property
    def strata(self) -> list[Stratum]:
        made = [stratum for task in self.registers.tasks for stratum in self.strata_of(task)]
        return sorted(made, key=lambda stratum: stratum.stratum_id)

    def strata_of(self, task: Task) -> Iterator[Stratum]:
        sizes: dict[tuple[str, str], int] = {}
        for firm in self.frames[task.task_id]:
            cell = (firm.district if task.by_district else "", firm.risk_class)
            sizes[cell] = sizes.get(cell, 0) + 1
        quota = quota_of(task.quota, sum(sizes.values()), self.settings.quotas.range)
        shared = task.group and self.settings.coordination == "shared"
        for cell in strata_cells(quota, sizes, self.settings):
            entries = ";".join(f"{c}:{quota.classes[c].text}" for c in cell.classes if c in quota.classes)
            place = f"{cell.district}/" if task.by_district else ""
            yield Stratum(
                stratum_id=f"{task.task_id}/{place}{cell.classes}",
                task_id=task.task_id,
                risk_classes=tuple(cell.classes),  # type: ignore[arg-type]
                district=cell.district,
                group=f"group:{task.group}" if shared else f"task:{task.task_id}",
                ratio=quota.text if quota.whole else entries,
                size=cell.size,
                quota=cell.n,
            )

    def members_of(self, stratum: Stratum) -> list[Enterprise]:
        return [
            firm
            for firm in self.frames[stratum.task_id]
            if firm.risk_class in stratum.risk_classes and stratum.district in ("", firm.district)
        ]

    # §8

    def free_days(self, person: Member) -> list[date]:
        ident = ident_of(person)
        away = [row for row in self.registers.leave if row.person_id == ident]
        return [
            day
            for day in self.working_days
            if not any(row.start <= day < row.end for row in away)
            and (isinstance(person, Expert) or day <= person.certificate_expires)
        ]

    def available(self, person: Member) -> int:
        return len(self.free_days(person))

    def excluded_people(self) -> Iterator[Exclusion]:
        for one in self.registers.inspectors:
            home = self.departments.get(one.department_id)
            if home is None:
                continue
            reason, detail = "", ""
            if one.certificate_expires < self.settings.start:
                reason, detail = "excluded.certificate", one.certificate_expires.isoformat()
            elif (one.authority, one.unit) != (home.authority, home.unit):
                reason, detail = "excluded.jurisdiction", one.department_id
            elif not self.available(one):
                reason = "excluded.absent"
            if reason:
                yield Exclusion(role="inspector", subject_id=one.inspector_id, reason=reason, detail=detail)
        for expert in self.registers.experts:
            if not self.available(expert):
                yield Exclusion(role="expert", subject_id=expert.expert_id, reason="excluded.absent")

    def capacity(self, person: Member, span: Span) -> int:
        day = sum(end - start for start, end in self.settings.hours.pieces)
        inside = [one for one in self.free_days(person) if span[0] <= one < span[1]]
        return max(self.settings.goals.capacity_floor_min, len(inside) * day)

    def size_by_minutes(self, members: list[Member], minutes: Spent, seats: int) -> int:
        """What ``auto`` gives for these members: the hardest span of windows decides."""
        wanted = [2 * seats]
        for span in {(a, b) for a, _ in minutes for _, b in minutes if a < b}:
            middle = sorted(self.capacity(one, span) for one in members)[(len(members) - 1) // 2]
            inside = sum(own for (a, b), own in minutes.items() if span[0] <= a and b <= span[1])
            wanted.append(ceil(2 * inside * seats / max(1, middle)))
        return min(len(members), max(wanted))

    def pool_size(self, rule: str, members: list[Member], minutes: Spent, seats: int) -> int:
        size = len(members)
        if rule.strip().lower() == "auto":
            return self.size_by_minutes(members, minutes, seats)
        term = amount("".join(unicodedata.normalize("NFKC", rule).split()), "low")
        if term.ratio is None:
            return min(size, max(term.count, seats))
        exact = term.ratio * size
        up = self.settings.quotas.rounding == "up"
        return min(size, max(ceil(exact) if up else floor(exact + Fraction(1, 2)), min(size, seats)))

    @cached_property
    def needs(self) -> dict[tuple[str, str], Spent]:
        """Expected minutes by (department, label) and ("", specialty), each by task window."""
        needs: dict[tuple[str, str], Spent] = {}

        def add(need: tuple[str, str], window: Span, minutes: Fraction) -> None:
            own = needs.setdefault(need, {})
            own[window] = own.get(window, Fraction(0)) + minutes

        tasks = {task.task_id: task for task in self.registers.tasks}
        for stratum in self.strata:
            task, chance = tasks[stratum.task_id], Fraction(stratum.quota, stratum.size)
            for firm in self.members_of(stratum):
                for need, minutes in self.minutes(task, firm).items():
                    add(need, (task.start, task.end), chance * minutes)
        for order in self.registers.orders:
            asked = [(self.items[code], order.department_id) for code in sorted(set(order.item_codes))]
            for need, minutes in self.spent(asked).items():
                add(need, (order.start, order.end), Fraction(minutes))
        return needs

    def minutes(self, task: Task, firm: Enterprise) -> dict[tuple[str, str], int]:
        items = self.applying(task, firm)
        return self.spent([(item, self.competent(task, item, firm).department_id) for item in items])

    def spent(self, own: list[tuple[Item, str]]) -> dict[tuple[str, str], int]:
        merging = self.settings.merging
        sums: dict[str, int] = {}
        for item, department in own:
            spent = merging.item_min if item.duration_min is None else item.duration_min
            sums[department] = sums.get(department, merging.overhead_min) + spent
        found = {(department, ""): minutes for department, minutes in sums.items()}
        for item, department in own:
            found[department, f"item:{item.item_code}"] = sums[department]
            if item.qualification:
                found[department, f"qualification:{item.qualification}"] = sums[department]
            if item.expert:
                found["", item.expert] = max(sums.values())
        return found

    @cached_property
    def pools(self) -> list[Pool]:
        seats, rules = self.settings.teams.officers, self.settings.pools
        made = []
        for (code, label), minutes in self.needs.items():
            if code and label:
                continue
            members = self.pool_members(code, label)
            home = self.departments.get(code)
            rule, places = (rules.inspectors, seats) if home else (rules.experts, 1)
            n = self.pool_size(rule, members, minutes, places)
            made.append(
                Pool(
                    pool_id=f"{code}/{home.authority}/{home.unit}" if home else f"expert/{label}",
                    role="officer" if home else "expert",
                    department_id=code,
                    authority=home.authority if home else "",
                    unit=home.unit if home else "",
                    specialty=label,
                    size=len(members),
                    quota=n,
                    k_max=min(rules.k_max, len(members) - n),
                    qualification_quotas=tuple(self.labels(code, members)) if home else (),
                )
            )
        return sorted(made, key=lambda pool: pool.pool_id)

    def pool_members(self, code: str, specialty: str) -> list[Member]:
        out = {row.subject_id for row in self.excluded_people()}
        if not code:
            return [
                x for x in self.registers.experts if specialty in x.specialties and x.expert_id not in out
            ]
        return [
            one
            for one in self.registers.inspectors
            if one.department_id == code
            and (one.authority, one.unit) == (self.departments[code].authority, self.departments[code].unit)
            and one.inspector_id not in out
        ]

    def labels(self, code: str, members: list[Member]) -> Iterator[tuple[str, int]]:
        auto, seats = self.settings.pools.inspectors.strip().lower() == "auto", self.settings.teams.officers
        for (department, label), minutes in sorted(self.needs.items()):
            if department != code or not label:
                continue
            found = self.holders(label, members)
            if label.startswith("item:"):
                wanted = self.items[label[5:]].qualification
                able = self.holders(f"qualification:{wanted}", members) if wanted else members
                if len(found) >= len(able):
                    continue
            yield label, self.size_by_minutes(found, minutes, seats) if auto else min(len(found), seats)

    def holders(self, label: str, members: list[Member]) -> list[Member]:
        kind, _, name = label.partition(":")
        officers = [one for one in members if isinstance(one, Inspector)]
        if kind == "qualification":
            return [one for one in officers if name in one.qualifications]
        wanted = self.items[name].qualification
        return [
            one
            for one in officers
            if (not wanted or wanted in one.qualifications)
            and (
                not one.item_scopes
                or name in one.item_scopes
                or any(scope.endswith("*") and name.startswith(scope[:-1]) for scope in one.item_scopes)
            )
        ]


def ident_of(person: Member) -> str:
    return person.inspector_id if isinstance(person, Inspector) else person.expert_id


# §7, §9


def enterprises(reading: Reading, seed: str) -> tuple[list[DrawnEnterprise], list[Cutoff]]:
    rows, cutoffs = [], []
    for stratum in reading.strata:
        members = [firm.enterprise_id for firm in reading.members_of(stratum)]
        order, n = ordered(seed, "E", stratum.group, members), stratum.quota
        rows += [
            DrawnEnterprise(
                task_id=stratum.task_id,
                stratum_id=stratum.stratum_id,
                rank=rank,
                enterprise_id=ident,
                ticket=number,
                drawn=rank <= n,
            )
            for rank, (number, ident) in enumerate(order, start=1)
            if n and rank <= n + reading.settings.quotas.reserves_listed
        ]
        cutoff = order[n - 1][0] if n else ""
        cutoffs.append(Cutoff(stratum_id=stratum.stratum_id, size=stratum.size, quota=n, cutoff=cutoff))
    return rows, cutoffs


def orders(reading: Reading, seed: str) -> list[OrderTicket]:
    """§7.1"""
    rows = sorted(reading.registers.orders, key=lambda order: order.order_id)
    return [
        OrderTicket(
            order_id=order.order_id,
            enterprise_id=order.enterprise_id,
            ticket=ticket(seed, "E", f"order:{order.order_id}", order.enterprise_id),
        )
        for order in rows
    ]


def people(reading: Reading, seed: str) -> list[DrawnPerson]:
    rows = []
    for pool in reading.pools:
        members = reading.pool_members(pool.department_id, pool.specialty)
        group = "officers" if pool.role == "officer" else f"expert:{pool.specialty}"
        order = ordered(seed, "I", group, map(ident_of, members))
        drawn = {ident for _, ident in order[: pool.quota]}
        for label, number in pool.qualification_quotas:
            able = {ident_of(one) for one in reading.holders(label, members)}
            drawn.update([ident for _, ident in order if ident in able][:number])
        reserves = [ident for _, ident in order if ident not in drawn][: pool.k_max]
        rows += [
            DrawnPerson(pool_id=pool.pool_id, rank=rank, person_id=ident, ticket=number, drawn=ident in drawn)
            for rank, (number, ident) in enumerate(order, start=1)
            if ident in drawn or ident in reserves
        ]
    return rows
