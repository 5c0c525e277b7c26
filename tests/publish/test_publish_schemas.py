"""The data files beside the pages against docs/reference/schemas, and what no page may show."""

import csv
import io
import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from finished import CEREMONY_TEXT, SEED, finished
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from scheduler.domain.close import Reveal
from scheduler.domain.plan import Exclusion
from scheduler.domain.registers import TABLES, Registers
from scheduler.publish import close_pages, commit_pages, pages
from scheduler.publish.fields import CLOSE_FIELDS, COMMIT_FIELDS, JSON_FIELDS

SCHEMAS = Path(__file__).parents[2] / "docs" / "reference" / "schemas"
KNOWN = {
    "$schema", "$defs", "$ref", "title", "description", "type", "properties", "required", "items", "const",
    "enum", "pattern", "minimum", "maximum", "minItems", "maxItems", "additionalProperties",
}  # fmt: skip
"""The keywords that :func:`faults` understands; another one in a schema would be passed over."""

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
}


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return read


def faults(value: Any, rule: dict[str, Any], whole: dict[str, Any], at: str = "$") -> list[str]:
    """What in the value breaks the rule, for the keywords of JSON Schema 2020-12 in :data:`KNOWN`."""
    assert set(rule) <= KNOWN, at
    if "$ref" in rule:
        return faults(value, whole["$defs"][rule["$ref"].rpartition("/")[2]], whole, at)
    kind = rule.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        return [f"{at}: not {kind}"]
    found = [f"{at}: {word}" for word in ("const", "enum") if word in rule and not _among(value, rule[word])]
    if isinstance(value, str) and not re.search(rule.get("pattern", ""), value):
        found.append(f"{at}: pattern")
    if kind == "integer" and not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        found.append(f"{at}: range")
    if isinstance(value, list):
        if not rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value)):
            found.append(f"{at}: items")
        found += [
            one for n, item in enumerate(value) for one in faults(item, rule["items"], whole, f"{at}[{n}]")
        ]
    if isinstance(value, dict):
        known = rule["properties"]
        found += [f"{at}.{name}: missing" for name in rule["required"] if name not in value]
        strange = set(value) - set(known) if rule.get("additionalProperties") is False else set()
        found += [f"{at}.{name}: unknown" for name in sorted(strange)]
        for name in known.keys() & value.keys():
            found += faults(value[name], known[name], whole, f"{at}.{name}")
    return found


def _among(value: Any, allowed: Any) -> bool:
    return value in allowed if isinstance(allowed, list) else value == allowed


def outputs(case: dict[str, Any] | None = None, *, secret: str = "", void: bool = False) -> dict[str, bytes]:
    """All public files of all stages."""
    case = case or finished()
    reveal = Reveal(
        campaign_id=case["plan"].settings.campaign_id,
        slot="2026-01",
        attempt=1,
        plan_sha256=case["certificate"].plan_sha256,
        voided=void,
        drawn=True,
        seed_text=f"a seed text with {CEREMONY_TEXT}",
        seed=SEED,
        secret=secret,
    )
    facts = dict.fromkeys(("approver", "organ", "document", "reason"), "字") if void else {}
    left_out = (Exclusion(role="enterprise", subject_id="E99", reason="excluded.status", detail="revoked"),)
    names = ("plan", "draw", "merged", "certificate", "registers")
    return {
        **commit_pages(case["plan"], reveal.plan_sha256, case["registers"], left_out),
        **pages(**{name: case[name] for name in names}),
        **close_pages(case["plan"], reveal, case["draw"], case["registers"], facts),
    }


DATA = {
    "commit.json": "public-commitment-1.json",
    "draw.json": "public-draw-1.json",
    "close.json": "public-close-1.json",
}
TABLES_OUT = {"draw.csv": "public-draw-csv-1.json", "drawn.csv": "public-drawn-csv-1.json"}


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("void", [False, True])
def test_the_data_files_are_as_their_schemas_say(void: bool) -> None:  # noqa: FBT001  # a case
    out = outputs(secret="5" * 64, void=void)
    for file, name in DATA.items():
        rule = schema(name)
        assert faults(json.loads(out[file]), rule, rule) == [], file
    for file, name in TABLES_OUT.items():
        rule = schema(name)
        rows = lines(out[file])
        assert rows
        assert [fault for row in rows for fault in faults(row, rule, rule)] == [], file
        assert list(rows[0]) == list(rule["properties"])


@pytest.mark.parametrize(
    ("file", "declared"),
    [("commit.json", COMMIT_FIELDS), ("draw.json", JSON_FIELDS), ("close.json", CLOSE_FIELDS)],
)
def test_a_schema_and_an_output_name_the_same_fields(file: str, declared: tuple[str, ...]) -> None:
    properties = schema(DATA[file])["properties"]
    named = {f"{part}.{name}" for part, rule in properties.items() if part != "schema"
             for name in rule["items"]["properties"]}  # fmt: skip
    told = json.loads(outputs(void=True)[file])
    assert named == set(declared)
    assert {
        f"{part}.{name}" for part, rows in told.items() if part != "schema" for row in rows for name in row
    } == named


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("schema",), "onedoor.public-draw/2"),
        (("commitment", 0, "plan_sha256"), "A" * 64),
        (("strata", 0, "size"), -1),
        (("strata", 0, "size"), True),
        (("strata", 0, "tickets"), ["x"]),
        (("campaign",), []),
        (("campaign", 0, "start"), "2026"),
        (("rules", 0, "state"), "perhaps"),
        (("merging", 0, "saved_basis_points"), 10_001),
        (("pools",), {}),
    ],
)
def test_the_check_finds_what_breaks_a_schema(path: tuple[Any, ...], wrong: Any) -> None:
    rule = schema("public-draw-1.json")
    data = json.loads(outputs()["draw.json"])
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = wrong
    assert faults(data, rule, rule)
    del place[path[-1]]
    assert faults(data, rule, rule)


