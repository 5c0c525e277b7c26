"""Running CP-SAT so that the same model gives the same answer: one worker, no clock, a fixed seed.

In: a model and work units. Out: its status and the work done. May import: ``scheduler.domain``,
``solvers.watch``, OR-Tools.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil

from ortools.sat.python import cp_model

from scheduler.domain.errors import OneDoorError, refuse
from solvers.watch import attend

UNIT = Fraction(1, 5)
"""A work unit of the budget in CP-SAT's deterministic time: about a second of one core in path models
(measured 4-6 s per deterministic second there, 1.6-2.5 s in feasibility models)."""
SEED = 20190205
"""Any fixed number; this is the day of 国发〔2019〕5号."""
ROUND_OFF = Fraction(1, 10**6)
NOTHING_KNOWN = 1 << 60


def total(terms: Iterable[cp_model.LinearExpr]) -> cp_model.LinearExpr:
    """Their sum as an expression, also where there are none."""
    expression: cp_model.LinearExpr = cp_model.LinearExpr.sum(list(terms))
    return expression


class SolverFailedError(OneDoorError):
    """CP-SAT refuses a model, or says what cannot be: a bug, there or here. The roster so far outlives it."""


class Answer:
    """What CP-SAT said: whether there are values, whether they are proved best, bound and work units."""

    def __init__(self, solver: cp_model.CpSolver, status: cp_model.CpSolverStatus) -> None:
        self.solver = solver
        self.found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        self.optimal = status == cp_model.OPTIMAL
        self.infeasible = status == cp_model.INFEASIBLE
        if status == cp_model.MODEL_INVALID:
            raise refuse(SolverFailedError, "solve.model", status=solver.status_name(status))
        self.work_units = ceil(Fraction(solver.response_proto.deterministic_time) / UNIT)

    def reject(self) -> None:
        """Its values are no roster: nothing was found, whatever the model says."""
        self.found = self.optimal = False

    def true(self, literal: cp_model.LiteralT) -> bool:
        """Whether the literal holds in the values found."""
        return bool(self.solver.boolean_value(literal))

    def value(self, variable: cp_model.LinearExpr) -> int:
        """The integer value found."""
        return int(self.solver.value(variable))

    def at_least(self) -> int:
        """No value of a minimised objective is below this integer; far below zero where nothing is known."""
        if not self.found:
            return -NOTHING_KNOWN
        return ceil(Fraction(self.solver.best_objective_bound) - ROUND_OFF)


def run(
    model: cp_model.CpModel,
    work_units: int | Fraction,
    *,
    presolve: bool = True,
    linearization: int = 1,
    probing: int = 2,
) -> Answer:
    """Solve within the work units, deterministically; without presolve for a second opinion, with more
    ``linearization`` (0 to 2) where the linear relaxation is what proves, and less ``probing`` (0 to 2) where
    models are so small that presolve takes longer than search.

    Errors: ``solve.model`` (a bug) where CP-SAT refuses the model.
    """
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    solver.parameters.cp_model_presolve = presolve
    solver.parameters.linearization_level = linearization
    solver.parameters.cp_model_probing_level = probing
    solver.parameters.max_deterministic_time = float(work_units * UNIT)
    solver.parameters.catch_sigint_signal = False  # or a Ctrl-C would pass for the end of the budget
    return Answer(solver, attend(lambda: solver.solve(model), solver.stop_search))
