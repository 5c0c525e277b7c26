"""A campaign's files to everything the next stage needs, or to everything that is wrong with them.

In: the path of a ``campaign.toml``. Out: :class:`Intake`. May import: the standard library, the rest of the
room, :mod:`scheduler.domain`.
"""

from dataclasses import dataclass
from pathlib import Path

from scheduler.domain.errors import InputError, OneDoorError, Problem, Value, refuse
from scheduler.domain.intake import IntakeReport, Rejected
from scheduler.domain.ports import Progress
from scheduler.domain.registers import Registers
from scheduler.domain.settings import Settings
from scheduler.intake.assemble import assemble
from scheduler.intake.campaign import TableFile, read_campaign_file
from scheduler.intake.csvfile import CsvFile
from scheduler.intake.headings import Bound, bind
from scheduler.intake.rows import Rows
from scheduler.intake.source import Source, look
from scheduler.intake.table import read_table
from scheduler.intake.workbook import WorkbookSheet


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What intake accepted and what it did not. ``ceremony`` is the text a rehearsal named in advance."""

    settings: Settings
    registers: Registers
    report: IntakeReport
    rejected: tuple[Rejected, ...]
    ceremony: str | None = None


def read_campaign(path: Path, *, progress: Progress | None = None) -> Intake:
    """Settings and registers of a campaign, each table sorted, every row accounted for.

    Rejected rows of registers are returned with their place and reason; what makes the plan itself unusable
    (see :mod:`scheduler.intake.assemble`) is an error. Nothing is written.

    Errors: :class:`InputError`, each time with all problems that can be seen by then: first the settings,
    table names, files and headings together, then the rows of all tables together.
    """
    campaign = read_campaign_file(path)
    problems = list(campaign.problems)
    bounds: list[Bound] = []
    for entry in campaign.tables:
        try:
            bound, wrong = bind(entry.table, _open(path.parent, entry))
        except OneDoorError as error:
            problems += error.problems
        else:
            problems += wrong
            bounds += [] if bound is None else [bound]
    if problems or campaign.settings is None:
        raise InputError(problems)
    assembled = assemble(_tables(bounds, progress), campaign.settings)
    return Intake(
        settings=campaign.settings,
        registers=assembled.registers,
        report=assembled.report,
        rejected=assembled.rejected,
        ceremony=campaign.ceremony,
    )


def _open(folder: Path, entry: TableFile) -> Source:
    path = folder / entry.file
    if look(path, entry.file) == "xlsx":
        return WorkbookSheet(path, entry.file, entry.sheet)
    if entry.sheet:
        place: dict[str, Value] = {"file": entry.file}
        raise refuse(InputError, "intake.sheet_missing", place, wanted=entry.sheet, sheets="CSV")
    return CsvFile(path, entry.file)


def _tables(bounds: list[Bound], progress: Progress | None) -> dict[str, Rows]:
    tables = {}
    problems: list[Problem] = []
    for bound in bounds:
        try:
            tables[bound.origin.table] = read_table(bound, progress)
        except OneDoorError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tables