# --- redaction -------------------------------------------------------------------------------------------

PUBLIC = {"departments", "items", "tasks", "calendar"}
"""Departments, items and tasks are published facts of the plan; the calendar holds nobody."""


def marked(registers: Registers) -> tuple[Registers, set[str]]:
    """The registers with a marker of its own in every text field of every other table, and the markers."""
    tables, markers = {}, set()
    for table in TABLES:
        if table in PUBLIC or not getattr(registers, table):
            continue
        rows = []
        for row in getattr(registers, table):
            hints = get_type_hints(type(row))
            changes: dict[str, Any] = {}
            for field in fields(row):
                marker = f"ZZ-{table}.{field.name}-ZZ"
                if hints[field.name] in (str, tuple[str, ...]) and field.name != "enterprise_id":
                    changes[field.name] = marker if hints[field.name] is str else (marker,)
                    markers.add(marker)
            rows.append(replace(row, **changes))
        tables[table] = tuple(rows)
    return replace(registers, **tables), markers


def test_no_public_output_of_any_stage_shows_a_personal_field() -> None:
    case = finished()
    case["registers"], markers = marked(case["registers"])
    people = tuple(replace(row, person_id="ZZ-person-ZZ") for row in case["draw"].people)
    case["draw"] = replace(case["draw"], people=people)
    assert len(markers) > 20
    assert {
        "ZZ-inspectors.name-ZZ",
        "ZZ-inspectors.certificate_no-ZZ",
        "ZZ-enterprises.address-ZZ",
    } <= markers
    out = outputs(case)
    shown = {file: set(re.findall("ZZ-[a-z_.]+-ZZ", data.decode("utf-8-sig"))) for file, data in out.items()}
    named = {"ZZ-enterprises.name-ZZ"}
    assert shown == {
        "commit.html": set(), "commit.json": set(), "draw.html": set(), "draw.csv": set(), "draw.json": set(),
        "close.html": named, "close.json": named, "drawn.csv": named,
    }  # fmt: skip
    drawn = {row.enterprise_id for row in case["draw"].enterprises if row.drawn}
    for row in case["registers"].enterprises:
        for file, data in out.items():
            closed = file in {"close.html", "close.json", "drawn.csv"} and row.enterprise_id in drawn
            assert (
                f'"{row.enterprise_id}"' in data.decode() or f",{row.enterprise_id}," in data.decode()
            ) <= closed
    assert b"E99" not in b"".join(out.values())


def test_the_seed_and_the_ceremony_stand_in_no_file_before_the_close() -> None:
    for file, data in outputs().items():
        early = file.startswith(("commit", "draw."))
        for word in (SEED, CEREMONY_TEXT):
            if early:
                assert word not in data.decode("utf-8-sig"), file
    assert SEED in outputs()["close.html"].decode()


# --- names of all kinds ----------------------------------------------------------------------------------

NAMES = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\u202e青石\u202c \u2066反\u2069\u200f",
    "🍜👩‍🍳餐馆",
    "\ue000\U000f0000私用",
    "长" * 300,
    "{seed} {{ seed }} ${seed}",
    "=cmd|' /C calc'!A0",
)


def named(name: str) -> dict[str, Any]:
    """The campaign in which everything that has a name has this one."""
    case = finished()
    known = case["registers"]
    case["registers"] = replace(
        known,
        enterprises=tuple(replace(row, name=name) for row in known.enterprises),
        tasks=tuple(replace(row, name=name) for row in known.tasks),
        departments=tuple(replace(row, name=name) for row in known.departments),
    )
    case["plan"] = replace(case["plan"], settings=replace(case["plan"].settings, name=name, authority=name))
    return case


@given(st.one_of(st.sampled_from(NAMES), st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)))
@hypothesis_settings(max_examples=30, deadline=None)
def test_a_name_of_any_kind_stays_text_on_every_page(name: str) -> None:
    out = outputs(named(name))
    for file in ("commit.html", "draw.html", "close.html"):
        html = out[file].decode()
        assert len(re.findall(r"<script", html)) == 2
        assert len(re.findall(r"</script", html)) == 2
        assert "<img" not in html
    assert (
        json.loads(out["close.json"])["campaign"][0]["name"]
        == json.loads(out["draw.json"])["campaign"][0]["name"]
    )


def test_a_close_of_more_rows_than_a_page_lists_names_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.publish.staged.TICKETS_ON_PAGE", 1)
    page = outputs()["close.html"].decode()
    assert "see drawn.csv" in page
    assert "E04</span>" not in page


def test_a_campaign_without_draws_has_all_its_pages() -> None:
    case = finished()
    case["plan"] = replace(case["plan"], strata=(), pools=())
    case["draw"] = replace(case["draw"], enterprises=(), cutoffs=(), people=())
    report = replace(case["merged"].report, doors=0, doors_unmerged=0, n_visits=0, n_requirements=0)
    case["merged"] = replace(case["merged"], report=report)
    out = outputs(case)
    for file, name in DATA.items():
        rule = schema(name)
        assert faults(json.loads(out[file]), rule, rule) == [], file
    assert lines(out["drawn.csv"]) == []
