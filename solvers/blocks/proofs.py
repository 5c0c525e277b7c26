"""Load bounds that arithmetic does not see: CP-SAT shows that no team list keeps everybody below a load.

In: facts, which visits are surely served, the largest loads reached. Out: raised ratios by department. May
import: ``solvers`` below blocks, OR-Tools.

Two relaxations, neither with dates within the window nor with ways. *Packing*: which lengths of visits each
person's share can hold, people with equal shares alike; it sees that lengths do not add up, and knows no
names. *Teams*: who goes to which visit. What is infeasible in either is infeasible in every roster. An
INFEASIBLE counts only if a second run without presolve says so too.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from math import gcd

from ortools.sat.python import cp_model

from solvers import cpsat
from solvers.blocks.crowd import run_all
from solvers.blocks.fillings import Filling, fillings
from solvers.facts import Facts, skill_sets
from solvers.goals import department_members, shares

MOST_LITERALS = 6_000
"""Seats times candidates of one department; beyond, who goes where is not asked."""


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
    """A department: its people with capacities, its seat groups, a ratio that is proved and one reached;
    ``by_name`` says whether to ask who goes where, too."""

    people: tuple[int, ...]
    capacities: tuple[int, ...]
    asked: tuple[Asked, ...]
    proved: int
    reached: int
    by_name: bool = True


Relaxation = Callable[[LoadQuestion, Sequence[int]], cp_model.CpModel | None]
"""Makes a model of a question with these loads at most; None where it would be too large."""


def raised_ratios(
    facts: Facts,
    sure: Sequence[int],
    ratios: Mapping[int, int],
    reached: Mapping[int, int],
    work_units: int,
    executor: Executor | None,
    tolerance_permille: int = 0,
) -> dict[int, int]:
    """The ratios, raised where CP-SAT proves that they cannot be reached. Where the load is within the
    committed tolerance of its bound nothing is asked; with a tolerance lengths alone, which is quick."""
    members, groups = department_members(facts), _groups(facts, sure)
    raised = dict(ratios)
    questions = []
    for department, people in members.items():
        asked = groups.get(department, ())
        wanted = ratios[department] * (1000 + tolerance_permille) // 1000
        if asked and wanted < reached.get(department, 0):
            capacities = tuple(facts.capacity[person] for person in people)
            question = LoadQuestion(
                people=people,
                capacities=capacities,
                asked=asked,
                proved=ratios[department],
                reached=reached[department],
                by_name=not tolerance_permille,
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
    """A ratio below which all are refuted, between the proved one and the one reached: by lengths, then by
    names."""
    least = _raised(question, question.proved, _packing, work_units)
    return _raised(question, least, _teams, work_units) if question.by_name else least


def _raised(question: LoadQuestion, least: int, relaxation: Relaxation, work_units: int) -> int:
    """By halving, for what refutes a ratio refutes all smaller ones; the first question is the smallest."""
    reached = question.reached
    if least >= reached or not _is_refuted(question, least, relaxation, work_units):
        return least
    while least + 1 < reached:
        ratio = (least + reached) // 2
        if _is_refuted(question, ratio, relaxation, work_units):
            least = ratio
        else:
            reached = ratio
    return reached


def _is_refuted(question: LoadQuestion, ratio: int, relaxation: Relaxation, work_units: int) -> bool:
    model = relaxation(question, _caps(question, ratio))
    if model is None or not cpsat.run(model, work_units, linearization=2).infeasible:
        return False
    return cpsat.run(model, 2 * work_units, presolve=False, linearization=2).infeasible


def _caps(question: LoadQuestion, ratio: int) -> list[int]:
    """floor(ratio * capacity / 1000), rounded down to whole steps of the visits' lengths."""
    step = gcd(*(asked.minutes for asked in question.asked))
    return [share - share % step for share in shares(question.capacities, ratio)]


def _packing(question: LoadQuestion, caps: Sequence[int]) -> cp_model.CpModel | None:
    """x[share, pattern] people fill a share with a pattern; patterns sum to the people of that share, lengths
    to no less than the seats of that length. Patterns to which nothing can be added are enough. None where
    there are too many."""
    seats: Counter[int] = Counter()
    doors: Counter[int] = Counter()
    for asked in question.asked:
        seats[asked.minutes] += asked.n_seats
        doors[asked.minutes] += 1
    lengths = sorted(seats, reverse=True)
    model = cp_model.CpModel()
    covered: list[list[cp_model.LinearExpr]] = [[] for _ in lengths]
    for cap, n_people in sorted(Counter(caps).items()):
        patterns = _patterns(doors, cap)
        if patterns is None:
            return None
        used = [model.new_int_var(0, n_people, "") for _ in patterns]
        model.add(cpsat.total(used) == n_people)
        for people, pattern in zip(used, patterns, strict=True):
            for at, count in enumerate(pattern):
                if count:
                    covered[at].append(count * people)
    for terms, minutes in zip(covered, lengths, strict=True):
        model.add(cpsat.total(terms) >= seats[minutes])
    return model


def _patterns(lengths: Mapping[int, int], cap: int) -> list[Filling] | None:
    """Fillings of the cap to which no visit can be added; None if they are too many."""
    ways = fillings(lengths, cap)
    if ways is None:
        return None
    ordered = sorted(lengths, reverse=True)
    return [
        filling
        for filling, room in ways.items()
        if not any(
            minutes <= room and count < lengths[minutes]
            for count, minutes in zip(filling, ordered, strict=True)
        )
    ]


def _teams(question: LoadQuestion, caps: Sequence[int]) -> cp_model.CpModel | None:
    """sits[i, p] for every seat group and candidate; seats, covers, load(p) <= cap(p). None where it is too
    large."""
    if sum(len(asked.people) for asked in question.asked) > MOST_LITERALS:
        return None
    model = cp_model.CpModel()
    step = gcd(*(asked.minutes for asked in question.asked))
    loads: dict[int, list[cp_model.LinearExpr]] = {person: [] for person in question.people}
    for asked in question.asked:
        sits = {person: model.new_bool_var("") for person in asked.people}
        model.add(cpsat.total(sits.values()) == asked.n_seats)
        for able, needed in asked.covers:
            model.add(cpsat.total(sits[person] for person in able) >= needed)
        for person, literal in sits.items():
            loads[person].append(asked.minutes // step * literal)
    for person, cap in zip(question.people, caps, strict=True):
        model.add(cpsat.total(loads[person]) <= cap // step)
    return model
