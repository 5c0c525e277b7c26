"""Frozen dataclasses to canonical JSON and CSV and back, with strict types.

CSV is UTF-8 without BOM, LF, comma, minimal quotes, one header row of the field names in their order;
a tuple's parts are joined by ``;``, a missing value is the empty cell, a boolean ``1`` or ``0``, a date
ISO 8601, a line break inside a cell one line feed. The same rows always give the same bytes.
"""

import csv
import dataclasses
import datetime as dt
import io
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any, TextIO, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from scheduler.domain.canonical import canonical_json, nfc
from scheduler.domain.errors import InputError, Problem, refuse

Row = TypeVar("Row")
LIST_MARK = ";"


@cache
def _cached_adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(with_config(ConfigDict(extra="forbid"))(cls))


def _adapter(cls: type[Row]) -> TypeAdapter[Row]:
    adapter: TypeAdapter[Row] = _cached_adapter(cast(Any, cls))
    return adapter


def to_plain(value: object) -> Any:
    """JSON-ready plain data of a dataclass tree; a None field is left out, dates become ISO text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {name: to_plain(item) for name, item in pairs if item is not None}
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    return value


def to_json(value: object) -> bytes:
    """Canonical JSON of a dataclass tree, ending in one line feed."""
    return canonical_json(to_plain(value)) + b"\n"


def from_plain(cls: type[Row], data: object, /, file: str = "") -> Row:
    """A dataclass tree from plain data.

    Errors: ``codec.field`` once for every wrong, missing or unknown field, with its dotted path.
    """
    try:
        return _adapter(cls).validate_python(data)
    except ValidationError as error:
        raise InputError(_problems(error, {"file": file})) from error


def read_json(cls: type[Row], path: Path) -> Row:
    """A dataclass tree from a JSON file; errors as :func:`from_plain`, or ``codec.json``."""
    try:
        return _adapter(cls).validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(_problems(error, {"file": path.name})) from error


def from_json(cls: type[Row], data: bytes) -> Row:
    """A dataclass tree from JSON bytes that stand in no file; errors as :func:`read_json`."""
    try:
        return _adapter(cls).validate_json(data)
    except ValidationError as error:
        raise InputError(_problems(error, {})) from error


def write_csv(path: Path, cls: type[Row], rows: Iterable[Row]) -> int:
    """Write the rows in the order given; returns how many.

    Errors: ``codec.list_mark`` where a part of a tuple holds the separator.
    """
    with path.open("w", encoding="utf-8", newline="") as stream:
        return _write_rows(stream, cls, rows)


def csv_bytes(cls: type[Row], rows: Iterable[Row]) -> bytes:
    """The bytes that :func:`write_csv` would put into a file."""
    stream = io.StringIO(newline="")
    _write_rows(stream, cls, rows)
    return stream.getvalue().encode()


def _write_rows(stream: TextIO, cls: type[Row], rows: Iterable[Row]) -> int:
    names = _columns(cast(Any, cls))
    count = 0
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    cells = attrgetter(*names) if len(names) > 1 else _only(names[0])
    for row in rows:
        writer.writerow([_cell(value) for value in cells(row)])
        count += 1
    return count


def _only(name: str) -> Callable[[object], tuple[object]]:
    return lambda row: (getattr(row, name),)


def read_csv(cls: type[Row], path: Path, *, wanted: Container[str] | None = None) -> Iterator[Row]:
    """Stream the rows of a canonical CSV; with ``wanted`` only those whose first cell is in it, the others
    are not looked at any closer.

    Errors: ``codec.header`` for another header, ``codec.field`` with the row for a wrong cell,
    ``codec.encoding`` for bytes that are not UTF-8.
    """
    names = _columns(cast(Any, cls))
    lists, needed = _list_columns(cast(Any, cls)), _needed_columns(cast(Any, cls))
    adapter = _adapter(cls)
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            if tuple(next(reader, ())) != names:
                raise refuse(InputError, "codec.header", {"file": path.name}, expected=",".join(names))
            for number, cells in enumerate(reader, start=2):
                if wanted is not None and cells and cells[0] not in wanted:
                    continue
                try:
                    yield adapter.validate_python(_record(names, lists, needed, cells))
                except ValidationError as error:
                    raise InputError(_problems(error, {"file": path.name, "row": number})) from error
        except UnicodeDecodeError as error:
            raise refuse(InputError, "codec.encoding", {"file": path.name}) from error
        except csv.Error as error:
            raise refuse(InputError, "codec.csv", {"file": path.name}, detail=str(error)) from error


def from_cells(cls: type[Row], cells: Sequence[str]) -> Row:
    """A row from its cells, as :func:`read_csv` would read them; errors ``codec.field``."""
    names = _columns(cast(Any, cls))
    lists, needed = _list_columns(cast(Any, cls)), _needed_columns(cast(Any, cls))
    try:
        return _adapter(cls).validate_python(_record(names, lists, needed, list(cells)))
    except ValidationError as error:
        raise InputError(_problems(error, {})) from error


def to_cells(row: object) -> list[str]:
    """The cells that :func:`write_csv` would write."""
    return [_cell(getattr(row, name)) for name in _columns(cast(Any, type(row)))]


def _record(
    names: tuple[str, ...], lists: frozenset[str], needed: frozenset[str], cells: list[str]
) -> dict[str, object]:
    record: dict[str, object] = {}
    for name, cell in zip(names, cells, strict=False):
        if name in lists:
            record[name] = tuple(cell.split(LIST_MARK)) if cell else ()
        elif cell or name in needed:
            record[name] = cell
    if len(cells) > len(names):
        record["+"] = str(len(cells))
    return record


def _cell(value: object) -> str:
    if type(value) is str and value.isascii() and "\r" not in value:
        return value  # most cells of a large table are: nothing below would change them
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        parts = [_cell(part) for part in value]
        for part in parts:
            if LIST_MARK in part:
                raise refuse(InputError, "codec.list_mark", value=part)
        return LIST_MARK.join(parts)
    if isinstance(value, dt.date):
        return value.isoformat()
    # The writer would leave a bare carriage return unquoted and the reader would then refuse it.
    return nfc(str(value)).replace("\r\n", "\n").replace("\r", "\n")


@cache
def _columns(cls: Any) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(cls))


@cache
def _list_columns(cls: Any) -> frozenset[str]:
    hints = get_type_hints(cls)
    return frozenset(
        name
        for name, hint in hints.items()
        if get_origin(hint) is tuple or tuple in {get_origin(a) for a in get_args(hint)}
    )


@cache
def _needed_columns(cls: Any) -> frozenset[str]:
    """Columns without a default: there an empty cell is an empty text, not a missing value."""
    nothing = dataclasses.MISSING
    return frozenset(
        f.name for f in dataclasses.fields(cls) if f.default is nothing and f.default_factory is nothing
    )


def _problems(error: ValidationError, place: dict[str, str | int]) -> list[Problem]:
    known = {key: value for key, value in place.items() if value != ""}
    return [
        Problem(
            code="codec.json" if item["type"] == "json_invalid" else "codec.field",
            params={
                "field": ".".join(str(part) for part in item["loc"]),
                "value": str(item["input"])[:200],
                "detail": item["msg"],
            },
            place=known,
        )
        for item in error.errors(include_url=False)
    ]
