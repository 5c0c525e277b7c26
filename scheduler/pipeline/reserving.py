"""Reserves called or put in somebody's place, each as a sealed event between merge and solve.

In: an open run folder. Out: ``reserve-001/`` and a result. May import: the rooms and the domain.

Reserves come strictly in ticket order: nobody is skipped but whom an earlier event has taken out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from scheduler import problem as problem_room
from scheduler.domain.canonical import nfc
from scheduler.domain.codec import to_json, write_csv
from scheduler.domain.errors import InputError, Problem, StaffingError, UsageError, Value, refuse
from scheduler.domain.layout import RESERVE_EVENT, RESERVE_FILES
from scheduler.domain.layout import reserve as reserve_folder
from scheduler.domain.plan import DrawnPerson
from scheduler.domain.ports import Progress
from scheduler.domain.reserves import (
    CalledReserve,
    Cut,
    ReplaceReason,
    ReserveEvent,
    ReserveKind,
    SealedReserve,
    still_callable,
)
from scheduler.pipeline.folder import RunFolder, opened
from scheduler.pipeline.ledger import Fact
from scheduler.pipeline.shelf import Shelf

MOST_SIGNS = 1000
REASONS: tuple[ReplaceReason, ...] = get_args(ReplaceReason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reserved:
    """One event: ``called`` are the ids of the reserves who may be sent from now on, by pool and rank;
    ``replaced`` the person they stand for, empty where pools grew. ``pools`` are the pools that called,
    ``short`` those that no reserve left could make large enough; ``n_hopeless`` counts the visits that no
    reserve could staff."""

    run: str
    folder: str
    kind: ReserveKind
    called: tuple[str, ...]
    replaced: str
    pools: tuple[str, ...]
    short: tuple[str, ...] = ()
    n_hopeless: int = 0


def reserve(
    run: Path,
    *,
    replace: str | None = None,
    reason: str | None = None,
    evidence: str | None = None,
    decider: str | None = None,
    progress: Progress | None = None,
) -> Reserved:
    """Call the fewest next reserves that a cut proves necessary; with ``replace`` put the next reserve in
    that person's place.

    Errors (:class:`UsageError`): ``pipeline.stage_missing`` before the merge, ``reserve.after_solve``,
    ``reserve.options`` for a replacement told in part, ``reserve.not_needed`` where no cut shows a shortage;
    ``reserve.none_helps`` (:class:`StaffingError`) where one does and no reserve left could lessen it;
    ``reserve.fact``, ``reserve.not_in_force`` (:class:`InputError`).
    """
    told = {"replace": replace, "reason": reason, "evidence": evidence, "decider": decider}
    missing = [f"--{name}" for name, value in told.items() if value is None]
    if missing and len(missing) < len(told):
        raise refuse(UsageError, "reserve.options", missing=" ".join(missing))
    with opened(run, progress=progress) as folder:
        shelf = Shelf(folder)
        _refuse_moment(folder)
        if missing:
            return _shortage(folder, shelf)
        return _replacement(folder, shelf, {name: nfc(value or "").strip() for name, value in told.items()})


def _refuse_moment(folder: RunFolder) -> None:
    folder.require("merge")
    folder.refuse_voided("reserve")
    if folder.attempts():
        raise refuse(UsageError, "reserve.after_solve")


def _waiting(shelf: Shelf) -> dict[str, tuple[tuple[DrawnPerson, ...], ...]]:
    """Each pool's reserves that may still be called, next one first."""
    people, events = shelf.draw.people, shelf.reserves
    return {
        pool.pool_id: still_callable(people, events, pool.k_max, pool.pool_id) for pool in shelf.plan.pools
    }


def _shortage(folder: RunFolder, shelf: Shelf) -> Reserved:
    folder.progress("reserve.searching", n_visits=len(shelf.merged.visits))
    found = problem_room.reserves_needed(
        shelf.plan, shelf.registers, shelf.merged, shelf.draw_in_force.people, _waiting(shelf)
    )
    if not found.calls:
        if found.short or found.hopeless:
            raise StaffingError(_unhelped(found))
        raise refuse(UsageError, "reserve.not_needed")
    by_pool = sorted(found.calls, key=lambda call: call.cut.pool_id)
    event = SealedReserve(
        event=ReserveEvent(kind="shortage", cuts=tuple(call.cut for call in found.calls)),
        called=tuple(row for call in by_pool for row in call.called),
        seats=tuple(row for call in by_pool for row in call.seats),
        people=tuple(row for call in by_pool for row in call.people),
    )
    stage = _seal(folder, event)
    return Reserved(
        run=str(folder.path),
        folder=stage,
        kind="shortage",
        called=tuple(row.person_id for row in event.called),
        replaced="",
        pools=tuple(call.cut.pool_id for call in found.calls),
        short=found.short,
        n_hopeless=len(found.hopeless),
    )


