"""The draw (抽取): who may be drawn, committed first; who is drawn, once the ceremony has spoken.

In: what intake accepted; later the ceremony's text. Out: :class:`scheduler.domain.plan.Commitment`,
then :class:`scheduler.domain.plan.DrawResult`. The contract is docs/draw-spec.md.
May import: the domain, the standard library, numpy (for a fast path; the reference path needs none).
"""

from scheduler.domain.plan import SPEC, SPEC_SHA256
from scheduler.draw.commitment import commit
from scheduler.draw.drawing import draw, order_tickets
from scheduler.draw.entropy import FLAGGED_BELOW_BITS, REFUSED_BELOW_BITS, entropy_bits, seed_text
from scheduler.draw.fast import draw_columns
from scheduler.draw.merkle import FrameTree, Inclusion, frame_records, frame_tree, inclusion
from scheduler.draw.orders import order_problems
from scheduler.draw.secret import (
    Escrow,
    escrow_text,
    make_secret,
    read_escrow,
    secret_commitment,
    with_secret,
)
from scheduler.draw.standing import (
    SealedDraw,
    Standing,
    enterprise_standings,
    person_standings,
    strata_of_enterprise,
)
from scheduler.draw.tickets import seed_commitment, seed_of, ticket

__all__ = [
    "FLAGGED_BELOW_BITS",
    "REFUSED_BELOW_BITS",
    "SPEC",
    "SPEC_SHA256",
    "Escrow",
    "FrameTree",
    "Inclusion",
    "SealedDraw",
    "Standing",
    "commit",
    "draw",
    "draw_columns",
    "enterprise_standings",
    "entropy_bits",
    "escrow_text",
    "frame_records",
    "frame_tree",
    "inclusion",
    "make_secret",
    "order_problems",
    "order_tickets",
    "person_standings",
    "read_escrow",
    "secret_commitment",
    "seed_commitment",
    "seed_of",
    "seed_text",
    "strata_of_enterprise",
    "ticket",
    "with_secret",
]
