"""What the judge looks at and what it says: the sealed data of one run, and the findings about it.

In: domain rows of every stage up to one solve attempt. Out: :class:`Findings`. Imports the domain only.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.domain.errors import Value
from scheduler.domain.late import SealedOrders
from scheduler.domain.plan import Cutoff, DrawnEnterprise, DrawnPerson, Exclusion, FrameRow, OrderTicket, Plan
from scheduler.domain.problem import GoalResult
from scheduler.domain.registers import Enterprise, Registers
from scheduler.domain.reserves import SealedReserve
from scheduler.domain.schedule import RuleVerdict, Seat, SolveReport, Unscheduled, Violation
from scheduler.domain.visits import MergeReport, Requirement, Visit


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All a verdict rests on. ``enterprises``, where given, is read instead of ``registers.enterprises``;
    it and ``frame`` may be streams from disk, but each must allow being read more than once.

    ``ceremony`` is not here: ``seed_text`` holds it. ``draw_sha256`` names the sealed draw; empty where
    there is no folder, and then what the solve report names is not compared. ``late`` are the events that
    brought orders made after the draw; nothing of them is in the other tables.
    """

    plan: Plan
    registers: Registers
    frame: Iterable[FrameRow]
    excluded: tuple[Exclusion, ...]
    drawn_enterprises: tuple[DrawnEnterprise, ...]
    cutoffs: tuple[Cutoff, ...]
    people: tuple[DrawnPerson, ...]
    seed_text: str
    requirements: tuple[Requirement, ...]
    visits: tuple[Visit, ...]
    merge_report: MergeReport
    seats: tuple[Seat, ...]
    unscheduled: tuple[Unscheduled, ...]
    solve_report: SolveReport
    enterprises: Iterable[Enterprise] | None = None
    draw_sha256: str = ""
    orders: tuple[OrderTicket, ...] = ()
    reserves: tuple[SealedReserve, ...] = ()
    late: tuple[SealedOrders, ...] = ()

    def population(self) -> Iterable[Enterprise]:
        """Every accepted enterprise, in register order."""
        return self.registers.enterprises if self.enterprises is None else self.enterprises


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """The verdict in memory: one row per rule and check, what broke them, and the recomputed goals."""

    rules: tuple[RuleVerdict, ...]
    violations: tuple[Violation, ...]
    goals: tuple[GoalResult, ...]
    n_requirements: int
    n_served: int
    n_unscheduled: int


MOST_TOLD = 100
"""So many violations of one rule are told in full; all are counted."""


class Cases:
    """A tally for one rule: every case looked at and every broken one is counted, the first ones kept."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        self.checked = 0
        self.n_broken = 0
        self.violations: list[Violation] = []

    def look(self, lawful: bool, code: str, /, **params: Value) -> None:  # noqa: FBT001 - the case itself
        """Count one case; where it is not lawful keep the violation."""
        self.checked += 1
        if not lawful:
            self.broken(code, **params)

    def broken(self, code: str, /, **params: Value) -> None:
        """Keep a violation without counting a case."""
        self.n_broken += 1
        if len(self.violations) < MOST_TOLD:
            self.violations.append(Violation(rule=self.rule, code=code, params=params))

    def absorb(self, other: "Cases") -> None:
        """Add another tally of the same rule."""
        self.checked += other.checked
        self.n_broken += other.n_broken
        self.violations.extend(other.violations[: MOST_TOLD - len(self.violations)])

    def verdict(self) -> RuleVerdict:
        """The tally as one row of the certificate."""
        return RuleVerdict(rule=self.rule, checked=self.checked, violations=self.n_broken)
