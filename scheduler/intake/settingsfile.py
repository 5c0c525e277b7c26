"""The sections of ``campaign.toml`` that are settings of the plan: types, ranges and sense.

In: the parsed file. Out: :class:`scheduler.domain.settings.Settings`, or all that is wrong. May import: the
standard library, the room's cells, :mod:`scheduler.domain`.
"""

import dataclasses
import datetime as dt
import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints
from zoneinfo import available_timezones

from scheduler.domain.canonical import nfc
from scheduler.domain.errors import Problem, Value
from scheduler.domain.settings import Settings
from scheduler.intake.celldates import span
from scheduler.intake.celltext import BadCellError

SECTIONS = ("campaign", "tables", "import", "aliases", "columns")
"""Sections of campaign.toml that are no nested settings."""


LIMITS: Mapping[str, tuple[int, int]] = {
    "hours.grid_min": (1, 240),
    "travel.detour_permille": (1000, 10_000),
    "travel.speed_kmh": (1, 200),
    "travel.least_min": (0, 600),
    "travel.outlier_km": (1, 20_000),
    "limits.visits_day": (0, 1_000),
    "limits.minutes_day": (0, 1_440),
    "limits.visits_week": (0, 10_000),
    "limits.minutes_week": (0, 10_080),
    "limits.visits_campaign": (0, 1_000_000),
    "limits.minutes_campaign": (0, 10_000_000),
    "teams.officers": (2, 20),  # at least two officers: 《行政处罚法》(2021) 第四十二条
    "pairs.cap_permille": (0, 1_000),
    "pairs.spare": (1, 100),
    "merging.item_min": (1, 1_440),
    "merging.overhead_min": (0, 1_440),
    "merging.max_departments": (0, 1_000),
    "merging.max_officers": (0, 1_000),
    "merging.max_minutes": (0, 1_440),
    "pools.k_max": (0, 100_000),
    "quotas.reserves_listed": (0, 100_000),
    "exclusions.annual_cap": (0, 10_000),
    "exclusions.cool_off_days": (0, 3_660),  # ten years
    "goals.load_tolerance_permille": (0, 100_000),
    "goals.capacity_floor_min": (1, 1_000_000),
    "goals.rotation": (0, 1_000),
    "goals.pairs": (0, 1_000),
    "goals.pairs_times": (1, 1_000),
    "goals.spacing": (0, 1_000),
    "goals.spacing_days": (0, 366),
    "goals.early": (0, 1_000),
    "goals.preferred": (0, 1_000),
    "budget.exact_units": (1, 10_000_000),
    "budget.block_units": (1, 10_000_000),
    "budget.rounds": (0, 10_000),
    "ceremony.length": (1, 4_096),
}
"""Least and largest value of each number: beyond them it can only be a slip or make no sense."""

_CAMPAIGN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PREVIOUS_HEAD = re.compile(r"[0-9a-f]{64}")


def settings_of(data: dict[str, Any], file: str, problems: list[Problem]) -> Settings | None:
    """The settings that the sections say, or ``None`` with what is wrong added to ``problems``; takes
    ``[campaign]`` out of ``data``."""
    flat = data.pop("campaign", {})
    if not isinstance(flat, dict):
        problems.append(problem_at("intake.setting_type", file, "campaign", flat, expected="[table]"))
        return None
    nested = {name for name, hint in _fields(Settings).items() if dataclasses.is_dataclass(hint)}
    found = [
        problem_at("intake.setting_unknown", file, name, "", known=near(name, {*nested, *SECTIONS}))
        for name in data
        if name not in nested
    ]
    found += [
        problem_at("intake.setting_place", file, f"campaign.{name}", "", table=name)
        for name in flat
        if name in nested
    ]
    tree = {key: value for key, value in (flat | data).items() if key in nested or key in flat}
    for name in nested & set(flat):
        tree.pop(name)
    tree = _clock_pieces(tree)
    found += _type_problems(Settings, tree, "", file)
    if not found:
        settings = cast(Settings, _make(Settings, tree))
        found += _sense_problems(settings, file)
        if not found:
            return settings
    problems.extend(found)
    return None


