"""Command line: words and options in, a pipeline call, figures out.

In: argv. Out: results on stdout, talk on stderr, an exit code (docs/reference/cli.md). May import
everything; the only place that puts a solver into the pipeline. It parses and wires, nothing else.
"""
# ruff: noqa: PLC0415 - pandas, ortools and pydantic are imported by the command that needs them, or
# `onedoor --help` would take seconds

import copy
import datetime as dt
import json
import locale
import math
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import click
from click.exceptions import NoSuchCommand

from scheduler import __version__
from scheduler.domain.errors import InputError, OneDoorError, Problem, UsageError, refuse
from scheduler.domain.messages import Language, catalogue, render, text

if TYPE_CHECKING:
    from scheduler.domain.ports import AssignmentSolver
    from scheduler.pipeline import ImportOptions
    from solvers import Terms

Extent = Literal["rows", "plan"]
Function = TypeVar("Function", bound=Callable[..., Any])
SIZES = ("street", "county", "city", "metro", "wake")
DEMO_SIZES = ("street", "county")
REASONS = ("leave", "recusal", "certificate")
PAUSE_S = 2.0
"""Seconds between two lines of one progress: often enough to see life, seldom enough to read."""

USAGE, INTERRUPTED = 2, 130


class Voice:
    """How this call speaks: its language, and text or JSON on stdout. Progress for the pipeline, too."""

    def __init__(self, language: Language, *, as_json: bool) -> None:
        self.language = language
        self.as_json = as_json
        self._started: dict[str, tuple[float, int]] = {}
        self._told: dict[str, float] = {}
        self._last = ""

    def __call__(self, code: str, /, **params: str | int) -> None:
        """Progress on stderr, with the time left where a share is known; what ended has a name, and its line
        is never left out."""
        now = time.monotonic()
        done, total = params.get("done"), params.get("total")
        line = text(code, self.language, **params)
        if isinstance(done, int) and isinstance(total, int):
            first, before = self._started.get(code, (now, done))
            if done < before:  # the same work begins once more: the time of the round before says nothing
                first = self._told[code] = now
            self._started[code] = first, done
            if done < total and "name" not in params and now - self._told.get(code, first) < PAUSE_S:
                return
            self._told[code] = now
            if 0 < done < total:
                line += self.say("cli.time_left", seconds=round((now - first) * (total - done) / done))
        if line != self._last:
            click.echo(line, err=True)
        self._last = line

    def say(self, code: str, /, **params: str | int) -> str:
        """A message in the language of this call."""
        return text(code, self.language, **params)

    def end(
        self,
        data: dict[str, Any],
        lines: Iterable[str],
        failure: OneDoorError | None = None,
        exit_code: int = 0,
    ) -> int:
        """The result on stdout, what is wrong with it on stderr; returns the exit code."""
        exit_code = failure.exit_code if failure else exit_code
        if self.as_json:
            self._json({**data, **self._error(failure), "exit_code": exit_code})
            return exit_code
        for line in lines:
            click.echo(line)
        self.complain(failure.problems if failure else ())
        return exit_code

    def fail(self, error: OneDoorError) -> int:
        """Nothing but an error."""
        return self.end({}, (), error)

    def complain(self, problems: Iterable[Problem]) -> None:
        """Problems on stderr: where, what, what to do."""
        for problem in problems:
            click.echo(render(problem, self.language), err=True)

    def _error(self, failure: OneDoorError | None) -> dict[str, Any]:
        if failure is None:
            return {}
        problems = [
            {"code": p.code, "params": p.params, "place": p.place, "message": render(p, self.language)}
            for p in failure.problems
        ]
        return {"error": {"problems": problems}}

    @staticmethod
    def _json(data: dict[str, Any]) -> None:
        is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        click.echo(json.dumps(data, ensure_ascii=not is_utf8, indent=2))


def _voice() -> Voice:
    return cast(Voice, click.get_current_context().obj)


def _translated(code: str | None, ctx: click.Context | None) -> str:
    language: Language = ctx.find_root().obj.language if ctx else "en"
    return text(code, language) if code in catalogue() else code or ""


