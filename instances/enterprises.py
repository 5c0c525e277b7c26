"""The register of enterprises (检查对象名录库), chunk by chunk in columns of text.

In: a size, a layout, a seed. Out: chunks ready to be written, each with the counts tasks are planned by.
May import: numpy and this package. Memory is bounded by one chunk, time is about 10 µs a row.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instances.chance import stream
from instances.codes import FORMS, legacy, uscc
from instances.fields import body_name, lines
from instances.places import Layout, micro_degrees, scatter
from instances.sizes import Size
from instances.tables import WORDS
from instances.trades import TRADES
from instances.words import BRAND_FIRST, BRAND_LAST, ROADS, SUFFIXES, TOWNS
from scheduler.domain.registers import RISK_CLASSES

CHUNK = 200_000

RISK_SHARES = (0.654, 0.253, 0.078, 0.015)
"""A, B, C, D as published by a city, Dandong 2023 (docs/reference/instances.md)."""

STATUS_SHARES = (0.955, 0.03, 0.01, 0.005)
"""Assumed shares of active, cancelled, revoked, moved."""

OPENING = ("", "09:00-22:00", "08:30-12:00；13:30-17:30", "07:00-13:00", "13:00-21:00")
OPENING_SHARES = (0.92, 0.04, 0.02, 0.01, 0.01)
"""Each holds a whole morning or afternoon, so that no visit is impossible by its opening hours."""

FLAGS = ("", "；连锁", "；规模以上", "；特种设备")
FLAG_SHARES = (0.86, 0.05, 0.04, 0.05)

LEGACY_SHARE = 0.005
INSPECTED_SHARE = 0.25

Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Rows of the register: ``columns`` of text, ``cells`` (districts, trades, classes) counts of active
    ones, ``known`` some (id, division) that other tables may refer to."""

    columns: dict[str, list[str]]
    cells: Ints
    known: tuple[tuple[str, str], ...]


