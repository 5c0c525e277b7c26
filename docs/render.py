"""Pages that are rendered from data, so that they cannot drift.

In: the rule register, ``docs/reference/glossary.toml``, the tables' columns and the settings, the declared
fields of what is published and exported, the titles of the decisions. Out: ``docs/reference/rules.md``,
``glossary.md``, ``inputs.md``, ``outputs.md`` and ``docs/adr/README.md``. ``python -m docs.render`` writes
them, ``--check`` compares and exits 1 when one is stale.
"""

import argparse
import dataclasses
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from scheduler.domain.messages import catalogue, text
from scheduler.domain.rules import GOALS, RULES
from scheduler.domain.settings import Settings
from scheduler.export.books import SUMMARY
from scheduler.export.fields import OUTPUTS
from scheduler.export.papers import DOCUMENT_SHAPE, VISIT_SHAPE
from scheduler.export.report_fields import REPORT_FIELDS
from scheduler.export.report_view import LEAN_ABOVE
from scheduler.export.reserves import RESERVE_COLUMNS
from scheduler.export.rosters import (
    EXPERT_COLUMNS,
    LEFT_OUT_COLUMNS,
    PEOPLE_COLUMNS,
    PERSON_COLUMNS,
    ROSTER_COLUMNS,
)
from scheduler.export.summary import DEPARTMENT_COLUMNS, GOAL_COLUMNS, OVERVIEW_COLUMNS, RULE_COLUMNS
from scheduler.export.tablespec import PREFIX, TABLES, VERSION, json_schema
from scheduler.export.tablespec import Table as PlatformTable
from scheduler.intake.aliases import AVAILABLE, AVAILABLE_FIELD, AVAILABLE_HEADING
from scheduler.intake.assemble import NEVER_EMPTY, PLAN_ITSELF
from scheduler.intake.columns import COLUMNS, Column, Kind
from scheduler.intake.limits import Limits as ImportLimits
from scheduler.intake.settingsfile import LIMITS
from scheduler.publish.fields import CLOSE_FIELDS, COMMIT_FIELDS, JSON_FIELDS, SCHEMA
from scheduler.publish.outputs import CSV_HEADINGS
from scheduler.publish.staged import CLOSE_SCHEMA, COMMIT_SCHEMA, DRAWN_HEADINGS

DECISIONS = Path(__file__).parent / "adr"
REFERENCE = Path(__file__).parent / "reference"
NOTE = "<!-- Rendered by `python -m docs.render`; edit the data, not this page. -->"
ENFORCED = {
    "constraint": "a constraint of the solver",
    "problem": "the way the problem is built: nothing else can be expressed",
    "merge": "the merge",
    "frame": "the frame: whoever would break it is not drawn",
    "nowhere": "nothing yet",
}
KINDS: dict[Kind, tuple[str, str]] = {
    "id": ("code", "ASCII letters, digits and `. _ -`; keep it as text, or leading zeros get lost"),
    "ids": ("codes", "parted by semicolons, commas or `、`"),
    "department": ("department", "its code, or its name where no other department has it"),
    "departments": ("departments", "codes or names, parted as codes"),
    "place": (
        "place",
        "a division code, or the code of an enterprise, a department (its name, too) or an expert",
    ),
    "scopes": ("item codes", "parted as codes; the beginning of codes with `*`, as in `SC*`"),
    "label": ("word", "short text in one line"),
    "labels": ("words", "parted as codes, within brackets not"),
    "text": ("text", "any"),
    "quota": ("quota", "`5%`, `8‰`, `30家`, `不低于5%`, or per risk class `A:1%;B:3%;C:5%;D:10%`"),
    "date": ("date", "a date cell, `2026-05-06`, `2026/5/6`, `2026年5月6日` or `20260506`"),
    "moment": ("date and time", "`2026-02-20 09:30`"),
    "last_day": ("last day", "a date, the last one that still counts"),
    "count": ("number", "whole"),
    "minutes": ("minutes", "0 to 1440; fractions are rounded up"),
    "degree": ("degrees", "decimal"),
    "micro": ("micro-degrees", "whole"),
    "flag": ("yes or no", "`是` or `否`"),
    "choice": ("one of", "the words listed, the domain's own at the end of each"),
    "hours": ("hours", "`09:00-12:00`, several parted by `；`"),
}
"""Kind of cell to its name in the tables and what may stand in it."""

