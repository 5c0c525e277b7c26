"""A whole campaign from files: what comes in good comes out equal, whatever the files look like."""

from dataclasses import replace
from typing import Any

import pytest
from small import CEREMONY, registers, settings

from scheduler.domain.canonical import file_sha256
from scheduler.domain.errors import InputError
from scheduler.domain.intake import TableReport
from scheduler.domain.messages import Language, render
from scheduler.domain.registers import SORT_KEYS
from scheduler.intake import Intake, read_campaign


def codes(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def figures(report: TableReport) -> tuple[int, int, int, int]:
    return report.rows_read, report.accepted, report.rejected, report.merged


def by_table(intake: Intake) -> dict[str, TableReport]:
    return {report.table: report for report in intake.report.tables}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_in_any_encoding_become_the_registers_they_were_written_from(
    campaign: Any, encoding: str
) -> None:
    campaign.encoding = encoding
    intake = read_campaign(campaign.write())
    wanted = registers()
    assert replace(intake.registers, calendar=()) == replace(wanted, calendar=())
    assert [day.is_working for day in intake.registers.calendar] == [
        day.is_working for day in wanted.calendar
    ]
    assert intake.settings == settings()
    assert intake.rejected == ()


def test_every_source_is_reported_with_its_digest_and_its_figures(campaign: Any) -> None:
    path = campaign.write()
    intake = read_campaign(path)
    for report in intake.report.tables:
        assert report.sha256 == file_sha256(path.parent / report.file)
        assert report.rows_read == report.accepted + report.rejected + report.merged
    assert figures(by_table(intake)["enterprises"]) == (12, 12, 0, 0)


def test_rows_in_another_order_give_the_same_registers(campaign: Any) -> None:
    for name, rows in campaign.tables.items():
        campaign.tables[name] = [rows[0], *reversed(rows[1:])]
    intake = read_campaign(campaign.write())
    assert replace(intake.registers, calendar=()) == replace(registers(), calendar=())
    for name, keys in SORT_KEYS.items():
        found = [tuple(getattr(row, key) for key in keys) for row in getattr(intake.registers, name)]
        assert found == sorted(found)


def test_a_title_above_the_heading_and_blank_lines_do_not_shift_the_row_numbers(campaign: Any) -> None:
    rows = campaign.tables["inspectors"]
    width = len(rows[0])
    campaign.change("inspectors", 2, "执法证有效期至", "不详")
    title = ["执法人员名录库"] + [""] * (width - 1)
    campaign.tables["inspectors"] = [title, rows[0], [""] * width, *rows[1:]]
    intake = read_campaign(campaign.write())
    assert [(line.row, line.code) for line in intake.rejected if line.table == "inspectors"] == [
        (4, "intake.date")
    ]
    assert figures(by_table(intake)["inspectors"]) == (12, 11, 1, 0)


def test_the_text_of_a_ceremony_comes_along_in_a_rehearsal_only(campaign: Any) -> None:
    campaign.sections = '[ceremony]\nfile = "ceremony.txt"'
    assert read_campaign(campaign.write()).ceremony == CEREMONY
    real = campaign.write()
    real.write_text(real.read_text(encoding="utf-8").replace("rehearsal = true", ""), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_campaign(real)
    assert codes(error) == ["intake.ceremony_early"]


def test_progress_is_told_for_large_files_only_in_known_words(
    campaign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.intake.table.REPORT_EVERY", 1)
    told: list[tuple[str, dict[str, str | int]]] = []

    def progress(code: str, /, **params: str | int) -> None:
        told.append((code, params))

    read_campaign(campaign.write(), progress=progress)
    assert {code for code, _ in told} == {"intake.progress"}
    assert all(set(params) == {"table", "rows", "done", "total"} for _, params in told)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_problem_of_a_thoroughly_broken_campaign_can_be_read(campaign: Any, language: Language) -> None:
    campaign.change("tasks", 2, "发起部门", "D-none")
    campaign.change("items", 2, "检查方式", "飞行")
    campaign.change("recusals", 2, "主体代码", "E99")
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    assert len(error.value.problems) >= 3
    for problem in error.value.problems:
        text = render(problem, language)
        assert "{" not in text
        assert str(problem.place["file"]) in text
