"""What changed in a register since an earlier import: who entered, who left, whose stratum is another.

In: the canonical tables of two imports, sorted by their key. Out: :class:`scheduler.domain.intake.Change` in
order. May import: the standard library, the room's columns and pages, :mod:`scheduler.domain`. Both sides are
streamed: only the changes are held.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from scheduler.domain.errors import Problem
from scheduler.domain.intake import Change, Register, Rejected
from scheduler.domain.messages import Language, render, text
from scheduler.domain.registers import SORT_KEYS, Registers
from scheduler.domain.settings import Settings
from scheduler.intake.columns import heading
from scheduler.intake.divisions import Successors
from scheduler.intake.pages import Page
from scheduler.intake.reading import Intake

STRATUM: Mapping[Register, tuple[str, ...]] = {
    "enterprises": (
        "status",
        "risk_class",
        "district",
        "authority",
        "unit",
        "industry",
        "tags",
    ),
    "inspectors": (
        "department_id",
        "authority",
        "unit",
        "certificate_expires",
        "qualifications",
        "item_scopes",
        "is_leader",
        "is_newcomer",
        "fixed_group",
    ),
}
"""Registers an auditor compares, and what decides who can be drawn, for what, in which stratum or pool."""

SAME: Mapping[Register, tuple[str, ...]] = {
    "enterprises": ("name", "address"),
    "inspectors": ("certificate_no",),
}
"""What tells that a row under a new code is one that left: for a firm whose 注册号 gave way to its
统一社会信用代码 as :mod:`scheduler.intake.linked` has it, for a person the number of the certificate."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known about reasons: keys in rows rejected before and now, each with the reason's code; old
    codes to the new ones of the same firm or person; abolished division codes to their successors."""

    rejected_before: Mapping[str, str] = field(default_factory=dict)
    rejected_now: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    divisions: Mapping[str, str] = field(default_factory=dict)


Line = list[str]
"""The cells of one row of a canonical CSV."""


def changes(table: Register, before: Iterable[Line], after: Iterable[Line], known: Known) -> list[Change]:
    """Every difference between two canonical tables, each given as its heading and then its rows, by key and
    then by field; nothing for a row that decides the same as before. A row under a new code is told with what
    changed of it besides. ``before`` and ``after`` are told as the tables write them."""
    key = SORT_KEYS[table][0]
    found: list[Change] = []
    left: dict[str, Row] = {}
    entered: dict[str, Row] = {}
    claims: defaultdict[str, list[str]] = defaultdict(list)
    for old, new in _pairs(table, key, iter(before), iter(after)):
        if new is not None and new.get("legacy_id"):
            claims[new["legacy_id"]].append(new[key])
        if old is not None and new is not None:
            found += _changed(table, key, old, new, known)
        elif old is not None:
            left[old[key]] = old
        elif new is not None:
            entered[new[key]] = new
    said = {old: codes[0] for old, codes in claims.items() if len(codes) == 1}
    known = replace(known, renamed={**_alike(table, left, entered), **said, **known.renamed})
    former = {new: left[old] for old, new in known.renamed.items() if old in left}
    found += [_left(table, ident, row, known) for ident, row in left.items()]
    for ident, row in entered.items():
        was = former.get(ident)
        found.append(_entered(table, ident, row, known, "" if was is None else was[key]))
        found += [] if was is None else _changed(table, key, was, row, known)
    return sorted(found, key=lambda one: (one.ident, one.field))


Row = Mapping[str, str]


def _pairs(
    table: Register, key: str, before: Iterator[Line], after: Iterator[Line]
) -> Iterator[tuple[Row | None, Row | None]]:
    """Rows of two sorted tables that are on one side only, or differ, by what is looked at of them; in the
    order of their keys."""
    wanted = {key, "name", "id_kind", "legacy_id", *STRATUM[table], *SAME[table]}
    heads = next(before, []), next(after, [])
    places = tuple(names.index(key) if key in names else 0 for names in heads)
    columns = tuple([(n, name) for n, name in enumerate(names) if name in wanted] for names in heads)

    def row(cells: Line, side: int) -> Row:
        return {name: cells[n] for n, name in columns[side] if n < len(cells)}

    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old[places[0]] < new[places[1]]):
            yield row(old or [], 0), None
            old = next(before, None)
        elif old is None or new[places[1]] < old[places[0]]:
            yield None, row(new, 1)
            new = next(after, None)
        else:
            if old != new:
                yield row(old, 0), row(new, 1)
            old, new = next(before, None), next(after, None)


def _alike(table: Register, left: Mapping[str, Row], entered: Mapping[str, Row]) -> dict[str, str]:
    """Old codes to new ones of rows that are one by :data:`SAME`, and nobody else's."""
    ones, others = (_by_marks(table, rows, kind) for rows, kind in ((left, "legacy"), (entered, "uscc")))
    pairs = ((codes, others.get(marks, [])) for marks, codes in ones.items())
    return {old[0]: new[0] for old, new in pairs if len(old) == len(new) == 1}


