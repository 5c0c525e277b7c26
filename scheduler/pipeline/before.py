"""The stages up to the draw: intake, plan, draw.

In: an open run folder and what is to be sealed. Out: results. May import: intake, draw and the domain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from scheduler import __version__
from scheduler import draw as draw_room
from scheduler import intake as intake_room
from scheduler import verify as verify_room
from scheduler.domain.beacons import QUICKNET
from scheduler.domain.canonical import canonical_json
from scheduler.domain.codec import to_json, write_csv
from scheduler.domain.errors import InputError, Problem, SealError, UsageError, refuse
from scheduler.domain.hands import hands_for
from scheduler.domain.hashes import Profile, digest_hex, file_digest
from scheduler.domain.intake import Change, IntakeReport, Rejected
from scheduler.domain.layout import DELTA, FRAME, FRAME_KEY, IF_ANY, PLAN, SETTINGS, intake_tables
from scheduler.domain.messages import catalogue
from scheduler.domain.plan import (
    Commitment,
    Cutoff,
    DrawnEnterprise,
    DrawnPerson,
    DrawResult,
    Exclusion,
    FrameRow,
    OrderTicket,
    Plan,
)
from scheduler.domain.ports import Progress
from scheduler.domain.registers import TABLES
from scheduler.domain.settings import Settings
from scheduler.pipeline.escrow import refuse_unready, secret_in_escrow
from scheduler.pipeline.folder import RunFolder, refuse_other_folder, silent
from scheduler.pipeline.framekey import frame_key_of, key_text, with_frame_tree
from scheduler.pipeline.importing import (
    Book,
    ImportOptions,
    Read,
    read_for_import,
    refuse_unanswered,
    since_previous,
    told_changes,
    write_book,
)
from scheduler.pipeline.ledger import Fact
from scheduler.pipeline.results import Committed, ComparedWith, Drawn, Imported
from scheduler.pipeline.shelf import Shelf

PROBLEM_FACTS = ("problems_mended", "problems_left", "problems_new")
"""Facts of an import that was compared with an earlier one."""

EXAMPLES = 10
"""Problems of rejected rows told at once: enough to see what is the matter."""


def prepare(campaign_file: Path, run: Path, options: ImportOptions, progress: Progress | None) -> Read | None:
    """Read the campaign before any folder is made; None where the run has an ``intake/`` already."""
    refuse_other_folder(run)
    if (run / "intake").exists():
        return None
    return read_for_import(campaign_file, run, options, progress or silent)


def try_commit(intake: intake_room.Intake) -> Commitment:
    """The commitment without digests, to learn whether the campaign can be committed at all."""
    return draw_room.commit(intake.registers, intake.settings, {}, _rejected_rows(intake.report))


def seal_intake(
    folder: RunFolder, shelf: Shelf, campaign_file: Path, read: Read | None, options: ImportOptions
) -> Imported:
    """Seal the accepted tables, the report, the rejected rows, and what changed since an earlier run."""
    examples: tuple[Problem, ...] = ()
    book = Book()
    fresh = folder.sealed("intake") is None
    if fresh:
        read = read or read_for_import(campaign_file, folder.path, options, folder.progress)
        intake, settings = read.intake, read.intake.settings
        folder.open(
            {"campaign_id": settings.campaign_id, "profile": settings.profile, "version": __version__}
        )
        _refuse_other_id(folder, settings)
        books: list[Book] = []
        digests: dict[str, str] = {}
        folder.seal(
            "intake",
            lambda temp: _write_intake(temp, read, books, digests, folder.progress),
            digests=digests,
        )
        book = books[0]
        if intake.rest:
            intake.rest.close()
        examples = tuple(intake_room.problem_of(line) for line in intake.rejected[:EXAMPLES])
        tables = intake.report.tables  # just sealed: not read again only to be counted
    else:
        _refuse_other_input(folder, shelf, campaign_file)
        settings, tables = shelf.settings, shelf.intake_report.tables
        refuse_unanswered(folder, tables, options)
        folder.progress("pipeline.already_sealed", folder="intake/")
    return Imported(
        run=str(folder.path),
        campaign_id=settings.campaign_id,
        rehearsal=settings.rehearsal,
        rows_read=sum(table.rows_read for table in tables),
        accepted=sum(table.accepted for table in tables),
        rejected=sum(table.rejected for table in tables),
        merged=sum(table.merged for table in tables),
        warnings=sum(table.warnings for table in tables),
        fresh=fresh,
        examples=examples,
        problems_file=book.file,
        n_problems=book.n_problems,
        since=_sealed_since(folder, shelf),
    )


def _sealed_since(folder: RunFolder, shelf: Shelf) -> ComparedWith | None:
    """What the sealed intake says about an earlier run; None where none was named."""
    facts = folder.require("intake").facts
    if "previous_head" not in facts:
        return None
    mended, left, new = (int(facts[name]) for name in PROBLEM_FACTS)
    return ComparedWith(
        head=str(facts["previous_head"]),
        mended=mended,
        left=left,
        new=new,
        registers=told_changes(shelf.delta),
    )


def refuse_other_previous(settings: Settings, previous: Path) -> None:
    """Refuse a campaign that is not the next one after ``previous``, with the checker's own eyes."""
    fault = verify_room.succession_fault(settings, previous)
    if fault is not None:
        raise InputError(fault)


