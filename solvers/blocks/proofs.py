"""Load bounds that arithmetic does not see: CP-SAT shows that no team list keeps everybody below a load.

In: facts, which visits are surely served, the largest loads reached. Out: raised ratios by department. May
import: ``solvers`` below blocks, OR-Tools.

The model is a relaxation: who goes to which visit, without dates within the window, without ways. What is
infeasible here is infeasible in every roster. An INFEASIBLE counts only if a second run without presolve
says so too.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from ortools.sat.python import cp_model

from solvers import cpsat
from solvers.blocks.crowd import run_all
from solvers.facts import Facts, skill_sets
from solvers.goals import department_members, shares

MOST_LITERALS = 6_000
"""Seats times candidates of one department; beyond, arithmetic alone bounds the load."""
MOST_RAISED = 12
"""Per mille by which a bound is raised at most: a proof each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One seat group: minutes, seats, who may sit there at all, and what must be covered by at least so many
    of some people."""

    minutes: int
    n_seats: int
    people: tuple[int, ...]
    covers: tuple[tuple[tuple[int, ...], int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadQuestion:
    """A department: its people with capacities, its seat groups, a ratio that is proved and one reached."""

    people: tuple[int, ...]
    capacities: tuple[int, ...]
    asked: tuple[Asked, ...]
    proved: int
    reached: int


def raised_ratios(
    facts: Facts,
    sure: Sequence[int],
    ratios: Mapping[int, int],
    reached: Mapping[int, int],
    work_units: int,
    executor: Executor | None,
) -> dict[int, int]:
    """The ratios, raised where CP-SAT proves that they cannot be reached."""
    members, groups = department_members(facts), _groups(facts, sure)
    raised = dict(ratios)
    questions = []
    for department, people in members.items():
        asked = groups.get(department, ())
        size = sum(len(item.people) for item in asked)
        if ratios[department] < reached.get(department, 0) and size <= MOST_LITERALS:
            capacities = tuple(facts.capacity[person] for person in people)
            question = LoadQuestion(
                people=people,
                capacities=capacities,
                asked=asked,
                proved=ratios[department],
                reached=reached[department],
            )
            questions.append((department, question))
    answers = run_all(executor, least_ratio, [(question, work_units) for _, question in questions])
    for (department, _), ratio in zip(questions, answers, strict=True):
        raised[department] = ratio
    return raised


def _groups(facts: Facts, sure: Sequence[int]) -> dict[int, tuple[Asked, ...]]:
    found: dict[int, list[Asked]] = {}
    for idx in sure:
        need = facts.visits[idx]
        window = sum(1 << day for day in need.days)
        for group in need.groups:
            department = facts.department_of(group)
            if department >= 0:
                people = tuple(p for p in facts.candidates(group) if facts.days_mask[p] & window)
                covers = []
                for skills in skill_sets(group.skills, distinct=facts.problem.distinct_cover):
                    mask = sum(1 << skill for skill in skills)
                    able = tuple(p for p in people if facts.skills[p] & mask)
                    covers.append((able, len(skills)))
                if group.leader:
                    covers.append((tuple(p for p in people if facts.people[p].is_leader), 1))
                asked = Asked(
                    minutes=facts.duration[idx], n_seats=group.n_seats, people=people, covers=tuple(covers)
                )
                found.setdefault(department, []).append(asked)
    return {department: tuple(items) for department, items in found.items()}


def least_ratio(question: LoadQuestion, work_units: int) -> int:
    """The least ratio not refuted, from the proved one upwards to the one reached."""
    ratio = question.proved
    last = min(question.reached, question.proved + MOST_RAISED)
    while ratio < last and _is_refuted(question, ratio, work_units):
        ratio += 1
    return ratio


def _is_refuted(question: LoadQuestion, ratio: int, work_units: int) -> bool:
    if not cpsat.run(_model(question, ratio), work_units).infeasible:
        return False
    return cpsat.run(_model(question, ratio), 2 * work_units, presolve=False).infeasible


def _model(question: LoadQuestion, ratio: int) -> cp_model.CpModel:
    """sits[i, p] for every seat group and candidate; seats, covers, load(p) <= floor(ratio * capacity)."""
    model = cp_model.CpModel()
    loads: dict[int, list[cp_model.LinearExpr]] = {person: [] for person in question.people}
    for asked in question.asked:
        sits = {person: model.new_bool_var("") for person in asked.people}
        model.add(cpsat.total(sits.values()) == asked.n_seats)
        for able, needed in asked.covers:
            model.add(cpsat.total(sits[person] for person in able) >= needed)
        for person, literal in sits.items():
            loads[person].append(asked.minutes * literal)
    caps = shares(question.capacities, ratio)
    for person, cap in zip(question.people, caps, strict=True):
        model.add(cpsat.total(loads[person]) <= cap)
    return model
