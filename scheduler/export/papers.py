"""Visit notice (检查通知书) and on-site record sheet (现场记录表): a section per visit, from templates that a
department can replace.

In: plan, registers, merge result, schedule, templates. Out: file names with the bytes of .docx and .html.
May import: :mod:`scheduler.domain`, jinja2, docxtpl (an extra, only where a .docx is asked for).

A visit's notice stands in the document of one department, its issuer
(:class:`scheduler.export.facts.Placed`): one door, one notice. Every department has a record sheet of its own
items. Whoever writes a template writes one visit; it is repeated for each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scheduler.domain.errors import UsageError, refuse
from scheduler.domain.messages import long_date
from scheduler.domain.plan import Plan
from scheduler.domain.registers import Department, Inspector, Registers
from scheduler.domain.schedule import Schedule
from scheduler.domain.visits import MergeResult
from scheduler.export.facts import Facts, Placed, gather
from scheduler.export.fields import PAPERS
from scheduler.export.habits import clock, weekday
from scheduler.export.names import department_folder
from scheduler.export.papercheck import Shape
from scheduler.export.sheets import clean

Kind = Literal["检查通知书", "现场记录表"]
Ending = Literal["docx", "html"]
KINDS: tuple[Kind, ...] = ("检查通知书", "现场记录表")

ID_KINDS = {"uscc": "统一社会信用代码", "legacy": "注册号", "other": "代码"}

USUAL_DOCUMENTS = (
    "营业执照或者其他主体资格证明",
    "现场负责人身份证明；委托他人陪同的，另备授权委托书",
    "与检查事项有关的许可文件、制度、台账和记录",
)
"""What is asked for where no item of the visit says anything in its column 需准备材料."""

DOCUMENT_SHAPE: dict[str, Shape] = {
    "演练": None,
    "文书": None,
    "部门": None,
    "批次名称": None,
    "批次编号": None,
    "组织机关": None,
}
"""What is the same in all of a document: the only fields for headers and footers of a .docx."""

_ITEM = {"序号": None, "编号": None, "名称": None, "部门": None, "依据": None, "类别": None}
_PERSON = {"姓名": None, "工号": None, "部门": None, "执法证号": None}
_TASK = {"编号": None, "名称": None}

VISIT_SHAPE: dict[str, Shape] = {
    **DOCUMENT_SHAPE,
    "上门编号": None,
    "检查对象": None,
    "主体代码": None,
    "代码类型": None,
    "住所": None,
    "检查日期": None,
    "星期": None,
    "开始时间": None,
    "结束时间": None,
    "检查方式": None,
    "检查地点": None,
    "检查由来": None,
    "发起部门": None,
    "抽查任务": [_TASK],
    "检查部门": [{"名称": None, "事项": [_ITEM], "人员": [_PERSON]}],
    "检查事项": [_ITEM],
    "检查人员": [_PERSON],
    "本部门事项": [_ITEM],
    "本部门人员": [_PERSON],
    "专家": [{"姓名": None, "专长": None}],
    "需准备材料": [None],
}
"""Every field that a template may use: a text (None), a list, or the fields of each of its parts."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """One template: where it came from, and its bytes."""

    name: str
    data: bytes


Templates = Mapping[tuple[str, Kind, Ending], Template]
"""By department's id, kind and ending; the id is empty for those that all use who have none of their own."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document to be made: its file name without ending, what it is, and a context for each visit."""

    path: str
    kind: Kind
    department: Department
    document: dict[str, str]
    visits: list[dict[str, Any]]


def papers(
    plan: Plan,
    registers: Registers,
    merged: MergeResult,
    schedule: Schedule,
    templates: Templates,
    *,
    visit: str = "",
    endings: tuple[Ending, ...] = ("docx", "html"),
) -> Iterator[tuple[str, bytes]]:
    """``<department>/检查通知书.docx`` and so on for every department that has any; with ``visit`` that
    one alone, ``检查通知书.docx`` and ``<department's id>_现场记录表.docx``.

    ``templates`` hold for every kind and ending at least the one of all departments. A department without
    visits has no paper. The same input gives the same bytes.

    Errors: ``export.visit_unknown`` (:class:`UsageError`) for a visit without a day;
    ``export.template_field`` and ``export.template_broken`` (:class:`InputError`), all of a template's faults
    at once.
    """
    facts = gather(plan, registers, merged, schedule, PAPERS)
    if visit and visit not in facts.entries:
        raise refuse(UsageError, "export.visit_unknown", visit=visit)
    orders = {row.order_id for row in registers.orders}
    maker = _Maker(plan, facts, orders)
    made = maker.single(visit) if visit else maker.whole(registers.departments)
    writers: dict[tuple[str, Kind, Ending], Any] = {}
    for paper in made:
        for ending in endings:
            key = _template_key(templates, paper, ending)
            if key not in writers:
                writers[key] = _writer(ending)(templates[key])
            yield f"{paper.path}.{ending}", writers[key].write(paper)


def check_templates(templates: Templates) -> None:
    """Refuse what no page could be made from, before anything is made. Errors: as :func:`papers`."""
    for (_, _, ending), template in templates.items():
        _writer(ending)(template)


def _template_key(templates: Templates, paper: Paper, ending: Ending) -> tuple[str, Kind, Ending]:
    own = (paper.department.department_id, paper.kind, ending)
    return own if own in templates else ("", paper.kind, ending)