STATES = {"in_force": "in force", "later": "refused by name where a setting asks for it"}


def rendered() -> dict[Path, str]:
    """Each rendered page with its text."""
    return {
        REFERENCE / "rules.md": rules_page(),
        REFERENCE / "glossary.md": glossary_page(),
        REFERENCE / "inputs.md": inputs_page(),
        REFERENCE / "outputs.md": outputs_page(),
        DECISIONS / "README.md": decisions_page(),
        **{REFERENCE / f"schemas/table-{table.name}-1.json": _schema_text(table) for table in TABLES},
    }


def stale() -> list[Path]:
    """The pages that are missing or differ from their data, in order."""
    return [
        path
        for path, wanted in rendered().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != wanted
    ]


def rules_page() -> str:
    """The rule register, the goals and the checker's other checks."""
    rules = [(r.rule_id, r.zh, r.en, r.source, ENFORCED[r.enforced], STATES[r.state]) for r in RULES]
    goals = [(str(g.goal), g.zh, g.en, f"{g.sense} ({', '.join(g.components)})") for g in GOALS]
    names = sorted(code for code in catalogue() if code.startswith("check."))
    checks = [(code.removeprefix("check."), text(code, "zh"), text(code, "en")) for code in names]
    return _page(
        "Rules, goals and checks",
        "Rules of the roster are data in `scheduler/domain/rules.py`; each in force has a check in"
        " `scheduler/verify`. How to add one: [add a rule](../howto/add-a-rule.md).",
        "## Rules (硬规则)",
        _table(("id", "规则", "rule", "source", "kept inside by", "state"), rules),
        "## Goals (目标), in this order",
        _table(("goal", "目标", "meaning", "value"), goals),
        "Goal 2's value is the sum over departments of the largest `ceil(1000 * load / capacity)`, then the"
        " minutes above each department's target. Goals 4 and 5: [officers and wishes](wishes.md).",
        "## Other checks (其他核验)",
        "What the certificate lists beside the rules:",
        _table(("check", "核验", "meaning"), checks),
    )


def glossary_page() -> str:
    """The words of the field."""
    words = tomllib.loads((REFERENCE / "glossary.toml").read_text(encoding="utf-8"))["word"]
    rows = [(f"`{word['code']}`", word["zh"], word["meaning"], word["meaning_zh"]) for word in words]
    return _page(
        "Glossary (词汇)",
        "The words used in code, messages and pages. No synonyms.",
        _table(("code", "中文", "meaning", "释义"), rows),
    )


