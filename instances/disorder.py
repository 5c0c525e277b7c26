"""Benign disorder as real exports have it, planted on purpose and counted.

In: the first chunk of the register. Out: the chunk with faults, and what intake must say of them. May
import: this package.
"""

from dataclasses import dataclass

import numpy as np

from instances.chance import stream
from instances.codes import USCC_ALPHABET, uscc
from instances.enterprises import code_salt
from instances.sizes import Size

N_ZERO, N_FULL_WIDTH, N_WORDS, N_REPEATED = 3, 2, 2, 3
"""Rows at (0,0), codes in full-width characters, risk classes in words, rows that stand twice."""

RISK_WORDS = {"A": "低风险", "B": "一般", "C": "较高风险", "D": "高风险"}
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """What intake has to find: rows it must reject and fold, and what it mends or sets aside."""

    broken: int
    repeated: int
    zero_coordinates: int
    full_width_codes: int
    risk_in_words: int


def plant(columns: dict[str, list[str]], size: Size, seed: int) -> tuple[dict[str, list[str]], Planted]:
    """The columns with faults in a few rows, and their numbers.

    Two broken rows are added (a wrong check character, an unknown risk class) and three rows repeated, so
    what intake accepts is exactly what was there before.
    """
    rng = stream(seed, "disorder")
    new = {name: list(cells) for name, cells in columns.items()}
    places = [int(i) for i in rng.choice(len(new["name"]), 12, replace=False)]
    for place in places[:N_ZERO]:
        new["lon_udeg"][place] = new["lat_udeg"][place] = "0"
    for place in places[3 : 3 + N_FULL_WIDTH]:
        new["enterprise_id"][place] = new["enterprise_id"][place].translate(FULL_WIDTH)
    for place in places[5 : 5 + N_WORDS]:
        new["risk_class"][place] = RISK_WORDS[new["risk_class"][place]]
    extra = [_copy(new, place) for place in places[7 : 7 + N_REPEATED]]
    wrong, unknown = _copy(new, places[10]), _copy(new, places[11])
    forms = np.array([list(b"91")] * 2, dtype=np.uint8)
    serials = np.array([size.n_enterprises, size.n_enterprises + 1])
    divisions = np.array([int(size.districts[0][0])] * 2)
    spare = uscc(serials, forms, divisions, code_salt(size, seed))
    for row, code in zip((wrong, unknown), spare, strict=True):
        row["enterprise_id"], row["id_kind"] = code, "统一社会信用代码"
    last = USCC_ALPHABET.index(spare[0][-1])
    wrong["enterprise_id"] = spare[0][:-1] + USCC_ALPHABET[(last + 1) % 31]
    unknown["risk_class"] = "E"
    for row in (*extra, wrong, unknown):
        for name, cells in new.items():
            cells.append(row[name])
    planted = Planted(
        broken=2,
        repeated=N_REPEATED,
        zero_coordinates=N_ZERO,
        full_width_codes=N_FULL_WIDTH,
        risk_in_words=N_WORDS,
    )
    return new, planted


def _copy(columns: dict[str, list[str]], place: int) -> dict[str, str]:
    return {name: cells[place] for name, cells in columns.items()}