def seal_plan(
    folder: RunFolder,
    shelf: Shelf,
    commitment: Commitment | None = None,
    *,
    frame_key: str = "",
    escrow: Path | None = None,
) -> Committed:
    """Seal plan, frame and exclusions; the plan names the digest of all that later stages read, and the
    root of the tree over the frame, salted with ``frame_key`` (by default one that is made). A plan
    with a secret needs ``escrow``, the file it is put into."""
    fresh = folder.sealed("plan") is None
    if fresh:
        refuse_unready(shelf.settings, folder.path, escrow)
        folder.progress("pipeline.committing")
        digests = committed_digests(folder.require("intake").files, folder.profile)
        made = commitment or draw_room.commit(
            shelf.registers, shelf.settings, digests, _rejected_rows(shelf.intake_report)
        )
        if escrow and "secret" in shelf.settings.entropy.sources:
            secret = secret_in_escrow(folder, shelf.settings, escrow)
            made = replace(made, plan=draw_room.with_secret(made.plan, secret))
        key = frame_key_of(shelf.settings, frame_key)
        folder.seal("plan", lambda temp: _write_plan(temp, made, digests, key))
    else:
        folder.progress("pipeline.already_sealed", folder="plan/")
    plan = shelf.plan
    grammar = next((one for one in plan.entropy if one.kind == "ceremony"), None)
    beacon = next((one for one in plan.entropy if one.kind == "drand"), None)
    number = beacon.round if beacon and beacon.round else 0
    return Committed(
        run=str(folder.path),
        plan_sha256=folder.require("plan").files[PLAN],
        n_frame=shelf.frame_columns.n_rows,
        n_excluded=len(shelf.excluded),
        n_strata=len(plan.strata),
        n_draws=sum(stratum.quota for stratum in plan.strata),
        n_people=sum(pool.quota for pool in plan.pools),
        alphabet=grammar.alphabet if grammar else "",
        length=grammar.length if grammar else 0,
        order=grammar.order if grammar else "",
        sources=tuple(one.kind for one in plan.entropy),
        round=number,
        round_at=QUICKNET.time_of(number).isoformat() if number else "",
        fresh=fresh,
        certain=tuple(one.stratum_id for one in plan.strata if one.quota == one.size),
        impossible=tuple(one.stratum_id for one in plan.strata if one.quota == 0),
    )


def committed_digests(files: Mapping[str, str], profile: Profile) -> dict[str, str]:
    """Of the intake files those that later stages read, the list of changes since an earlier run where there
    is one, and the messages in which reasons are told."""
    read = {SETTINGS, DELTA, *intake_tables(files).values()}
    return {
        **{path: digest for path, digest in files.items() if path in read},
        "messages": messages_digest(profile),
    }


def messages_digest(profile: Profile) -> str:
    """Digest of the texts in which reasons are told, in both languages, whatever files hold them."""
    reasons = {code: texts for code, texts in catalogue().items() if _is_reason(code)}
    return digest_hex(canonical_json(reasons), profile)


def _is_reason(code: str) -> bool:
    """Why somebody was left out before the draw, why a second door, why a visit is not placed."""
    room, name = code.split(".")
    left_out = room == "excluded"
    second_door = room == "merge" and name.startswith("reason_")
    return left_out or second_door or code in ("export.unstaffable", "export.no_room")


