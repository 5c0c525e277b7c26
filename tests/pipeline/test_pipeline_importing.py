"""An import tells what to mend, refuses what loses too much, and says what changed since the one before."""

import json
import os
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from small import registers
from small_files import write_small

import solvers
from instances.tables import NAMES
from scheduler import pipeline, verify
from scheduler.domain.canonical import file_sha256
from scheduler.domain.codec import read_csv
from scheduler.domain.errors import InputError, OneDoorError, UsageError
from scheduler.domain.intake import Change
from scheduler.pipeline import Imported, ImportOptions
from scheduler.pipeline.told import lines

ENTERPRISES = f"{NAMES['enterprises']}.csv"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A campaign with one enterprise whose risk class is unknown."""
    campaign = write_small(tmp_path / "in")
    change(campaign, "E12,", ",A,", ",E,")
    return campaign


def change(campaign: Path, start: str, old: str, new: str, file: str = ENTERPRISES) -> None:
    """Change one row of a table, found by its beginning."""
    path = campaign.parent / file
    rows = path.read_text(encoding="gb18030").splitlines(keepends=True)
    (place,) = [n for n, row in enumerate(rows) if row.startswith(start)]
    assert rows[place].count(old) == 1, rows[place]
    rows[place] = rows[place].replace(old, new)
    path.write_text("".join(rows), encoding="gb18030", newline="")


def imported(campaign: Path, run: Path, **options: Any) -> Imported:
    return pipeline.import_campaign(campaign, run, options=ImportOptions(**options))


def codes(error: pytest.ExceptionInfo[OneDoorError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_the_workbook_stands_beside_a_run_that_was_imported(broken: Path, tmp_path: Path) -> None:
    book = tmp_path / "deep" / "problems.xlsx"
    result = imported(broken, tmp_path / "run", problems=book)
    assert (result.problems_file, result.rejected) == (str(book), 1)
    assert openpyxl.load_workbook(book).sheetnames[0] == "问题清单"
    assert not list((tmp_path / "run").rglob("*.xlsx"))
    assert any(str(book) in line for line in lines(result, "zh"))


def test_the_workbook_is_there_when_the_import_is_refused_and_no_run_is(broken: Path, tmp_path: Path) -> None:
    change(broken, "T-food,", "S01", "S99", f"{NAMES['tasks']}.csv")
    book = tmp_path / "problems.xlsx"
    with pytest.raises(InputError) as error:
        imported(broken, tmp_path / "run", problems=book)
    assert codes(error) == ["intake.reference_unknown"]
    assert not (tmp_path / "run").exists()
    sheet = openpyxl.load_workbook(book).worksheets[0]
    told = {str(row[10].value) for row in sheet.iter_rows()}
    assert {"intake.reference_unknown", "intake.choice"} <= told
    assert not list(tmp_path.glob(".tmp-*"))


def test_a_workbook_of_an_earlier_try_never_outlives_its_problems(broken: Path, tmp_path: Path) -> None:
    book = tmp_path / "problems.xlsx"
    imported(broken, tmp_path / "run", problems=book)
    before = book.read_bytes()
    change(broken, "E12,", ",E,", ",A,")
    imported(broken, tmp_path / "again", problems=book)
    assert book.read_bytes() != before
    assert "intake.choice" not in str(list(openpyxl.load_workbook(book).worksheets[0].values))


def test_without_problems_no_workbook_is_written(tmp_path: Path) -> None:
    base = registers()
    experts = tuple(replace(row, lon_udeg=120_200_000, lat_udeg=30_200_000) for row in base.experts)
    campaign = write_small(tmp_path / "in", tables=replace(base, experts=experts))
    book = tmp_path / "problems.xlsx"
    result = imported(campaign, tmp_path / "run", problems=book)
    assert (result.problems_file, result.n_problems, book.exists()) == ("", 0, False)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("run/problems.xlsx", "pipeline.problems_inside"),
        ("run", "pipeline.problems_inside"),
        (f"in/{ENTERPRISES}", "pipeline.problems_input"),
        ("in/../in/campaign.toml", "pipeline.problems_input"),
    ],
)
def test_the_workbook_overwrites_neither_the_run_nor_an_input(
    broken: Path, tmp_path: Path, place: str, code: str
) -> None:
    before = {path: path.read_bytes() for path in broken.parent.iterdir()}
    with pytest.raises(UsageError) as error:
        imported(broken, tmp_path / "run", problems=tmp_path / place)
    assert codes(error) == [code]
    assert before == {path: path.read_bytes() for path in broken.parent.iterdir()}
    assert not (tmp_path / "run").exists()


def test_the_workbook_overwrites_no_other_file_that_the_campaign_names(broken: Path, tmp_path: Path) -> None:
    folder = broken.parent
    (folder / "names.toml").write_text('[enterprises]\n"企业全称" = "name"\n', encoding="utf-8")
    with sqlite3.connect(folder / "platform.db") as database:
        database.execute("create table quiet (主体代码, 区划代码, 开始日期, 截止日期, 原因)")
    database.close()
    text = broken.read_text(encoding="utf-8")
    assert "quiet" not in text
    text = text.replace("[tables]", '[tables]\nquiet = { sql = "sqlite:///platform.db", table = "quiet" }')
    broken.write_text(f'{text}\n[aliases]\nfile = "names.toml"\n', encoding="utf-8")
    first = tmp_path / "first"
    imported(broken, first)
    for name in ("names.toml", "platform.db", "ceremony.txt"):
        before = (folder / name).read_bytes()
        with pytest.raises(UsageError) as error:
            imported(broken, tmp_path / "run", problems=folder / name)
        assert codes(error) == ["pipeline.problems_input"]
        assert (folder / name).read_bytes() == before
    (tmp_path / "link").symlink_to(first)
    for place in (first, tmp_path / "link", first / "intake"):
        with pytest.raises(UsageError) as error:
            imported(broken, tmp_path / "run", problems=place / "p.xlsx")
        assert codes(error) == ["pipeline.problems_inside"]


def test_the_workbook_takes_no_place_of_what_is_no_file(broken: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InputError) as error:
        imported(broken, tmp_path / "run", problems=pipe)
    assert codes(error) == ["pipeline.problems_unwritable"]
    assert pipe.is_fifo()


def test_an_import_that_loses_too_much_is_refused_and_says_what_to_mend(broken: Path, tmp_path: Path) -> None:
    book = tmp_path / "problems.xlsx"
    with pytest.raises(InputError) as error:
        imported(broken, tmp_path / "run", problems=book, max_rejects="0")
    assert codes(error) == ["intake.too_many_rejects"]
    assert book.exists()
    assert not (tmp_path / "run").exists()
    assert imported(broken, tmp_path / "run", max_rejects="1").rejected == 1


def test_mending_and_importing_again_changes_only_what_was_mended(broken: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    imported(broken, first)
    change(broken, "E12,", ",E,", ",D,")
    result = imported(broken, second, previous=first, problems=tmp_path / "p.xlsx")
    assert result.since is not None
    assert (result.since.mended, result.since.left, result.since.new) == (1, 1, 0)
    assert result.since.registers["enterprises"] == {"entered": 1, "left": 0, "changed": 0}
    sealed = {path.name: path for path in (first / "intake").glob("*.csv")}
    same = {
        name for name, path in sealed.items() if file_sha256(path) == file_sha256(second / "intake" / name)
    }
    assert sealed.keys() - same == {"enterprises.csv", "rejected.csv"}
    old, new = ((run / "intake/enterprises.csv").read_text().splitlines() for run in (first, second))
    assert [line for line in new if line not in old] == [line for line in new if line.startswith("E12,")]
    assert [line for line in old if line not in new] == []
    assert "名录变动" in openpyxl.load_workbook(tmp_path / "p.xlsx").sheetnames
    assert any("1 entered" in line for line in lines(result, "en"))


def test_the_list_of_changes_is_sealed_committed_and_verified(broken: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    imported(broken, first)
    change(broken, "E01,", ",B,", ",C,")
    result = pipeline.run_all(broken, second, solvers.solve, options=ImportOptions(previous=first))
    assert result.certified is not None
    assert result.certified.certificate.verdict == "certified", result.certified.certificate.violations
    path = second / "intake/delta.csv"
    found = [(row.ident, row.field, row.before, row.after) for row in read_csv(Change, path)]
    assert found == [("E01", "risk_class", "B", "C")]
    plan = json.loads((second / "plan/plan.json").read_text(encoding="utf-8"))
    assert plan["digests"]["intake/delta.csv"] == file_sha256(path)
    facts = [json.loads(line) for line in (second / "ledger.jsonl").read_text().splitlines()]
    head = json.loads((first / "ledger.jsonl").read_text().splitlines()[-1])["hash"]
    assert facts[1]["facts"]["previous_head"] == head
    again = pipeline.import_campaign(broken, second)
    assert (again.fresh, again.since) == (False, result.imported.since)
    path.write_text(path.read_text().replace(",B,C,", ",B,D,"))
    certificate = verify.verify_run(second)
    assert {"verify.changed_file"} <= {violation.code for violation in certificate.violations}


def test_a_previous_run_must_be_another_and_whole(broken: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    with pytest.raises(UsageError) as error:
        imported(broken, run, previous=run)
    assert codes(error) == ["pipeline.previous_same"]
    with pytest.raises(UsageError) as error:
        imported(broken, run, previous=tmp_path / "nowhere")
    assert codes(error) == ["pipeline.no_run"]
    first = tmp_path / "first"
    imported(broken, first)
    (first / "intake/enterprises.csv").write_text("x")
    with pytest.raises(OneDoorError) as broken_seal:
        imported(broken, run, previous=first)
    assert codes(broken_seal) == ["pipeline.changed_file"]
    assert not run.exists()


def test_a_wrong_previous_run_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        imported(tmp_path / "no-campaign.toml", tmp_path / "run", previous=tmp_path / "nowhere")
    assert codes(error) == ["pipeline.no_run"]


def test_a_workbook_that_cannot_be_written_leaves_no_run_that_holds_another_campaign_off(
    broken: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for run in (tmp_path / "run", tmp_path / "empty"):
        for place in ("folder", "file/problems.xlsx"):
            with pytest.raises(InputError) as error:
                imported(broken, run, problems=tmp_path / place)
            assert codes(error) == ["pipeline.problems_unwritable"]
            assert error.value.problems[0].place == {"file": str(tmp_path / place)}
    assert not (tmp_path / "run").exists()
    assert list((tmp_path / "empty").iterdir()) == []
    other = write_small(tmp_path / "other", campaign_id="another")
    assert imported(other, tmp_path / "empty").campaign_id == "another"


def test_a_sealed_import_is_not_taken_for_one_that_was_asked_for_otherwise(
    broken: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    imported(broken, first)
    imported(broken, second)
    with pytest.raises(UsageError) as error:
        imported(broken, second, previous=first)
    assert codes(error) == ["pipeline.compared_otherwise"]
    with pytest.raises(InputError) as too_many:
        imported(broken, second, max_rejects="0")
    assert codes(too_many) == ["intake.too_many_rejects"]
    assert imported(broken, second, max_rejects="1").fresh is False
    third = imported(broken, tmp_path / "third", previous=first)
    again = imported(broken, tmp_path / "third", previous=first)
    assert (again.fresh, again.since) == (False, third.since)
