"""What a fixed group (固定小组) must keep before it can be drawn as one; docs/draw-spec.md §8, §12.

In: registers, settings, whom the pools leave out. Out: problems. May import: the domain, the standard
library.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from scheduler.domain.errors import Problem
from scheduler.domain.plan import Exclusion
from scheduler.domain.registers import Inspector, Recusal, Registers
from scheduler.domain.settings import Settings

_NAME = re.compile(r"[!-:<-{}~]+")
"""Printable ASCII without space, ``;`` and ``|``: a group's name stands in tickets."""


def fixed_group_problems(
    registers: Registers, settings: Settings, people: Iterable[Exclusion]
) -> Iterator[Problem]:
    """Every group that could not come together lawfully; none where the plan does not ask for groups.

    A name must be an id that no person has. The members are of one department and jurisdiction, no more than
    its officers of a team, and not barred from each other; where they are a whole team of a department,
    it has its leader and its senior.
    """
    if not settings.teams.fixed_groups:
        return
    groups: dict[str, list[Inspector]] = {}
    for one in registers.inspectors:
        if one.fixed_group:
            groups.setdefault(one.fixed_group, []).append(one)
    left_out = {row.subject_id for row in people if row.role == "inspector" and not row.task_id}
    taken = {row.inspector_id for row in registers.inspectors} | {row.expert_id for row in registers.experts}
    for name, members in sorted(groups.items()):
        there = [one for one in members if one.inspector_id not in left_out]
        if not _NAME.fullmatch(name):
            yield Problem(code="draw.id_form", params={"column": "fixed_group"}, place={"value": name})
        if name in taken:
            yield Problem(code="draw.id_twice", params={"column": "fixed_group"}, place={"value": name})
        if len({(one.department_id, one.authority, one.unit) for one in members}) > 1:
            yield Problem(code="draw.group_split", params={"group": name})
        yield from _team_problems(name, there, settings)
        yield from _barred(name, there, registers.recusals, settings)


def _team_problems(name: str, there: Sequence[Inspector], settings: Settings) -> Iterator[Problem]:
    teams = settings.teams
    if len(there) > teams.officers:
        sizes = {"found": len(there), "most": teams.officers}
        yield Problem(code="draw.group_large", params={"group": name, **sizes})
    if teams.per != "department" or len(there) != teams.officers:
        return
    if teams.leader_required and not any(one.is_leader for one in there):
        yield Problem(code="draw.group_unled", params={"group": name})
    if teams.newcomer_with_senior and all(one.is_newcomer for one in there):
        yield Problem(code="draw.group_unguided", params={"group": name})


def _barred(
    name: str, there: Sequence[Inspector], recusals: Iterable[Recusal], settings: Settings
) -> Iterator[Problem]:
    """Two who may not be in one team on some day of the campaign."""
    own = {one.inspector_id for one in there}
    found = {
        (min(row.inspector_id, row.other_inspector_id), max(row.inspector_id, row.other_inspector_id))
        for row in recusals
        if row.state != "rejected"
        and row.inspector_id in own
        and row.other_inspector_id in own
        and (row.start is None or row.start < settings.end)
        and (row.end is None or settings.start < row.end)
    }
    for one, other in sorted(found):
        yield Problem(code="draw.group_barred", params={"group": name, "one": one, "other": other})
