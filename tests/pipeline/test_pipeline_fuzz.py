"""Random damage to every input of ``draw`` and ``verify``: nothing but coded errors comes out."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import CEREMONY, registers
from small_files import write_small

import cli
from scheduler import draw as draw_room
from scheduler import pipeline
from scheduler.domain.canonical import canonical_json, file_sha256, sha256_hex
from scheduler.domain.codec import read_csv, read_json
from scheduler.domain.errors import OneDoorError
from scheduler.domain.layout import IF_ANY, TABLE_FILES, intake_table
from scheduler.domain.messages import catalogue, render
from scheduler.domain.plan import Plan
from scheduler.domain.registers import TABLES, Registers
from scheduler.verify import verify_run

BYTES = (*b'",;|\n\r\0/.-[]{}:0A', 0x80, 0xC3, 0xEF, 0xFF)
ODD = (
    "",
    "0",
    "-1",
    "1",
    "99999999999",
    "0001-01-01",
    "9999-12-31",
    "E02",
    "a;b",
    "|",
    "D",
    "T-work",
    "é",
    "\n",
)
ODD_VALUES: tuple[Any, ...] = (None, 0, -1, 10**30, 1.5, True, "", "x", "|", [], {}, [[]], "9999-12-31")


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    pipeline.import_campaign(write_small(folder / "c"), folder / "run")
    pipeline.commit(folder / "run")
    return folder / "run"


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz-whole")
    assert cli.call(["run", str(write_small(folder / "c")), "--run", str(folder / "run")]) == 0
    return folder / "run"


def coded(error: OneDoorError) -> None:
    """Every problem has a code that the catalogue puts into words."""
    assert error.problems
    for problem in error.problems:
        assert problem.code in catalogue()
        assert render(problem, "zh")
        assert render(problem, "en")
    assert error.exit_code in range(2, 8)


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Bytes changed, cut, doubled, swapped, or a cell or value replaced by something odd."""
    kind = rng.randrange(6)
    at, to = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    if kind == 0 and data:
        changed = bytearray(data)
        for _ in range(rng.randrange(1, 5)):
            changed[rng.randrange(len(changed))] = rng.choice(BYTES)
        return bytes(changed)
    if kind == 1:
        return data[:at] + data[to:]
    if kind == 2:
        return data[:to] + data[at:]
    lines = data.split(b"\n")
    if kind == 3:
        rng.shuffle(lines)
        return b"\n".join(lines)
    if data.startswith(b"{"):
        return odd_document(data, rng)
    row = rng.randrange(len(lines))
    cells = lines[row].split(b",")
    cells[rng.randrange(len(cells))] = rng.choice(ODD).encode()
    lines[row] = b",".join(cells)
    return b"\n".join(lines)


