"""Orders made after the draw in a run folder: sealed, told, shown, refused by name, found where forged."""

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from small import CEREMONY, END, settings
from small_files import write_small
from verify.evidence import wide_registers
from verify.folders import forged, place_of

import solvers
from instances.tables import write_rows
from scheduler import pipeline
from scheduler.domain.canonical import file_sha256
from scheduler.domain.codec import read_csv
from scheduler.domain.errors import InputError, OneDoorError, UsageError
from scheduler.domain.messages import text
from scheduler.domain.registers import Order
from scheduler.domain.schedule import Seat, Unscheduled
from scheduler.domain.visits import Visit
from scheduler.pipeline.ordering import local_minute
from scheduler.pipeline.told import lines
from scheduler.verify import verify_run

FIRST = dt.date(2026, 3, 4)


def order(ident: str = "ZL-1", **changes: Any) -> Order:
    base = Order(
        order_id=ident,
        enterprise_id="E10",
        department_id="D-fire",
        item_codes=("X01",),
        start=FIRST,
        end=END,
        approver="局长",
        document="消指〔2026〕7号",
        approved_at="2026-03-03T16:00",
        reason="群众举报",
    )
    return replace(base, **changes)


def written(folder: Path, *orders: Order) -> Path:
    path = folder / "指令.csv"
    write_rows(path, "orders", orders)
    return path


def rostered(folder: Path, *, rehearsal: bool = True) -> Path:
    path = write_small(folder / "input", tables=wide_registers(), rehearsal=rehearsal)
    run = folder / "run"
    pipeline.import_campaign(path, run)
    pipeline.commit(run)
    pipeline.draw(run, CEREMONY)
    pipeline.merge(run)
    pipeline.solve(run, solvers.solve)
    return run


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a roster. Never change it."""
    return rostered(tmp_path_factory.mktemp("standing"))


@pytest.fixture
def solved(standing: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(standing, tmp_path / "run"))


@pytest.fixture(scope="module")
def finished(standing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two events, one order of them without anybody to send; certified, published, exported. Never change
    it."""
    folder = tmp_path_factory.mktemp("finished")
    run = Path(shutil.copytree(standing, folder / "run"))
    work = order("ZL-2", enterprise_id="E01", department_id="D-work", item_codes=("R01",))
    pipeline.order(run, written(folder, order(), work))
    saturday = dt.date(2026, 3, 13)
    late = order("ZL-3", start=saturday, end=END, approved_at="2026-03-13T16:55")
    told = pipeline.order(run, written(folder, late))
    assert told.left == ("ZL-3",)
    assert len(lines(told, "zh")) == len(lines(told, "en")) == 2
    certified = pipeline.certify(run).certificate
    assert certified.verdict == "certified", certified.violations
    pipeline.publish(run)
    pipeline.export(run)
    return run


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def code_of(error: pytest.ExceptionInfo[OneDoorError]) -> str:
    return error.value.problems[0].code


def test_the_certificate_counts_the_orders_and_names_their_files(finished: Path) -> None:
    certificate = verify_run(finished)
    assert certificate.verdict == "certified"
    assert (certificate.n_late_orders, certificate.n_late_placed) == (3, 2)
    assert {"order-001/orders.csv", "order-002/unscheduled.csv"} <= set(certificate.digests)
    assert certificate.attempt == 1
    assert any("3" in line for line in lines(certificate, "zh") if "指令" in line)


def test_the_sealed_roster_is_not_touched(standing: Path, finished: Path) -> None:
    for name in ("schedule.csv", "unscheduled.csv", "solve.json"):
        one, two = ((run / "solve-001" / name).read_bytes() for run in (standing, finished))
        assert one == two


def test_every_order_is_a_visit_of_its_own_with_two_officers(finished: Path) -> None:
    visits = {row.visit_id: row for row in read_csv(Visit, finished / "order-001/visits.csv")}
    seats = list(read_csv(Seat, finished / "order-001/schedule.csv"))
    assert len(visits) == 2
    for ident in visits:
        assert sum(seat.visit_id == ident and seat.role == "officer" for seat in seats) == 2
    drawn = {row.visit_id for row in read_csv(Visit, finished / "merge/visits.csv")}
    assert not drawn & set(visits)


def test_an_order_nobody_can_serve_is_sealed_with_its_reason(finished: Path) -> None:
    (row,) = read_csv(Unscheduled, finished / "order-002/unscheduled.csv")
    assert (row.requirement_id, row.reason) == ("ZL-3:E10", "unstaffable")


