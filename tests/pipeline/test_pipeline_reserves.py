"""Reserves called in a run folder: sealed, told, shown, refused by name, and found where they were forged."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small import CEREMONY
from small_files import write_small
from verify.evidence import wide_registers
from verify.folders import forged, place_of

import solvers
from scheduler import pipeline
from scheduler.domain.canonical import file_sha256
from scheduler.domain.codec import read_csv, read_json
from scheduler.domain.errors import InputError, OneDoorError, StaffingError, UsageError
from scheduler.domain.messages import text
from scheduler.domain.reserves import CalledReserve, ReserveEvent
from scheduler.domain.schedule import Seat
from scheduler.pipeline.told import lines
from scheduler.verify import verify_run

TIGHT = '[pools]\ninspectors = "2人"\nk_max = 2\n\n[limits]\nvisits_campaign = 1\n\n'
GROUNDS = {"reason": "leave", "evidence": "假条3号", "decider": "科长"}


def merged_run(folder: Path, more: str) -> Path:
    path = write_small(folder / "input", tables=wide_registers())
    path.write_text(path.read_text(encoding="utf-8").replace("[tables]", f"{more}[tables]"), encoding="utf-8")
    run = folder / "run"
    pipeline.import_campaign(path, run)
    pipeline.commit(run)
    pipeline.draw(run, CEREMONY)
    pipeline.merge(run)
    return run


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Merged, with pools too small. Never change it."""
    return merged_run(tmp_path_factory.mktemp("short"), TIGHT)


@pytest.fixture
def merged(short: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(short, tmp_path / "run"))


