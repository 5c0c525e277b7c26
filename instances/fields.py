"""Lines of business (监管领域): bodies, qualifications, what they inspect, items.

In: ``fields.toml`` beside this module. Out: the table of lines. May import: the standard library.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of business: code prefix, field, body's name, law, three qualifications, expert specialty (or
    empty), tags of the trades it inspects, items (the first needs no qualification and fits all)."""

    prefix: str
    field: str
    body: str
    basis: str
    qualifications: tuple[str, ...]
    specialty: str
    tags: tuple[str, ...]
    items: tuple[str, ...]


@cache
def lines() -> dict[str, Line]:
    """Prefix to line of business, in the order of the file."""
    raw = tomllib.loads(files("instances").joinpath("fields.toml").read_text(encoding="utf-8"))
    return {
        prefix: Line(
            prefix=prefix,
            field=row["field"],
            body=row["body"],
            basis=row["basis"],
            qualifications=tuple(row["qualifications"]),
            specialty=row["specialty"],
            tags=tuple(row["tags"]),
            items=tuple(row["items"]),
        )
        for prefix, row in raw.items()
    }


def body_name(place: str, line: Line) -> str:
    """What a line's body in a place is called; a street has stations only."""
    return f"{place}{line.field}所" if place.endswith("街道") else f"{place}{line.body}"
