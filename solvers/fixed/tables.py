"""Tables for the compiled search over fixed jobs.

In: jobs of one part, who may take them, which clash. Out: :class:`~solvers.fixed.tabu.Ground` and a first
:class:`~solvers.fixed.tabu.Deal`. May import: NumPy, the compiled search.
"""

from collections.abc import Sequence

import numpy as np

from solvers.blocks.land import Ints, Shorts
from solvers.fixed.tabu import BEST, FAR, LEAST, N_OPEN, NOBODY, Deal, Ground


def ground_of(
    jobs: Sequence[int],
    able: Sequence[tuple[int, ...]],
    pairs: Sequence[tuple[int, int]],
    people: Sequence[int],
) -> Ground:
    """Jobs and people by their positions in ``jobs`` and ``people``; ``pairs`` name the jobs themselves."""
    job_at = {job: at for at, job in enumerate(jobs)}
    person_at = {person: at for at, person in enumerate(people)}
    clash: list[list[int]] = [[] for _ in jobs]
    for one, other in pairs:
        clash[job_at[one]].append(job_at[other])
        clash[job_at[other]].append(job_at[one])
    able_at, lists = _flat([[person_at[person] for person in row] for row in able])
    clash_at, clashes = _flat([sorted(row) for row in clash])
    may = np.zeros((len(jobs), len(people)), np.int8)
    own: list[list[int]] = [[] for _ in people]
    for job, row in enumerate(able):
        for person in row:
            may[job, person_at[person]] = 1
            own[person_at[person]].append(job)
    own_at, owned = _flat(own)
    return Ground(clash_at, clashes, able_at, lists, own_at, owned, may)


def _flat(rows: Sequence[Sequence[int]]) -> tuple[Ints, Shorts]:
    ends = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=ends[1:])
    return ends, np.array([item for row in rows for item in row], np.int32)


def deal_of(ground: Ground, size: int, seed: int) -> Deal:
    """Everything open; active are the ``size`` people with most jobs, where a job that many may take counts
    little: in integers, so that ties fall the same everywhere."""
    n_jobs, n_people = ground.may.shape
    rare = 1_000_000_000 // np.maximum(1, np.diff(ground.able_at))
    worth = ground.may.T.astype(np.int64) @ rare
    active = np.zeros(n_people, np.int8)
    active[np.argsort(-worth, kind="stable")[:size]] = 1
    tally = np.zeros(7, np.int64)
    tally[N_OPEN], tally[BEST], tally[LEAST] = n_jobs, FAR, FAR
    return Deal(
        taken=np.full(n_jobs, NOBODY, np.int32),
        active=active,
        blocked=np.zeros((n_people, n_jobs), np.int64),
        weight=np.ones(n_jobs, np.int64),
        rest=np.zeros((n_jobs, n_people), np.int64),
        replaced=np.zeros(n_people, np.int64),
        open=np.arange(n_jobs, dtype=np.int32),
        best_taken=np.full(n_jobs, NOBODY, np.int32),
        best_active=active.copy(),
        tally=tally,
        dice=np.array([seed % 2_147_483_646 + 1], np.int64),
        move=np.zeros(2, np.int64),
    )


def join(root: dict[int, int], people: Sequence[int]) -> int:
    """Everybody named hangs together; the one who stands for them (union by path halving)."""
    first = _top(root, people[0])
    for person in people[1:]:
        root[_top(root, person)] = first
    return first


def _top(root: dict[int, int], person: int) -> int:
    while root.setdefault(person, person) != person:
        root[person] = root[root[person]]
        person = root[person]
    return person
