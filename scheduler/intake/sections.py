"""What campaign.toml says about reading and not about the plan: ``[import]``, ``[aliases]``, queries.

In: parts of the parsed file. Out: :class:`Limits`, :class:`Vocabulary`, :class:`Query`, and problems. May
import: the standard library, the room's settings, limits and vocabulary, :mod:`scheduler.domain`.
"""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduler.domain.errors import Problem, Value
from scheduler.domain.registers import TABLES
from scheduler.intake.aliases import AVAILABLE, AVAILABLE_FIELD
from scheduler.intake.columns import COLUMNS, plain_head
from scheduler.intake.limits import DEFAULT, Limits
from scheduler.intake.settingsfile import problem_at
from scheduler.intake.vocabulary import DEFAULT as USUAL
from scheduler.intake.vocabulary import DROPPED, Vocabulary


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Query:
    """A table that a database holds: ``url`` with its ``${VARIABLES}`` unresolved, and a ``statement`` or a
    ``relation`` (``table`` or ``schema.table``), one of them empty. It never shows itself: a password may
    stand in it."""

    url: str
    statement: str = ""
    relation: str = ""


def query_of(entry: Mapping[str, Any]) -> Query | None:
    """The query of an entry of ``[tables]``: ``{ sql = "…", query = "…" }``, or ``table`` for ``query``;
    ``None`` where it is not well formed."""
    known = {"sql", "query", "table", "rows"}
    texts = [value for name, value in entry.items() if name != "rows"]
    if not set(entry) <= known or not all(isinstance(text, str) and text for text in texts):
        return None
    if any("\0" in text for text in texts) or ("query" in entry) == ("table" in entry):
        return None
    return Query(url=entry["sql"], statement=entry.get("query", ""), relation=entry.get("table", ""))


def limits_of(section: object, file: str, problems: list[Problem]) -> Limits:
    """``[import]``: each a whole number of at least 1. Errors are added to ``problems``."""
    if not isinstance(section, dict):
        problems.append(problem_at("intake.setting_type", file, "import", section, expected="[table]"))
        return DEFAULT
    known = {item.name for item in dataclasses.fields(Limits)}
    for name, value in section.items():
        key = f"import.{name}"
        if name not in known:
            problems.append(
                problem_at("intake.setting_unknown", file, key, "", known="/".join(sorted(known)))
            )
        elif not isinstance(value, int) or isinstance(value, bool):
            problems.append(problem_at("intake.setting_type", file, key, value, expected="123"))
        elif value < 1:
            problems.append(problem_at("intake.setting_range", file, key, value, least=1, most="…"))
    good = {
        name: value
        for name, value in section.items()
        if name in known and isinstance(value, int) and not isinstance(value, bool) and value >= 1
    }
    return dataclasses.replace(DEFAULT, **good)


def vocabulary_of(section: object, path: Path, problems: list[Problem]) -> Vocabulary:
    """``[aliases]``: a table of headings for each table, and ``file`` for a TOML file of such tables beside
    campaign.toml, which is read first. Errors are added to ``problems``."""
    if not isinstance(section, dict):
        problems.append(problem_at("intake.setting_type", path.name, "aliases", section, expected="[table]"))
        return USUAL
    rest = dict(section)
    name = rest.pop("file", None)
    own: dict[str, dict[str, str]] = {}
    if name is not None:
        for table, words in _file(path.parent, path.name, name, problems).items():
            _take(own, table, words, str(name), problems)
    for table, words in rest.items():
        _take(own, table, words, path.name, problems)
    return Vocabulary(own=own)


def _file(folder: Path, file: str, name: object, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(name, str) or not name or "\0" in name:
        problems.append(problem_at("intake.setting_type", file, "aliases.file", name, expected='"…"'))
        return {}
    place: dict[str, Value] = {"file": name}
    try:
        return tomllib.loads((folder / name).read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        problems.append(Problem(code="intake.file_missing", place=place))
    except OSError as error:
        params: dict[str, Value] = {"detail": type(error).__name__}
        problems.append(Problem(code="intake.file_unreadable", params=params, place=place))
    except UnicodeDecodeError:
        problems.append(Problem(code="intake.toml", params={"detail": "UTF-8"}, place=place))
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(code="intake.toml", params={"detail": str(error)}, place=place))
    return {}


def _take(
    own: dict[str, dict[str, str]], table: str, words: object, file: str, problems: list[Problem]
) -> None:
    """The user's headings of one table, each with the field it means."""
    key = f"aliases.{table}"
    if table not in TABLES:
        problems.append(problem_at("intake.table_unknown", file, key, "", known="/".join(TABLES)))
        return
    if not isinstance(words, dict):
        problems.append(problem_at("intake.setting_type", file, key, words, expected="[table]"))
        return
    meanings = dict(_meanings(table))
    said: dict[str, tuple[str, str]] = {}
    for head, meant in words.items():
        field = meanings.get(plain_head(meant)) if isinstance(meant, str) else None
        if field is None:
            known = "/".join(column.heading for column in COLUMNS[table])
            problems.append(problem_at("intake.alias_unknown", file, f"{key}.{head}", meant, known=known))
            continue
        twin, its = said.setdefault(plain_head(head), (head, field))
        if its != field:
            problems.append(problem_at("intake.alias_twice", file, f"{key}.{head}", meant, twin=twin))
        else:
            own.setdefault(table, {})[plain_head(head)] = field


def _meanings(table: str) -> Iterator[tuple[str, str]]:
    """What may stand behind a user's heading: a canonical heading, a field's name, or ``-``."""
    yield DROPPED, DROPPED
    for head in AVAILABLE.get(table, ()):
        yield head, AVAILABLE_FIELD
    for column in COLUMNS[table]:
        yield plain_head(column.heading), column.field
        yield column.field, column.field