class _Option(click.Option):
    """An option whose help is a message code."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        told = copy.copy(self)
        told.help = _translated(self.help, ctx)
        return click.Option.get_help_record(told, ctx)


class _Command(click.Command):
    """A command whose help is a message code."""

    def get_short_help_str(self, limit: int = 45) -> str:
        return _translated(self.help, click.get_current_context(silent=True))[: limit * 2]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        told = copy.copy(self)
        told.help = _translated(self.help, ctx)
        click.Command.format_help_text(told, ctx, formatter)


class _Group(_Command, click.Group):
    """The program; its commands stand in the order of the stages, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


def _option(*names: str, **attrs: Any) -> Callable[[Function], Function]:
    return click.option(*names, cls=_Option, **attrs)


def _spoken(function: Function) -> Function:
    """Give a command the options that all have; both are read from argv before anything is parsed."""
    function = _option("--lang", type=click.Choice(["zh", "en"]), expose_value=False, help="cli.opt_lang")(
        function
    )
    return _option("--json", is_flag=True, expose_value=False, help="cli.opt_json")(function)


@click.group(cls=_Group, help="cli.help", no_args_is_help=True)
@click.version_option(__version__, prog_name="onedoor")
@_spoken
def onedoor() -> None:
    """The program; its commands follow below."""


def _command(name: str, help_code: str) -> Callable[[Callable[..., int]], click.Command]:
    return lambda function: onedoor.command(name, cls=_Command, help=help_code)(_spoken(function))


_run_argument = click.argument("run", type=click.Path(path_type=Path))
_campaign_argument = click.argument("campaign", type=click.Path(path_type=Path))
_require_all = _option("--require-all", is_flag=True, help="cli.opt_require_all")
_previous = _option("--previous", type=click.Path(path_type=Path), help="anchor.opt_previous")
_roots = _option("--roots", type=click.Path(path_type=Path), help="anchor.opt_roots")
_entropy = _option("--entropy", type=click.Path(path_type=Path), help="cli.opt_entropy")
_secret = _option("--secret", type=click.Path(path_type=Path), help="cli.opt_secret")
_beacon = _option("--beacon", type=click.Path(path_type=Path), help="cli.opt_beacon")
_processes = _option("--processes", type=click.IntRange(min=0), default=0, help="cli.opt_processes")
_escrow = _option("--escrow", type=click.Path(path_type=Path), help="cli.opt_escrow")
_executor = _option("--executor", default="local", show_default=True, help="attempt.opt_executor")


