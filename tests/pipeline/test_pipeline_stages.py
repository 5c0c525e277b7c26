"""The stages in order: each seals once, builds on what is sealed, and refuses what would change it."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from small import CEREMONY, registers, settings
from small_files import UNITS, write_small

import solvers
from scheduler import pipeline
from scheduler.domain.codec import csv_bytes, read_csv, write_csv
from scheduler.domain.errors import InputError, OneDoorError, SealError, StaffingError, UsageError
from scheduler.domain.plan import FrameRow
from scheduler.domain.ports import Progress
from scheduler.domain.problem import AssignmentProblem, Outcome
from scheduler.domain.schedule import Certificate, Violation
from scheduler.domain.settings import Budget
from scheduler.pipeline import after
from scheduler.pipeline.folder import opened
from scheduler.pipeline.shelf import Shelf
from scheduler.pipeline.told import lines

OTHER = CEREMONY[::-1]


def bytes_of(run: Path) -> dict[str, bytes]:
    files = (path for path in run.rglob("*") if path.is_file() and path.name != "ledger.jsonl")
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in files}


def code_of(error: pytest.ExceptionInfo[OneDoorError]) -> str:
    return error.value.problems[0].code


def nobody(problem: AssignmentProblem, budget: Budget, *, progress: Progress | None = None) -> Outcome:
    """A solver that serves nobody and says, untruly, that there was no room."""
    del budget, progress
    unplaced = tuple((number, "no_room") for number in range(len(problem.visits)))
    return Outcome(
        placements=(),
        unplaced=unplaced,  # type: ignore[arg-type]
        goals=(),
        method="exact",
        solver="nobody",
        solver_version="1",
    )


def forbidden(problem: AssignmentProblem, budget: Budget, *, progress: Progress | None = None) -> Outcome:
    raise AssertionError((problem, budget, progress))


class Listener:
    def __init__(self) -> None:
        self.codes: list[str] = []

    def __call__(self, code: str, /, **_params: str | int) -> None:
        self.codes.append(code)


def test_the_run_folder_holds_exactly_the_files_of_the_reference(finished_run: Path) -> None:
    found = {name for name in bytes_of(finished_run) if not name.startswith(("publish/", "export/"))}
    page = (Path(__file__).parents[2] / "docs/reference/run-folder.md").read_text(encoding="utf-8")
    tree = page.split("```")[1]
    told: set[str] = set()
    folder = ""
    for line in tree.splitlines()[2:]:
        words = line.split("  ")[0:] if line.strip() else []
        parts = [part.strip() for part in words if part.strip()]
        for part in parts:
            if part.endswith("/"):
                folder = part
            told |= {f"{folder}{name}" for name in part.split() if name.endswith((".json", ".csv", ".txt"))}
    assert found == told - {"ledger.jsonl"}
    assert any(name.startswith("publish/") for name in bytes_of(finished_run))
    assert any(name.startswith("export/") for name in bytes_of(finished_run))


def test_stage_by_stage_gives_the_bytes_of_the_whole_run(
    campaign: Path, finished_run: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    assert pipeline.import_campaign(campaign, run).fresh
    assert pipeline.commit(run).fresh
    assert pipeline.draw(run, CEREMONY).fresh
    assert pipeline.merge(run).fresh
    assert pipeline.solve(run, solvers.solve).fresh
    assert pipeline.certify(run).sealed
    assert pipeline.publish(run).fresh
    assert pipeline.export(run).fresh
    assert bytes_of(run) == bytes_of(finished_run)


def test_a_second_call_does_nothing_and_says_so(
    campaign: Path, finished_run: Path, copied_run: Callable[[], Path]
) -> None:
    run, listener = copied_run(), Listener()
    ledger = (run / "ledger.jsonl").read_bytes()
    result = pipeline.run_all(campaign, run, forbidden, progress=listener)
    assert listener.codes == ["pipeline.already_sealed"] * 8
    assert not any(
        part.fresh
        for part in (result.imported, result.committed, result.drawn, result.merged, result.solved)
        if part
    )
    assert (run / "ledger.jsonl").read_bytes() == ledger
    assert bytes_of(run) == bytes_of(finished_run)


def test_a_real_campaign_waits_for_its_ceremony_and_goes_on_with_it(
    finished_run: Path, tmp_path: Path
) -> None:
    campaign, run = write_small(tmp_path / "c", rehearsal=False), tmp_path / "run"
    waiting = pipeline.run_all(campaign, run, forbidden)
    assert waiting.waiting
    assert waiting.failure() is None
    assert (waiting.committed.length, waiting.committed.alphabet) == (40, "0123456789")
    assert sorted(path.name for path in run.iterdir()) == ["intake", "ledger.jsonl", "plan"]
    result = pipeline.run_all(campaign, run, solvers.solve, CEREMONY)
    assert result.certified is not None
    assert result.certified.sealed
    assert result.committed.plan_sha256 == waiting.committed.plan_sha256
    drawn = "draw/enterprises.csv"
    assert (run / drawn).read_bytes() == (finished_run / drawn).read_bytes()


def test_a_second_draw_is_refused_and_the_same_text_again_does_nothing(
    campaign: Path, copied_run: Callable[[], Path]
) -> None:
    run = copied_run()
    before = bytes_of(run)
    for call in (
        lambda: pipeline.draw(run, OTHER),
        lambda: pipeline.run_all(campaign, run, forbidden, OTHER),
    ):
        with pytest.raises(UsageError) as error:
            call()
        assert code_of(error) == "pipeline.second_draw"
    assert not pipeline.draw(run, CEREMONY).fresh
    assert bytes_of(run) == before


def test_a_draw_killed_after_its_entropy_takes_the_same_text_only(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    pipeline.import_campaign(campaign, run)
    pipeline.commit(run)
    with monkeypatch.context() as patch:
        patch.setattr("scheduler.pipeline.before.draw_room.draw_columns", forbidden)
        with pytest.raises((AssertionError, TypeError)):
            pipeline.draw(run, CEREMONY)
    assert not (run / "draw").exists()
    with pytest.raises(UsageError) as error:
        pipeline.draw(run, OTHER)
    assert code_of(error) == "pipeline.second_draw"
    assert pipeline.draw(run, CEREMONY).fresh


def test_a_text_outside_the_committed_grammar_is_refused_and_fixes_no_seed(
    campaign: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    pipeline.import_campaign(campaign, run)
    pipeline.commit(run)
    for wrong in (CEREMONY[:-1], CEREMONY[:-1] + "x"):
        with pytest.raises(InputError):
            pipeline.draw(run, wrong)
    with pytest.raises(InputError) as error:
        pipeline.draw(run, "")
    assert code_of(error) == "pipeline.no_ceremony"
    assert pipeline.draw(run, CEREMONY).fresh


def test_a_campaign_that_cannot_be_read_or_committed_leaves_no_folder(tmp_path: Path) -> None:
    run = tmp_path / "run"
    tables = registers()
    too_many = replace(tables, tasks=(replace(tables.tasks[0], quota="9999家"), *tables.tasks[1:]))
    uncommittable = write_small(tmp_path / "a", tables=too_many)
    unreadable = write_small(tmp_path / "b")
    next(unreadable.parent.glob("部门*.csv")).unlink()
    for campaign in (uncommittable, unreadable):
        with pytest.raises(InputError):
            pipeline.run_all(campaign, run, forbidden)
        assert not run.exists()


def test_a_stage_before_its_turn_is_refused_by_name(campaign: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    pipeline.import_campaign(campaign, run)
    calls: list[tuple[str, Callable[[], object]]] = [
        ("plan", lambda: pipeline.draw(run, CEREMONY)),
        ("draw", lambda: pipeline.merge(run)),
        ("merge", lambda: pipeline.solve(run, forbidden)),
        ("solve", lambda: pipeline.certify(run)),
        ("certificate", lambda: pipeline.publish(run)),
        ("certificate", lambda: pipeline.export(run)),
    ]
    for stage, call in calls:
        with pytest.raises(UsageError) as error:
            call()
        assert code_of(error) == "pipeline.stage_missing"
        assert error.value.problems[0].params["stage"] == stage
    assert sorted(path.name for path in run.iterdir()) == ["intake", "ledger.jsonl"]


@pytest.mark.parametrize("name", ["intake/tasks.csv", "plan/frame.csv", "draw/people.csv", "draw/seed.txt"])
def test_a_stage_is_not_built_on_a_changed_file(name: str, campaign: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    pipeline.import_campaign(campaign, run)
    pipeline.commit(run)
    if name.startswith("draw/"):
        pipeline.draw(run, CEREMONY)
        pipeline.merge(run)
    data = bytearray((run / name).read_bytes())
    data[-2] ^= 1
    (run / name).write_bytes(bytes(data))
    with pytest.raises(SealError) as error:
        pipeline.run_all(campaign, run, nobody, CEREMONY)
    assert (code_of(error), error.value.problems[0].place) == ("pipeline.changed_file", {"file": name})


def test_another_campaign_does_not_enter_a_sealed_run(copied_run: Callable[[], Path], tmp_path: Path) -> None:
    other = write_small(tmp_path / "other", campaign_id="small-2026-02")
    with pytest.raises(UsageError) as error:
        pipeline.run_all(other, copied_run(), forbidden)
    assert code_of(error) == "pipeline.other_campaign"


def test_a_table_changed_after_the_import_is_refused_by_name(tmp_path: Path) -> None:
    campaign, run = write_small(tmp_path / "c"), tmp_path / "run"
    pipeline.import_campaign(campaign, run)
    table = next(campaign.parent.glob("检查对象*.csv"))
    table.write_bytes(table.read_bytes() + b"\r\n")
    with pytest.raises(UsageError) as error:
        pipeline.import_campaign(campaign, run)
    assert code_of(error) == "pipeline.input_changed"
    assert error.value.problems[0].place == {"file": str(table)}


def merged(campaign: Path, tmp_path: Path) -> Path:
    """A run up to its visits."""
    run = tmp_path / "run"
    pipeline.import_campaign(campaign, run)
    pipeline.commit(run)
    pipeline.draw(run, CEREMONY)
    pipeline.merge(run)
    return run


def test_a_discretionary_attempt_comes_after_the_committed_one_and_is_marked(
    campaign: Path, tmp_path: Path
) -> None:
    run = merged(campaign, tmp_path)
    with pytest.raises(UsageError) as error:
        pipeline.solve(run, solvers.solve, rounds=0)
    assert code_of(error) == "pipeline.committed_first"
    first = pipeline.solve(run, solvers.solve)
    assert (first.attempt, first.discretionary, first.fresh) == (1, False, True)
    assert not pipeline.solve(run, forbidden).fresh
    second = pipeline.solve(run, solvers.solve, rounds=0)
    assert (second.attempt, second.discretionary, second.fresh) == (2, True, True)
    assert pipeline.solve(run, forbidden, rounds=0).attempt == 2
    assert pipeline.solve(run, forbidden, rounds=settings().budget.rounds).attempt == 1
    certified = pipeline.certify(run, attempt=1)
    assert (certified.certificate.attempt, certified.certificate.discretionary) == (1, False)
    assert not pipeline.certify(run).fresh
    with pytest.raises(UsageError) as error:
        pipeline.certify(run, attempt=2)
    assert code_of(error) == "pipeline.other_attempt"
    with pytest.raises(UsageError) as error:
        pipeline.solve(run, forbidden, rounds=7)
    assert code_of(error) == "pipeline.certified_already"


def clocked(problem: AssignmentProblem, budget: Budget, *, progress: Progress | None = None) -> Outcome:
    """A solver that its clock ended."""
    outcome = solvers.solve(problem, budget, progress=progress)
    return replace(outcome, reproducible=False, notes=("solve.by_clock",))


def test_what_a_clock_ended_says_so_and_does_not_stand_for_the_committed_attempt(
    campaign: Path, tmp_path: Path
) -> None:
    first = pipeline.solve(run := merged(campaign, tmp_path), clocked, limited=True)
    assert any(line.startswith("Discretionary") for line in lines(first, "en"))
    assert any(line.startswith("Not reproducible") for line in lines(first, "en"))
    with pytest.raises(UsageError) as error:
        pipeline.solve(run, forbidden, rounds=0)
    assert code_of(error) == "pipeline.committed_first"
    committed = pipeline.solve(run, solvers.solve)
    assert (committed.attempt, committed.discretionary) == (2, False)
    assert len(lines(committed, "en")) == 1
    assert pipeline.solve(run, solvers.solve, rounds=0).attempt == 3


def test_a_failed_verdict_is_told_and_never_sealed(campaign: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    result = pipeline.run_all(campaign, run, nobody)
    assert result.certified is not None
    assert not result.certified.sealed
    assert result.published is None
    assert result.exported is None
    assert not (run / "certificate").exists()
    failure = result.failure()
    assert failure is not None
    assert failure.exit_code == 6


def test_nothing_served_and_not_all_served_are_told_apart() -> None:
    solved = pipeline.Solved(
        run="r", attempt=1, method="exact", discretionary=False, n_served=0, n_unscheduled=2, fresh=True
    )
    nothing = solved.shortfall(require_all=False)
    assert isinstance(nothing, StaffingError)
    assert nothing.problems[0].code == "pipeline.nothing_served"
    some = replace(solved, n_served=1)
    assert some.shortfall(require_all=False) is None
    missing = some.shortfall(require_all=True)
    assert missing is not None
    assert missing.problems[0].code == "pipeline.not_all_served"
    assert replace(some, n_unscheduled=0).shortfall(require_all=True) is None


def test_a_broken_digest_outranks_a_broken_rule(finished_run: Path) -> None:
    certificate = pipeline.certify(finished_run).certificate
    assert pipeline.failure_of(certificate) is None

    def failed(*rules: str) -> Certificate:
        found = tuple(Violation(rule=rule, code="pipeline.not_certified", params={}) for rule in rules)
        return replace(certificate, verdict="failed", violations=found)

    codes = {rules: pipeline.failure_of(failed(*rules)) for rules in ((), ("R03",), ("R03", "digest"))}
    assert [error.exit_code for error in codes.values() if error] == [6, 6, 7]


def test_pages_and_workbooks_are_not_written_in_other_words_than_committed(
    copied_run: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied_run()
    lines = (run / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    (run / "ledger.jsonl").write_bytes(b"".join(lines[:-2]))
    shutil.rmtree(run / "publish")
    shutil.rmtree(run / "export")
    monkeypatch.setattr(after, "messages_digest", lambda _profile: "0" * 64)
    for call in (pipeline.publish, pipeline.export):
        with pytest.raises(InputError) as error:
            call(run)
        assert code_of(error) == "pipeline.other_messages"


def test_in_memory_gives_what_the_run_folder_holds(finished_run: Path) -> None:
    said = settings(calendar="file", budget=Budget(exact_units=UNITS))
    made = pipeline.solve_in_memory(registers(), said, CEREMONY, solvers.solve)
    with opened(finished_run) as book:
        shelf = Shelf(book)
        assert made.plan == shelf.plan
        assert made.draw == shelf.draw
        assert made.merged == shelf.merged
        assert made.schedule == shelf.schedule(1)
        assert made.problem.draw_sha256 == shelf.draw_sha256
        assert made.seed_text == (finished_run / "draw/seed.txt").read_text(encoding="utf-8")


def test_csv_in_memory_is_csv_on_disk(finished_run: Path) -> None:
    tables = registers()
    sealed = (finished_run / "intake/inspectors.csv").read_bytes()
    assert csv_bytes(type(tables.inspectors[0]), tables.inspectors) == sealed


def test_an_empty_text_where_one_is_needed_survives_the_sealed_table(tmp_path: Path) -> None:
    row = FrameRow(enterprise_id="E1", authority="a", unit="u", district="d", industry="", risk_class="A")
    write_csv(tmp_path / "frame.csv", FrameRow, [row])
    assert list(read_csv(FrameRow, tmp_path / "frame.csv")) == [row]


def test_a_result_that_was_there_before_the_commitment_draws_nothing(tmp_path: Path) -> None:
    campaign, run = write_small(tmp_path / "c", rehearsal=False), tmp_path / "run"
    with pytest.raises(UsageError) as error:
        pipeline.run_all(campaign, run, forbidden, CEREMONY)
    assert code_of(error) == "pipeline.ceremony_early"
    assert sorted(path.name for path in run.iterdir()) == ["intake", "ledger.jsonl", "plan"]


@pytest.mark.parametrize("name", [".tmp-merge", "merge"])
def test_a_link_in_place_of_a_leftover_is_removed_and_not_followed(
    campaign: Path, tmp_path: Path, name: str
) -> None:
    run, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    pipeline.import_campaign(campaign, run)
    pipeline.commit(run)
    pipeline.draw(run, CEREMONY)
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    (run / name).symlink_to(elsewhere)
    assert pipeline.merge(run).fresh
    assert (elsewhere / "kept").exists()
