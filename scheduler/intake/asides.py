"""Rows of a table that are no data: examples to delete, notes on how to fill in, repeated headings, blanks.

In: the records below a heading. Out: the data records alone, and how many of each other kind there were.
May import: the standard library, :mod:`scheduler.intake.source`, :mod:`scheduler.intake.rows`.

A row is put aside only where it could never be taken for a record of the register: an example says so in a
cell of its own, a note stands above the first record or fills a single cell. All are counted and reported.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from scheduler.intake.rows import Lines
from scheduler.intake.source import Record

Aside = Literal["example", "hint", "blank"]

MARKED_EXAMPLE = r"^[^0-9A-Za-z]{0,3}(案例|示例|样例|范例|举例)[^0-9A-Za-z]{0,6}请?(勿|予以|自行)?删"
"""A cell that asks to be deleted: ``案例（请删除）``, ``示例行,请删除``. It may stand in any column."""

NAMED_EXAMPLE = (
    r"^[\s（(【\[]*(案例|示例|样例|范例|举例)"
    r"([0-9０-９一二三四五六七八九十]{0,2}|行|数据|[：:].*)[）)】\]\s]*$"
)
"""A cell that is only the word, with a number or a text after a colon. It counts in the first filled cell,
or in the cell of the key: elsewhere it may be a lawful text."""

HINT = (
    r"填写说明|填表说明|填报说明|填写要求|填写规则|填表须知|必填|选填|非必填|可不填|下拉选择|请填写|请选择"
    r"|格式[：:为]|^[（(]?(注|说明|备注)[：:]"
)
"""What a note on how to fill in says; looked for above the first record only."""

FOOT = (
    "注:",
    "注：",
    "备注:",
    "备注：",
    "说明:",
    "说明：",
    "填表",
    "填写",
    "制表",
    "审核人",
    "合计",
    "总计",
    "共计",
    "打印",
    "导出",
    "数据截",
    "数据来源",
)
"""How a row of a single filled cell begins that is a note or a sum and no record."""

PAGE = r"[-—\s]*第?\s*[0-9]+\s*页?\s*[/,，共]?\s*共?\s*[0-9]*\s*页[-—\s]*"
"""A single cell that numbers the page: ``第1页 共3页``, ``1/3页``."""

SUM = r"(合|总|小|共)计[：:]?|(制表|审核|复核|填表|填报)[^：:]{0,4}[：:].*"
"""The first filled cell of a foot that has more: ``合计,,312``, ``制表人：甲,,审核人：乙``. It counts
where the key is empty or this cell itself: such a row is no record in any case."""

NAMED = 10
"""Most row numbers that a report names."""

_MARKED = re.compile(MARKED_EXAMPLE)
_WORD = re.compile(NAMED_EXAMPLE)
_HINT = re.compile(HINT)
_SUM = re.compile(SUM)
_PAGE = re.compile(PAGE)
_GAP = "\x1f"
EXAMPLE_SIGN = "例"
"""Every marker of an example holds it; a row without it need not be looked at."""


@dataclass(kw_only=True)
class Sieve:
    """Lets data records through and counts the others; ``rows`` keeps the first numbers of each kind.

    ``heads`` is the heading as written, ``key`` the position of the table's key, ``is_heading`` says whether
    a text is a heading of the table, ``personal`` are positions whose filled cells are counted in
    ``n_personal`` and never shown. ``instead`` fills an empty cell from another one of its record.
    ``n_heads`` records stand above, the heading among them. ``n_surplus`` blank cells too many at the end of
    the first data record belong to all (each cell was followed by a separator), and are cut off.
    """

    heads: Sequence[str]
    key: int
    is_heading: Callable[[str], bool]
    personal: Sequence[int] = ()
    n_heads: int = 0
    instead: Sequence[tuple[int, int]] = ()
    counts: Counter[str] = field(default_factory=Counter)
    rows: dict[str, list[int]] = field(default_factory=dict)
    n_personal: Counter[int] = field(default_factory=Counter)
    n_records: int = 0
    n_data: int = 0
    n_surplus: int = 0

    def data(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records that are data, in their order."""
        repeated = _GAP.join(self.heads)
        for record in records:
            number, cells = record
            self.n_records += 1
            joined = _GAP.join(cells)
            kind = self._kind(cells, joined) if joined != repeated else "hint"
            if kind is not None:
                self.counts[kind] += 1
                if len(shown := self.rows.setdefault(kind, [])) < NAMED:
                    shown.append(number)
                continue
            self._square(cells)
            self.n_data += 1
            for place in self.personal:
                if place < len(cells) and cells[place].strip():
                    self.n_personal[place] += 1
            for empty, other in self.instead:
                if max(empty, other) < len(cells) and not cells[empty].strip():
                    cells[empty], cells[other] = cells[other], ""
            yield record

    def _square(self, cells: list[str]) -> None:
        """Make the record as wide as the heading where only blank cells under no heading are in question."""
        n_more = len(cells) - len(self.heads)
        if not self.n_data and n_more > 0:
            self.n_surplus = n_more
        if n_more == self.n_surplus > 0 and not any(map(str.strip, cells[-n_more:])):
            del cells[-n_more:]
        elif n_more < 0 and not any(map(str.strip, self.heads[n_more:])):
            cells += [""] * -n_more

    def lines(self) -> Lines:
        """What has been counted so far."""
        return Lines(
            total=self.n_heads + self.n_records,
            heads=self.n_heads,
            examples=self.counts["example"],
            hints=self.counts["hint"],
            blank=self.counts["blank"],
        )

    def _kind(self, cells: list[str], joined: str) -> Aside | None:
        text = joined.strip()  # the gap counts as white space, too
        if not text:
            return "blank"
        if EXAMPLE_SIGN in text and self._is_example(cells, text):
            return "example"
        if self._is_foot(cells, text):
            return "hint"
        return "hint" if not self.n_data and self._is_note(cells) else None

    def _is_example(self, cells: list[str], text: str) -> bool:
        if any(_MARKED.match(cell.strip()) for cell in cells):
            return True
        named = [text.partition(_GAP)[0].strip()]
        named += [cells[self.key].strip()] if self.key < len(cells) else []
        return any(_WORD.match(cell) for cell in named)

    def _is_foot(self, cells: list[str], text: str) -> bool:
        if _GAP not in text:
            return text.startswith(FOOT) or _PAGE.fullmatch(text) is not None
        first = text.partition(_GAP)[0].strip()
        key = cells[self.key].strip() if self.key < len(cells) else ""
        return key in {"", first} and _SUM.fullmatch(first) is not None

    def _is_note(self, cells: list[str]) -> bool:
        """Above the first record: a row that says how to fill in, or headings once more (English ones below
        Chinese). A key written in ASCII makes it a record whatever else it says."""
        filled = [cell.strip() for cell in cells if cell.strip()]
        if len(filled) > 1 and all(self.is_heading(cell) for cell in filled):
            return True
        key = cells[self.key].strip() if self.key < len(cells) else ""
        return not (key and key.isascii()) and any(_HINT.search(cell) for cell in filled)
