"""One pass over everybody who could be drawn: the frame replayed, cells counted, tickets ranked.

In: :class:`Evidence`. Out: :class:`Census`. Enterprises that look alike to every scope (district,
industry, tags) are counted together, so that a city is read once and never held.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from scheduler.domain.canonical import nfc
from scheduler.domain.hashes import Profile, digest_hex
from scheduler.domain.plan import Exclusion, FrameRow
from scheduler.domain.registers import Department, Enterprise, Item, Registers, RiskClass, Task
from scheduler.verify.evidence import Cases, Evidence
from scheduler.verify.exempt import Duty, Exemptions
from scheduler.verify.names import is_id, is_name
from scheduler.verify.replay import Look, replay

Kind = tuple[str, tuple[str, ...]]
"""Industry and tags."""

Key = tuple[str, str, str, str]
"""An exclusion: whom, from which task, reason, detail."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What a task does at enterprises of one look: its items that apply there, sorted by code, and the
    competent department of each (empty where there is none, or more than one)."""

    items: tuple[Item, ...]
    department_ids: tuple[str, ...]


class Scopes:
    """Which tasks look at which enterprises, and with which items (``docs/draw-spec.md`` §5)."""

    def __init__(self, registers: Registers) -> None:
        self.departments = {d.department_id: d for d in registers.departments}
        self.items = {i.item_code: i for i in registers.items}
        self.tasks = registers.tasks
        self.by_id = {t.task_id: t for t in registers.tasks}
        self._known: dict[Look, dict[str, Work]] = {}
        self._kinds: dict[Kind, list[tuple[Task, tuple[Item, ...]]]] = {}

    def works(self, look: Look) -> dict[str, Work]:
        """Per task in whose scope the look is: its work there; no items where none applies."""
        if look not in self._known:
            district, industry, tags, exempt = look
            self._known[look] = {
                task.task_id: self._work(task, items, district)
                for task, items in self._of_kind((industry, tags))
                if task.task_id not in exempt and self._reaches(task, district)
            }
        return self._known[look]

    def in_frame(self, look: Look) -> list[str]:
        """The tasks in whose frame everybody of this look is: in scope, and an item applies."""
        return [task_id for task_id, work in self.works(look).items() if work.items]

    def _of_kind(self, kind: Kind) -> list[tuple[Task, tuple[Item, ...]]]:
        """The tasks that want this industry and these tags, each with its items that apply there."""
        if kind not in self._kinds:
            wanted = (task for task in self.tasks if matches(task.industries, task.tags, *kind))
            self._kinds[kind] = [(task, self._applying(task, *kind)) for task in wanted]
        return self._kinds[kind]

    def _applying(self, task: Task, industry: str, tags: tuple[str, ...]) -> tuple[Item, ...]:
        listed = [self.items[code] for code in sorted(set(task.item_codes)) if code in self.items]
        return tuple(i for i in listed if matches(i.industries, i.tags, industry, tags))

    def _reaches(self, task: Task, district: str) -> bool:
        if task.districts and district not in task.districts:
            return False
        lead = self.departments.get(task.lead_id)
        return task.mode == "municipal_to_district" or (lead is not None and _covers(lead, district))

    def _work(self, task: Task, items: tuple[Item, ...], district: str) -> Work:
        return Work(
            items=items, department_ids=tuple(self._competent(task, i.field, district) for i in items)
        )

    def _competent(self, task: Task, field: str, district: str) -> str:
        if task.mode == "municipal_to_district":
            found = [
                d.department_id
                for d in self.departments.values()
                if d.level == "district" and d.field == field and _covers(d, district)
            ]
        else:
            own = dict.fromkeys((task.lead_id, *task.cooperating_ids))
            known = (self.departments[ident] for ident in own if ident in self.departments)
            found = [d.department_id for d in known if d.field == field]
        return found[0] if len(found) == 1 else ""


def matches(
    industries: tuple[str, ...], wanted: tuple[str, ...], industry: str, tags: tuple[str, ...]
) -> bool:
    """Any industry prefix and any tag, each where it is given."""
    return (not industries or industry.startswith(industries)) and (
        not wanted or not set(wanted).isdisjoint(tags)
    )


def _covers(department: Department, district: str) -> bool:
    return not department.districts or district in department.districts


@dataclass(frozen=True, kw_only=True)
class Census:
    """What the pass found out.

    ``sizes`` counts the frame by (look, class), ``ids`` are its ids until they are ranked; ``ranked`` holds
    each stratum's smallest (ticket, id) in order, the drawn and the listed reserves; ``members`` its true
    size. ``outside`` are per task how many of its frame lie in no or in several strata. ``lon``/``lat`` are
    the frame's coordinates by district. ``kept`` are the enterprises that later tables name. ``frame`` is
    the tally of frame and exclusions.
    """

    scopes: Scopes
    sizes: Counter[tuple[Look, RiskClass]]
    ids: defaultdict[tuple[Look, RiskClass], bytearray]
    ranked: dict[str, list[tuple[str, str]]]
    members: Counter[str]
    outside: Counter[str]
    lon: dict[str, list[int]]
    lat: dict[str, list[int]]
    kept: dict[str, Enterprise]
    frame: Cases
    exemptions: Exemptions


def seed_of(seed_text: str, profile: Profile = "sha256") -> str:
    """The seed: the digest of ``seed.txt`` in hexadecimal digits."""
    return digest_hex(seed_text.encode(), profile)


def ticket_of(seed: str, role: str, group: str, ident: str, profile: Profile = "sha256") -> str:
    """One ticket (``docs/draw-spec.md`` §3)."""
    return digest_hex(nfc(f"{seed}|{role}|{group}|{ident}").encode(), profile)


def take_census(evidence: Evidence, *, processes: int = 1) -> Census:
    """Read the population and the frame side by side, once; then replay the draw of enterprises."""
    census, told = new_census(evidence), told_of(evidence)
    active = _active(evidence, census, told)
    for enterprise, row in zip_longest(active, evidence.frame):
        subject = row.enterprise_id if row is not None else enterprise.enterprise_id if enterprise else ""
        expected = None if enterprise is None else row_of(enterprise)
        census.frame.look(row == expected, "verify.frame_row", enterprise=subject)
        if enterprise is not None:
            count(enterprise, census, told)
    untrue(census, told)
    _rank(evidence, census, processes)
    return census


def new_census(evidence: Evidence) -> Census:
    """Nobody counted yet."""
    return Census(
        scopes=Scopes(evidence.registers),
        sizes=Counter(),
        ids=defaultdict(bytearray),
        ranked={},
        members=Counter(),
        outside=Counter(),
        lon=defaultdict(list),
        lat=defaultdict(list),
        kept={},
        frame=Cases("plan"),
        exemptions=Exemptions(evidence.registers, evidence.plan.settings),
    )


def told_of(evidence: Evidence) -> set[Key]:
    """The enterprises' exclusions that the plan tells and nothing accounts for yet."""
    return {_key(row) for row in evidence.excluded if row.role == "enterprise"}


