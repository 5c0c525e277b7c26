"""The workbook a planner fills in: its examples are recognised, and filled in it is a whole campaign."""

import datetime as dt
import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from small import CEREMONY, registers

from cli import call
from scheduler.domain.errors import InputError
from scheduler.domain.registers import TABLES
from scheduler.intake import read_campaign, write_template
from scheduler.intake.aliases import AVAILABLE
from scheduler.intake.campaign import NEEDED_TABLES
from scheduler.intake.columns import COLUMNS
from scheduler.intake.template import REQUIRED, sheet_name
from scheduler.intake.templaterows import EXAMPLE_MARK, EXAMPLES, SETTINGS_ROWS, SETTINGS_SHEET


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "t.xlsx"
    write_template(path)
    return path


def fill_settings(book: openpyxl.Workbook, **values: Any) -> None:
    page = book[SETTINGS_SHEET]
    for row in page.iter_rows(min_row=2):
        if row[4].value in values:
            row[1].value = values.pop(row[4].value)
    for key, value in values.items():
        page.append([None, value, None, None, key])


BASE: dict[str, Any] = {
    "campaign_id": "qs-2026-01",
    "name": "第一批",
    "authority": "青石县市场监督管理局",
    "slot": "2026-01",
    "start": "2026-03-02",
    "end": "2026-03-31",
}


def refused(path: Path) -> list[str]:
    with pytest.raises(InputError) as error:
        read_campaign(path)
    return [problem.code for problem in error.value.problems]


def test_the_untouched_template_is_refused_with_a_word_and_exit_3(
    template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError) as error:
        read_campaign(template)
    assert [(p.code, p.params) for p in error.value.problems] == [
        ("intake.template_untouched", {"n": sum(map(len, EXAMPLES.values()))})
    ]
    assert call(["import", str(template), "--run", str(tmp_path / "r"), "--lang", "zh"]) == 3
    assert "31 行案例" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_the_command_writes_the_template_and_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    assert call(["template", "--out", str(path)]) == 0
    content = path.read_bytes()
    assert call(["template", "--out", str(path)]) == 2
    assert path.read_bytes() == content


