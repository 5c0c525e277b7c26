"""The words of a large register: found again by their characters, whatever their sums are."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.intake import bulkwords
from scheduler.intake.bulklines import LONGEST, Lines
from scheduler.intake.bulkscreen import GROUPS, STRETCHES
from scheduler.intake.bulktext import GAP, Part
from scheduler.intake.bulkwords import NONE, Words

FIELDS = [name for names in GROUPS for name in names if name != "tags"]


class Reading:
    """What :class:`Words` asks of a screening: every word is plain but ``bad``, and written in brackets."""

    def __init__(self) -> None:
        self.read: list[tuple[str, ...]] = []

    def position(self, name: str) -> int | None:
        return FIELDS.index(name) if name in FIELDS else None

    def words(self, _names: Sequence[str], raw: tuple[str, ...]) -> tuple[str, ...] | None:
        self.read.append(raw)
        return None if "bad" in raw else tuple(f"[{cell}]" for cell in raw)


def lines_of(rows: Sequence[Sequence[str]]) -> Lines:
    text = "".join(GAP.join(row) + "\n" for row in rows)
    part = Part(data=text.encode(), n_records=len(rows), separator=GAP, line_end="\n", asides={})
    return Lines(part, len(FIELDS))


def codes_of(words: Words, rows: Sequence[Sequence[str]]) -> Any:
    return words.codes(next(lines_of(rows).whole(len(rows))))


def keys(row: Sequence[str]) -> list[tuple[str, ...]]:
    cells = dict(zip(FIELDS, row, strict=True)) | {"tags": ""}
    return [tuple(cells[name] for name in names) for names in GROUPS]


def row_of(**cells: str) -> list[str]:
    return [cells.get(name, "") for name in FIELDS]


word = st.text("甲乙丙a𠮷", max_size=9) | st.sampled_from(
    ["bad", "甲" * (LONGEST // 3), "甲" * (LONGEST // 3 + 1)]
)
rows = st.lists(st.lists(word, min_size=len(FIELDS), max_size=len(FIELDS)), min_size=1, max_size=12)


@settings(max_examples=100, deadline=None)
@given(parts=st.lists(rows, min_size=1, max_size=4), alike=st.booleans())
def test_a_line_has_the_code_of_its_own_words_or_none(parts: Any, alike: bool) -> None:  # noqa: FBT001
    with pytest.MonkeyPatch.context() as patch:
        if alike:  # all words have one sum
            patch.setattr(bulkwords, "_FACTORS", np.zeros_like(bulkwords._FACTORS))
        words = Words(Reading())  # type: ignore[arg-type]
        for part in parts:
            for row, codes in zip(part, codes_of(words, part).T.tolist(), strict=True):
                for n, key in enumerate(keys(row)):
                    own = [cell for name, cell in zip(GROUPS[n], key, strict=True) if name in FIELDS]
                    fits = len(GAP.join(own).encode()) <= LONGEST  # they stand side by side
                    if codes[n] == NONE:
                        assert alike or "bad" in key or not fits
                    else:
                        assert fits
                        assert "bad" not in key
                        assert canonical(words, n, codes[n]) == written(n, key)


def canonical(words: Words, group: int, code: int) -> list[str]:
    return [text[code].decode() for text in words.texts()[group]]


def written(group: int, key: tuple[str, ...]) -> list[str]:
    names = GROUPS[group]
    own = [stretch for stretch in STRETCHES if stretch[0] in names]
    return ["".join(f",[{key[names.index(name)]}]" for name in stretch) for stretch in own]


def test_each_combination_is_read_once_by_any_number_of_threads() -> None:
    reading = Reading()
    words = Words(reading)  # type: ignore[arg-type]
    part = [row_of(unit=f"单位{n % 50}", industry=f"I{n % 7}") for n in range(2_000)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: codes_of(words, part), range(8)))
    assert all((codes == found[0]).all() for codes in found)
    assert len(set(found[0][0].tolist())) == 50
    assert len(reading.read) == len(set(reading.read)) == 50 + 7 + 2


def test_what_is_not_plain_is_not_read_again() -> None:
    reading = Reading()
    words = Words(reading)  # type: ignore[arg-type]
    for _ in range(3):
        assert codes_of(words, [row_of(status="bad")])[2].tolist() == [NONE]
    assert sum("bad" in raw for raw in reading.read) == 1


def test_no_more_words_are_learnt_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulkwords, "WORDS_MOST", 3)
    words = Words(Reading())  # type: ignore[arg-type]
    part = [row_of(industry=f"I{n}") for n in range(9)]
    codes = codes_of(words, part)[1]
    assert sorted(codes[codes != NONE].tolist()) == [1, 2, 3]
    assert (codes_of(words, part)[1] == codes).all()
