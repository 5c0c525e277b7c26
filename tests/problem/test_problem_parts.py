"""The small parts: places in integers, covers, tickets."""

import hashlib
from dataclasses import replace
from itertools import combinations, permutations

import pytest
from drawn import plan
from hypothesis import given, settings
from hypothesis import strategies as st
from small import registers

from scheduler.domain.plan import Centre
from scheduler.domain.registers import Department, Enterprise
from scheduler.problem.lottery import ticket
from scheduler.problem.places import ORIGIN, Places, numbered, places
from scheduler.problem.sizes import LEADER, SENIOR, Unit, fitting, sizes, together
from scheduler.problem.ways import NOWHERE

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
    assert ground(*CENTRES).of(row) == (*point, NOWHERE, "")


def test_without_any_centre_everything_unknown_is_at_the_origin() -> None:
    assert ground().of(shop(None, None)) == ORIGIN
    assert ground(CENTRES[1]).of(shop(None, None, "")) == ORIGIN


def test_an_office_without_coordinates_sits_in_its_one_district_else_at_the_campaigns_centre() -> None:
    row = Department(
        department_id="D",
        name="局",
        field="消防",
        level="district",
        authority="局",
        unit="所",
        districts=("330182",),
    )
    assert ground(*CENTRES).of(row) == (9640, 11132, NOWHERE, "")
    for several in ((), ("330182", "330183")):
        assert ground(*CENTRES).of(replace(row, districts=several)) == ORIGIN


def test_places_read_the_plan() -> None:
    made = places(plan(registers(), centres=CENTRES), registers())
    assert (made.centres[""], made.cosine_ppm) == ((120_000_000, 30_000_000), 864_000)


def test_equal_points_are_one_site() -> None:
    here = (3, 1, NOWHERE, "")
    assert numbered([here, ORIGIN, here]) == {ORIGIN: 0, here: 1}
    assert len(numbered([here, (3, 1, ("E1", ""), "")])) == 2


def test_a_ticket_is_the_sha256_of_its_parts() -> None:
    assert ticket("s", "W", "c", "e:p") == hashlib.sha256(b"s|W|c|e:p").hexdigest()


UNITS = st.lists(
    st.builds(
        Unit,
        st.lists(st.integers(0, 7), min_size=1, max_size=2).map(lambda masks: tuple(sorted(masks))),
        st.integers(0, 3),
    ),
    max_size=5,
)


def covered(masks: tuple[int, ...], need: int, *, distinct: bool) -> bool:
    skills = [1 << at for at in range(3) if need >> at & 1]
    if not distinct:
        return all(any(mask & skill for mask in masks) for skill in skills)
    return any(
        all(mask & skill for mask, skill in zip(chosen, skills, strict=True))
        for chosen in permutations(masks, len(skills))
    )


@settings(max_examples=80, deadline=None)
@given(drawn=UNITS, need=st.integers(0, 7), distinct=st.booleans())
def test_the_sizes_of_a_team_are_those_of_trying_all_choices(
    *, drawn: list[Unit], need: int, distinct: bool
) -> None:
    units = [Unit(tuple(sorted(mask & need for mask in unit.masks)), unit.flags) for unit in drawn]
    found: dict[int, set[int]] = {}
    for count in range(1, len(units) + 1):
        for chosen in combinations(units, count):
            masks = tuple(mask for unit in chosen for mask in unit.masks)
            if covered(masks, need, distinct=distinct):
                flags = 0
                for unit in chosen:
                    flags |= unit.flags
                found.setdefault(len(masks), set()).add(flags)
    assert sizes(units, need, distinct=distinct) == {size: frozenset(found[size]) for size in found}


def test_nobody_makes_no_team() -> None:
    assert sizes([], 0, distinct=False) == {}


def test_flags_may_come_from_different_departments() -> None:
    led, guided = {1: frozenset({LEADER})}, {1: frozenset({0}), 2: frozenset({SENIOR})}
    assert together([(led, 1), (guided, 2)], LEADER | SENIOR)
    assert not together([(led, 1), (guided, 1)], LEADER | SENIOR)
    assert fitting(guided, SENIOR) == [2]
