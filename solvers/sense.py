"""What no roster can mean is refused before anything is made of it.

In: a problem. Out: nothing, or a refusal that names every fault. May import: ``scheduler.domain``.

Only the library can be handed such a problem: what a campaign is made of has passed the import.
"""

from collections.abc import Iterator

from scheduler.domain.errors import InputError, Problem
from scheduler.domain.problem import AssignmentProblem


def refuse_senseless(problem: AssignmentProblem) -> None:
    """Every visit takes time, and every group asks for somebody.

    Errors: ``solve.no_minutes``, ``solve.no_seats`` (:class:`InputError`), all of them at once, by visit.
    """
    found = tuple(_faults(problem))
    if found:
        raise InputError(found)


def _faults(problem: AssignmentProblem) -> Iterator[Problem]:
    for visit in problem.visits:
        if visit.duration_min <= 0:
            yield Problem(
                code="solve.no_minutes", params={"visit": visit.visit_id, "minutes": visit.duration_min}
            )
        for at, group in enumerate(visit.groups):
            if group.n_seats <= 0:
                yield Problem(
                    code="solve.no_seats",
                    params={"visit": visit.visit_id, "group": at, "seats": group.n_seats},
                )
