"""The three public files of a draw: ``draw.html``, ``draw.csv``, ``draw.json``.

In: the public view. Out: bytes, the same for the same view. May import: :mod:`scheduler.domain`, jinja2.
"""

import base64
import csv
import hashlib
import io
from itertools import groupby
from typing import cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scheduler.domain.canonical import canonical_json, nfc
from scheduler.domain.errors import Value
from scheduler.domain.messages import text
from scheduler.domain.plan import DrawResult, Plan
from scheduler.domain.registers import Registers
from scheduler.domain.rules import RULES
from scheduler.domain.schedule import Certificate
from scheduler.domain.visits import MergeResult
from scheduler.publish.view import CSV_FIELDS, JSON_FIELDS, PAGE_FIELDS, SCHEMA, View, public_view, select

TICKETS_ON_PAGE = 5_000
"""Above so many tickets in all the page names the table instead of listing them, to stay readable on a
phone; ``draw.csv`` and ``draw.json`` always hold every one."""

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

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def pages(
    plan: Plan, draw: DrawResult, merged: MergeResult, certificate: Certificate, registers: Registers
) -> dict[str, bytes]:
    """File name to bytes of what may be published: no person, no enterprise, no seed.

    ``draw.html`` is one file without any external request, in Chinese and English; ``draw.csv`` has one
    line per drawn ticket (one with empty ticket for a stratum without any), UTF-8 with BOM so that
    spreadsheets read it; ``draw.json`` is canonical JSON with its ``schema``.

    Errors: :class:`~scheduler.domain.errors.InputError` ``publish.mismatch`` where the certificate is of
    another campaign or draw.
    """
    view = public_view(plan, draw, merged, certificate, registers)
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
    """Text that a spreadsheet keeps as text: an apostrophe goes before what would start a formula."""
    if isinstance(value, bool):
        return "是" if value else "否"
    cell = nfc(str(value))
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _page(view: View) -> bytes:
    return rendered(
        "draw.html",
        view,
        rule_text=_rule_text,
        tasks=[list(rows) for _, rows in groupby(view["strata"], key=lambda row: row["task_id"])],
        list_tickets=sum(len(cast(list[str], row["tickets"])) for row in view["strata"]) <= TICKETS_ON_PAGE,
        percent=_percent,
    )


def rendered(template: str, view: View, **more: object) -> bytes:
    """A page of this room: one file without any external request, its style inside."""
    environment = Environment(
        loader=PackageLoader("scheduler.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = environment.get_template("page.css").render()
    html = environment.get_template(template).render(
        view,
        say=_say,
        rehearsal_mark=text("publish.rehearsal_mark", "zh"),
        style=Markup(style),  # noqa: S704  # our own style sheet, nothing of the campaign in it
        style_sha256=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        **more,
    )
    return nfc(html).encode()


def _say(code: str, /, **params: Value) -> Markup:
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
    """``2262`` as ``22.62 %``, in integers."""
    return f"{basis_points // 100}.{basis_points % 100:02d} %"
