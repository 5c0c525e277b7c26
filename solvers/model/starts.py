"""The same visits, days and teams at the starts that make the ways shortest.

In: facts, placements, outings. Out: placements. May import: the model's parts.
"""

from collections.abc import Sequence

from scheduler.domain.problem import Placement
from solvers import cpsat
from solvers.facts import Facts
from solvers.model.model import RosterModel
from solvers.model.outings import MOST_STOPS, Outings, days_of, way

WORK_UNITS = 1


def best_starts(facts: Facts, placements: Sequence[Placement], outings: Outings) -> tuple[Placement, ...]:
    """Where some day's way is not its shortest; else the placements as they are."""
    own: Outings = {body: {} for body in outings}
    longer = False
    for (body, _), stops in days_of(facts, placements).items():
        outing = tuple(sorted(stops))
        own[body][outing] = outings[body][outing]
        longer = longer or way(facts, body, tuple(stops)) > outings[body][outing]
    if not longer:
        return tuple(placements)
    long = sorted({outing for each in own.values() for outing in each if 2 < len(outing) <= MOST_STOPS})
    model = RosterModel(facts, outings=own)
    model.fix(placements, starts=False)
    if model.columns is not None:
        for outing in long:
            model.columns.tell_apart(outing)
    model.hint(placements)
    model.model.minimize(model.objectives.travel)
    answer = cpsat.run(model.model, WORK_UNITS)
    return model.variables.placements(answer) if answer.found else tuple(placements)
