"""Dates, hours, lists and people as each language writes them.

In: values of the domain and a language. Out: text. May import: :mod:`scheduler.domain`.
"""

import datetime as dt
from collections.abc import Iterable

from scheduler.domain.messages import Language
from scheduler.domain.registers import Expert, Inspector, RiskClass

WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
RISKS: dict[RiskClass, str] = {"A": "A 低", "B": "B 一般", "C": "C 较高", "D": "D 高"}
"""信用风险分类 with its word, as the lists of the field write it."""


def weekday(day: dt.date, language: Language = "zh") -> str:
    """周四, Thu."""
    return WEEKDAYS[language][day.weekday()]


def clock(minutes: int) -> str:
    """Minutes after midnight as ``09:30``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def listed(parts: Iterable[str], language: Language = "zh") -> str:
    """甲、乙 or A, B."""
    return ("、" if language == "zh" else ", ").join(parts)


def bracketed(name: str, inside: str, language: Language = "zh") -> str:
    """张三（G001）, Zhang San (G001)."""
    if not inside:
        return name
    return f"{name}（{inside}）" if language == "zh" else f"{name} ({inside})"


def officer(who: Inspector, language: Language = "zh") -> str:
    """An inspector by name and id."""
    return bracketed(who.name, who.inspector_id, language)


def expert(who: Expert, language: Language = "zh") -> str:
    """An expert by name and specialties."""
    return bracketed(who.name, listed(who.specialties, language), language)


def yes_no(flag: bool) -> str:  # noqa: FBT001  # a one-word rendering, its argument is the word
    """是 or 否."""
    return "是" if flag else "否"
