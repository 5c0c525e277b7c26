"""Whatever is planted is found, and nothing else; the figures add up whatever is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from instances import write_damaged
from instances.damage import PLAN, ROWS, Extent
from scheduler.intake import Examined, examine


@pytest.fixture(scope="module", params=["rows", "plan"])
def damaged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Extent]:
    extent: Extent = request.param
    folder = tmp_path_factory.mktemp("damaged") / extent
    return write_damaged("street", folder, extent=extent), extent


@pytest.fixture(scope="module")
def examined(damaged: tuple[Path, Extent]) -> Examined:
    return examine(damaged[0])


def manifest(campaign: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((campaign.parent / "damage.json").read_text(encoding="utf-8"))
    return facts


def test_every_planted_defect_is_found_and_nothing_else(
    damaged: tuple[Path, Extent], examined: Examined
) -> None:
    planted = manifest(damaged[0])["planted"]
    want = sorted((one["table"], one["row"], one["column"], one["code"]) for one in planted)
    lines = (*examined.rejected, *examined.report.warnings)
    assert sorted((line.table, line.row, line.column, line.code) for line in lines) == want


def test_a_defect_has_the_effect_that_was_planted(damaged: tuple[Path, Extent], examined: Examined) -> None:
    planted = manifest(damaged[0])["planted"]
    by_effect: dict[str, set[tuple[str, int]]] = {"rejected": set(), "notice": set(), "stops": set()}
    for one in planted:
        by_effect[one["effect"]].add((one["table"], one["row"]))
    assert {(line.table, line.row) for line in examined.report.warnings} == by_effect["notice"]
    rejected = {(line.table, line.row) for line in examined.rejected}
    assert rejected == by_effect["rejected"] | by_effect["stops"]
    stops = {(problem.params.get("table"), problem.place.get("row")) for problem in examined.problems}
    assert stops == by_effect["stops"]
    assert (examined.intake is None) == (damaged[1] == "plan")


def test_the_figures_add_up_to_the_lines_of_every_file(
    damaged: tuple[Path, Extent], examined: Examined
) -> None:
    facts = manifest(damaged[0])
    rejected = {(line.table, line.row) for line in examined.rejected}
    for table in examined.report.tables:
        lines = (damaged[0].parent / table.file).read_text(encoding="gb18030").count("\n")
        assert table.lines == lines
        assert table.lines == table.heads + table.hints + table.examples + table.blank + table.rows_read
        assert table.rows_read == table.accepted + table.rejected + table.merged
        assert table.merged == facts["merged"].get(table.table, 0)
        assert table.blank == facts["blank"].get(table.table, 0)
        assert table.rejected == sum(name == table.table for name, _ in rejected)


def test_what_is_written_oddly_is_read_rightly(examined: Examined, damaged: tuple[Path, Extent]) -> None:
    assert manifest(damaged[0])["mended"] == 6
    if examined.intake:
        assert all(row.enterprise_id.isascii() for row in examined.intake.registers.enterprises)


def test_the_same_seed_gives_the_same_damage(tmp_path: Path) -> None:
    first, second = (write_damaged("street", tmp_path / name) for name in "ab")
    for path in sorted(first.parent.iterdir()):
        assert path.read_bytes() == (second.parent / path.name).read_bytes()


def test_every_kind_of_damage_is_planted_by_a_function_of_its_own() -> None:
    assert len({plant.__name__ for plant in (*ROWS, *PLAN)}) == len(ROWS) + len(PLAN)
