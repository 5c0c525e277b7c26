"""What each stage tells its caller: small frozen figures, read from what is sealed.

In: nothing. Out: one result class per stage. May import: :mod:`scheduler.domain`.

``fresh`` is true where this call sealed the stage, false where it stood sealed before.
"""

from dataclasses import dataclass

from scheduler.domain.errors import (
    NoAnswerError,
    OneDoorError,
    Problem,
    SealError,
    StaffingError,
    VerificationError,
    refuse,
)
from scheduler.domain.schedule import Certificate


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedWith:
    """How an import differs from that of the run whose ledger's head is ``head``: problems ``mended``,
    ``left`` and ``new``; for each register how many rows entered, left and changed (listed in
    ``intake/delta.csv``)."""

    head: str
    mended: int
    left: int
    new: int
    registers: dict[str, dict[str, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """The registers as accepted: ``rows_read = accepted + rejected + merged``. ``examples`` are the first
    problems of rejected rows, by the call that sealed them; all stand in ``intake/rejected.csv``, and in
    words in the workbook ``problems_file``, which the same call wrote (empty where nothing was to say)."""

    run: str
    campaign_id: str
    rehearsal: bool
    rows_read: int
    accepted: int
    rejected: int
    merged: int
    warnings: int
    fresh: bool
    examples: tuple[Problem, ...] = ()
    problems_file: str = ""
    n_problems: int = 0
    since: ComparedWith | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Committed:
    """The plan as committed. ``n_draws`` is the sum of all quotas, ``n_people`` that of all pools;
    ``certain`` are the strata in which everyone is drawn (n = N), ``impossible`` those in which nobody is;
    ``alphabet``, ``length`` and ``order`` are the grammar of the ceremony to be entered
    (empty and 0 without one), ``sources`` all that has to be entered, ``round`` and ``round_at`` the beacon's
    round and when it is signed (0 and empty without one)."""

    run: str
    plan_sha256: str
    n_frame: int
    n_excluded: int
    n_strata: int
    n_draws: int
    n_people: int
    alphabet: str
    length: int
    order: str
    fresh: bool
    certain: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()
    sources: tuple[str, ...] = ("ceremony",)
    round: int = 0
    round_at: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """The draw: ``n_draws`` pairs of task and enterprise at ``n_enterprises`` enterprises."""

    run: str
    seed_commitment: str
    n_draws: int
    n_enterprises: int
    n_people: int
    fresh: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """Doors before and after merging; see :class:`scheduler.domain.visits.MergeReport`."""

    run: str
    n_requirements: int
    n_visits: int
    doors_unmerged: int
    doors: int
    fresh: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Solved:
    """One sealed attempt. ``n_served`` and ``n_unscheduled`` count requirements; ``stopped`` is ``clock``,
    ``interrupt`` or ``failure`` (of the solver) where that ended it, else empty."""

    run: str
    attempt: int
    method: str
    discretionary: bool
    n_served: int
    n_unscheduled: int
    fresh: bool
    stopped: str = ""

    def cut_short(self) -> NoAnswerError | None:
        """The error where this call's solve was interrupted or the solver failed; what a clock ended was
        asked for like that."""
        codes = {"interrupt": "attempt.interrupted", "failure": "attempt.failed"}
        if self.stopped in codes and self.fresh:
            return NoAnswerError(Problem(code=codes[self.stopped], params={"attempt": self.attempt}))
        return None

    def shortfall(self, *, require_all: bool) -> StaffingError | None:
        """The error where nothing at all is served, or not everything and everything was asked for."""
        if self.n_unscheduled and (require_all or not self.n_served):
            code = "pipeline.not_all_served" if self.n_served else "pipeline.nothing_served"
            problem = Problem(
                code=code, params={"n_served": self.n_served, "n_unscheduled": self.n_unscheduled}
            )
            return StaffingError(problem)
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Certified:
    """The checker's verdict; only ``certified`` is ever sealed."""

    run: str
    certificate: Certificate
    sealed: bool
    fresh: bool

    def failure(self) -> OneDoorError | None:
        """The verdict as an error with every violation: :class:`SealError` where bytes are not those
        sealed, :class:`VerificationError` where a rule is broken, None where it is certified."""
        return failure_of(self.certificate)


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """Files of the ``publish`` or the ``export`` stage, paths in the run folder, sorted."""

    run: str
    stage: str
    files: tuple[str, ...]
    fresh: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class WitnessRegistered:
    """A witness's key told to a ledger; ``head`` is the line's hash, the least head that a plan may name for
    this key to count."""

    run: str
    organ: str
    algorithm: str
    key_sha256: str
    head: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AnchorRequest:
    """What is to be signed or stamped: ``statement`` byte for byte, without a line feed, and ``plan``, the
    path of plan.json."""

    run: str
    plan: str
    plan_sha256: str
    statement: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchored:
    """One sealed anchor: ``what`` is the organ that signed, or the time before which the stamp was given."""

    run: str
    folder: str
    kind: str
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Voided:
    """The void line: who from outside approved it, and ``head``, the ledger's head after it. The next
    campaign of the slot counts ``attempt`` + 1."""

    run: str
    head: str
    attempt: int
    approver: str
    organ: str
    document: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """What the close revealed, see :class:`scheduler.domain.close.Reveal`; ``head`` is the ledger's head,
    which the next campaign names."""

    run: str
    seed: str
    secret: str
    voided: bool
    drawn: bool
    attempt: int
    head: str
    fresh: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RunResult:
    """The whole way, as far as it went. ``waiting`` says that the plan is committed and the ceremony's
    result not yet entered; nothing follows then, nor after a failed verdict."""

    campaign: str
    waiting: bool
    imported: Imported
    committed: Committed
    drawn: Drawn | None = None
    merged: Merged | None = None
    solved: Solved | None = None
    certified: Certified | None = None
    published: Written | None = None
    exported: Written | None = None

    def failure(self, *, require_all: bool = False) -> OneDoorError | None:
        """What makes this run not fine: a failed verdict first, then an interrupt, then a shortfall; None
        where it is."""
        failed = self.certified.failure() if self.certified else self.solved and self.solved.cut_short()
        return failed or (self.solved.shortfall(require_all=require_all) if self.solved else None)


def order_failure(certificate: Certificate) -> VerificationError | None:
    """The error where a proven order was asked for and the checker's verdict is not that."""
    if certificate.order == "proven":
        return None
    return VerificationError([Problem(code="anchor.required"), *(certificate.order_reasons or ())])


def failure_of(certificate: Certificate) -> OneDoorError | None:
    """See :meth:`Certified.failure`."""
    if certificate.verdict == "certified":
        return None
    rules = {violation.rule for violation in certificate.violations}
    error = SealError if rules & {"ledger", "digest"} else VerificationError
    problems = [Problem(code=found.code, params=found.params) for found in certificate.violations]
    return error(problems) if problems else refuse(error, "pipeline.not_certified")
