"""``campaign.toml`` to settings and a list of sources, with everything that is wrong told at once.

In: the path of the file. Out: :class:`CampaignFile`. May import: the standard
library and :mod:`scheduler.domain`.
"""

import dataclasses
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scheduler.domain.errors import InputError, Problem, Value, refuse
from scheduler.domain.registers import TABLES
from scheduler.domain.settings import Settings
from scheduler.intake.books import WORKBOOKS
from scheduler.intake.limits import DEFAULT, Limits
from scheduler.intake.mapping import Mapped, mappings_of
from scheduler.intake.planbook import workbook_data
from scheduler.intake.sections import Query, limits_of, query_of, vocabulary_of
from scheduler.intake.settingsfile import fits, near, problem_at, settings_of
from scheduler.intake.source import look
from scheduler.intake.vocabulary import DEFAULT as USUAL
from scheduler.intake.vocabulary import Vocabulary

NEEDED_TABLES = ("departments", "enterprises", "inspectors", "items", "tasks")


@dataclass(frozen=True, kw_only=True, slots=True)
class TableFile:
    """Where one table stands: ``file`` as written in campaign.toml, ``sheet`` empty for the only one.
    ``rows`` is how many data rows it has to have, ``None`` where nothing is said. A ``query`` takes the place
    of a file; ``file`` then names the database, without account and password. ``mapped`` is what
    ``[columns]`` says of a foreign file, empty where its headings are read as they are."""

    table: str
    file: str
    sheet: str
    rows: int | None = None
    query: Query | None = None
    mapped: Mapped = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignFile:
    """What campaign.toml says: ``settings`` is ``None`` where they are among the ``problems``."""

    settings: Settings | None
    tables: tuple[TableFile, ...]
    ceremony: str | None
    problems: tuple[Problem, ...]
    limits: Limits = DEFAULT
    vocabulary: Vocabulary = USUAL
    beside: tuple[str, ...] = ()
    """Files it names besides those of ``tables``: the ceremony's, the aliases', databases."""


def read_campaign_file(path: Path) -> CampaignFile:
    """Settings, sources and the ceremony's text, with the problems found. A workbook may stand for the file
    (:mod:`scheduler.intake.planbook`).

    Errors: :class:`InputError` with ``intake.file_missing``, ``intake.file_unreadable`` or ``intake.toml``
    where nothing at all can be read.
    """
    problems: list[Problem] = []
    kind = look(path, path.name)
    data = workbook_data(path, kind) if kind in WORKBOOKS else _toml(path)
    tables = data.pop("tables", {})
    ceremony = data.get("ceremony")
    ceremony_file = ceremony.pop("file", None) if isinstance(ceremony, dict) else None
    limits = limits_of(data.pop("import", {}), path.name, problems)
    aliases = data.pop("aliases", {})
    vocabulary = vocabulary_of(aliases, path, problems)
    mappings = mappings_of(data.pop("columns", {}), path.name, problems)
    settings = settings_of(data, path.name, problems)
    sources = tuple(
        dataclasses.replace(entry, mapped=mappings.get(entry.table, {}))
        for entry in _sources(tables, path.name, settings, problems)
    )
    text = _ceremony(path, ceremony_file, settings, problems)
    return CampaignFile(
        settings=settings,
        tables=sources,
        ceremony=text,
        problems=tuple(problems),
        limits=limits,
        vocabulary=vocabulary,
        beside=tuple(_beside(ceremony_file, aliases, sources)),
    )


def _beside(ceremony: object, aliases: object, sources: tuple[TableFile, ...]) -> Iterator[str]:
    named = (ceremony, aliases.get("file") if isinstance(aliases, dict) else None)
    yield from (name for name in named if isinstance(name, str) and "\0" not in name)
    for source in sources:
        if source.query is not None:
            from scheduler.domain.databases import file_of  # noqa: PLC0415 - SQLAlchemy only where asked for

            if file := file_of(source.query.url):
                yield file


def _toml(path: Path) -> dict[str, Any]:
    place: dict[str, Value] = {"file": path.name}
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise refuse(InputError, "intake.file_missing", place) from error
    except OSError as error:
        raise refuse(InputError, "intake.file_unreadable", place, detail=type(error).__name__) from error
    except UnicodeDecodeError as error:
        raise refuse(InputError, "intake.toml", place, detail="UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line ([0-9]+)", str(error))
        row: dict[str, Value] = {"row": int(found[1])} if found else {}
        raise refuse(InputError, "intake.toml", {**place, **row}, detail=str(error)) from error