def _writer(ending: Ending) -> Any:
    """The class that fills templates of this ending; that for .docx needs an extra, so it is loaded late."""
    if ending == "html":
        from scheduler.export.paperhtml import HtmlWriter  # noqa: PLC0415 - beside the other one

        return HtmlWriter
    from scheduler.export.paperdocx import DocxWriter  # noqa: PLC0415 - an extra

    return DocxWriter


class _Maker:
    """Contexts of the visits of one campaign."""

    def __init__(self, plan: Plan, facts: Facts, orders: set[str]) -> None:
        self._facts, self._orders = facts, orders
        settings = plan.settings
        self._campaign = {
            "演练": "【演练】" if settings.rehearsal else "",
            "批次名称": line(settings.name),
            "批次编号": settings.campaign_id,
            "组织机关": line(settings.authority),
        }

    def whole(self, departments: tuple[Department, ...]) -> Iterator[Paper]:
        """Two documents for each department that has visits; no notice where it issues none."""
        for position, row in enumerate(departments, start=1):
            entries = self._facts.entries_of(row.department_id)
            issued = [entry for entry in entries if entry.issuer.department_id == row.department_id]
            folder = department_folder(position, row.name)
            for kind, mine in ((KINDS[0], issued), (KINDS[1], entries)):
                if mine:
                    yield self._paper(f"{folder}/{kind}", kind, row, mine)

    def single(self, visit: str) -> Iterator[Paper]:
        """A visit's notice, and a record sheet for each department in it."""
        entry = self._facts.entries[visit]
        yield self._paper(KINDS[0], KINDS[0], entry.issuer, [entry])
        for row in entry.departments:
            yield self._paper(f"{row.department_id}_{KINDS[1]}", KINDS[1], row, [entry])

    def _paper(self, path: str, kind: Kind, department: Department, entries: list[Placed]) -> Paper:
        document = {**self._campaign, "文书": kind, "部门": line(department.name)}
        visits = [{**document, **self._visit(entry, department)} for entry in entries]
        return Paper(path=path, kind=kind, department=department, document=document, visits=visits)

    def _visit(self, entry: Placed, department: Department) -> dict[str, Any]:
        firm, me = entry.enterprise, department.department_id
        names = [row.department_id for row in entry.departments]
        items = [self._items(entry, name) for name in names]
        people = [self._people(entry, name) for name in names]
        return {
            "上门编号": entry.visit.visit_id,
            "检查对象": line(firm.name),
            "主体代码": firm.enterprise_id,
            "代码类型": ID_KINDS[firm.id_kind],
            "住所": line(firm.address),
            "检查日期": long_date(entry.day),
            "星期": weekday(entry.day),
            "开始时间": clock(entry.start_min),
            "结束时间": clock(entry.end_min),
            "检查方式": "现场检查" if entry.visit.on_site else "非现场检查",
            "检查地点": self._place(entry),
            "检查由来": self._ground(entry),
            "发起部门": line(entry.issuer.name),
            "抽查任务": [
                {"编号": task.task_id, "名称": line(self._task_name(task.task_id, task.name))}
                for task in entry.tasks
            ],
            "检查部门": [
                {"名称": line(row.name), "事项": own_items, "人员": own_people}
                for row, own_items, own_people in zip(entry.departments, items, people, strict=True)
            ],
            "检查事项": _numbered([row for rows in items for row in rows]),
            "检查人员": [row for rows in people for row in rows],
            "本部门事项": self._items(entry, me),
            "本部门人员": self._people(entry, me),
            "专家": [
                {"姓名": line(who.name), "专长": line("、".join(who.specialties))} for who in entry.experts
            ],
            "需准备材料": _documents(entry),
        }

    def _items(self, entry: Placed, me: str) -> list[dict[str, str]]:
        name = line(self._facts.departments[me].name)
        rows = [
            {
                "编号": item.item_code,
                "名称": line(item.name),
                "部门": name,
                "依据": line(item.basis),
                "类别": item.item_class,
            }
            for item in entry.items_of(me)
        ]
        return _numbered(rows)

    def _people(self, entry: Placed, me: str) -> list[dict[str, str]]:
        name = line(self._facts.departments[me].name)
        return [_person(who, name) for who in entry.officers_of(me)]

    def _place(self, entry: Placed) -> str:
        if entry.visit.on_site:
            return line(entry.enterprise.address) or "你单位住所"
        return f"{line(entry.issuer.name)}（非现场检查，不上门）"

    def _task_name(self, task_id: str, name: str) -> str:
        """An order's reason may be a complaint: it stays in the house."""
        return "指令检查" if task_id in self._orders else name

    def _ground(self, entry: Placed) -> str:
        """Only what was drawn may be said to have been drawn."""
        ordered = [task for task in entry.tasks if task.task_id in self._orders]
        if not ordered:
            return "经公开随机抽取，你单位被确定为检查对象"
        if len(ordered) == len(entry.tasks):
            return "根据工作安排，你单位被确定为检查对象"
        return "经公开随机抽取并根据工作安排，你单位被确定为检查对象"


def line(value: str) -> str:
    """One line of text, without what XML cannot hold."""
    return " ".join(clean(value).split())


def _numbered(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{**row, "序号": str(number)} for number, row in enumerate(rows, start=1)]


def _person(who: Inspector, department: str) -> dict[str, str]:
    return {
        "姓名": line(who.name),
        "工号": who.inspector_id,
        "部门": department,
        "执法证号": line(who.certificate_no),
    }


def _documents(entry: Placed) -> list[str]:
    """What the items ask for, each once, in the order of the items."""
    asked = dict.fromkeys(line(name) for item, _ in entry.items for name in item.documents)
    return list(asked) or list(USUAL_DOCUMENTS)