def inputs_page() -> str:
    """How one's own files have to look, from the tables' columns and the settings themselves."""
    tables = []
    for table, columns in COLUMNS.items():
        needed = "required" if table in NEVER_EMPTY else "optional"
        stops = "; a rejected row stops the import" if table in PLAN_ITSELF else ""
        tables += [f"### `{table}` ({text(f'table.{table}', 'zh')}), {needed}{stops}"]
        rows = [*map(_column_row, columns), *_available_row(table)]
        tables += [_table(("heading", "also", "", "field", "cell"), rows)]
    return _page(
        "Input files (输入文件)",
        "A campaign is a `campaign.toml` (UTF-8) and the tables it names. `onedoor instance street --out DIR`"
        " writes a whole example to start from; [the tutorial](../tutorial.md) runs one.",
        "## Settings",
        "Dates stand bare (`start = 2026-05-06`); `end` is the first day that no longer belongs to it."
        " What has no default must be given. An unknown setting is refused, never ignored.",
        _table(("section", "setting", "default", "may be"), _setting_rows()),
        "\n".join(_section_meanings()),
        '`[tables]` names a source per table, beside `campaign.toml`: `enterprises = "名录.csv"`,'
        ' with a sheet `enterprises = { file = "名录.xlsx", sheet = "检查对象" }`, or a database\'s'
        ' table or query `enterprises = { sql = "postgresql+psycopg://…", table = "…" }` ([import'
        " from your platform](../howto/import-from-your-platform.md)). In a rehearsal `file` under"
        " `[ceremony]` names the text written in advance; a real campaign has none.",
        '`[aliases.enterprises]` adds headings of your own: `"企业全称" = "name"`, or `"-"` for a column to'
        ' leave out; `[aliases] file = "names.toml"` names a file of such tables. `[import]` sets how much a'
        " source may hold:",
        _table(("`[import]`", "default"), _limit_rows()),
        "A workbook made by `onedoor template` stands for `campaign.toml` and all tables: its sheet"
        " 设置 has the settings by their key (`limits.visits_day`), with 截止日期 as the last day,"
        " and each table is a sheet of its own.",
        "`rows = 9836` beside a file says how many data rows it has to have. `[columns]` reads a file with"
        " other headings and words ([map foreign columns](../howto/map-foreign-columns.md)).",
        "## Tables",
        "CSV (UTF-8 or GB18030; parted by comma, tab, semicolon or full-width comma), .xlsx, .xls,"
        " XML Spreadsheet 2003 under any name, Parquet, SQL. The headings stand in one of the first"
        " ten rows; the order of the columns does not matter, and columns that are not listed are"
        " reported and not read. **!** marks a heading that must be there with a value in every row."
        " A heading in brackets counts only where no better one of its column is there. The English"
        " field name is a heading, too: then coordinates are micro-degrees and `end` is the day after"
        " the last.",
        "Titles above the heading, notes on how to fill in (填写说明, 必填), rows marked as examples"
        " (案例（请删除）, 示例), repeated headings, footers and blank rows are recognised, counted"
        " in the report and not read as data: `lines = heads + examples + hints + blank + rows_read`"
        " for each table. A column of personal data that no stage needs (telephone, identity number,"
        " 法定代表人 and the like) is dropped at the door; the report names it with the number of"
        " filled cells.",
        _table(("cell", "what may stand in it"), KINDS.values()),
        *tables,
    )


def _available_row(table: str) -> Iterator[tuple[str, ...]]:
    """The column that becomes days of leave and is no field of its table."""
    if words := AVAILABLE.get(table):
        also = "、".join(sorted(words - {AVAILABLE_HEADING}))
        days = "[days and ranges](../howto/import-from-your-platform.md#when-people-are-available)"
        yield AVAILABLE_HEADING, also, "", f"`{AVAILABLE_FIELD}`", f"{days} of work; empty: any day"


def _limit_rows() -> Iterator[tuple[str, ...]]:
    for item in dataclasses.fields(ImportLimits):
        yield f"`{item.name}`", f"{item.default:,}"


def _column_row(column: Column) -> tuple[str, ...]:
    words: dict[str, list[str]] = {}
    for word, value in column.choices.items():
        words.setdefault(value, []).append(word)
    listed = "; ".join(" / ".join(same) for same in words.values())
    cell = listed or KINDS[column.kind][0]
    return (
        column.heading,
        "、".join((*column.aliases, *(f"({word})" for word in column.weak))),
        "**!**" if column.needed else "",
        f"`{column.field}`",
        cell,
    )


def _section_meanings() -> Iterator[str]:
    """What the settings' own docstrings say."""
    hints = get_type_hints(Settings)
    for name, hint in (("campaign", Settings), *hints.items()):
        if dataclasses.is_dataclass(hint):
            meaning = " ".join((hint.__doc__ or "").replace("``", "`").split())
            yield f"- `[{name}]`: {meaning}"


def _setting_rows() -> Iterator[tuple[str, ...]]:
    hints = get_type_hints(Settings)
    flat = [item for item in dataclasses.fields(Settings) if not dataclasses.is_dataclass(hints[item.name])]
    for item in flat:
        yield _setting_row("campaign", item, hints[item.name])
    for name, hint in hints.items():
        if dataclasses.is_dataclass(hint):
            kinds = get_type_hints(hint)
            for item in dataclasses.fields(hint):
                yield _setting_row(name, item, kinds[item.name])


def _setting_row(section: str, item: dataclasses.Field[Any], hint: Any) -> tuple[str, ...]:
    least, most = LIMITS.get(f"{section}.{item.name}", ("", ""))
    allowed = " / ".join(get_args(hint)) if get_origin(hint) is Literal else f"{least}–{most}".strip("–")
    default = "" if item.default is dataclasses.MISSING else f"`{item.default}`"
    if item.name == "previous_head":
        default = "64 zeros"
    if item.name == "pieces":
        default = '`["09:00-12:00", "13:30-17:00"]`'
    return (
        f"`[{section}]`",
        f"`{item.name}`",
        default.replace("False", "false").replace("True", "true"),
        allowed,
    )


