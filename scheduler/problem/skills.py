"""Items to be inspected and drawn officers in; the fewest skills that tell officers apart out (R05).

May import: the domain and this room.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.registers import Inspector, Item
from scheduler.problem.people import Drawn

NAMED_ITEMS = 3
"""So many item codes stand in a skill's name; further ones are counted."""


@dataclass(frozen=True, kw_only=True)
class Skills:
    """``of_work`` maps (department, item) to its ``skill_idx``; ``masks`` each person to his skills.

    Work that every drawn officer who may sit for the department may do needs no skill and is left out.
    """

    names: tuple[str, ...]
    of_work: dict[tuple[str, str], int]
    masks: dict[str, int]

    def needed(self, department_id: str, item_codes: Iterable[str]) -> tuple[int, ...]:
        """The skills a department's team has to cover for the items, ascending."""
        found = {self.of_work.get((department_id, code), -1) for code in item_codes}
        return tuple(sorted(found - {-1}))


def may_do(officer: Inspector, item: Item) -> bool:
    """Whether the item is in the officer's scope (事项范围) and he holds its qualification."""
    qualified = not item.qualification or item.qualification in officer.qualifications
    return qualified and (
        not officer.item_scopes
        or any(
            item.item_code.startswith(scope[:-1]) if scope.endswith("*") else item.item_code == scope
            for scope in officer.item_scopes
        )
    )


def skills(
    work: Iterable[tuple[str, str]],
    items: Mapping[str, Item],
    people: Iterable[Drawn],
    helpers: Mapping[str, Sequence[str]],
    *,
    shared: bool,
) -> Skills:
    """The skills behind the (department, item) pairs, sorted by department and first item.

    Items of a department that the same drawn officers may do share one skill, so that the problem stays
    small. With ``shared`` false (each item wants somebody else) every pair keeps a skill of its own. A
    department's ``helpers`` count like its own officers.
    """
    staff: dict[str, list[Inspector]] = {}
    for one in people:
        if isinstance(one.row, Inspector):
            staff.setdefault(one.row.department_id, []).append(one.row)
    alike: dict[tuple[str, frozenset[str], str], list[str]] = {}
    for department, code in sorted(set(work)):
        own = [row for name in (department, *helpers.get(department, ())) for row in staff.get(name, [])]
        capable = frozenset(row.inspector_id for row in own if may_do(row, items[code]))
        if shared and own and len(capable) == len(own):
            continue
        alike.setdefault((department, capable, "" if shared else code), []).append(code)
    masks: dict[str, int] = {}
    for n, (_, capable, _) in enumerate(alike):
        for person_id in capable:
            masks[person_id] = masks.get(person_id, 0) | 1 << n
    return Skills(
        names=tuple(_name(department, codes) for (department, _, _), codes in alike.items()),
        of_work={(key[0], code): n for n, (key, codes) in enumerate(alike.items()) for code in codes},
        masks=masks,
    )


def _name(department: str, codes: list[str]) -> str:
    more = f"+{len(codes) - NAMED_ITEMS}" if len(codes) > NAMED_ITEMS else ""
    return f"{department}:{','.join(codes[:NAMED_ITEMS])}{more}"
