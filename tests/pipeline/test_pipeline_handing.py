"""Handing out: calendars, papers and tables of a certified run, into folders that are never half-written."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy

from scheduler import pipeline
from scheduler.domain.errors import InputError, UsageError
from scheduler.pipeline.handing import Wanted, read_templates
from scheduler.pipeline.outfolder import LIST, TEMP, put

ALL = {"calendars": True, "papers": True, "tables": True}
FACTS: dict[str, str | int] = {"campaign_id": "c", "attempt": 1, "plan_sha256": "0123456789abcdef" * 4}


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def a_visit(run: Path) -> str:
    return (run / "solve-001/schedule.csv").read_text(encoding="utf-8").split("\n")[1].split(",")[0]


def test_everything_asked_for_stands_in_its_folder_with_its_list(finished_run: Path, tmp_path: Path) -> None:
    before = tree(finished_run)
    told = pipeline.hand_out(finished_run, Wanted(to=tmp_path / "out", **ALL))
    assert [Path(part.folder).name for part in told.parts] == ["日历", "文书", "数据"]
    for part in told.parts:
        folder = Path(part.folder)
        known = json.loads((folder / LIST).read_bytes())
        files = tree(folder)
        assert part.n_files == len(files)
        assert known["files"] == {
            name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != LIST
        }
        head = (finished_run / "ledger.jsonl").read_text().splitlines()[-1]
        assert known["ledger_head"] == json.loads(head)["hash"]
    assert tree(finished_run) == before
    assert pipeline.hand_out(finished_run, Wanted(to=tmp_path / "out", **ALL)) == told


def test_the_same_run_gives_the_same_bytes(finished_run: Path, tmp_path: Path) -> None:
    for name in "ab":
        pipeline.hand_out(finished_run, Wanted(to=tmp_path / name, **ALL))
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_our_templates_lie_beside_the_papers_to_be_changed(finished_run: Path, tmp_path: Path) -> None:
    pipeline.hand_out(finished_run, Wanted(to=tmp_path / "out", papers=True))
    own = tmp_path / "own"
    shutil.copytree(tmp_path / "out/文书/模板", own)
    page = own / "检查通知书.html"
    page.write_text(
        page.read_text(encoding="utf-8").replace("检 查 通 知 书", "上 门 告 知 书"), encoding="utf-8"
    )
    pipeline.hand_out(finished_run, Wanted(to=tmp_path / "out", papers=True, templates=own))
    pages = [
        data.decode() for name, data in tree(tmp_path / "out/文书").items() if name.endswith("知书.html")
    ]
    assert len(pages) > 1
    assert all("上 门 告 知 书" in page for page in pages)


def test_single_papers_gather_visit_by_visit(finished_run: Path, tmp_path: Path) -> None:
    visit = a_visit(finished_run)
    pipeline.hand_out(finished_run, Wanted(to=tmp_path, visits=(visit,)))
    assert {"检查通知书.docx", "检查通知书.html", LIST} <= set(tree(tmp_path / "单张" / visit))


def test_a_database_gets_the_rows(finished_run: Path, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/p.db"
    told = pipeline.hand_out(finished_run, Wanted(to=tmp_path / "out", sql=address))
    assert (told.parts, told.database) == ((), "sqlite:///p.db")
    engine = sqlalchemy.create_engine(address)
    with engine.connect() as connection:
        n = connection.exec_driver_sql("SELECT count(*) FROM onedoor_ledger").scalar_one()
    engine.dispose()
    assert n == told.rows["ledger"] == len((finished_run / "ledger.jsonl").read_text().splitlines())
    assert not (tmp_path / "out").exists()


def test_nothing_asked_for_and_places_inside_the_run_are_refused(finished_run: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"export\.nothing_asked"):
        pipeline.hand_out(finished_run, Wanted(to=tmp_path))
    with pytest.raises(UsageError, match=r"export\.inside_run"):
        pipeline.hand_out(finished_run, Wanted(to=finished_run / "more", calendars=True))
    with pytest.raises(UsageError, match=r"export\.templates_without_papers"):
        pipeline.hand_out(finished_run, Wanted(to=tmp_path, calendars=True, templates=tmp_path))
    with pytest.raises(UsageError, match=r"export\.visit_unknown"):
        pipeline.hand_out(finished_run, Wanted(to=tmp_path / "o", calendars=True, visits=("V-x-1",)))
    assert not (tmp_path / "o").exists()


def test_without_a_certificate_nothing_is_handed_out(copied_run: Callable[[], Path], tmp_path: Path) -> None:
    run = copied_run()
    ledger = (run / "ledger.jsonl").read_text().splitlines(keepends=True)
    place = next(n for n, line in enumerate(ledger) if '"stage":"certificate"' in line)
    (run / "ledger.jsonl").write_text("".join(ledger[:place]))
    for name in ("certificate", "publish", "export"):
        shutil.rmtree(run / name)
    with pytest.raises(UsageError, match=r"pipeline\.stage_missing"):
        pipeline.hand_out(run, Wanted(to=tmp_path / "out", calendars=True))


def test_a_void_campaign_hands_nothing_out(copied_run: Callable[[], Path], tmp_path: Path) -> None:
    run = copied_run()
    pipeline.void(run, approver="李", organ="纪检监察组", document="3号", reason="程序有误")
    with pytest.raises(UsageError, match=r"pipeline\.voided"):
        pipeline.hand_out(run, Wanted(to=tmp_path / "out", calendars=True))
    assert not (tmp_path / "out").exists()


# --- templates -------------------------------------------------------------------------------------------


def test_a_folder_of_templates_holds_nothing_else(tmp_path: Path) -> None:
    for name in ("检查通知书.docx", "D-fire/现场记录表.html", "检查通知.docx", "a/b/检查通知书.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError) as caught:
        read_templates(tmp_path)
    assert [Path(str(p.place["file"])).relative_to(tmp_path).as_posix() for p in caught.value.problems] == [
        "a/b/检查通知书.html",
        "检查通知.docx",
    ]
    with pytest.raises(InputError, match=r"export\.templates_missing"):
        read_templates(tmp_path / "none")


def test_templates_of_an_unknown_department_or_with_unknown_fields_write_nothing(
    finished_run: Path, tmp_path: Path
) -> None:
    own, out = tmp_path / "own", tmp_path / "out"
    (own / "D-none").mkdir(parents=True)
    (own / "D-none/检查通知书.html").write_text("<body></body>")
    with pytest.raises(InputError, match=r"export\.template_department"):
        pipeline.hand_out(finished_run, Wanted(to=out, calendars=True, papers=True, templates=own))
    (own / "D-none").rename(own / "D-fire")
    (own / "D-fire/检查通知书.html").write_text("<body>{{ 电话 }}</body>", encoding="utf-8")
    with pytest.raises(InputError, match=r"export\.template_field"):
        pipeline.hand_out(finished_run, Wanted(to=out, calendars=True, papers=True, templates=own))
    assert not out.exists()


def test_without_docxtpl_papers_are_html_and_the_reason_is_told(
    finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.export.fill.find_spec", lambda _name: None)
    told = pipeline.hand_out(finished_run, Wanted(to=tmp_path, papers=True))
    assert [note.code for note in told.notes] == ["export.no_docx"]
    endings = {Path(name).suffix for name in tree(tmp_path / "文书") if name != LIST}
    assert endings == {".html"}


def test_without_icalendar_there_are_no_calendars_and_nothing_else_is_written(
    finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.export.fill.find_spec", lambda _name: None)
    with pytest.raises(InputError, match=r"export\.no_icalendar"):
        pipeline.hand_out(finished_run, Wanted(to=tmp_path / "out", calendars=True, tables=True))
    assert not (tmp_path / "out").exists()


# --- folders ---------------------------------------------------------------------------------------------


def two_files(temp: Path) -> Iterator[str]:
    for name in ("a.txt", "sub/b.txt"):
        (temp / name).parent.mkdir(exist_ok=True)
        (temp / name).write_text(name)
        yield name


def test_a_folder_is_put_in_place_whole_and_replaced_while_nobody_touched_it(tmp_path: Path) -> None:
    target = tmp_path / "deep/er/x"
    assert put(target, two_files, FACTS) == ["a.txt", "sub/b.txt", LIST]
    assert put(target, two_files, {**FACTS, "attempt": 2}) == ["a.txt", "sub/b.txt", LIST]
    assert json.loads((target / LIST).read_bytes())["attempt"] == 2
    assert sorted(path.name for path in target.parent.iterdir()) == ["x"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    put(tmp_path / "x", two_files, FACTS)
    assert (tmp_path / "x/a.txt").is_file()


def test_what_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.mkdir()
    (target / "mine.docx").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"export\.folder_foreign") as caught:
        put(target, two_files, FACTS)
    assert caught.value.problems[0].params["found"] == "mine.docx"
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match=r"export\.folder_foreign"):
        put(tmp_path / "file", two_files, FACTS)
    assert tree(tmp_path) == {"x/mine.docx": b"mine", "file": b""}


@pytest.mark.parametrize("change", ["edit", "add", "remove"])
def test_what_somebody_changed_is_never_overwritten(tmp_path: Path, change: str) -> None:
    target = tmp_path / "x"
    put(target, two_files, FACTS)
    if change == "edit":
        (target / "a.txt").write_text("filled in by hand")
    elif change == "add":
        (target / "sub/new.txt").write_text("new")
    else:
        (target / "a.txt").unlink()
    before = tree(target)
    with pytest.raises(UsageError, match=r"export\.folder_changed"):
        put(target, two_files, FACTS)
    assert tree(target) == before


def test_the_folder_of_another_campaign_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path / "x", two_files, FACTS)
    with pytest.raises(UsageError, match=r"export\.folder_campaign"):
        put(tmp_path / "x", two_files, {**FACTS, "campaign_id": "d"})


def test_a_full_disk_half_way_leaves_nothing_new_and_the_old_whole(tmp_path: Path) -> None:
    target = tmp_path / "x"

    def fails(temp: Path) -> Iterator[str]:
        (temp / "a.txt").write_text("half")
        yield "a.txt"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(temp / "b.txt"))

    with pytest.raises(InputError, match=r"export\.folder_unwritable"):
        put(target, fails, FACTS)
    assert list(tmp_path.iterdir()) == []
    put(target, two_files, FACTS)
    before = tree(tmp_path)
    with pytest.raises(InputError, match=r"export\.folder_unwritable"):
        put(target, fails, FACTS)
    assert tree(tmp_path) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(TEMP)]


def test_a_place_where_nothing_can_be_written_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match=r"export\.folder_unwritable"):
        put(tmp_path / "file/x", two_files, FACTS)


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    def stopped(_temp: Path) -> Iterator[str]:
        yield "a.txt"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put(tmp_path / "x", stopped, FACTS)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_call_of_the_same_plan_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    for name in (f"{TEMP}0123456789abcdef-x", f"{TEMP}fedcba9876543210-x", ".mine"):
        (tmp_path / name / "new").mkdir(parents=True)
    put(tmp_path / "x", two_files, FACTS)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".mine", f"{TEMP}fedcba9876543210-x", "x"]


def test_a_link_to_a_folder_stays_one_and_its_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "x").symlink_to("far")
    for attempt in (1, 2):
        put(tmp_path / "x", two_files, {**FACTS, "attempt": attempt})
    assert (tmp_path / "x").is_symlink()
    assert json.loads((tmp_path / "far" / LIST).read_bytes())["attempt"] == 2


def test_a_failure_between_old_and_new_brings_the_old_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "x", two_files, FACTS)
    before = tree(tmp_path)
    rename = Path.rename

    def fails(one: Path, other: Path) -> Path:
        if one.name == "new":
            raise KeyboardInterrupt
        return rename(one, other)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(KeyboardInterrupt):
        put(tmp_path / "x", two_files, FACTS)
    assert tree(tmp_path) == before


def test_a_name_too_long_for_the_disk_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"export\.folder_unwritable"):
        put(tmp_path / ("x" * 300) / "y", two_files, FACTS)


def test_wanted_parts_are_refused_before_the_first_is_written(finished_run: Path, tmp_path: Path) -> None:
    (tmp_path / "数据").mkdir()
    (tmp_path / "数据/other.txt").write_text("x")
    with pytest.raises(UsageError, match=r"export\.folder_foreign"):
        pipeline.hand_out(finished_run, replace(Wanted(to=tmp_path), **ALL))  # type: ignore[arg-type]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["数据"]
