"""A second implementation, written from docs/draw-spec.md alone by somebody who had not read scheduler/draw,
agrees with the draw on any campaign: what is refused, the plan, the tree, and every byte of the draw.
"""

import datetime as dt
import importlib.util
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest
from draw import oracle, oracle_beacon, oracle_people, oracle_quota, oracle_seed
from draw.oracle_campaigns import chooser, helped, rules, sealed_texts, widened
from draw.oracle_text import RefusedError, has_profile, hash_text
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import END, START, registers
from small import settings as small_settings

from scheduler.domain import codec, plan
from scheduler.domain.errors import InputError, StaffingError
from scheduler.domain.hashes import Profile
from scheduler.domain.registers import Order, Registers
from scheduler.domain.settings import (
    Ceremony,
    Drand,
    Entropy,
    Pairs,
    Pools,
    Quotas,
    Settings,
    Teams,
)
from scheduler.draw import (
    commit,
    draw,
    frame_records,
    inclusion,
    seed_commitment,
    seed_of,
    seed_text,
    with_secret,
)

PAGE = Path(__file__).parents[2] / "docs" / "draw-spec.md"
ROUND = 1000
SIGNATURE = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
RANDOMNESS = "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"
BEACON = json.dumps({"round": ROUND, "signature": SIGNATURE, "randomness": RANDOMNESS})
"""Round 1000 of drand's quicknet, as its interface gives it."""
SECRET = "ab" * 32
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A campaign has hundreds of rows: shrinking one takes longer than reading the difference."""
UNHURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much)
DRAWN = {
    "enterprises": plan.DrawnEnterprise,
    "cutoffs": plan.Cutoff,
    "people": plan.DrawnPerson,
    "orders": plan.OrderTicket,
}


def beside(name: str) -> Any:
    """A module of this folder that is a test itself, and so is not imported by its name."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module: ModuleType = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


generator = beside("test_draw_second_reading")


def commitment_or_none(campaign: Registers, rule: Settings) -> plan.Commitment | None:
    try:
        return commit(campaign, rule, {}, 0)
    except (InputError, StaffingError):
        return None


def reading_or_reasons(campaign: Registers, rule: Settings) -> oracle.Plan | tuple[str, ...]:
    try:
        return oracle.plan_of(sealed_texts(campaign, rule))
    except RefusedError as refused:
        return refused.reasons


def compare(campaign: Registers, rule: Settings) -> bool:
    """Whether both accept the campaign; fails wherever they are not of one mind."""
    committed, reading = commitment_or_none(campaign, rule), reading_or_reasons(campaign, rule)
    if committed is None or isinstance(reading, tuple):
        assert (committed is None) == isinstance(reading, tuple), reading
        return False
    compare_plan(committed, reading)
    compare_draw(committed, reading, campaign)
    return True


def compare_plan(committed: plan.Commitment, reading: oracle.Plan) -> None:
    rule = committed.plan.settings
    sealed = with_secret(committed.plan, SECRET) if "secret" in rule.entropy.sources else committed.plan
    plain, mine = codec.to_plain(sealed), reading.entries("0" * 64)
    for name in mine.keys() - {"frame_root", "frame_size"}:
        assert mine[name] == plain[name], name
    commitment = oracle_seed.secret_commitment(SECRET, rule.profile)
    assert oracle_seed.entropy_entries(mine["settings"], commitment) == plain["entropy"]
    assert plain["spec_sha256"] == hash_text(PAGE.read_text(encoding="utf-8"), rule.profile)
    tables = reading.tables()
    assert tables["plan/frame.csv"].encode() == codec.csv_bytes(plan.FrameRow, committed.frame)
    assert tables["plan/excluded.csv"].encode() == codec.csv_bytes(plan.Exclusion, committed.excluded)


def given_by(rule: Settings) -> dict[str, str]:
    """What each source of the plan gives."""
    ceremony = "".join(chooser(7).choices(rule.ceremony.alphabet, k=rule.ceremony.length))
    told = {"secret": SECRET, "ceremony": ceremony, "drand": SIGNATURE}
    return {kind: told[kind] for kind in rule.entropy.sources}


