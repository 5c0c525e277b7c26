"""Texts read by a machine of states, against Python's own codecs."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduler.intake.asides import EXAMPLE_SIGN
from scheduler.intake.bulklines import LONGEST, WINDOW, Lines
from scheduler.intake.bulkstates import AT_ONCE, COMMA, OTHER, PLAIN, TEXT, kinds
from scheduler.intake.bulktext import GAP, Part
from scheduler.intake.celltext import MAX_TEXT

ENCODINGS = ("utf-8", "gb18030")
LETTERS = [chr(code) for low, high in PLAIN for code in range(low, high + 1)]


def found(cells: Sequence[bytes], encoding: str) -> list[int]:
    """Kinds of cells that stand between others."""
    data = b"".join(b"\xff" + GAP.encode() + cell + GAP.encode() + b"\xff\n" for cell in cells)
    part = Part(data=data, n_records=len(cells), separator=GAP, line_end="\n", asides={}, encoding=encoding)
    return [kind for whole in Lines(part, 3).whole(1_000) for kind in kinds(whole, 1).tolist()]


def wanted(cell: bytes, encoding: str) -> int:
    """What the codec and the list of plain characters say of a cell."""
    try:
        text = cell.decode(encoding)
    except UnicodeDecodeError:
        return OTHER
    plain = all(any(low <= ord(letter) <= high for low, high in PLAIN) for letter in text)
    if len(cell) > LONGEST or not plain or text != text.strip(" ") or EXAMPLE_SIGN in text:
        return OTHER
    return COMMA if "," in text else TEXT


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_of_the_characters_of_the_first_plane_the_plain_ones_are_texts(encoding: str) -> None:
    codes = [
        code for code in range(1, 0x11000) if not 0xD800 <= code < 0xE000 and chr(code) not in f"{GAP}\n"
    ]
    cells = [chr(code).encode(encoding) for code in codes]
    assert found(cells, encoding) == [wanted(cell, encoding) for cell in cells]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_of_all_pairs_of_bytes_those_are_texts_that_the_codec_decodes_to_plain_characters(
    encoding: str,
) -> None:
    signs = [sign for sign in range(1, 256) if chr(sign) not in f"{GAP}\n"]
    cells = [bytes([sign]) for sign in signs] + [bytes([one, other]) for one in signs for other in signs]
    assert found(cells, encoding) == [wanted(cell, encoding) for cell in cells]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_plain_characters_are_the_same_bytes_again_and_no_longer_in_utf8_than_is_looked_at(
    encoding: str,
) -> None:
    for letter in LETTERS:
        data = letter.encode(encoding)
        assert data.decode(encoding) == letter
        assert 2 * len(letter.encode()) <= 3 * len(data)
    assert WINDOW < MAX_TEXT


pieces = st.sampled_from(
    ["甲", "街", " ", ",", "，", "a", "9", "（", "龥", "亀", "丂", "~", "—", "例", "㐀", "𠮷"]
)
odd = st.sampled_from(
    [b"\x80", b"\xff", b"\x81", b"\xe4", b"\xb0", b"\xfe", b"\x40", b"0", b"\xd7\xfa", b"\xc0"]
)


@settings(max_examples=300, deadline=None)
@given(
    cell=st.lists(pieces | odd, max_size=40) | st.lists(pieces, max_size=40),
    encoding=st.sampled_from(ENCODINGS),
)
@example(cell=["甲"] * (LONGEST // 3), encoding="utf-8")
@example(cell=["甲"] * (LONGEST // 3 + 1), encoding="utf-8")
@example(cell=["甲"] * (LONGEST // 2), encoding="gb18030")
@example(cell=["a", *"甲" * (LONGEST // 2)], encoding="gb18030")
@example(cell=["a" * (AT_ONCE - 1), b"\xb0"], encoding="gb18030")
@example(cell=["a" * (AT_ONCE - 1), "例"], encoding="gb18030")
@example(cell=["a" * AT_ONCE, " "], encoding="utf-8")
def test_a_text_is_plain_as_its_characters_are(cell: list[str | bytes], encoding: str) -> None:
    data = b"".join(piece if isinstance(piece, bytes) else piece.encode(encoding) for piece in cell)
    cells = [data, b"", data[:-1], b"a" + data, data[1:]]
    assert found(cells, encoding) == [wanted(one, encoding) for one in cells]
