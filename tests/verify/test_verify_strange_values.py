"""Values that parse but make no sense, in every column and every number: a verdict comes out, no traceback.

The digests are broken as well, so the verdict is always ``failed`` and names the file.
"""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from verify.evidence import evidence
from verify.folders import write_run

from scheduler.domain.errors import SealError
from scheduler.verify import verify_run

ODD = ("", "0", "-1", "99999999999", "0001-01-01", "9999-12-31", "E99", "a;b", "T-work:E06", "expert")
ODD_NUMBERS = (0, -1, 10**12)
TABLES = (
    [
        "calendar",
        "departments",
        "enterprises",
        "experts",
        "history",
        "inspectors",
        "items",
        "leave",
        "recusals",
        "tasks",
    ],
    ["excluded", "frame"],
    ["cutoffs", "enterprises", "people"],
    ["requirements", "visits"],
    ["schedule"],
)
NAMES = [
    f"{stage}/{name}.csv"
    for stage, names in zip(("intake", "plan", "draw", "merge", "solve-001"), TABLES, strict=True)
    for name in names
]
DOCUMENTS = ["intake/settings.json", "plan/plan.json", "merge/report.json", "solve-001/solve.json"]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "run"
    write_run(run, evidence(), certified=False)
    return run


@pytest.fixture
def run(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "run")
    return tmp_path / "run"


def odd_tables(text: str) -> Iterator[str]:
    """The table with one cell of its middle row replaced, for every column and odd value."""
    rows = list(csv.reader(io.StringIO(text)))
    if len(rows) < 2:
        return
    at = len(rows) // 2
    for column in range(len(rows[0])):
        for odd in ODD:
            changed = [[*row] for row in rows]
            changed[at][column] = odd
            stream = io.StringIO()
            csv.writer(stream, lineterminator="\n").writerows(changed)
            yield stream.getvalue()


def odd_documents(data: Any) -> Iterator[Any]:
    """The document with one number replaced, one text emptied or one list shortened."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from ({**data, key: odd} for odd in odd_documents(value))
    elif isinstance(data, list):
        if data:
            yield data[1:]
            yield [*data, data[0]]
            yield from ([odd, *data[1:]] for odd in odd_documents(data[0]))
    elif isinstance(data, bool):
        yield not data
    elif isinstance(data, int):
        yield from ODD_NUMBERS
    else:
        yield from ("", "E99")


def assert_named(run: Path, name: str) -> None:
    try:
        certificate = verify_run(run)
    except SealError as error:
        files = {problem.place["file"] for problem in error.problems}
    else:
        assert certificate.verdict == "failed"
        files = {violation.params.get("file", "") for violation in certificate.violations}
    assert name in files


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_cell_gives_a_verdict(run: Path, name: str) -> None:
    text = (run / name).read_text(encoding="utf-8")
    for changed in odd_tables(text):
        if changed != text:
            (run / name).write_text(changed, encoding="utf-8")
            assert_named(run, name)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_odd_value_in_a_document_gives_a_verdict(run: Path, name: str) -> None:
    data = json.loads((run / name).read_bytes())
    for changed in odd_documents(data):
        if changed != data:
            text = json.dumps(changed, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
            (run / name).write_text(text, encoding="utf-8")
            assert_named(run, name)