def _sources(
    tables: object, file: str, settings: Settings | None, problems: list[Problem]
) -> tuple[TableFile, ...]:
    if not isinstance(tables, dict):
        problems.append(problem_at("intake.setting_type", file, "tables", tables, expected="[table]"))
        return ()
    problems.extend(_table_problems(tables, file, settings))
    found = []
    for table, value in tables.items():
        entry = {"file": value} if isinstance(value, str) and "://" not in value else value
        if not _is_entry(entry):
            shown = "…" if "sql" in str(value) or "://" in str(value) else value  # perhaps with a password
            problems.append(problem_at("intake.table_entry", file, f"tables.{table}", shown))
        elif table in TABLES:
            found.append(_table_file(table, entry))
    order = list(TABLES)
    return tuple(sorted(found, key=lambda source: order.index(source.table)))


def _table_file(table: str, entry: Mapping[str, Any]) -> TableFile:
    query = query_of(entry) if "sql" in entry else None
    if query is not None:
        from scheduler.domain.databases import safe_name  # noqa: PLC0415 - SQLAlchemy only where asked for

        name = safe_name(query.url)
        return TableFile(table=table, file=name, sheet=query.relation, rows=entry.get("rows"), query=query)
    return TableFile(table=table, file=entry["file"], sheet=entry.get("sheet", ""), rows=entry.get("rows"))


def _is_entry(entry: Any) -> bool:
    if isinstance(entry, dict) and "sql" in entry:
        rows = entry.get("rows", 0)
        return query_of(entry) is not None and fits(int, rows) and rows >= 0
    if not isinstance(entry, dict) or not set(entry) <= {"file", "sheet", "rows"}:
        return False
    rows = entry.get("rows", 0)
    texts = [value for name, value in entry.items() if name != "rows"]
    return (
        bool(entry.get("file"))
        and all(isinstance(value, str) and "\0" not in value for value in texts)
        and fits(int, rows)
        and rows >= 0
    )


def _table_problems(tables: Mapping[str, object], file: str, settings: Settings | None) -> Iterator[Problem]:
    for table in tables:
        if table not in TABLES:
            yield problem_at(
                "intake.table_unknown", file, f"tables.{table}", "", known=near(table, set(TABLES))
            )
    for table in NEEDED_TABLES:
        if table not in tables:
            yield problem_at("intake.table_missing", file, f"tables.{table}", "")
    if settings is not None and settings.calendar == "file" and "calendar" not in tables:
        yield problem_at("intake.table_missing", file, "tables.calendar", "")
    if settings is not None and settings.calendar == "cn" and "calendar" in tables:
        yield problem_at("intake.calendar_unused", file, "tables.calendar", "")


def _ceremony(path: Path, name: object, settings: Settings | None, problems: list[Problem]) -> str | None:
    """The ceremony's text without its line end, where a rehearsal names it in advance."""
    if name is None:
        return None
    if not isinstance(name, str) or not name or "\0" in name:
        problems.append(problem_at("intake.setting_type", path.name, "ceremony.file", name, expected='"…"'))
        return None
    if settings is not None and not settings.rehearsal:
        problems.append(problem_at("intake.ceremony_early", path.name, "ceremony.file", name))
        return None
    try:
        text = (path.parent / name).read_bytes().decode("utf-8-sig").rstrip("\r\n")
    except FileNotFoundError:
        problems.append(Problem(code="intake.file_missing", place={"file": name}))
    except OSError as error:
        problems.append(_unreadable(name, type(error).__name__))
    except UnicodeDecodeError:
        problems.append(_unreadable(name, "UTF-8"))
    else:
        problems.extend(_called_out_problems(text, name, settings))
        return text
    return None


def _called_out_problems(text: str, name: str, settings: Settings | None) -> Iterator[Problem]:
    """A rehearsal's text is known before anything is written, so it is refused before, too."""
    if settings is None:
        return
    alphabet, length = settings.ceremony.alphabet, settings.ceremony.length
    if len(text) != length or not set(text) <= set(alphabet):
        yield Problem(
            code="intake.ceremony_text",
            params={"length": length, "alphabet": alphabet, "found": len(text)},
            place={"file": name},
        )


def _unreadable(name: str, detail: str) -> Problem:
    return Problem(code="intake.file_unreadable", params={"detail": detail}, place={"file": name})
