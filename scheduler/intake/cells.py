"""One cell to one value: text, identifiers, dates, numbers, coordinates, choices.

In: the text of a cell. Out: a value of the domain, or :class:`BadCellError` with a message code. May
import: the standard library, the room's columns and risk classes, :mod:`scheduler.domain`.

A reader is a function from a cell's text to its value; ``None`` means the cell is empty. Text is in NFC
and stripped; identifiers and figures may be written full-width.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal

from scheduler.intake.celldates import read_date, read_hours, read_last_day, read_moment
from scheduler.intake.celltext import MAX_TEXT, BadCellError, clean, plain, several, unguarded
from scheduler.intake.columns import FULL_WIDTH, Column, Kind
from scheduler.intake.risk import risk_class

Value = str | int | bool | dt.date | tuple[str, ...] | None
Read = Callable[[str], Value]

MEMO_SIZE = 100_000
"""Most values remembered per column; a column with more different values is parsed each time."""


NOTHING = frozenset({*"无空/\\-—", "暂无", "--", "——", "null", "(null)", "\\n", "nan", "none", "n/a"})
"""What people and programs write into a cell that holds nothing."""

_AS_WRITTEN: frozenset[Kind] = frozenset({"text", "quota"})

_WIDE = frozenset({"item_scopes", "districts"})
"""Fields that allow everything where they are empty: 无 may as well mean nothing at all there."""


class Memo(dict[str, Value]):
    """Values already read in one column: most columns repeat few texts."""

    def __init__(self, read: Read) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, cell: str) -> Value:
        value = self.read(cell)
        if len(self) < MEMO_SIZE:
            self[cell] = value
        return value


def reader(column: Column, kind: Kind, default: Value) -> Read:
    """The function that reads the cells of a column; an empty one, or one that says :data:`NOTHING`, is
    ``default``, or ``intake.empty`` where a value is needed. Repeated texts are read once."""
    variants = risk_class if column.field == "risk_class" else None
    parse = choice(column.choices, variants) if kind == "choice" else _READERS[kind]
    if column.field in {"industry", "industries"}:
        parse = _upper(parse)
    nothing = NOTHING - _FLAGS.keys() if kind == "flag" else NOTHING
    if kind in _AS_WRITTEN or column.field in _WIDE:
        nothing = frozenset()

    def read(cell: str) -> Value:
        value = None if cell.strip().lower() in nothing else parse(cell)
        if value is not None and value != ():
            return value
        if column.filled:
            raise BadCellError("intake.empty")
        return default

    return read if column.field in _UNIQUE else Memo(read).__getitem__


def read_text(cell: str) -> str | None:
    """Free text. Errors: ``intake.text`` for control characters, ``intake.text_long``."""
    text = clean(cell)
    if not text:
        return None
    if len(text) > MAX_TEXT:
        raise BadCellError("intake.text_long", str(MAX_TEXT))
    if not text.isprintable() and any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise BadCellError("intake.text")
    return text


def read_label(cell: str) -> str | None:
    """A name that other tables or tickets repeat. Errors: ``intake.label`` where it holds ``|`` or ``;``."""
    text = read_text(unguarded(cell.strip()))
    if text and ("|" in text or ";" in text):
        raise BadCellError("intake.label")
    return text


def read_labels(cell: str) -> tuple[str, ...]:
    """Names parted by semicolons, commas or ``、``, in their order, repeats dropped."""
    return _parts(cell, read_label)


_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SCOPE = re.compile(r"[A-Za-z0-9._-]{0,63}\*?")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+[0-9]+|[0-9]\.[0-9]+[Ee][0-9]+")
_DECIMAL = re.compile(r"[0-9]{5,}\.0+")
"""A code of five digits or more with a decimal point: no register numbers anything so, spreadsheets do."""


def read_id(cell: str) -> str | None:
    """An identifier of ASCII letters, digits, ``.``, ``_``, ``-``, at most 64 characters.

    Errors: ``intake.code_damaged`` where a spreadsheet turned it into a rounded number,
    ``intake.code_decimal`` where it became a number with decimals, ``intake.id``.
    """
    text = cell.strip()
    if _ID.fullmatch(text) and not ("." in text and text[0].isdigit()):
        return text
    text = plain(cell)
    if not text:
        return None
    if _SCIENTIFIC.fullmatch(text):
        raise BadCellError("intake.code_damaged")
    if _DECIMAL.fullmatch(text):
        raise BadCellError("intake.code_decimal", text.partition(".")[0])
    if not _ID.fullmatch(text):
        raise BadCellError("intake.id")
    return text


def _upper(read: Read) -> Read:
    """Codes of GB/T 4754 begin with a capital, and are compared by their beginnings."""

    def upper(cell: str) -> Value:
        return read(cell.upper())

    return upper


def read_ids(cell: str) -> tuple[str, ...]:
    """Identifiers parted as :func:`read_labels`, in their order, repeats dropped."""
    return _parts(cell, read_id)


def read_department(cell: str) -> str | None:
    """A department's number. Errors: those of :func:`read_id`, and ``intake.department_name`` for a text that
    is rather a name: a name of one department is a number by now (:mod:`scheduler.intake.named`)."""
    return _id_unless_name(cell, "intake.department_name")


def _id_unless_name(cell: str, code: str) -> str | None:
    try:
        return read_id(cell)
    except BadCellError as error:
        if error.code == "intake.id" and not plain(cell).isascii():
            raise BadCellError(code) from error
        raise


def read_departments(cell: str) -> tuple[str, ...]:
    """Departments' numbers, as :func:`read_ids`."""
    return _parts(cell, read_department)


