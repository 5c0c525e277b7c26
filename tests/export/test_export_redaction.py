"""A marker in every field of the registers: each output holds those that it declares, and no other.

The public outputs of every stage hold no person, no address, nothing of leave, recusal or history.
"""

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from finished import CEREMONY_TEXT, SEED, finished

from scheduler.domain.close import Reveal
from scheduler.domain.registers import SORT_KEYS, TABLES, PastInspection, QuietPeriod, Registers
from scheduler.export import workbooks
from scheduler.export.calendars import calendars
from scheduler.export.fields import OUTPUTS, Shows
from scheduler.export.paperdefaults import default_template
from scheduler.export.papers import KINDS, VISIT_SHAPE, Template, papers
from scheduler.export.redact import NO_DAY, only
from scheduler.export.tablefiles import write_tables
from scheduler.export.tablerows import LedgerLine, table_rows
from scheduler.publish import close_pages, commit_pages, pages

LOGIC = {
    "departments": {"field", "level", "districts"},
    "enterprises": {"id_kind", "status", "risk_class"},
    "inspectors": {"department_id"},
    "items": {"method", "item_class"},
    "tasks": {"lead_id", "cooperating_ids", "item_codes", "mode", "group", "quota"},
}
"""Fields that other rows are found by, or that hold one of few words: no marker can stand in them."""


UNMARKED = {name for names in LOGIC.values() for name in names}


def mark(table: str, name: str) -> str:
    return f"MARK{table}x{name}MARK".replace("_", "y")


def marked_row(table: str, row: Any) -> Any:
    """The row with a marker in every text and list of texts that is no key."""
    changes: dict[str, Any] = {}
    for field in fields(row):
        value = getattr(row, field.name)
        if field.name in SORT_KEYS[table] or field.name in LOGIC.get(table, set()):
            continue
        if isinstance(value, str):
            changes[field.name] = mark(table, field.name)
        elif isinstance(value, tuple):
            changes[field.name] = (mark(table, field.name),)
    return replace(row, **changes)


def marked(known: Registers) -> Registers:
    more = replace(
        known,
        history=(PastInspection(enterprise_id="E05", inspector_id="food-3", day=dt.date(2025, 9, 1)),),
        quiet=(QuietPeriod(enterprise_id="E05", start=dt.date(2026, 3, 3), end=dt.date(2026, 3, 4)),),
    )
    tables = {name: tuple(marked_row(name, row) for row in getattr(more, name)) for name in TABLES}
    return Registers(**tables)


def case() -> dict[str, Any]:
    made = finished()
    made["registers"] = marked(made["registers"])
    return made


def given(made: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: made[name] for name in names}


def all_fields_template() -> bytes:
    """A template that a curious department would write: everything there is."""

    def all_of(name: str, shape: Any) -> str:
        if isinstance(shape, dict):
            return " ".join(all_of(f"{name}.{field}", part) for field, part in shape.items())
        if isinstance(shape, list):
            inner = name.replace(".", "_") + "_"
            return f"{{% for {inner} in {name} %}}{all_of(inner, shape[0])}{{% endfor %}}"
        return f"{{{{ {name} }}}}"

    parts = " ".join(all_of(name, shape) for name, shape in VISIT_SHAPE.items())
    return f"<html><body>{parts}</body></html>".encode()


def rosters(made: dict[str, Any], _folder: Path) -> str:
    names = ("plan", "registers", "merged", "schedule", "certificate")
    return "".join(unzipped(data) for _, data in workbooks(**given(made, *names)))


def diaries(made: dict[str, Any], _folder: Path) -> str:
    files = calendars(**given(made, "plan", "registers", "merged", "schedule"))
    return "".join(name + data.decode().replace("\r\n ", "") for name, data in files)


def notices(made: dict[str, Any], _folder: Path) -> str:
    own = {
        ("", kind, ending): Template(name=f"{kind}.{ending}", data=default_template(kind, ending))
        for kind in KINDS
        for ending in ("docx", "html")
    }
    own["D-fire", KINDS[0], "html"] = Template(name="all", data=all_fields_template())
    told = given(made, "plan", "registers", "merged", "schedule")
    files = dict(papers(**told, templates=own))  # type: ignore[arg-type]
    return "".join(
        name + (unzipped(data) if name.endswith("docx") else data.decode()) for name, data in files.items()
    )