@cache
def _fields(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _clock_pieces(tree: dict[str, Any]) -> dict[str, Any]:
    """Pieces of the day may be written ``"09:00-12:00"``; what is not one is left for the type check."""
    hours = tree.get("hours")
    if not isinstance(hours, dict) or not isinstance(hours.get("pieces"), list):
        return tree
    return {**tree, "hours": {**hours, "pieces": [_piece(piece) for piece in hours["pieces"]]}}


def _piece(piece: object) -> object:
    if not isinstance(piece, str):
        return piece
    try:
        return list(span(piece))
    except BadCellError:
        return piece


def _type_problems(cls: type, tree: Mapping[str, Any], prefix: str, file: str) -> Iterator[Problem]:
    hints = _fields(cls)
    for name in tree:
        if name not in hints:
            yield problem_at(
                "intake.setting_unknown", file, _key(prefix, name), "", known=near(name, set(hints))
            )
    for item in dataclasses.fields(cls):
        hint, key = hints[item.name], _key(prefix, item.name)
        if item.name in tree:
            key = item.name if dataclasses.is_dataclass(hint) else key
            yield from _value_problems(hint, tree[item.name], key, file)
        elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            yield problem_at("intake.setting_missing", file, key, "")


def _key(prefix: str, name: str) -> str:
    """The dotted name as it stands in the file, where flat settings stand in ``[campaign]``."""
    return f"{prefix or 'campaign'}.{name}"


def _value_problems(hint: Any, value: object, key: str, file: str) -> Iterator[Problem]:
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        yield from _type_problems(cast(type, hint), value, key, file)
    elif get_origin(hint) is Literal:
        if value not in get_args(hint):
            yield problem_at("intake.setting_choice", file, key, value, known="/".join(get_args(hint)))
    elif not fits(hint, value) or not _are_choices(hint, value):
        yield problem_at("intake.setting_type", file, key, value, expected=_expected(hint))


def fits(hint: Any, value: object) -> bool:
    """Whether a value of TOML has the type of a field."""
    if get_origin(hint) is tuple:
        is_part = _is_pair if get_origin(get_args(hint)[0]) is tuple else _is_text
        return isinstance(value, list) and bool(value) and all(is_part(piece) for piece in value)
    if hint is dt.date:
        return isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(hint, type) and isinstance(value, hint)


def _is_pair(piece: object) -> bool:
    return isinstance(piece, list) and len(piece) == 2 and all(fits(int, part) for part in piece)


def _are_choices(hint: Any, value: object) -> bool:
    """Whether a list of choices holds nothing else; true for every other type."""
    if get_origin(hint) is not tuple or get_origin(get_args(hint)[0]) is not Literal:
        return True
    return isinstance(value, list) and set(value) <= set(get_args(get_args(hint)[0]))


def _is_text(part: object) -> bool:
    return isinstance(part, str)


def _expected(hint: Any) -> str:
    if get_origin(hint) is tuple and get_origin(get_args(hint)[0]) is Literal:
        return '["' + '", "'.join(get_args(get_args(hint)[0])) + '"]'
    words = {str: '"…"', int: "123", bool: "true/false", dt.date: "2026-03-02"}
    return words.get(hint, '["09:00-12:00", …]' if get_origin(hint) is tuple else "[table]")


def _make(cls: type, tree: Mapping[str, Any]) -> object:
    hints = _fields(cls)
    return cls(**{name: _made(hints[name], value) for name, value in tree.items()})


def _made(hint: Any, value: Any) -> object:
    if dataclasses.is_dataclass(hint):
        return _make(cast(type, hint), value)
    if isinstance(value, list):
        return tuple(tuple(piece) if isinstance(piece, list) else nfc(piece) for piece in value)
    return nfc(value) if isinstance(value, str) else value


def _sense_problems(settings: Settings, file: str) -> Iterator[Problem]:
    """What has the right type and still makes no sense."""
    for name in ("campaign_id", "name", "authority", "slot"):
        value = getattr(settings, name)
        good = bool(_CAMPAIGN_ID.fullmatch(value)) if name == "campaign_id" else _is_line(value)
        if not good:
            yield problem_at("intake.setting_text", file, f"campaign.{name}", value)
    if not _PREVIOUS_HEAD.fullmatch(settings.previous_head):
        yield problem_at("intake.setting_digest", file, "campaign.previous_head", settings.previous_head)
    if settings.timezone not in available_timezones():
        yield problem_at("intake.setting_timezone", file, "campaign.timezone", settings.timezone)
    if settings.start >= settings.end:
        yield problem_at(
            "intake.setting_window", file, "campaign.end", settings.end, start=settings.start.isoformat()
        )
    yield from _range_problems(settings, file)
    yield from _hours_problems(settings, file)
    if settings.ceremony.at and not _is_moment(settings.ceremony.at):
        yield problem_at("intake.setting_moment", file, "ceremony.at", settings.ceremony.at)
    letters = settings.ceremony.alphabet
    if len(set(letters)) < max(2, len(letters)) or not letters.isascii() or not letters.isalnum():
        yield problem_at("intake.setting_alphabet", file, "ceremony.alphabet", letters)


def _is_moment(text: str) -> bool:
    try:
        return dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_line(text: str) -> bool:
    return bool(text.strip()) and text.isprintable() and "|" not in text


def _range_problems(settings: Settings, file: str) -> Iterator[Problem]:
    for key, (least, most) in LIMITS.items():
        table, _, name = key.partition(".")
        value = getattr(getattr(settings, table), name)
        if not least <= value <= most:
            yield problem_at("intake.setting_range", file, key, value, least=least, most=most)


def _hours_problems(settings: Settings, file: str) -> Iterator[Problem]:
    pieces = settings.hours.pieces
    ordered = all(earlier[1] <= later[0] for earlier, later in pairwise(pieces))
    if not ordered or not all(0 <= first < last <= 24 * 60 for first, last in pieces):
        shown = "; ".join(f"{first}-{last}" for first, last in pieces)
        yield problem_at("intake.setting_hours", file, "hours.pieces", shown)


def problem_at(code: str, file: str, field: str, value: object, /, **params: Value) -> Problem:
    """A problem of one key of the file."""
    place: dict[str, Value] = {"file": file}
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return Problem(code=code, params={"field": field, "value": shown[:200], **params}, place=place)


def near(name: str, known: set[str]) -> str:
    """The names it may have been meant for, else all there are."""
    return "/".join(difflib.get_close_matches(name, sorted(known)) or sorted(known))
