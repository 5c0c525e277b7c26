"""Where each sealed file stands in a run folder: the one home of these names."""

from collections.abc import Container

from scheduler.domain.plan import Cutoff, DrawnEnterprise, DrawnPerson, Exclusion, FrameRow, OrderTicket
from scheduler.domain.registers import TABLES, Order
from scheduler.domain.reserves import CalledReserve, CutPerson, CutSeat
from scheduler.domain.schedule import Seat, Unscheduled
from scheduler.domain.visits import Requirement, Visit

LEDGER = "ledger.jsonl"
SETTINGS = "intake/settings.json"
INTAKE_REPORT = "intake/report.json"
REJECTED = "intake/rejected.csv"
DELTA = "intake/delta.csv"
"""How the registers differ from those of an earlier run; there only where one was named."""

PLAN = "plan/plan.json"
FRAME = "plan/frame.csv"
FRAME_KEY = "plan/frame-key.txt"
SEED = "draw/seed.txt"
MERGE_REPORT = "merge/report.json"
CERTIFICATE = "certificate/certificate.json"
REVEAL = "close/reveal.json"


def intake_table(name: str) -> str:
    """Path of an accepted table, e.g. ``intake/enterprises.csv``."""
    return f"intake/{name}.csv"


IF_ANY = frozenset({"neighbours"})
"""Tables that stand in a run folder only where they have rows, so that without them nothing has changed."""


def intake_tables(listed: Container[str]) -> dict[str, str]:
    """Table name to path of every accepted table of a run; ``listed`` are the paths of its sealed files."""
    paths = {name: intake_table(name) for name in TABLES}
    return {name: path for name, path in paths.items() if name not in IF_ANY or path in listed}


def attempt(number: int) -> str:
    """Folder of one solve attempt, e.g. ``solve-001``: attempts are top-level so that each seals alone."""
    return f"solve-{number:03d}"


def reserve(number: int) -> str:
    """Folder of one event that changes who may be sent, e.g. ``reserve-001``."""
    return f"reserve-{number:03d}"


def order(number: int) -> str:
    """Folder of one event that brings orders made after the draw, e.g. ``order-001``."""
    return f"order-{number:03d}"


def anchor(number: int) -> str:
    """Folder of one proof from outside, e.g. ``anchor-001``: a witness's signature, or a time stamp."""
    return f"anchor-{number:03d}"


ANCHOR_FILES = {"witness": ("signature.bin", "statement.txt"), "stamp": ("response.tsr",)}
"""What an anchor's folder holds, by its kind."""

TABLE_FILES: dict[str, type] = {
    "plan/frame.csv": FrameRow,
    "plan/excluded.csv": Exclusion,
    "draw/enterprises.csv": DrawnEnterprise,
    "draw/cutoffs.csv": Cutoff,
    "draw/people.csv": DrawnPerson,
    "draw/orders.csv": OrderTicket,
    "merge/requirements.csv": Requirement,
    "merge/visits.csv": Visit,
}
"""Sealed tables with a fixed path."""

ATTEMPT_FILES: dict[str, type] = {"schedule.csv": Seat, "unscheduled.csv": Unscheduled}
"""Tables inside an attempt's folder, beside ``solve.json``."""

RESERVE_EVENT = "event.json"
RESERVE_FILES: dict[str, type] = {"called.csv": CalledReserve, "seats.csv": CutSeat, "people.csv": CutPerson}
"""What a reserve event's folder holds: the event, and its tables."""

LATE_FILES: dict[str, type] = {
    "orders.csv": Order,
    "requirements.csv": Requirement,
    "visits.csv": Visit,
    **ATTEMPT_FILES,
}
"""What the folder of orders made after the draw holds."""

STAGES = (
    "intake",
    "plan",
    "publish-commit",
    "draw",
    "merge",
    "solve",
    "certificate",
    "publish",
    "export",
    "close",
    "publish-close",
)
"""Stage names in order; each is a folder of the run but ``solve``, which has one per attempt. Reserves are
called (``reserve-001`` …) between merge and solve, or never; orders made after the draw come (``order-001``
…) between a roster and the certificate, or never."""
