"""A campaign that became void before any roster: its plan and, where there is one, its draw judged.

In: a folder's state. Out: findings of ``plan`` and ``draw``, and the plan with its registers.
"""

import dataclasses
from typing import Any

from scheduler.domain.layout import FRAME, PLAN, TABLE_FILES, intake_table
from scheduler.domain.plan import Plan
from scheduler.domain.registers import TABLES, Registers
from scheduler.domain.schedule import SolveReport
from scheduler.domain.visits import MergeReport
from scheduler.verify.census import take_census
from scheduler.verify.drawing import draw_holds
from scheduler.verify.evidence import Cases, Evidence, Findings
from scheduler.verify.facts import facts_of
from scheduler.verify.folder import State, Table, document, table_of
from scheduler.verify.plan import plan_holds, settings_are_usable


def voided_evidence(state: State, seed_text: str) -> Evidence:
    """What is sealed up to the draw; empty tables for all that comes after, and for a draw that is not there.

    Errors: ``verify.unreadable`` (:class:`~scheduler.domain.errors.SealError`).
    """
    population = intake_table("enterprises")
    paths = [*(intake_table(name) for name in TABLES), *TABLE_FILES]
    rows: dict[str, tuple[Any, ...]] = {
        path: tuple(Table(state.run, path, table_of(path)))
        for path in paths
        if path in state.found and path not in (population, FRAME)
    }
    return Evidence(
        plan=document(state.run, PLAN, Plan),
        registers=Registers(**{name: rows.get(intake_table(name), ()) for name in TABLES}),
        enterprises=Table(state.run, population, table_of(population)),
        frame=Table(state.run, FRAME, table_of(FRAME)),
        excluded=rows.get("plan/excluded.csv", ()),
        drawn_enterprises=rows.get("draw/enterprises.csv", ()),
        cutoffs=rows.get("draw/cutoffs.csv", ()),
        people=rows.get("draw/people.csv", ()),
        seed_text=seed_text,
        requirements=(),
        visits=(),
        merge_report=_blank(MergeReport),
        seats=(),
        unscheduled=(),
        solve_report=_blank(SolveReport),
    )


def voided_findings(evidence: Evidence, *, drawn: bool) -> Findings:
    """The plan's cases, and the draw's where it was drawn."""
    tallies = [Cases("plan"), Cases("draw")]
    bad = tuple(settings_are_usable(evidence.plan.settings))
    for name in bad:
        tallies[0].look(False, "verify.setting_bad", setting=name)
    if not bad:
        facts = facts_of(evidence, take_census(evidence))
        tallies = [plan_holds(facts), draw_holds(facts) if drawn else Cases("draw")]
    return Findings(
        rules=tuple(tally.verdict() for tally in tallies),
        violations=tuple(violation for tally in tallies for violation in tally.violations),
        goals=(),
        n_requirements=0,
        n_served=0,
        n_unscheduled=0,
    )


def _blank(report: type[Any]) -> Any:
    """A report of a stage that never was."""
    blanks: dict[Any, object] = {int: 0, str: "", bool: False}
    return report(**{field.name: blanks.get(field.type, ()) for field in dataclasses.fields(report)})
