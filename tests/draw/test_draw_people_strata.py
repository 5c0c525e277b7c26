"""Leaders and fixed groups in strata of their own: who is in which pool, how many, and drawn as one."""

import datetime as dt
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from small import CEREMONY, END, START, registers, settings
from verify.evidence import evidence, failing, five_of_six, wide_registers

from scheduler import draw
from scheduler.domain.errors import InputError, OneDoorError, StaffingError
from scheduler.domain.plan import DrawnPerson, Plan, Pool
from scheduler.domain.registers import Inspector, Recusal, Registers
from scheduler.domain.settings import Pools, Settings, Teams

BOTH = Teams(leader_required=True, fixed_groups=True)
FIRE = "D-fire/青石县市场监督管理局/城关所"


def with_people(change: dict[str, dict[str, object]], base: Registers | None = None) -> Registers:
    known = base or wide_registers()
    people = tuple(replace(row, **change.get(row.inspector_id, {})) for row in known.inspectors)  # type: ignore[arg-type]
    return replace(known, inspectors=people)


def in_groups(groups: dict[str, str]) -> Registers:
    return with_people({person: {"fixed_group": name} for person, name in groups.items()})


def pools(known: Registers, own: Settings) -> dict[str, Pool]:
    return {pool.pool_id: pool for pool in draw.commit(known, own, {}, 0).plan.pools}


def drawn(known: Registers, own: Settings) -> tuple[Plan, str, tuple[DrawnPerson, ...]]:
    made = draw.commit(known, own, {}, 0)
    seed = draw.seed_of(draw.seed_text(made.plan, CEREMONY))
    return made.plan, seed, draw.draw(made.plan, made.frame, made.excluded, known, seed).people


def refused(known: Registers, own: Settings, kind: type[OneDoorError] = InputError) -> list[str]:
    with pytest.raises(kind) as caught:
        draw.commit(known, own, {}, 0)
    return [problem.code for problem in caught.value.problems]


def test_without_the_settings_leaders_and_groups_mean_nothing_to_the_draw() -> None:
    known = in_groups({"fire-2": "FG", "fire-3": "FG"})
    assert drawn(known, settings())[2] == drawn(wide_registers(), settings())[2]


def test_a_department_is_parted_into_fixed_groups_leaders_and_the_others() -> None:
    known = in_groups({"fire-1": "FG", "fire-2": "FG"})
    made = pools(with_people({"fire-3": {"is_leader": True}}, known), settings(teams=BOTH))
    sizes = {name: pool.size for name, pool in made.items() if name.startswith(FIRE)}
    assert sizes == {FIRE: 3, f"{FIRE}/fixed": 1, f"{FIRE}/leaders": 1}
    assert {pool.stratum for pool in made.values()} == {"", "leaders", "fixed"}


def test_a_pool_of_others_is_there_even_if_all_are_leaders() -> None:
    known = with_people({f"fire-{n}": {"is_leader": True} for n in range(1, 7)})
    made = pools(known, settings(teams=Teams(leader_required=True)))
    assert (made[FIRE].size, made[FIRE].quota, made[f"{FIRE}/leaders"].size) == (0, 0, 6)


@pytest.mark.parametrize(
    ("text", "n"), [("auto", 2), ("1人", 1), ("50%", 2), ("3人", 3), ("100%", 3)]
)  # auto: max(2 · 1, …) of three leaders, for a leader is one seat of a team
def test_leaders_are_drawn_by_count_ratio_or_auto(text: str, n: int) -> None:
    known = with_people({f"fire-{n}": {"is_leader": True} for n in (2, 3)})
    own = settings(teams=Teams(leader_required=True), pools=Pools(leaders=text))
    assert pools(known, own)[f"{FIRE}/leaders"].quota == n


@pytest.mark.parametrize(("text", "n"), [("auto", 2), ("1人", 1), ("40%", 2)])
def test_fixed_groups_are_counted_as_groups(text: str, n: int) -> None:
    known = in_groups({f"fire-{at}": f"FG-{at % 3}" for at in range(1, 7)})
    own = settings(teams=Teams(fixed_groups=True), pools=Pools(fixed_groups=text, k_max=1))
    pool = pools(known, own)[f"{FIRE}/fixed"]
    assert (pool.size, pool.quota, pool.k_max) == (3, n, min(1, 3 - n))


def test_a_group_is_drawn_by_the_ticket_of_its_name_and_its_people_share_rank_and_ticket() -> None:
    known = in_groups({f"fire-{at}": f"FG-{at % 3}" for at in range(1, 7)})
    own = settings(teams=Teams(fixed_groups=True), pools=Pools(fixed_groups="1人", k_max=1))
    _, seed, people = drawn(known, own)
    order = sorted(
        (hashlib.sha256(f"{seed}|I|fixed|FG-{at}".encode()).hexdigest(), f"FG-{at}") for at in range(3)
    )
    told = [
        (row.rank, row.ticket, row.person_id, row.drawn) for row in people if row.pool_id == f"{FIRE}/fixed"
    ]
    members = {
        name: sorted(f"fire-{at}" for at in range(1, 7) if f"FG-{at % 3}" == name) for _, name in order
    }
    assert told == [
        (rank, ticket, person, rank == 1)
        for rank, (ticket, name) in enumerate(order[:2], start=1)
        for person in members[name]
    ]


def test_a_leaders_ticket_is_that_of_every_inspector() -> None:
    _, seed, people = drawn(wide_registers(), settings(teams=Teams(leader_required=True)))
    row = next(row for row in people if row.pool_id == f"{FIRE}/leaders")
    assert row.ticket == hashlib.sha256(f"{seed}|I|officers|{row.person_id}".encode()).hexdigest()


