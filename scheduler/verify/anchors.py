"""Whether the commitment came before the entropy: the proofs from outside, looked at one by one.

In: a run folder, and what the checker brings along: the earlier ledger that the plan names, roots for time
stamps. Out: :class:`OrderVerdict`. May import: :mod:`scheduler.domain` and the room's other files.

Nothing in a run folder can prove the order by itself: who writes the folder writes all of it. So the earlier
ledger and the roots come from the checker, and the sealed certificate never says ``proven``.
"""

import dataclasses
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scheduler.domain.beacons import CHAINS, MOST_ROUND
from scheduler.domain.errors import OneDoorError, Problem, Value
from scheduler.domain.hashes import digest_hex
from scheduler.domain.layout import ANCHOR_FILES, PLAN
from scheduler.domain.plan import EntropySource, Plan
from scheduler.domain.schedule import Certificate
from scheduler.verify.folder import document
from scheduler.verify.ledger import Book, Line, read_book
from scheduler.verify.stamps import read_roots, stamped_before
from scheduler.verify.witnesses import (
    Previous,
    read_previous,
    same_name,
    signature_fault,
    statement,
    statement_fault,
)

LEAST_BITS = 64
"""Less unpredictability than this after a stamp proves nothing: the least a plan may have (DESIGN §5)."""
WITNESSES = 2
"""So many different organs have to sign."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderVerdict:
    """``reasons`` say why, proofs first; each names the anchor's folder where it is about one."""

    order: Literal["proven", "unproven"]
    reasons: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One run as far as anchors need it: its ledger, and the plan with its bytes."""

    run: Path
    book: Book
    plan: Plan
    plan_bytes: bytes

    @property
    def entropy(self) -> Line | None:
        """The first line that tells of entropy."""
        return next((line for line in self.book.lines if line.kind == "entropy"), None)

    def anchors(self, kind: str = "") -> tuple[Line, ...]:
        """The lines of one kind of anchor, or of all, in order."""
        lines = (line for line in self.book.lines if line.kind == "anchor")
        return tuple(line for line in lines if not kind or line.facts.get("kind") == kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Finding:
    """What a route found: ``proofs`` where it proves the order, ``notes`` why it does not, or not alone."""

    proofs: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


def with_order(
    certificate: Certificate, run: Path, *, previous: Path | None = None, roots: Path | None = None
) -> Certificate:
    """The certificate with this checker's verdict on the order; what is sealed stays as it is."""
    verdict = verify_order(run, previous=previous, roots=roots)
    return dataclasses.replace(certificate, order=verdict.order, order_reasons=verdict.reasons)


def verify_order(run: Path, *, previous: Path | None = None, roots: Path | None = None) -> OrderVerdict:
    """Judge every anchor of a run; nothing is written.

    ``previous`` is the ledger file (or run folder) of the earlier campaign that the plan names, ``roots`` a
    PEM file of the certificates the checker trusts for time stamps. What is wrong with either, or with an
    anchor, is a reason, never an exception. Errors: ``verify.no_ledger`` (:class:`SealError`).
    """
    book = read_book(run)
    case = None if book.faults else _case(run, book)
    if case is None:
        return _verdict(_Finding(notes=(Problem(code="anchor.run_broken"),)))
    if not case.anchors():
        return _verdict(_Finding(notes=(Problem(code="anchor.none"),)))
    strange = (line for line in case.anchors() if str(line.facts.get("kind")) not in ANCHOR_FILES)
    findings = [
        _witnesses(case, previous),
        _stamps(case, roots),
        _Finding(notes=tuple(_about(line, "anchor.files_bad") for line in strange)),
    ]
    if case.plan.settings.rehearsal:
        findings = [_without_proofs(found) for found in findings]
        findings.insert(0, _Finding(notes=(Problem(code="anchor.rehearsal"),)))
    return _verdict(*findings)


def _verdict(*findings: _Finding) -> OrderVerdict:
    proofs = tuple(problem for found in findings for problem in found.proofs)
    notes = tuple(problem for found in findings for problem in found.notes)
    return OrderVerdict(order="proven" if proofs else "unproven", reasons=(*proofs, *notes))


def _without_proofs(found: _Finding) -> _Finding:
    """A rehearsal's entropy was written beforehand: its anchors may be sound and still prove nothing."""
    return _Finding(notes=(*found.proofs, *found.notes))


def _case(run: Path, book: Book) -> _Case | None:
    line = book.stage("plan")
    try:
        data = _bytes(run / PLAN)
        if line is None or digest_hex(data, book.profile) != line.files.get(PLAN):
            return None
        return _Case(run=run, book=book, plan=document(run, PLAN, Plan), plan_bytes=data)
    except (OSError, OneDoorError):
        return None


def _witnesses(case: _Case, path: Path | None) -> _Finding:
    lines = case.anchors("witness")
    if not lines:
        return _Finding()
    if path is None:
        return _Finding(notes=(Problem(code="anchor.no_previous", params={"n": len(lines)}),))
    try:
        previous = read_previous(path, case.plan.settings.previous_head)
    except OneDoorError as error:
        return _Finding(notes=error.problems)
    organs: dict[str, str] = {}
    notes: list[Problem] = []
    for line in lines:
        organ = str(line.facts.get("organ", ""))
        wrong = _wrong_witness(case, line, organ, previous, frozenset(organs))
        if wrong is None:
            organs[same_name(organ)] = organ
        else:
            notes.append(wrong)
    told = Problem(
        code="anchor.two_witnesses" if len(organs) >= WITNESSES else "anchor.too_few_witnesses",
        params={"n": len(organs), "organs": "、".join(organs.values()) or "—"},
    )
    if len(organs) >= WITNESSES:
        return _Finding(proofs=(told,), notes=tuple(notes))
    return _Finding(notes=(told, *notes))


