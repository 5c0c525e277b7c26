"""Who entered, left or changed since an earlier import, and why, where that is known."""

import csv
import io
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from small import registers

from scheduler.domain.codec import csv_bytes
from scheduler.domain.intake import Change, Rejected
from scheduler.domain.registers import Enterprise, Inspector
from scheduler.intake import changes, compared_problems, delta_page
from scheduler.intake.delta import STRATUM, Known

BASE = registers().enterprises


def lines(cls: type, rows: Iterable[Any]) -> list[list[str]]:
    text = csv_bytes(cls, sorted(rows, key=lambda row: row.enterprise_id)).decode()
    return list(csv.reader(io.StringIO(text)))


def delta(
    before: Iterable[Enterprise], after: Iterable[Enterprise], known: Known | None = None
) -> list[Change]:
    return changes("enterprises", lines(Enterprise, before), lines(Enterprise, after), known or Known())


def told(found: Iterable[Change]) -> list[tuple[str, str, str, str, str, str]]:
    return [(one.ident, one.change, one.field, one.before, one.after, one.reason) for one in found]


def test_equal_registers_have_no_changes_nor_do_rows_that_decide_the_same() -> None:
    assert delta(BASE, BASE) == []
    assert delta(BASE, [replace(BASE[0], name="改名", lon_udeg=None, lat_udeg=None), *BASE[1:]]) == []


def test_each_field_of_the_stratum_is_a_line_of_its_own() -> None:
    risk = "A" if BASE[0].risk_class != "A" else "B"
    after = replace(BASE[0], risk_class=risk, status="cancelled", tags=("零售", "餐饮"))
    assert told(delta(BASE, [after, *BASE[1:]])) == [
        ("E01", "changed", "risk_class", BASE[0].risk_class, risk, ""),
        ("E01", "changed", "status", "active", "cancelled", ""),
        ("E01", "changed", "tags", "餐饮", "零售;餐饮", ""),
    ]


def test_reasons_are_given_where_they_are_known() -> None:
    new = replace(BASE[0], enterprise_id="91350100M000100Y43", id_kind="uscc", legacy_id="E01")
    moved = replace(BASE[2], district="330198")
    known = Known(
        rejected_now={"E02": "intake.choice"},
        rejected_before={"E13": "intake.uscc"},
        divisions={"330182": "330198"},
    )
    mended = replace(BASE[5], enterprise_id="E13")
    after = [moved, *BASE[3:], mended, new]
    assert told(delta(BASE, after, known)) == [
        ("91350100M000100Y43", "entered", "", "", "", "intake.delta_renamed"),
        ("E01", "left", "", "", "", "intake.delta_renamed"),
        ("E02", "left", "", "", "", "intake.delta_rejected"),
        ("E03", "changed", "district", "330182", "330198", "intake.delta_division"),
        ("E13", "entered", "", "", "", "intake.delta_mended"),
    ]
    rows = delta_page(delta(BASE, after, known), "zh").rows
    assert rows[4][-1] == "该行这次被退回：不是可用的值（…）。请从中选一个。"
    assert rows[5][4] == "区划代码"


OLD, NEW = "330106000000012", "91350100M000100Y43"


def recoded(row: Enterprise, **said: str) -> Enterprise:
    return replace(row, enterprise_id=NEW, id_kind="uscc", **said)


def test_a_firm_that_only_has_an_old_number_beside_its_code_was_not_there_before() -> None:
    new = recoded(replace(BASE[0], name="新店"), legacy_id="330106000000099")
    assert told(delta(BASE, [*BASE, new])) == [(NEW, "entered", "", "", "", "")]


def test_an_old_number_that_two_firms_claim_gives_no_reason() -> None:
    one = recoded(BASE[0], legacy_id="E01")
    other = replace(one, enterprise_id="91350100M000100Y51")
    found = delta(BASE, [one, other, *BASE[1:]])
    assert [(row.ident, row.change, row.reason) for row in found] == [
        (NEW, "entered", ""),
        ("91350100M000100Y51", "entered", ""),
        ("E01", "left", ""),
    ]


def test_a_register_that_changed_its_codes_is_compared_by_name_and_address() -> None:
    old = replace(BASE[0], enterprise_id=OLD, id_kind="legacy", address="城关路 1 号", risk_class="B")
    found = delta([old, *BASE[1:]], [*BASE[1:], recoded(old, risk_class="A")])
    assert told(found) == [
        (OLD, "left", "", "", "", "intake.delta_renamed"),
        (NEW, "entered", "", "", "", "intake.delta_renamed"),
        (NEW, "changed", "risk_class", "B", "A", ""),
    ]


