"""Visit notices and record sheets: from our templates and from those of a department."""

import io
import re
import zipfile
from contextlib import suppress
from dataclasses import replace
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from finished import finished
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from office import pages_of, pdf_of

from scheduler.domain.errors import InputError, UsageError
from scheduler.domain.registers import Order
from scheduler.export import workbooks
from scheduler.export.paperdefaults import default_template
from scheduler.export.papers import KINDS, USUAL_DOCUMENTS, VISIT_SHAPE, Template, papers

NOTICE, RECORD = KINDS
FIRE = "001_青石县消防救援大队"
FOOD = "002_青石县市场监管局"


def templates(**own: Any) -> dict[Any, Template]:
    """Ours, and of the notice another .html or .docx."""
    found = {
        ("", kind, ending): Template(name=f"{kind}.{ending}", data=default_template(kind, ending))
        for kind in KINDS
        for ending in ("docx", "html")
    }
    found |= {
        ("", NOTICE, ending): Template(name=f"mine.{ending}", data=data) for ending, data in own.items()
    }
    return found


def campaign() -> dict[str, Any]:
    case = finished()
    return {name: case[name] for name in ("plan", "registers", "merged", "schedule")}


def made(*, own: dict[Any, Template] | None = None, visit: str = "", **changes: Any) -> dict[str, bytes]:
    return dict(papers(**campaign() | changes, templates=own or templates(), visit=visit))


def words(data: bytes) -> str:
    """All text of a .docx body."""
    page = Document(io.BytesIO(data))
    return "\n".join(node.text or "" for node in page.element.body.iter() if node.tag.endswith("}t"))


def page_with(body: str) -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>{{{{ 部门 }}}}</title></head><body>{body}</body></html>".encode()
    )


def document_with(*paragraphs: str, footer: str = "") -> bytes:
    page = Document()
    for text in paragraphs:
        page.add_paragraph(text)
    if footer:
        page.sections[0].footer.paragraphs[0].text = footer
    stream = io.BytesIO()
    page.save(stream)
    return stream.getvalue()


def test_every_department_with_visits_has_its_documents() -> None:
    files = made()
    assert {name.rsplit("/", 1)[0] for name in files} == {FIRE, FOOD, "003_青石县人社局"}
    for kind in KINDS:
        assert {f"{FIRE}/{kind}.docx", f"{FIRE}/{kind}.html"} <= set(files)


def test_a_visit_has_one_notice_from_its_leading_department_and_a_record_for_each() -> None:
    case = campaign()
    visits = {seat.visit_id for seat in case["schedule"].seats}
    files = made()
    notices, records = {}, {}
    for name, data in files.items():
        if name.endswith(".html"):
            found = re.findall(r"V-E\d\d-1", data.decode())
            (notices if NOTICE in name else records)[name.split("/")[0]] = found
    issued = [visit for found in notices.values() for visit in found]
    assert sorted(issued) == sorted(visits)
    taking_part = {row.visit_id: row.department_ids for row in case["merged"].visits}
    folders = {"D-fire": FIRE, "D-food": FOOD, "D-work": "003_青石县人社局"}
    for me, folder in folders.items():
        assert records[folder] == [
            visit
            for visit in dict.fromkeys(seat.visit_id for seat in case["schedule"].seats)
            if me in taking_part[visit]
        ]


@pytest.mark.parametrize("ending", ["docx", "html"])
def test_a_notice_tells_who_comes_when_for_what_and_what_to_prepare(ending: str) -> None:
    data = made()[f"{FIRE}/{NOTICE}.{ending}"]
    text = words(data) if ending == "docx" else data.decode()
    for wanted in (
        "【演练】",
        "2026年3月5日",
        "周四",
        "09:00",
        "10:10",
        "X01 消防安全检查",
        "fire官3",
        "ZFfire3",
        "专家甲",
        "会同下列部门",
        "经公开随机抽取",
        USUAL_DOCUMENTS[0],
    ):
        assert wanted in text


def test_the_documents_of_the_items_are_listed_once_each() -> None:
    known = campaign()["registers"]
    asked = {"X01": ("消防验收意见书", "值班记录"), "S02": ("值班记录", "价目表")}
    items = tuple(replace(row, documents=asked.get(row.item_code, ())) for row in known.items)
    text = made(registers=replace(known, items=items))[f"{FIRE}/{NOTICE}.html"].decode()
    first = re.findall(r"<li>(.*?)</li>", text.partition("</section>")[0])
    assert first == ["值班记录", "价目表", "消防验收意见书"]  # R01, S02, X01
    assert USUAL_DOCUMENTS[0] not in text.partition("</section>")[0]