def _wrong_witness(
    case: _Case, line: Line, organ: str, previous: Previous, before: frozenset[str]
) -> Problem | None:
    """What is wrong with one signature, None where it counts."""
    files = _files(case, line)
    if files is None:
        return _about(line, "anchor.files_bad")
    if case.entropy is not None and line.number > case.entropy.number:
        return _about(line, "anchor.late")
    digest = digest_hex(case.plan_bytes, case.book.profile)
    try:
        code = witness_fault(case.plan, digest, previous, organ=organ, before=before, files=files)
    except OneDoorError as error:  # an extra or a program that is not there
        return error.problems[0]
    return _about(line, code, organ=organ) if code else None


def witness_fault(
    plan: Plan,
    plan_sha256: str,
    previous: Previous,
    *,
    organ: str,
    before: frozenset[str],
    files: dict[str, bytes],
) -> str:
    """Why an organ's signed statement does not count for this plan, empty where it does.

    ``before`` are the compared names of the organs that signed already, ``files`` the statement and the
    signature by their names. Errors: ``anchor.extra_missing``, ``anchor.sm2_missing`` (:class:`UsageError`).
    """
    found = files["statement.txt"]
    due = statement(plan.settings.campaign_id, plan.settings.slot, plan_sha256)
    fault = statement_fault(found, due)
    if fault:
        return fault
    if same_name(organ) == same_name(plan.settings.authority):
        return "anchor.organ_inside"
    if same_name(organ) in before:
        return "anchor.organ_twice"
    return signature_fault(previous, organ, files["signature.bin"], found)


def _stamps(case: _Case, path: Path | None) -> _Finding:
    lines = case.anchors("stamp")
    if not lines:
        return _Finding()
    if path is None:
        return _Finding(notes=(Problem(code="anchor.no_roots", params={"n": len(lines)}),))
    try:
        roots = read_roots(path.read_bytes(), str(path))
    except OSError:
        return _Finding(notes=(Problem(code="anchor.roots_bad", place={"file": str(path)}),))
    except OneDoorError as error:
        return _Finding(notes=error.problems)
    proofs: list[Problem] = []
    notes: list[Problem] = []
    for line in lines:
        files = _files(case, line)
        if files is None:
            notes.append(_about(line, "anchor.files_bad"))
            continue
        try:
            time = stamped_before(files["response.tsr"], case.plan_bytes, roots, line.stage)
        except OneDoorError as error:
            notes.extend(error.problems)
            continue
        proved, told = _weighed(case, line, time)
        (proofs if proved else notes).append(told)
    return _Finding(proofs=tuple(proofs), notes=tuple(notes))


def _weighed(case: _Case, line: Line, time: dt.datetime) -> tuple[bool, Problem]:
    """Whether enough of the committed entropy has a public time after the stamp's, and what to say."""
    early = _entered_early(case)
    sources = (source for source in case.plan.entropy if not (early and source.kind == "ceremony"))
    times = [(public_time(source, case.plan), source.min_entropy_bits) for source in sources]
    known = [(moment, bits) for moment, bits in times if moment is not None]
    later = [(moment, bits) for moment, bits in known if moment > time]
    shown: dict[str, Value] = {"time": time.isoformat()}
    if later and sum(bits for _, bits in later) >= LEAST_BITS:
        first = min(moment for moment, _ in later)
        return True, _about(line, "anchor.stamp_before", entropy=first.isoformat(), **shown)
    if early:
        return False, _about(line, "anchor.entropy_early", **shown)
    if known:
        last = max(moment for moment, _ in known)
        return False, _about(line, "anchor.stamp_late", entropy=last.isoformat(), **shown)
    return False, _about(line, "anchor.stamp_alone", **shown)


def public_time(source: EntropySource, plan: Plan) -> dt.datetime | None:
    """When the public learns this source: a beacon's round by its pinned chain, a ceremony at its announced
    time; None where no time is committed, and for a secret, which is older than the plan."""
    if source.kind == "drand":
        chain, number = CHAINS.get(source.chain_hash or ""), source.round or 0
        return chain.time_of(number) if chain and 1 <= number <= MOST_ROUND else None
    return _moment(plan.settings.ceremony.at) if source.kind == "ceremony" else None


def _entered_early(case: _Case) -> bool:
    """Whether the run's own ledger says that entropy was entered before the announced ceremony."""
    at = _moment(case.plan.settings.ceremony.at)
    entered = _moment(case.entropy.at) if case.entropy else None
    held = any(source.kind == "ceremony" for source in case.plan.entropy)
    return held and at is not None and entered is not None and entered < at


def _moment(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _files(case: _Case, line: Line) -> dict[str, bytes] | None:
    """An anchor's files by name, None where they are not just those that were sealed."""
    names = ANCHOR_FILES[str(line.facts["kind"])]
    if set(line.files) != {f"{line.stage}/{name}" for name in names}:
        return None
    try:
        files = {name: _bytes(case.run / line.stage / name) for name in names}
    except OSError:
        return None
    same = all(
        digest_hex(files[name], case.book.profile) == line.files[f"{line.stage}/{name}"] for name in names
    )
    return files if same else None


def _bytes(path: Path) -> bytes:
    """A regular file's bytes: a pipe or a device put in its place would be waited for without end."""
    if path.is_symlink() or not path.is_file():
        raise FileNotFoundError(path)
    return path.read_bytes()


def _about(line: Line, code: str, **params: Value) -> Problem:
    return Problem(code=code, place={"file": f"{line.stage}/"}, params=params)