def _by_marks(table: Register, rows: Mapping[str, Row], kind: str) -> dict[tuple[str, ...], list[str]]:
    """Codes by what tells that two rows are one; of firms those of the kind of code alone."""
    found: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for ident, row in rows.items():
        marks = tuple(row.get(name, "") for name in SAME[table])
        if all(marks) and row.get("id_kind", kind) == kind:
            found[marks].append(ident)
    return dict(found)


def _left(table: Register, ident: str, row: Row, known: Known) -> Change:
    reason, detail = "", ""
    if ident in known.renamed:
        reason, detail = "intake.delta_renamed", known.renamed[ident]
    elif ident in known.rejected_now:
        reason, detail = "intake.delta_rejected", known.rejected_now[ident]
    return Change(table=table, ident=ident, name=row["name"], change="left", reason=reason, detail=detail)


def _entered(table: Register, ident: str, row: Row, known: Known, former: str) -> Change:
    reason, detail = "", ""
    if former:
        reason, detail = "intake.delta_renamed", former
    elif ident in known.rejected_before:
        reason, detail = "intake.delta_mended", known.rejected_before[ident]
    return Change(table=table, ident=ident, name=row["name"], change="entered", reason=reason, detail=detail)


def _changed(table: Register, key: str, old: Row, new: Row, known: Known) -> Iterator[Change]:
    for name in sorted(STRATUM[table]):
        was, now = old.get(name, ""), new.get(name, "")
        if was != now:
            followed = name == "district" and known.divisions.get(was) == now
            yield Change(
                table=table,
                ident=new[key],
                name=new["name"],
                change="changed",
                field=name,
                before=was,
                after=now,
                reason="intake.delta_division" if followed else "",
            )


def known_reasons(table: Register, intake: Intake, rejected_before: Iterable[Rejected]) -> Known:
    """What this import and the rejected rows of the one before say about why a row came or went."""
    own = [line for line in intake.rejected if line.table == table]
    by_row = {line.row: line.code for line in own}
    return Known(
        rejected_before={line.ident: line.code for line in rejected_before if line.table == table},
        rejected_now={key: by_row.get(number, "") for key, number in intake.lost.get(table, {}).items()},
        renamed={line.value: line.detail for line in own if line.code == "intake.two_ids"},
        divisions=_followed_divisions(intake.registers, intake.settings),
    )


def _followed_divisions(registers: Registers, settings: Settings) -> dict[str, str]:
    successors = Successors(list(registers.divisions), settings.start)
    return {row.old_code: successors.now(row.old_code).code for row in registers.divisions}


def compared_problems(before: Iterable[Rejected], now: Iterable[Rejected]) -> tuple[int, int, int]:
    """How many problems were mended, how many are still there, how many are new. A problem is the same one
    where table, code of the row, column, value and reason are, whatever row it stands in by now."""
    old, new = Counter(map(_same, before)), Counter(map(_same, now))
    left = (old & new).total()
    return old.total() - left, left, new.total() - left


def _same(line: Rejected) -> tuple[str, ...]:
    return line.table, line.ident, line.column, line.value, line.code


def delta_page(found: Iterable[Change], language: Language) -> Page:
    """The list of changes as a sheet of the workbook of problems."""
    heads = ("table", "ident", "name", "change", "field", "before", "after", "reason")
    rows = [
        [text("intake.delta_title", language)],
        [text(f"intake.delta_head_{head}", language) for head in heads],
    ]
    rows += [_told(change, language) for change in found]
    return Page(
        name=text("intake.delta_sheet", language),
        rows=rows,
        n_head=2,
        widths=(18, 24, 30, 10, 18, 24, 24, 60),
        colours={(0, 0): "title"},
    )


def _told(change: Change, language: Language) -> list[str]:
    return [
        text(f"table.{change.table}", language),
        change.ident,
        change.name,
        text(f"intake.delta_{change.change}", language),
        heading(change.table, change.field) if change.field else "",
        change.before,
        change.after,
        _reason(change, language),
    ]


def _reason(change: Change, language: Language) -> str:
    """The reason in words; that of a rejected row is told by its own code."""
    if not change.reason:
        return ""
    detail = change.detail
    if change.reason in {"intake.delta_rejected", "intake.delta_mended"} and detail:
        detail = render(Problem(code=detail, params={"detail": "…"}), language)
    return text(change.reason, language, detail=detail)
