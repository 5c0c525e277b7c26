"""What changed in a register since an earlier import: who entered, who left, whose stratum is another.

In: the canonical tables of two imports, sorted by their key. Out: :class:`scheduler.domain.intake.Change` in
order. May import: the standard library, the room's columns and pages, :mod:`scheduler.domain`. Both sides are
streamed: only the changes are held.
"""

from collections import Counter
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


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known about reasons: keys in rows rejected before and now, each with the reason's code; old
    codes to the new ones of the same firm; abolished division codes to their successors."""

    rejected_before: Mapping[str, str] = field(default_factory=dict)
    rejected_now: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    divisions: Mapping[str, str] = field(default_factory=dict)


Line = list[str]
"""The cells of one row of a canonical CSV."""


def changes(table: Register, before: Iterable[Line], after: Iterable[Line], known: Known) -> list[Change]:
    """Every difference between two canonical tables, each given as its heading and then its rows, by key and
    then by field; nothing for a row that decides the same as before. ``before`` and ``after`` are told as the
    tables write them."""
    meeting = _Meeting(table, iter(before), iter(after))
    found = list(meeting.pairs())
    known = replace(known, renamed={**known.renamed, **meeting.former})
    return [change for old, new in found for change in _told_pair(table, old, new, known)]


Row = Mapping[str, str]


class _Meeting:
    """Two sorted tables read side by side; ``former`` collects old codes of firms that are new or changed."""

    def __init__(self, table: Register, before: Iterator[Line], after: Iterator[Line]) -> None:
        self._key = SORT_KEYS[table][0]
        self._before, self._after = before, after
        self.former: dict[str, str] = {}

    def pairs(self) -> Iterator[tuple[Row | None, Row | None]]:
        """Rows that are on one side only, or differ; in the order of their keys."""
        heads = next(self._before, []), next(self._after, [])
        places = tuple(names.index(self._key) if self._key in names else 0 for names in heads)
        old, new = next(self._before, None), next(self._after, None)
        while old is not None or new is not None:
            if new is None or (old is not None and old[places[0]] < new[places[1]]):
                yield _row(heads[0], old), None
                old = next(self._before, None)
            elif old is None or new[places[1]] < old[places[0]]:
                yield None, self._met(_row(heads[1], new))
                new = next(self._after, None)
            else:
                if old != new:
                    yield _row(heads[0], old), self._met(_row(heads[1], new))
                old, new = next(self._before, None), next(self._after, None)

    def _met(self, row: Row) -> Row:
        if row.get("legacy_id"):
            self.former[row["legacy_id"]] = row[self._key]
        return row


def _row(heads: Line, cells: Line | None) -> Row:
    return dict(zip(heads, cells or (), strict=False))


def _told_pair(table: Register, old: Row | None, new: Row | None, known: Known) -> Iterator[Change]:
    key = SORT_KEYS[table][0]
    if old is not None and new is not None:
        yield from _changed(table, key, old, new, known)
    elif old is not None:
        yield _left(table, key, old, known)
    elif new is not None:
        yield _entered(table, key, new, known)


def _left(table: Register, key: str, row: Row, known: Known) -> Change:
    ident = row[key]
    reason, detail = "", ""
    if ident in known.renamed:
        reason, detail = "intake.delta_renamed", known.renamed[ident]
    elif ident in known.rejected_now:
        reason, detail = "intake.delta_rejected", known.rejected_now[ident]
    return Change(table=table, ident=ident, name=row["name"], change="left", reason=reason, detail=detail)


def _entered(table: Register, key: str, row: Row, known: Known) -> Change:
    ident, former = row[key], row.get("legacy_id", "")
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
