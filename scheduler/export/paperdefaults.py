"""The templates that are used where a department has none: made here, nothing binary lies in the repository.

In: which. Out: the bytes of a .docx or .html. May import: :mod:`scheduler.domain`, python-docx (an extra).

They say what the law asks an inspection to say: at least two officers with their certificates, the right to
ask for recusal, the duty to cooperate (《行政处罚法》 Articles 42, 43, 55).
"""

import io
import zipfile
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from scheduler.export.papers import Ending, Kind
from scheduler.export.zips import zipped

if TYPE_CHECKING:
    from docx.document import Document

_FILES: dict[Kind, str] = {"检查通知书": "notice", "现场记录表": "record"}

BODY_FONT, HEAD_FONT = "仿宋", "黑体"
"""Faces that Windows and WPS bring; elsewhere the program's own Chinese face stands in."""


def default_template(kind: Kind, ending: Ending) -> bytes:
    """The template of this kind; the same bytes on every machine."""
    if ending == "html":
        return files("scheduler.export").joinpath(f"templates/{_FILES[kind]}.html").read_bytes()
    return _notice() if kind == "检查通知书" else _record()


def _notice() -> bytes:
    page = _page()
    _line(page, "{{ 演练 }}{{ 部门 }}", size=18, bold=True, centre=True, font=HEAD_FONT)
    _line(page, "检 查 通 知 书", size=22, bold=True, centre=True, font=HEAD_FONT, after=6)
    _line(page, "＿＿＿〔＿＿＿＿〕＿＿＿号　　上门编号 {{ 上门编号 }}", size=10.5, right=True, after=8)
    _line(page, "{{ 检查对象 }}（{{ 代码类型 }} {{ 主体代码 }}）：", size=12)
    _line(
        page,
        "{{ 检查由来 }}。我单位定于{{ 检查日期 }}（{{ 星期 }}）{{ 开始时间 }}至{{ 结束时间 }}"
        "{% if 检查部门|length > 1 %}会同下列部门{% endif %}在{{ 检查地点 }}实施{{ 检查方式 }}，"
        "所列事项一次办完（进一次门、查多项事）。现将有关事项通知如下：",
        size=12,
        indent=True,
        after=4,
    )
    _line(page, "一、检查事项", size=12, bold=True, font=HEAD_FONT)
    _table(
        page,
        ("序号", "检查部门", "抽查事项", "检查依据"),
        (1.2, 4.3, 5.4, 5.1),
        "检查事项",
        ("{{ 行.序号 }}", "{{ 行.部门 }}", "{{ 行.编号 }} {{ 行.名称 }}", "{{ 行.依据 }}"),
    )
    _line(page, "二、检查人员", size=12, bold=True, font=HEAD_FONT, before=6)
    _table(
        page,
        ("姓名", "所属部门", "执法证号"),
        (4.0, 7.0, 5.0),
        "检查人员",
        ("{{ 行.姓名 }}", "{{ 行.部门 }}", "{{ 行.执法证号 }}"),
    )
    _line(page, "{%p for 行 in 专家 %}", size=12)
    _line(page, "协助专家：{{ 行.姓名 }}（{{ 行.专长 }}）", size=12, before=4)
    _line(page, "{%p endfor %}", size=12)
    _line(page, "三、请准备的材料", size=12, bold=True, font=HEAD_FONT, before=6)
    _line(page, "{%p for 材料 in 需准备材料 %}", size=12)
    _line(page, "{{ loop.index }}．{{ 材料 }}", size=12, indent=True)
    _line(page, "{%p endfor %}", size=12)
    _line(page, "四、权利与义务", size=12, bold=True, font=HEAD_FONT, before=6)
    _line(
        page,
        "检查人员不少于两人，并应当主动出示执法证件；未出示的，你单位有权拒绝检查。认为检查人员与本次检查有直接"
        "利害关系的，有权申请回避。请如实回答询问、提供材料，协助检查，不得拒绝或者阻挠。",
        size=12,
        indent=True,
        after=6,
    )
    _line(page, "联系人：＿＿＿＿＿＿　　联系电话：＿＿＿＿＿＿＿＿", size=12, after=10)
    _line(page, "{{ 部门 }}（印章）", size=12, right=True)
    _line(page, "＿＿＿＿年＿＿月＿＿日", size=12, right=True, after=10)
    _line(page, "送达回执：本单位已收到上述通知书。", size=12, rule=True)
    _line(page, "签收人：＿＿＿＿＿＿　身份或职务：＿＿＿＿＿＿　＿＿＿＿年＿＿月＿＿日", size=12)
    return _saved(page)