def compare_draw(committed: plan.Commitment, reading: oracle.Plan, campaign: Registers) -> None:
    profile, told = committed.plan.settings.profile, given_by(committed.plan.settings)
    mine = oracle.draw_of(reading, told)
    seed = seed_of(mine["draw/seed.txt"], profile)
    assert seed == oracle_seed.seed_of(reading.campaign.settings, told)
    assert oracle_seed.seed_commitment(seed, profile) == seed_commitment(seed, profile)
    result = draw(committed.plan, committed.frame, committed.excluded, campaign, seed)
    for name, row in DRAWN.items():
        assert mine[f"draw/{name}.csv"].encode() == codec.csv_bytes(row, getattr(result, name)), name


@given(generator.campaigns(), generator.rules, st.integers(0, 2**32))
@quick(max_examples=80, deadline=None, phases=NO_SHRINKING, suppress_health_check=UNHURRIED)
def test_the_oracle_agrees_with_plan_and_draw_on_every_campaign(
    base: Registers, rule: Settings, number: int
) -> None:
    choose = chooser(number)
    compare(widened(base, choose), rules(rule, choose))


@given(generator.campaigns(), generator.rules, st.integers(0, 2**32))
@quick(max_examples=60, deadline=None, phases=NO_SHRINKING, suppress_health_check=UNHURRIED)
def test_the_oracle_agrees_where_neighbours_help(base: Registers, rule: Settings, number: int) -> None:
    choose = chooser(number)
    rule = rules(rule, choose)
    teams = replace(rule.teams, neighbours_help=choose.random() < 0.9)
    compare(helped(widened(base, choose), choose), replace(rule, teams=teams))


@given(generator.campaigns(), generator.rules)
@quick(max_examples=20, deadline=None, phases=NO_SHRINKING, suppress_health_check=UNHURRIED)
def test_the_oracle_agrees_on_the_campaigns_of_the_second_reading(base: Registers, rule: Settings) -> None:
    compare(base, replace(rule, profile="sha256"))


QUOTA_PARTS = {
    "number": ("1", "2", "5", "10", "20", "0", "0.5", "100", "33.3", "01", "2.0"),
    "sep": (";", ",", "、", "；", "，", ";;"),
    "unit": tuple("家户人所个名"),
    "dash": tuple("-~–—至到～"),
    "least": ("≥", ">=", "不低于", "不少于", "至少"),
    "once": ("1次/年", "每年1次", "一年一次", "每年2次"),
}
CLASS_NAMES = (("A", "a", "低风险"), ("B", "一般", "b级"), ("C", "较高类"), ("D", "高", "Ｄ"))


def quota_text(choose: Random, size: int) -> str:
    """A quota of any form of §6.1, now and then a spoilt one."""

    def a(part: str) -> str:
        return choose.choice(QUOTA_PARTS[part])

    def term() -> str:
        return a("number") + choose.choice("%%‰％") if choose.random() < 0.6 else a("number") + a("unit")

    def amount() -> str:
        mark = choose.choice(["%", "‰", "家"])
        if choose.random() < 0.8:
            return term()
        return a("number") + choose.choice([mark, ""]) + a("dash") + a("number") + mark

    def entries() -> str:
        texts = [choose.choice(names) + choose.choice(":：") + amount() for names in CLASS_NAMES]
        return a("sep").join(choose.sample(texts, choose.choice([3, 4, 4, 4, 4])))

    def cases() -> str:
        edge, least = choose.choice([size, 10, 20]), choose.choice(["", a("least")])
        return f"≤{edge}所:{least}{term()}{a('sep')}>{edge}:{least}{term()}"

    def with_count() -> str:
        count = size // 10 + choose.choice([0, 0, 1, 2])
        return f"{choose.choice(['', a('least')])}10%({count}{a('unit')})"

    def at_least() -> str:
        return a("least") + term()

    forms: tuple[Callable[[], str], ...] = (amount, entries, entries, cases, with_count, at_least)
    text = choose.choice(forms)()
    text = f"基数{choose.choice([size, size, 7])}家{a('sep')}{text}" if choose.random() < 0.15 else text
    text += a("sep") + a("once") if choose.random() < 0.15 else ""
    place = choose.randrange(len(text) + 1)
    return text[:place] + choose.choice(" \u3000;%1.") + text[place:] if choose.random() < 0.1 else text


