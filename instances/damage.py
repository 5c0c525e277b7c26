"""A campaign whose export is damaged in every way that intake knows, each defect planted once and listed.

In: a size, a seed. Out: the files of a campaign, and ``damage.json`` with every defect by table, row, column
and message code. May import: the domain, intake's table of headings, this package. What is planted never
touches what another row refers to, so that intake has to find this list and nothing else.
"""

import csv
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from python_calamine import CalamineWorkbook

from instances.campaign import CAMPAIGN, write_campaign
from instances.codes import FORMS, legacy, uscc
from instances.damage_codes import (
    decimal_code,
    letters_for_digits,
    rounded_code,
    with_letter,
    zeroless_legacy,
)
from instances.enterprises import code_salt
from instances.sizes import Size, size_named
from instances.tables import ENCODING, NAMES, WORDS, headings_of
from scheduler.domain.ports import Progress
from scheduler.intake.columns import heading

DAMAGE = "damage.json"

Effect = Literal["rejected", "notice", "stops"]
Extent = Literal["rows", "plan"]
"""``rows``: what leaves the import standing. ``plan``: also what stops it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Defect:
    """One entry that intake's report must hold: ``row`` as a spreadsheet counts, ``column`` the heading."""

    table: str
    row: int
    column: str
    code: str
    effect: Effect


@dataclass(kw_only=True)
class Damage:
    """The tables as lines of text, heading first, and what was planted so far. ``merged`` counts repetitions,
    ``mended`` what is written oddly and read rightly, ``blank`` empty lines."""

    tables: dict[str, list[list[str]]]
    size: Size
    seed: int
    defects: list[Defect] = field(default_factory=list)
    merged: dict[str, int] = field(default_factory=dict)
    mended: int = 0
    blank: dict[str, int] = field(default_factory=dict)
    _serial: int = 0

    def place(self, table: str, name: str) -> int:
        """The position of a field's column."""
        return self.tables[table][0].index(heading(table, name))

    def append(self, table: str, **cells: str) -> int:
        """A new row like the first one with other cells; returns its number."""
        row = list(self.tables[table][1])
        for name, cell in cells.items():
            row[self.place(table, name)] = cell
        self.tables[table].append(row)
        return len(self.tables[table])

    def expect(self, table: str, row: int, name: str, code: str, effect: Effect = "rejected") -> None:
        """The report must hold this."""
        column = heading(table, name) if name else ""
        self.defects.append(Defect(table=table, row=row, column=column, code=code, effect=effect))

    def fresh_code(self) -> str:
        """A right 统一社会信用代码 that no row has."""
        self._serial += 1
        serials = np.array([self.size.n_enterprises + self._serial])
        forms = np.array([list(FORMS["company"].encode())], dtype=np.uint8)
        divisions = np.array([int(self.size.districts[0][0])])
        return uscc(serials, forms, divisions, code_salt(self.size, self.seed))[0]

    def fresh_legacy(self) -> str:
        """A right 15-digit 注册号 that no row has."""
        self._serial += 1
        serials = np.array([self.size.n_enterprises + self._serial])
        return legacy(serials, np.array([int(self.size.districts[0][0])]), code_salt(self.size, self.seed))[0]

    def firm(self, **cells: str) -> int:
        """A new enterprise with a right code, or the code given."""
        code = cells.pop("enterprise_id", "") or self.fresh_code()
        kind = cells.pop("id_kind", WORDS["id_kind"]["uscc"])
        return self.append("enterprises", enterprise_id=code, id_kind=kind, **cells)

    def officer(self, **cells: str) -> int:
        """A new inspector with a number and a certificate of his own."""
        self._serial += 1
        own = {"inspector_id": f"SUN-{self._serial:03d}", "certificate_no": f"SUN{self._serial:06d}"}
        return self.append("inspectors", **{**own, **cells})


def write_damaged(
    size: str, out: Path, *, seed: int = 1, extent: Extent = "rows", progress: Progress | None = None
) -> Path:
    """Write a damaged campaign into the empty or new folder ``out``; returns its campaign.toml. Errors: as
    :func:`instances.write_campaign`."""
    campaign = write_campaign(size, out, seed=seed, progress=progress, clean=True)
    files = {path.stem: path for path in out.iterdir() if path.suffix in {".csv", ".xlsx"}}
    named = {table: files[stem] for table, stem in NAMES.items() if stem in files}
    tables = {table: _load(path) for table, path in named.items()}
    for table in ("leave", "quiet", "experts", "recusals"):
        tables.setdefault(table, [headings_of(table)])
    tables["divisions"] = [headings_of("divisions")]
    tables["travel"] = [headings_of("travel")]
    damage = Damage(tables=tables, size=size_named(size), seed=seed)
    for plant in (*ROWS, *(PLAN if extent == "plan" else ())):
        plant(damage)
    for path in named.values():
        path.unlink()
    for table, lines in tables.items():
        _save(out / f"{NAMES[table]}.csv", lines)
    _name_tables(out / CAMPAIGN, tables)
    _write_manifest(out / DAMAGE, damage)
    return campaign


