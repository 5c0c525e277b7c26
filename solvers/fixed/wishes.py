"""Least penalty where dates and starts are fixed and nobody's visits clash: a flow, its price proof, CP-SAT.

In: facts, jobs, work units. Out: who takes which job, the bound, units spent. May import: ``solvers.facts``,
OR-Tools, NumPy.

Integers only. The flow's answer is not believed: prices of its nodes give a bound by plain arithmetic (weak
duality), which holds whatever prices are put in, and the answer is proved where it meets that bound. CP-SAT
then assigns, with the flow's answer as hint and its value as limit.
"""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from ortools.graph.python import min_cost_flow
from ortools.sat.python import cp_model

from solvers import cpsat
from solvers.facts import Facts
from solvers.fixed.jobs import MOST_PAIRS, Ints, Job, clashes

MOST_ARCS = 300_000
"""Pairs of a person and a seat: CP-SAT's model of so many Booleans takes about 300 MB."""
Seat = tuple[int, int]
"""(visit, position of the group)."""


class Dealt(NamedTuple):
    """Who takes each job, the least penalty of seats and missing visits that is possible, work units."""

    taken: tuple[int, ...]
    value: int
    bound: int
    work_units: int


class Net(NamedTuple):
    """A network: arcs from ``tail`` to ``head`` with capacity and cost; ``supply`` by node.

    Nodes are the people, then the groups, then source and sink; the first ``len(who)`` arcs are the pairs of
    a person ``who`` and a group ``what``, both by position.
    """

    tail: Ints
    head: Ints
    capacity: Ints
    cost: Ints
    supply: Ints
    who: Ints
    what: Ints


def only_visit_limits(facts: Facts) -> bool:
    """Whether nobody has another limit than one of visits in the campaign."""
    return not any(
        person.max_visits_day
        or person.max_minutes_day
        or person.max_visits_week
        or person.max_minutes_week
        or person.max_minutes
        for person in facts.people
    )


def least_penalty(facts: Facts, jobs: Sequence[Job], units: int) -> Dealt | None:
    """The least penalty with all seats taken, or nothing where somebody's visits could clash, where limits
    leave a seat empty, or where the network would be too large."""
    if sum(len(job.able) for job in jobs) > MOST_ARCS:
        return None
    pairs = tuple(islice(clashes(facts, jobs), MOST_PAIRS + 1))
    if len(pairs) > MOST_PAIRS or any(_meet(jobs[one], jobs[other]) for one, other in pairs):
        return None
    able = {(job.visit, job.group): job.able for job in jobs}
    net = _net(facts, able)
    flow = _solved(net)
    if flow is None:
        return None
    pairs_used = np.flatnonzero(flow[: len(net.who)])
    seated = frozenset(zip(net.who[pairs_used].tolist(), net.what[pairs_used].tolist(), strict=True))
    missing = sum(least * penalty for _, least, penalty in facts.problem.least_visits)
    value = int(flow @ net.cost) + missing
    bound = priced_bound(net, prices(net, flow)) + missing
    seated, spent = _assigned(facts, able, seated, value, units)
    return Dealt(_by_job(jobs, tuple(able), seated), value, bound, spent)


def _meet(one: Job, other: Job) -> bool:
    """Whether somebody could be wanted at both; a seat group counts nobody twice by itself."""
    same = (one.visit, one.group) == (other.visit, other.group)
    return not same and not set(one.able).isdisjoint(other.able)


def _net(facts: Facts, able: dict[Seat, tuple[int, ...]]) -> Net:
    """Source to people (a missing visit costs its penalty until the least is reached), people to groups at
    their wishes, groups to the sink."""
    n_people, n_groups = len(facts.people), len(able)
    source, sink = n_people + n_groups, n_people + n_groups + 1
    arcs: list[tuple[int, int, int, int]] = []
    for at, ((visit, where), people) in enumerate(able.items()):
        group = facts.visits[visit].groups[where]
        wish = dict(zip(facts.candidates(group), group.wishes, strict=False))
        arcs += [(person, n_people + at, 1, wish.get(person, 0)) for person in people]
    n_pairs = len(arcs)
    least = {person: (n, penalty) for person, n, penalty in facts.problem.least_visits}
    for person, who in enumerate(facts.people):
        most = min(who.max_visits or n_groups, n_groups)
        wanted, penalty = least.get(person, (0, 0))
        first = min(wanted, most)
        arcs += [(source, person, first, -penalty), (source, person, most - first, 0)]
    seats = [facts.visits[visit].groups[where].n_seats for visit, where in able]
    arcs += [(n_people + at, sink, n, 0) for at, n in enumerate(seats)]
    supply = np.zeros(sink + 1, np.int64)
    supply[source], supply[sink] = sum(seats), -sum(seats)
    tail, head, capacity, cost = np.array(arcs, np.int64).reshape(-1, 4).T
    return Net(tail, head, capacity, cost, supply, tail[:n_pairs], head[:n_pairs] - n_people)