@given(st.integers(0, 2**32))
@quick(max_examples=300, deadline=None, phases=NO_SHRINKING)
def test_the_oracle_agrees_on_every_form_of_a_quota(number: int) -> None:
    choose = chooser(number)
    base, size = registers(), choose.choice([1, 3, 12, 20, 41])
    weights, districts = choose.choices([0, 1, 5, 20], k=3), ["330182", "330183"][: choose.choice([1, 2])]
    firms = tuple(
        replace(
            base.enterprises[0],
            enterprise_id=f"E{n:03d}",
            risk_class=choose.choices("DABC", [1, *weights])[0],
            district=choose.choice(districts),
        )
        for n in range(size)
    )
    task = replace(base.tasks[2], quota=quota_text(choose, size), by_district=choose.random() < 0.3)
    quotas = Quotas(
        rounding=choose.choice(["up", "half_up"]),
        zero=choose.choice(["one", "pool", "refuse"]),
        range=choose.choice(["low", "high"]),
    )
    everywhere = tuple(replace(department, districts=()) for department in base.departments)
    base = replace(base, departments=everywhere, recusals=(), history=())
    compare(replace(base, enterprises=firms, tasks=(task,)), small_settings(quotas=quotas))


@pytest.mark.parametrize("sources", [("ceremony",), ("secret", "ceremony"), ("secret", "ceremony", "drand")])
def test_the_oracle_agrees_on_the_small_campaign(profile: Profile, sources: tuple[Any, ...]) -> None:
    if not has_profile(profile):
        pytest.skip(f"this Python's OpenSSL has no {profile}")
    rule = small_settings(profile=profile, entropy=Entropy(sources=sources), drand=Drand(round=ROUND))
    assert compare(registers(), rule)
    sealed = with_secret(commit(registers(), rule, {}, 0).plan, SECRET)
    told = given_by(rule)
    kept = {"secret": told.get("secret", ""), "beacon": BEACON if "drand" in sources else ""}
    mine = oracle_seed.seed_text(codec.to_plain(rule), told)
    assert seed_text(sealed, told["ceremony"], **kept) == mine