@pytest.fixture(scope="module")
def finished(short: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reserves called, one person replaced, solved, certified, published, exported. Never change it."""
    run = Path(shutil.copytree(short, tmp_path_factory.mktemp("finished") / "run"))
    pipeline.reserve(run)
    pipeline.reserve(run, replace=drawn_of(run, "D-work")[0], **GROUNDS)
    pipeline.solve(run, solvers.solve)
    certified = pipeline.certify(run).certificate
    assert certified.verdict == "certified", certified.violations
    pipeline.publish(run)
    pipeline.export(run)
    return run


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def drawn_of(run: Path, department: str) -> list[str]:
    rows = (run / "draw/people.csv").read_text(encoding="utf-8").splitlines()[1:]
    cells = [row.split(",") for row in rows]
    return [row[2] for row in cells if row[0].startswith(f"{department}/") and row[4] == "1"]


def called_in(run: Path, stage: str) -> list[CalledReserve]:
    return list(read_csv(CalledReserve, run / stage / "called.csv"))


def code_of(error: pytest.ExceptionInfo[OneDoorError]) -> str:
    return error.value.problems[0].code


def test_a_called_reserve_is_sealed_sits_in_a_team_and_the_run_is_certified(finished: Path) -> None:
    reserves = {row.person_id for row in called_in(finished, "reserve-001")}
    seated = {row.person_id for row in read_csv(Seat, finished / "solve-001/schedule.csv")}
    assert reserves & seated
    certificate = verify_run(finished)
    assert (certificate.n_called, certificate.n_replaced) == (len(reserves), 1)
    assert {"reserve-001/event.json", "reserve-002/called.csv"} <= set(certificate.digests)


def test_who_was_replaced_sits_nowhere(finished: Path) -> None:
    gone = read_json(ReserveEvent, finished / "reserve-002/event.json").person_id
    assert gone in drawn_of(finished, "D-work")
    assert gone not in {row.person_id for row in read_csv(Seat, finished / "solve-001/schedule.csv")}


def test_the_public_page_counts_and_names_nobody(finished: Path) -> None:
    told = json.loads((finished / "publish/draw.json").read_text(encoding="utf-8"))
    assert sum(pool["called"] for pool in told["pools"]) == len(called_in(finished, "reserve-001"))
    page = (finished / "publish/draw.html").read_text(encoding="utf-8")
    n_called = len(called_in(finished, "reserve-001"))
    assert text("publish.reserves_told", "zh", called=n_called, replaced=0) in page
    assert not any(row.person_id in page for row in called_in(finished, "reserve-001"))


def test_the_summary_lists_every_event(finished: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(finished / "export/汇总.xlsx")["递补"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert [row[3] for row in rows if row[3]] == [row.person_id for row in called_in(finished, "reserve-001")]
    assert rows[-1][7:] == ["请假或另有勤务", "假条3号", "科长"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_why_tells_the_story_of_the_called_and_of_the_replaced(finished: Path, language: str) -> None:
    one = called_in(finished, "reserve-001")[0].person_id
    called, gone = pipeline.why(finished, one), pipeline.why(finished, drawn_of(finished, "D-work")[0])
    assert (called.outcome, gone.outcome) == ("called", "replaced")
    assert "reserve-001" in called.lines(language)[0]  # type: ignore[arg-type]
    assert "假条3号" in gone.lines(language)[0]  # type: ignore[arg-type]


def test_the_close_tells_of_people_only_tickets(copied: Path) -> None:
    pipeline.close(copied)
    pipeline.publish(copied, stage="close")
    told = json.loads((copied / "publish-close/close.json").read_text(encoding="utf-8"))
    assert sum(row["called"] for row in told["people"]) == len(called_in(copied, "reserve-001"))
    assert sum(row["replaced"] for row in told["people"]) == 1
    assert verify_run(copied).verdict == "certified"


def test_nobody_is_called_where_no_cut_shows_a_shortage(tmp_path: Path) -> None:
    run = merged_run(tmp_path, "")
    with pytest.raises(UsageError) as error:
        pipeline.reserve(run)
    assert code_of(error) == "reserve.not_needed"
    assert not (run / "reserve-001").exists()


def test_where_reserves_are_used_up_the_shortage_is_told_and_nothing_sealed(merged: Path) -> None:
    first = pipeline.reserve(merged)
    assert first.short
    with pytest.raises(StaffingError) as error:
        pipeline.reserve(merged)
    assert code_of(error) == "reserve.none_helps"
    assert not (merged / "reserve-002").exists()


def test_a_replacement_takes_the_next_in_order_and_leaves_one_less(merged: Path) -> None:
    gone = drawn_of(merged, "D-fire")[0]
    result = pipeline.reserve(merged, replace=gone, **GROUNDS)
    (row,) = called_in(merged, "reserve-001")
    assert (row.replaces, result.called) == (gone, (row.person_id,))
    assert row.rank == 3
    story = pipeline.why(merged, row.person_id)
    assert (story.outcome, story.cases[-1].params["person"]) == ("called", gone)
    again = pipeline.reserve(merged, replace=row.person_id, **GROUNDS)
    assert called_in(merged, "reserve-002")[0].rank == 4
    last = pipeline.reserve(merged, replace=again.called[0], **GROUNDS)
    assert (last.called, last.short) == ((), last.pools)
    assert all(lines(last, "en"))
    with pytest.raises(InputError) as error:
        pipeline.reserve(merged, replace=gone, **GROUNDS)
    assert code_of(error) == "reserve.not_in_force"


@pytest.mark.parametrize(("name", "value"), [("evidence", " "), ("decider", "a\nb"), ("reason", "mood")])
def test_a_replacement_needs_its_grounds(merged: Path, name: str, value: str) -> None:
    with pytest.raises(InputError) as error:
        pipeline.reserve(merged, replace=drawn_of(merged, "D-work")[0], **{**GROUNDS, name: value})
    assert code_of(error) == "reserve.fact"


def test_a_replacement_told_in_part_is_refused(merged: Path) -> None:
    with pytest.raises(UsageError) as error:
        pipeline.reserve(merged, replace="work-1")
    assert code_of(error) == "reserve.options"


def test_reserves_come_after_the_merge_and_before_any_roster(
    campaign: Path, finished: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as error:
        pipeline.reserve(finished)
    assert code_of(error) == "reserve.after_solve"
    run = tmp_path / "early"
    pipeline.import_campaign(campaign, run)
    with pytest.raises(UsageError) as early:
        pipeline.reserve(run)
    assert code_of(early) == "pipeline.stage_missing"


def test_an_event_that_was_killed_before_its_line_is_done_again(merged: Path) -> None:
    pipeline.reserve(merged)
    before = (merged / "reserve-001/called.csv").read_bytes()
    ledger = (merged / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    (merged / "ledger.jsonl").write_bytes(b"".join(ledger[:-1]))
    assert pipeline.reserve(merged).folder == "reserve-001"
    assert (merged / "reserve-001/called.csv").read_bytes() == before


def test_the_same_run_called_twice_gives_the_same_bytes(short: Path, tmp_path: Path) -> None:
    runs = [Path(shutil.copytree(short, tmp_path / name)) for name in ("one", "two")]
    for run in runs:
        pipeline.reserve(run)
    for name in ("event.json", "called.csv", "seats.csv", "people.csv"):
        one, two = ((run / "reserve-001" / name).read_bytes() for run in runs)
        assert one == two


Damage = Callable[[Path], None]


def changed(name: str) -> Damage:
    def damage(run: Path) -> None:
        path = run / name
        path.write_bytes(path.read_bytes() + b"x")

    return damage


def gone(name: str) -> Damage:
    return lambda run: (run / name).unlink()


@pytest.mark.parametrize("name", ["event.json", "called.csv", "seats.csv", "people.csv"])
@pytest.mark.parametrize("kind", [changed, gone])
def test_every_changed_byte_of_an_event_is_found_and_named(
    copied: Path, name: str, kind: Callable[[str], Damage]
) -> None:
    kind(f"reserve-001/{name}")(copied)
    told = [found for found in verify_run(copied).violations if found.rule == "digest"]
    assert f"reserve-001/{name}" in {str(found.params.get("file")) for found in told}


def test_a_whole_event_added_to_a_folder_is_found(copied: Path) -> None:
    shutil.copytree(copied / "reserve-001", copied / "reserve-003")
    files = {str(found.params.get("file")) for found in verify_run(copied).violations}
    assert "reserve-003/called.csv" in files


def test_a_call_moved_behind_the_roster_is_found(copied: Path) -> None:
    def later(entries: list[dict[str, Any]]) -> None:
        entry = entries.pop(place_of(entries, "reserve-002"))
        entries.insert(place_of(entries, "solve-001") + 1, entry)

    assert "verify.ledger_order" in forged(copied, later)


def test_events_in_another_order_are_found(copied: Path) -> None:
    def turned(entries: list[dict[str, Any]]) -> None:
        one, two = place_of(entries, "reserve-001"), place_of(entries, "reserve-002")
        entries[one], entries[two] = entries[two], entries[one]

    assert "verify.ledger_order" in forged(copied, turned)


def test_a_call_taken_out_of_the_ledger_is_found(copied: Path) -> None:
    def less(entries: list[dict[str, Any]]) -> None:
        del entries[place_of(entries, "reserve-001")]

    assert {"verify.ledger_order", "verify.unlisted_file"} <= forged(copied, less)


def test_other_facts_in_the_ledger_are_found(copied: Path) -> None:
    def told(entries: list[dict[str, Any]]) -> None:
        entries[place_of(entries, "reserve-001")]["facts"]["n_called"] = 1

    assert "verify.reserve_fact" in forged(copied, told)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("event.json", b"{}\n"),
        ("event.json", b'{"kind":"whim"}\n'),
        ("called.csv", b"pool_id,rank\n"),
        ("seats.csv", b"\xff\xfe"),
        ("people.csv", b""),
    ],
)
def test_damage_with_a_digest_that_fits_is_named_and_never_a_crash(
    copied: Path, name: str, data: bytes
) -> None:
    path = copied / "reserve-001" / name
    path.write_bytes(data)

    def fitting(entries: list[dict[str, Any]]) -> None:
        entries[place_of(entries, "reserve-001")]["files"][f"reserve-001/{name}"] = file_sha256(path)

    assert "verify.unreadable" in forged(copied, fitting)
