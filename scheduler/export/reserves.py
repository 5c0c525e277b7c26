"""The sheet 递补 of the summary: who was called as a reserve, who was replaced, on what ground.

In: the sealed events and the look-ups. Out: a sheet as data. May import: :mod:`scheduler.domain`.
"""

from collections.abc import Iterator, Sequence

from scheduler.domain.messages import text
from scheduler.domain.reserves import CalledReserve, Cut, SealedReserve
from scheduler.export.facts import Facts
from scheduler.export.sheets import Cell, Column, Sheet

RESERVE_COLUMNS = (
    Column(heading="事件", width=8),
    Column(heading="人员库", width=36),
    Column(heading="次序", width=8),
    Column(heading="工号", width=16),
    Column(heading="姓名", width=14),
    Column(heading="票号", width=66),
    Column(heading="被替换人员", width=22),
    Column(heading="事由", width=60),
    Column(heading="证据", width=30),
    Column(heading="决定人", width=14),
)


def reserve_sheet(events: Sequence[SealedReserve], facts: Facts, head: str) -> Sheet:
    """One row per reserve called, in the order of the events; one without a reserve's name for somebody
    replaced in whose place nobody was left to come. Headings only where nothing happened."""
    rows = [row for number, event in enumerate(events, start=1) for row in _rows(number, event, facts)]
    return Sheet(name="递补", title=f"{head} 递补", columns=RESERVE_COLUMNS, rows=rows)


def _rows(number: int, event: SealedReserve, facts: Facts) -> Iterator[tuple[Cell, ...]]:
    said = event.event
    cuts = {cut.pool_id: cut for cut in said.cuts}
    gone = _name(said.person_id, facts)
    for row in event.called:
        ground = _ground(cuts[row.pool_id]) if row.pool_id in cuts else _reason(event)
        yield (*_called(number, row, facts), gone, ground, said.evidence, said.decider)
    if not event.called:
        yield (number, "", "", "", "", "", gone, _reason(event), said.evidence, said.decider)


def _called(number: int, row: CalledReserve, facts: Facts) -> tuple[Cell, ...]:
    person = facts.inspectors.get(row.person_id) or facts.experts.get(row.person_id)
    return (number, row.pool_id, row.rank, row.person_id, person.name if person else "", row.ticket)


def _name(person_id: str, facts: Facts) -> str:
    person = facts.inspectors.get(person_id) or facts.experts.get(person_id)
    return f"{person.name}（{person_id}）" if person else person_id


def _reason(event: SealedReserve) -> str:
    return text(f"reserve.reason_{event.event.reason}", "zh")


def _ground(cut: Cut) -> str:
    code = "reserve.ground_minutes" if cut.unit == "minutes" else "reserve.ground_visits"
    days = {"start": cut.start.isoformat(), "end": cut.end.isoformat()}
    return text(code, "zh", demand=cut.demand, before=cut.supply_before, **days)
