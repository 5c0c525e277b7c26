"""The three public files of a draw: ``draw.html``, ``draw.csv``, ``draw.json``.

In: the public view. Out: bytes, the same for the same view. May import: :mod:`scheduler.domain`, jinja2.
"""

import base64
import csv
import datetime as dt
import hashlib
import io
from collections.abc import Sequence
from itertools import groupby
from typing import Literal, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scheduler.domain.canonical import canonical_json, nfc
from scheduler.domain.csvtext import kept_as_text
from scheduler.domain.errors import Value
from scheduler.domain.hashes import HASH_NAMES, HASH_PROGRAMS
from scheduler.domain.messages import text
from scheduler.domain.plan import DrawResult, Plan
from scheduler.domain.registers import Registers
from scheduler.domain.reserves import SealedReserve
from scheduler.domain.rules import RULES
from scheduler.domain.schedule import Certificate
from scheduler.domain.visits import MergeResult
from scheduler.publish.fields import CSV_FIELDS, DRAW_CHECK, JSON_FIELDS, PAGE_FIELDS, SCHEMA
from scheduler.publish.view import View, public_view, select

SCRIPTS = ("hashes.js", "words.js", "tickets.js", "page.js")
"""The page's own script in its order; the commitment's page has the ceremony's big screen besides."""

TICKETS_ON_PAGE = 5_000
"""Above so many tickets in all the page names the table instead of listing them, to stay readable on a
phone; ``draw.csv`` and ``draw.json`` always hold every one."""

MOST_OPEN = 5
"""Tasks up to which all strata stand open; with more each opens on demand, or a phone scrolls for ever."""

CSV_HEADINGS = (
    "演练",
    "任务编号",
    "任务名称",
    "发起部门",
    "信用风险等级",
    "区划",
    "票号组",
    "抽取比例",
    "对象数N",
    "抽取数n",
    "全部抽中",
    "截止票号",
    "次序",
    "抽中票号",
)


def pages(
    plan: Plan,
    draw: DrawResult,
    merged: MergeResult,
    certificate: Certificate,
    registers: Registers,
    reserves: Sequence[SealedReserve] = (),
) -> dict[str, bytes]:
    """File name to bytes of what may be published: no person, no enterprise, no seed.

    ``draw.html`` is one file without any external request, in Chinese and English; ``draw.csv`` has one
    line per drawn ticket (one with empty ticket for a stratum without any), UTF-8 with BOM so that
    spreadsheets read it; ``draw.json`` is canonical JSON with its ``schema``.

    Errors: :class:`~scheduler.domain.errors.InputError` ``publish.mismatch`` where the certificate is of
    another campaign or draw.
    """
    view = public_view(plan, draw, merged, certificate, registers, reserves)
    return {
        "draw.html": _page(select(view, PAGE_FIELDS)),
        "draw.csv": _table(select(view, CSV_FIELDS)),
        "draw.json": canonical_json({"schema": SCHEMA, **select(view, JSON_FIELDS)}) + b"\n",
    }


def _table(view: View) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_HEADINGS)
    rehearsal = view["campaign"][0]["rehearsal"]
    for stratum in view["strata"]:
        cells = [value for name, value in stratum.items() if name != "tickets"]
        for rank, ticket in enumerate(cast(list[str], stratum["tickets"]) or [""], start=1):
            row = [rehearsal, *cells, rank if ticket else "", ticket]
            writer.writerow([cell_text(value) for value in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def cell_text(value: object) -> str:
    """A value as text that a spreadsheet keeps as text."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return kept_as_text(nfc(str(value)))


def _page(view: View) -> bytes:
    return rendered(
        "draw.html",
        view,
        stage="draw",
        check=select(view, DRAW_CHECK),
        rule_text=_rule_text,
        list_tickets=sum(len(cast(list[str], row["tickets"])) for row in view["strata"]) <= TICKETS_ON_PAGE,
        percent=_percent,
    )


def rendered(
    template: str,
    view: View,
    *,
    stage: Literal["commit", "draw", "close"],
    check: View,
    scripts: Sequence[str] = SCRIPTS,
    **more: object,
) -> bytes:
    """A page of this room: one file without any external request, its style and script inside.

    ``check`` is all that the script may compute with; the policy names style and script by their SHA-256.
    """
    environment = Environment(
        loader=PackageLoader("scheduler.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = environment.get_template("page.css").render()
    script = "\n".join(environment.get_template(name).render() for name in scripts)
    campaign = view["campaign"][0]
    first, end = (dt.date.fromisoformat(str(campaign[name])) for name in ("start", "end"))
    html = environment.get_template(template).render(
        view,
        stage=stage,
        window={"first": first, "last": end - dt.timedelta(days=1)},
        most_open=MOST_OPEN,
        say=_say,
        num="{:,}".format,
        hash_names=HASH_NAMES,
        hash_programs=HASH_PROGRAMS,
        rehearsal_mark=text("publish.rehearsal_mark", "zh"),
        rehearsal_word=_say("publish.rehearsal_word"),
        tasks=[list(rows) for _, rows in groupby(view["strata"], key=lambda row: row["task_id"])],
        districts=sorted({str(row["district"]) for row in view["strata"]} - {""}),
        style=Markup(style),  # noqa: S704  # our own style sheet, nothing of the campaign in it
        style_sha256=_named(style),
        script=Markup(script),  # noqa: S704  # our own script, nothing of the campaign in it
        script_sha256=_named(script),
        data=_embedded(check),
        **more,
    )
    # Not normalised as a whole: a name that begins with a combining mark would swallow the tag before it.
    return html.encode()


def _named(source: str) -> str:
    """A style or script as a security policy names it."""
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _embedded(data: View) -> Markup:
    """JSON inside a script element: no ``<`` in it, so that no text can end the element."""
    return Markup(canonical_json(data).decode().replace("<", "\\u003c"))  # noqa: S704  # no markup left


def _say(code: str, /, **params: Value | dt.date) -> Markup:
    """A message in both languages; the switch at the top of the page hides one of them."""
    return _both(text(code, "zh", **params), text(code, "en", **params))


def _both(zh: str, en: str) -> Markup:
    # Escaped here: catalogue texts may carry names of the campaign as parameters.
    return Markup('<span lang="zh-CN">{}</span><span lang="en">{}</span>').format(zh, en)


def _rule_text(name: str) -> Markup:
    for rule in RULES:
        if rule.rule_id == name:
            return _both(rule.zh, rule.en)
    return _say(f"check.{name}")


def _percent(basis_points: int) -> str:
    """``2262`` as ``22.62%``, in integers."""
    return f"{basis_points // 100}.{basis_points % 100:02d}%"