def rehearsed_ceremony(
    folder: RunFolder, shelf: Shelf, campaign_file: Path, intake: intake_room.Intake | None
) -> str:
    """The ceremony's text that a rehearsal was given in advance; empty for a real campaign."""
    if folder.sealed("draw") or not shelf.settings.rehearsal:
        return ""
    return (intake or _read(campaign_file, folder.progress)).ceremony or ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """What was entered for the plan's sources: the ceremony's text, the text of the secret's escrow file, the
    text of the beacon's file; empty where nothing was."""

    ceremony: str = ""
    secret: str = ""
    beacon: str = ""

    def anything(self) -> bool:
        """Whether anything was entered at all."""
        return bool(self.ceremony or self.secret or self.beacon)

    def lacks(self, plan: Plan) -> bool:
        """Whether a source of the plan has nothing entered for it."""
        given = {"ceremony": self.ceremony, "secret": self.secret, "drand": self.beacon}
        return not all(given[source.kind] for source in plan.entropy)


def entered_seed(plan: Plan, entered: Entered) -> str:
    """``seed.txt`` of what was entered. Errors: ``draw.secret_other`` for another campaign's escrow file,
    and those of :func:`scheduler.draw.seed_text`."""
    secret = ""
    if entered.secret:
        escrow = draw_room.read_escrow(entered.secret)
        if (escrow.campaign, escrow.slot) != (plan.settings.campaign_id, plan.settings.slot):
            raise refuse(InputError, "draw.secret_other")
        secret = escrow.secret
    return draw_room.seed_text(plan, entered.ceremony, secret=secret, beacon=entered.beacon)


def seal_draw(folder: RunFolder, shelf: Shelf, entered: Entered, *, processes: int = 1) -> Drawn:
    """Tell the ledger which seed is fixed, then draw and seal."""
    fresh = folder.sealed("draw") is None
    if fresh:
        _refuse_other_tables(folder, shelf.plan)
    if entered.anything():
        text = entered_seed(shelf.plan, entered)
        seed = draw_room.seed_of(text, folder.profile)
        _fix_seed(folder, draw_room.seed_commitment(seed, folder.profile))
    elif fresh:
        raise refuse(InputError, "pipeline.no_ceremony")
    if fresh:
        folder.progress("pipeline.drawing")
        drawn = draw_room.draw_columns(
            shelf.plan,
            shelf.frame_columns,
            shelf.excluded,
            shelf.registers_of_draw,
            seed,
            processes=hands_for(folder.path / FRAME, processes),
        )
        folder.seal("draw", lambda temp: _write_draw(temp, drawn, text), unlisted=frozenset({"seed.txt"}))
    else:
        folder.progress("pipeline.already_sealed", folder="draw/")
    return _drawn(folder, shelf.draw, fresh=fresh)


def _refuse_other_tables(folder: RunFolder, plan: Plan) -> None:
    """The tables that are drawn from are those that the plan names, not only those that the ledger lists.

    Errors: ``pipeline.plan_digest`` (:class:`SealError`) for each file that differs, is missing or unnamed.
    """
    listed = {**folder.require("intake").files, **folder.require("plan").files}
    tables = {SETTINGS, *intake_tables(listed).values(), FRAME, FRAME_KEY, "plan/excluded.csv"}
    named = {path for path in plan.digests if "/" in path}
    problems = [
        Problem(code="pipeline.plan_digest", place={"file": path})
        for path in sorted(tables | named)
        if path not in listed or plan.digests.get(path) != listed[path]
    ]
    if problems:
        raise SealError(problems)


def _fix_seed(folder: RunFolder, commitment: str) -> None:
    """The first text entered counts; the line is on the disk before a single ticket is computed."""
    before = folder.entropy()
    if before is None:
        folder.append("entropy", facts={"seed_commitment": commitment})
    elif before.facts.get("seed_commitment") != commitment:
        raise refuse(UsageError, "pipeline.second_draw", {"file": str(folder.path)})


def _drawn(folder: RunFolder, drawn: DrawResult, *, fresh: bool) -> Drawn:
    picked = [row for row in drawn.enterprises if row.drawn]
    return Drawn(
        run=str(folder.path),
        seed_commitment=drawn.seed_commitment,
        n_draws=len(picked),
        n_enterprises=len({row.enterprise_id for row in picked}),
        n_people=len({row.person_id for row in drawn.people if row.drawn}),
        fresh=fresh,
    )