def _load(path: Path) -> list[list[str]]:
    """A table's lines as text; a date cell as its ISO day."""
    if path.suffix == ".csv":
        with path.open(encoding=ENCODING, newline="") as stream:
            return list(csv.reader(stream))
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [[str(cell) for cell in row] for row in rows]


def _save(path: Path, lines: list[list[str]]) -> None:
    with path.open("w", encoding=ENCODING, newline="") as stream:
        csv.writer(stream, lineterminator="\r\n").writerows(lines)


def _name_tables(campaign: Path, tables: dict[str, list[list[str]]]) -> None:
    text = campaign.read_text(encoding="utf-8")
    head = text[: text.index("[tables]")]
    named = "".join(f'{table} = "{NAMES[table]}.csv"\n' for table in tables)
    travel = '[travel]\nsource = "matrix"\n\n'
    campaign.write_text(f"{head}{travel}[tables]\n{named}", encoding="utf-8", newline="\n")


def _write_manifest(path: Path, damage: Damage) -> None:
    facts = {
        "planted": [asdict(defect) for defect in damage.defects],
        "merged": damage.merged,
        "mended": damage.mended,
        "blank": damage.blank,
    }
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _codes(d: Damage) -> None:
    """Codes that are wrong in every way that can be told apart."""
    for code, fault in (
        (letters_for_digits(d.fresh_code(), "1", "l"), "intake.uscc_letters"),
        (letters_for_digits(d.fresh_code(), "0", "o"), "intake.uscc_letters"),
        (with_letter(d.fresh_code(), "Z"), "intake.uscc_alphabet"),
        (_other_end(d.fresh_code()), "intake.uscc"),
        (d.fresh_code()[:-1], "intake.uscc_length"),
        (rounded_code(d.size.districts[0][0]), "intake.code_rounded"),
        ("9.13808E+17", "intake.code_damaged"),
        (decimal_code(d.fresh_legacy()), "intake.code_decimal"),
        ("3808 01", "intake.id"),
    ):
        d.expect("enterprises", d.firm(enterprise_id=code), "enterprise_id", fault)
    old = WORDS["id_kind"]["legacy"]
    row = d.firm(enterprise_id=zeroless_legacy(), id_kind=old, name="老店一")
    d.expect("enterprises", row, "enterprise_id", "intake.legacy_zeros")
    wrong = d.fresh_legacy()
    wrong = wrong[:-1] + str((int(wrong[-1]) + 1) % 10)
    row = d.firm(enterprise_id=wrong, id_kind=old, name="老店二")
    d.expect("enterprises", row, "enterprise_id", "intake.legacy_check", "notice")
    full = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
    d.firm(enterprise_id=d.fresh_code().translate(full))
    d.firm(enterprise_id=d.fresh_code().lower())
    d.mended += 2


def _other_end(code: str) -> str:
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    return code[:-1] + letters[(letters.index(code[-1]) + 1) % 31]


def _two_codes(d: Damage) -> None:
    """One firm under two codes: the row under the old one goes, what names it is followed."""
    former = d.fresh_legacy()
    d.firm(name="改制企业", address="改制路 1 号", legacy_id=former)
    row = d.firm(
        enterprise_id=former,
        id_kind=WORDS["id_kind"]["legacy"],
        name="改制企业",
        address="改制路 1 号",
    )
    d.expect("enterprises", row, "enterprise_id", "intake.two_ids")
    row = d.append("history", enterprise_id=former)
    d.expect("history", row, "enterprise_id", "intake.id_linked", "notice")


def _cells(d: Damage) -> None:
    """Cells that cannot be read, and odd ones that can."""
    for name, cell, fault in (
        ("risk_class", "E", "intake.choice"),
        ("risk_class", "A类（信用风险高）", "intake.choice"),
        ("risk_class", "", "intake.empty"),
        ("name", "", "intake.empty"),
        ("status", "冬眠", "intake.choice"),
        ("last_inspected", "2026-02-30", "intake.date"),
        ("last_inspected", "去年", "intake.date"),
        ("lon_udeg", "东经120", "intake.coordinate"),
        ("opening", "18:00-09:00", "intake.hours"),
        ("tags", "餐饮|零售", "intake.label"),
    ):
        d.expect("enterprises", d.firm(**{name: cell}), name, fault)
    row = d.firm(last_inspected="9999-09-09")
    d.expect("enterprises", row, "last_inspected", "intake.date_set_aside", "notice")
    for name, cell in (
        ("risk_class", "信用风险低（A类）"),
        ("risk_class", "Ｂ 类"),
        ("last_inspected", "45658"),
        ("last_inspected", "２０２５年３月２日"),
    ):
        d.firm(**{name: cell})
        d.mended += 1
    short = d.firm()
    d.tables["enterprises"][short - 1].pop()
    d.expect("enterprises", short, "", "intake.row_width")


