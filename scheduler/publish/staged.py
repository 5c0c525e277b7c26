"""What is published before the draw and at the close: ``publish-commit/`` and ``publish-close/``.

In: the plan with its tables; at the close what was revealed. Out: bytes by file name, the same for the same
input. May import: :mod:`scheduler.domain`, this room.

Before the close nothing of the seed comes in here. At the close enterprises are named; people never are.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from scheduler.domain.canonical import canonical_json
from scheduler.domain.close import Reveal
from scheduler.domain.plan import DrawResult, Exclusion, Plan
from scheduler.domain.registers import Registers
from scheduler.domain.reserves import SealedReserve
from scheduler.publish.fields import CLOSE_CHECK, CLOSE_FIELDS, COMMIT_CHECK, COMMIT_FIELDS, VOID_FIELDS
from scheduler.publish.outputs import SCRIPTS, TICKETS_ON_PAGE, cell_text, rendered
from scheduler.publish.view import Record, View, committed_view, select, task_names

COMMIT_SCHEMA = "onedoor.public-commitment/1"
CLOSE_SCHEMA = "onedoor.public-close/1"

DRAWN_HEADINGS = ("演练", "任务编号", "任务名称", "层", "次序", "主体代码", "名称", "票号")


def commit_pages(
    plan: Plan, plan_sha256: str, registers: Registers, excluded: Iterable[Exclusion]
) -> dict[str, bytes]:
    """``commit.html`` and ``commit.json``: digest, slot, attempt, sources, strata with N and n, pools, and
    how many were left out for each reason. No id of an enterprise or a person."""
    reasons = Counter(row.reason for row in excluded)
    view: View = {
        **committed_view(plan, plan_sha256, registers),
        "excluded": [{"reason": reason, "n": n} for reason, n in sorted(reasons.items())],
    }
    view = select(view, COMMIT_FIELDS)
    page = rendered(
        "commit.html",
        view,
        stage="commit",
        check=select(view, COMMIT_CHECK),
        scripts=(*SCRIPTS, *(["ceremony.js"] if any(one.kind == "ceremony" for one in plan.entropy) else [])),
    )
    return {
        "commit.html": page,
        "commit.json": canonical_json({"schema": COMMIT_SCHEMA, **view}) + b"\n",
    }


def close_pages(
    plan: Plan,
    reveal: Reveal,
    drawn: DrawResult | None,
    registers: Registers,
    void: Mapping[str, str],
    reserves: Sequence[SealedReserve] = (),
) -> dict[str, bytes]:
    """``close.html``, ``close.json`` and ``drawn.csv``: seed, secret, ``seed.txt`` and all enterprises drawn,
    with their names; of people only tickets. ``void`` holds the void line's facts, if there is one."""
    committed = committed_view(plan, reveal.plan_sha256, registers)
    cutoffs = {row.stratum_id: row.cutoff for row in drawn.cutoffs} if drawn else {}
    view: View = {
        **committed,
        "commitment": [
            row | {"seed_commitment": drawn.seed_commitment if drawn else ""}
            for row in committed["commitment"]
        ],
        "strata": [
            row | {"ticket_group": one.group, "cutoff": cutoffs.get(one.stratum_id, "")}
            for row, one in zip(committed["strata"], plan.strata, strict=True)
        ],
        "reveal": [
            {
                "seed": reveal.seed,
                "seed_text": reveal.seed_text,
                "secret": reveal.secret,
                "drawn": reveal.drawn,
                "voided": reveal.voided,
            }
        ],
        "void": [{name: void[name] for name in VOID_FIELDS}] if void else [],
        "drawn": _drawn(drawn, registers) if drawn else [],
        "people": _people(drawn, reserves) if drawn else [],
    }
    view = select(view, CLOSE_FIELDS)
    rows = view["drawn"]
    return {
        "close.html": rendered(
            "close.html",
            view,
            stage="close",
            check=select(view, CLOSE_CHECK),
            list_drawn=len(rows) <= TICKETS_ON_PAGE,
            n_drawn=len(rows),
        ),
        "close.json": canonical_json({"schema": CLOSE_SCHEMA, **view}) + b"\n",
        "drawn.csv": _drawn_table(rows, rehearsal=plan.settings.rehearsal),
    }


def _drawn(drawn: DrawResult, registers: Registers) -> list[Record]:
    wanted = {row.enterprise_id for row in drawn.enterprises if row.drawn}
    names = {row.enterprise_id: row.name for row in registers.enterprises if row.enterprise_id in wanted}
    tasks = task_names(registers)
    return [
        {
            "task_id": row.task_id,
            "task": tasks[row.task_id],
            "stratum_id": row.stratum_id,
            "rank": row.rank,
            "enterprise_id": row.enterprise_id,
            "name": names[row.enterprise_id],
            "ticket": row.ticket,
        }
        for row in drawn.enterprises
        if row.drawn
    ]


def _people(drawn: DrawResult, reserves: Sequence[SealedReserve]) -> list[Record]:
    called = {(row.pool_id, row.person_id) for event in reserves for row in event.called}
    replaced = {event.event.person_id for event in reserves}
    return [
        {
            "pool_id": row.pool_id,
            "rank": row.rank,
            "ticket": row.ticket,
            "drawn": row.drawn,
            "called": (row.pool_id, row.person_id) in called,
            "replaced": row.person_id in replaced,
        }
        for row in drawn.people
    ]


def _drawn_table(rows: Iterable[Record], *, rehearsal: bool) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(DRAWN_HEADINGS)
    for row in rows:
        writer.writerow([cell_text(value) for value in (rehearsal, *row.values())])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()
