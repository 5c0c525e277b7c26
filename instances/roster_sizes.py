"""The sizes of roster problems at the drawn stage.

In: nothing. Out: published or assumed figures (``docs/reference/instances.md``). May import: the standard
library.
"""

import datetime as dt
from dataclasses import dataclass

SIDE_M = 20_000
"""Side of a district in metres."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterSize:
    """``per_district`` departments stand in each district, ``municipal`` above them."""

    name: str
    n_visits: int
    n_officers: int
    n_experts: int
    n_districts: int
    per_district: int
    municipal: int
    n_days: int
    n_tasks: int
    start: dt.date
    side_m: int = SIDE_M


ROSTERS: dict[str, RosterSize] = {
    size.name: size
    for size in (
        RosterSize(
            name="street",
            n_visits=15,
            n_officers=12,
            n_experts=3,
            n_districts=1,
            per_district=4,
            municipal=0,
            n_days=10,
            n_tasks=6,
            start=dt.date(2026, 5, 6),
            side_m=4_000,
        ),
        RosterSize(
            name="county",
            n_visits=700,
            n_officers=300,
            n_experts=24,
            n_districts=1,
            per_district=19,
            municipal=0,
            n_days=20,
            n_tasks=42,
            start=dt.date(2026, 3, 2),
        ),
        RosterSize(
            name="city-month",
            n_visits=5_000,
            n_officers=3_709,
            n_experts=135,
            n_districts=8,
            per_district=19,
            municipal=11,
            n_days=22,
            n_tasks=160,
            start=dt.date(2026, 3, 2),
        ),
        RosterSize(
            name="metro-month",
            n_visits=7_000,
            n_officers=8_452,
            n_experts=300,
            n_districts=10,
            per_district=16,
            municipal=18,
            n_days=22,
            n_tasks=200,
            start=dt.date(2026, 3, 2),
        ),
        RosterSize(
            name="metro-year",
            n_visits=81_827,
            n_officers=8_452,
            n_experts=300,
            n_districts=10,
            per_district=16,
            municipal=18,
            n_days=250,
            n_tasks=758,
            start=dt.date(2025, 12, 30),
        ),
    )
}
"""The roster sizes by name; ``county`` is at the drawn stage, so with 300 of 1,180 officers."""