ORDER = Order(
    order_id="O1",
    enterprise_id="E03",
    department_id="D-food",
    item_codes=("S02",),
    start=START,
    end=END,
    approver="李局",
    document="文〔2026〕1号",
    approved_at="2026-03-02T23:59",
)
SETTINGS: dict[str, tuple[bool, dict[str, Any]]] = {
    "a campaign id with a space": (False, {"campaign_id": "a b"}),
    "a slot without a digit": (False, {"slot": "第一批"}),
    "a slot whose digit is not one of 0 to 9": (False, {"slot": "第１批"}),
    "a slot of 64 characters": (True, {"slot": "1" * 64}),
    "a slot of 65 characters": (False, {"slot": "1" * 65}),
    "a previous head in capitals": (False, {"previous_head": "A" * 64}),
    "a second attempt after nothing": (False, {"attempt": 2}),
    "a second attempt after another": (True, {"attempt": 2, "previous_head": "a" * 64}),
    "neighbours who help, and none named": (False, {"teams": Teams(neighbours_help=True)}),
    "one officer": (False, {"teams": Teams(officers=1)}),
    "five officers of four": (False, {"teams": Teams(officers=5)}),
    "five officers of four, by visit": (True, {"teams": Teams(officers=5, per="visit")}),
    "a pair cap above 1000": (False, {"pairs": Pairs(cap_permille=1001)}),
    "no spare": (False, {"pairs": Pairs(spare=0)}),
    "k_max under 0": (False, {"pools": Pools(k_max=-1)}),
    "a pool of nobody": (False, {"pools": Pools(leaders="0%")}),
    "a pool as a range": (False, {"pools": Pools(inspectors="1-2人")}),
    "a pool in full width": (True, {"pools": Pools(inspectors=" ３０ ％", experts="Auto")}),
    "the beacon alone": (False, {"entropy": Entropy(sources=("drand",)), "drand": Drand(round=5)}),
    "the secret alone": (False, {"entropy": Entropy(sources=("secret",))}),
    "sources in another order": (False, {"entropy": Entropy(sources=("ceremony", "secret"))}),
    "a round of nought": (False, {"entropy": Entropy(sources=("ceremony", "drand"))}),
    "63 bits": (False, {"ceremony": Ceremony(alphabet="01", length=63)}),
    "64 bits": (True, {"ceremony": Ceremony(alphabet="01", length=64)}),
    "an alphabet with a bar": (False, {"ceremony": Ceremony(alphabet="01|", length=64)}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_oracle_agrees_on_settings(name: str) -> None:
    lawful, changes = SETTINGS[name]
    assert compare(registers(), small_settings(**changes)) == lawful


def changed(table: str, index: int, **changes: Any) -> Registers:
    rows = list(getattr(registers(), table))
    return registers(**{table: (*rows[:index], replace(rows[index], **changes), *rows[index + 1 :])})


TABLES: dict[str, tuple[bool, Registers]] = {
    "an enterprise's id in Chinese": (False, changed("enterprises", 0, enterprise_id="企1")),
    "a task's id in Chinese": (True, changed("tasks", 2, task_id="任务")),
    "a task's id with a bar": (False, changed("tasks", 2, task_id="a|b")),
    "a district with a bar": (False, changed("enterprises", 0, district="33|")),
    "an enterprise's unit with a bar": (True, changed("enterprises", 0, unit="a|b")),
    "an expert with the id of an inspector": (False, changed("experts", 0, expert_id="fire-1")),
    "an enterprise twice": (False, registers(enterprises=registers().enterprises * 2)),
    "a window on a weekend": (False, changed("tasks", 2, start=dt.date(2026, 3, 7), end=dt.date(2026, 3, 9))),
    "a window that leaves the campaign's": (False, changed("tasks", 2, end=dt.date(2026, 3, 15))),
    "an unknown item": (False, changed("tasks", 2, item_codes=("R01", "nix"))),
    "an item twice": (True, changed("tasks", 2, item_codes=("R01", "R01"))),
    "an item of nobody's field": (False, changed("tasks", 2, item_codes=("R01", "X01"))),
    "no expert": (False, registers(experts=())),
    "an order": (True, registers(orders=(ORDER,))),
    "an order at an enterprise that closed": (
        True,
        replace(changed("enterprises", 2, status="cancelled"), orders=(ORDER,)),
    ),
    "an order that nobody signed": (False, registers(orders=(replace(ORDER, approver=" "),))),
    "an order approved late": (False, registers(orders=(replace(ORDER, approved_at="2026-03-03T00:00"),))),
    "an order with the id of a task": (False, registers(orders=(replace(ORDER, order_id="T-work"),))),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_oracle_agrees_on_tables(name: str) -> None:
    lawful, campaign = TABLES[name]
    assert compare(campaign, small_settings()) == lawful


def test_the_oracle_agrees_on_the_tree_and_every_path(profile: Profile) -> None:
    if not has_profile(profile):
        pytest.skip(f"this Python's OpenSSL has no {profile}")
    campaign = oracle.plan_of(sealed_texts(registers(), small_settings(profile=profile))).campaign
    key = oracle_seed.rehearsal_key("small-2026-01", profile)
    cells = [[row[column] for column in oracle.FRAME_COLUMNS] for row in campaign.frame]
    table = oracle.table_text(oracle.FRAME_COLUMNS, campaign.frame).encode().splitlines(keepends=True)
    for size in range(1, len(cells) + 1):
        leaves = [oracle_seed.leaf(row, key, profile) for row in cells[:size]]
        root = oracle_seed.tree_root(leaves, profile)
        for index, row in enumerate(cells[:size]):
            shown = inclusion(frame_records(table[: size + 1]), key, row[0], profile)
            path = oracle_seed.tree_path(leaves, index, profile)
            assert shown is not None
            assert (shown.tree.root, shown.index) == (root.hex(), index)
            assert list(shown.path) == [sibling.hex() for sibling in path]
            assert shown.salt == oracle_seed.salt(key, row[0], profile)
            holds = partial(oracle_seed.path_holds, leaves[index], index, size, root=root, profile=profile)
            assert (holds(path=path), holds(path=[*path, root])) == (True, False)


def test_the_oracle_gives_every_digest_the_page_shows() -> None:
    """§14 and §15: whatever a command of the page hashes, hashed here."""
    command = r"\$ printf '([^']*)' \| (sha256sum|openssl dgst -sm3 -r)\n([0-9a-f]{64})"
    shown = re.findall(command, PAGE.read_text(encoding="utf-8"))
    assert len(shown) == 16
    for text, program, digest in shown:
        profile = "sha256" if program == "sha256sum" else "sm3"
        plain = text.replace("\\000", "\0").replace("\\n", "\n")
        assert not has_profile(profile) or hash_text(plain, profile) == digest


@pytest.mark.parametrize(
    ("text", "one", "pool"),
    [
        ("5%", [1, 1, 1, 1], {"A": 1, "B": 1, "CD": 1}),
        ("A:1%;B:3%;C:5%;D:10%", [1, 1, 1, 1], {"AB": 1, "CD": 1}),
        ("4家", [1, 1, 1, 1], {"A": 2, "B": 1, "CD": 1}),
        ("10‰", [1, 1, 1, 1], {"ABCD": 1}),
    ],
)
def test_the_oracle_gives_the_quotas_of_the_page(text: str, one: list[int], pool: dict[str, int]) -> None:
    sizes = {("", name): size for name, size in zip("ABCD", (20, 11, 7, 3), strict=True)}
    rule = {"rounding": "up", "range": "low"}
    _, by_one = oracle_quota.strata_numbers(sizes, text, rule | {"zero": "one"}, by_district=False)
    _, by_pool = oracle_quota.strata_numbers(sizes, text, rule | {"zero": "pool"}, by_district=False)
    assert [by_one[cell] for cell in sorted(by_one, key=lambda c: c.classes)] == one
    assert {cell.classes: n for cell, n in by_pool.items()} == pool


def test_the_oracle_verifies_a_known_round_and_no_other() -> None:
    assert oracle_seed.read_beacon(BEACON, ROUND) == SIGNATURE
    assert oracle_beacon.holds(SIGNATURE, oracle_seed.CHAIN["public_key"], ROUND)
    assert not oracle_beacon.holds(SIGNATURE, oracle_seed.CHAIN["public_key"], ROUND + 1)
    with pytest.raises(RefusedError, match="randomness"):
        oracle_seed.read_beacon(BEACON.replace(RANDOMNESS, "0" * 64), ROUND)


def test_the_oracle_reads_a_ceremony_as_the_page_says() -> None:
    rule = {"alphabet": "01", "length": 3}
    assert {oracle_seed.read_ceremony("010" + end, rule) for end in ("", "\n", "\r\n")} == {"010"}
    for wrong in ("010\r", "010\n\n", "0102", "01", " 010"):
        with pytest.raises(RefusedError):
            oracle_seed.read_ceremony(wrong, rule)


def test_reserves_are_called_in_ticket_order_and_never_beyond_k_max() -> None:
    rows = [
        {"rank": str(rank), "person_id": who, "ticket": f"t{rank}", "drawn": str(int(rank == 1))}
        for rank, who in [(1, "a"), (2, "c"), (2, "b"), (5, "d")]
    ]
    assert oracle_people.next_reserve(rows, 2, [], []) == ["b", "c"]
    assert oracle_people.next_reserve(rows, 2, ["t2"], ["a"]) == ["d"]
    assert oracle_people.next_reserve(rows, 1, ["t2"], ["a"]) == []


def test_the_oracle_imports_nothing_of_the_program() -> None:
    files = [path for path in Path(__file__).parent.glob("oracle*.py") if path.stem != "oracle_campaigns"]
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    rooms = {line.split()[1].split(".")[0] for line in lines if re.match(r"(from|import) \w", line)}
    assert rooms - set(sys.stdlib_module_names) == {"draw"}
