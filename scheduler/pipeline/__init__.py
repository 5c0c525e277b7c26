"""The order of the stages: what is sealed when, and what each stage is built on.

In: a campaign file and a run folder. Out: sealed stages, chained in ``ledger.jsonl``.
May import: the rooms and :mod:`scheduler.domain`; no solver, it is handed one.
"""

from scheduler.pipeline.anchoring import (
    anchor,
    anchor_request,
    attach_signature,
    attach_stamp,
    register_witness,
)
from scheduler.pipeline.asking import Answer, Proved, check_proof, prove, prove_or_check, why
from scheduler.pipeline.batch import BatchResult, BatchRow, campaign_files, run_batch
from scheduler.pipeline.handing import HandedOut, Wanted, hand_out
from scheduler.pipeline.importing import ImportOptions
from scheduler.pipeline.memory import InMemoryRun, solve_in_memory
from scheduler.pipeline.ordering import Ordered, order
from scheduler.pipeline.reserving import Reserved, reserve
from scheduler.pipeline.results import (
    Anchored,
    AnchorRequest,
    Certified,
    Closed,
    Committed,
    ComparedWith,
    Drawn,
    Imported,
    Merged,
    RunResult,
    Solved,
    Voided,
    WitnessRegistered,
    Written,
    failure_of,
    order_failure,
)
from scheduler.pipeline.stages import (
    certify,
    close,
    commit,
    draw,
    export,
    import_campaign,
    merge,
    publish,
    run_all,
    solve,
    void,
)

__all__ = [
    "AnchorRequest",
    "Anchored",
    "Answer",
    "BatchResult",
    "BatchRow",
    "Certified",
    "Closed",
    "Committed",
    "ComparedWith",
    "Drawn",
    "HandedOut",
    "ImportOptions",
    "Imported",
    "InMemoryRun",
    "Merged",
    "Ordered",
    "Proved",
    "Reserved",
    "RunResult",
    "Solved",
    "Voided",
    "Wanted",
    "WitnessRegistered",
    "Written",
    "anchor",
    "anchor_request",
    "attach_signature",
    "attach_stamp",
    "campaign_files",
    "certify",
    "check_proof",
    "close",
    "commit",
    "draw",
    "export",
    "failure_of",
    "hand_out",
    "import_campaign",
    "merge",
    "order",
    "order_failure",
    "prove",
    "prove_or_check",
    "publish",
    "register_witness",
    "reserve",
    "run_all",
    "run_batch",
    "solve",
    "solve_in_memory",
    "void",
    "why",
]
