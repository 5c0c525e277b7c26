"""Tables as read to registers: references checked, coordinates weighed, fatal problems told apart.

In: a :class:`scheduler.intake.rows.Rows` per table, the settings. Out: :class:`Assembled`. May import: the
standard library, the rest of the room, :mod:`scheduler.domain`.

Which rejected rows stop an import. ``departments``, ``items``, ``tasks``, ``orders``, ``divisions``,
``neighbours`` and ``calendar`` are the plan itself: any. ``recusals``, ``leave`` and ``quiet`` protect
somebody, and a row lost there would quietly allow what it forbids (R07, R11, R12), as one lost of ``travel``
would a way that takes longer (R09): any whose cells cannot be read. Where such a row reads well but names
somebody unknown, a recusal still stops (a mistyped code would send the barred officer to that very door),
while leave, quiet periods and travel times do not: personnel lists hold people who inspect nobody, and
nothing they say can concern the plan. A name that is known once its lost zeros are put back stops, too.
A row that names someone whose own row was rejected never stops: he is not in the plan.
``enterprises``, ``inspectors``, ``experts`` and ``history`` never stop by one row; all are reported.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scheduler.domain.errors import InputError, Problem, Value
from scheduler.domain.intake import IntakeReport, Rejected
from scheduler.domain.registers import TABLES, CalendarDay, Registers
from scheduler.domain.settings import Settings
from scheduler.intake.availability import with_away
from scheduler.intake.divisions import in_force
from scheduler.intake.neighbours import neighbour_problems, with_neighbour_notices
from scheduler.intake.notices import with_notices
from scheduler.intake.places import set_aside
from scheduler.intake.references import LOST, UNKNOWN, check_references
from scheduler.intake.rest import Rest
from scheduler.intake.rows import Origin, Rows
from scheduler.intake.ways import NOTHING, way_problems, with_way_notices
from scheduler.intake.workdays import own_calendar, state_calendar, working_day_problems

PLAN_ITSELF = frozenset({"departments", "items", "tasks", "calendar", "orders", "divisions", "neighbours"})
PROTECTING = frozenset({"recusals", "leave", "quiet", "travel"})
NEVER_EMPTY = ("departments", "enterprises", "inspectors", "items", "tasks")
PLACED = ("departments", "enterprises", "experts")
"""Tables with coordinates."""


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """Registers with the report about them; ``rejected`` by table, row, column."""

    registers: Registers
    report: IntakeReport
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """What became of every row, whether or not the import can go on: ``problems`` stop it. ``lost`` maps each
    table's keys that stand in rejected rows to a row number. ``rest`` are accepted enterprises that are not
    among the registers'."""

    registers: Registers
    report: IntakeReport
    rejected: tuple[Rejected, ...]
    problems: tuple[Problem, ...]
    lost: Mapping[str, Mapping[str, int]]
    rest: Rest | None = None


def assemble(read: Mapping[str, Rows], settings: Settings) -> Assembled:
    """Registers of the tables that were read; a table that was not is empty.

    Errors: :class:`InputError` with every fatal problem at once; codes as :func:`weigh`.
    """
    weighed = weigh(read, settings)
    if weighed.problems:
        raise InputError(weighed.problems)
    return Assembled(registers=weighed.registers, report=weighed.report, rejected=weighed.rejected)


def weigh(read: Mapping[str, Rows], settings: Settings) -> Weighed:
    """Registers, figures, every rejected row and every fatal problem, among them ``intake.table_empty``,
    ``intake.no_working_day``, ``intake.calendar_year``, ``intake.calendar_gap``."""
    empty = {name: Rows(origin=Origin(table=name, file="", sheet="", heads={})) for name in TABLES}
    tables = empty | dict(read)
    calendar, problems = _calendar(tables["calendar"], settings)
    tables, circles = in_force(tables, settings.start)
    problems += circles
    tables = with_notices(check_references(tables, settings, calendar), settings)
    tables |= {name: set_aside(tables[name], settings) for name in PLACED}
    tables = with_away(with_way_notices(tables, settings))
    tables["neighbours"] = with_neighbour_notices(tables["neighbours"], settings)
    rejected = tuple(sorted((line for name in TABLES for line in tables[name].rejected), key=_line_order))
    problems += [problem_of(line) for line in rejected if _is_fatal(line)]
    problems += [
        *_empty_problems(tables),
        *way_problems(tables, settings),
        *neighbour_problems(tables["neighbours"], settings),
    ]
    rows = {name: tuple(table.rows) for name, table in tables.items()} | {"calendar": calendar}
    return Weighed(
        registers=Registers(**rows),
        report=IntakeReport(
            tables=tuple(tables[name].report() for name in TABLES if name in read or tables[name].n_added),
            warnings=tuple(
                sorted((line for table in tables.values() for line in table.warnings), key=_line_order)
            ),
        ),
        rejected=rejected,
        problems=tuple(problems),
        lost={name: table.lost for name, table in tables.items() if table.lost},
        rest=tables["enterprises"].rest,
    )


def _calendar(table: Rows, settings: Settings) -> tuple[tuple[CalendarDay, ...], list[Problem]]:
    calendar, problems = (
        state_calendar(settings) if settings.calendar == "cn" else own_calendar(settings, table.rows)
    )
    if not problems:
        problems = list(working_day_problems(settings, calendar))
    return calendar, problems


def _line_order(line: Rejected) -> tuple[int, int, str, str]:
    return list(TABLES).index(line.table), line.row, line.column, line.code


def _is_fatal(line: Rejected) -> bool:
    if line.table in PLAN_ITSELF:
        return True
    if line.code in {LOST, NOTHING} or line.table not in PROTECTING:
        return False
    return line.code != UNKNOWN or line.table == "recusals"


def problem_of(line: Rejected) -> Problem:
    """A rejected row as it is told: where, why, what to do."""
    place: dict[str, Value] = {
        "file": line.file,
        "sheet": line.sheet,
        "row": line.row,
        "column": line.column,
        "value": line.value,
    }
    return Problem(code=line.code, params={"table": line.table, "detail": line.detail}, place=place)


def _empty_problems(tables: Mapping[str, Rows]) -> Iterator[Problem]:
    for name in NEVER_EMPTY:
        table = tables[name]
        if not table.n_accepted():
            yield Problem(
                code="intake.table_empty",
                params={"table": name, "n_rejected": len(table.rejected)},
                place={"file": table.origin.file, "sheet": table.origin.sheet},
            )