def test_a_template_that_cannot_be_written_is_told_as_that_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call(["template", "--out", str(tmp_path / "nowhere/t.xlsx"), "--lang", "en"]) == 3
    assert "No such file" in capsys.readouterr().err

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as half:
            half.write(data[:99])
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert call(["template", "--out", str(tmp_path / "t.xlsx"), "--lang", "en"]) == 3
    assert "No space left" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_template_is_the_same_bytes_every_time(template: Path, tmp_path: Path) -> None:
    write_template(tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == template.read_bytes()


def test_every_table_has_a_sheet_with_headings_lists_notes_and_text_cells(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    assert book.sheetnames == ["填写说明", "设置", *map(sheet_name, TABLES)]
    for table, columns in COLUMNS.items():
        page = book[sheet_name(table)]
        heads = [cell.value for cell in page[1]]
        more = ["可用日期"] if table in AVAILABLE else []
        assert heads == ["说明", *(one.heading + ("*" if one.needed else "") for one in columns), *more]
        assert page.freeze_panes == "A2"
        assert all(cell.comment is not None for cell in page[1][1:])
        marks = [page.cell(row, 1).value for row in range(3, 7)]
        assert marks == [EXAMPLE_MARK] * len(EXAMPLES[table]) + [None] * (4 - len(EXAMPLES[table]))
        lists = {str(one.sqref).partition("5:")[0] for one in page.data_validations.dataValidation}
        due = [place for place, one in enumerate(columns, 2) if one.kind in {"choice", "flag"}]
        assert lists == {openpyxl.utils.get_column_letter(place) for place in due}
        looks = {
            place: group.number_format
            for group in page.column_dimensions.values()
            for place in range(group.min, group.max + 1)
        }
        for place, one in enumerate(columns, start=2):
            look = looks[place]
            assert look == ("yyyy-mm-dd" if one.kind in {"date", "last_day"} else "@"), one.heading


def with_examples_as_rows(template: Path) -> openpyxl.Workbook:
    book = openpyxl.load_workbook(template)
    fill_settings(book, **BASE)
    for table in TABLES:
        if table != "calendar":
            for row in range(3, 3 + len(EXAMPLES[table])):
                book[sheet_name(table)].cell(row, 1).value = None
    return book


def test_the_days_on_which_people_work_have_a_column_that_binds(template: Path) -> None:
    book = with_examples_as_rows(template)
    page = book[sheet_name("inspectors")]
    page.cell(3, page.max_column).value = "2026-03-04至2026-03-06"
    book.save(template)
    intake = read_campaign(template)
    away = [row for row in intake.registers.leave if row.kind == "可用日期之外"]
    assert {row.person_id for row in away} == {page.cell(3, 2).value}
    assert away[0].end == dt.date(2026, 3, 4)


def test_every_word_of_a_drop_down_list_is_read(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    for table, columns in COLUMNS.items():
        for rule in book[sheet_name(table)].data_validations.dataValidation:
            place = openpyxl.utils.column_index_from_string(str(rule.sqref).partition("5:")[0]) - 2
            words = rule.formula1.strip('"').split(",")
            meant = columns[place].choices
            assert words == ["是", "否"] if not meant else set(words) <= set(meant)
            assert not meant or {meant[word] for word in words} == set(meant.values())


def test_the_example_rows_are_a_whole_campaign_once_their_mark_is_gone(template: Path) -> None:
    book = with_examples_as_rows(template)
    book.save(template)
    intake = read_campaign(template)
    assert intake.rejected == ()
    tables = (table for table in TABLES if table != "calendar")
    assert all(len(getattr(intake.registers, table)) == len(EXAMPLES[table]) for table in tables)
    assert set(EXAMPLES) == set(TABLES)


def test_examples_may_stay_where_data_are_filled_in(template: Path, make_table: Any) -> None:
    """The small campaign through the template, settings and all, equals the same from files."""
    book = openpyxl.load_workbook(template)
    fill_settings(
        book,
        **{
            "campaign_id": "small-2026-01",
            "name": "青石县小样",
            "authority": "青石县市场监督管理局",
            "slot": "2026-01",
            "start": "2026-03-02",
            "end": "2026-03-13",
            "rehearsal": "是",
            "ceremony.file": "ceremony.txt",
            "limits.visits_day": 3,
            "entropy.sources": "ceremony",
            "import.rows": 500,
            "aliases.file": "names.toml",
        },
    )
    book[sheet_name("enterprises")]["D1"].value = "企业全称"
    (template.parent / "names.toml").write_text('[enterprises]\n"企业全称" = "name"\n', encoding="utf-8")
    source = registers()
    for table in TABLES:
        if table != "calendar":
            for row in make_table(table, source)[1:]:
                book[sheet_name(table)].append([None, *row])
    book.save(template)
    (template.parent / "ceremony.txt").write_text(CEREMONY, encoding="utf-8")
    intake = read_campaign(template)
    assert intake.registers.enterprises == source.enterprises
    assert intake.registers.tasks == source.tasks
    assert (intake.settings.limits.visits_day, intake.settings.rehearsal) == (3, True)
    assert intake.settings.hours.pieces == ((540, 720), (810, 1020))
    assert str(intake.settings.end) == "2026-03-14"
    assert intake.ceremony == CEREMONY
    found = {entry.table: entry for entry in intake.report.tables}
    assert (found["enterprises"].examples, found["enterprises"].hints) == (2, 1)
    assert "calendar" not in found
    assert "orders" not in found


def test_settings_that_make_no_sense_are_told_as_in_toml(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    fill_settings(
        book,
        **BASE
        | {
            "start": "三月",
            "rehearsal": "也许",
            "limits.visits_day": "四",
            "teams.nothing": 1,
            "import.rows": 0,
        },
    )
    book[sheet_name("tasks")].append([None, "T-1"])
    book.save(template)
    codes = refused(template)
    assert codes.count("intake.setting_type") == 3
    assert {"intake.setting_unknown", "intake.setting_range"} <= set(codes)


def test_a_workbook_without_settings_is_refused_by_name(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    book[SETTINGS_SHEET]["B1"] = "别的"
    book.save(template)
    assert refused(template) == ["intake.settings_sheet"]
    del book[SETTINGS_SHEET]
    book.save(template)
    assert refused(template) == ["intake.settings_sheet"]


def test_missing_settings_and_tables_come_together(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    book[sheet_name("tasks")].append([None, "T-1"])
    del book[sheet_name("items")]
    book[sheet_name("inspectors")].delete_rows(1, 4)
    book.save(template)
    codes = refused(template)
    assert codes.count("intake.setting_missing") == 6
    assert {"intake.table_missing", "intake.column_missing"} <= set(codes)


def test_the_template_is_a_sound_archive_without_links_or_macros(template: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(template.read_bytes())) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert not [name for name in names if "external" in name.lower() or name.endswith(".bin")]


def test_required_tables_are_those_an_import_needs() -> None:
    assert set(NEEDED_TABLES) == REQUIRED
    assert len({row.key for row in SETTINGS_ROWS}) == len(SETTINGS_ROWS)


def test_a_real_spreadsheet_program_opens_the_template(template: Path) -> None:
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed (Debian: apt-get install libreoffice-calc)")
    profile = f"-env:UserInstallation=file://{template.parent / 'profile'}"
    command = [
        "soffice",
        "--headless",
        profile,
        "--convert-to",
        "xls",
        "--outdir",
        str(template.parent / "out"),
        str(template),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert refused(template.parent / "out" / "t.xls") == ["intake.template_untouched"]
