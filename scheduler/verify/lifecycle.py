"""The life of a campaign judged: a beacon not yet public at the commitment, a void approved from outside,
what the close reveals.

In: a folder's state and its plan. Out: cases of ``draw`` that count nothing where all is well, so that a
certificate sealed before the close stays what it is.

When an unrevealed secret fails: as soon as the campaign is void, and always once it is closed. Before that
the certificate says ``unrevealed``, and only who holds the run folder can replay the draw.
"""

import datetime as dt

from scheduler.domain.beacons import CHAINS
from scheduler.domain.canonical import nfc
from scheduler.domain.close import Reveal
from scheduler.domain.errors import OneDoorError, SealError
from scheduler.domain.layout import LEDGER, PLAN, REVEAL, SEED
from scheduler.domain.plan import Plan
from scheduler.domain.registers import Registers
from scheduler.verify.census import seed_of
from scheduler.verify.entropy import commitment_of, committed_secret, secret_in
from scheduler.verify.evidence import Cases
from scheduler.verify.folder import State, document
from scheduler.verify.ledger import Line

VOID_FACTS = ("approver", "organ", "document", "reason")


def void_line(state: State) -> Line | None:
    """The line that declares the campaign void."""
    return next((line for line in state.book.lines if line.kind == "void"), None)


def has_secret(plan: Plan) -> bool:
    """Whether the plan has a secret to reveal."""
    return any(source.kind == "secret" for source in plan.entropy)


def life_cases(state: State, plan: Plan, registers: Registers) -> Cases:
    """What is wrong with the campaign's life beside its stages, and with its hash: that of the ledger has to
    be that of the plan."""
    cases = Cases("draw")
    check_profile(cases, state, plan)
    _check_round(cases, state, plan)
    void, close = void_line(state), state.book.stage("close")
    if void is not None:
        _check_void(cases, void, plan, registers)
        if close is None:
            code = "verify.secret_unrevealed" if has_secret(plan) else "verify.void_undrawn"
            cases.broken(code, file=LEDGER)
    if close is not None:
        _check_close(cases, state, plan, close, voided=void is not None)
    return cases


def check_profile(cases: Cases, state: State, plan: Plan) -> None:
    """The ledger's first line and the plan name one profile."""
    told, planned = state.profile, plan.settings.profile
    if told != planned:
        cases.broken("verify.other_profile", told=told, planned=planned, file=PLAN)


def _check_round(cases: Cases, state: State, plan: Plan) -> None:
    """A real campaign's round must be signed after the plan was sealed; a rehearsal may take an old one."""
    asked = any(one.kind == "drand" for one in plan.entropy) and not plan.settings.rehearsal
    line = state.book.stage("plan")
    chain = CHAINS.get(plan.settings.drand.chain_hash)
    number = plan.settings.drand.round
    if not asked or line is None or chain is None or not 1 <= number <= 10**10:
        return
    try:
        sealed = dt.datetime.fromisoformat(line.at)
    except ValueError:
        return  # the ledger's own fault, told there
    if sealed.tzinfo is not None and chain.time_of(number) <= sealed:
        cases.broken("verify.round_passed", round=number, at=chain.time_of(number).isoformat())


def _check_void(cases: Cases, void: Line, plan: Plan, registers: Registers) -> None:
    own = {plan.settings.authority, *(row.authority for row in registers.departments)}
    own |= {row.name for row in registers.departments}
    told = [void.facts.get(name) for name in VOID_FACTS]
    lawful = (
        all(isinstance(value, str) and value.strip() for value in told)
        and nfc(str(void.facts.get("organ"))).strip() not in {nfc(name).strip() for name in own}
        and void.facts.get("attempt") == plan.settings.attempt
    )
    if not lawful:
        cases.broken("verify.void_line", file=LEDGER, line=void.number)


def _check_close(cases: Cases, state: State, plan: Plan, close: Line, *, voided: bool) -> None:
    try:
        reveal = document(state.run, REVEAL, Reveal)
    except SealError as error:
        cases.broken(error.problems[0].code, file=REVEAL, detail="")
        return
    drawn = state.book.stage("draw") is not None
    text = _sealed_seed_text(state) if drawn else ""
    due = {
        "campaign_id": plan.settings.campaign_id,
        "slot": plan.settings.slot,
        "attempt": plan.settings.attempt,
        "plan_sha256": state.found.get(PLAN, ""),
        "voided": voided,
        "drawn": drawn,
        "seed_text": text,
        "seed": seed_of(text, plan.settings.profile) if drawn else "",
    }
    for name, value in due.items():
        if getattr(reveal, name) != value:
            cases.broken("verify.reveal_differs", name=name, file=REVEAL)
    if drawn and reveal.secret != secret_in(text):
        cases.broken("verify.reveal_differs", name="secret", file=REVEAL)
    committed = commitment_of(reveal.secret, plan.settings.profile) if reveal.secret else ""
    if committed != committed_secret(plan):
        cases.broken("verify.reveal_secret", file=REVEAL)
    if (close.facts.get("voided"), close.facts.get("drawn")) != (voided, drawn):
        cases.broken("verify.reveal_differs", name="facts", file=LEDGER)


def _sealed_seed_text(state: State) -> str:
    """``draw/seed.txt``, empty where it cannot be read, which is told elsewhere."""
    try:
        return (state.run / SEED).read_bytes().decode()
    except (OneDoorError, OSError, ValueError):
        return ""