def _read(campaign_file: Path, progress: Progress) -> intake_room.Intake:
    progress("pipeline.reading", file=str(campaign_file))
    return intake_room.read_campaign(campaign_file, progress=progress)


def _rejected_rows(report: IntakeReport) -> int:
    return sum(table.rejected for table in report.tables)


def _refuse_other_id(folder: RunFolder, settings: Settings) -> None:
    told = (folder.entries[0].facts.get("campaign_id"), folder.profile)
    if told != (settings.campaign_id, settings.profile):
        raise refuse(UsageError, "pipeline.other_campaign", {"file": str(folder.path)})


def _refuse_other_input(folder: RunFolder, shelf: Shelf, campaign_file: Path) -> None:
    """A sealed intake must not pass for that of files which say something else by now."""
    if folder.require("intake").facts.get("campaign_sha256") != file_digest(campaign_file, folder.profile):
        raise refuse(UsageError, "pipeline.other_campaign", {"file": str(folder.path)})
    for table in shelf.intake_report.tables:
        source = campaign_file.parent / table.file
        if source.is_file() and file_digest(source, folder.profile) != table.sha256:
            if table.table == "orders" and folder.sealed("draw"):
                raise refuse(UsageError, "pipeline.order_late", {"file": str(source)})
            raise refuse(UsageError, "pipeline.input_changed", {"file": str(source)})


def _write_intake(
    temp: Path, read: Read, books: list[Book], digests: dict[str, str], progress: Progress
) -> dict[str, Fact]:
    """The stage's files; the workbook of problems, which is none of them, is written before they are sealed,
    so that no import stands whose planner was not told, and handed out in ``books``. In ``digests`` that of
    a file of millions of rows, taken as it was written."""
    intake = read.intake
    (temp / "settings.json").write_bytes(to_json(intake.settings))
    (temp / "report.json").write_bytes(to_json(intake.report))
    write_csv(temp / "rejected.csv", Rejected, intake.rejected)
    for name, cls in TABLES.items():
        if name == "enterprises" and intake.rest:
            digests[f"{name}.csv"] = intake.rest.write(
                temp / f"{name}.csv", intake.registers.enterprises, intake.settings.profile
            )
        elif getattr(intake.registers, name) or name not in IF_ANY:
            write_csv(temp / f"{name}.csv", cls, getattr(intake.registers, name))
    since = since_previous(read, temp, progress)
    books.append(write_book(read.options, read.examined, since, progress))
    facts: dict[str, Fact] = {"campaign_sha256": file_digest(read.campaign_file, intake.settings.profile)}
    if since is None:
        return facts
    write_csv(temp / "delta.csv", Change, since.changes)
    counted = zip(PROBLEM_FACTS, (since.mended, since.left, since.new), strict=True)
    return {**facts, "previous_head": since.head, **dict(counted)}


def _write_plan(temp: Path, made: Commitment, digests: Mapping[str, str], frame_key: str) -> dict[str, Fact]:
    write_csv(temp / "frame.csv", FrameRow, made.frame)
    write_csv(temp / "excluded.csv", Exclusion, made.excluded)
    (temp / "frame-key.txt").write_text(key_text(frame_key), encoding="utf-8", newline="")
    names = ("frame.csv", "excluded.csv", "frame-key.txt")
    profile = made.plan.settings.profile
    own = {f"plan/{name}": file_digest(temp / name, profile) for name in names}
    with (temp / "frame.csv").open("rb") as lines:
        plan = with_frame_tree(made.plan, lines, frame_key)
    (temp / "plan.json").write_bytes(to_json(replace(plan, digests={**digests, **own})))
    return {}


def _write_draw(temp: Path, drawn: DrawResult, seed_text: str) -> dict[str, Fact]:
    write_csv(temp / "enterprises.csv", DrawnEnterprise, drawn.enterprises)
    write_csv(temp / "cutoffs.csv", Cutoff, drawn.cutoffs)
    write_csv(temp / "people.csv", DrawnPerson, drawn.people)
    write_csv(temp / "orders.csv", OrderTicket, drawn.orders)
    (temp / "seed.txt").write_text(seed_text, encoding="utf-8", newline="")
    return {"seed_commitment": drawn.seed_commitment}
