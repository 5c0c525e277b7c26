"""The two studies of the draw on a county, so that they cannot rot; nothing is timed here."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.study import coordination, draw
from benchmarks.study.frames import Sealed, seal
from instances.campaign import ceremony_text
from instances.sizes import size_named
from scheduler import pipeline
from scheduler.domain.codec import read_csv, write_csv
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
    codes = {violation.code for violation in check_draw(run)}
    assert codes == {"verify.changed_file", "verify.draw_row", "verify.draw_missing"}


def test_the_coordination_study_counts_fewer_doors_with_shared_tickets() -> None:
    figures = coordination.measure(size_named("county"), seeds=2, processes=1)
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
