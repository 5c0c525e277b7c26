"""One source to the rows of one table: cells read, repetitions folded, nothing lost.

In: a :class:`scheduler.intake.headings.Bound` source. Out: :class:`scheduler.intake.rows.Rows` with every
rejected row beside the accepted ones. May import: the standard library, the rest of the room,
:mod:`scheduler.domain`.
"""

import dataclasses
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any

from scheduler.domain.intake import Rejected
from scheduler.domain.ports import Progress
from scheduler.domain.registers import SORT_KEYS, TABLES
from scheduler.intake import uscc
from scheduler.intake.cells import read_id, reader
from scheduler.intake.celltext import BadCellError
from scheduler.intake.duplicates import others
from scheduler.intake.filenotes import file_warnings
from scheduler.intake.headings import Bound
from scheduler.intake.rowrules import RULES, BadRowError, Values
from scheduler.intake.rows import Origin, Rows, shown
from scheduler.intake.source import Record

BATCH = 64
"""Records read together. Larger batches gain little, and one bad record makes its batch be read twice."""

REPORT_EVERY = 1_600
"""Batches between two words of progress: about 100,000 records."""

WHOLE_ROW = frozenset({"recusals", "leave", "history", "quiet", "travel", "neighbours"})
"""Tables in which a key may repeat with other facts: only identical rows are repetitions there."""


def read_table(bound: Bound, progress: Progress | None = None) -> Rows:
    """All rows of the table, sorted; errors as :meth:`scheduler.intake.source.Source.records`."""
    parser = _Parser(bound)
    n_batches = 0
    while batch := list(islice(bound.records, BATCH)):
        parser.take(batch)
        n_batches += 1
        if progress is not None and n_batches % REPORT_EVERY == 0:
            done, total = bound.source.share()
            progress("intake.progress", table=bound.origin.table, rows=batch[-1][0], done=done, total=total)
    if bound.origin.table in WHOLE_ROW:
        folded = _fold_whole(bound.origin.table, parser.rows)
    else:
        folded = _fold(bound.origin, parser.rows, parser.numbers, parser.lost)
    kept, rejected = folded.kept, [*parser.rejected, *folded.rejected]
    return Rows(
        origin=bound.origin,
        sha256=bound.source.sha256(),
        rows=[parser.rows[position] for position in kept],
        numbers=[parser.numbers[position] for position in kept],
        rejected=tuple(rejected),
        warnings=tuple(file_warnings(bound)),
        lost=parser.lost,
        merged=folded.merged,
        lines=bound.sieve.lines(),
    )


class _Parser:
    """Collects rows and rejections while the records stream by."""

    def __init__(self, bound: Bound) -> None:
        self.origin = bound.origin
        self.width = bound.width
        self.shows_row = not bound.personal
        self.cls = TABLES[bound.origin.table]
        self.key = SORT_KEYS[bound.origin.table][0]
        self.key_place = next((place for place, column, _ in bound.columns if column.field == self.key), -1)
        self.rule = RULES.get(bound.origin.table, _no_rule)
        self.pick = _picker([position for position, _, _ in bound.columns])
        self.fields = [column.field for _, column, _ in bound.columns]
        self.reads = [
            reader(column, kind, _default(self.cls, column.field)) for _, column, kind in bound.columns
        ]
        self.rows: list[Any] = []
        self.numbers = array("Q")
        self.rejected: list[Rejected] = []
        self.lost: dict[str, int] = {}

    def take(self, records: list[Record]) -> None:
        """A few records together: column by column while all are good, else one by one."""
        if all(len(cells) == self.width for _, cells in records):
            try:
                self.rows += self._together(records)
            except BadCellError:
                pass
            else:
                self.numbers.extend(number for number, _ in records)
                return
        for number, cells in records:
            self._take_one(number, cells)

    def _together(self, records: list[Record]) -> list[Any]:
        columns = zip(*(self.pick(cells) for _, cells in records), strict=True)
        values = [map(read, column) for read, column in zip(self.reads, columns, strict=True)]
        return [self._row(row) for row in zip(*values)]  # noqa: B905 - equal by construction; strict costs time

    def _row(self, values: tuple[Any, ...]) -> Any:
        return self.cls(**self.rule(dict(zip(self.fields, values))))  # noqa: B905 - see _together

    def _take_one(self, number: int, cells: list[str]) -> None:
        if len(cells) != self.width:
            self._reject_width(number, cells)
            return
        try:
            picked = zip(self.reads, self.pick(cells), strict=True)
            self.rows.append(self._row(tuple(read(cell) for read, cell in picked)))
        except BadCellError:
            self._reject(number, cells)
        else:
            self.numbers.append(number)

    def _reject(self, number: int, cells: list[str]) -> None:
        """Read the record again, slowly, to tell everything that is wrong with it."""
        if _is_blank(cells):
            return
        picked = dict(zip(self.fields, self.pick(cells), strict=True))
        values: Values = {}
        bad: list[tuple[str, BadCellError]] = []
        for (field, cell), read in zip(picked.items(), self.reads, strict=True):
            try:
                value = read(cell)
            except BadCellError as error:
                bad.append((field, error))
            else:
                values[field] = value
        ident = shown(values.get(self.key) or picked.get(self.key, "").strip())
        for field, problem in bad or self._rule_problems(values):
            line = self.origin.entry(number, field, picked.get(field, ""), problem.code, problem.detail)
            self.rejected.append(dataclasses.replace(line, ident=ident))
        if values.get(self.key):
            self.lost.setdefault(str(values[self.key]), number)

    def _rule_problems(self, values: Values) -> list[tuple[str, BadCellError]]:
        try:
            self.rule(values)
        except BadRowError as error:
            return [(error.field, error)]
        return []

    def _reject_width(self, number: int, cells: list[str]) -> None:
        if not _is_blank(cells):
            detail = f"{len(cells)}/{self.width}"
            # cells may stand under the wrong heading here, so a phone number could be any of them
            value = ",".join(cells) if self.shows_row else ""
            line = self.origin.entry(number, "", value, "intake.row_width", detail)
            self.rejected.append(dataclasses.replace(line, ident=self._lose(number, cells)))

    def _lose(self, number: int, cells: list[str]) -> str:
        """The row's key if it can be read: most such rows break behind it, and who names it must not hear
        that nobody knows it."""
        try:
            ident = read_id(cells[self.key_place]) if 0 <= self.key_place < len(cells) else None
        except BadCellError:
            return ""
        if ident:
            self.lost.setdefault(uscc.canonical(ident), number)
        return ident or ""