def test_the_public_page_counts_and_names_nobody(finished: Path) -> None:
    told = json.loads((finished / "publish/draw.json").read_text(encoding="utf-8"))
    assert (told["certificate"][0]["n_late_orders"], told["certificate"][0]["n_late_placed"]) == (3, 2)
    page = (finished / "publish/draw.html").read_text(encoding="utf-8")
    assert text("publish.late_told", "zh", n=3, placed=2) in page
    assert "ZL-1" not in page


def test_the_workbooks_show_the_visit_and_the_count(finished: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    overview = openpyxl.load_workbook(finished / "export/汇总.xlsx")["概况"]
    told = {row[0].value: row[1].value for row in overview.iter_rows(min_row=3)}
    assert (told["抽取后指令检查"], told["其中已安排"]) == (3, 2)
    (book,) = (finished / "export").glob("001_*.xlsx")
    cells = [cell.value for row in openpyxl.load_workbook(book)["排期"].iter_rows() for cell in row]
    (visit,) = (v for v in read_csv(Visit, finished / "order-001/visits.csv") if v.enterprise_id == "E10")
    assert visit.visit_id in cells


@pytest.mark.parametrize("language", ["zh", "en"])
def test_why_tells_of_the_order_its_document_and_its_day(finished: Path, language: str) -> None:
    answer = pipeline.why(finished, "E10")
    told = answer.lines(language)[0]  # type: ignore[arg-type]
    assert {"why.ordered_late", "why.ordered_late_left"} <= {case.code for case in answer.cases}
    assert "消指〔2026〕7号" in told
    assert "order-001" in told


def test_before_a_roster_an_order_is_refused_with_the_way_out(tmp_path: Path) -> None:
    run = tmp_path / "run"
    pipeline.import_campaign(write_small(tmp_path / "input", tables=wide_registers()), run)
    pipeline.commit(run)
    with pytest.raises(UsageError) as error:
        pipeline.order(run, written(tmp_path, order()))
    assert code_of(error) == "order.no_roster"
    assert not (run / "order-001").exists()


def test_after_the_certificate_an_order_is_refused(copied: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        pipeline.order(copied, written(tmp_path, order("ZL-9")))
    assert code_of(error) == "order.after_certificate"


def test_beside_orders_no_other_roster_is_made_or_certified(solved: Path, tmp_path: Path) -> None:
    pipeline.solve(solved, solvers.solve, rounds=1)
    assert pipeline.order(solved, written(tmp_path, order())).attempt == 2
    with pytest.raises(UsageError) as error:
        pipeline.solve(solved, solvers.solve, rounds=7)
    assert code_of(error) == "order.no_new_roster"
    with pytest.raises(UsageError) as other:
        pipeline.certify(solved, attempt=1)
    assert code_of(other) == "order.other_attempt"
    assert verify_run(solved, attempt=1).n_late_orders == 0
    certificate = pipeline.certify(solved).certificate
    assert (certificate.verdict, certificate.attempt, certificate.n_late_orders) == ("certified", 2, 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"enterprise_id": "E99"}, "intake.reference_unknown"),
        ({"item_codes": ("Z99",)}, "intake.reference_unknown"),
        ({"department_id": "D-none"}, "intake.reference_unknown"),
        ({"order_id": "T-work"}, "intake.order_is_task"),
        ({"end": END + dt.timedelta(days=9)}, "intake.task_window"),
        ({"approved_at": "2026-03-05T09:00"}, "draw.order_late"),
        ({"item_codes": ("R01",)}, "merge.no_department"),
        ({"approver": ""}, "intake.empty"),
    ],
)
def test_an_unlawful_order_is_refused_and_nothing_is_sealed(
    solved: Path, tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(InputError) as error:
        pipeline.order(solved, written(tmp_path, replace(order(), **changes)))
    assert code in {problem.code for problem in error.value.problems}
    assert not (solved / "order-001").exists()


def test_an_id_that_was_used_before_is_refused(solved: Path, tmp_path: Path) -> None:
    pipeline.order(solved, written(tmp_path, order()))
    with pytest.raises(InputError) as error:
        pipeline.order(solved, written(tmp_path, order()))
    assert code_of(error) == "draw.id_twice"


def test_a_file_without_orders_is_refused(solved: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        pipeline.order(solved, written(tmp_path))
    assert code_of(error) == "intake.table_empty"


def test_the_same_file_gives_the_same_bytes_also_after_a_kill(standing: Path, tmp_path: Path) -> None:
    file = written(tmp_path, order())
    runs = [Path(shutil.copytree(standing, tmp_path / name)) for name in ("one", "two")]
    for run in runs:
        pipeline.order(run, file)
    ledger = (runs[1] / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    (runs[1] / "ledger.jsonl").write_bytes(b"".join(ledger[:-1]))
    assert pipeline.order(runs[1], file).folder == "order-001"
    for name in ("orders.csv", "requirements.csv", "visits.csv", "schedule.csv", "unscheduled.csv"):
        one, two = ((run / "order-001" / name).read_bytes() for run in runs)
        assert one == two


@pytest.mark.parametrize("name", ["orders", "requirements", "visits", "schedule", "unscheduled"])
def test_every_changed_byte_is_found_and_named(copied: Path, name: str) -> None:
    path = copied / f"order-001/{name}.csv"
    path.write_bytes(path.read_bytes() + b"x")
    told = [found for found in verify_run(copied).violations if found.rule == "digest"]
    assert f"order-001/{name}.csv" in {str(found.params.get("file")) for found in told}


def test_another_order_with_a_digest_that_fits_is_found(copied: Path) -> None:
    path = copied / "order-001/orders.csv"
    path.write_bytes(path.read_bytes().replace(b"2026-03-03T16:00", b"2026-03-04T16:00", 1))

    def fitting(entries: list[dict[str, Any]]) -> None:
        entries[place_of(entries, "order-001")]["files"]["order-001/orders.csv"] = file_sha256(path)

    assert "verify.late_opening" in forged(copied, fitting)


@pytest.mark.parametrize(
    ("fact", "value", "code"),
    [
        ("n_orders", 9, "verify.late_fact"),
        ("n_placed", 0, "verify.late_fact"),
        ("attempt", 2, "verify.ledger_order"),
        ("attempt", True, "verify.ledger_order"),
    ],
)
def test_other_facts_in_the_ledger_are_found(copied: Path, fact: str, value: object, code: str) -> None:
    def told(entries: list[dict[str, Any]]) -> None:
        entries[place_of(entries, "order-001")]["facts"][fact] = value

    assert code in forged(copied, told)


def test_an_event_before_the_roster_or_behind_the_certificate_is_found(copied: Path) -> None:
    def later(entries: list[dict[str, Any]]) -> None:
        entry = entries.pop(place_of(entries, "order-002"))
        entries.insert(place_of(entries, "certificate") + 1, entry)

    assert "verify.ledger_order" in forged(copied, later)


def test_events_in_another_order_and_one_taken_out_are_found(copied: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(copied, tmp_path / "other"))

    def turned(entries: list[dict[str, Any]]) -> None:
        one, two = place_of(entries, "order-001"), place_of(entries, "order-002")
        entries[one], entries[two] = entries[two], entries[one]

    def less(entries: list[dict[str, Any]]) -> None:
        del entries[place_of(entries, "order-001")]

    assert "verify.ledger_order" in forged(copied, turned)
    assert {"verify.ledger_order", "verify.unlisted_file"} <= forged(other, less)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real campaign with a roster, drawn now. Never change it."""
    return rostered(tmp_path_factory.mktemp("real"), rehearsal=False)


def test_a_real_campaign_takes_only_orders_approved_between_draw_and_now(real: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(real, tmp_path / "run"))
    before = order(approved_at="2026-03-03T16:00")
    with pytest.raises(InputError) as error:
        pipeline.order(run, written(tmp_path, before))
    assert "order.time" in {problem.code for problem in error.value.problems}


def test_a_forged_time_is_found(real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the program had not looked: the checker compares with the ledger's times."""
    run = Path(shutil.copytree(real, tmp_path / "run"))
    monkeypatch.setattr("scheduler.pipeline.ordering._wrong_times", lambda *_: ())
    pipeline.order(run, written(tmp_path, order()))
    assert "verify.late_time" in {found.code for found in verify_run(run).violations}


def test_times_are_told_in_the_zone_of_the_campaign() -> None:
    moment = dt.datetime(2026, 3, 3, 16, 30, 59, tzinfo=dt.UTC)
    assert local_minute(moment, ZoneInfo(settings().timezone)) == "2026-03-04T00:30"


def test_what_is_handed_out_has_the_orders_but_not_why_they_were_made(finished: Path, tmp_path: Path) -> None:
    wanted = pipeline.Wanted(to=tmp_path, calendars=True, papers=True, tables=True)
    pipeline.hand_out(finished, wanted)
    pages = sorted((tmp_path / "文书").rglob("检查通知书.html"))
    mine = [part for page in pages for part in page.read_text(encoding="utf-8").split("<section>")]
    ordered = [part for part in mine if "根据工作安排，你单位" in part]
    assert len(ordered) == 2
    diaries = [path.read_bytes().decode() for path in (tmp_path / "日历").rglob("*.ics")]
    assert not [text for text in (*mine, *diaries) if "群众举报" in text]
    rows = json.loads((tmp_path / "数据/requirements.json").read_bytes())["rows"]
    told = {row["task_id"]: row["state"] for row in rows if row["ordered"]}
    assert told == {"ZL-1": "scheduled", "ZL-2": "scheduled", "ZL-3": "unscheduled"}