def _solved(net: Net) -> Ints | None:
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(net.tail, net.head, net.capacity, net.cost)
    flow.set_nodes_supplies(np.arange(len(net.supply)), net.supply)
    return flow.flows(arcs) if flow.solve() == flow.OPTIMAL else None


def prices(net: Net, flow: Ints) -> Ints:
    """Shortest ways in what the flow leaves open (Bellman and Ford): no cheaper detour is left at the
    optimum. Ends after as many rounds as there are nodes, whatever it is given."""
    ahead, back = flow < net.capacity, flow > 0
    tail = np.concatenate([net.tail[ahead], net.head[back]])
    head = np.concatenate([net.head[ahead], net.tail[back]])
    cost = np.concatenate([net.cost[ahead], -net.cost[back]])
    price = np.zeros(len(net.supply), np.int64)
    for _ in net.supply:
        before = price.copy()
        np.minimum.at(price, head, before[tail] + cost)
        if (price == before).all():
            break
    return price


def priced_bound(net: Net, price: Ints) -> int:
    """No flow costs less, whatever the prices: Σ c·x = Σ c'·x - Σ price·supply with c' = c + price[tail] -
    price[head], and c'·x is at least capacity · min(0, c')."""
    reduced = net.cost + price[net.tail] - price[net.head]
    return int(np.minimum(0, reduced) @ net.capacity - price @ net.supply)


def _assigned(
    facts: Facts,
    able: dict[Seat, tuple[int, ...]],
    seated: frozenset[tuple[int, int]],
    value: int,
    units: int,
) -> tuple[frozenset[tuple[int, int]], int]:
    """CP-SAT seats people at no more than the value; the flow's seats where it finds none in time."""
    model = cp_model.CpModel()
    takes = {
        (person, at): model.new_bool_var("") for at, people in enumerate(able.values()) for person in people
    }
    for at, ((visit, where), people) in enumerate(able.items()):
        # Σ_p x[p,g] = n_seats[g]
        model.add(cpsat.total(takes[p, at] for p in people) == facts.visits[visit].groups[where].n_seats)
    penalties = []
    for at, ((visit, where), people) in enumerate(able.items()):
        group = facts.visits[visit].groups[where]
        wish = dict(zip(facts.candidates(group), group.wishes, strict=False))
        penalties += [wish.get(person, 0) * takes[person, at] for person in people]
    own: dict[int, list[cp_model.IntVar]] = {}
    for (person, _), literal in takes.items():
        own.setdefault(person, []).append(literal)
    for person, literals in own.items():
        if facts.people[person].max_visits:
            # Σ_g x[p,g] <= max_visits[p]
            model.add(cpsat.total(literals) <= facts.people[person].max_visits)
    for person, least, penalty in facts.problem.least_visits:
        short = model.new_int_var(0, least, "")
        model.add(short >= least - cpsat.total(own.get(person, ())))
        model.add_hint(short, max(0, least - sum(who == person for who, _ in seated)))
        penalties.append(penalty * short)
    model.add(cpsat.total(penalties) <= value)
    for key, literal in takes.items():
        model.add_hint(literal, key in seated)
    answer = cpsat.run(model, units)
    if not answer.found:
        return seated, answer.work_units
    return frozenset(key for key, literal in takes.items() if answer.true(literal)), answer.work_units


def _by_job(
    jobs: Sequence[Job], groups: Sequence[Seat], seated: frozenset[tuple[int, int]]
) -> tuple[int, ...]:
    """The group's people to its jobs, both in order."""
    waiting: dict[Seat, list[int]] = {seat: [] for seat in groups}
    for person, at in sorted(seated, reverse=True):
        waiting[groups[at]].append(person)
    return tuple(waiting[job.visit, job.group].pop() for job in jobs)
