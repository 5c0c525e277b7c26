"""The sealed stages as domain objects, each compared with its digests before anybody builds on it.

In: an open run folder. Out: registers, plan, draw, visits, schedule, certificate, read once each.
May import: :mod:`scheduler.domain`, the run folder, and the draw for the seed's commitment.
"""

from collections.abc import Container, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from scheduler import draw as draw_room
from scheduler.domain.canonical import canonical_json
from scheduler.domain.close import Reveal
from scheduler.domain.codec import read_csv, read_json
from scheduler.domain.errors import SealError, refuse
from scheduler.domain.frame import FrameColumns
from scheduler.domain.frame_csv import read_frame
from scheduler.domain.hashes import Profile, digest_hex
from scheduler.domain.intake import Change, IntakeReport
from scheduler.domain.late import SealedOrders
from scheduler.domain.layout import (
    CERTIFICATE,
    DELTA,
    INTAKE_REPORT,
    MERGE_REPORT,
    PLAN,
    RESERVE_EVENT,
    REVEAL,
    SEED,
    SETTINGS,
    intake_table,
    intake_tables,
)
from scheduler.domain.layout import attempt as attempt_folder
from scheduler.domain.plan import (
    Cutoff,
    DrawnEnterprise,
    DrawnPerson,
    DrawResult,
    Exclusion,
    FrameRow,
    OrderTicket,
    Plan,
)
from scheduler.domain.registers import TABLES, Enterprise, Order, Registers
from scheduler.domain.reserves import (
    CalledReserve,
    CutPerson,
    CutSeat,
    ReserveEvent,
    SealedReserve,
    people_in_force,
)
from scheduler.domain.schedule import Certificate, Schedule, Seat, SolveReport, Unscheduled
from scheduler.domain.settings import Settings
from scheduler.domain.visits import MergeReport, MergeResult, Requirement, Visit
from scheduler.pipeline.folder import RunFolder

Row = TypeVar("Row")