def read_place(cell: str) -> str | None:
    """A division code, or an enterprise's, department's or expert's number. Errors: those of
    :func:`read_id`, and ``intake.travel_name`` for a text that is rather a name (a department's is a number
    by now)."""
    return _id_unless_name(cell, "intake.travel_name")


def read_scopes(cell: str) -> tuple[str, ...]:
    """Item codes, or code prefixes that end in ``*``."""
    return _parts(cell, _read_scope)


def _read_scope(cell: str) -> str | None:
    text = plain(cell)
    if text and not _SCOPE.fullmatch(text):
        raise BadCellError("intake.id")
    return text or None


def _parts(cell: str, read: Callable[[str], str | None]) -> tuple[str, ...]:
    parts = (read(part) for part in several(cell))
    return tuple(dict.fromkeys(part for part in parts if part))


def read_quota(cell: str) -> str | None:
    """The text of a quota in ASCII punctuation, without blanks; what it means is the draw's to say."""
    text = re.sub(r"\s", "", clean(cell).translate(FULL_WIDTH))
    if "|" in text or len(text) > MAX_TEXT or not text.isprintable():
        raise BadCellError("intake.label")
    return text or None


_COUNT = re.compile(r"[0-9]{1,9}(?:\.0+)?")


def read_count(cell: str) -> int | None:
    """A whole number from 0 to 999,999,999. Errors: ``intake.number``."""
    text = plain(cell)
    if not text:
        return None
    if not _COUNT.fullmatch(text):
        raise BadCellError("intake.number")
    return int(text.partition(".")[0])


_MINUTES = re.compile(r"([0-9]{1,9})(\.[0-9]{1,15})?")


def read_minutes(cell: str) -> int | None:
    """Minutes, rounded up to whole ones. Errors: ``intake.number``."""
    text = plain(cell)
    if not text:
        return None
    found = _MINUTES.fullmatch(text)
    if not found:
        raise BadCellError("intake.number")
    return int(found[1]) + bool((found[2] or "").strip(".0"))


_DEGREE = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,30})?")
_ARC = re.compile(
    r"(?:东经|北纬|[EN])?([0-9]{1,3})[°度](?:([0-9]{1,2})['′分](?:([0-9]{1,2}(?:\.[0-9]{1,10})?)(?:\"|″|''|秒)?)?)?[EN]?"
)
"""Degrees, minutes and seconds east and north, where China lies."""
_MICRO = re.compile(r"-?[0-9]{1,9}(?:\.0+)?")
MICRO = 1_000_000
"""Micro-degrees in a degree."""

POLE = 90 * MICRO
"""The largest latitude in micro-degrees."""