def test_two_firms_of_one_name_and_address_are_told_apart_by_nothing() -> None:
    old = replace(BASE[0], enterprise_id=OLD, id_kind="legacy", address="城关路 1 号")
    twin = replace(old, enterprise_id="330106000000020")
    assert {row.reason for row in delta([old, twin], [recoded(old)])} == {""}
    elsewhere = recoded(old, address="")
    assert {row.reason for row in delta([replace(old, address="")], [elsewhere])} == {""}
    anew = replace(recoded(old), enterprise_id="91350100M000100Y51")
    assert {row.reason for row in delta([recoded(old)], [anew])} == {""}


def said(rows: Iterable[Inspector]) -> list[list[str]]:
    ordered = sorted(rows, key=lambda row: row.inspector_id)
    return list(csv.reader(io.StringIO(csv_bytes(Inspector, ordered).decode())))


def test_an_officer_with_a_new_number_is_known_by_the_certificate() -> None:
    people = registers().inspectors
    moved = replace(people[0], inspector_id="0-NEW", unit="城北所")
    found = changes("inspectors", said(people), said([moved, *people[1:]]), Known())
    assert told(found) == [
        ("0-NEW", "entered", "", "", "", "intake.delta_renamed"),
        ("0-NEW", "changed", "unit", people[0].unit, "城北所", ""),
        (people[0].inspector_id, "left", "", "", "", "intake.delta_renamed"),
    ]
    assert (found[0].detail, found[-1].detail) == (people[0].inspector_id, "0-NEW")


def test_inspectors_are_compared_by_what_decides_their_pool() -> None:
    people = registers().inspectors
    after = [replace(people[0], is_leader=not people[0].is_leader, name="改名"), *people[1:-1]]
    found = changes("inspectors", said(people), said(after), Known())
    assert told(found) == [
        (people[0].inspector_id, "changed", "is_leader", "1", "0", ""),
        (people[-1].inspector_id, "left", "", "", "", ""),
    ]


def test_rows_that_decide_the_same_are_not_held() -> None:
    head = lines(Enterprise, BASE[:1])[0]
    place = head.index("address")

    def register(street: str) -> Iterator[list[str]]:
        yield head
        for n in range(20_000):
            row = [f"E{n:05d}"] + [f"{name} {n}" for name in head[1:]]
            row[place] = f"{street} {n}"
            yield row

    tracemalloc.start()
    found = changes("enterprises", register("老街"), register("新街"), Known())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == []
    assert peak < 20_000_000


def test_a_table_of_an_earlier_version_is_compared_by_its_own_heading() -> None:
    before = [line[:-1] for line in lines(Enterprise, BASE)]
    assert changes("enterprises", before, lines(Enterprise, BASE), Known()) == []


@settings(max_examples=50, deadline=None)
@given(
    kept=st.lists(st.sampled_from(BASE), unique=True),
    now=st.lists(st.sampled_from(BASE), unique=True),
    risks=st.dictionaries(st.sampled_from([row.enterprise_id for row in BASE]), st.sampled_from("ABCD")),
)
def test_the_changes_lead_from_one_register_to_the_other(
    kept: list[Enterprise], now: list[Enterprise], risks: dict[str, Any]
) -> None:
    after = [replace(row, risk_class=risks.get(row.enterprise_id, row.risk_class)) for row in now]
    found = delta(kept, after)
    left = {one.ident for one in found if one.change == "left"}
    entered = {one.ident for one in found if one.change == "entered"}
    assert ({row.enterprise_id for row in kept} - left) | entered == {row.enterprise_id for row in after}
    changed = {one.ident: one.after for one in found if one.change == "changed"}
    before = {row.enterprise_id: row.risk_class for row in kept}
    assert changed == {
        row.enterprise_id: row.risk_class
        for row in after
        if row.enterprise_id in before and before[row.enterprise_id] != row.risk_class
    }
    assert [one.ident for one in found] == sorted(one.ident for one in found)


def test_every_field_compared_is_a_field_of_its_register() -> None:
    for table, cls in (("enterprises", Enterprise), ("inspectors", Inspector)):
        assert set(STRATUM[table]) <= set(cls.__dataclass_fields__)  # type: ignore[index,attr-defined]


def problem(row: int, code: str = "intake.choice", ident: str = "E01", value: str = "E") -> Rejected:
    return Rejected(
        table="enterprises",
        file="a.csv",
        sheet="",
        row=row,
        column="信用风险等级",
        value=value,
        code=code,
        detail="",
        ident=ident,
    )


def test_problems_are_the_same_whatever_row_they_moved_to() -> None:
    before = [problem(3), problem(4, ident="E02"), problem(5, ident="E03")]
    now = [problem(9), problem(10, ident="E02", value="F")]
    assert compared_problems(before, now) == (2, 1, 1)
    assert compared_problems([], now) == (0, 0, 2)
    assert compared_problems(before, before) == (0, 3, 0)
