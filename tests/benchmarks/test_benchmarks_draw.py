"""The two studies of the draw on a county, so that they cannot rot; nothing is timed here."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.study import coordination, draw
from benchmarks.study.frames import Sealed, campaigns_of, seal
from benchmarks.study.many import Draws
from instances.campaign import ceremony_text
from instances.sizes import size_named
from scheduler import draw as draw_room
from scheduler import pipeline
from scheduler.domain.codec import read_csv, write_csv
from scheduler.domain.frame import frame_columns
from scheduler.domain.plan import DrawnEnterprise
from scheduler.verify import check_draw


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    run = tmp_path_factory.mktemp("county") / "run"
    seal("county", 1, run)
    return Sealed(run=run, ceremony=ceremony_text("county", 1))


def test_the_draw_study_draws_verifies_and_leaves_the_plan_as_it_was(sealed: Sealed) -> None:
    figures = draw.measure(sealed, "county", processes=1)
    assert figures["frame_rows"] == 9_836
    assert figures["n_tasks"] == 42
    assert figures["n_drawn"] == 900
    assert int(figures["n_hashes"]) > 10_000
    assert not (sealed.run / "draw").exists()


def test_a_changed_draw_does_not_verify(sealed: Sealed, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(sealed.run, run)
    pipeline.draw(run, sealed.ceremony)
    assert check_draw(run) == ()
    path = run / "draw/enterprises.csv"
    rows = list(read_csv(DrawnEnterprise, path))
    write_csv(path, DrawnEnterprise, [replace(rows[0], enterprise_id=rows[-1].enterprise_id), *rows[1:]])
    told = check_draw(run)
    assert {violation.code for violation in told} == {
        "verify.changed_file",
        "verify.draw_row",
        "verify.draw_missing",
    }
    for processes in (2, 4):
        assert check_draw(run, processes=processes) == told


def test_any_number_of_processes_seals_the_same_draw(sealed: Sealed, tmp_path: Path) -> None:
    found = []
    for processes in (1, 2, 4):
        run = tmp_path / f"run-{processes}"
        shutil.copytree(sealed.run, run)
        pipeline.draw(run, sealed.ceremony, processes=processes)
        assert check_draw(run, processes=processes) == ()
        found.append({path.name: path.read_bytes() for path in sorted((run / "draw").iterdir())})
    assert found[0] == found[1] == found[2]


def test_many_plans_are_drawn_as_each_of_them_alone() -> None:
    county = size_named("county")
    campaigns, settings = campaigns_of(county, {"low": 0.25, "high": 0.75}, 1)
    plans = {
        name: (draw_room.commit(registers, settings, {}, 0), registers)
        for name, registers in campaigns.items()
    }
    frame = frame_columns(plans["low"][0].frame)
    draws = Draws({name: (made.plan, registers) for name, (made, registers) in plans.items()}, frame)
    for seed in ("5eed" * 16, "cafe" * 16):
        found = draws.draw(seed)
        for name, (made, registers) in plans.items():
            alone = draw_room.draw_columns(made.plan, frame, (), registers, seed)
            assert found[name].enterprises == alone.enterprises


def test_the_coordination_study_counts_fewer_doors_with_shared_tickets() -> None:
    figures = coordination.measure(size_named("county"), seeds=2, processes=1)
    assert coordination.measure(size_named("county"), seeds=2, processes=2) == figures
    assert isinstance(figures["as_generated"], dict)
    levels = figures["levels"]
    assert isinstance(levels, dict)
    assert list(levels) == ["low", "middle", "high"]
    for level in levels.values():
        assert level["twice"]
        assert level["doors_shared"] < level["doors_independent"]
        assert level["departments_mean_shared"] == level["departments_mean_independent"]
        assert level["departments_variance_shared"] > level["departments_variance_independent"]
        assert level["holds_shared"]
        assert level["holds_independent"]
