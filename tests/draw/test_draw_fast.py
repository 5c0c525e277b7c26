"""The fast path beside the reference: any number of processes, bounds that miss, the same refusals."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import CEREMONY, registers, settings

from scheduler.domain.codec import read_csv, write_csv
from scheduler.domain.errors import InputError
from scheduler.domain.frame import FrameColumns, frame_columns
from scheduler.domain.frame_csv import read_frame
from scheduler.domain.hashes import Profile
from scheduler.domain.plan import Commitment, Exclusion, FrameRow
from scheduler.domain.registers import Registers
from scheduler.draw import commit, draw, draw_columns, fast, seed_of, seed_text
from scheduler.draw.fast import cut, lot_of, under_bounds

MANY = 600
SEED = "5eed" * 16


@pytest.fixture
def town() -> Registers:
    small = registers()
    shops = tuple(
        replace(small.enterprises[n % 12], enterprise_id=f"E{n * 7919 % 100_003:06d}") for n in range(MANY)
    )
    in_order = tuple(sorted(shops, key=lambda one: one.enterprise_id))
    return replace(small, enterprises=in_order)


@pytest.fixture
def committed(town: Registers, profile: Profile) -> Commitment:
    return commit(town, settings(profile=profile), {}, 0)


@pytest.fixture
def seed(committed: Commitment) -> str:
    return seed_of(seed_text(committed.plan, CEREMONY), committed.plan.settings.profile)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_any_number_of_shares_draws_the_same(
    town: Registers,
    committed: Commitment,
    seed: str,
    processes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def in_turn(seed: str, lots: list[fast.Lot], shares: list[list[bytes]]) -> object:
        return [under_bounds(seed, lots, share) for share in shares]

    monkeypatch.setattr(fast, "run", in_turn)
    plan, frame, excluded = committed.plan, committed.frame, committed.excluded
    found = draw_columns(plan, frame_columns(frame), excluded, town, seed, processes=processes)
    assert found == draw(plan, frame, excluded, town, seed)


def test_two_real_processes_draw_the_same(town: Registers, committed: Commitment, seed: str) -> None:
    plan, frame, excluded = committed.plan, committed.frame, committed.excluded
    found = draw_columns(plan, frame_columns(frame), excluded, town, seed, processes=2)
    assert found == draw(plan, frame, excluded, town, seed)


def test_a_bound_that_leaves_too_few_is_made_good(
    town: Registers, committed: Commitment, seed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast, "_bound", lambda *_: bytes(32))
    plan, frame, excluded = committed.plan, committed.frame, committed.excluded
    found = draw_columns(plan, frame_columns(frame), excluded, town, seed)
    assert found == draw(plan, frame, excluded, town, seed)


def test_who_is_left_out_of_a_task_is_left_out_here_too(town: Registers) -> None:
    # T-food's stratum is committed without these: every seventh enterprise of the frame.
    made = commit(town, settings(), {}, 0)
    out = [row.enterprise_id for row in made.frame][::7]
    without = Exclusion(role="enterprise", subject_id="", task_id="T-food", reason="excluded.cool_off")
    excluded = (*made.excluded, *(replace(without, subject_id=ident) for ident in out))
    rest = commit(
        replace(town, enterprises=tuple(e for e in town.enterprises if e.enterprise_id not in out)),
        settings(),
        {},
        0,
    )
    sizes = {one.stratum_id: one.size for one in rest.plan.strata if one.task_id == "T-food"}
    strata = tuple(replace(one, size=sizes.get(one.stratum_id, one.size)) for one in made.plan.strata)
    plan = replace(made.plan, strata=strata)
    found = draw_columns(plan, frame_columns(made.frame), excluded, town, SEED)
    assert found == draw(plan, made.frame, excluded, town, SEED)
    assert not {row.enterprise_id for row in found.enterprises if row.task_id == "T-food"} & set(out)


Change = Callable[[tuple[FrameRow, ...]], tuple[FrameRow, ...]]


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: (*rows, rows[0]),
        lambda rows: rows[1:],
        lambda rows: (replace(rows[0], risk_class="D"), *rows[1:]),
        lambda rows: (replace(rows[0], enterprise_id="E|1"), *rows[1:]),
    ],
    ids=["twice", "one gone", "another class", "separator"],
)
def test_a_frame_that_is_not_the_committed_one_is_refused_alike(
    town: Registers, committed: Commitment, seed: str, change: Change
) -> None:
    frame = change(committed.frame)
    with pytest.raises(InputError) as told:
        draw(committed.plan, frame, committed.excluded, town, seed)
    with pytest.raises(InputError) as found:
        draw_columns(committed.plan, frame_columns(frame), committed.excluded, town, seed)
    assert [one.code for one in found.value.problems] == [one.code for one in told.value.problems]


def test_a_task_that_vanished_is_refused(town: Registers, committed: Commitment, seed: str) -> None:
    fewer = replace(town, tasks=town.tasks[1:])
    with pytest.raises(InputError, match=r"draw\.stratum_changed"):
        draw_columns(committed.plan, frame_columns(committed.frame), committed.excluded, fewer, seed)


def test_ids_that_are_not_ascii_hash_in_normal_form() -> None:
    lot = fast.Lot(group="task:T", bounds=(fast.NO_BOUND,), pieces={0: (0,)})
    decomposed, composed = "e\u03011\nE2\n", "\u00e91\nE2\n"
    (((one, plain),),) = under_bounds(SEED, [lot], [decomposed.encode()])
    (((other, same),),) = under_bounds(SEED, [lot], [composed.encode()])
    assert one[0] == other[0]
    assert one[1].decode() == "e\u03011"
    assert plain == same


def test_a_stratum_that_draws_nobody_is_not_hashed(committed: Commitment) -> None:
    layers = [
        fast.Layer(stratum=replace(one, quota=0), pieces=(n,), left_out=frozenset())
        for n, one in enumerate(committed.plan.strata)
    ]
    assert lot_of("task:T", layers, 10).pieces == {}


@given(st.lists(st.text("abc12", min_size=1, max_size=6), max_size=30), st.integers(1, 5))
@quick(max_examples=50, deadline=None)
def test_shares_are_whole_lines_and_all_of_them(ids: list[str], processes: int) -> None:
    joined = "".join(f"{ident}\n" for ident in ids).encode()
    shares = cut([joined, b""], processes)
    assert len(shares) == processes
    assert b"".join(share[0] for share in shares) == joined
    assert all(not share[0] or share[0].endswith(b"\n") for share in shares)


def as_codec(path: Path) -> FrameColumns:
    return frame_columns(read_csv(FrameRow, path))


words = st.text("ab,\"é\r ;|'", max_size=4)
rows = st.builds(
    FrameRow,
    enterprise_id=st.text('E123,"', min_size=1, max_size=5),
    authority=words,
    unit=words,
    district=st.sampled_from(["330181", ""]),
    industry=st.sampled_from(["H6210", "F5211"]),
    risk_class=st.sampled_from("ABCD"),
    tags=st.lists(st.sampled_from(["餐饮", "零售"]), max_size=2).map(tuple),
)


@given(st.lists(rows, max_size=20))
@quick(max_examples=100, deadline=None)
def test_columns_are_read_as_the_codec_reads_rows(
    tmp_path_factory: pytest.TempPathFactory, frame: list[FrameRow]
) -> None:
    path = tmp_path_factory.mktemp("frame") / "frame.csv"
    write_csv(path, FrameRow, frame)
    assert read_frame(path) == as_codec(path)


def test_a_plain_frame_is_read_in_pieces(committed: Commitment, tmp_path: Path) -> None:
    path = tmp_path / "frame.csv"
    write_csv(path, FrameRow, committed.frame)
    found = read_frame(path)
    assert found == frame_columns(committed.frame)
    assert found.n_rows == MANY
    assert found.ascending


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda data: data.replace(b"enterprise_id", b"id", 1), "codec.header"),
        (lambda data: data + b"E1\n", "codec.field"),
        (lambda data: data + b"E1,a,b,c,d,E,\n", "codec.field"),
        (lambda data: data + b"E1,a,b,c,d,A,e,f\n", "codec.field"),
        (lambda data: data + b"\xff,a,b,c,d,A,\n", "codec.encoding"),
        (lambda data: data + b"E1,\xff,b,c,d,A,\n", "codec.encoding"),
        (lambda data: data + b'E1,"a,b,c,d,A,\n', "codec.csv"),
        (lambda data: data + b'"E\n1",a,b,c,d,A,\n', "codec.id_line"),
    ],
)
def test_a_damaged_frame_is_refused_by_name(
    committed: Commitment, tmp_path: Path, damage: Callable[[bytes], bytes], code: str
) -> None:
    path = tmp_path / "frame.csv"
    write_csv(path, FrameRow, committed.frame)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError) as told:
        read_frame(path)
    assert told.value.problems[0].code == code
