"""The small parts: places in integers, covers, tickets."""

import hashlib
from itertools import combinations

import pytest
from drawn import plan
from hypothesis import given, settings
from hypothesis import strategies as st
from small import registers

from scheduler.domain.plan import Centre
from scheduler.domain.registers import Department, Enterprise
from scheduler.problem.lottery import ticket
from scheduler.problem.places import Places, numbered, places
from scheduler.problem.seats import least_cover

CENTRES = (
    Centre(district="", lon_udeg=120_000_000, lat_udeg=30_000_000),
    Centre(district="330182", lon_udeg=120_100_000, lat_udeg=30_100_000),
)


def shop(lon: int | None, lat: int | None, district: str = "330182") -> Enterprise:
    return Enterprise(
        enterprise_id="E",
        id_kind="other",
        name="店",
        authority="局",
        unit="所",
        district=district,
        risk_class="A",
        lon_udeg=lon,
        lat_udeg=lat,
    )


def ground(*centres: Centre) -> Places:
    return Places(centres={c.district: (c.lon_udeg, c.lat_udeg) for c in centres}, cosine_ppm=866_025)


def test_metres_are_rounded_towards_minus_infinity() -> None:
    made = ground(*CENTRES)
    assert made.planar(120_000_000, 30_000_000) == (0, 0)
    # 1,000 micro-degrees: 111.32 m north, 96.4 m east.
    assert made.planar(120_001_000, 30_001_000) == (96, 111)
    assert made.planar(119_999_000, 29_999_000) == (-97, -112)


@pytest.mark.parametrize(
    ("row", "point"),
    [
        (shop(120_001_000, 30_001_000), (96, 111)),
        (shop(120_001_000, None), (9640, 11132)),
        (shop(None, None), (9640, 11132)),
        (shop(None, None, "330199"), (0, 0)),
    ],
)
def test_missing_coordinates_fall_back_to_the_district_then_to_the_campaign(
    row: Enterprise, point: tuple[int, int]
) -> None:
    assert ground(*CENTRES).of(row, row.district) == point


def test_without_any_centre_everything_unknown_is_at_the_origin() -> None:
    assert ground().of(shop(None, None), "330182") == (0, 0)
    assert ground(CENTRES[1]).of(shop(None, None, ""), "") == (0, 0)


def test_a_department_without_coordinates_sits_at_the_campaigns_centre() -> None:
    row = Department(
        department_id="D",
        name="局",
        field="消防",
        level="district",
        authority="局",
        unit="所",
        districts=("330182",),
    )
    assert ground(*CENTRES).of(row) == (0, 0)


def test_places_read_the_plan() -> None:
    made = places(plan(registers(), centres=CENTRES))
    assert (made.centres[""], made.cosine_ppm) == ((120_000_000, 30_000_000), 864_000)


def test_equal_points_are_one_site() -> None:
    assert numbered([(3, 1), (0, 0), (3, 1)]) == {(0, 0): 0, (3, 1): 1}


def test_a_ticket_is_the_sha256_of_its_parts() -> None:
    assert ticket("s", "W", "c", "e:p") == hashlib.sha256(b"s|W|c|e:p").hexdigest()


@settings(max_examples=80, deadline=None)
@given(st.sets(st.integers(0, 31), max_size=6))
def test_the_least_cover_is_that_of_trying_all_choices(masks: set[int]) -> None:
    need = 31
    sizes = [
        size
        for size in range(1, len(masks) + 1)
        if any(union(chosen) == need for chosen in combinations(sorted(masks), size))
    ]
    assert least_cover(need, frozenset(masks)) == min(sizes, default=0)


def union(masks: tuple[int, ...]) -> int:
    total = 0
    for mask in masks:
        total |= mask
    return total


def test_nothing_needed_is_covered_by_nobody() -> None:
    assert least_cover(0, frozenset()) == 0
