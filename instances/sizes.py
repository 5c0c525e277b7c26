"""The sizes a campaign or a roster is made in.

In: a size's name. Out: its published or assumed figures. May import: the domain only.
Sources of the figures: ``docs/reference/instances.md``.
"""

import datetime as dt
from dataclasses import dataclass

from scheduler.domain.errors import UsageError, refuse


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How big a campaign is; the window is ``[start, end)``, ``draws`` is Σ n over all tasks.

    ``division`` is the fictitious division code of the whole place, ``districts`` are codes and names of
    its parts, ``side_m`` the side of a (square) part in metres. ``fields`` are the lines of business with
    an office in every district, ``municipal`` how many bodies stand above the districts. ``coordinated``
    is the chance that a task joins an earlier one on the same trade and place. ``pools`` is the committed
    quota of inspectors and of experts.
    """

    name: str
    place: str
    division: str
    districts: tuple[tuple[str, str], ...]
    fields: tuple[str, ...]
    municipal: int
    side_m: int
    n_enterprises: int
    n_officers: int
    n_experts: int
    n_tasks: int
    n_joint: int
    coordinated: float
    n_items: int
    n_history: int
    draws: int
    start: dt.date
    end: dt.date
    pools: tuple[str, str]

    @property
    def n_departments(self) -> int:
        """Municipal and district bodies together."""
        return self.municipal + len(self.districts) * len(self.fields)


ALL_FIELDS = (
    "SC",
    "XF",
    "YJ",
    "CG",
    "RS",
    "HB",
    "WJ",
    "WL",
    "JT",
    "ZJ",
    "JY",
    "GA",
    "NY",
    "SW",
    "MZ",
    "ZR",
    "SL",
    "FG",
    "SS",
)
"""Lines of business by prefix, the commonest first: a small place has the first few only."""

DISTRICT_NAMES = ("东湖", "西岭", "南浦", "北桥", "云溪", "青柏", "白石", "临江", "兰亭", "丰泽")


def _districts(city: str, count: int) -> tuple[tuple[str, str], ...]:
    return tuple((f"{city}{2 + n:02d}", f"{DISTRICT_NAMES[n]}区") for n in range(count))


SIZES: dict[str, Size] = {
    size.name: size
    for size in (
        Size(
            name="street",
            place="云泽市东湖区城东街道",
            division="380702",
            districts=(("380702", "城东街道"),),
            fields=ALL_FIELDS[:4],
            municipal=0,
            side_m=4_000,
            n_enterprises=64,
            n_officers=12,
            n_experts=3,
            n_tasks=6,
            n_joint=2,
            coordinated=0.5,
            n_items=28,
            n_history=40,
            draws=14,
            start=dt.date(2026, 5, 6),
            end=dt.date(2026, 5, 19),
            pools=("auto", "auto"),
        ),
        Size(
            name="county",
            place="澄源县",
            division="380724",
            districts=(("380724", "澄源县"),),
            fields=ALL_FIELDS,
            municipal=0,
            side_m=20_000,
            n_enterprises=9_836,
            n_officers=1_180,
            n_experts=24,
            n_tasks=42,
            n_joint=11,
            coordinated=0.5,
            n_items=133,
            n_history=6_000,
            draws=900,
            start=dt.date(2026, 3, 2),
            end=dt.date(2026, 3, 28),
            pools=("25%", "75%"),
        ),
        Size(
            name="city",
            place="云泽市",
            division="380700",
            districts=_districts("3807", 8),
            fields=ALL_FIELDS,
            municipal=11,
            side_m=20_000,
            n_enterprises=730_000,
            n_officers=3_709,
            n_experts=135,
            n_tasks=579,
            n_joint=129,
            coordinated=0.4,
            n_items=900,
            n_history=60_000,
            draws=76_000,
            start=dt.date(2026, 1, 5),
            end=dt.date(2027, 1, 1),
            pools=("50%", "75%"),
        ),
        Size(
            name="metro",
            place="澜京市",
            division="380100",
            districts=_districts("3801", 10),
            fields=ALL_FIELDS[:16],
            municipal=18,
            side_m=20_000,
            n_enterprises=6_430_000,
            n_officers=8_452,
            n_experts=300,
            n_tasks=758,
            n_joint=200,
            coordinated=0.4,
            n_items=3_654,
            n_history=200_000,
            draws=105_743,
            start=dt.date(2026, 1, 5),
            end=dt.date(2027, 1, 1),
            pools=("50%", "75%"),
        ),
    )
}
"""The four campaign sizes by name."""


def size_named(name: str) -> Size:
    """The size of that name.

    Errors: ``instance.size`` where there is none.
    """
    if name not in SIZES:
        raise refuse(UsageError, "instance.size", size=name, known=", ".join(SIZES))
    return SIZES[name]
