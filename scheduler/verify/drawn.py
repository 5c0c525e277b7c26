"""The draw alone, before any roster is made: the sealed frame and seed in, what was drawn compared.

In: a run folder with a sealed draw. Out: violations. Reads neither the register of enterprises nor any
later stage: who stands in the frame is the whole verdict's matter (:func:`scheduler.verify.verify_run`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

from scheduler.domain.errors import OneDoorError
from scheduler.domain.frame import LINE, FrameColumns
from scheduler.domain.frame_csv import read_frame
from scheduler.domain.layout import FRAME, PLAN, TABLE_FILES, intake_table, intake_tables
from scheduler.domain.plan import Exclusion, Plan
from scheduler.domain.registers import TABLES, Registers
from scheduler.domain.schedule import SolveReport, Violation
from scheduler.domain.visits import MergeReport
from scheduler.verify.census import Census, Scopes, seed_of
from scheduler.verify.certify import check_seed, seed_text_of
from scheduler.verify.crew import crew_of, reading
from scheduler.verify.drawing import draw_holds
from scheduler.verify.evidence import Cases, Evidence
from scheduler.verify.exempt import Exemptions
from scheduler.verify.facts import facts_of
from scheduler.verify.folder import State, Table, document, inspect, table_of, unreadable
from scheduler.verify.ledger import ledger_cases, read_book
from scheduler.verify.lifecycle import check_profile
from scheduler.verify.replay import Alike, Ask, Key, Ranking, asked, ranking_of

EXCLUDED = "plan/excluded.csv"
NO_ITEM = "excluded.no_item"
"""The one exclusion that the replay finds for itself (§5); the others it reads."""


def check_draw(run: Path, *, processes: int = 1) -> tuple[Violation, ...]:
    """Replay the sealed draw from the sealed frame; nothing where it holds.

    Every file is compared with the ledger, the plan with none of its sources. The same answer for any
    number of processes. Errors: ``verify.no_ledger``, ``verify.unreadable`` (:class:`SealError`).
    """
    book = read_book(run)
    excluded = tuple(Table(run, EXCLUDED, Exclusion))
    with reading(run / FRAME, exempt_of(excluded), processes) as hands:
        state, digests = inspect(run, book, 0)
        ledger = ledger_cases(book, frozenset(line.number for line in state.base_lines))
        check_seed(state, digests)
        evidence = _evidence(state, excluded)
        check_profile(digests, state, evidence.plan)
        scopes = Scopes(evidence.registers)
        crew = crew_of(hands)
        if crew is None:
            frame = _frame(run)
            ascending, alike = frame.ascending, alike_of(frame, excluded)
            sizes = {key: size for key, (size, _) in alike.items()}
            ask: Ask = partial(asked, alike, processes)
        else:
            ascending, sizes, ask = crew.ascending, crew.sizes, crew.ask
        digests.look(ascending, "verify.unsorted", file=FRAME)
        seed = seed_of(evidence.seed_text, evidence.plan.settings.profile)
        ranking = ranking_of(evidence.plan, scopes.tasks, sizes, scopes.in_frame, seed, ask)
    committed = evidence.plan.digests
    for path in sorted(path for path in committed if "/" in path):
        digests.look(state.found.get(path) == committed[path], "verify.plan_digest", file=path)
    draw = draw_holds(facts_of(evidence, _census(evidence, scopes, sizes, ranking)))
    return (*ledger.violations, *digests.violations, *draw.violations)


def _frame(run: Path) -> FrameColumns:
    try:
        return read_frame(run / FRAME)
    except (OneDoorError, OSError, ValueError) as error:
        raise unreadable(FRAME, error) from error


def _evidence(state: State, excluded: tuple[Exclusion, ...]) -> Evidence:
    """What is sealed up to the draw, with empty tables for all that comes after."""
    known = intake_table("enterprises"), FRAME, EXCLUDED
    paths = intake_tables(state.listed) | {path: path for path in TABLE_FILES}
    rows: dict[str, tuple[Any, ...]] = {
        name: tuple(Table(state.run, path, table_of(path)))
        for name, path in paths.items()
        if path not in known and not path.startswith("merge/")
    }
    return Evidence(
        plan=document(state.run, PLAN, Plan),
        registers=Registers(**{name: rows.get(name, ()) for name in TABLES}),
        frame=(),
        excluded=excluded,
        drawn_enterprises=rows["draw/enterprises.csv"],
        cutoffs=rows["draw/cutoffs.csv"],
        people=rows["draw/people.csv"],
        orders=rows["draw/orders.csv"],
        seed_text=seed_text_of(state),
        requirements=(),
        visits=(),
        merge_report=_empty(MergeReport),
        seats=(),
        unscheduled=(),
        solve_report=_empty(SolveReport),
    )


def _empty(report: type[Any]) -> Any:
    """A report of a stage that is not looked at."""
    blanks: dict[type, object] = {int: 0, str: "", bool: False}
    return report(**{name: blanks.get(kind, ()) for name, kind in get_type_hints(report).items()})


def _census(evidence: Evidence, scopes: Scopes, sizes: Mapping[Key, int], ranking: Ranking) -> Census:
    return Census(
        scopes=scopes,
        sizes=Counter(sizes),
        ids=defaultdict(bytearray),
        ranked=ranking.ranked,
        members=ranking.members,
        outside=ranking.outside,
        lon={},
        lat={},
        kept={},
        frame=Cases("plan"),
        exemptions=Exemptions(evidence.registers, evidence.plan.settings),
    )


def exempt_of(excluded: Iterable[Exclusion]) -> dict[bytes, tuple[str, ...]]:
    """By id the tasks that the plan exempts it from."""
    exempt: dict[bytes, list[str]] = defaultdict(list)
    for out in excluded:
        if out.role == "enterprise" and out.task_id and out.reason != NO_ITEM:
            exempt[out.subject_id.encode()].append(out.task_id)
    return {ident: tuple(sorted(tasks)) for ident, tasks in exempt.items()}


def alike_of(frame: FrameColumns, excluded: Iterable[Exclusion]) -> Alike:
    """The frame by look and class; whoever is exempt from a task by the plan looks like that."""
    exempt = exempt_of(excluded)
    found: dict[Key, list[bytes]] = defaultdict(list)
    for row, joined_ids in frame.ids.items():
        lines = joined_ids.split(LINE)[:-1] if exempt else []
        apart = exempt.keys() & set(lines)
        look = (row.district, row.industry, row.tags)
        rest = joined_ids
        if apart:
            rest = LINE.join([*(one for one in lines if one not in apart), b""])
        for one in sorted(apart):
            found[(*look, exempt[one]), row.risk_class].append(one + LINE)
        found[(*look, ()), row.risk_class].append(rest)
    joined = {key: b"".join(parts) for key, parts in found.items()}
    return {key: (ids.count(LINE), ids) for key, ids in joined.items() if ids}
