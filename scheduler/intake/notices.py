"""What a person should look at although the row is accepted: nothing is changed, nothing is left out.

In: the tables with their references checked, the settings. Out: warnings. May import: the standard library,
the room's codes and rows, :mod:`scheduler.domain`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Any

from scheduler.domain.registers import Enterprise, Expert, Inspector, Item
from scheduler.domain.settings import Settings
from scheduler.intake.codes import legacy_doubt
from scheduler.intake.rows import Rows

Bad = tuple[str, object, str, str]
"""A field, its value, a message code, the message's detail."""


def with_notices(tables: Mapping[str, Rows], settings: Settings) -> dict[str, Rows]:
    """The tables, each with the warnings that its rows deserve."""
    judges: dict[str, Callable[[Any], Iterator[Bad]]] = {
        "enterprises": _enterprises(tables),
        "inspectors": _inspectors(tables, settings),
        "items": _items(tables),
    }
    found = dict(tables)
    for name, judge in judges.items():
        table = found[name]
        found[name] = table.warned(
            table.origin.entry(table.numbers[position], field, value, code, detail)
            for position, row in enumerate(table.rows)
            for field, value, code, detail in judge(row)
        )
    return found


def enterprise_doubts(row: Enterprise, covered: frozenset[str]) -> Iterator[Bad]:
    """What is doubtful about one enterprise: the check digit of its 注册号, and a division code that no
    department covers (``covered`` is empty where some department covers all)."""
    for field, ident in (("enterprise_id", row.enterprise_id), ("legacy_id", row.legacy_id)):
        doubt = legacy_doubt(ident) if field == "legacy_id" or row.id_kind == "legacy" else None
        if doubt is not None:
            yield field, ident, *doubt
    if covered and row.district not in covered:
        yield "district", row.district, "intake.division_uncovered", ""


def covered_districts(departments: Iterable[object]) -> frozenset[str]:
    """Division codes that some department covers; empty where one covers all, or there is none."""
    rows = [getattr(row, "districts", ()) for row in departments]
    return frozenset(chain.from_iterable(rows)) if all(rows) else frozenset()


def _enterprises(tables: Mapping[str, Rows]) -> Callable[[Enterprise], Iterator[Bad]]:
    """Those of :func:`enterprise_doubts`, and a code of no kind where the file does not say the kinds."""
    covered = covered_districts(tables["departments"].rows)
    says_kind = "id_kind" in tables["enterprises"].origin.heads

    def judge(row: Enterprise) -> Iterator[Bad]:
        if row.id_kind == "other" and not says_kind:
            yield "enterprise_id", row.enterprise_id, "intake.id_other", ""
        yield from enterprise_doubts(row, covered)

    return judge


def _inspectors(tables: Mapping[str, Rows], settings: Settings) -> Callable[[Inspector], Iterator[Bad]]:
    """Certificates that ended before the campaign (R04: no day is left) or that two people carry, scopes that
    hold no item of the list, a jurisdiction that no department has (R08)."""
    certificates = Counter(row.certificate_no for row in tables["inspectors"].rows)
    codes = [row.item_code for row in tables["items"].rows]
    pairs = {(row.authority, row.unit) for row in tables["departments"].rows}

    @cache
    def is_held(scope: str) -> bool:
        return any(_holds(scope, code) for code in codes)

    def judge(row: Inspector) -> Iterator[Bad]:
        if row.certificate_expires < settings.start:
            day = settings.start.isoformat()
            yield "certificate_expires", row.certificate_expires, "intake.certificate_expired", day
        if certificates[row.certificate_no] > 1:
            yield "certificate_no", row.certificate_no, "intake.certificate_shared", ""
        for scope in row.item_scopes:
            if not is_held(scope):
                yield "item_scopes", scope, "intake.scope_without_item", scope
        if (row.authority, row.unit) not in pairs:
            yield "unit", row.unit, "intake.unit_unknown", f"{row.authority} / {row.unit}"

    return judge


def _holds(scope: str, code: str) -> bool:
    return code.startswith(scope[:-1]) if scope.endswith("*") else code == scope


def _items(tables: Mapping[str, Rows]) -> Callable[[Item], Iterator[Bad]]:
    """A qualification or a specialty that the list asks for and nobody has (R05, R06)."""
    people: list[Inspector] = tables["inspectors"].rows
    experts: list[Expert] = tables["experts"].rows
    held = set(chain.from_iterable(row.qualifications for row in people))
    known = set(chain.from_iterable(row.specialties for row in experts))

    def judge(row: Item) -> Iterator[Bad]:
        if row.qualification and row.qualification not in held:
            yield "qualification", row.qualification, "intake.qualification_nobody", row.qualification
        if row.expert and row.expert not in known:
            yield "expert", row.expert, "intake.expert_nobody", row.expert

    return judge
