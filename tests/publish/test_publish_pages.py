"""What the public may see, and what must never be there."""

import base64
import csv
import dataclasses
import datetime as dt
import hashlib
import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from typing import Any, get_type_hints

import pytest
from finished import CEREMONY_TEXT, SEED, finished
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from scheduler.domain.errors import InputError
from scheduler.domain.plan import EntropySource, Stratum
from scheduler.domain.registers import TABLES, Registers
from scheduler.domain.rules import RULES
from scheduler.domain.schedule import Violation
from scheduler.publish import pages
from scheduler.publish.fields import CSV_FIELDS, JSON_FIELDS, PAGE_FIELDS
from scheduler.publish.outputs import CSV_HEADINGS
from scheduler.publish.view import public_view, select

MARK = "ZZMARKZZ"


def campaign() -> dict[str, Any]:
    """What :func:`pages` is given."""
    case = finished()
    return {name: case[name] for name in ("plan", "draw", "merged", "certificate", "registers")}


def _texts(out: dict[str, bytes]) -> str:
    return "\n".join(data.decode("utf-8-sig") for data in out.values())


class _Reader(HTMLParser):
    """Collects tags, attributes and the visible text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _read(page: bytes) -> _Reader:
    reader = _Reader()
    reader.feed(page.decode())
    return reader


def test_the_three_files_are_the_same_bytes_twice() -> None:
    assert pages(**campaign()) == pages(**campaign())
    assert set(pages(**campaign())) == {"draw.html", "draw.csv", "draw.json"}


# --- redaction -------------------------------------------------------------------------------------------

_PUBLIC = {
    # Departments, items and tasks are published plan facts; the calendar holds no person and no firm.
    "departments",
    "items",
    "tasks",
    "calendar",
}


def _marked(row: Any) -> Any:
    """The row with a marker in every text field that is not a closed list of words."""
    hints = get_type_hints(type(row))
    changes = {
        field.name: (MARK,) if hints[field.name] == tuple[str, ...] else f"{MARK}{getattr(row, field.name)}"
        for field in dataclasses.fields(row)
        if hints[field.name] in (str, tuple[str, ...])
    }
    return replace(row, **changes)


def _with_markers(registers: Registers) -> Registers:
    tables = {
        name: tuple(_marked(row) for row in getattr(registers, name))
        for name in TABLES
        if name not in _PUBLIC
    }
    assert all(tables[name] for name in ("enterprises", "inspectors", "experts", "recusals", "leave"))
    return replace(registers, **tables)


def test_no_output_holds_a_person_an_enterprise_the_seed_or_the_ceremony() -> None:
    case = campaign()
    case["registers"] = _with_markers(case["registers"])
    case["draw"] = replace(
        case["draw"],
        enterprises=tuple(replace(row, enterprise_id=MARK) for row in case["draw"].enterprises),
        people=tuple(replace(row, person_id=MARK, ticket=MARK) for row in case["draw"].people),
    )
    report = case["merged"].report
    case["merged"] = replace(
        case["merged"],
        requirements=tuple(replace(r, enterprise_id=MARK) for r in case["merged"].requirements),
        report=replace(
            report,
            second_doors=tuple(replace(d, enterprise_id=MARK, witness=(MARK,)) for d in report.second_doors),
        ),
    )
    case["certificate"] = replace(
        case["certificate"],
        violations=(Violation(rule="R07", code="verify.x", params={"person": MARK, "enterprise": MARK}),),
        digests={"draw/seed.txt": MARK, "draw/enterprises.csv": MARK},
    )
    shown = _texts(pages(**case))
    assert MARK not in shown
    assert SEED not in shown
    assert CEREMONY_TEXT not in shown
    for row in campaign()["registers"].enterprises + campaign()["registers"].inspectors:
        assert row.name not in shown


def test_reserves_are_not_shown() -> None:
    case = campaign()
    shown = _texts(pages(**case))
    drawn = {row.ticket for row in case["draw"].enterprises if row.drawn}
    reserves = {row.ticket for row in case["draw"].enterprises if not row.drawn} - drawn
    assert reserves
    assert all(ticket in shown for ticket in drawn)
    assert not [ticket for ticket in reserves if ticket in shown]


def test_the_data_file_holds_exactly_its_declared_fields() -> None:
    data = json.loads(pages(**campaign())["draw.json"])
    assert data.pop("schema") == "onedoor.public-draw/1"
    found = {f"{section}.{name}" for section, rows in data.items() for row in rows for name in row}
    assert found == set(JSON_FIELDS)
    assert set(PAGE_FIELDS) <= set(JSON_FIELDS)
    assert set(CSV_FIELDS) <= set(JSON_FIELDS)


def test_an_undeclared_field_cannot_be_selected() -> None:
    view = public_view(**campaign())
    assert select(view, ("strata.size",)) == {"strata": [{"size": row["size"]} for row in view["strata"]]}
    with pytest.raises(KeyError):
        select(view, ("strata.enterprise_id",))


def test_a_certificate_of_another_draw_is_refused() -> None:
    case = campaign()
    case["certificate"] = replace(case["certificate"], seed_commitment="0" * 64)
    with pytest.raises(InputError, match=r"publish\.mismatch"):
        pages(**case)


# --- the page --------------------------------------------------------------------------------------------


def test_the_page_asks_for_nothing_outside_and_runs_its_own_script_only() -> None:
    page = pages(**campaign())["draw.html"]
    reader = _read(page)
    assert not {"img", "link", "iframe", "a", "object"} & set(reader.tags)
    assert reader.tags.count("script") == 2  # the data and the script
    assert not [
        name for name, _ in reader.attributes if name in {"src", "href", "style"} or name.startswith("on")
    ]
    assert b"http:" not in page.replace(b"http-equiv", b"")
    assert b"https:" not in page
    assert b"url(" not in page
    assert b"@import" not in page


def test_the_security_policy_admits_style_and_script_of_the_page_and_nothing_else() -> None:
    page = pages(**campaign())["draw.html"].decode()
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert style
    assert script
    assert policy
    names = [base64.b64encode(hashlib.sha256(one[1].encode()).digest()).decode() for one in (style, script)]
    assert policy[1] == (
        f"default-src 'none'; style-src 'sha256-{names[0]}'; script-src 'sha256-{names[1]}';"
        " base-uri 'none'; form-action 'none'"
    )


def test_every_sentence_stands_in_both_languages() -> None:
    reader = _read(pages(**campaign())["draw.html"])
    languages = [value for name, value in reader.attributes if name == "lang"]
    assert languages[0] == "zh-CN"
    assert languages.count("zh-CN") - 1 == languages.count("en") > 50


def test_markup_in_names_stays_text() -> None:
    name = "<script>alert(1)</script>&\"'青石"
    case = campaign()
    case["plan"] = replace(case["plan"], settings=replace(case["plan"].settings, name=name, authority=name))
    case["registers"] = replace(
        case["registers"],
        tasks=tuple(replace(row, name=name) for row in case["registers"].tasks),
        departments=tuple(replace(row, name=name) for row in case["registers"].departments),
    )
    out = pages(**case)
    reader = _read(out["draw.html"])
    assert reader.tags.count("script") == 2  # the data and the script of the page itself
    assert name in reader.text
    assert json.loads(out["draw.json"])["campaign"][0]["name"] == name


def test_a_name_that_begins_with_a_combining_mark_leaves_the_tag_before_it_whole() -> None:
    case = campaign()
    name = "\u0338青石"  # composes with a ">" before it
    case["plan"] = replace(case["plan"], settings=replace(case["plan"].settings, name=name))
    assert "\u226f" not in pages(**case)["draw.html"].decode()


@pytest.mark.parametrize("rehearsal", [True, False])
def test_a_rehearsal_says_so_and_a_real_draw_does_not(rehearsal: bool) -> None:  # noqa: FBT001  # a case
    case = campaign()
    case["plan"] = replace(case["plan"], settings=replace(case["plan"].settings, rehearsal=rehearsal))
    out = pages(**case)
    assert ("演练" in out["draw.html"].decode()) == rehearsal
    assert ("Rehearsal:" in out["draw.html"].decode()) == rehearsal
    assert json.loads(out["draw.json"])["campaign"][0]["rehearsal"] is rehearsal
    assert _rows(out["draw.csv"])[1][0] == ("是" if rehearsal else "否")


def test_the_page_says_that_a_plan_without_secret_is_open_from_the_draw() -> None:
    page = pages(**campaign())["draw.html"].decode()
    assert "自抽取之时起公开" in page
    assert "Open from the draw" in page


def test_the_page_says_order_unproven_until_it_is_proven() -> None:
    case = campaign()
    assert "order unproven" in pages(**case)["draw.html"].decode()
    case["certificate"] = replace(case["certificate"], order="proven")
    assert "order unproven" not in pages(**case)["draw.html"].decode()


@pytest.mark.parametrize(("bits", "weak"), [(127, True), (128, False), (64, True)])
def test_min_entropy_under_128_bits_is_flagged(bits: int, weak: bool) -> None:  # noqa: FBT001  # a case
    case = campaign()
    source = EntropySource(
        kind="ceremony", alphabet="01", length=bits, order="as called out", min_entropy_bits=bits
    )
    case["plan"] = replace(case["plan"], entropy=(source,))
    out = pages(**case)
    assert ("under 128" in out["draw.html"].decode()) == weak
    assert json.loads(out["draw.json"])["commitment"][0]["entropy_weak"] is weak


def test_a_failed_verdict_is_told_rule_by_rule() -> None:
    case = campaign()
    rules = tuple(
        replace(row, violations=3) if row.rule == "R07" else row for row in case["certificate"].rules
    )
    case["certificate"] = replace(case["certificate"], verdict="failed", discretionary=True, rules=rules)
    out = pages(**case)
    page = out["draw.html"].decode()
    assert "verification failed" in page
    assert "broken 3 times" in page
    assert "discretionary" in page
    states = {row["rule"]: row["state"] for row in json.loads(out["draw.json"])["rules"]}
    assert states["R07"] == "broken"
    assert states["R19"] == "held"
    assert states["ledger"] == "held"
    assert [rule for rule in states if rule.startswith("R")] == [rule.rule_id for rule in RULES]


def test_a_rule_that_nobody_looked_at_is_not_told_as_held() -> None:
    case = campaign()
    case["certificate"] = replace(case["certificate"], rules=())
    states = {row["rule"]: row["state"] for row in json.loads(pages(**case)["draw.json"])["rules"]}
    assert states["R01"] == "unchecked"


def test_a_campaign_without_doors_divides_by_nothing() -> None:
    case = campaign()
    report = replace(case["merged"].report, doors=0, doors_unmerged=0, n_visits=0, n_requirements=0)
    case["merged"] = replace(case["merged"], report=report)
    out = pages(**case)
    assert "no check of this campaign needs a door" in out["draw.html"].decode()
    assert json.loads(out["draw.json"])["merging"][0]["saved_basis_points"] == 0


def test_an_empty_campaign_still_has_its_page() -> None:
    case = campaign()
    case["plan"] = replace(case["plan"], strata=(), pools=())
    case["draw"] = replace(case["draw"], enterprises=(), cutoffs=(), people=())
    out = pages(**case)
    assert "has no stratum" in out["draw.html"].decode()
    assert len(_rows(out["draw.csv"])) == 1


def test_too_many_tickets_for_a_phone_are_left_to_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.publish.outputs.TICKETS_ON_PAGE", 1)
    case = campaign()
    out = pages(**case)
    drawn = [row.ticket for row in case["draw"].enterprises if row.drawn]
    assert "<details>" not in out["draw.html"].decode()
    assert all(ticket in out["draw.csv"].decode() for ticket in drawn)


@given(unmerged=st.integers(1, 200_000), data=st.data())
@hypothesis_settings(max_examples=50, deadline=None)
def test_the_saving_is_exact_and_never_told_too_large(unmerged: int, data: st.DataObject) -> None:
    doors = data.draw(st.integers(0, unmerged))
    case = campaign()
    report = replace(case["merged"].report, doors=doors, doors_unmerged=unmerged)
    told = Fraction(public_view(**case | {"merged": replace(case["merged"], report=report)})["merging"][0][
        "saved_basis_points"
    ], 10_000)  # fmt: skip
    exact = Fraction(unmerged - doors, unmerged)
    assert told <= exact < told + Fraction(1, 10_000)


# --- the table -------------------------------------------------------------------------------------------


def _rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_table_has_a_line_per_drawn_ticket() -> None:
    case = campaign()
    rows = _rows(pages(**case)["draw.csv"])
    assert tuple(rows[0]) == CSV_HEADINGS
    assert {len(row) for row in rows} == {len(CSV_HEADINGS)}
    assert sorted(row[-1] for row in rows[1:] if row[-1]) == sorted(
        row.ticket for row in case["draw"].enterprises if row.drawn
    )


def test_a_stratum_without_a_draw_keeps_its_line() -> None:
    case = campaign()
    task = case["registers"].tasks[0]
    empty = Stratum(
        stratum_id="empty",
        task_id=task.task_id,
        risk_classes=("D",),
        group="task:x",
        ratio="0",
        size=4,
        quota=0,
    )
    cutoff = replace(case["draw"].cutoffs[0], stratum_id="empty", size=4, quota=0, cutoff="")
    case["plan"] = replace(case["plan"], strata=(*case["plan"].strata, empty))
    case["draw"] = replace(case["draw"], cutoffs=(*case["draw"].cutoffs, cutoff))
    out = pages(**case)
    last = _rows(out["draw.csv"])[-1]
    assert last[-3:] == ["", "", ""]
    assert last[8:10] == ["4", "0"]
    assert "none drawn in this stratum" in out["draw.html"].decode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_a_name_that_starts_like_a_formula_stays_text_in_the_table(start: str) -> None:
    case = campaign()
    name = f"{start}cmd|' /C calc'!A0"
    case["registers"] = replace(
        case["registers"], tasks=tuple(replace(row, name=name) for row in case["registers"].tasks)
    )
    assert {row[2] for row in _rows(pages(**case)["draw.csv"])[1:]} == {f"'{name}"}


def test_a_published_ticket_can_be_checked_with_the_line_on_the_page() -> None:
    """At the close the seed is known: the page's two commands give its commitment and a ticket."""
    case = campaign()
    assert hashlib.sha256(f"onedoor-seed-commit|{SEED}".encode()).hexdigest() == case["draw"].seed_commitment
    strata = {row.stratum_id: row for row in case["plan"].strata}
    cutoffs = {row.stratum_id: row.cutoff for row in case["draw"].cutoffs}
    for row in case["draw"].enterprises:
        text = f"{SEED}|E|{strata[row.stratum_id].group}|{row.enterprise_id}"
        assert hashlib.sha256(text.encode()).hexdigest() == row.ticket
        assert (row.ticket <= cutoffs[row.stratum_id]) == row.drawn


def test_the_window_is_told_with_its_last_day_as_each_language_writes_dates() -> None:
    case = campaign()
    settings = replace(case["plan"].settings, start=dt.date(2026, 3, 2), end=dt.date(2026, 3, 14))
    case["plan"] = replace(case["plan"], settings=settings)
    page = pages(**case)["draw.html"].decode()
    assert "2026年3月2日至2026年3月13日" in page
    assert "2 Mar 2026 to 13 Mar 2026" in page


def test_a_pool_of_leaders_or_fixed_groups_says_so() -> None:
    case = campaign()
    named = {0: "leaders", 1: "fixed"}
    pools = tuple(replace(pool, stratum=named.get(at, "")) for at, pool in enumerate(case["plan"].pools))
    case["plan"] = replace(case["plan"], pools=pools)
    out = pages(**case)
    page = out["draw.html"].decode()
    assert ": leaders" in page
    assert "fixed groups (counted in groups)" in page
    assert [row["stratum"] for row in json.loads(out["draw.json"])["pools"]][:2] == ["leaders", "fixed"]