def _default(cls: type, name: str) -> Any:
    """What an empty cell means: the field's default, or ``None`` where the row's rule has to find it."""
    default = next(field.default for field in dataclasses.fields(cls) if field.name == name)
    return None if default is dataclasses.MISSING else default


def _is_blank(cells: list[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def _picker(positions: list[int]) -> Callable[[list[str]], Iterable[str]]:
    """Takes the known cells out of a record; one position alone would give a cell and not a tuple."""
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda cells: (cells[positions[0]],)


def _no_rule(values: Values) -> Values:
    return values


class _Folded:
    """Positions kept in sorted order, what was rejected, how many repetitions were folded."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.rejected: list[Rejected] = []
        self.merged = 0


def _fold(origin: Origin, rows: list[Any], numbers: "array[int]", lost: dict[str, int]) -> _Folded:
    """Rows with one key: one row where they are identical, else none of them, for nobody knows which is
    right. A row rejected for another reason differs from every other."""
    key = SORT_KEYS[origin.table][0]
    keys = list(map(attrgetter(key), rows))
    order = sorted(range(len(rows)), key=keys.__getitem__)
    result = _Folded()
    for run in _runs(order, keys):
        value = str(keys[run[0]])
        same = len(run) == 1 or all(rows[other] == rows[run[0]] for other in run[1:])
        if same and value not in lost:
            result.kept.append(run[0])
            result.merged += len(run) - 1
            continue
        known = [numbers[position] for position in run] + ([lost[value]] if value in lost else [])
        alike = {numbers[position]: rows[position] for position in run}
        for number in alike:
            detail = others(origin, number, alike, known[len(run) :])
            line = origin.entry(number, key, value, "intake.duplicate", detail)
            result.rejected.append(dataclasses.replace(line, ident=value))
        lost.setdefault(value, numbers[run[0]])
    return result


def _fold_whole(table: str, rows: list[Any]) -> _Folded:
    """Identical rows are one; others keep their place by the sort key and then by all they say."""
    keys = list(map(attrgetter(*SORT_KEYS[table]), rows))
    order = sorted(range(len(rows)), key=keys.__getitem__)
    result = _Folded()
    for run in _runs(order, keys):
        first = dict[str, int]()
        for position in run:
            first.setdefault(repr(rows[position]), position)
        result.kept += [first[text] for text in sorted(first)]
        result.merged += len(run) - len(first)
    return result


def _runs(order: list[int], keys: list[Any]) -> Iterator[list[int]]:
    """Positions with one key together, in the order given."""
    run: list[int] = []
    for position in order:
        if run and keys[position] != keys[run[0]]:
            yield run
            run = []
        run.append(position)
    if run:
        yield run
