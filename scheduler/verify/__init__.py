"""The judge of every run, in plain Python: a run folder or evidence in, a certificate or findings out.

May import: :mod:`scheduler.domain` and the standard library; for anchors cryptography and rfc3161-client
where they are installed. Shares no code with the draw, the merge, the
roster problem or any solver: what they did is done again here, differently and more simply.
"""

from scheduler.verify.anchors import OrderVerdict, verify_order, with_order, witness_fault
from scheduler.verify.certify import exit_code, verify_run
from scheduler.verify.drawn import check_draw
from scheduler.verify.evidence import Evidence, Findings
from scheduler.verify.judge import CHECKS, check
from scheduler.verify.keys import read_key
from scheduler.verify.proof import check_proof
from scheduler.verify.stamps import read_roots, stamped_before
from scheduler.verify.succession import succession_fault, with_date, with_previous
from scheduler.verify.witnesses import Registered, read_previous, registered, same_name, statement

__all__ = [
    "CHECKS",
    "Evidence",
    "Findings",
    "OrderVerdict",
    "Registered",
    "check",
    "check_draw",
    "check_proof",
    "exit_code",
    "read_key",
    "read_previous",
    "read_roots",
    "registered",
    "same_name",
    "stamped_before",
    "statement",
    "succession_fault",
    "verify_order",
    "verify_run",
    "with_date",
    "with_order",
    "with_previous",
    "witness_fault",
]