def read_degree(cell: str) -> int | None:
    """Decimal degrees, or ``120°10′30″``, as integer micro-degrees, rounded half to even. Errors:
    ``intake.coordinate``."""
    text = cell.strip()
    if not _DEGREE.fullmatch(text):
        text = plain(cell)
        if not text:
            return None
        if not _DEGREE.fullmatch(text):
            return _in_range(_micro_of_arc(re.sub(r"\s", "", text)))
    return _in_range(round(Decimal(text) * MICRO))


def _micro_of_arc(text: str) -> int:
    found = _ARC.fullmatch(text.replace("’", "'").replace("”", '"'))
    degrees, minutes, seconds = (Decimal(part or 0) for part in (found.groups() if found else ("", "60", "")))
    if minutes >= 60 or seconds >= 60:
        raise BadCellError("intake.coordinate")
    return round((degrees * 3600 + minutes * 60 + seconds) * MICRO / 3600)


def read_longitude(cell: str) -> int | None:
    """The first of two coordinates, ``120.1,30.2`` or ``POINT(120.1 30.2)``. Errors:
    ``intake.coordinate``."""
    parts = _pair(cell)
    if len(parts) not in {0, 2}:
        raise BadCellError("intake.coordinate")
    return read_degree(parts[0]) if parts else None


def read_latitude(cell: str) -> int | None:
    """The second of two coordinates; nothing where there are not two, which the first one tells."""
    parts = _pair(cell)
    return read_degree(parts[1]) if len(parts) == 2 else None


def _pair(cell: str) -> list[str]:
    return re.findall(r"[^\s,;、/()\[\]]+", plain(cell).upper().removeprefix("POINT"))


def read_micro(cell: str) -> int | None:
    """Integer micro-degrees. Errors: ``intake.coordinate``."""
    text = plain(cell)
    if not text:
        return None
    if not _MICRO.fullmatch(text):
        raise BadCellError("intake.coordinate")
    return _in_range(int(text.partition(".")[0]))


def _in_range(micro: int) -> int:
    if not -180 * MICRO <= micro <= 180 * MICRO:
        raise BadCellError("intake.coordinate")
    return micro


_FLAGS = dict.fromkeys(("是", "有", "1", "true", "yes", "y", "√", "✓", "✔"), True) | dict.fromkeys(
    ("否", "无", "0", "false", "no", "n", "×", "✗"), False
)


def read_flag(cell: str) -> bool | None:
    """是/否 and what programs write instead. Errors: ``intake.flag``."""
    text = plain(cell).lower()
    if not text:
        return None
    if text not in _FLAGS:
        raise BadCellError("intake.flag")
    return _FLAGS[text]


def choice(choices: Mapping[str, str], variants: Callable[[str], str | None] | None = None) -> Read:
    """A reader of one word out of a list, or of what ``variants`` makes of a word that is not in it. Errors:
    ``intake.choice`` with the first word for each meaning."""
    known = {_word(word): value for word, value in choices.items()}
    first: dict[str, str] = {}
    for word, value in choices.items():
        first.setdefault(value, word)
    offered = "/".join(first.values())

    def read(cell: str) -> str | None:
        text = _word(cell)
        if not text:
            return None
        found = known.get(text) or (variants(text) if variants else None)
        if found is None:
            raise BadCellError("intake.choice", offered)
        return found

    return read


def _word(cell: str) -> str:
    return re.sub(r"\s", "", plain(cell)).lower()


_READERS: dict[Kind, Read] = {
    "id": read_id,
    "ids": read_ids,
    "department": read_department,
    "departments": read_departments,
    "place": read_place,
    "scopes": read_scopes,
    "label": read_label,
    "labels": read_labels,
    "text": read_text,
    "quota": read_quota,
    "date": read_date,
    "last_day": read_last_day,
    "moment": read_moment,
    "count": read_count,
    "minutes": read_minutes,
    "degree": read_degree,
    "micro": read_micro,
    "pair_lon": read_longitude,
    "pair_lat": read_latitude,
    "flag": read_flag,
    "hours": read_hours,
}

_UNIQUE = frozenset({"enterprise_id", "name", "address", "lon_udeg", "lat_udeg"})
"""Fields whose texts hardly repeat: remembering them would cost more than reading them."""
