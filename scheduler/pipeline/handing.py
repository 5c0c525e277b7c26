"""What is handed out of a certified run on demand: report, calendars, papers, tables; into folders, into a
database.

In: a run folder with a certificate, what is wanted. Out: folders outside the run, rows in a database.
May import: the rooms and :mod:`scheduler.domain`.

None of it is sealed: a department may replace a template and ask again, and a database is not ours to seal.
Everything names the run it was made from.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from scheduler.domain.errors import InputError, Problem, UsageError, Value, refuse
from scheduler.domain.hashes import digest_hex
from scheduler.domain.late import registers_with, schedule_with, visits_with
from scheduler.domain.layout import CERTIFICATE
from scheduler.domain.messages import Language
from scheduler.domain.plan import Plan
from scheduler.domain.ports import Progress
from scheduler.domain.registers import Registers
from scheduler.domain.schedule import Certificate, Schedule
from scheduler.domain.visits import MergeResult
from scheduler.export import REPORT, fill, report
from scheduler.export.papers import KINDS, Ending, Kind, Template, Templates
from scheduler.pipeline.folder import RunFolder, opened
from scheduler.pipeline.outfolder import put, refuse_in_the_way
from scheduler.pipeline.shelf import Shelf

CALENDARS, PAPERS, TABLES, SINGLES, DEFAULTS, PAGES = "日历", "文书", "数据", "单张", "模板", "报告"
"""Names of the folders."""

ENDINGS: tuple[Ending, ...] = ("docx", "html")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to hand out, and where to: ``to`` is a folder outside the run. ``visits`` asks for the papers of
    these alone; ``templates`` is a folder of templates, ``sql`` the address of a database."""

    to: Path
    report: bool = False
    calendars: bool = False
    papers: bool = False
    tables: bool = False
    visits: tuple[str, ...] = ()
    templates: Path | None = None
    sql: str | None = None
    language: Language = "zh"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One folder that was written, and how many files lie in it."""

    folder: str
    n_files: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOut:
    """The folders written, and the rows that stand in each table of ``database`` (empty without one).
    ``notes`` say what was left out for want of an extra."""

    run: str
    parts: tuple[Part, ...] = ()
    database: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()


def hand_out(run: Path, wanted: Wanted, *, progress: Progress | None = None) -> HandedOut:
    """Hand out what is wanted of a certified run; needs the certificate, not the sealed workbooks.

    Everything that can be refused is refused before anything is written; each folder is put in place whole.
    Errors: ``export.nothing_asked``, ``export.inside_run`` (:class:`UsageError`), those of
    :func:`scheduler.pipeline.outfolder.put`, of :func:`read_templates`, of
    :func:`scheduler.export.papers.papers` and of :func:`scheduler.export.tablesql.load_tables`.
    """
    _refuse_vain(run, wanted)
    templates = read_templates(wanted.templates) if wanted.templates else {}
    with opened(run, progress=progress) as folder:
        folder.refuse_voided("export")
        folder.require("certificate")
        return _Handing(folder, Shelf(folder), wanted, templates).all()


def read_templates(folder: Path) -> dict[tuple[str, Kind, Ending], Template]:
    """The templates of a folder: ``检查通知书.docx`` and so on for all departments, in a folder named by a
    department's id for that one alone.

    Errors: ``export.template_name`` (:class:`InputError`), all of them, for anything that is not such a file;
    a misspelt name would else be a template that nobody uses.
    """
    known = {f"{kind}.{ending}": (kind, ending) for kind in KINDS for ending in ENDINGS}
    if not folder.is_dir():
        raise refuse(InputError, "export.templates_missing", {"file": str(folder)})
    found: dict[tuple[str, Kind, Ending], Template] = {}
    problems = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        parts = path.relative_to(folder).parts
        if parts[-1] not in known or len(parts) > 2:
            params: dict[str, Value] = {"known": "、".join(known)}
            problems.append(Problem(code="export.template_name", params=params, place={"file": str(path)}))
            continue
        kind, ending = known[parts[-1]]
        owner = parts[0] if len(parts) == 2 else ""
        found[owner, kind, ending] = Template(name=str(path), data=path.read_bytes())
    if problems:
        raise InputError(problems)
    return found


def _refuse_vain(run: Path, wanted: Wanted) -> None:
    folders = wanted.report or wanted.calendars or wanted.papers or wanted.tables or wanted.visits
    if not folders and wanted.sql is None:
        raise refuse(UsageError, "export.nothing_asked")
    if wanted.templates and not (wanted.papers or wanted.visits):
        raise refuse(UsageError, "export.templates_without_papers")
    if folders and wanted.to.resolve().is_relative_to(run.resolve()):
        raise refuse(UsageError, "export.inside_run", {"file": str(wanted.to)})


class _Handing:
    """One call: what is sealed, read when first needed."""

    def __init__(
        self,
        folder: RunFolder,
        shelf: Shelf,
        wanted: Wanted,
        templates: Mapping[tuple[str, Kind, Ending], Template],
    ) -> None:
        self._folder, self._shelf, self._wanted, self._own = folder, shelf, wanted, templates
        self._notes: list[Problem] = []
        self._parts: list[Part] = []

    def all(self) -> HandedOut:
        wanted = self._wanted
        places = [
            *((PAGES,) if wanted.report else ()),
            *((CALENDARS,) if wanted.calendars else ()),
            *((PAPERS,) if wanted.papers else ()),
            *((TABLES,) if wanted.tables else ()),
            *(f"{SINGLES}/{name}" for name in wanted.visits),
        ]
        for name in places:
            refuse_in_the_way(wanted.to / name, self._plan.settings.campaign_id)
        self._refuse_before()
        if wanted.report:
            self._folder.progress("report.writing")
            self._put(PAGES, self._report())
        if wanted.calendars:
            self._folder.progress("export.writing_calendars")
            self._put(CALENDARS, self._calendars())
        if wanted.papers:
            self._folder.progress("export.writing_papers")
            self._put(PAPERS, self._papers(""))
        for name in wanted.visits:
            self._put(f"{SINGLES}/{name}", self._papers(name))
        loaded = self._tables() if wanted.tables or wanted.sql is not None else None
        return HandedOut(
            run=str(self._folder.path),
            parts=tuple(self._parts),
            database=loaded.database if loaded else "",
            rows=loaded.rows if loaded else {},
            notes=tuple(self._notes),
        )

    def _refuse_before(self) -> None:
        """Programs, templates and visits are looked at before the first folder is written."""
        wanted = self._wanted
        if wanted.calendars and not fill.calendars_there():
            raise refuse(InputError, "export.no_icalendar")
        if wanted.papers or wanted.visits:
            unknown = {owner for owner, _, _ in self._own} - {""}
            unknown -= {row.department_id for row in self._registers.departments}
            if unknown:
                raise refuse(
                    InputError,
                    "export.template_department",
                    {"file": str(wanted.templates)},
                    department=min(unknown),
                )
            fill.check_templates(self._templates)
        seated = {seat.visit_id for seat in self._schedule.seats}
        for name in wanted.visits:
            if name not in seated:
                raise refuse(UsageError, "export.visit_unknown", visit=name)

    @property
    def _plan(self) -> Plan:
        return self._shelf.plan

    @cached_property
    def _certificate(self) -> Certificate:
        return self._shelf.certificate()

    @cached_property
    def _merged(self) -> MergeResult:
        return visits_with(self._shelf.merged, self._shelf.late_orders)

    @cached_property
    def _schedule(self) -> Schedule:
        return schedule_with(self._shelf.schedule(self._certificate.attempt), self._shelf.late_orders)

    @cached_property
    def _registers(self) -> Registers:
        visited = {row.enterprise_id for row in self._merged.visits}
        return registers_with(self._shelf.registers_at(visited), self._shelf.late_orders)

    @cached_property
    def _templates(self) -> Templates:
        """Those of the house, and ours where it has none; of a kind that nothing here can fill, none."""
        endings = ENDINGS if fill.docx_there() else ENDINGS[1:]
        if endings != ENDINGS:
            self._notes.append(Problem(code="export.no_docx"))
        defaults = {("", kind, ending): fill.default(kind, ending) for kind in KINDS for ending in endings}
        own = {key: template for key, template in self._own.items() if key[2] in endings}
        return {**defaults, **own}

    def _report(self) -> Iterator[tuple[str, bytes]]:
        draw = self._shelf.draw_in_force
        yield (
            REPORT,
            report(self._plan, self._registers, draw, self._merged, self._schedule, self._certificate),
        )

    def _calendars(self) -> Iterator[tuple[str, bytes]]:
        return fill.calendars(
            self._plan, self._registers, self._merged, self._schedule, language=self._wanted.language
        )

    def _papers(self, visit: str) -> Iterator[tuple[str, bytes]]:
        templates = self._templates
        endings = tuple(ending for ending in ENDINGS if ("", KINDS[0], ending) in templates)
        yield from fill.papers(
            self._plan,
            self._registers,
            self._merged,
            self._schedule,
            templates,
            visit=visit,
            endings=endings,
        )
        if not visit:
            for (owner, kind, ending), template in templates.items():
                yield f"{DEFAULTS}/{owner + '/' if owner else ''}{kind}.{ending}", template.data

    def _tables(self) -> Any:
        self._folder.progress("export.writing_tables")
        data = (self._folder.path / CERTIFICATE).read_bytes()
        rows = fill.table_rows(
            self._plan,
            self._registers,
            self._merged,
            self._schedule,
            self._certificate,
            certificate_sha256=digest_hex(data, self._folder.profile),
            ledger=[fill.LedgerLine(**_told(entry)) for entry in self._folder.entries],
        )
        if self._wanted.tables:
            files = put(self._wanted.to / TABLES, lambda temp: fill.write_tables(rows, temp), self._facts())
            self._parts.append(Part(folder=str(self._wanted.to / TABLES), n_files=len(files)))
        return None if self._wanted.sql is None else fill.load_tables(self._wanted.sql, rows)

    def _facts(self) -> dict[str, str | int]:
        return {
            "campaign_id": self._plan.settings.campaign_id,
            "attempt": self._certificate.attempt,
            "plan_sha256": self._certificate.plan_sha256,
            "ledger_head": self._folder.entries[-1].hash,
        }

    def _put(self, name: str, files: Iterable[tuple[str, bytes]]) -> None:
        def write(temp: Path) -> Iterator[str]:
            for path, data in files:
                (temp / path).parent.mkdir(parents=True, exist_ok=True)
                (temp / path).write_bytes(data)
                yield path

        written = put(self._wanted.to / name, write, self._facts())
        self._parts.append(Part(folder=str(self._wanted.to / name), n_files=len(written)))


def _told(entry: Any) -> dict[str, Any]:
    names = ("seq", "kind", "stage", "at", "prev", "hash", "facts", "files")
    return {name: getattr(entry, name) for name in names}
