"""A clock, a wish to stop, a former roster, little memory, another version: an answer or a named refusal."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from plain_roster import broken, need, person, place, random_tiny, tiny
from town import in_small_blocks, town

from scheduler.domain.errors import InputError, NoAnswerError, OneDoorError, UsageError
from scheduler.domain.messages import catalogue
from scheduler.domain.problem import AssignmentProblem, Outcome, SeatGroup
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules, goal_values
from solvers import Stop, Terms, cpsat, memory, size, solve, watch
from solvers.facts import Facts
from solvers.former import roster_of

BUDGET = Budget(rounds=1, block_units=1, exact_units=4)
QUICK = Budget(rounds=1, block_units=1, exact_units=1)


def stopping_at(code: str, times: int, stop: Stop, cause: watch.Cause) -> Callable[..., None]:
    heard: list[str] = []

    def progress(told: str, /, **_params: str | int) -> None:
        heard.append(told)
        if heard.count(code) == times:
            stop.ask(cause)

    return progress


def stopped(
    problem: AssignmentProblem, code: str, times: int = 1, cause: watch.Cause = "interrupt"
) -> Outcome:
    stop = Stop()
    return solve(problem, BUDGET, progress=stopping_at(code, times, stop, cause), terms=Terms(stop=stop))


def lawful(problem: AssignmentProblem, outcome: Outcome) -> bool:
    """Every rule kept, every visit answered, values and reasons as the checker counts them."""
    values = {goal.goal: goal.value for goal in outcome.goals}
    return not sum(broken_rules(problem, outcome).values()) and goal_values(problem, outcome) == values


def refused(error: type[OneDoorError], problem: AssignmentProblem, budget: Budget, terms: Terms) -> str:
    with pytest.raises(error) as raised:
        solve(problem, budget, terms=terms)
    code = raised.value.problems[0].code
    assert code in catalogue()
    return code


# --- ended early -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", ["clock", "interrupt"])
@pytest.mark.parametrize("code", ["solve.so_far", "solve.goal"])
def test_an_exact_solve_that_is_ended_gives_the_roster_it_has(code: str, cause: watch.Cause) -> None:
    problem = random_tiny(17, 9)
    outcome = stopped(problem, code, cause=cause)
    assert not outcome.reproducible
    assert outcome.notes == (f"solve.by_{cause}",)
    assert not broken(problem, outcome.placements)
    assert lawful(problem, outcome)


@pytest.mark.parametrize(("code", "times"), [("solve.so_far", 1), ("solve.search", 1), ("solve.search", 9)])
def test_a_solve_in_blocks_that_is_ended_gives_the_roster_it_has(
    code: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_blocks(monkeypatch)
    problem = town()
    outcome = stopped(problem, code, times)
    assert not outcome.reproducible
    assert outcome.method == "blocks"
    assert len(outcome.placements) > 50
    assert lawful(problem, outcome)


def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on CP-SAT calls every model invalid."""
    invalid = cpsat.cp_model.MODEL_INVALID
    monkeypatch.setattr(cpsat.cp_model.CpSolver, "solve", lambda _solver, _model: invalid)


def test_the_best_roster_so_far_outlives_a_solver_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_tiny(17, 9)
    failing(monkeypatch)
    outcome = solve(problem, BUDGET)
    assert (outcome.reproducible, outcome.notes) == (False, ("solve.by_failure",))
    assert outcome.placements
    assert lawful(problem, outcome)


def test_the_best_roster_in_blocks_outlives_a_solver_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_blocks(monkeypatch)
    failing(monkeypatch)
    problem, told = town(), []
    outcome = solve(problem, BUDGET, progress=lambda code, /, **_params: told.append(code))
    assert (outcome.method, outcome.notes) == ("blocks", ("solve.by_failure",))
    assert "solve.stopping_by_failure" in told
    assert len(outcome.placements) > 50
    assert lawful(problem, outcome)