def test_what_was_ordered_is_not_said_to_have_been_drawn_and_its_reason_stays_in_the_house() -> None:
    case = campaign()
    visit = case["merged"].visits[0]
    order = Order(
        order_id="ORD-1",
        enterprise_id=visit.enterprise_id,
        department_id=visit.department_ids[0],
        item_codes=visit.item_codes,
        start=visit.start,
        end=visit.end,
        approver="王",
        document="督办〔2026〕3号",
        approved_at="2026-02-20T09:30",
        reason="群众投诉举报",
    )
    needs = tuple(
        replace(row, task_id="ORD-1") if row.requirement_id in visit.requirement_ids else row
        for row in case["merged"].requirements
    )
    files = made(
        registers=replace(case["registers"], orders=(order,)),
        merged=replace(case["merged"], requirements=needs),
        visit=visit.visit_id,
    )
    for name, data in files.items():
        text = words(data) if name.endswith("docx") else data.decode()
        assert "投诉" not in text
        assert "随机抽取" not in text
    assert "根据工作安排" in files[f"{NOTICE}.html"].decode()


def test_a_single_visit_has_its_notice_and_a_record_for_each_department() -> None:
    visit = next(row for row in campaign()["merged"].visits if len(set(row.department_ids)) == 3)
    files = made(visit=visit.visit_id)
    assert set(files) == {
        f"{stem}.{ending}"
        for stem in (NOTICE, *(f"{name}_{RECORD}" for name in ("D-fire", "D-food", "D-work")))
        for ending in ("docx", "html")
    }


def test_a_visit_that_is_not_in_the_roster_is_refused() -> None:
    with pytest.raises(UsageError, match=r"export\.visit_unknown"):
        made(visit="V-E99-1")


def test_the_same_campaign_gives_the_same_bytes() -> None:
    assert made() == made()


def test_every_visit_is_a_section_whose_pages_count_from_one() -> None:
    data = made()[f"{FOOD}/{RECORD}.docx"]
    page = Document(io.BytesIO(data))
    visits = re.findall(r"V-E\d\d-1", words(data))
    assert len(page.sections) == len(visits) > 1
    starts = page.element.body.xpath("//w:sectPr/w:pgNumType/@w:start")
    assert starts == ["1"] * len(visits)


def test_no_visits_make_no_papers() -> None:
    schedule = replace(campaign()["schedule"], seats=())
    assert made(schedule=schedule) == {}


# --- a department's own templates ------------------------------------------------------------------------


def test_a_departments_own_template_takes_the_place_of_ours_for_it_alone() -> None:
    own = templates()
    own["D-food", NOTICE, "html"] = Template(name="x", data=page_with("<p>我局 {{ 检查对象 }}</p>"))
    own["D-food", NOTICE, "docx"] = Template(name="y", data=document_with("我局 {{ 检查对象 }}"))
    files = made(own=own)
    assert "<p>我局 青石县第" in files[f"{FOOD}/{NOTICE}.html"].decode()
    assert words(files[f"{FOOD}/{NOTICE}.docx"]).startswith("我局 青石县第")
    assert "我局 青石县" not in files[f"{FIRE}/{NOTICE}.html"].decode()


