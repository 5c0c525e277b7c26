"""The registers of a campaign at its end: a roster problem's people and places with generated names.

In: a roster problem and the size whose names it borrows. Out: registers. May import: instances, the domain.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from instances.chance import stream
from instances.enterprises import make_chunk
from instances.people import departments as bodies_of
from instances.people import person_name
from instances.places import layout
from instances.roster_sizes import ROSTERS
from instances.sizes import Size
from scheduler.domain.problem import AssignmentProblem, Person
from scheduler.domain.registers import (
    CalendarDay,
    Department,
    Enterprise,
    Expert,
    Inspector,
    Item,
    Leave,
    Recusal,
    Registers,
    Task,
)
from scheduler.domain.visits import MergeResult

DAY = dt.timedelta(days=1)
SPECIALTY = "综合"
PPM = 10**6


class Names:
    """Everybody and everything of the problem by a name; who makes requirements fills in ``tasks``."""

    def __init__(self, size: Size, problem: AssignmentProblem, name: str, seed: int) -> None:
        self.size, self.problem, self.name, self.seed = size, problem, name, seed
        self.days = [dt.date.fromisoformat(day) for day in problem.days]
        self.end = self.days[-1] + DAY
        own = ROSTERS[name]
        self.parts = [division for division, _ in size.districts][: own.n_districts]
        rows = bodies_of(size, layout(size, seed), seed)
        local = [row for row in rows if row.level == "district"]
        above = [row for row in rows if row.level == "municipal"]
        self.bodies = [*local[: own.n_districts * own.per_district], *above[: own.municipal]]
        self.codes = [f"{place:03d}" for place in range(1, len(problem.departments) + 1)]
        names = make_chunk(size, layout(size, seed), np.arange(len(problem.visits)), seed, 0)
        self.firms = names.columns
        self.tasks: dict[tuple[int, ...], str] = {}

    def item(self, department: int, skill: int) -> str:
        """Code of the item that asks for the skill in the department."""
        return f"SX{self.codes[department]}{skill + 1}"

    def ticket(self, *parts: str) -> str:
        """64 hexadecimal digits that stand for a ticket or a digest."""
        return hashlib.sha256("|".join((self.name, *parts)).encode()).hexdigest()

    def registers(self, merged: MergeResult) -> Registers:
        """All registers; ``tasks`` have to be known."""
        rng = stream(self.seed, self.name, "names")
        names = {person.person_id: person_name(rng) for person in self.problem.people}
        officers = [person for person in self.problem.people if person.department_idx >= 0]
        experts = [person for person in self.problem.people if person.department_idx < 0]
        return Registers(
            departments=tuple(self._departments()),
            enterprises=tuple(self._enterprises()),
            inspectors=tuple(self._inspector(person, names[person.person_id]) for person in officers),
            experts=tuple(self._expert(person, names[person.person_id]) for person in experts),
            items=tuple(self._items()),
            tasks=tuple(self._task_rows(merged)),
            recusals=tuple(self._recusals()),
            leave=tuple(row for person in officers for row in self._leave(person.person_id, person.days)),
            calendar=tuple(CalendarDay(day=day, is_working=True, source="roster") for day in self.days),
        )

    def _inspector(self, person: Person, name: str) -> Inspector:
        body = self.bodies[person.department_idx]
        return Inspector(
            inspector_id=person.person_id,
            name=name,
            department_id=self.codes[person.department_idx],
            authority=body.authority,
            unit=body.unit,
            certificate_no=person.person_id,
            certificate_expires=self.end,
            is_leader=person.is_leader,
        )

    def _expert(self, person: Person, name: str) -> Expert:
        lon, lat = self._degrees(person.site_idx)
        return Expert(
            expert_id=person.person_id, name=name, specialties=(SPECIALTY,), lon_udeg=lon, lat_udeg=lat
        )

    def _degrees(self, site: int) -> tuple[int, int]:
        """Micro-degrees whose planar metres are the site's, with a cosine of one and the origin as centre."""
        x, y = self.problem.sites[site]
        return -(-x * PPM // 111_320), -(-y * PPM // 111_320)

    def _departments(self) -> Iterator[Department]:
        offices = {p.department_idx: p.site_idx for p in self.problem.people if p.department_idx >= 0}
        for place, (code, body) in enumerate(zip(self.codes, self.bodies, strict=True)):
            lon, lat = self._degrees(offices[place])
            yield Department(
                department_id=code,
                name=body.name,
                field=f"领域{code}",
                level="municipal",
                authority=body.authority,
                unit=body.unit,
                lon_udeg=lon,
                lat_udeg=lat,
            )

    def _enterprises(self) -> Iterator[Enterprise]:
        rows = []
        for idx, need in enumerate(self.problem.visits):
            lon, lat = self._degrees(need.site_idx)
            rows.append(
                Enterprise(
                    enterprise_id=self.firms["enterprise_id"][idx],
                    id_kind="other",
                    name=self.firms["name"][idx],
                    address=self.firms["address"][idx],
                    authority=self.firms["authority"][idx],
                    unit=self.firms["unit"][idx],
                    district=self.parts[idx % len(self.parts)],
                    risk_class="A",
                    lon_udeg=lon,
                    lat_udeg=lat,
                )
            )
        yield from sorted(rows, key=lambda row: row.enterprise_id)

    def _items(self) -> Iterator[Item]:
        for place, code in enumerate(self.codes):
            for skill, name in enumerate(self.problem.skills):
                yield Item(
                    item_code=self.item(place, skill),
                    name=f"{self.bodies[place].name}{name}事项检查",
                    field=f"领域{code}",
                    basis="《随机抽查事项清单》",
                )

    def _task_rows(self, merged: MergeResult) -> Iterator[Task]:
        windows: defaultdict[str, list[tuple[dt.date, dt.date]]] = defaultdict(list)
        for row in merged.requirements:
            windows[row.task_id].append((row.start, row.end))
        for team, ident in self.tasks.items():
            lead, *others = (self.codes[place] for place in team)
            yield Task(
                task_id=ident,
                name=f"{self.bodies[team[0]].name}{'部门联合' if others else ''}双随机抽查",
                lead_id=lead,
                cooperating_ids=tuple(others),
                item_codes=tuple(
                    self.item(place, skill) for place in team for skill in range(len(self.problem.skills))
                ),
                quota="5%",
                start=min(start for start, _ in windows[ident]),
                end=max(end for _, end in windows[ident]),
            )

    def _recusals(self) -> Iterator[Recusal]:
        rows = {
            (self.problem.people[person].person_id, self.firms["enterprise_id"][idx])
            for idx, need in enumerate(self.problem.visits)
            for group in need.groups
            for person in group.barred
        }
        for inspector, firm in sorted(rows):
            yield Recusal(inspector_id=inspector, enterprise_id=firm, kind="利害关系")

    def _leave(self, person: str, at_work: Sequence[int]) -> Iterator[Leave]:
        there = set(at_work)
        for place, day in enumerate(self.days):
            if place not in there:
                yield Leave(person_id=person, start=day, end=day + DAY)
