"""The sealed stages as domain objects, each compared with its digests before anybody builds on it.

In: an open run folder. Out: registers, plan, draw, visits, schedule, certificate, read once each.
May import: :mod:`scheduler.domain`, the run folder, and the draw for the seed's commitment.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from scheduler import draw as draw_room
from scheduler.domain.canonical import canonical_json, sha256_hex
from scheduler.domain.close import Reveal
from scheduler.domain.codec import read_csv, read_json
from scheduler.domain.errors import SealError, refuse
from scheduler.domain.frame import FrameColumns
from scheduler.domain.frame_csv import read_frame
from scheduler.domain.intake import IntakeReport
from scheduler.domain.layout import (
    CERTIFICATE,
    INTAKE_REPORT,
    MERGE_REPORT,
    PLAN,
    REVEAL,
    SEED,
    SETTINGS,
    intake_table,
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
from scheduler.domain.registers import TABLES, Enterprise, Registers
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
    def registers(self) -> Registers:
        """All accepted tables."""
        path = intake_table("enterprises")
        return replace(self.registers_of_draw, enterprises=tuple(self._csv("intake", Enterprise, path)))

    @cached_property
    def registers_of_draw(self) -> Registers:
        """All accepted tables but the enterprises, which the draw knows from the frame alone."""
        tables: dict[str, Any] = {
            name: tuple(self._csv("intake", cls, intake_table(name)))
            for name, cls in TABLES.items()
            if name != "enterprises"
        }
        return Registers(enterprises=(), **tables)

    @cached_property
    def without_enterprises(self) -> Registers:
        """The registers' small tables: those of enterprises and of past inspections are left empty."""
        large = ("enterprises", "history")
        tables: dict[str, Any] = {
            name: () if name in large else tuple(self._csv("intake", cls, intake_table(name)))
            for name, cls in TABLES.items()
        }
        return Registers(**tables)

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
            seed = draw_room.seed_of((self._folder.path / SEED).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise refuse(SealError, "pipeline.missing_file", {"file": SEED}) from error
        if draw_room.seed_commitment(seed) != self._folder.require("draw").facts.get("seed_commitment"):
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
    def draw_sha256(self) -> str:
        """Digest of the sealed draw: of the canonical JSON of its files' digests."""
        return draw_digest(self._folder.require("draw").files)

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


def draw_digest(files: dict[str, str]) -> str:
    """The name by which a problem and a solve report refer to a sealed draw."""
    return sha256_hex(canonical_json(files))
