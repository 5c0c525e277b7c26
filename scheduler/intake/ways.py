"""The table of travel times: what its places are, what it contradicts, and whom it leaves to coordinates.

In: the tables as read, the settings. Out: the rows that cannot count, warnings, and what stops an import. May
import: the standard library, the room's codes, division changes and rows, :mod:`scheduler.domain`.

A place is a division code or the number of an enterprise, a department or an expert. A number that is two of
these is nobody's: a way must not depend on which one is looked up first.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scheduler.domain.errors import Problem
from scheduler.domain.registers import TravelTime
from scheduler.domain.settings import Settings
from scheduler.intake.divisions import Successors
from scheduler.intake.linked import links_of, sorted_again
from scheduler.intake.rows import Rows

TABLE = "travel"
NOTHING = "intake.travel_nothing"
"""A row that states no way at all: it is left out, and stops nothing."""
NAMED = 10
"""Most other rows that a contradicting one names."""
ENDS = ("from_place", "to_place")

Check = Callable[..., Iterator[tuple[str, object, str, str]]]
Bad = tuple[str, object, str, str]


@dataclass(frozen=True, kw_only=True)
class Known:
    """Every place by its kind; ``check`` tells a name that is none of them."""

    districts: frozenset[str]
    departments: frozenset[str]
    enterprises: frozenset[str]
    experts: frozenset[str]
    check: Check

    def kinds(self, place: str) -> list[str]:
        """Which kinds of place the name is; one for a good name."""
        kinds = ("districts", "departments", "enterprises", "experts")
        return [kind for kind in kinds if place in getattr(self, kind)]


def followed(tables: Mapping[str, Rows], day: dt.date) -> Rows:
    """The table with old registration numbers and abolished division codes followed; a code without a
    successor stays, and is told as unknown."""
    table = tables[TABLE]
    if not table.rows:
        return table
    links, _ = links_of(tables["enterprises"])
    successors = Successors(tables["divisions"].rows, day)
    if successors.cycle():  # told by the divisions' own check
        successors = Successors([], day)
    rows, warnings = list(table.rows), []
    for position, row in enumerate(rows):
        changes: dict[str, str] = {}
        for end in ENDS:
            place: str = getattr(row, end)
            now = successors.now(place).code or place
            found, code = (links[place], "intake.id_linked") if place in links else (now, "")
            if found != place:
                changes[end] = found
                code = code or "intake.division_changed"
                warnings.append(table.origin.entry(table.numbers[position], end, place, code, found))
        rows[position] = replace(row, **changes) if changes else row
    return sorted_again(replace(table, rows=rows).warned(warnings)) if warnings else table


def way_faults(table: Rows, known: Known, settings: Settings) -> Callable[[TravelTime], Iterator[Bad]]:
    """What is wrong with one row among the others."""
    said = _said(table)

    def faults(row: TravelTime) -> Iterator[Bad]:
        kinds = {place: known.kinds(place) for place in (row.from_place, row.to_place)}
        for end in ENDS:
            yield from _place(end, getattr(row, end), kinds, known, settings)
        if row.from_place == row.to_place:
            if not row.minutes:
                yield "minutes", row.minutes, NOTHING, ""
            elif kinds[row.from_place] != ["districts"]:
                yield "to_place", row.to_place, "intake.travel_self", ""
        others = said[row.from_place, row.to_place]
        if len(others) > 1:
            yield "minutes", row.minutes, "intake.travel_twice", _shown(others, row.minutes)

    return faults


def _said(table: Rows) -> Mapping[tuple[str, str], dict[int, list[int]]]:
    """Per way, in its direction, the minutes stated with the numbers of their rows."""
    said: dict[tuple[str, str], dict[int, list[int]]] = defaultdict(dict)
    for row, number in zip(table.rows, table.numbers, strict=True):
        said[row.from_place, row.to_place].setdefault(row.minutes, []).append(number)
    return said


def _shown(said: Mapping[int, list[int]], mine: int) -> str:
    """The other rows of the way with what they state: ``7（35）、12（40）``."""
    rows = [(number, minutes) for minutes, numbers in said.items() if minutes != mine for number in numbers]
    return "、".join(f"{number}（{minutes}）" for number, minutes in sorted(rows)[:NAMED])


def _place(
    end: str, place: str, kinds: Mapping[str, list[str]], known: Known, settings: Settings
) -> Iterator[Bad]:
    found = kinds[place]
    if not found:
        yield from known.check(end, place)
    elif len(found) > 1:
        yield end, place, "intake.travel_ambiguous", place
    elif settings.travel.source == "districts" and found[0] not in {"districts", "departments"}:
        yield end, place, "intake.travel_place", place


def with_way_notices(tables: Mapping[str, Rows], settings: Settings) -> dict[str, Rows]:
    """The tables with what a person should know about ways: a table that nothing reads, directions that
    differ, districts and offices whose ways go by coordinates, and no coordinates at all."""
    found = dict(tables)
    table = tables[TABLE]
    if settings.travel.source == "coordinates":
        if table.rows:
            found[TABLE] = table.warned([table.origin.entry(0, "", "", "intake.travel_unused")])
    elif table.rows:
        found[TABLE] = table.warned([*_directions(table), *_left_out(table, tables)])
    enterprises = tables["enterprises"]
    if enterprises.n_accepted() and not _any_place(enterprises):
        nowhere = enterprises.origin.entry(0, "经度、纬度", "", "intake.places_nowhere")
        found["enterprises"] = enterprises.warned([nowhere])
    return found


def _any_place(enterprises: Rows) -> bool:
    if any(row.lon_udeg is not None and row.lat_udeg is not None for row in enterprises.rows):
        return True
    points = enterprises.rest.points() if enterprises.rest else ()
    return any(len(lons) for _, lons, _ in points)


def _directions(table: Rows) -> Iterator[Any]:
    """Rows that are slower the other way round."""
    said = {(row.from_place, row.to_place): row.minutes for row in table.rows}
    for row, number in zip(table.rows, table.numbers, strict=True):
        back = said.get((row.to_place, row.from_place), row.minutes)
        if back > row.minutes:
            yield table.origin.entry(number, "minutes", row.minutes, "intake.travel_directions", str(back))


def _left_out(table: Rows, tables: Mapping[str, Rows]) -> Iterator[Any]:
    """Districts with enterprises, and departments, that the table does not name."""
    named = {place for row in table.rows for place in (row.from_place, row.to_place)}
    enterprises = tables["enterprises"]
    districts = {row.district for row in enterprises.rows}
    districts |= enterprises.rest.districts() if enterprises.rest else frozenset()
    for district in sorted(districts - named):
        yield table.origin.entry(0, "from_place", district, "intake.travel_uncovered", district)
    for row in tables["departments"].rows:
        if row.department_id not in named and not (len(row.districts) == 1 and row.districts[0] in named):
            yield table.origin.entry(
                0, "from_place", row.department_id, "intake.travel_uncovered", row.department_id
            )


def way_problems(tables: Mapping[str, Rows], settings: Settings) -> Iterator[Problem]:
    """A plan that wants a table of ways and has none: ``intake.travel_missing``."""
    table = tables[TABLE]
    if settings.travel.source != "coordinates" and not table.rows:
        place: dict[str, str | int] = {"file": table.origin.file, "sheet": table.origin.sheet}
        params: dict[str, str | int] = {"source": settings.travel.source, "n_rejected": len(table.rejected)}
        yield Problem(code="intake.travel_missing", params=params, place=place)