class _Seconds(click.FloatRange):
    """Seconds above 0: neither "nan", which no clock ever passes, nor without end."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        return seconds if math.isfinite(seconds) else self.fail(str(value), param, ctx)


def _solving(function: Function) -> Function:
    """Give a command what every solve takes."""
    function = _option("--other-solver", is_flag=True, help="attempt.opt_other_solver")(function)
    megabytes = click.IntRange(min=1)
    function = _option("--memory-limit", type=megabytes, default=None, help="attempt.opt_memory_limit")(
        function
    )
    function = _option("--time-limit", type=_Seconds(), help="attempt.opt_limit")(function)
    return _executor(function)


def _terms(*, time_limit: float | None, memory_limit: int | None, other_solver: bool) -> "Terms":
    from solvers import Terms

    return Terms(seconds=time_limit or 0, memory_mb=memory_limit or 0, other_version=other_solver)


@contextmanager
def _solver(*, executor: str, processes: int, **given: Any) -> Iterator["AssignmentSolver"]:
    """The solver on these terms; a Ctrl-C while it works is answered by its best roster so far."""
    import solvers

    terms = _terms(**given)
    with solvers.executor_of(executor, processes) as crew:

        def solver(problem: Any, budget: Any, /, **given: Any) -> Any:
            with solvers.stopping_on_signals(terms.stop):
                return solvers.solve(problem, budget, crew, terms=terms, **given)

        yield solver


def _importing(function: Function) -> Function:
    """Give a command the options of an import."""
    path = click.Path(path_type=Path)
    function = _option("--previous", type=path, help="cli.opt_previous_import")(function)
    function = _option("--max-rejects", help="cli.opt_max_rejects")(function)
    return _option("--problems", type=path, help="cli.opt_problems")(function)


def _import_options(
    run: Path, *, problems: Path | None = None, max_rejects: str | None = None, previous: Path | None = None
) -> "ImportOptions":
    """The options as given; the workbook of problems stands beside the run folder unless it is named."""
    from scheduler.pipeline import ImportOptions

    folder = run.resolve() if run.name in {"", ".."} else run
    return ImportOptions(
        problems=problems or folder.with_name(f"{folder.name}-问题清单.xlsx"),
        language=_voice().language,
        max_rejects=max_rejects,
        previous=previous,
    )


@_command("demo", "cli.help_demo")
@_option("--size", type=click.Choice(DEMO_SIZES), default="county", help="cli.opt_demo_size")
@_option("--run", "run_folder", type=click.Path(path_type=Path), default="demo-run", help="cli.opt_run")
def demo(size: str, run_folder: Path) -> int:
    """A campaign made up and run whole, beside each other, with all that is handed out."""
    from instances import cached_campaign
    from scheduler import pipeline

    voice = _voice()
    folder = run_folder.with_name(f"{run_folder.name}-input")
    voice("cli.demo_input", folder=str(folder))
    campaign = cached_campaign(size, folder, progress=voice)
    exit_code = _run(campaign, run_folder, require_all=False)
    if exit_code == 0:
        out = run_folder.with_name(f"{run_folder.name}-导出")
        wanted = pipeline.Wanted(to=out, calendars=True, papers=True, tables=True, language=voice.language)
        voice.complain(pipeline.hand_out(run_folder, wanted, progress=voice).notes)
        voice("cli.demo_look", run=str(run_folder), out=str(out), source=str(campaign.parent))
    return exit_code


@_command("instance", "cli.help_instance")
@click.argument("size", type=click.Choice(SIZES))
@_option("--out", type=click.Path(path_type=Path), required=True, help="cli.opt_instance_out")
@_option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="cli.opt_seed")
@_option("--data", type=click.Path(path_type=Path), help="cli.opt_data")
@_option("--damage", type=click.Choice(["rows", "plan"]), help="cli.opt_damage")
def instance(size: str, out: Path, seed: int, data: Path | None, damage: Extent | None) -> int:
    """The only command with a seed: it makes campaigns up, it draws nobody."""
    from instances import write_campaign, write_damaged, write_wake

    if (size == "wake") != (data is not None) or (damage and data):
        raise refuse(UsageError, "cli.data_for_wake")
    if damage is not None:
        write_damaged(size, out, seed=seed, extent=damage, progress=_voice())
    elif data is None:
        write_campaign(size, out, seed=seed, progress=_voice())
    else:
        write_wake(data, out, progress=_voice())
    campaign = str(out / "campaign.toml")
    return _voice().end({"campaign": campaign}, [_voice().say("cli.done_instance", campaign=campaign)])


@_command("template", "cli.help_template")
@_option("--out", type=click.Path(path_type=Path), required=True, help="cli.opt_template_out")
def template(out: Path) -> int:
    """The workbook that a planner fills in."""
    from scheduler.intake import write_template

    if out.exists():
        raise refuse(UsageError, "cli.template_exists", {"file": str(out)})
    write_template(out)
    return _voice().end({"template": str(out)}, [_voice().say("cli.done_template", template=str(out))])


@_command("import", "cli.help_import")
@_campaign_argument
@_option("--run", "run_folder", type=click.Path(path_type=Path), required=True, help="cli.opt_run")
@_importing
def import_(campaign: Path, run_folder: Path, **asked: Any) -> int:
    """Files to ``intake/``."""
    from scheduler import pipeline

    options = _import_options(run_folder, **asked)
    result = pipeline.import_campaign(campaign, run_folder, options=options, progress=_voice())
    _voice().complain(result.examples)
    return _end(result)


@_command("commit", "cli.help_commit")
@_run_argument
@_option("--frame-key", type=click.Path(path_type=Path), help="cli.opt_frame_key")
@_escrow
@_option("--previous-run", "previous", type=click.Path(path_type=Path), help="cli.opt_previous_run")
def commit(run: Path, frame_key: Path | None, escrow: Path | None, previous: Path | None) -> int:
    """``intake/`` to ``plan/``."""
    from scheduler import pipeline

    key = frame_key.read_text(encoding="ascii", errors="replace") if frame_key else ""
    return _end(pipeline.commit(run, frame_key=key, escrow=escrow, previous=previous, progress=_voice()))


@_command("draw", "cli.help_draw")
@_run_argument
@_entropy
@_secret
@_beacon
@_processes
def draw(run: Path, entropy: Path | None, secret: Path | None, beacon: Path | None, *, processes: int) -> int:
    """``plan/`` and what is entered for its sources to ``draw/``."""
    from scheduler import pipeline

    kept, heard = _text_of(secret), _text_of(beacon)
    return _end(
        pipeline.draw(
            run, _text_of(entropy), secret=kept, beacon=heard, processes=processes, progress=_voice()
        )
    )


@_command("prove", "cli.help_prove")
@click.argument("run", type=click.Path(path_type=Path), required=False)
@click.argument("ident", required=False)
@_option("--out", type=click.Path(path_type=Path), help="cli.opt_out")
@_option("--no-tickets", is_flag=True, help="cli.opt_no_tickets")
@_option("--check", type=click.Path(path_type=Path), help="cli.opt_check")
@_option("--plan-digest", "plan_sha256", default="", help="cli.opt_plan_sha256")
def prove(**given: Any) -> int:
    """That an enterprise stood in the frame: a proof made, or one checked."""
    from scheduler import pipeline

    return _end(pipeline.prove_or_check(**given, progress=_voice()))


@_command("why", "cli.help_why")
@_run_argument
@click.argument("ident")
def why(run: Path, ident: str) -> int:
    """One paragraph about one id."""
    from scheduler import pipeline

    return _end(pipeline.why(run, ident, progress=_voice()))


@_command("merge", "cli.help_merge")
@_run_argument
def merge(run: Path) -> int:
    """``draw/`` to ``merge/``."""
    from scheduler import pipeline

    return _end(pipeline.merge(run, progress=_voice()))


@_command("reserve", "reserve.help")
@_run_argument
@_option("--replace", metavar="ID", help="reserve.opt_replace")
@_option("--reason", type=click.Choice(REASONS), help="reserve.opt_reason")
@_option("--evidence", help="reserve.opt_evidence")
@_option("--decider", help="reserve.opt_decider")
def reserve(run: Path, **given: str | None) -> int:
    """A sealed event between ``merge/`` and ``solve-001/``."""
    from scheduler import pipeline

    return _end(pipeline.reserve(run, **given, progress=_voice()))


@_command("solve", "cli.help_solve")
@_run_argument
@_option("--rounds", type=click.IntRange(min=0), help="cli.opt_rounds")
@_option("--warm-start", type=click.IntRange(min=1), help="attempt.opt_warm_start")
@_require_all
@_solving
@_option("--processes", type=click.IntRange(min=0), default=0, help="attempt.opt_processes")
def solve(run: Path, rounds: int | None, *, warm_start: int | None, require_all: bool, **terms: Any) -> int:
    """``merge/`` to ``solve-001/``."""
    from scheduler import pipeline

    limited = terms["time_limit"] is not None
    with _solver(**terms) as solver:
        result = pipeline.solve(
            run, solver, rounds=rounds, warm_start=warm_start or 0, limited=limited, progress=_voice()
        )
    return _end(result, result.cut_short() or result.shortfall(require_all=require_all))


@_command("order", "order.help")
@_run_argument
@click.argument("file", type=click.Path(path_type=Path))
def order(run: Path, file: Path) -> int:
    """Orders made after the draw, beside the roster in force."""
    from scheduler import pipeline

    return _end(pipeline.order(run, file, progress=_voice()))


@_command("witness", "anchor.help_witness")
@_run_argument
@_option("--key", type=click.Path(path_type=Path), required=True, help="anchor.opt_key")
@_option("--organ", required=True, help="anchor.opt_organ")
def witness(run: Path, key: Path, organ: str) -> int:
    """A key for campaigns to come."""
    from scheduler import pipeline

    return _end(pipeline.register_witness(run, key, organ, progress=_voice()))


@_command("anchor", "anchor.help_anchor")
@_run_argument
@_option("--witness", type=click.Path(path_type=Path), help="anchor.opt_witness")
@_option("--organ", help="anchor.opt_organ")
@_option("--statement", type=click.Path(path_type=Path), help="anchor.opt_statement")
@_option("--stamp", type=click.Path(path_type=Path), help="anchor.opt_stamp")
@_previous
@_roots
def anchor(run: Path, **given: Any) -> int:
    """Proof from outside that the commitment came first."""
    from scheduler import pipeline

    return _end(pipeline.anchor(run, **given, progress=_voice()))


@_command("verify", "cli.help_verify")
@_run_argument
@_option("--seal", is_flag=True, help="cli.opt_seal")
@_option("--attempt", type=click.IntRange(min=1), help="cli.opt_attempt")
@_previous
@_roots
@_option("--require-anchor", is_flag=True, help="anchor.opt_require")
@_option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="cli.opt_as_of")
@_processes
def verify(
    run: Path,
    attempt: int | None,
    *,
    seal: bool,
    require_anchor: bool,
    as_of: dt.datetime | None,
    processes: int,
    **outside: Any,
) -> int:
    """The verdict; nothing is written without ``--seal``."""
    from scheduler import pipeline
    from scheduler import verify as verify_room

    result = pipeline.certify(run, attempt=attempt, processes=processes, progress=_voice()) if seal else None
    # What stands sealed was not looked at by this call, so it is now.
    fresh = result.certificate if result and result.fresh else None
    certificate = fresh or verify_room.verify_run(run, attempt=attempt, processes=processes)
    certificate = verify_room.with_previous(certificate, run, outside["previous"])
    certificate = verify_room.with_date(certificate, run, as_of.date() if as_of else None)
    certificate = verify_room.with_order(certificate, run, **outside)
    unproven = pipeline.order_failure(certificate) if require_anchor else None
    return _end(certificate, pipeline.failure_of(certificate) or unproven)


@_command("publish", "cli.help_publish")
@_run_argument
@_option("--stage", type=click.Choice(["commit", "draw", "close"]), default="draw", help="cli.opt_stage")
def publish(run: Path, stage: Literal["commit", "draw", "close"]) -> int:
    """Public pages to ``publish/``, or to those of another stage."""
    from scheduler import pipeline

    return _end(pipeline.publish(run, stage=stage, progress=_voice()))


@_command("export", "cli.help_export")
@_run_argument
@_option("--report", is_flag=True, help="report.opt_report")
@_option("--calendars", is_flag=True, help="export.opt_calendars")
@_option("--papers", is_flag=True, help="export.opt_papers")
@_option("--tables", is_flag=True, help="export.opt_tables")
@_option("--visit", "visits", metavar="ID", multiple=True, help="export.opt_visit")
@_option("--templates", type=click.Path(path_type=Path), help="export.opt_templates")
@_option("--to", type=click.Path(path_type=Path), help="export.opt_to")
@_option("--sql", metavar="URL", help="export.opt_sql")
def export(run: Path, to: Path | None, **asked: Any) -> int:
    """Workbooks to ``export/``, or what is asked for to a folder outside the run."""
    from scheduler import pipeline

    if to is None and not any(asked.values()) and asked["sql"] is None:
        return _end(pipeline.export(run, progress=_voice()))
    return _hand_out(run, to, **asked)


@_command("void", "cli.help_void")
@_run_argument
@_option("--approver", required=True, help="cli.opt_approver")
@_option("--organ", required=True, help="cli.opt_organ")
@_option("--document", required=True, help="cli.opt_document")
@_option("--reason", required=True, help="cli.opt_reason")
def void(run: Path, **facts: str) -> int:
    """A typed line in the ledger; the list is published all the same."""
    from scheduler import pipeline

    return _end(pipeline.void(run, **facts, progress=_voice()))


@_command("close", "cli.help_close")
@_run_argument
@_secret
def close(run: Path, secret: Path | None) -> int:
    """Seed and secret to ``close/``."""
    from scheduler import pipeline

    return _end(pipeline.close(run, secret=_text_of(secret), progress=_voice()))


@_command("run", "cli.help_run")
@_campaign_argument
@_option("--run", "run_folder", type=click.Path(path_type=Path), required=True, help="cli.opt_run")
@_entropy
@_secret
@_beacon
@_escrow
@_importing
@_require_all
@_solving
@_processes
def run_command(
    campaign: Path,
    run_folder: Path,
    *,
    problems: Path | None,
    max_rejects: str | None,
    previous: Path | None,
    **given: Any,
) -> int:
    """All stages, as far as they can go."""
    options = _import_options(run_folder, problems=problems, max_rejects=max_rejects, previous=previous)
    return _run(campaign, run_folder, options=options, **given)


@_command("batch", "cli.help_batch")
@click.argument("campaigns", type=click.Path(path_type=Path), nargs=-1, required=True)
@_option("--out", type=click.Path(path_type=Path), required=True, help="cli.opt_batch_out")
@_option("--entropy-dir", "entropy", type=click.Path(path_type=Path), help="cli.opt_entropy_dir")
@_solving
@_option("--processes", type=click.IntRange(min=0), default=0, help="attempt.opt_batch_processes")
def batch(
    campaigns: tuple[Path, ...],
    out: Path,
    entropy: Path | None,
    *,
    executor: str,
    processes: int,
    **terms: Any,
) -> int:
    """Many campaigns; the exit code is the worst of theirs."""
    import solvers
    from scheduler import pipeline

    voice = _voice()
    files = pipeline.campaign_files(campaigns)
    alone = executor == "local" and len(files) == 1
    with solvers.executor_of(executor, 1 if alone else processes) as crew:
        result = pipeline.run_batch(
            files,
            out,
            partial(solvers.solve, terms=_terms(**terms)),
            entropy=entropy,
            processes=processes,
            executor=crew,
            language=voice.language,
            progress=voice,
        )
    for name, problems in result.problems.items():
        voice("cli.batch_failed", name=name)
        voice.complain(problems)
    return _end(result, exit_code=result.exit_code)


def _run(  # noqa: PLR0913 - the options of demo and run
    campaign: Path,
    run: Path,
    *,
    require_all: bool,
    processes: int = 0,
    entropy: Path | None = None,
    secret: Path | None = None,
    beacon: Path | None = None,
    escrow: Path | None = None,
    options: "ImportOptions | None" = None,
    executor: str = "local",
    time_limit: float | None = None,
    memory_limit: int | None = None,
    other_solver: bool = False,
) -> int:
    from scheduler import pipeline
    from scheduler.pipeline.attempts import Asked

    terms = {"time_limit": time_limit, "memory_limit": memory_limit, "other_solver": other_solver}
    with _solver(executor=executor, processes=processes, **terms) as solver:
        result = pipeline.run_all(
            campaign,
            run,
            solver,
            _text_of(entropy),
            secret=_text_of(secret),
            beacon=_text_of(beacon),
            escrow=escrow,
            options=options or _import_options(run),
            processes=processes,
            asked=Asked(limited=time_limit is not None),
            progress=_voice(),
        )
    _voice().complain(result.imported.examples)
    return _end(result, result.failure(require_all=require_all))


def _hand_out(run: Path, to: Path | None, **asked: Any) -> int:
    """What is asked for, beside the run folder unless another one is named."""
    from scheduler import pipeline

    folder = run.resolve() if run.name in {"", ".."} else run
    wanted = pipeline.Wanted(
        to=to or folder.with_name(f"{folder.name}-导出"), language=_voice().language, **asked
    )
    result = pipeline.hand_out(run, wanted, progress=_voice())
    _voice().complain(result.notes)
    return _end(result)


def _end(result: Any, failure: OneDoorError | None = None, *, exit_code: int = 0) -> int:
    """A stage's result as text or JSON, then what is wrong with it."""
    from scheduler.domain.codec import to_plain
    from scheduler.pipeline.told import lines

    return _voice().end(to_plain(result), lines(result, _voice().language), failure, exit_code)