def tables(made: dict[str, Any], folder: Path) -> str:
    names = ("plan", "registers", "merged", "schedule", "certificate")
    line = LedgerLine(seq=0, kind="open", stage="", at="", prev="0", hash="1", facts={}, files={})
    rows = table_rows(**given(made, *names), certificate_sha256="c" * 64, ledger=[line])
    text = ""
    for name in write_tables(rows, folder):
        path = folder / name
        if name.endswith("parquet"):
            text += str(duckdb.sql(f"SELECT * FROM '{path}'").fetchall())  # noqa: S608 - our own file
        else:
            text += path.read_text(encoding="utf-8")
    return text


def unzipped(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


WRITERS: dict[str, Callable[[dict[str, Any], Path], str]] = {
    "rosters": rosters,
    "calendars": diaries,
    "papers": notices,
    "tables": tables,
}


def found_in(text: str) -> set[str]:
    return {
        f"{table}.{field.name}"
        for table, cls in TABLES.items()
        for field in fields(cls)
        if mark(table, field.name) in text
    }


def test_every_output_is_looked_at() -> None:
    assert set(WRITERS) == set(OUTPUTS)


@pytest.mark.parametrize("output", sorted(WRITERS))
def test_an_output_for_the_house_holds_what_it_declares_and_no_other_field(
    output: str, tmp_path: Path
) -> None:
    shows: Shows = OUTPUTS[output]
    declared = {f"{table}.{name}" for table, names in shows.items() for name in names}
    found = found_in(WRITERS[output](case(), tmp_path))
    assert found <= declared
    # A declaration wider than the output would let the next change show more unseen.
    assert {name for name in declared if name.partition(".")[2] not in UNMARKED} == found


@pytest.mark.parametrize("output", sorted(WRITERS))
def test_nothing_of_leave_recusal_or_history_is_declared(output: str) -> None:
    assert not set(OUTPUTS[output]) & {"leave", "recusals", "history", "quiet", "calendar", "divisions"}
    people = {*OUTPUTS[output]["inspectors"]}
    assert "certificate_expires" not in people
    assert ("certificate_no" in people) == (output == "papers")


def test_blanking_leaves_keys_and_what_is_declared() -> None:
    row = case()["registers"].inspectors[0]
    (left,) = only("inspectors", [row], {"inspectors": ("name",)})
    assert (left.inspector_id, left.name) == (row.inspector_id, row.name)
    assert (left.department_id, left.certificate_no, left.qualifications) == ("", "", ())
    assert (left.certificate_expires, left.max_visits_day) == (NO_DAY, None)
    (bare,) = only("inspectors", [row], {})
    assert bare.name == ""
    with pytest.raises(KeyError, match="telephone"):
        only("inspectors", [row], {"inspectors": ("telephone",)})


PERSONAL = ("inspectors", "experts", "recusals", "leave", "history")


def public_files(made: dict[str, Any]) -> dict[str, bytes]:
    """Everything that leaves the house, of every stage."""
    plan, certificate = made["plan"], made["certificate"]
    reveal = Reveal(
        campaign_id=plan.settings.campaign_id,
        slot="2026-01",
        attempt=1,
        plan_sha256=certificate.plan_sha256,
        voided=False,
        drawn=True,
        seed_text=f"a seed text with {CEREMONY_TEXT}",
        seed=SEED,
        secret="",
    )
    return {
        **commit_pages(plan, certificate.plan_sha256, made["registers"], ()),
        **pages(**given(made, "plan", "draw", "merged", "certificate", "registers")),
        **close_pages(plan, reveal, made["draw"], made["registers"], {}),
    }


def test_no_public_output_of_any_stage_holds_a_personal_field() -> None:
    made = case()
    files = public_files(made)
    assert len(files) >= 8
    for name, data in files.items():
        found = found_in(data.decode())
        assert not {field for field in found if field.partition(".")[0] in PERSONAL}, name
        firms = {field for field in found if field.startswith("enterprises.")}
        # Code and name of those drawn are what the close is for; before it, nothing of an enterprise.
        close = name.startswith(("close", "drawn"))
        assert firms <= ({"enterprises.name"} if close else set()), name
        for person in (*made["registers"].inspectors, *made["registers"].experts):
            ident = person.inspector_id if hasattr(person, "inspector_id") else person.expert_id
            assert f'"{ident}"' not in data.decode(), name
