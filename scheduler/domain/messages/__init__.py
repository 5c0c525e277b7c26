"""The one catalogue of messages: a TOML file per room, each message in Chinese and English.

A file ``draw.toml`` holds tables ``[draw.some_code]`` with ``zh`` and ``en``; ``{name}`` marks a
parameter, ``remedy_zh``/``remedy_en`` say what to do where something can be done. ``words.toml`` holds the
values of the domain that a person reads in his own language: a parameter's value found there is replaced.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from scheduler.domain.errors import Problem, Value

Language = Literal["zh", "en"]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Code to its texts, all rooms together."""
    found: dict[str, dict[str, str]] = {}
    for entry in sorted(files(__package__).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            for room, messages in tomllib.loads(entry.read_text(encoding="utf-8")).items():
                found.update({f"{room}.{name}": texts for name, texts in messages.items()})
    return found


def long_date(day: dt.date, language: Language = "zh") -> str:
    """2026年3月5日, 5 Mar 2026."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def text(code: str, language: Language, /, **params: Value | dt.date) -> str:
    """The message in the language, a date as it is written there; a code that the catalogue lacks is a
    ``KeyError`` (a bug)."""
    return catalogue()[code][language].format_map(_in_words(params, language))


def remedy(code: str, language: Language, /, **params: Value) -> str:
    """What to do about it, or an empty string."""
    return catalogue()[code].get(f"remedy_{language}", "").format_map(_in_words(params, language))


def render(problem: Problem, language: Language) -> str:
    """One problem as a person reads it: where, what, what to do."""
    order = ("file", "sheet", "row", "column", "value")
    where = [(key, problem.place[key]) for key in order if problem.place.get(key, "") != ""]
    head = " ".join(text(f"place.{key}", language, **{key: value}) for key, value in where)
    params = {**problem.place, **problem.params}
    parts = [head, text(problem.code, language, **params), remedy(problem.code, language, **params)]
    joiner = "：" if language == "zh" else ": "
    gap = "" if parts[1].endswith(("。", "：")) else " "
    body = gap.join(part for part in parts[1:] if part)
    return f"{head}{joiner}{body}" if head else body


def _in_words(params: Mapping[str, Value | dt.date], language: Language) -> dict[str, Value]:
    """The parameters, dates and those that ``words.toml`` knows in the language's words."""
    codes = {
        "table": f"table.{params.get('table')}",
        "method": f"method.{params.get('method')}",
        "state": f"state.{params.get('state')}",
        "order": f"order.{params.get('order')}",
    }
    known = {name: catalogue()[code][language] for name, code in codes.items() if code in catalogue()}
    told = {
        name: long_date(value, language) if isinstance(value, dt.date) else value
        for name, value in params.items()
    }
    return {**told, **known}
