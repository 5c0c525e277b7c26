"""``问题清单.xlsx``: all that is wrong with a campaign's files, listed on one sheet and shown at its cell.

In: what :func:`scheduler.intake.examine` found. Out: a workbook. May import: the standard library, the rest
of the room, :mod:`scheduler.domain`.

The workbook holds what the input held, so it is written for the planner and never sealed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from scheduler.domain.errors import Problem
from scheduler.domain.intake import Rejected, TableReport
from scheduler.domain.messages import Language, text
from scheduler.domain.registers import TABLES
from scheduler.intake.annotated import Annotated, Finding, annotate, with_message
from scheduler.intake.assemble import problem_of
from scheduler.intake.campaign import TableFile
from scheduler.intake.pages import Colour, Page, sheet_names, write_pages
from scheduler.intake.reading import Examined

LISTED = 10_000
"""Most notices of one kind about one table that are listed one by one: a register without coordinates has one
for every row. Rejected rows are all listed."""

FIGURES = (
    "lines",
    "heads",
    "hints",
    "examples",
    "blank",
    "rows_read",
    "accepted",
    "rejected",
    "merged",
    "warnings",
)


def write_problem_book(path: Path, examined: Examined, language: Language, more: Sequence[Page] = ()) -> int:
    """Write the workbook, ``more`` sheets after the two first ones; returns how many problems it lists. The
    same files give the same bytes."""
    found = findings(examined, language)
    copies = list(_copies(examined, found, language))
    fixed = [text("intake.book_list", language), text("intake.book_figures", language)]
    names = sheet_names([*fixed, *(page.name for page in more), *(copy.page.name for _, copy in copies)])
    sheets = {key: name for (key, _), name in zip(copies, names[2 + len(more) :], strict=True)}
    listing = _listing(found, examined, copies, sheets, names[0], language)
    figures = _figures(examined.report.tables, names[1], language)
    write_pages(path, [listing, figures, *more, *(copy.page for _, copy in copies)])
    return len(found)


def findings(examined: Examined, language: Language) -> list[Finding]:
    """Everything wrong, in words: what stops the import, what is rejected, what to look at; each by table and
    row."""
    stops = {_key(problem) for problem in examined.problems}
    keys = [_key(problem_of(line)) for line in examined.rejected]
    found = [
        _finding(line, "stop" if key in stops else "reject", language)
        for line, key in zip(examined.rejected, keys, strict=True)
    ]
    told = set(keys)
    found += [_of_problem(problem, language) for problem in examined.problems if _key(problem) not in told]
    found += [_finding(line, "notice", language) for line in examined.report.warnings]
    return sorted(found, key=_order)


_SEVERITY: Mapping[Colour, int] = {"stop": 0, "reject": 1, "notice": 2}


def _order(one: Finding) -> tuple[int, int, str, str, int, str, str]:
    tables = list(TABLES)
    table = tables.index(one.table) if one.table in tables else -1
    return _SEVERITY[one.severity], table, one.file, one.sheet, one.row, one.column, one.code


def _key(problem: Problem) -> tuple[object, ...]:
    place = problem.place
    names = ("file", "sheet", "row", "column", "value")
    return problem.code, *(place.get(name, "") for name in names), problem.params.get("detail", "")


def _finding(line: Rejected, severity: Colour, language: Language) -> Finding:
    problem = problem_of(line)
    return with_message(
        Finding(
            severity=severity,
            table=line.table,
            file=line.file,
            sheet=line.sheet,
            row=line.row,
            column=line.column,
            value=line.value,
            code=line.code,
            message="",
            remedy="",
        ),
        {**problem.place, **problem.params},
        language,
    )


def _of_problem(problem: Problem, language: Language) -> Finding:
    place, params = problem.place, problem.params
    row = place.get("row", 0)
    return with_message(
        Finding(
            severity="stop",
            table=str(params.get("table", "")),
            file=str(place.get("file", "")),
            sheet=str(place.get("sheet", "")),
            row=row if isinstance(row, int) else 0,
            column=str(place.get("column", params.get("field", ""))),
            value=str(place.get("value", params.get("value", ""))),
            code=problem.code,
            message="",
            remedy="",
        ),
        {**place, **params},
        language,
    )


Key = tuple[str, str]
"""A source: file and table."""


def _copies(
    examined: Examined, found: Sequence[Finding], language: Language
) -> Iterator[tuple[Key, Annotated]]:
    """A copy of each source that has a problem in some row."""
    for entry in examined.sources:
        own = [one for one in found if (one.file, one.table) == (entry.file, entry.table)]
        if not any(one.row for one in own):
            continue
        personal = frozenset(
            line.column
            for line in examined.report.warnings
            if line.table == entry.table and line.code == "intake.column_personal"
        )
        name = _table_word(entry, language)
        yield (entry.file, entry.table), annotate(examined.open(entry), name, own, personal, language)


def _table_word(entry: TableFile, language: Language) -> str:
    return text(f"table.{entry.table}", language)


def _listing(
    found: Sequence[Finding],
    examined: Examined,
    copies: Sequence[tuple[Key, Annotated]],
    sheets: Mapping[Key, str],
    name: str,
    language: Language,
) -> Page:
    by_key = dict(copies)
    shown, hidden = _listed(found)
    rows = _head(examined, copies, hidden, language)
    n_head = len(rows)
    colours: dict[tuple[int, int], Colour] = {(place, 0): "note" for place in range(n_head - 1)}
    colours[0, 0] = "title"
    links: dict[int, tuple[str, str]] = {}
    for number, one in enumerate(shown, start=1):
        place = len(rows)
        key = (one.file, one.table)
        cell = by_key[key].cells.get((one.row, one.column), "") if key in by_key else ""
        if cell:
            links[place] = sheets[key], cell
        rows.append(_row(number, one, cell, language))
        colours[place, 1] = one.severity
    return Page(
        name=name,
        rows=rows,
        n_head=n_head,
        widths=(6, 10, 20, 24, 16, 8, 18, 28, 64, 64, 28, 10),
        colours=colours,
        links=links,
    )


def _row(number: int, one: Finding, cell: str, language: Language) -> list[str]:
    table = text(f"table.{one.table}", language) if one.table in TABLES else one.table
    return [
        str(number),
        text(_SEVERITY_WORDS[one.severity], language),
        table,
        one.file,
        one.sheet,
        str(one.row or ""),
        one.column,
        one.value,
        one.message,
        one.remedy,
        one.code,
        cell,
    ]


_SEVERITY_WORDS: Mapping[Colour, str] = {
    "stop": "intake.book_stop",
    "reject": "intake.book_reject",
    "notice": "intake.book_notice",
}


def _listed(found: Sequence[Finding]) -> tuple[list[Finding], Counter[tuple[str, str]]]:
    """What is listed one by one, and how many notices of each (table, code) are not."""
    seen: Counter[tuple[str, str]] = Counter()
    hidden: Counter[tuple[str, str]] = Counter()
    shown = []
    for one in found:
        key = one.table, one.code
        seen[key] += one.severity == "notice"
        if one.severity == "notice" and seen[key] > LISTED:
            hidden[key] += 1
        else:
            shown.append(one)
    return shown, hidden


def _head(
    examined: Examined,
    copies: Sequence[tuple[Key, Annotated]],
    hidden: Mapping[tuple[str, str], int],
    language: Language,
) -> list[list[str]]:
    """What the reader must know first, then the headings."""
    state = "intake.book_refused" if examined.intake is None else "intake.book_accepted"
    notes = [text(state, language)]
    notes += [] if examined.complete else [text("intake.book_incomplete", language)]
    for copy in (copy for _, copy in copies):
        if not copy.whole:
            notes.append(text("intake.book_partly", language, name=copy.page.name))
        if copy.broken:
            notes.append(text("intake.book_broken", language, name=copy.page.name))
    notes += [
        text("intake.book_more", language, code=code, n=n, table=table) for (table, code), n in hidden.items()
    ]
    heads = [
        "intake.book_number",
        "intake.book_severity",
        "intake.book_table",
        "intake.book_file",
        "intake.book_sheet",
        "intake.book_row",
        "intake.book_column",
        "intake.book_value",
        "intake.book_problem",
        "intake.book_remedy",
        "intake.book_code",
        "intake.book_place",
    ]
    return [
        [text("intake.book_title", language)],
        *([note] for note in notes),
        [text(code, language) for code in heads],
    ]


def _figures(tables: Iterable[TableReport], name: str, language: Language) -> Page:
    """One row per source; the sums that must hold stand above."""
    heads = ["intake.book_table", "intake.book_file", "intake.book_sheet"]
    rows = [
        [text("intake.book_sums", language)],
        [
            *(text(code, language) for code in heads),
            *(text(f"intake.figure_{figure}", language) for figure in FIGURES),
        ],
    ]
    rows += [
        [
            text(f"table.{one.table}", language),
            one.file,
            one.sheet,
            *(str(getattr(one, figure)) for figure in FIGURES),
        ]
        for one in tables
    ]
    return Page(
        name=name, rows=rows, n_head=2, widths=(20, 28, 16, *[11] * len(FIGURES)), colours={(0, 0): "title"}
    )