def test_who_is_drawn_of_the_others_does_not_depend_on_the_leaders() -> None:
    own = settings(teams=Teams(leader_required=True), pools=Pools(inspectors="2人", leaders="1人"))
    more = with_people({"fire-9": {}}, wide_registers())
    chief = replace(more.inspectors[0], inspector_id="fire-9", is_leader=True)
    more = replace(more, inspectors=(*more.inspectors, chief))
    before = [row for row in drawn(wide_registers(), own)[2] if row.pool_id == FIRE]
    assert [row for row in drawn(more, own)[2] if row.pool_id == FIRE] == before


def test_whoever_is_excluded_is_missing_from_his_group() -> None:
    known = in_groups({"fire-2": "FG", "fire-3": "FG"})
    known = with_people({"fire-3": {"certificate_expires": START - dt.timedelta(days=1)}}, known)
    people = drawn(known, settings(teams=Teams(fixed_groups=True)))[2]
    assert [row.person_id for row in people if row.pool_id == f"{FIRE}/fixed"] == ["fire-2"]


SPLIT = {"fire-2": "FG", "work-2": "FG"}
PAIR = {"fire-2": "FG", "fire-3": "FG"}
FOES = Recusal(inspector_id="fire-3", other_inspector_id="fire-2", kind="亲属", state="applied")


@pytest.mark.parametrize(
    ("known", "own", "codes"),
    [
        (in_groups(SPLIT), Teams(fixed_groups=True), ["draw.group_split"]),
        (in_groups({f"fire-{n}": "FG" for n in (2, 3, 4)}), Teams(fixed_groups=True), ["draw.group_large"]),
        (in_groups({f"fire-{n}": "FG" for n in (2, 3, 4)}), Teams(fixed_groups=True, officers=3), []),
        (in_groups({"fire-2": "work-1"}), Teams(fixed_groups=True), ["draw.id_twice"]),
        (in_groups({"fire-2": "a b"}), Teams(fixed_groups=True), ["draw.id_form"]),
        (replace(in_groups(PAIR), recusals=(FOES,)), Teams(fixed_groups=True), ["draw.group_barred"]),
        (
            replace(in_groups(PAIR), recusals=(replace(FOES, state="rejected"),)),
            Teams(fixed_groups=True),
            [],
        ),
        (replace(in_groups(PAIR), recusals=(replace(FOES, start=END),)), Teams(fixed_groups=True), []),
        (in_groups(PAIR), BOTH, ["draw.group_unled"]),
        (in_groups(PAIR), replace(BOTH, per="visit"), []),
        (in_groups(PAIR), replace(BOTH, officers=3), []),
        (
            with_people({p: {"is_newcomer": True} for p in PAIR}, in_groups(PAIR)),
            Teams(fixed_groups=True, newcomer_with_senior=True),
            ["draw.group_unguided"],
        ),
        (in_groups(SPLIT), Teams(), []),
    ],
)
def test_a_group_that_could_not_come_together_lawfully_is_refused_by_name(
    known: Registers, own: Teams, codes: list[str]
) -> None:
    if codes:
        assert refused(known, settings(teams=own)) == codes
    else:
        assert draw.commit(known, settings(teams=own), {}, 0)


def test_a_department_without_leader_or_senior_cannot_be_staffed() -> None:
    unled = with_people({"fire-1": {"is_leader": False}})
    own = settings(teams=Teams(leader_required=True))
    assert refused(unled, own, StaffingError) == ["draw.no_leader"]
    assert draw.commit(unled, settings(teams=Teams(leader_required=True, per="visit")), {}, 0)
    new = with_people({f"fire-{n}": {"is_newcomer": True} for n in range(1, 7)})
    own = settings(teams=Teams(newcomer_with_senior=True))
    assert refused(new, own, StaffingError) == ["draw.no_senior"]


@pytest.mark.parametrize("name", ["leaders", "fixed_groups"])
def test_a_size_that_is_none_is_refused(name: str) -> None:
    own = settings(pools=replace(Pools(), **{name: "some"}))
    assert refused(registers(), own) == ["draw.pool_form"]


@tries(max_examples=20, deadline=None)
@given(
    leaders=st.sets(st.integers(0, 17)),
    groups=st.lists(st.tuples(st.sampled_from(("fire", "food", "work")), st.integers(1, 5)), max_size=3),
    text=st.sampled_from(("auto", "1人", "50%")),
    required=st.booleans(),
)
def test_the_checker_replays_every_parted_draw(
    *, leaders: set[int], groups: list[tuple[str, int]], text: str, required: bool
) -> None:
    base = wide_registers(recusals=())
    named: dict[str, str] = {}
    for department, n in groups:
        for person in (f"{department}-{n}", f"{department}-{n + 1}"):
            named.setdefault(person, f"FG-{department}-{n}")
    people = tuple(
        replace(row, is_leader=at in leaders, fixed_group=named.get(row.inspector_id, ""))
        for at, row in enumerate(base.inspectors)
    )
    teams = Teams(leader_required=required, fixed_groups=True, per="visit")
    own = five_of_six(teams=teams, pools=Pools(inspectors=text, leaders=text, fixed_groups=text))
    found = evidence(replace(base, inspectors=people), own)
    assert failing(found).isdisjoint({"plan", "draw"})
    officers = {row.person_id: row for row in found.people if not row.pool_id.startswith("expert/")}
    assert len(officers) == sum(not row.pool_id.startswith("expert/") for row in found.people)
    for row in people:
        mates: list[Inspector] = [one for one in people if one.fixed_group == row.fixed_group != ""]
        assert len({one.inspector_id in officers for one in mates}) <= 1
