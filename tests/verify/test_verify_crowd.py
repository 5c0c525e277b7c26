"""The census in columns beside the census row by row: the same figures, and never a milder verdict."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given as holds_for
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from small import END, START
from verify.evidence import evidence, five_of_six, wide_registers

from scheduler.domain.codec import write_csv
from scheduler.domain.errors import OneDoorError
from scheduler.domain.layout import FRAME, intake_table
from scheduler.domain.plan import FrameRow
from scheduler.domain.registers import Enterprise, PastInspection, QuietPeriod, Registers
from scheduler.domain.settings import Exclusions
from scheduler.verify import Evidence, crew, crowd
from scheduler.verify.census import Census, take_census
from scheduler.verify.crew import Lines
from scheduler.verify.folder import Table

REGISTER = intake_table("enterprises")


def many() -> Registers:
    """Forty-eight enterprises of all kinds: some closed, quiet, inspected before, of no task's items."""
    base = wide_registers()
    names = ("名", "a,b", 'says "yes"', "\n两行", "", "é")
    status = ("active", "active", "active", "active", "revoked", "moved")
    rows = []
    for n in range(48):
        row = base.enterprises[n % len(base.enterprises)]
        rows.append(
            replace(
                row,
                enterprise_id=f"E{n:03d}",
                name=names[n % 6],
                status=status[(n // 3) % 6],  # type: ignore[arg-type]
                risk_class="ABCD"[n % 4],  # type: ignore[arg-type]
                lon_udeg=None if n % 5 == 0 else row.lon_udeg,
                last_inspected=dt.date(2025, 1, 1 + n % 28) if n % 2 else None,
            )
        )
    known = replace(base, enterprises=tuple(rows))
    history = tuple(
        PastInspection(
            enterprise_id=f"E{n:03d}",
            inspector_id=base.inspectors[0].inspector_id,
            day=dt.date(2026, 1, 5),
            items=tuple(item.item_code for item in base.items),
        )
        for n in range(0, 48, 7)
    )
    quiet = (QuietPeriod(enterprise_id="E001", district="", start=START, end=END),)
    return replace(known, history=history, quiet=quiet)


@pytest.fixture(scope="module")
def given() -> Evidence:
    return evidence(many(), five_of_six(exclusions=Exclusions(cool_off_days=365)))


def sealed(given: Evidence, run: Path) -> Evidence:
    (run / "intake").mkdir(parents=True)
    (run / "plan").mkdir()
    write_csv(run / REGISTER, Enterprise, given.registers.enterprises)
    write_csv(run / FRAME, FrameRow, given.frame)
    return with_tables(given, run)


def with_tables(given: Evidence, run: Path) -> Evidence:
    return replace(given, enterprises=Table(run, REGISTER, Enterprise), frame=Table(run, FRAME, FrameRow))


@pytest.fixture
def files(given: Evidence, tmp_path: Path) -> Evidence:
    return sealed(given, tmp_path)


def figures(census: Census, given: Evidence) -> dict[str, Any]:
    tables: Any = (given.enterprises, given.frame)
    return {
        "sizes": {key: size for key, size in census.sizes.items() if size},
        "ranked": census.ranked,
        "members": +census.members,
        "outside": +census.outside,
        "lon": {name: sorted(found) for name, found in census.lon.items() if found},
        "lat": {name: sorted(found) for name, found in census.lat.items() if found},
        "kept": census.kept,
        "frame": (census.frame.checked, census.frame.n_broken, census.frame.violations),
        "tables": [(table.fault, table.n_rows) for table in tables],
    }


def told(given: Evidence, how: Any) -> object:
    try:
        return figures(how(given), given)
    except OneDoorError as error:
        return [(one.code, one.place, one.params) for one in error.problems]


@pytest.mark.parametrize("processes", [1, 2])
def test_both_ways_count_the_same(
    given: Evidence, files: Evidence, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = figures(take_census(files), files)
    fresh = with_tables(files, files.frame.run)  # type: ignore[attr-defined]
    monkeypatch.setattr(crowd, "take_census", lambda *_, **__: pytest.fail("went row by row"))
    monkeypatch.setattr(crowd, "CHUNK", 7)
    assert figures(crowd.census_of(fresh, processes=processes), fresh) == slow
    assert slow["outside"] == {}
    assert {row.reason for row in given.excluded if row.role == "enterprise"} >= {
        "excluded.status",
        "excluded.cool_off",
        "excluded.quiet",
    }


def test_rows_in_memory_are_counted_one_by_one(given: Evidence) -> None:
    assert crowd.census_of(given).ranked == take_census(given).ranked


def test_an_exclusion_that_is_missing_or_untrue_is_named_either_way(files: Evidence) -> None:
    less = replace(files, excluded=files.excluded[1:])
    more = replace(files, excluded=(*files.excluded, replace(files.excluded[0], subject_id="E047")))
    for changed in (less, more):
        quick, slow = (told(changed, how) for how in (crowd.census_of, take_census))
        assert quick == slow
        assert isinstance(quick, dict)
        assert quick["frame"][1] == 1


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@holds_for(
    name=st.sampled_from((REGISTER, FRAME)),
    place=st.floats(0, 1, exclude_max=True),
    byte=st.one_of(st.sampled_from(b',"\n\r;| 0Aa-'), st.integers(0, 255)),
    kind=st.sampled_from(("change", "insert", "drop", "cut")),
)
def test_damage_is_told_as_row_by_row(files: Evidence, name: str, place: float, byte: int, kind: str) -> None:
    run: Path = files.frame.run  # type: ignore[attr-defined]
    before = (run / name).read_bytes()
    at = int(place * len(before))
    new = b"" if kind in ("drop", "cut") else bytes([byte])
    rest = b"" if kind == "cut" else before[at + (kind != "insert") :]
    try:
        (run / name).write_bytes(before[:at] + new + rest)
        assert told(with_tables(files, run), crowd.census_of) == told(with_tables(files, run), take_census)
    finally:
        (run / name).write_bytes(before)


@pytest.mark.parametrize(
    "cells",
    [
        {"lon_udeg": "0120200000"},
        {"lon_udeg": "１20200000"},
        {"lat_udeg": "+30200000"},
        {"last_inspected": "2025-1-2"},
        {"last_inspected": "1735776000"},
        {"status": ""},
        {"risk_class": "E"},
        {"tags": "餐饮;"},
        {"district": "33|"},
        {"name": "e\u0301"},
        {"enterprise_id": "E 02"},
    ],
    ids=lambda cells: next(iter(cells.items())),
)
def test_a_cell_that_only_looks_right_is_not_counted_in_columns(
    files: Evidence, cells: dict[str, str]
) -> None:
    run: Path = files.frame.run  # type: ignore[attr-defined]
    lines = (run / REGISTER).read_text(encoding="utf-8").split("\n")
    names = lines[0].split(",")
    number = next(n for n, line in enumerate(lines) if line.startswith("E000,"))
    row = lines[number].split(",")
    for name, value in cells.items():
        row[names.index(name)] = value
    lines[number] = ",".join(row)
    (run / REGISTER).write_text("\n".join(lines), encoding="utf-8", newline="")
    assert crowd._quick(with_tables(files, run), 1) is None
    assert told(with_tables(files, run), crowd.census_of) == told(with_tables(files, run), take_census)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(crew, "PIECE", 23)
    return


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("step", [1, 2, 3])
def test_every_line_is_in_exactly_one_share(given: Evidence, files: Evidence, step: int) -> None:
    path = files.frame.run / FRAME  # type: ignore[attr-defined]
    shares = [Lines().read(path, {}, first, step) for first in range(step)]
    told = [one for one in shares if one is not None]
    assert len(told) == step
    assert all(one.ascending for one in told)
    ends = [
        one.ends[number]
        for number in sorted(set().union(*(one.ends for one in told)))
        for one in told
        if number in one.ends
    ]
    ids = [row.enterprise_id.encode() for row in given.frame]
    assert sum(sum(one.sizes.values()) for one in told) == len(ids)
    assert (ends[0][0], ends[-1][1]) == (ids[0], ids[-1])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"other\n",
        b'E1,"a",b,1,I,A,\n',
        b"E1\n",
        b"E1,a,b,1,I,Z,\n",
        b"E1,a,b,1,I,A,",
        b"E1,a,b,1,I,A,\r\n",
        "É,a,b,1,I,A,\n".encode(),
    ],
    ids=[
        "empty",
        "no header",
        "quoted",
        "no comma",
        "no class",
        "no line end",
        "carriage return",
        "not ascii",
    ],
)
def test_lines_that_need_more_than_cutting_are_left_to_the_codec(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "frame.csv"
    path.write_bytes(text if text in (b"", b"other\n") else crew.HEADER + text)
    with crew.reading(path, {}, 1) as hands:
        assert crew.crew_of(hands) is None


def test_two_units_of_one_district_look_alike(tmp_path: Path) -> None:
    path = tmp_path / "frame.csv"
    path.write_bytes(crew.HEADER + b"E1,a,b,1,I,A,x\nE2,a,c,1,I,A,x\n")
    for processes in (1, 2):
        with crew.reading(path, {b"E2": ("T",)}, processes) as hands:
            told = crew.crew_of(hands)
            assert told is not None
            assert told.ascending
            assert told.sizes == {(("1", "I", ("x",), ()), "A"): 1, (("1", "I", ("x",), ("T",)), "A"): 1}
        with crew.reading(path, {}, processes) as hands:
            told = crew.crew_of(hands)
            assert told is not None
            assert told.sizes == {(("1", "I", ("x",), ()), "A"): 2}


def test_a_frame_that_is_not_there_is_left_to_the_codec(tmp_path: Path) -> None:
    assert Lines().read(tmp_path / "frame.csv", {}, 0, 1) is None