def test_every_field_that_is_promised_can_be_used() -> None:
    parts = []
    for name, shape in VISIT_SHAPE.items():
        if shape is None:
            parts.append(f"{{{{ {name} }}}}")
        elif shape[0] is None:
            parts.append(f"{{% for x in {name} %}}{{{{ x }}}}{{% endfor %}}")
        else:
            inner = "".join(f"{{{{ x.{field} }}}}" for field, sub in shape[0].items() if sub is None)
            parts.append(f"{{% for x in {name} %}}{inner}{{% endfor %}}")
    body = " ".join(parts)
    files = made(own=templates(html=page_with(body), docx=document_with(body)))
    assert "青石县第" in files[f"{FIRE}/{NOTICE}.html"].decode()
    assert "ZFfire3" in words(files[f"{FIRE}/{NOTICE}.docx"])


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("{{ 企业名称 }}", "企业名称"),
        ("{{ 检查对象.名称 }}", "检查对象.名称"),
        ("{% for 行 in 检查人员 %}{{ 行.电话 }}{% endfor %}", "行.电话"),
        ("{% for 部 in 检查部门 %}{% for 人 in 部.人员 %}{{ 人.手机 }}{% endfor %}{% endfor %}", "人.手机"),
        ("{% if 演练 == '从不' %}{{ 不存在 }}{% endif %}", "不存在"),
        ("{{ 检查人员[0].手机 }}", "检查人员.手机"),
        ("{{ 检查事项.名称 }}", "检查事项.名称"),
        ("{% if 法人 %}x{% endif %}", "法人"),
        ("{{ 检查对象|replace(旧, '') }}", "旧"),
    ],
)
@pytest.mark.parametrize("ending", ["html", "docx"])
def test_an_unknown_field_is_refused_with_its_place_and_what_there_is(
    body: str, name: str, ending: str
) -> None:
    data = page_with(f"<p>x</p>\n{body}") if ending == "html" else document_with("x", body)
    with pytest.raises(InputError) as caught:
        made(own=templates(**{ending: data}))
    problem = caught.value.problems[0]
    assert problem.code == "export.template_field"
    assert problem.place == {"file": f"mine.{ending}", "row": 2}
    asked = problem.params["name"]
    assert asked == name or str(asked).endswith(name.rpartition(".")[2])


def test_all_faults_of_a_template_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        made(own=templates(html=page_with("{{ 甲 }}\n{{ 乙 }}\n{{ 检查对象 }}{{ 丙 }}")))
    assert [problem.params["name"] for problem in caught.value.problems] == ["甲", "乙", "丙"]
    assert [problem.place["row"] for problem in caught.value.problems] == [1, 2, 3]


@pytest.mark.parametrize(
    "body",
    [
        "{% for x in 检查人员 %}",
        "{{ 检查对象 | 没有 }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ 检查对象.__class__ }}",
        "{{ 检查对象 | random }}",
        "{{ 检查对象 | safe }}",
        "{{ 检查人员 }}",
        "{{ 检查人员 | map(attribute='姓名') }}",
        "{% set 行 = 检查事项[0] %}{{ 行.没有 }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    ],
)
@pytest.mark.parametrize("ending", ["html", "docx"])
def test_a_template_that_cannot_be_filled_is_refused(body: str, ending: str) -> None:
    data = page_with(body) if ending == "html" else document_with(body)
    with pytest.raises(InputError, match=r"export\.template_(broken|field)"):
        made(own=templates(**{ending: data}))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("{% include 'other' %}", "include"),
        ("{% import 'os' as os %}", "import"),
        ("{% for a in range(99999) %}{% endfor %}", "( )"),
        ("{{ 'a' * 10 }}", "*"),
        ("{{ 9 ** 9 }}", "**"),
        ("{{ '%99d' % 1 }}", "%"),
        ("{{ 1 // 0 }}", "//"),
        ("{% macro a() %}{% endmacro %}", "macro"),
        ("{% autoescape false %}{{ 检查对象 }}{% endautoescape %}", "scope"),
        ("{% for x in 检查事项 recursive %}{{ x.名称 }}{% endfor %}", "for"),
    ],
)
@pytest.mark.parametrize("ending", ["html", "docx"])
def test_a_template_computes_nothing(body: str, what: str, ending: str) -> None:
    data = page_with(body) if ending == "html" else document_with(body)
    with pytest.raises(InputError) as caught:
        made(own=templates(**{ending: data}))
    problem = caught.value.problems[0]
    assert (problem.code, problem.params["what"]) == ("export.template_part", what)


@pytest.mark.parametrize(
    ("ending", "data"),
    [
        ("html", b"\xff\xfe no text"),
        ("html", "<p>{{ 检查对象 }}</p>".encode()),
        ("docx", b"PK no zip"),
        ("docx", b""),
    ],
)
def test_a_file_that_is_no_template_is_refused(ending: str, data: bytes) -> None:
    with pytest.raises(InputError, match=r"export\.template_broken"):
        made(own=templates(**{ending: data}))