def outputs_page() -> str:
    """What stands in the public files and the workbooks, from their own declarations."""
    sheets = [
        (book, sheet, "、".join(column.heading for column in columns))
        for book, sheet, columns in (
            ("each department", "排期", ROSTER_COLUMNS),
            ("each department", "人员", PEOPLE_COLUMNS),
            ("each department", "未安排", LEFT_OUT_COLUMNS),
            (SUMMARY, "概况", OVERVIEW_COLUMNS),
            (SUMMARY, "部门", DEPARTMENT_COLUMNS),
            (SUMMARY, "目标", GOAL_COLUMNS),
            (SUMMARY, "核验", RULE_COLUMNS),
            (SUMMARY, "专家", EXPERT_COLUMNS),
            (SUMMARY, "递补", RESERVE_COLUMNS),
            ("each department", "one for each inspector sent", PERSON_COLUMNS),
        )
    ]
    return _page(
        "Published and exported files",
        "## `publish-commit/`, `publish/`, `publish-close/`: for everybody",
        "One page for each stage, in Chinese and English: one file with its style and script inside,"
        " which asks"
        " the network for nothing (its Content-Security-Policy admits no other script, style or request)."
        " Its script computes with the fields of its stage only: before the draw with digests, after it with"
        " ticket groups and cutoffs, after the close with the seed. How an enterprise uses it:"
        " [check your own draw](../howto/check-your-own-draw.md). Names of people, telephones, addresses"
        " stand"
        " in none of these files; codes and names of enterprises only in those of the close, of those drawn.",
        "The data files are canonical JSON; every section is a list of objects. Under the same schema a"
        " field is"
        " never renamed or given another meaning; new ones may come. The schemas (JSON Schema 2020-12)"
        " stand in"
        " [schemas/](schemas/), those of the CSV files describe one line.",
        "### `publish-commit/`: before the draw",
        "`commit.html` shows the commitment, checks proofs, and has a big screen on which what is called"
        " out at"
        " the ceremony is entered in public, checked by the committed grammar, and saved as the file for"
        " `onedoor draw --entropy`.",
        f"`commit.json`, [`{COMMIT_SCHEMA}`](schemas/public-commitment-1.json):",
        _fields_table(COMMIT_FIELDS),
        "### `publish/`: after the draw",
        "No person, no enterprise, no seed. `draw.html` carries a draw certificate to print on one page.",
        f"`draw.json`, [`{SCHEMA}`](schemas/public-draw-1.json):",
        _fields_table(JSON_FIELDS),
        "`draw.csv` ([schema of a line](schemas/public-draw-csv-1.json)): UTF-8 with a byte-order mark,"
        " comma,"
        " one line per drawn ticket, one without a ticket for"
        " a stratum in which nobody was drawn. A text that a spreadsheet would take for a formula has an"
        " apostrophe before it; a code of digits alone has none: import the column as text where a"
        " spreadsheet would make it a number. Headings: " + "、".join(CSV_HEADINGS) + ".",
        "### `publish-close/`: everything",
        f"`close.html`; `close.json`, [`{CLOSE_SCHEMA}`](schemas/public-close-1.json):",
        _fields_table(CLOSE_FIELDS),
        "`drawn.csv` ([schema of a line](schemas/public-drawn-csv-1.json)): one line per enterprise and"
        " task that"
        " is drawn, in the form of `draw.csv`. Headings: " + "、".join(DRAWN_HEADINGS) + ".",
        "## `export/`: for the departments",
        "They hold names: not for publication. Row 1 is a title (with 【演练】 in a rehearsal), row 2 the"
        " headings. All text is text, codes included; dates are dates.",
        _table(("workbook", "sheet", "columns"), sheets),
        "What a colour means stands in the same cell in words: risk class D, C, B; a load beyond the time"
        " there is; what could not be placed; the verdict.",
        "`report.html` is the planner's report: one file in Chinese and English with its style and script"
        " inside, which asks the network for nothing ([how to read it](../howto/read-the-report.md)). It"
        " names officers, experts and enterprises; of an officer it has number, name, department, working"
        " minutes and the days away. All that its script works with, every field a list (above"
        f" {LEAN_ABOVE:,} visits without addresses, and items and tasks only of what is left out):",
        _fields_table(REPORT_FIELDS),
        *_handed_out_parts(),
    )