class Shelf:
    """Reads what is sealed in one run; a stage that is not sealed is refused.

    Errors: ``pipeline.stage_missing`` (:class:`UsageError`), ``pipeline.changed_file`` and
    ``pipeline.missing_file`` (:class:`SealError`).
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._checked: set[str] = set()

    @cached_property
    def settings(self) -> Settings:
        """The campaign's settings as imported."""
        return self._json("intake", Settings, SETTINGS)

    @cached_property
    def intake_report(self) -> IntakeReport:
        """What intake told about its sources."""
        return self._json("intake", IntakeReport, INTAKE_REPORT)

    @cached_property
    def delta(self) -> tuple[Change, ...]:
        """How the registers differ from those of the earlier run that the import named; empty without one."""
        if DELTA not in self._folder.require("intake").files:
            return ()
        return tuple(self._csv("intake", Change, DELTA))

    @cached_property
    def registers(self) -> Registers:
        """All accepted tables."""
        path = intake_table("enterprises")
        return replace(self.registers_of_draw, enterprises=tuple(self._csv("intake", Enterprise, path)))

    @cached_property
    def registers_of_draw(self) -> Registers:
        """All accepted tables but the enterprises, which the draw knows from the frame alone."""
        return self._registers("enterprises")

    @cached_property
    def without_enterprises(self) -> Registers:
        """The registers' small tables: those of enterprises and of past inspections are left empty."""
        return self._registers("enterprises", "history")

    def _registers(self, *left_out: str) -> Registers:
        """The accepted tables of the run, those that are left out empty."""
        paths = intake_tables(self._folder.require("intake").files)
        tables: dict[str, Any] = {
            name: tuple(self._csv("intake", TABLES[name], path))
            for name, path in paths.items()
            if name not in left_out
        }
        return Registers(**dict.fromkeys(left_out, ()), **tables)

    def registers_at(self, enterprise_ids: Container[str]) -> Registers:
        """The small tables, and of the enterprises those named: a metropolis has millions, a roster visits
        some ten thousand."""
        path = self._folder.path / intake_table("enterprises")
        self._check("intake")
        rows = read_csv(Enterprise, path, wanted=enterprise_ids)
        return replace(self.without_enterprises, enterprises=tuple(rows))

    @cached_property
    def plan(self) -> Plan:
        """The committed plan."""
        return self._json("plan", Plan, PLAN)

    @cached_property
    def frame(self) -> tuple[FrameRow, ...]:
        """The committed frame."""
        return tuple(self._csv("plan", FrameRow, "plan/frame.csv"))

    @cached_property
    def frame_columns(self) -> FrameColumns:
        """The committed frame in columns: a metropolis fits into some hundred megabytes."""
        self._check("plan")
        return read_frame(self._folder.path / "plan/frame.csv")

    @cached_property
    def excluded(self) -> tuple[Exclusion, ...]:
        """Who was left out before the draw."""
        return tuple(self._csv("plan", Exclusion, "plan/excluded.csv"))

    @cached_property
    def seed(self) -> str:
        """The seed in hex, from ``seed.txt``; its commitment stands in the ledger, its digest nowhere."""
        self._check("draw")
        try:
            text = (self._folder.path / SEED).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise refuse(SealError, "pipeline.missing_file", {"file": SEED}) from error
        seed = draw_room.seed_of(text, self._folder.profile)
        commitment = draw_room.seed_commitment(seed, self._folder.profile)
        if commitment != self._folder.require("draw").facts.get("seed_commitment"):
            raise refuse(SealError, "pipeline.changed_file", {"file": SEED})
        return seed

    @cached_property
    def draw(self) -> DrawResult:
        """The sealed draw."""
        return DrawResult(
            seed_commitment=str(self._folder.require("draw").facts["seed_commitment"]),
            enterprises=tuple(self._csv("draw", DrawnEnterprise, "draw/enterprises.csv")),
            cutoffs=tuple(self._csv("draw", Cutoff, "draw/cutoffs.csv")),
            people=tuple(self._csv("draw", DrawnPerson, "draw/people.csv")),
            orders=tuple(self._csv("draw", OrderTicket, "draw/orders.csv")),
        )

    @property
    def reserves(self) -> tuple[SealedReserve, ...]:
        """The events that called or replaced people, in order."""
        return tuple(self._reserve(entry.stage) for entry in self._folder.reserves())

    @property
    def draw_in_force(self) -> DrawResult:
        """The draw with everybody ``drawn`` who may be sent after these events, and nobody else."""
        return replace(self.draw, people=people_in_force(self.draw.people, self.reserves))

    @property
    def draw_sha256(self) -> str:
        """Digest of the sealed draw: of the canonical JSON of its files' digests."""
        return draw_digest(self._folder.require("draw").files, self._folder.profile)

    @cached_property
    def merged(self) -> MergeResult:
        """Requirements and visits."""
        return MergeResult(
            requirements=tuple(self._csv("merge", Requirement, "merge/requirements.csv")),
            visits=tuple(self._csv("merge", Visit, "merge/visits.csv")),
            report=self._json("merge", MergeReport, MERGE_REPORT),
        )

    def schedule(self, number: int) -> Schedule:
        """The schedule of a sealed attempt."""
        stage = attempt_folder(number)
        return Schedule(
            seats=tuple(self._csv(stage, Seat, f"{stage}/schedule.csv")),
            unscheduled=tuple(self._csv(stage, Unscheduled, f"{stage}/unscheduled.csv")),
            report=self._json(stage, SolveReport, f"{stage}/solve.json"),
        )

    def _reserve(self, stage: str) -> SealedReserve:
        return SealedReserve(
            event=self._json(stage, ReserveEvent, f"{stage}/{RESERVE_EVENT}"),
            called=tuple(self._csv(stage, CalledReserve, f"{stage}/called.csv")),
            seats=tuple(self._csv(stage, CutSeat, f"{stage}/seats.csv")),
            people=tuple(self._csv(stage, CutPerson, f"{stage}/people.csv")),
        )

    @property
    def late_orders(self) -> tuple[SealedOrders, ...]:
        """The events that brought orders made after the draw, in order."""
        return tuple(self._late(entry.stage) for entry in self._folder.orders())

    def _late(self, stage: str) -> SealedOrders:
        return SealedOrders(
            orders=tuple(self._csv(stage, Order, f"{stage}/orders.csv")),
            requirements=tuple(self._csv(stage, Requirement, f"{stage}/requirements.csv")),
            visits=tuple(self._csv(stage, Visit, f"{stage}/visits.csv")),
            seats=tuple(self._csv(stage, Seat, f"{stage}/schedule.csv")),
            unscheduled=tuple(self._csv(stage, Unscheduled, f"{stage}/unscheduled.csv")),
        )

    def certificate(self) -> Certificate:
        """The certificate in force."""
        return self._json("certificate", Certificate, CERTIFICATE)

    def reveal(self) -> Reveal:
        """What the close revealed."""
        return self._json("close", Reveal, REVEAL)

    def _json(self, stage: str, cls: type[Row], path: str) -> Row:
        self._check(stage)
        return read_json(cls, self._folder.path / path)

    def _csv(self, stage: str, cls: type[Row], path: str) -> Iterator[Row]:
        self._check(stage)
        return read_csv(cls, self._folder.path / path)

    def _check(self, stage: str) -> None:
        if stage not in self._checked:
            self._folder.check([stage])
            self._checked.add(stage)


def draw_digest(files: dict[str, str], profile: Profile) -> str:
    """The name by which a problem and a solve report refer to a sealed draw."""
    return digest_hex(canonical_json(files), profile)
