"""A campaign's files to everything the next stage needs, or to everything that is wrong with them.

In: the path of a ``campaign.toml``. Out: :class:`Intake`. May import: the standard library, the rest of the
room, :mod:`scheduler.domain`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scheduler.domain.errors import InputError, OneDoorError, Problem
from scheduler.domain.intake import IntakeReport, Rejected
from scheduler.domain.ports import Progress
from scheduler.domain.registers import TABLES, Registers
from scheduler.domain.settings import Settings
from scheduler.intake.assemble import weigh
from scheduler.intake.availability import read_people
from scheduler.intake.bulk import TABLE, Spill, read_large
from scheduler.intake.bulkstore import uncollected
from scheduler.intake.campaign import TableFile, read_campaign_file
from scheduler.intake.expected import row_problems
from scheduler.intake.headings import Bound, bind
from scheduler.intake.named import with_numbers
from scheduler.intake.opening import Opener
from scheduler.intake.rest import Rest
from scheduler.intake.rows import Rows
from scheduler.intake.source import Source


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What intake accepted and what it did not. ``ceremony`` is the text a rehearsal named in advance.

    ``rest`` are accepted enterprises beside those of ``registers``: there are such only where the caller gave
    a folder for large registers, and he closes it.
    """

    settings: Settings
    registers: Registers
    report: IntakeReport
    rejected: tuple[Rejected, ...]
    ceremony: str | None = None
    lost: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    rest: Rest | None = None


@dataclass(frozen=True, kw_only=True)
class Examined:
    """All that can be said about a campaign's files. ``problems`` stop the import, and ``intake`` is ``None``
    then; ``rejected`` and ``report`` tell every row that could be read even so. ``complete`` is false where a
    table could not be read at all: references between tables are not checked then. ``open`` opens one of the
    ``sources`` once more, as it came; ``beside`` are the other files that campaign.toml names."""

    intake: Intake | None
    problems: tuple[Problem, ...]
    rejected: tuple[Rejected, ...]
    report: IntakeReport
    sources: tuple[TableFile, ...]
    complete: bool
    open: Callable[[TableFile], Source]
    beside: tuple[str, ...] = ()


def read_campaign(path: Path, *, progress: Progress | None = None) -> Intake:
    """Settings and registers of a campaign, each table sorted, every row accounted for.

    Rejected rows of registers are returned with their place and reason; what makes the plan itself unusable
    (see :mod:`scheduler.intake.assemble`) is an error. Nothing is written.

    Errors: :class:`InputError`, each time with all problems that can be seen by then: first the settings,
    table names, files and headings together, then the rows of all tables together.
    """
    examined = examine(path, progress=progress)
    if examined.intake is None:
        raise InputError(examined.problems)
    return examined.intake


@uncollected()
def examine(path: Path, *, progress: Progress | None = None, spill: Spill | None = None) -> Examined:
    """Everything that is right and wrong with a campaign's files. Where some table cannot be read, the others
    are read all the same, so that their rows can be mended in one go; with wrong settings none is.
    With ``spill`` a large register of enterprises is not held in memory: see :class:`Intake`.

    Errors: :class:`InputError` where campaign.toml itself cannot be read.
    """
    campaign = read_campaign_file(path)
    problems = list(campaign.problems)
    bounds: list[Bound] = []
    profile = campaign.settings.profile if campaign.settings else "sha256"
    opener = Opener(path.parent, campaign.limits, campaign.vocabulary, profile)
    for entry in campaign.tables:
        try:
            bound, wrong = bind(entry.table, opener.open(entry), campaign.vocabulary)
        except OneDoorError as error:
            problems += error.problems
        else:
            problems += wrong
            bounds += [] if bound is None else [bound]
    tables, unreadable = _tables(bounds, campaign.settings, spill, progress)
    problems += unreadable
    opener.close()
    if problems or campaign.settings is None:
        rows = [tables[name] for name in TABLES if name in tables]
        report = IntakeReport(
            tables=tuple(table.report() for table in rows),
            warnings=tuple(line for table in rows for line in table.warnings),
        )
        for table in rows:
            if table.rest:
                table.rest.close()
        return Examined(
            intake=None,
            problems=tuple(problems),
            rejected=tuple(line for table in rows for line in table.rejected),
            report=report,
            sources=campaign.tables,
            complete=False,
            open=opener.beneath,
            beside=campaign.beside,
        )
    weighed = weigh(tables, campaign.settings)
    stops = (*weighed.problems, *row_problems(campaign.tables, weighed.report.tables))
    if stops and weighed.rest:
        weighed.rest.close()
    intake = Intake(
        settings=campaign.settings,
        registers=weighed.registers,
        report=weighed.report,
        rejected=weighed.rejected,
        ceremony=campaign.ceremony,
        lost=weighed.lost,
        rest=weighed.rest,
    )
    return Examined(
        intake=None if stops else intake,
        problems=stops,
        rejected=weighed.rejected,
        report=weighed.report,
        sources=campaign.tables,
        complete=True,
        open=opener.beneath,
        beside=campaign.beside,
    )


def _tables(
    bounds: list[Bound], settings: Settings | None, spill: Spill | None, progress: Progress | None
) -> tuple[dict[str, Rows], list[Problem]]:
    """The tables that can be read to their end, and what is wrong with the others. Departments come first:
    others may give their names; the large table last, for what others say decides which of its rows need a
    look."""
    tables: dict[str, Rows] = {}
    problems: dict[str, tuple[Problem, ...]] = {}
    if settings is None:
        return {}, []
    for bound in sorted(bounds, key=_turn):
        name = bound.origin.table
        try:
            if spill and name == TABLE:
                tables[name] = read_large(bound, tables, settings, spill, progress)
            else:
                numbered = with_numbers(bound, tables.get("departments"))
                tables[name] = read_people(numbered, settings, progress)
        except OneDoorError as error:
            problems[name] = error.problems
    return tables, [problem for bound in bounds for problem in problems.get(bound.origin.table, ())]


def _turn(bound: Bound) -> int:
    return {"departments": 0, TABLE: 2}.get(bound.origin.table, 1)