def _handed_out_parts() -> Iterator[str]:
    """Calendars, papers, tables: what lies outside the run folder."""
    yield "## `<RUN>-导出/`: handed out on demand"
    yield (
        "Made by `onedoor export` with an option ([how to](../howto/hand-out-the-roster.md)); for the house,"
        " not for publication. Of the registers each kind may show only the fields below, by construction:"
        " every other field is blanked before anything is written."
    )
    rows = [
        (f"`{output}`", "; ".join(f"`{table}`: {', '.join(names)}" for table, names in shows.items()))
        for output, shows in OUTPUTS.items()
    ]
    yield _table(("output", "fields of the registers, beside the ids of the rows"), rows)
    yield "### 文书: fields for templates"
    yield (
        "A template is written for one visit. A text is `{{ 检查对象 }}`; a list is"
        " `{% for 行 in 检查事项 %}{{ 行.名称 }}{% endfor %}`. Headers and footers of a .docx know only"
        " the fields marked *."
    )
    yield _table(("field", "parts"), [(_marked(name), _parts(shape)) for name, shape in VISIT_SHAPE.items()])
    yield "### 数据: tables for the main platform"
    yield (
        f"`<table>.csv`, `.json`, `.parquet`; in a database `{PREFIX}<table>`, and `{PREFIX}schema` with the"
        f" version {VERSION}. Under the same version a column is never renamed, dropped or given another"
        " meaning; new ones may come at the end. Rows are sorted by their key. In CSV (UTF-8 with a"
        " byte-order mark) a text that a spreadsheet would take for a formula has an apostrophe before it;"
        " JSON, Parquet and databases hold the exact text."
    )
    for table in TABLES:
        schema = f"[`{table.schema}`](schemas/table-{table.name}-1.json)"
        key = ", ".join(f"`{name}`" for name in table.key)
        yield f"`{table.name}`: {table.meaning}; key {key}; {schema}."
        columns = [
            (f"`{field.name}`", field.kind, "yes" if field.optional else "", field.meaning)
            for field in table.fields
        ]
        yield _table(("column", "kind", "may be empty", "meaning"), columns)


def _marked(name: str) -> str:
    return f"`{name}`*" if name in DOCUMENT_SHAPE else f"`{name}`"


def _parts(shape: Any) -> str:
    if shape is None:
        return "text"
    if shape[0] is None:
        return "list of texts"
    known = (f"{name} (list: {'、'.join(sub[0])})" if sub else name for name, sub in shape[0].items())
    return f"list: {'、'.join(known)}"


def _fields_table(fields: Iterable[str]) -> str:
    """The declared fields of a data file, section by section."""
    sections: dict[str, list[str]] = {}
    for path in fields:
        section, _, name = path.partition(".")
        sections.setdefault(section, []).append(f"`{name}`")
    return _table(
        ("section", "fields"), [(f"`{name}`", ", ".join(known)) for name, known in sections.items()]
    )


def _schema_text(table: PlatformTable) -> str:
    return json.dumps(json_schema(table), ensure_ascii=False, indent=2) + "\n"


def decisions_page() -> str:
    """The index of decisions: number and title of each page."""
    rows = []
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0]
        # A title may repeat the number in any of the usual ways: "# 0001 …", "# ADR 0001: …".
        words = re.sub(r"^#\s*(ADR[ -]*)?\d+\W*", "", title)
        rows.append((f"[{path.name[:4]}]({path.name})", words))
    return _page(
        "Decisions",
        "Each page: context, decision, price. A decision is changed by a new page, never by rewriting.",
        _table(("no.", "decision"), rows),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with ``--check`` tell which are stale; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only")
    if parser.parse_args(arguments).check:
        late = stale()
        sys.stderr.writelines(f"stale: {path.name}; run python -m docs.render\n" for path in late)
        return 1 if late else 0
    for path, wanted in rendered().items():
        path.write_text(wanted, encoding="utf-8")
    return 0


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", NOTE, *parts)) + "\n"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
