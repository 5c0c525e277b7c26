"""Merkle proofs made by others (transparency-dev/merkle): every good one holds, every bad one does not."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from scheduler.verify.merkle import extends, includes


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def holds(vector: dict[str, Any]) -> bool:
    path = [raw(digest) for digest in vector["proof"] or []]
    if "leafIdx" in vector:
        leaf = raw(vector["leafHash"])
        return includes(raw(vector["root"]), vector["treeSize"], vector["leafIdx"], leaf, path)
    return extends(raw(vector["root1"]), vector["size1"], raw(vector["root2"]), vector["size2"], path)


SOME: list[dict[str, Any]] = [
    {
        "leafIdx": 5,
        "treeSize": 8,
        "root": "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
        "leafHash": "QnGia+DYqE8L1UyMMC58s6O10fpngKQLzOKHNHfatlg=",
        "proof": [
            "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
            "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
            "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
        ],
    },
    {
        "leafIdx": 2,
        "treeSize": 3,
        "root": "rra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc=",
        "leafHash": "ApjRIpBtz8EIkstTpzmS/FufST6kybrbJ7eRtBJ6f+c=",
        "proof": ["+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU="],
    },
    {
        "size1": 1,
        "size2": 8,
        "root1": "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=",
        "root2": "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
        "proof": [
            "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=",
            "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
            "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
        ],
    },
]


@pytest.mark.parametrize("vector", SOME, ids=["5 of 8", "2 of 3", "1 to 8"])
def test_some_good_proofs_hold_and_no_change_of_one_does(vector: dict[str, Any]) -> None:
    assert holds(vector)
    # Sizes that need as long a path are not told apart by it: the size has to come from the plan.
    for name, value in vector.items():
        if name in ("leafIdx", "treeSize", "size1", "size2"):
            for other in {value // 2, 2 * value, 4 * value, 2**64 - 1, -value} - {value}:
                assert not holds({**vector, name: other})
    for at in range(len(vector["proof"])):
        digest = raw(vector["proof"][at])
        changed = base64.b64encode(bytes([digest[0] ^ 1]) + digest[1:]).decode()
        for piece in ([], [changed], [vector["proof"][at]] * 2):
            path = [*vector["proof"][:at], *piece, *vector["proof"][at + 1 :]]
            assert not holds({**vector, "proof": path})
    assert not holds({**vector, "root": "", "root2": ""})


@pytest.mark.external
def test_all_proofs_of_the_third_party_are_judged_as_they_say() -> None:
    place = os.environ.get("ONEDOOR_EXTERNAL", "")
    path = Path(place) / "vectors" / "rfc9162-merkle.json"
    if not place or not path.is_file():
        pytest.skip("ONEDOOR_EXTERNAL names no folder with vectors/rfc9162-merkle.json")
    vectors = json.loads(path.read_bytes())
    assert len(vectors) == 196
    assert [v["_file"] for v in vectors if holds(v) == v["wantErr"]] == []