def _text_of(path: Path | None) -> str:
    """A file's text as it stands, "" where none was named. What of it counts is the draw's to say.

    Errors: ``cli.entropy_empty`` for an empty file: nothing was entered.
    """
    if path is None:
        return ""
    try:
        entered = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise refuse(InputError, "cli.entropy_file", {"file": str(path)}) from error
    if not entered.strip():
        raise refuse(InputError, "cli.entropy_empty", {"file": str(path)})
    return entered


def _language(argv: Sequence[str]) -> Language:
    """``--lang``, else ONEDOOR_LANG, else the locale's."""
    given = [word.removeprefix("--lang=") for word in argv if word.startswith("--lang=")]
    given += [following for word, following in pairwise(argv) if word == "--lang"]
    wanted = given[-1] if given else os.environ.get("ONEDOOR_LANG") or locale.getlocale()[0] or ""
    return "zh" if wanted.lower().startswith(("zh", "chinese")) else "en"


def call(argv: Sequence[str]) -> int:
    """One call of the program; returns its exit code and lets no traceback out."""
    voice = Voice(_language(argv), as_json="--json" in argv)
    try:
        return onedoor.main(list(argv), prog_name="onedoor", standalone_mode=False, obj=voice) or 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        voice("cli.interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0  # whoever reads had enough; the work is done
    except Exception as error:  # noqa: BLE001 - the last door: a bug is told in one line, not a traceback
        return voice.fail(_as_refusal(error))


def _as_refusal(error: Exception) -> OneDoorError:
    """Every error in the one form that can be told."""
    if isinstance(error, OneDoorError):
        return error
    if isinstance(error, click.ClickException):
        return _usage(error)
    if isinstance(error, OSError) and error.strerror:
        return refuse(InputError, "cli.os_error", {"file": str(error.filename or "")}, detail=error.strerror)
    if os.environ.get("ONEDOOR_DEBUG"):
        traceback.print_exception(error)
    return refuse(OneDoorError, "cli.bug", detail=f"{type(error).__name__}: {error}")


def _usage(error: click.ClickException) -> OneDoorError:
    """The usual slips in the catalogue's words; the rest as click tells it, in English."""
    if isinstance(error, click.NoSuchOption):
        return refuse(UsageError, "cli.no_option", name=error.option_name)
    if isinstance(error, NoSuchCommand):
        return refuse(UsageError, "cli.no_command", name=error.command_name)
    if isinstance(error, click.BadParameter) and error.param is not None:
        return _bad_value(error, error.param)
    return refuse(UsageError, "cli.usage", detail=error.format_message())


def _bad_value(error: click.BadParameter, param: click.Parameter) -> OneDoorError:
    name = param.opts[0] if isinstance(param, click.Option) else param.human_readable_name
    if isinstance(error, click.MissingParameter):
        return refuse(UsageError, "cli.missing_word", name=name)
    if isinstance(param.type, click.Choice):
        return refuse(UsageError, "cli.no_choice", name=name, known="/".join(param.type.choices))
    if isinstance(param.type, click.IntRange):
        return refuse(UsageError, "cli.no_whole_number", name=name, least=str(param.type.min))
    if isinstance(param.type, _Seconds):
        return refuse(UsageError, "cli.no_seconds", name=name)
    return refuse(UsageError, "cli.usage", detail=error.format_message())


def main() -> None:
    """Entry point. A console that lacks a character (cp936 has no ✓) shows ``?`` instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    code = call(sys.argv[1:])
    if code == INTERRUPTED:  # C++ may be at work in a thread, and would abort an ordinary end
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
