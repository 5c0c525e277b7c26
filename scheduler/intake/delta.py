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
    found = list(_pairs(key, iter(before), iter(after)))
    left = {old[key]: old for old, new in found if old is not None and new is None}
    renamed = {**_recoded(table, key, found), **known.renamed}
    known = replace(known, renamed=renamed)
    former = {new: left[old] for old, new in renamed.items() if old in left}
    return [change for old, new in found for change in _told_pair(table, old, new, known, former)]


Row = Mapping[str, str]


def _pairs(
    key: str, before: Iterator[Line], after: Iterator[Line]
) -> Iterator[tuple[Row | None, Row | None]]:
    """Rows of two sorted tables that are on one side only, or differ; in the order of their keys."""
    heads = next(before, []), next(after, [])
    places = tuple(names.index(key) if key in names else 0 for names in heads)
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old[places[0]] < new[places[1]]):
            yield _row(heads[0], old), None
            old = next(before, None)
        elif old is None or new[places[1]] < old[places[0]]:
            yield None, _row(heads[1], new)
            new = next(after, None)
        else:
            if old != new:
                yield _row(heads[0], old), _row(heads[1], new)
            old, new = next(before, None), next(after, None)


def _recoded(table: Register, key: str, found: Iterable[tuple[Row | None, Row | None]]) -> dict[str, str]:
    """Old codes to the new ones of the same firm or person: what a row says about its former number goes
    before what makes two rows one (:data:`SAME`), which counts only where nobody else has it."""
    claims: defaultdict[str, list[str]] = defaultdict(list)
    ones: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    others: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for old, new in found:
        if new is not None and new.get("legacy_id"):
            claims[new["legacy_id"]].append(new[key])
        row, side, kind = (old, ones, "legacy") if new is None else (new, others, "uscc")
        if row is not None and (old is None or new is None) and row.get("id_kind", kind) == kind:
            marks = tuple(row.get(name, "") for name in SAME[table])
            if all(marks):
                side[marks].append(row[key])
    alone = {
        codes[0]: others[marks][0] for marks, codes in ones.items() if len(codes) == len(others[marks]) == 1
    }
    return alone | {old: codes[0] for old, codes in claims.items() if len(codes) == 1}


def _row(heads: Line, cells: Line | None) -> Row:
    return dict(zip(heads, cells or (), strict=False))


def _told_pair(
    table: Register, old: Row | None, new: Row | None, known: Known, former: Mapping[str, Row]
) -> Iterator[Change]:
    key = SORT_KEYS[table][0]
    if old is not None and new is not None:
        yield from _changed(table, key, old, new, known)
    elif old is not None:
        yield _left(table, key, old, known)
    elif new is not None:
        before = former.get(new[key])
        yield _entered(table, key, new, known, before)
        if before is not None:
            yield from _changed(table, key, before, new, known)


def _left(table: Register, key: str, row: Row, known: Known) -> Change:
    ident = row[key]
    reason, detail = "", ""
    if ident in known.renamed:
        reason, detail = "intake.delta_renamed", known.renamed[ident]
    elif ident in known.rejected_now:
        reason, detail = "intake.delta_rejected", known.rejected_now[ident]
    return Change(table=table, ident=ident, name=row["name"], change="left", reason=reason, detail=detail)


def _entered(table: Register, key: str, row: Row, known: Known, before: Row | None) -> Change:
    ident = row[key]
    reason, detail = "", ""
    if before is not None:
        reason, detail = "intake.delta_renamed", before[key]
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