def _places(d: Damage) -> None:
    """Coordinates that cannot be true; the rows stay."""
    lon, lat = d.place("enterprises", "lon_udeg"), d.place("enterprises", "lat_udeg")
    here = d.tables["enterprises"][1]
    for x, y, fault in (
        ("0", "0", "intake.place_zero"),
        ("", "", "intake.place_missing"),
        (here[lat], here[lon], "intake.place_swapped"),
        ("87.617733", "43.792818", "intake.place_far"),
    ):
        row = d.firm(lon_udeg=x, lat_udeg=y)
        d.expect("enterprises", row, "lon_udeg", fault, "notice")


def _repetitions(d: Damage) -> None:
    """A code twice: the same row is one, differing ones are both shown."""
    code = d.fresh_code()
    for name in ("甲店", "乙店"):
        row = d.firm(enterprise_id=code, name=name)
        d.expect("enterprises", row, "enterprise_id", "intake.duplicate")
    for table in ("enterprises", "history"):
        d.tables[table].append(list(d.tables[table][1]))
        d.merged[table] = 1
    d.tables["enterprises"].append([""] * len(d.tables["enterprises"][0]))
    d.blank["enterprises"] = 1


def _divisions(d: Damage) -> None:
    """Abolished codes: one with a successor, one without, and a code that nobody covers."""
    now = d.size.districts[0][0]
    d.tables["divisions"] += [
        ["990101", now, "2021-04-09", "国函〔2021〕19号"],
        ["990102", "", "2021-04-09", ""],
    ]
    row = d.firm(district="990101")
    d.expect("enterprises", row, "district", "intake.division_changed", "notice")
    d.expect("enterprises", d.firm(district="990102"), "district", "intake.division_abolished")
    row = d.firm(district="990103")
    d.expect("enterprises", row, "district", "intake.division_uncovered", "notice")


def _people(d: Damage) -> None:
    """Certificates, departments, scopes and codes of people."""
    expiry = "certificate_expires"
    d.expect("inspectors", d.officer(certificate_expires="2026-13-01"), expiry, "intake.date")
    past = (d.size.start.replace(year=d.size.start.year - 1)).isoformat()
    row = d.officer(certificate_expires=past)
    d.expect("inspectors", row, expiry, "intake.certificate_expired", "notice")
    for _ in range(2):
        row = d.officer(certificate_no="SUN-TWICE")
        d.expect("inspectors", row, "certificate_no", "intake.certificate_shared", "notice")
    row = d.officer(item_scopes="XX9*")
    d.expect("inspectors", row, "item_scopes", "intake.scope_without_item", "notice")
    row = d.officer(unit="无此所")
    d.expect("inspectors", row, "unit", "intake.unit_unknown", "notice")
    row = d.officer(department_id="NOBODY")
    d.expect("inspectors", row, "department_id", "intake.reference_unknown")
    d.expect("inspectors", d.officer(max_visits_day="0"), "max_visits_day", "intake.zero")
    twice = d.tables["inspectors"][1][d.place("inspectors", "inspector_id")]
    d.tables["experts"].append(_line("experts", expert_id=twice, name="孙某", specialties="电气"))
    d.expect("experts", len(d.tables["experts"]), "expert_id", "intake.person_twice")
    d.tables["experts"][-1][d.place("experts", "lon_udeg")] = d.tables["enterprises"][1][
        d.place("enterprises", "lon_udeg")
    ]
    d.tables["experts"][-1][d.place("experts", "lat_udeg")] = d.tables["enterprises"][1][
        d.place("enterprises", "lat_udeg")
    ]


def _line(table: str, **cells: str) -> list[str]:
    known = {heading(table, name): cell for name, cell in cells.items()}
    return [known.get(head, "") for head in headings_of(table)]


def _items(d: Damage) -> None:
    """Items that ask for what nobody has."""
    row = d.append("items", item_code="SUN0001", qualification="无人具备", expert="")
    d.expect("items", row, "qualification", "intake.qualification_nobody", "notice")
    row = d.append("items", item_code="SUN0002", qualification="", expert="无人专长")
    d.expect("items", row, "expert", "intake.expert_nobody", "notice")