def _unhelped(found: problem_room.Shortage) -> list[Problem]:
    return [
        *(Problem(code="reserve.none_helps", params={"pool": pool}) for pool in found.short),
        *(Problem(code="reserve.hopeless", params={"visit": visit}) for visit in found.hopeless),
    ]


def _replacement(folder: RunFolder, shelf: Shelf, told: dict[str, str]) -> Reserved:
    person = told["replace"]
    own = sorted(row.pool_id for row in shelf.draw_in_force.people if row.drawn and row.person_id == person)
    reason = next((one for one in REASONS if one == told["reason"]), None)
    problems = [
        Problem(code="reserve.fact", params={"name": f"--{name}"})
        for name, value in told.items()
        if not value or not value.isprintable() or len(value) > MOST_SIGNS
    ]
    problems += [] if own else [Problem(code="reserve.not_in_force", place={"value": person})]
    if problems or reason is None:
        raise InputError(problems or Problem(code="reserve.fact", params={"name": "--reason"}))
    waiting = _waiting(shelf)
    event = SealedReserve(
        event=ReserveEvent(
            kind="replacement",
            person_id=person,
            reason=reason,
            evidence=told["evidence"],
            decider=told["decider"],
        ),
        called=tuple(_called(row, person) for pool in own for unit in waiting[pool][:1] for row in unit),
    )
    return Reserved(
        run=str(folder.path),
        folder=_seal(folder, event),
        kind="replacement",
        called=tuple(row.person_id for row in event.called),
        replaced=person,
        pools=tuple(own),
        short=tuple(pool for pool in own if not waiting[pool]),
    )


def _called(row: DrawnPerson, person: str) -> CalledReserve:
    return CalledReserve(
        pool_id=row.pool_id, rank=row.rank, person_id=row.person_id, ticket=row.ticket, replaces=person
    )


def _seal(folder: RunFolder, event: SealedReserve) -> str:
    return folder.seal(reserve_folder(len(folder.reserves()) + 1), lambda temp: _write(temp, event)).stage


def _write(temp: Path, event: SealedReserve) -> dict[str, Fact]:
    (temp / RESERVE_EVENT).write_bytes(to_json(event.event))
    tables = {"called.csv": event.called, "seats.csv": event.seats, "people.csv": event.people}
    for name, cls in RESERVE_FILES.items():
        write_csv(temp / name, cls, tables[name])
    return {"kind": event.event.kind, "n_called": len(event.called)}


Sentence = tuple[str, dict[str, Value]]
"""A message's code with its parameters."""


def reserve_story(events: Sequence[SealedReserve], ident: str) -> list[Sentence]:
    """What the events made of one person, in order: called, called in somebody's place, replaced."""
    told: list[Sentence] = []
    for number, event in enumerate(events, start=1):
        stage, said = reserve_folder(number), event.event
        cuts = {cut.pool_id: cut for cut in said.cuts}
        for row in event.called:
            params: dict[str, Value] = {"id": ident, "stage": stage, "pool": row.pool_id}
            if row.person_id == ident and row.replaces:
                told.append(("why.called_for", {**params, "person": row.replaces}))
            elif row.person_id == ident:
                told.append(("why.called", params | _shortage_told(cuts[row.pool_id])))
        if said.person_id == ident:
            facts: dict[str, Value] = {"evidence": said.evidence, "decider": said.decider}
            reason = f"reserve.reason_{said.reason}"
            told.append(
                ("why.replaced", {"id": ident, "stage": stage, "reason": reason, "detail": "", **facts})
            )
    return told


def reserve_outcome(story: Sequence[Sentence]) -> str:
    """The last thing that happened to the person by an event; empty where none did."""
    outcomes = {"why.called": "called", "why.called_for": "called", "why.replaced": "replaced"}
    return outcomes[story[-1][0]] if story else ""


def _shortage_told(cut: Cut) -> dict[str, Value]:
    return {
        "n_called": cut.n_called,
        "demand": cut.demand,
        "before": cut.supply_before,
        "supply": cut.supply,
        "start": cut.start.isoformat(),
        "end": cut.end.isoformat(),
    }