def _record() -> bytes:
    page = _page()
    _line(page, "{{ 演练 }}{{ 部门 }}", size=18, bold=True, centre=True, font=HEAD_FONT)
    _line(page, "现 场 检 查 记 录 表", size=22, bold=True, centre=True, font=HEAD_FONT, after=6)
    _facts(
        page,
        (
            ("检查对象", "{{ 检查对象 }}", "{{ 代码类型 }}", "{{ 主体代码 }}"),
            ("检查地点", "{{ 检查地点 }}", "检查方式", "{{ 检查方式 }}"),
            ("检查日期", "{{ 检查日期 }} {{ 星期 }}", "计划时间", "{{ 开始时间 }}至{{ 结束时间 }}"),
            ("实际起止", "＿＿时＿＿分至＿＿时＿＿分", "记录人", ""),
            ("抽查任务", "{{ 抽查任务|join('、', attribute='名称') }}", "上门编号", "{{ 上门编号 }}"),
        ),
    )
    _line(page, "一、检查事项与结果", size=12, bold=True, font=HEAD_FONT, before=8)
    _table(
        page,
        ("序号", "抽查事项", "检查结果", "情况说明"),
        (1.2, 5.0, 5.6, 4.2),
        "本部门事项",
        (
            "{{ 行.序号 }}",
            "{{ 行.编号 }} {{ 行.名称 }}",
            "□未发现问题　□不配合检查\n□发现问题已责令改正\n□发现问题待后续处理\n□未开展相关经营活动",
            "",
        ),
    )
    _line(page, "二、现场情况", size=12, bold=True, font=HEAD_FONT, before=8)
    _room(page, 3.2)
    _line(page, "三、签名", size=12, bold=True, font=HEAD_FONT, before=8)
    _table(
        page,
        ("检查人员", "执法证号", "签名"),
        (5.0, 5.0, 6.0),
        "本部门人员",
        ("{{ 行.姓名 }}", "{{ 行.执法证号 }}", ""),
        height=0.8,
    )
    _line(page, "{%p for 行 in 专家 %}", size=12)
    _line(page, "专家：{{ 行.姓名 }}（{{ 行.专长 }}）　签名：＿＿＿＿＿＿＿＿", size=12, before=4)
    _line(page, "{%p endfor %}", size=12)
    _line(
        page,
        "检查人员已出示执法证件并告知申请回避的权利。以上记录已阅，情况属实。",
        size=12,
        before=6,
        after=6,
    )
    _line(page, "被检查单位（签名或印章）：＿＿＿＿＿＿＿＿＿　＿＿＿＿年＿＿月＿＿日", size=12, after=6)
    _line(page, "见证人（拒绝签名时）：＿＿＿＿＿＿＿＿＿　＿＿＿＿年＿＿月＿＿日", size=12)
    return _saved(page)


def _page() -> "Document":
    """An A4 page with the margins of official documents (GB/T 9704-2012, a little narrower at the sides)."""
    from docx import Document  # noqa: PLC0415 - an extra
    from docx.shared import Cm  # noqa: PLC0415

    page = Document()
    section = page.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.0)
    section.left_margin, section.right_margin = Cm(2.5), Cm(2.5)
    _footer(section.footer.paragraphs[0])
    return page


def _footer(paragraph: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, "{{ 批次名称 }}（{{ 批次编号 }}）　{{ 文书 }}　第 ", size=9)
    _field(paragraph, "PAGE")  # without a total: not every program knows that of a section
    _run(paragraph, " 页", size=9)