def _references(d: Damage) -> None:
    """Names that nobody has, names that lost their zeros, names whose own row was rejected, days to come."""
    rejected = d.firm(enterprise_id=d.fresh_code(), risk_class="F")
    d.expect("enterprises", rejected, "risk_class", "intake.choice")
    code = d.tables["enterprises"][rejected - 1][d.place("enterprises", "enterprise_id")]
    d.officer(inspector_id="0012345")
    later = d.size.end.replace(year=d.size.end.year + 1).isoformat()
    for name, cell, fault in (
        ("enterprise_id", d.fresh_code(), "intake.reference_unknown"),
        ("enterprise_id", code, "intake.reference_rejected"),
        ("inspector_id", "12345", "intake.reference_zeros"),
        ("day", later, "intake.date_future"),
    ):
        d.expect("history", d.append("history", **{name: cell}), name, fault)
    first, last = d.size.start.isoformat(), d.size.start.isoformat()
    d.tables["leave"].append(_line("leave", person_id="NOBODY", start=first, end=last))
    d.expect("leave", len(d.tables["leave"]), "person_id", "intake.reference_unknown")
    d.tables["quiet"].append(_line("quiet", district="990199", start=first, end=last))
    d.expect("quiet", len(d.tables["quiet"]), "district", "intake.reference_unknown")


def _ways(d: Damage) -> None:
    """Travel times: every district and office is named; one way that is slower back, one of somebody
    unknown, one that states nothing."""
    here = d.size.districts[0][0]
    offices = [row[d.place("departments", "department_id")] for row in d.tables["departments"][1:]]
    _way(d, here, here, "20")
    for place in [code for code, _ in d.size.districts[1:]] + ["990103", *offices]:
        _way(d, place, here, "25")
    d.expect("travel", _way(d, here, offices[0], "24"), "minutes", "intake.travel_directions", "notice")
    d.expect("travel", _way(d, "NOWHERE", here, "9"), "from_place", "intake.reference_unknown")
    d.expect("travel", _way(d, offices[0], offices[0], "0"), "minutes", "intake.travel_nothing")


def _way(d: Damage, one: str, other: str, minutes: str) -> int:
    d.tables["travel"].append(_line("travel", from_place=one, to_place=other, minutes=minutes))
    return len(d.tables["travel"])


def _bad_ways(d: Damage) -> None:
    """Travel times that stop an import: negative, longer than a day, from an office to itself, two for one
    way, a district by name."""
    here = d.size.districts[0][0]
    one, other = (d.tables["departments"][row][d.place("departments", "department_id")] for row in (1, 2))
    for place, minutes, column, fault in (
        (other, "-5", "minutes", "intake.number"),
        (other, "1441", "minutes", "intake.travel_long"),
        (other, "30", "minutes", "intake.travel_twice"),
        (other, "31", "minutes", "intake.travel_twice"),
    ):
        d.expect("travel", _way(d, one, place, minutes), column, fault, "stops")
    d.expect("travel", _way(d, other, other, "5"), "to_place", "intake.travel_self", "stops")
    d.expect("travel", _way(d, "某某区", here, "9"), "from_place", "intake.travel_name", "stops")


def _plan(d: Damage) -> None:
    """What stops an import: a recusal of somebody unknown, leave of somebody whose zeros were lost, a task
    that leaves the window or names an unknown item, a range that ends before it begins."""
    day = d.size.start.isoformat()
    firm = d.tables["enterprises"][1][d.place("enterprises", "enterprise_id")]
    d.tables["recusals"].append(
        _line("recusals", inspector_id="NOBODY", enterprise_id=firm, kind="近亲属", state="已批准")
    )
    d.expect("recusals", len(d.tables["recusals"]), "inspector_id", "intake.reference_unknown", "stops")
    d.tables["leave"].append(_line("leave", person_id="12345", start=day, end=day))
    d.expect("leave", len(d.tables["leave"]), "person_id", "intake.reference_zeros", "stops")
    late = d.size.end.isoformat()
    row = d.append("tasks", task_id="SUN-1", end=late)
    d.expect("tasks", row, "start", "intake.task_window", "stops")
    row = d.append("tasks", task_id="SUN-2", item_codes="NOTHING")
    d.expect("tasks", row, "item_codes", "intake.reference_unknown", "stops")
    row = d.append("tasks", task_id="SUN-3", start=late, end=day)
    d.expect("tasks", row, "end", "intake.range", "stops")


Plant = Callable[[Damage], None]
ROWS: tuple[Plant, ...] = (
    _codes,
    _two_codes,
    _cells,
    _places,
    _repetitions,
    _divisions,
    _people,
    _items,
    _references,
    _ways,
)
PLAN: tuple[Plant, ...] = (_plan, _bad_ways)