def odd_document(data: bytes, rng: random.Random) -> bytes:
    """A JSON document with one of its values replaced, left out or doubled."""
    try:
        document = json.loads(data)
    except ValueError:
        return data[:-1]
    places = list(holders(document))
    holder, key = rng.choice(places)
    if rng.random() < 0.2:
        del holder[key]
    elif rng.random() < 0.2 and isinstance(holder, list):
        holder.append(holder[key])
    else:
        holder[key] = rng.choice(ODD_VALUES)
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def holders(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from holders(value[key])


def resealed(run: Path) -> None:
    """The ledger as a forger would mend it: digests of the files as they are, a whole chain."""
    path = run / "ledger.jsonl"
    before, told = "0" * 64, b""
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        line.pop("hash")
        line["files"] = {name: file_sha256(run / name) for name in line["files"]}
        line["prev"] = before
        line["hash"] = before = sha256_hex(canonical_json(line))
        told += canonical_json(line) + b"\n"
    path.write_bytes(told)


def spoil(run: Path, rng: random.Random, *, reseal: bool) -> str:
    """Damage one file of the run; returns its name."""
    names = sorted(path.relative_to(run).as_posix() for path in run.rglob("*.*") if path.is_file())
    names = [name for name in names if not name.endswith((".xlsx", ".html")) and name != "ledger.jsonl"]
    name = rng.choice(names if reseal else [*names, "ledger.jsonl"])
    (run / name).write_bytes(damaged((run / name).read_bytes(), rng))
    if reseal:
        resealed(run)
    return name


def each(
    run: Path, tmp_path: Path, times: int, act: Callable[[Path, random.Random], None], *, reseal: bool
) -> None:
    for number in range(times):
        copy = tmp_path / str(number)
        shutil.copytree(run, copy)
        rng = random.Random(number)  # noqa: S311 - a test's damage decides nothing
        spoil(copy, rng, reseal=reseal)
        act(copy, rng)
        shutil.rmtree(copy)


def drawn(run: Path, rng: random.Random) -> None:
    del rng
    try:
        pipeline.draw(run, CEREMONY)
    except OneDoorError as error:
        coded(error)


def judged(run: Path, rng: random.Random) -> None:
    del rng
    try:
        certificate = verify_run(run)
    except OneDoorError as error:
        coded(error)
        return
    for violation in certificate.violations:
        assert violation.code in catalogue()


def asked(run: Path, rng: random.Random) -> None:
    for ident in ("E01", "food-1", rng.choice(ODD)):
        for ask in (pipeline.why, pipeline.prove):
            try:
                ask(run, ident)
            except OneDoorError as error:
                coded(error)


@pytest.mark.parametrize("reseal", [False, True])
def test_a_damaged_run_is_drawn_or_refused_by_name(committed: Path, tmp_path: Path, *, reseal: bool) -> None:
    each(committed, tmp_path, 50, drawn, reseal=reseal)


@pytest.mark.parametrize("reseal", [False, True])
def test_a_damaged_run_is_judged_or_refused_by_name(certified: Path, tmp_path: Path, *, reseal: bool) -> None:
    each(certified, tmp_path, 50, judged, reseal=reseal)


@pytest.mark.parametrize("reseal", [False, True])
def test_questions_to_a_damaged_run_are_answered_or_refused_by_name(
    certified: Path, tmp_path: Path, *, reseal: bool
) -> None:
    each(certified, tmp_path, 25, asked, reseal=reseal)


@given(st.one_of(st.text(max_size=60), st.text(alphabet="0123456789\r\n |\ufeff", min_size=38, max_size=43)))
@quick(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_ceremony_text_gives_a_seed_or_a_coded_refusal(committed: Path, text: str) -> None:
    plan = read_json(Plan, committed / "plan/plan.json")
    try:
        assert draw_room.seed_text(plan, text).startswith("spec=onedoor-draw/1\n")
    except OneDoorError as error:
        coded(error)


def tables(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: tuple(read_csv(cls, run / intake_table(name))) if name not in IF_ANY else ()
        for name, cls in TABLES.items()
    }
    for name in ("plan/frame.csv", "plan/excluded.csv"):
        found[name] = tuple(read_csv(TABLE_FILES[name], run / name))
    return found


def mangled(rows: tuple[Any, ...], rng: random.Random) -> tuple[Any, ...]:
    """Rows left out, doubled, mixed, or one value swapped for another of its column."""
    kind = rng.randrange(4)
    if kind == 0:
        return rows[1:]
    if kind == 1:
        return (*rows, rng.choice(rows))
    if kind == 2:
        return tuple(rng.sample(rows, len(rows) // 2))
    name = rng.choice(type(rows[0]).__slots__)
    values = [getattr(row, name) for row in rows]
    at = rng.randrange(len(rows))
    values[at] = type(values[at])() if isinstance(values[at], str | tuple | int) else rng.choice(values)
    fields = [{key: getattr(row, key) for key in row.__slots__} for row in rows]
    fields[at][name] = values[at]
    return tuple(type(row)(**data) for row, data in zip(rows, fields, strict=True))


def test_mangled_tables_in_memory_give_a_draw_or_a_coded_refusal(committed: Path) -> None:
    plan = read_json(Plan, committed / "plan/plan.json")
    whole = tables(committed)
    refused = 0
    for number in range(200):
        rng = random.Random(number)  # noqa: S311 - a test's damage decides nothing
        name = rng.choice([table for table in sorted(whole) if whole[table]])
        given_tables = {**whole, name: mangled(whole[name], rng)}
        known = Registers(**{table: given_tables[table] for table in TABLES})
        try:
            draw_room.draw(
                plan, given_tables["plan/frame.csv"], given_tables["plan/excluded.csv"], known, "0" * 64
            )
        except OneDoorError as error:
            coded(error)
            refused += 1
        try:
            draw_room.commit(known, plan.settings, {}, 0)
        except OneDoorError as error:
            coded(error)
    assert refused > 40


def test_the_small_campaign_itself_is_drawn(committed: Path, tmp_path: Path) -> None:
    shutil.copytree(committed, tmp_path / "run")
    assert pipeline.draw(tmp_path / "run", CEREMONY).n_draws > 0
    assert len(registers().enterprises) == 12
