"""Reads the public Wake County files as they are: nothing mended, nothing dropped.

In: a folder with the three files. Out: rows of text and numbers. May import: the domain.
The files and their origin: ``docs/reference/instances.md``; they are no part of this repository.
"""

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.domain.errors import InputError, refuse

RESTAURANTS, INSPECTIONS, SAMPLE = "restaurants.csv", "inspections.csv", "inspections_sample_2022.csv"
NEEDED = (RESTAURANTS, INSPECTIONS, SAMPLE)
TIMEZONE = "America/New_York"


@dataclass(frozen=True, kw_only=True, slots=True)
class Establishment:
    """A line of restaurants.csv; ``lon`` and ``lat`` are the file's own text."""

    hsisid: str
    name: str
    address: str
    kind: str
    lon: str
    lat: str

    @property
    def point(self) -> tuple[int, int] | None:
        """Longitude and latitude in micro-degrees; None at zero and where the text is no number."""
        try:
            lon, lat = (round(Decimal(text) * 1_000_000) for text in (self.lon, self.lat))
        except (InvalidOperation, ValueError, OverflowError):
            return None
        return (lon, lat) if lon and lat else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Visited:
    """One past inspection; ``score_tenths`` of 1000, ``hsisid`` as the file writes it."""

    source: str
    hsisid: str
    day: dt.date
    score_tenths: int
    again: bool
    inspector: str


def read_establishments(data: Path) -> list[Establishment]:
    """All establishments in the order of the file.

    Errors: ``instance.source_missing``, ``instance.source_unreadable``, ``instance.source_column``.
    """
    parts = ("ADDRESS1", "ADDRESS2", "CITY", "STATE", "POSTALCODE")
    columns = ("HSISID", "NAME", *parts, "FACILITYTYPE", "X", "Y")
    return [
        Establishment(
            hsisid=row["HSISID"],
            name=row["NAME"],
            address=" ".join(row[part].strip() for part in parts if row[part].strip()),
            kind=row["FACILITYTYPE"],
            lon=row["X"],
            lat=row["Y"],
        )
        for row in _rows(data / RESTAURANTS, columns)
    ]


def read_inspections(data: Path) -> list[Visited]:
    """All inspections of both files, each file in its order.

    Errors: as :func:`read_establishments`, and ``instance.source_value`` for a date or a score.
    """
    found = []
    for name, date in ((INSPECTIONS, "DATE"), (SAMPLE, "DATE_")):
        path = data / name
        for number, row in enumerate(_rows(path, ("HSISID", "SCORE", date, "TYPE", "INSPECTOR")), start=2):
            found.append(
                Visited(
                    source=name,
                    hsisid=row["HSISID"],
                    day=_day(row[date], path, number, date),
                    score_tenths=_tenths(row["SCORE"], path, number),
                    again=row["TYPE"] != "Inspection",
                    inspector=row["INSPECTOR"],
                )
            )
    return found


def _rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    if not path.is_file():
        raise refuse(InputError, "instance.source_missing", path=str(path), needed=", ".join(NEEDED))
    place: dict[str, str | int] = {"file": path.name}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restval="", strict=True)
            for column in columns:
                if column not in (reader.fieldnames or ()):
                    raise refuse(InputError, "instance.source_column", place, column=column)
            yield from reader
    except (UnicodeDecodeError, csv.Error) as error:
        raise refuse(InputError, "instance.source_unreadable", place, detail=str(error)) from error


def _day(text: str, path: Path, row: int, column: str) -> dt.date:
    """A date, or the local date of a time in UTC: midnight in New York is 04:00Z or 05:00Z."""
    try:
        if "T" not in text:
            return dt.date.fromisoformat(text)
        return dt.datetime.fromisoformat(text).astimezone(ZoneInfo(TIMEZONE)).date()
    except ValueError as error:
        place: dict[str, str | int] = {"file": path.name, "row": row}
        raise refuse(InputError, "instance.source_value", place, column=column, value=text) from error


def _tenths(text: str, path: Path, row: int) -> int:
    try:
        return int(Decimal(text) * 10)
    except (InvalidOperation, ValueError, OverflowError) as error:
        place: dict[str, str | int] = {"file": path.name, "row": row}
        raise refuse(InputError, "instance.source_value", place, column="SCORE", value=text) from error