def test_a_damaged_document_is_refused() -> None:
    good = bytearray(default_template(NOTICE, "docx"))
    for place in range(0, len(good), len(good) // 40):
        bad = bytes(good[:place]) + bytes([good[place] ^ 255]) + bytes(good[place + 1 :])
        with suppress(InputError):
            made(own=templates(docx=bad))


def test_a_tag_that_begins_in_a_table_and_ends_outside_it_is_refused() -> None:
    page = Document()
    page.add_table(rows=1, cols=1).cell(0, 0).text = "{% if 批次编号 == '别的' %}"
    page.add_paragraph("{% endif %}")
    stream = io.BytesIO()
    page.save(stream)
    with pytest.raises(InputError, match=r"export\.template_broken"):
        made(own=templates(docx=stream.getvalue()))


def test_a_zip_that_is_no_document_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(InputError, match=r"export\.template_broken"):
        made(own=templates(docx=stream.getvalue()))


def test_a_documents_footer_knows_the_document_but_no_single_visit() -> None:
    good = document_with("{{ 检查对象 }}", footer="{{ 部门 }} {{ 批次编号 }}")
    data = made(own=templates(docx=good))[f"{FIRE}/{NOTICE}.docx"]
    assert (
        "青石县消防救援大队 small-2026-01" in Document(io.BytesIO(data)).sections[0].footer.paragraphs[0].text
    )
    with pytest.raises(InputError) as caught:
        made(own=templates(docx=document_with("x", footer="{{ 检查对象 }}")))
    assert caught.value.problems[0].params["name"] == "检查对象"
    assert "批次编号" in str(caught.value.problems[0].params["known"])


# --- hostile text ----------------------------------------------------------------------------------------


def renamed(name: str) -> Any:
    known = campaign()["registers"]
    return replace(
        known,
        enterprises=tuple(replace(row, name=name, address=name) for row in known.enterprises),
        inspectors=tuple(replace(row, name=name, certificate_no=name) for row in known.inspectors),
        items=tuple(replace(row, name=name, basis=name, documents=(name,)) for row in known.items),
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{ 7*7 }}{% raw %}", "{{ 7*7 }}{% raw %}"),
        ("\u202e反转\u202c", "反转"),
        ("长" * 300, "长" * 300),
        ("😀 \ue000", "😀 \ue000"),
        ("x\x00y\x0b", "x�y�"),
        ("]]>&amp;\"'", "]]>&amp;\"'"),
        ("a\nb\tc\fd", "a b c�d"),
    ],
)
def test_odd_names_are_text_in_both_forms(name: str, shown: str) -> None:
    files = made(registers=renamed(name))
    document = Document(io.BytesIO(files[f"{FIRE}/{NOTICE}.docx"]))
    assert shown in "\n".join(paragraph.text for paragraph in document.paragraphs)
    page = files[f"{FIRE}/{NOTICE}.html"].decode()
    assert "<script" not in page
    assert shown in unescape(page)


@given(st.text(max_size=40))
@hypothesis_settings(max_examples=20, deadline=None)
def test_any_name_gives_a_document_that_can_be_opened(name: str) -> None:
    data = made(registers=renamed(name), visit="V-E02-1")[f"{NOTICE}.docx"]
    Document(io.BytesIO(data))


# --- a real office ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_libreoffice_opens_every_document_and_workbook(tmp_path: Path) -> None:
    room = tmp_path / "pdf"
    room.mkdir()
    found: dict[Path, bytes] = {}
    for name, data in made(registers=renamed("=1+<b>长\u202e😀")).items():
        found[tmp_path / name.replace("/", "_")] = data
    case = finished()
    given_to_books = {key: case[key] for key in ("plan", "registers", "merged", "schedule", "certificate")}
    for name, data in workbooks(**given_to_books):
        found[tmp_path / name] = data
    for path, data in found.items():
        path.write_bytes(data)
    office = [path for path in found if path.suffix in {".docx", ".xlsx"}]
    printed = dict(zip(office, map(pages_of, pdf_of(office, room)), strict=True))
    notice = printed[tmp_path / f"{FOOD}_{NOTICE}.docx"]
    assert len(notice) == len(re.findall(r"V-E\d\d-1", words(found[tmp_path / f"{FOOD}_{NOTICE}.docx"])))
    assert all("第 1 页" in re.sub(r"\s+", " ", page) for page in notice)
    roster = printed[tmp_path / f"{FIRE}.xlsx"]
    assert "排期" in roster[0]
    assert any("fire官3" in page for page in roster)
    assert all(len(pages) >= 1 for pages in printed.values())
    assert all(a != b for a, b in pairwise(notice))