@pytest.mark.parametrize("cause", ["clock", "interrupt"])
def test_what_is_ended_before_there_is_a_roster_has_no_answer(cause: watch.Cause) -> None:
    with pytest.raises(NoAnswerError) as error:
        stopped(random_tiny(17, 9), "solve.memory", cause=cause)
    assert error.value.problems[0].code == f"solve.nothing_by_{cause}"
    assert error.value.exit_code == 5


def test_a_clock_that_has_run_out_ends_a_solve() -> None:
    assert refused(NoAnswerError, random_tiny(17, 9), BUDGET, Terms(seconds=1e-9)) == "solve.nothing_by_clock"


def test_a_clock_that_does_not_run_out_changes_nothing() -> None:
    problem = random_tiny(17, 9)
    plain = solve(problem, BUDGET)
    assert plain.reproducible
    assert solve(problem, BUDGET, terms=Terms(seconds=3_600)) == plain
    assert solve(problem, BUDGET, progress=lambda _code, /, **_params: None) == plain


def test_cp_sat_at_work_is_ended_within_a_second_or_two() -> None:
    """A model of 40 queens without two on a line takes far longer than the stop."""
    model = cpsat.cp_model.CpModel()
    n = 300
    queens = [model.new_int_var(0, n - 1, "") for _ in range(n)]
    for turn in (-1, 0, 1):
        model.add_all_different([queen + turn * at for at, queen in enumerate(queens)])
    model.maximize(cpsat.total(at * queen for at, queen in enumerate(queens)))
    stop = Stop()
    threading.Timer(0.5, stop.ask).start()
    began = time.monotonic()
    with watch.watching(watch.Watch(stop, 0, None, lambda _watch: None)), pytest.raises(watch.Stopped):
        cpsat.run(model, 10_000)
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("cause", [watch.Stopped("clock"), KeyboardInterrupt()], ids=["clock", "ctrl-c"])
def test_work_that_was_told_to_end_is_waited_for(
    cause: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that leaves C++ at work aborts at its end."""
    told, done = threading.Event(), threading.Event()

    def work() -> None:
        told.wait()
        time.sleep(0.5)
        done.set()

    def end_wished(_watch: watch.Watch) -> None:
        raise cause

    monkeypatch.setattr(watch.Watch, "check", end_wished)
    with watch.watching(watch.Watch(Stop(), 0, None, lambda _watch: None)), pytest.raises(type(cause)):
        watch.attend(work, told.set)
    assert done.is_set()


def test_what_fails_beside_a_watch_fails_as_without() -> None:
    def fail() -> None:
        raise LookupError("here")

    for watched in (None, watch.Watch(Stop(), 0, None, lambda _watch: None)):
        with watch.watching(watched), pytest.raises(LookupError, match="here"):
            watch.attend(fail, lambda: None)


def test_progress_tells_values_bounds_and_gaps() -> None:
    heard: list[dict[str, str | int]] = []

    def progress(code: str, /, **params: str | int) -> None:
        if code == "solve.so_far":
            heard.append(params)

    outcome = solve(random_tiny(17, 9), BUDGET, progress=progress)
    last = heard[-1]
    values = {goal.goal: goal.value for goal in outcome.goals}
    assert (last["load"], last["travel"]) == (values[2][0], values[3][0])
    assert last["load_bound"] <= last["load"]
    assert last["n_placed"] == len(outcome.placements)


# --- a former roster ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [10_000, -1], ids=["exact", "blocks"])
def test_a_start_from_a_former_roster_is_never_worse_in_what_it_serves(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_blocks(monkeypatch)
    monkeypatch.setattr(size, "EXACT_LITERALS", limit)
    problem = random_tiny(17, 9) if limit > 0 else town()
    former = solve(problem, QUICK)
    again = solve(problem, QUICK, start=former.placements)
    assert again.notes == ("solve.warm_start",)
    assert again.reproducible
    assert lawful(problem, again)
    assert again.goals[0].value >= former.goals[0].value
    assert again == solve(problem, QUICK, start=former.placements)
    if limit > 0:
        values = [[goal.value for goal in outcome.goals[1:]] for outcome in (again, former)]
        assert values[0] <= values[1]


def test_a_start_that_is_ended_at_once_gives_the_former_roster() -> None:
    problem = random_tiny(17, 9)
    former = solve(problem, BUDGET)
    stop = Stop()
    outcome = solve(
        problem,
        BUDGET,
        start=former.placements,
        progress=stopping_at("solve.so_far", 1, stop, "interrupt"),
        terms=Terms(stop=stop),
    )
    assert outcome.placements == former.placements
    assert outcome.notes == ("solve.by_interrupt", "solve.warm_start")


def two_visits() -> AssignmentProblem:
    group = SeatGroup(department_idx=0, n_seats=2, pools=(0,), barred=(2,))
    return tiny(
        visits=(need("V0", groups=(group,)), need("V1")),
        people=(
            person("P0", max_visits_day=1),
            person("P1"),
            person("P2", days=(0,)),
            person("P0", max_visits_day=1),
        ),
        barred_pairs=((1, 2),),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        place(2, 0, 540, (0, 1)),
        place(-1, 0, 540, (0, 1)),
        place(0, 7, 540, (0, 1)),
        place(0, 0, 570, (0, 1)),
        place(0, 0, 700, (0, 1)),
        place(0, 0, -60, (0, 1)),
        place(0, 0, 540),
        place(0, 0, 540, (0,)),
        place(0, 0, 540, (0, 0)),
        place(0, 0, 540, (0, 3)),
        place(0, 0, 540, (0, 2)),
        place(0, 0, 540, (0, 9)),
        place(1, 0, 540, (1, 2)),
        place(1, 1, 540, (0, 2)),
    ],
    ids=str,
)
def test_what_is_not_lawful_in_a_former_roster_is_left_out(wrong: object) -> None:
    assert roster_of(Facts(two_visits()), [wrong]).placements() == ()  # type: ignore[list-item]


def test_what_is_not_lawful_beside_the_others_is_left_out() -> None:
    good = place(0, 0, 540, (0, 1))
    facts = Facts(two_visits())
    for second in (good, place(1, 0, 840, (0, 1)), place(1, 0, 600, (1, 3))):
        assert roster_of(facts, [good, second]).placements() == (good,)
    later = place(1, 1, 540, (0, 1))
    assert roster_of(facts, [good, later]).placements() == (good, later)


def test_long_limits_hold_for_a_former_roster() -> None:
    people = tuple(person(f"P{n}", max_visits=1) for n in range(3))
    facts = Facts(tiny(visits=(need("V0"), need("V1")), people=people))
    first = place(0, 0, 540, (0, 1))
    assert roster_of(facts, [first, place(1, 1, 540, (0, 2))]).placements() == (first,)


# --- version, memory, bad input ----------------------------------------------------------------------------


def test_another_version_is_refused_unless_told_and_then_named() -> None:
    other = replace(QUICK, solver_version="9.0.0")
    assert refused(UsageError, tiny(), other, Terms()) == "solve.version"
    outcome = solve(tiny(), other, terms=Terms(other_version=True))
    assert outcome.solver_version == Budget().solver_version
    assert outcome.notes == ("solve.other_version",)
    assert outcome.placements == solve(tiny(), QUICK).placements


def test_another_solver_is_refused_even_if_told() -> None:
    other = replace(QUICK, solver="highs")
    assert refused(UsageError, tiny(), other, Terms(other_version=True)) == "solve.version"


def test_visits_without_minutes_and_groups_without_seats_are_refused_all_at_once() -> None:
    empty = SeatGroup(department_idx=0, n_seats=0, pools=(0,))
    whole = need("V0").groups
    visits = (need("V0"), need("V1", duration_min=0), need("V2", groups=(*whole, empty), duration_min=-15))
    with pytest.raises(InputError) as raised:
        solve(tiny(visits=visits), QUICK)
    assert [(found.code, found.params) for found in raised.value.problems] == [
        ("solve.no_minutes", {"visit": "V1", "minutes": 0}),
        ("solve.no_minutes", {"visit": "V2", "minutes": -15}),
        ("solve.no_seats", {"visit": "V2", "group": 1, "seats": 0}),
    ]
    assert {found.code for found in raised.value.problems} <= set(catalogue())


def test_what_needs_more_memory_than_allowed_is_refused_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def built(*_given: object) -> None:
        raise AssertionError

    monkeypatch.setattr("solvers.solving.solve_blocks", built)
    assert refused(InputError, tiny(), QUICK, Terms(memory_mb=1)) == "solve.too_large"


def test_a_day_that_could_hold_a_thousand_visits_is_refused_by_its_estimate() -> None:
    """No limit of visits a day, visits of a minute: every person-day would need room for 1,440 stops."""
    days = tuple(f"2026-{1 + n // 28:02d}-{1 + n % 28:02d}" for n in range(250))
    people = tuple(person(f"P{n}", days=tuple(range(250))) for n in range(5_000))
    problem = tiny(
        days=days,
        weeks=tuple(n // 5 for n in range(250)),
        people=people,
        visits=(need("V0", duration_min=1),),
    )
    assert memory.estimated_mb(Facts(problem)) > 10_000
    assert refused(InputError, problem, QUICK, Terms(memory_mb=8_000)) == "solve.too_large"


def test_the_estimate_grows_with_the_problem_and_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_blocks(monkeypatch)
    small, large = (Facts(town(count)) for count in (40, 160))
    assert memory.estimated_mb(small) <= memory.estimated_mb(large)
    assert memory.estimated_mb(large, 4) > memory.estimated_mb(large, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"visits": ()},
        {"people": ()},
        {"people": (), "visits": ()},
        {"visits": (need("V0", groups=()),)},
        {"visits": (need("V0", days=()),)},
        {"visits": (need("V0", duration_min=2_000),)},
        {"sites": ((0, 0), (9_000_000, 0), (0, 0), (0, 0))},
        {"days": (), "weeks": (), "people": (), "visits": (need("V0", days=()),)},
    ],
    ids=[
        "no visits",
        "nobody",
        "nothing",
        "no seats",
        "no days",
        "longer than a day",
        "a day's way",
        "no time",
    ],
)
@pytest.mark.parametrize("limit", [10_000, -1], ids=["exact", "blocks"])
def test_empty_and_hopeless_problems_have_an_answer(
    changes: dict[str, object], limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = tiny(**changes)
    monkeypatch.setattr(size, "EXACT_LITERALS", limit if problem.people else 0)  # nobody is always small
    outcome = solve(problem, QUICK)
    assert lawful(problem, outcome)
    assert len(outcome.placements) + len(outcome.unplaced) == len(problem.visits)


@pytest.mark.slow
def test_ten_thousand_visits_for_one_officer_have_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_blocks(monkeypatch)
    days = tuple(f"2026-03-{n:02d}" for n in range(2, 22))
    alone = SeatGroup(department_idx=0, n_seats=1, pools=(0,))
    problem = tiny(
        days=days,
        weeks=tuple(n // 7 for n in range(20)),
        grid_min=15,
        people=(person("P0", days=tuple(range(20)), max_visits_day=4, max_minutes_day=420),),
        visits=tuple(need(f"V{n}", groups=(alone,), days=tuple(range(20))) for n in range(10_000)),
    )
    outcome = solve(problem, QUICK)
    assert len(outcome.placements) == 80
    assert {placement.visit_idx for placement in outcome.placements} == set(range(80))
    assert {reason for _, reason in outcome.unplaced} == {"no_room"}
