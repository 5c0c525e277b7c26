"""The sheet 递补 of the summary: who was called as a reserve, who was replaced, on what ground.

In: the sealed events and the look-ups. Out: a sheet as data. May import: :mod:`scheduler.domain`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scheduler.domain.messages import text
from scheduler.domain.reserves import CalledReserve, Cut, SealedReserve
from scheduler.export.facts import Facts
from scheduler.export.sheets import Column, Sheet, laid_out


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One reserve called in one event, or an event that called nobody (``row`` None)."""

    number: int
    event: SealedReserve
    row: CalledReserve | None
    facts: Facts

    def name(self, person_id: str) -> str:
        """A person's name, empty where the registers have nobody of that id."""
        person = self.facts.inspectors.get(person_id) or self.facts.experts.get(person_id)
        return person.name if person else ""

    @property
    def gone(self) -> str:
        """Who was replaced."""
        person_id = self.event.event.person_id
        name = self.name(person_id)
        return f"{name}（{person_id}）" if name else person_id

    @property
    def ground(self) -> str:
        """The cut that called him, else the reason of the replacement."""
        cuts = {cut.pool_id: cut for cut in self.event.event.cuts}
        if self.row is not None and self.row.pool_id in cuts:
            return _cut(cuts[self.row.pool_id])
        return text(f"reserve.reason_{self.event.event.reason}", "zh")


RESERVE_COLUMNS: tuple[Column[Call], ...] = (
    Column(heading="事件", width=8, cell=lambda call: call.number),
    Column(heading="人员库", width=44, cell=lambda call: call.row.pool_id if call.row else ""),
    Column(heading="次序", width=8, cell=lambda call: call.row.rank if call.row else ""),
    Column(heading="工号", width=16, cell=lambda call: call.row.person_id if call.row else ""),
    Column(heading="姓名", width=20, cell=lambda call: call.name(call.row.person_id) if call.row else ""),
    Column(heading="票号", width=34, cell=lambda call: call.row.ticket if call.row else ""),
    Column(heading="被替换人员", width=24, cell=lambda call: call.gone),
    Column(heading="事由", width=60, cell=lambda call: call.ground),
    Column(heading="证据", width=30, cell=lambda call: call.event.event.evidence),
    Column(heading="决定人", width=20, cell=lambda call: call.event.event.decider),
)


def reserve_sheet(events: Sequence[SealedReserve], facts: Facts, head: str) -> Sheet:
    """One row per reserve called, in the order of the events; one without a reserve's name for somebody
    replaced in whose place nobody was left to come. Headings only where nothing happened."""
    calls = (call for number, event in enumerate(events, start=1) for call in _calls(number, event, facts))
    return laid_out("递补", f"{head} 递补", RESERVE_COLUMNS, calls)


def _calls(number: int, event: SealedReserve, facts: Facts) -> Iterator[Call]:
    for row in event.called or (None,):
        yield Call(number=number, event=event, row=row, facts=facts)


def _cut(cut: Cut) -> str:
    code = "reserve.ground_minutes" if cut.unit == "minutes" else "reserve.ground_visits"
    days = {"start": cut.start.isoformat(), "end": cut.end.isoformat()}
    return text(code, "zh", demand=cut.demand, before=cut.supply_before, **days)
