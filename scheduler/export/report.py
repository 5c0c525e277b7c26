"""The planner's report: one HTML file with everything in it, that opens from a memory stick.

In: plan, registers, draw, merge result, schedule, certificate. Out: bytes, the same for the same input.
May import: :mod:`scheduler.domain`, this room, jinja2.

The file asks the network for nothing; its Content-Security-Policy names its one style and its one script by
their SHA-256. It names officers: it is for the house, not for publication (``report_fields``).
"""

import base64
import datetime as dt
import hashlib
import json
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scheduler.domain.errors import Value
from scheduler.domain.hashes import HASH_NAMES
from scheduler.domain.messages import catalogue, text
from scheduler.domain.plan import DrawResult, Plan
from scheduler.domain.registers import Registers
from scheduler.domain.rules import GOALS, RULES
from scheduler.domain.schedule import Certificate, Schedule
from scheduler.domain.visits import MergeResult
from scheduler.export.mixture import refuse_mixture
from scheduler.export.report_rows import row_sections
from scheduler.export.report_view import View, campaign_sections, ground_of, select

REPORT = "report.html"

SCRIPTS = ("core", "data", "filters", "tables", "calendar", "gantt", "load", "map", "pairs", "main")
"""The report's own script, ``report_<name>.js`` after one another."""

Record = dict[str, Any]


def report(
    plan: Plan,
    registers: Registers,
    draw: DrawResult,
    merged: MergeResult,
    schedule: Schedule,
    certificate: Certificate,
) -> bytes:
    """``report.html``: figures, calendar, Gantt chart, visits, load, map, goals, what is left out, pairs.

    ``draw`` has everybody ``drawn`` who may be sent: the draw in force. Registers, visits and schedule hold
    the orders made after the draw, too. Both languages are inside.

    Errors: :class:`~scheduler.domain.errors.InputError` ``export.mismatch`` where the certificate is of
    another campaign or attempt.
    """
    refuse_mixture(plan, schedule, certificate)
    ground = ground_of(plan, registers, draw, merged, schedule, certificate)
    return _page(select({**campaign_sections(ground), **row_sections(ground)}))


def _page(view: View) -> bytes:
    environment = Environment(
        loader=PackageLoader("scheduler.export"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = _source("report.css")
    script = "\n".join(_source(f"report_{name}.js") for name in SCRIPTS)
    html = environment.get_template("report.html").render(
        it=(it := _record(view, "campaign")),
        window={name: dt.date.fromisoformat(it[name]) for name in ("start", "end")},
        solved=_record(view, "solved"),
        merging=_record(view, "merging"),
        second_doors=_records(view, "second_doors"),
        goals=_records(view, "goals"),
        rules=_records(view, "rules"),
        say=_say,
        goal_text=_goal_text,
        component_text=lambda name: _say(f"export.component_{name}"),
        rule_text=_rule_text,
        hash_names=HASH_NAMES,
        known=catalogue(),
        rehearsal_mark=text("report.rehearsal_mark", "zh"),
        style=Markup(style),  # noqa: S704  # our own style sheet, nothing of the campaign in it
        style_sha256=_named(style),
        script=Markup(script),  # noqa: S704  # our own script, nothing of the campaign in it
        script_sha256=_named(script),
        data=_embedded({"words": _words(), **view}),
    )
    # No normal form over markup: a name that begins with a combining stroke would join the bracket before it.
    return html.encode()


def _source(name: str) -> str:
    return (files("scheduler.export") / "templates" / name).read_text(encoding="utf-8")


def _record(view: View, section: str) -> Record:
    return {name: values[0] for name, values in view[section].items()}


def _records(view: View, section: str) -> list[Record]:
    names = tuple(view[section])
    return [dict(zip(names, row, strict=True)) for row in zip(*view[section].values(), strict=True)]


def _words() -> dict[str, list[str]]:
    """The script's words in both languages, with their parameters still open."""
    start = "report.js_"
    names = sorted(code.removeprefix(start) for code in catalogue() if code.startswith(start))
    return {name: [catalogue()[f"report.js_{name}"][tongue] for tongue in ("zh", "en")] for name in names}


def _named(source: str) -> str:
    """A style or script as a security policy names it."""
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _embedded(data: dict[str, Any]) -> Markup:
    """JSON inside a script element: no ``<`` in it, so that no text can end the element."""
    plain = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return Markup(plain.replace("<", "\\u003c"))  # noqa: S704  # no markup left


def _say(code: str, /, **params: Value | dt.date) -> Markup:
    """A message in both languages; the switch at the top of the page hides one of them."""
    return _both(text(code, "zh", **params), text(code, "en", **params))


def _both(zh: str, en: str) -> Markup:
    # Escaped here: catalogue texts may carry names of the campaign as parameters.
    return Markup('<span lang="zh-CN">{}</span><span lang="en">{}</span>').format(zh, en)


def _goal_text(number: int) -> Markup:
    return next(_both(goal.zh, goal.en) for goal in GOALS if goal.goal == number)


def _rule_text(name: str) -> Markup:
    for rule in RULES:
        if rule.rule_id == name:
            return _both(rule.zh, rule.en)
    return _say(f"check.{name}")
