"""The ledger is a chain: one changed byte breaks it, a killed append does not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.canonical import canonical_json, sha256_hex
from scheduler.domain.errors import SealError
from scheduler.pipeline.ledger import NO_HASH, Entry, line_of, next_entry, read_ledger


def chain() -> tuple[Entry, ...]:
    entries: tuple[Entry, ...] = ()
    entries = (*entries, next_entry(entries, "open", facts={"campaign_id": "C-1", "version": "0"}))
    for stage in ("intake", "plan"):
        files = {f"{stage}/中文.csv": "0" * 64, f"{stage}/b.json": "f" * 64}
        entries = (*entries, next_entry(entries, "stage", stage, files=files, facts={"n": 3, "ok": True}))
    return entries


ENTRIES = chain()
DATA = b"".join(line_of(entry) for entry in ENTRIES)
LAST = len(line_of(ENTRIES[-1]))


def test_a_ledger_reads_back_as_it_was_written() -> None:
    assert read_ledger(DATA).entries == ENTRIES
    assert read_ledger(DATA).torn == b""


def test_the_first_line_follows_nothing_and_each_other_line_the_one_before() -> None:
    assert [entry.prev for entry in ENTRIES] == [NO_HASH, ENTRIES[0].hash, ENTRIES[1].hash]


def test_an_empty_ledger_has_no_entries() -> None:
    assert read_ledger(b"").entries == ()


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_any_one_changed_byte_is_found(position: int, flip: int) -> None:
    changed = bytearray(DATA)
    changed[position] ^= flip
    with pytest.raises(SealError) as caught:
        read_ledger(bytes(changed))
    assert caught.value.problems[0].code == "pipeline.ledger_broken"
    assert caught.value.problems[0].place["file"] == "ledger.jsonl"


def test_a_line_cut_short_anywhere_is_told_apart_from_damage() -> None:
    for lost in range(2, LAST):
        reading = read_ledger(DATA[:-lost])
        assert reading.entries == ENTRIES[:-1]
        assert reading.torn == DATA[-LAST:-lost]


def test_a_last_line_that_lacks_only_its_line_feed_is_kept() -> None:
    reading = read_ledger(DATA[:-1])
    assert reading.entries == ENTRIES
    assert reading.unended


@pytest.mark.parametrize("kept", [b'{"at":"', b'{"at":"2026'])
def test_bytes_after_a_whole_line_that_no_line_begins_with_are_damage(kept: bytes) -> None:
    assert read_ledger(DATA + kept).torn == kept
    with pytest.raises(SealError):
        read_ledger(DATA + b"x" + kept)


def test_a_removed_or_swapped_line_is_found() -> None:
    first, second, third = (line_of(entry) for entry in ENTRIES)
    for wrong in (first + third, second + third, first + third + second, first + second + second):
        with pytest.raises(SealError):
            read_ledger(wrong)


def test_a_line_that_is_not_an_object_is_damage() -> None:
    for wrong in (b"[]\n", b"3\n", b"\n", b"\xff\n", b'{"at":"x"}\n'):
        with pytest.raises(SealError):
            read_ledger(wrong)


@pytest.mark.parametrize("kept", [0, 1, 100, LAST - 2])
def test_zeros_after_a_power_cut_are_an_unfinished_line_unless_a_whole_one_stands_before_them(
    kept: int,
) -> None:
    whole = DATA[:-LAST]
    reading = read_ledger(whole + DATA[-LAST:][:kept] + b"\0" * 50)
    assert reading.entries == ENTRIES[:-1]
    with pytest.raises(SealError):
        read_ledger(DATA[:-1] + b"\0")


@pytest.mark.parametrize(
    "line",
    [b"[" * 100_000, b'{"at":"\\ud800"}', b'{"at":1.5}'],
    ids=["too deep", "half a character", "a fraction"],
)
def test_a_hostile_line_is_refused_and_gives_no_traceback(line: bytes) -> None:
    with pytest.raises(SealError):
        read_ledger(line + b"\n")


@pytest.mark.parametrize("field", ["files", "facts"])
def test_a_line_with_a_list_for_a_mapping_is_refused(field: str) -> None:
    body = {
        "seq": 0,
        "prev": NO_HASH,
        "kind": "open",
        "stage": "",
        "files": {},
        "facts": {},
        "at": "2026-02-20T09:00:00+08:00",
        field: [],
    }
    line = canonical_json({**body, "hash": sha256_hex(canonical_json(body))})
    with pytest.raises(SealError):
        read_ledger(line + b"\n")
