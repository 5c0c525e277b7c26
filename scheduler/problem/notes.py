"""What a person should know about the places and ways of a roster: codes of notes for the solve report.

In: the problem, plan, registers and visits. Out: message codes. May import: the domain.
"""

from collections import Counter

from scheduler.domain.plan import Plan
from scheduler.domain.problem import AssignmentProblem
from scheduler.domain.registers import Department, Enterprise, Expert, Registers
from scheduler.domain.visits import MergeResult

NOWHERE = "problem.nowhere"
"""The plan knows no coordinates at all: all places are one, and no way takes time but a stated one."""
AT_CENTRE = "problem.places_at_centre"
"""Some visit lies at its district's centre for want of coordinates."""
HOME_AT_CENTRE = "problem.homes_at_centre"
"""Some department's office or expert lies at a centre for want of coordinates."""
BY_COORDINATES = "problem.ways_by_coordinates"
"""The table of travel times lacks some way between the places of this problem."""


def place_notes(
    problem: AssignmentProblem, plan: Plan, registers: Registers, merged: MergeResult
) -> tuple[str, ...]:
    """The notes that hold, in the order above."""
    visited = {visit.enterprise_id for visit in merged.visits if visit.on_site}
    people = {one.person_id for one in problem.people}
    offices = {row.department_id for row in registers.inspectors if row.inspector_id in people}
    homes: tuple[Department | Expert, ...] = (
        *(row for row in registers.departments if row.department_id in offices),
        *(row for row in registers.experts if row.expert_id in people),
    )
    told = {
        NOWHERE: not plan.centres,
        AT_CENTRE: any(_is_unknown(row) for row in registers.enterprises if row.enterprise_id in visited),
        HOME_AT_CENTRE: any(_is_unknown(row) for row in homes),
        BY_COORDINATES: plan.settings.travel.source != "coordinates" and not _all_stated(problem),
    }
    return tuple(code for code, holds in told.items() if holds)


def _is_unknown(row: Enterprise | Department | Expert) -> bool:
    return row.lon_udeg is None or row.lat_udeg is None


def _all_stated(problem: AssignmentProblem) -> bool:
    """Whether every way between two different places is stated."""
    if len(problem.sites) < 2:
        return True
    if not problem.zones or -1 in problem.zones:
        return False
    several = {zone for zone, n in Counter(problem.zones).items() if n > 1}
    return all(
        minutes >= 0 or (one == other and one not in several)
        for one, row in enumerate(problem.legs)
        for other, minutes in enumerate(row)
    )
