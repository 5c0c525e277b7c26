"""Written campaigns: bytes, counts, what intake finds in them."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from stdnum.cn import uscc as oracle

from instances import cached_campaign, write_campaign
from instances.cache import _settle, default_cache, generator_digest
from instances.sizes import SIZES, size_named
from scheduler.domain.errors import UsageError
from scheduler.intake import Intake, read_campaign


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_campaign("street", tmp_path_factory.mktemp("street")).parent


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_campaign("county", tmp_path_factory.mktemp("county")).parent


@pytest.fixture(scope="module", params=["street", "county"])
def taken(request: pytest.FixtureRequest) -> tuple[str, Path, Intake]:
    folder: Path = request.getfixturevalue(request.param)
    return request.param, folder, read_campaign(folder / "campaign.toml")


def test_the_same_seed_gives_the_same_bytes(street: Path, county: Path, tmp_path: Path) -> None:
    for name, first in (("street", street), ("county", county)):
        again = write_campaign(name, tmp_path / name).parent
        assert _bytes(again) == _bytes(first)


def test_another_seed_gives_another_register_plan_and_ceremony(street: Path, tmp_path: Path) -> None:
    other = write_campaign("street", tmp_path / "other", seed=2).parent
    first, second = _bytes(street), _bytes(other)
    assert first.keys() == second.keys()
    changed = {name for name in first if first[name] != second[name]}
    assert changed == set(first) - {"planted.json"}


def test_intake_accepts_every_row_but_the_planted_ones(taken: tuple[str, Path, Intake]) -> None:
    _, folder, intake = taken
    planted = json.loads((folder / "planted.json").read_text("utf-8"))
    rejected = {(row.table, row.file, row.row) for row in intake.rejected}
    by_table = {report.table: report for report in intake.report.tables}
    assert len(rejected) == planted["enterprises"]["broken"] + planted["history"]["orphans"]
    assert by_table["enterprises"].merged == planted["enterprises"]["repeated"]
    assert by_table["enterprises"].warnings == planted["enterprises"]["zero_coordinates"]
    others = [report for name, report in by_table.items() if name not in {"enterprises", "history"}]
    assert all(report.rejected == report.merged == report.warnings == 0 for report in others)


def test_counts_are_those_of_the_size(taken: tuple[str, Path, Intake]) -> None:
    name, _, intake = taken
    size, registers = SIZES[name], intake.registers
    assert len(registers.enterprises) == size.n_enterprises
    assert len(registers.inspectors) == size.n_officers
    assert len(registers.departments) == size.n_departments
    assert len(registers.experts) == size.n_experts
    assert len(registers.tasks) == size.n_tasks
    assert len(registers.items) == size.n_items
    assert sum(1 for task in registers.tasks if task.cooperating_ids) == size.n_joint
    assert intake.settings.rehearsal
    assert intake.ceremony is not None
    assert len(intake.ceremony) == intake.settings.ceremony.length


def test_the_published_figures_stand_in_the_sizes() -> None:
    facts = {name: (size.n_departments, size.n_officers, size.n_enterprises) for name, size in SIZES.items()}
    assert facts == {
        "street": (4, 12, 64),
        "county": (19, 1_180, 9_836),
        "city": (163, 3_709, 730_000),
        "metro": (178, 8_452, 6_430_000),
    }
    assert (SIZES["city"].n_tasks, SIZES["city"].n_joint, SIZES["city"].n_experts) == (579, 129, 135)
    assert (SIZES["metro"].n_tasks, SIZES["metro"].n_joint, SIZES["metro"].draws) == (758, 200, 105_743)


def test_every_code_is_valid_and_some_are_legacy(county: Path) -> None:
    registers = read_campaign(county / "campaign.toml").registers
    by_kind: dict[str, list[str]] = {}
    for enterprise in registers.enterprises:
        by_kind.setdefault(enterprise.id_kind, []).append(enterprise.enterprise_id)
    assert all(oracle.is_valid(code) for code in by_kind["uscc"])
    assert {code[0] for code in by_kind["uscc"]} == {"1", "5", "9"}
    assert 0 < len(by_kind["legacy"]) < 0.02 * len(registers.enterprises)


def test_risk_classes_and_states_have_their_documented_shares(county: Path) -> None:
    rows = read_campaign(county / "campaign.toml").registers.enterprises
    shares = {c: sum(1 for row in rows if row.risk_class == c) / len(rows) for c in "ABCD"}
    assert shares == pytest.approx({"A": 0.654, "B": 0.253, "C": 0.078, "D": 0.015}, abs=0.02)
    active = sum(1 for row in rows if row.status == "active") / len(rows)
    assert active == pytest.approx(0.955, abs=0.01)


def test_certificates_run_out_inside_the_window(taken: tuple[str, Path, Intake]) -> None:
    _, _, intake = taken
    settings = intake.settings
    ending = [
        officer
        for officer in intake.registers.inspectors
        if settings.start <= officer.certificate_expires < settings.end
    ]
    assert 1 <= len(ending) <= 0.2 * len(intake.registers.inspectors)


def test_every_task_has_items_of_its_departments_only(taken: tuple[str, Path, Intake]) -> None:
    _, _, intake = taken
    registers = intake.registers
    fields = {department.department_id: department.field for department in registers.departments}
    items = {item.item_code: item for item in registers.items}
    for task in registers.tasks:
        own = {fields[code] for code in (task.lead_id, *task.cooperating_ids)}
        assert {items[code].field for code in task.item_codes} == own
        apart = {other for code in task.item_codes for other in items[code].incompatible_with}
        assert not apart & set(task.item_codes)
        assert intake.settings.start <= task.start < task.end <= intake.settings.end


def test_groups_share_their_window(county: Path) -> None:
    tasks = read_campaign(county / "campaign.toml").registers.tasks
    groups = {task.group: set() for task in tasks if task.group}
    for task in tasks:
        if task.group:
            groups[task.group].add((task.start, task.end))
    assert groups
    assert all(len(windows) == 1 for windows in groups.values())


def test_the_workbooks_open_in_another_reader_and_hold_text_codes_and_real_dates(county: Path) -> None:
    book = load_workbook(county / "抽查任务.xlsx", read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    head = list(rows[0])
    assert len(rows) == 1 + SIZES["county"].n_tasks
    assert isinstance(rows[1][head.index("任务编号")], str)
    assert rows[1][head.index("开始日期")].year == 2026
    book.close()


def test_the_big_table_is_gb18030_with_chinese_headings(street: Path) -> None:
    text = (street / "检查对象名录库.csv").read_bytes().decode("gb18030")
    assert text.startswith("主体代码,代码类型,名称,")
    assert text.endswith("\r\n")


def test_an_unknown_size_and_a_used_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as unknown:
        size_named("village")
    assert unknown.value.problems[0].code == "instance.size"
    (tmp_path / "old").write_text("x", "utf-8")
    with pytest.raises(UsageError) as used:
        write_campaign("street", tmp_path)
    assert used.value.problems[0].code == "instance.out_used"
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_progress_is_told_per_table(tmp_path: Path) -> None:
    told: list[tuple[str, dict[str, str | int]]] = []

    def progress(code: str, /, **params: str | int) -> None:
        told.append((code, params))

    write_campaign("street", tmp_path / "s", progress=progress)
    assert {code for code, _ in told} == {"instance.progress"}
    assert {"table": "tasks", "done": 6} in [params for _, params in told]


def test_the_cache_writes_once_and_knows_its_generator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEDOOR_CACHE", str(tmp_path))
    first = cached_campaign("street")
    stamp = first.stat().st_mtime_ns
    assert cached_campaign("street", tmp_path) == first
    assert first.stat().st_mtime_ns == stamp
    assert first.parent == tmp_path / f"street-1-{generator_digest()}"
    assert [path.name for path in tmp_path.iterdir()] == [first.parent.name]


def test_the_cache_accepts_what_somebody_faster_wrote(tmp_path: Path) -> None:
    first = cached_campaign("street", tmp_path)
    draft = tmp_path / "draft"
    write_campaign("street", draft)
    _settle(draft, first.parent)
    assert first.exists()
    with pytest.raises(OSError, match=r"draft|gone"):
        _settle(tmp_path / "draft-that-is-gone", tmp_path / "nowhere")


def test_the_cache_stands_in_the_users_folder_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONEDOOR_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_cache() == Path("/somewhere/onedoor")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache() == Path.home() / ".cache" / "onedoor"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert default_cache() == Path("/local/onedoor")