def _field(paragraph: Any, name: str) -> None:
    """A field that Word computes itself."""
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    run = _run(paragraph, "", size=9)
    for kind, text in (("begin", ""), ("", name), ("separate", ""), ("shown", "1"), ("end", "")):
        if kind == "shown":
            part = OxmlElement("w:t")
            part.text = text
        elif kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run._r.append(part)  # noqa: SLF001 - python-docx has no fields of its own


def _run(paragraph: Any, text: str, *, size: float, bold: bool = False, font: str = BODY_FONT) -> Any:
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    run = paragraph.add_run(text)
    run.bold, run.font.size, run.font.name = bold, Pt(size), font
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)  # noqa: SLF001 - not in its API
    return run


def _line(  # noqa: PLR0913 - how a paragraph looks
    page: Any,
    text: str,
    *,
    size: float,
    bold: bool = False,
    font: str = BODY_FONT,
    centre: bool = False,
    right: bool = False,
    indent: bool = False,
    rule: bool = False,
    before: float = 0,
    after: float = 0,
) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    paragraph = page.add_paragraph()
    _run(paragraph, text, size=size, bold=bold, font=font)
    look = paragraph.paragraph_format
    look.space_before, look.space_after, look.line_spacing = Pt(before), Pt(after), 1.2
    look.keep_with_next = bold  # no heading alone at the end of a page
    if centre or right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.RIGHT
    if indent:
        look.first_line_indent = Pt(2 * size)
    if rule:
        _rule_above(paragraph)


def _rule_above(paragraph: Any) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "dashed"), ("sz", "6"), ("space", "6"), ("color", "auto")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().insert_element_before(  # noqa: SLF001 - not in its API
        borders, "w:shd", "w:spacing", "w:ind", "w:jc"
    )


def _table(
    page: Any,
    headings: tuple[str, ...],
    widths: tuple[float, ...],
    over: str,
    cells: tuple[str, ...],
    height: float = 0,
) -> None:
    """A table with a row for each part of the list ``over``, at least ``height`` cm high; its headings stand
    on every page."""
    table = page.add_table(rows=4, cols=len(headings))
    _fill(table.rows[0], headings, bold=True)
    _fill(table.rows[1], (f"{{%tr for 行 in {over} %}}", *[""] * (len(headings) - 1)))
    _fill(table.rows[2], cells)
    _fill(table.rows[3], ("{%tr endfor %}", *[""] * (len(headings) - 1)))
    _finish(table, widths)
    _tall(table.rows[2], height)
    _repeat(table.rows[0])


def _facts(page: Any, rows: tuple[tuple[str, str, str, str], ...]) -> None:
    table = page.add_table(rows=len(rows), cols=4)
    for row, texts in zip(table.rows, rows, strict=True):
        _fill(row, texts)
    _finish(table, (2.2, 5.4, 2.8, 5.6))


def _room(page: Any, height: float) -> None:
    """An empty frame to write in."""
    table = page.add_table(rows=1, cols=1)
    _finish(table, (16.0,))
    _tall(table.rows[0], height)


def _tall(row: Any, height: float) -> None:
    from docx.shared import Cm  # noqa: PLC0415

    if height:
        row.height = Cm(height)


def _fill(row: Any, texts: tuple[str, ...], *, bold: bool = False) -> None:
    from docx.shared import Pt  # noqa: PLC0415

    for cell, text in zip(row.cells, texts, strict=True):
        paragraph = cell.paragraphs[0]
        look = paragraph.paragraph_format
        look.space_before, look.space_after = Pt(2), Pt(2)
        _run(paragraph, text, size=10.5, bold=bold)


def _finish(table: Any, widths: tuple[float, ...]) -> None:
    from docx.shared import Cm  # noqa: PLC0415

    table.style = "Table Grid"
    table.autofit = False
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)


def _repeat(row: Any) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - not in its API


def _saved(page: Any) -> bytes:
    """The file with the zip's times, and the times inside it, taken out."""
    import datetime as dt  # noqa: PLC0415

    properties = page.core_properties
    properties.author, properties.comments = "OneDoor", ""
    fixed = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    properties.created, properties.modified = fixed, fixed
    stream = io.BytesIO()
    page.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return zipped((entry.filename, archive.read(entry)) for entry in archive.infolist())
