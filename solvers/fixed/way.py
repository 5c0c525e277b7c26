"""Which of the ways for fixed starts a campaign may go, and its answer in the words of the exact levels.

In: facts, the budget. Out: a :class:`~solvers.model.exact.Solved`, or nothing. May import: ``solvers``.
"""

from collections.abc import Sequence

from scheduler.domain.ports import Progress
from scheduler.domain.problem import Placement
from scheduler.domain.settings import Budget
from solvers.facts import Facts
from solvers.fixed.jobs import DAY_MIN, Job, jobs_of, without_limits
from solvers.fixed.wishes import least_penalty, only_visit_limits
from solvers.goals import officers_sent, served, wishes_value
from solvers.model.exact import Solved

SERVED, OFFICERS, WISHES = 1, 4, 5


def solve_fixed(facts: Facts, budget: Budget, progress: Progress | None = None) -> Solved | None:
    """Everything that can be staffed, with the fewest officers where only goal 4 is open, with the least
    penalty where only goal 5 is; nothing where the shape is another, or where not everything found somebody.
    """
    goals = set(facts.problem.goals) - {SERVED}
    if goals == {OFFICERS} and without_limits(facts):
        return _with_few(facts, budget, progress)
    if goals == {WISHES} and only_visit_limits(facts) and not facts.problem.pair_wishes:
        return _as_wished(facts, budget)
    return None


def _with_few(facts: Facts, budget: Budget, progress: Progress | None) -> Solved | None:
    jobs = jobs_of(facts)
    if not jobs:
        return None
    from solvers.fixed.crews import fewest  # noqa: PLC0415 - other shapes need no compiled loops

    crew = fewest(facts, jobs, budget.exact_units, progress)
    if crew is None:
        return None
    placements = placements_of(facts, jobs, crew.taken)
    return Solved(
        placements=placements,
        bounds={SERVED: served(facts, placements), OFFICERS: (crew.bound,)},
        proved={SERVED: True, OFFICERS: officers_sent(facts, placements) == crew.bound},
        work_units=crew.work_units,
    )


def _as_wished(facts: Facts, budget: Budget) -> Solved | None:
    jobs = jobs_of(facts)
    dealt = least_penalty(facts, jobs, budget.exact_units) if jobs else None
    if not jobs or dealt is None:
        return None
    placements = placements_of(facts, jobs, dealt.taken)
    # Days are fixed: what they cost is the same whoever comes.
    bound = dealt.bound + wishes_value(facts, placements) - dealt.value
    return Solved(
        placements=placements,
        bounds={SERVED: served(facts, placements), WISHES: (bound,)},
        proved={SERVED: True, WISHES: dealt.bound == dealt.value},
        work_units=dealt.work_units,
    )


def placements_of(facts: Facts, jobs: Sequence[Job], taken: Sequence[int]) -> tuple[Placement, ...]:
    """The visits of the jobs with those who took them, by visit."""
    teams: dict[int, list[list[int]]] = {}
    when: dict[int, int] = {}
    for job, person in zip(jobs, taken, strict=True):
        teams.setdefault(job.visit, [[] for _ in facts.visits[job.visit].groups])[job.group].append(person)
        when[job.visit] = job.begin
    return tuple(
        Placement(
            visit_idx=visit,
            day_idx=when[visit] // DAY_MIN,
            start_min=when[visit] % DAY_MIN,
            teams=tuple(tuple(sorted(team)) for team in teams[visit]),
        )
        for visit in sorted(teams)
    )