def untrue(census: Census, told: set[Key]) -> None:
    """What is told and nothing accounted for is not true."""
    for subject, task, reason, _ in sorted(told):
        census.frame.broken("verify.exclusion_untrue", subject=subject, task=task, reason=reason)


def _rank(evidence: Evidence, census: Census, processes: int) -> None:
    alike = {key: (census.sizes[key], bytes(ids)) for key, ids in census.ids.items()}
    census.ids.clear()
    seed = seed_of(evidence.seed_text, evidence.plan.settings.profile)
    tasks, in_frame = census.scopes.tasks, census.scopes.in_frame
    ranking = replay(evidence.plan, tasks, alike, in_frame, seed, processes=processes)
    census.ranked.update(ranking.ranked)
    census.members.update(ranking.members)
    census.outside.update(ranking.outside)


def _key(row: Exclusion) -> Key:
    return (row.subject_id, row.task_id, row.reason, row.detail)


def _active(evidence: Evidence, census: Census, told: set[Key]) -> Iterator[Enterprise]:
    """The enterprises of the frame; keeps those that later tables name and accounts for the others."""
    named = named_in(evidence)
    for enterprise in evidence.population():
        if not (
            is_id(enterprise.enterprise_id) and (is_name(enterprise.district) or not enterprise.district)
        ):
            column = "enterprise_id" if not is_id(enterprise.enterprise_id) else "district"
            census.frame.broken("verify.name_form", column=column, value=getattr(enterprise, column))
        if enterprise.enterprise_id in named:
            census.kept[enterprise.enterprise_id] = enterprise
        if enterprise.status == "active":
            yield enterprise
        else:
            key = (enterprise.enterprise_id, "", "excluded.status", enterprise.status)
            account(census, told, key)


def named_in(evidence: Evidence) -> frozenset[str]:
    """The enterprises that later tables name: all that the census keeps."""
    tables = (evidence.drawn_enterprises, evidence.requirements, evidence.visits, evidence.registers.orders)
    named = frozenset(row.enterprise_id for rows in tables for row in rows)
    return named.union(order.enterprise_id for event in evidence.late for order in event.orders)


def account(census: Census, told: set[Key], key: Key) -> None:
    """Whether the plan tells an exclusion that is due."""
    census.frame.look(key in told, "verify.exclusion_missing", subject=key[0], task=key[1], reason=key[2])
    told.discard(key)


def row_of(enterprise: Enterprise) -> FrameRow:
    """The enterprise as the frame has to show it."""
    return FrameRow(
        enterprise_id=enterprise.enterprise_id,
        authority=enterprise.authority,
        unit=enterprise.unit,
        district=enterprise.district,
        industry=enterprise.industry,
        risk_class=enterprise.risk_class,
        tags=enterprise.tags,
    )


def _look(enterprise: Enterprise, census: Census, told: set[Key]) -> Look:
    """What scopes see; every task the enterprise is exempt from is accounted for."""
    look = look_of(enterprise)
    if not census.exemptions.concerns(enterprise.enterprise_id):
        return look
    exempt = []
    for task_id, work in census.scopes.works(look).items():
        duty = Duty(task=census.scopes.by_id[task_id], items=work.items, department_ids=work.department_ids)
        found = census.exemptions.reason(enterprise, duty)
        if found is not None:
            exempt.append(task_id)
            account(census, told, (enterprise.enterprise_id, task_id, *found))
    return (*look[:3], tuple(exempt))


def look_of(enterprise: Enterprise) -> Look:
    """What scopes see of an enterprise that is exempt from nothing."""
    return (enterprise.district, enterprise.industry, enterprise.tags, ())


def count(enterprise: Enterprise, census: Census, told: set[Key]) -> Look:
    """Count one enterprise of the frame; returns how it looks."""
    look = _look(enterprise, census, told)
    census.sizes[look, enterprise.risk_class] += 1
    census.ids[look, enterprise.risk_class] += f"{enterprise.enterprise_id}\n".encode()
    if enterprise.lon_udeg is not None and enterprise.lat_udeg is not None:
        census.lon[enterprise.district].append(enterprise.lon_udeg)
        census.lat[enterprise.district].append(enterprise.lat_udeg)
    for task_id, work in census.scopes.works(look).items():
        if not work.items:
            account(census, told, (enterprise.enterprise_id, task_id, "excluded.no_item", ""))
    return look
