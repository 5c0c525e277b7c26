"""Where each sealed file stands in a run folder: the one home of these names."""

from scheduler.domain.plan import Cutoff, DrawnEnterprise, DrawnPerson, Exclusion, FrameRow
from scheduler.domain.schedule import Seat, Unscheduled
from scheduler.domain.visits import Requirement, Visit

LEDGER = "ledger.jsonl"
SETTINGS = "intake/settings.json"
INTAKE_REPORT = "intake/report.json"
REJECTED = "intake/rejected.csv"
PLAN = "plan/plan.json"
SEED = "draw/seed.txt"
MERGE_REPORT = "merge/report.json"
CERTIFICATE = "certificate/certificate.json"


def intake_table(name: str) -> str:
    """Path of an accepted table, e.g. ``intake/enterprises.csv``."""
    return f"intake/{name}.csv"


def attempt(number: int) -> str:
    """Folder of one solve attempt, e.g. ``solve-001``: attempts are top-level so that each seals alone."""
    return f"solve-{number:03d}"


TABLE_FILES: dict[str, type] = {
    "plan/frame.csv": FrameRow,
    "plan/excluded.csv": Exclusion,
    "draw/enterprises.csv": DrawnEnterprise,
    "draw/cutoffs.csv": Cutoff,
    "draw/people.csv": DrawnPerson,
    "merge/requirements.csv": Requirement,
    "merge/visits.csv": Visit,
}
"""Sealed tables with a fixed path."""

ATTEMPT_FILES: dict[str, type] = {"schedule.csv": Seat, "unscheduled.csv": Unscheduled}
"""Tables inside an attempt's folder, beside ``solve.json``."""

STAGES = ("intake", "plan", "draw", "merge", "solve", "certificate", "publish", "export")
"""Stage names in order; each is a folder of the run but ``solve``, which has one per attempt."""