def chunks(size: Size, place: Layout, seed: int, rows: int = CHUNK) -> Iterator[Chunk]:
    """The whole register in chunks of ``rows``; another chunk length gives another register."""
    step = max(1, size.n_enterprises // 50_000)
    for number, first in enumerate(range(0, size.n_enterprises, rows)):
        serials = np.arange(first, min(first + rows, size.n_enterprises), dtype=np.int64)
        yield make_chunk(size, place, serials, seed, number, step)


def make_chunk(size: Size, place: Layout, serials: Ints, seed: int, number: int, step: int = 1) -> Chunk:
    """The rows with these serial numbers; every ``step``-th active one is ``known``."""
    rng = stream(seed, size.name, "enterprises", number)
    n = len(serials)
    districts = rng.integers(0, len(size.districts), n)
    trades = rng.choice(len(TRADES), n, p=np.array([trade.permille for trade in TRADES]) / 1000)
    risks = rng.choice(4, n, p=RISK_SHARES)
    status = rng.choice(4, n, p=STATUS_SHARES)
    points, towns = scatter(place, districts, rng)
    ids, kinds = _identifiers(size, serials, districts, trades, seed, rng)
    degree = micro_degrees(points)
    market = [body_name(name, lines()["SC"]) for _, name in size.districts]
    divisions = [division for division, _ in size.districts]
    units = [name for _, name in size.districts]
    columns = {
        "enterprise_id": ids,
        "id_kind": kinds,
        "name": _names(units, districts, trades, rng),
        "address": _addresses(units, districts, towns, rng),
        "authority": _take(market, districts),
        "unit": _take(units, districts),
        "district": _take(divisions, districts),
        "industry": _take([trade.industry for trade in TRADES], trades),
        "status": _take(list(WORDS["status"].values()), status),
        "risk_class": _take(RISK_CLASSES, risks),
        "tags": _tags(trades, rng),
        "lon_udeg": _degrees(degree[:, 0]),
        "lat_udeg": _degrees(degree[:, 1]),
        "opening": _take(OPENING, rng.choice(len(OPENING), n, p=OPENING_SHARES)),
        "last_inspected": _last_days(size.start, n, rng),
        "legacy_id": [""] * n,
    }
    active = status == 0
    shape = (len(size.districts), len(TRADES), 4)
    flat = np.ravel_multi_index((districts[active], trades[active], risks[active]), shape)
    cells = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(np.int64)
    chosen = np.flatnonzero(active & (serials % step == 0)).tolist()
    known = tuple((ids[i], divisions[int(districts[i])]) for i in chosen)
    return Chunk(columns=columns, cells=cells, known=known)


def code_salt(size: Size, seed: int) -> int:
    """What shifts all codes of a register; whoever adds rows with fresh serials needs it."""
    return int(stream(seed, size.name, "codes").integers(0, 10**8))


def _take(options: Sequence[str], index: Ints) -> list[str]:
    taken: list[str] = np.array(options, dtype=object)[index].tolist()
    return taken


def _identifiers(
    size: Size, serials: Ints, districts: Ints, trades: Ints, seed: int, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    prefixes = np.array([list(FORMS[trade.form].encode()) for trade in TRADES], dtype=np.uint8)
    divisions = np.array([int(division) for division, _ in size.districts], dtype=np.int64)[districts]
    salt = code_salt(size, seed)
    ids = uscc(serials, prefixes[trades], divisions, salt)
    kinds = [WORDS["id_kind"]["uscc"]] * len(ids)
    shops = np.array([trade.form == "shop" for trade in TRADES])[trades]
    old = np.flatnonzero(shops & (rng.random(len(ids)) < LEGACY_SHARE))
    for place, code in zip(old.tolist(), legacy(serials[old], divisions[old], salt), strict=True):
        ids[place], kinds[place] = code, WORDS["id_kind"]["legacy"]
    return ids, kinds


def _names(units: Sequence[str], districts: Ints, trades: Ints, rng: np.random.Generator) -> list[str]:
    n = len(districts)
    places = [unit.removesuffix("街道") for unit in units]
    ends = [trade.word + SUFFIXES[trade.form] for trade in TRADES]
    parts = zip(
        _take(places, districts),
        _take(BRAND_FIRST, rng.integers(0, len(BRAND_FIRST), n)),
        _take(BRAND_LAST, rng.integers(0, len(BRAND_LAST), n)),
        _take(ends, trades),
        strict=True,
    )
    return list(map("".join, parts))


def _addresses(units: Sequence[str], districts: Ints, towns: Ints, rng: np.random.Generator) -> list[str]:
    n = len(districts)
    # A street is no township: its parts are communities.
    parts_of = TOWNS if not units[0].endswith("街道") else tuple(f"{town[:-1]}社区" for town in TOWNS)
    parts = zip(
        _take(units, districts),
        _take(parts_of, towns),
        _take(ROADS, rng.integers(0, len(ROADS), n)),
        map(str, rng.integers(1, 999, n).tolist()),
        strict=True,
    )
    return [f"{unit}{town}{road}{house}号" for unit, town, road, house in parts]


def _tags(trades: Ints, rng: np.random.Generator) -> list[str]:
    marks = rng.choice(len(FLAGS), len(trades), p=FLAG_SHARES)
    both = [trade.tag + flag for trade in TRADES for flag in FLAGS]
    return _take(both, trades * len(FLAGS) + marks)


def _degrees(micro: Ints) -> list[str]:
    return [f"{whole}.{rest:06d}" for whole, rest in zip(*_split(micro), strict=True)]


def _split(micro: Ints) -> tuple[list[int], list[int]]:
    whole, rest = np.divmod(micro, 1_000_000)
    return whole.tolist(), rest.tolist()


def _last_days(start: dt.date, n: int, rng: np.random.Generator) -> list[str]:
    days = [""] + [(start - dt.timedelta(days=back)).isoformat() for back in range(60, 1_100)]
    drawn = np.where(rng.random(n) < INSPECTED_SHARE, rng.integers(1, len(days), n), 0)
    return _take(days, drawn)
