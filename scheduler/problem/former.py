"""A sealed schedule of the same campaign back in positions, for a solver to start from.

In: a problem and a schedule in the campaign's own ids. Out: placements. May import: the domain.
"""

from scheduler.domain.problem import AssignmentProblem, Placement
from scheduler.domain.schedule import Schedule, Seat


def placements_of(problem: AssignmentProblem, schedule: Schedule) -> tuple[Placement, ...]:
    """Sorted by visit. What names a visit, day, department or person that the problem lacks is left out;
    whether a team is lawful is for the solver to look at."""
    visits = {visit.visit_id: idx for idx, visit in enumerate(problem.visits)}
    days = {day: idx for idx, day in enumerate(problem.days)}
    seats: dict[int, list[Seat]] = {}
    for seat in schedule.seats:
        if seat.visit_id in visits and seat.day.isoformat() in days:
            seats.setdefault(visits[seat.visit_id], []).append(seat)
    return tuple(
        Placement(
            visit_idx=visit,
            day_idx=days[rows[0].day.isoformat()],
            start_min=rows[0].start_min,
            teams=_teams(problem, visit, rows),
        )
        for visit, rows in sorted(seats.items())
    )


def _teams(problem: AssignmentProblem, visit: int, rows: list[Seat]) -> tuple[tuple[int, ...], ...]:
    """Each row's person into the first group that may seat him and has room, departments by name."""
    sent = {(row.department_id, row.person_id) for row in rows}
    teams = []
    for group in problem.visits[visit].groups:
        department = problem.departments[group.department_idx] if group.department_idx >= 0 else ""
        able = [
            idx for idx in problem.candidates(group) if (department, problem.people[idx].person_id) in sent
        ]
        team = tuple(able[: group.n_seats])
        sent -= {(department, problem.people[idx].person_id) for idx in team}
        teams.append(team)
    return tuple(teams)
