"""The sources of the seed: secret, ceremony, beacon; their order, their bits, exactly one text of each.

The beacon's figures (round 123 of drand quicknet) are public: drand's HTTP interface gives them.
"""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import CEREMONY, registers, settings

from scheduler import draw as draw_room
from scheduler.domain.beacons import QUICKNET
from scheduler.domain.errors import InputError, OneDoorError, UsageError
from scheduler.domain.plan import Plan
from scheduler.domain.settings import Ceremony, Drand, Entropy
from scheduler.draw import beacon
from scheduler.verify.entropy import round_holds, seed_text_holds

SECRET = "5a" * 32
ROUND = 123
SIGNATURE = "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92"
RANDOMNESS = "fb8f7bc29bf24db51871ec8c79f3a1e4bd0557bc0dfcee9ed1d924e69d1c60dc"
BEACON = json.dumps({"round": ROUND, "randomness": RANDOMNESS, "signature": SIGNATURE})
ALL = ("secret", "ceremony", "drand")


def planned(*sources: str, **changes: Any) -> Plan:
    said = settings(entropy=Entropy(sources=sources), drand=Drand(round=ROUND), **changes)  # type: ignore[arg-type]
    return draw_room.with_secret(draw_room.commit(registers(), said, {}, 0).plan, SECRET)


def codes(error: pytest.ExceptionInfo[OneDoorError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return planned(*ALL)


def test_a_line_for_each_source_in_the_fixed_order(plan: Plan) -> None:
    text = draw_room.seed_text(plan, CEREMONY, secret=SECRET, beacon=BEACON)
    assert text.splitlines()[4:] == [f"secret={SECRET}", f"ceremony={CEREMONY}", f"drand={SIGNATURE}"]
    assert seed_text_holds(text, plan)


def test_the_default_is_the_ceremony_alone_with_the_five_lines_of_before() -> None:
    only = draw_room.commit(registers(), settings(), {}, 0).plan
    assert [source.kind for source in only.entropy] == ["ceremony"]
    assert draw_room.seed_text(only, CEREMONY) == (
        f"spec=onedoor-draw/1\nprofile=sha256\ncampaign=small-2026-01\nslot=2026-01\nceremony={CEREMONY}\n"
    )


@pytest.mark.parametrize(
    ("sources", "bits"),
    [(("ceremony",), 132), (("secret", "ceremony"), 132), (("secret", "drand"), 128), (ALL, 260)],
)
def test_only_what_comes_after_the_commitment_is_added_up(sources: tuple[str, ...], bits: int) -> None:
    assert draw_room.entropy_bits(planned(*sources)) == bits


@pytest.mark.parametrize(
    ("sources", "code"),
    [
        ((), "draw.entropy_order"),
        (("ceremony", "secret"), "draw.entropy_order"),
        (("drand", "ceremony"), "draw.entropy_order"),
        (("ceremony", "ceremony"), "draw.entropy_order"),
        (("drand",), "draw.drand_alone"),
        (("secret",), "draw.entropy_low"),
    ],
)
def test_sources_out_of_order_alone_or_too_weak_are_refused(sources: tuple[str, ...], code: str) -> None:
    with pytest.raises(InputError) as error:
        planned(*sources)
    assert codes(error) == [code]


def test_a_weak_ceremony_is_carried_by_a_beacon_and_not_by_a_secret() -> None:
    weak = Ceremony(alphabet="01", length=8)
    assert draw_room.entropy_bits(planned("ceremony", "drand", ceremony=weak)) == 136
    with pytest.raises(InputError) as error:
        planned("secret", "ceremony", ceremony=weak)
    assert codes(error) == ["draw.entropy_low"]


@pytest.mark.parametrize(
    ("drand", "code"),
    [
        (Drand(), "draw.drand_round"),
        (Drand(round=-1), "draw.drand_round"),
        (Drand(round=10**11), "draw.drand_round"),
        (Drand(round=1, chain_hash="8990e7a9" + "0" * 56), "draw.drand_chain"),
    ],
)
def test_a_beacon_without_round_or_of_an_unknown_chain_is_refused(drand: Drand, code: str) -> None:
    said = settings(entropy=Entropy(sources=("ceremony", "drand")), drand=drand)
    with pytest.raises(InputError) as error:
        draw_room.commit(registers(), said, {}, 0)
    assert codes(error) == [code]


def _beacon(**changes: object) -> str:
    return json.dumps({"round": ROUND, "signature": SIGNATURE} | changes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (_beacon(round=124), "draw.beacon_round"),
        (_beacon(round=True), "draw.beacon_form"),
        (_beacon(round="123"), "draw.beacon_form"),
        (_beacon(signature=SIGNATURE * 2), "draw.beacon_chain"),
        (_beacon(previous_signature="ab"), "draw.beacon_chain"),
        (_beacon(signature=SIGNATURE.upper()), "draw.beacon_form"),
        (_beacon(randomness="00" * 32), "draw.beacon_signature"),
        (_beacon(signature="c0" + "00" * 47), "draw.beacon_signature"),
        (_beacon(signature="ff" * 48), "draw.beacon_signature"),
        (_beacon(signature="8" + SIGNATURE[1:]), "draw.beacon_signature"),
        (_beacon(chain="x"), "draw.beacon_form"),
        ("[]", "draw.beacon_form"),
        ("{", "draw.beacon_form"),
        ("9" * 5000, "draw.beacon_form"),
    ],
)
def test_another_round_chain_or_signature_is_refused_by_name(plan: Plan, text: str, code: str) -> None:
    with pytest.raises(InputError) as error:
        draw_room.seed_text(plan, CEREMONY, secret=SECRET, beacon=text)
    assert codes(error) == [code]


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
@quick(max_examples=50, deadline=None)
def test_damaged_beacons_and_escrow_files_bring_coded_refusals_only(text: str) -> None:
    with pytest.raises(InputError):
        beacon.entered_beacon(planned_beacon(), text)
    with pytest.raises(InputError):
        draw_room.read_escrow(text)


def planned_beacon() -> Any:
    return beacon.beacon_source(Drand(round=ROUND))


@pytest.mark.parametrize("holds", [beacon.signature_holds, round_holds])
def test_draw_and_judge_verify_the_public_round_each_in_its_own_way(holds: Any) -> None:
    assert holds(QUICKNET, ROUND, SIGNATURE)
    assert not holds(QUICKNET, ROUND + 1, SIGNATURE)
    assert hashlib.sha256(bytes.fromhex(SIGNATURE)).hexdigest() == RANDOMNESS


@pytest.mark.parametrize(
    "name", ["scheduler.draw.beacon:signature_holds", "scheduler.verify.entropy:round_holds"]
)
def test_verifying_a_beacon_leaves_the_recursion_limit_as_it_was(name: str) -> None:
    module, function = name.split(":")
    code = f"""
import sys
from {module} import {function} as holds
from scheduler.domain.beacons import QUICKNET
before = sys.getrecursionlimit()
assert holds(QUICKNET, {ROUND}, {SIGNATURE!r})
assert "py_ecc" in sys.modules and sys.getrecursionlimit() == before
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


@pytest.mark.external
def test_the_public_vectors_of_drand_agree() -> None:
    root = os.environ.get("ONEDOOR_EXTERNAL")
    path = Path(root or "") / "vectors" / "drand.json"
    if not root or not path.is_file():
        pytest.skip("ONEDOOR_EXTERNAL names no folder with vectors/drand.json")
    told = json.loads(path.read_text())["quicknet"]
    pinned = (QUICKNET.chain_hash, QUICKNET.public_key, QUICKNET.genesis, QUICKNET.period_s, QUICKNET.dst)
    assert pinned == tuple(told[k] for k in ("chain_hash", "public_key", "genesis", "period_s", "dst"))
    for one in told["rounds"]:
        assert beacon.signature_holds(QUICKNET, one["round"], one["signature"]) == one["valid"]
        assert round_holds(QUICKNET, one["round"], one["signature"]) == one["valid"]


def test_without_the_extra_a_beacon_is_refused_and_never_skipped(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "py_ecc.bls.g2_primitives", None)
    with pytest.raises(UsageError) as error:
        draw_room.seed_text(plan, CEREMONY, secret=SECRET, beacon=BEACON)
    assert codes(error) == ["draw.py_ecc_missing"]
    text = f"{''.join(_head(plan))}secret={SECRET}\nceremony={CEREMONY}\ndrand={SIGNATURE}\n"
    with pytest.raises(UsageError) as error:
        seed_text_holds(text, plan)
    assert codes(error) == ["verify.py_ecc_missing"]


def _head(plan: Plan) -> list[str]:
    named = {"spec": plan.spec, "profile": "sha256", "campaign": "small-2026-01", "slot": "2026-01"}
    return [f"{name}={value}\n" for name, value in named.items()]


def test_what_is_missing_and_what_was_not_committed_are_named_together() -> None:
    with pytest.raises(InputError) as error:
        draw_room.seed_text(planned("secret", "ceremony"), CEREMONY, beacon=BEACON)
    told = [(problem.code, problem.params["source"]) for problem in error.value.problems]
    assert told == [("draw.source_missing", "secret"), ("draw.source_unasked", "drand")]


@pytest.mark.parametrize(
    ("secret", "code"),
    [("5b" * 32, "draw.secret_other"), (SECRET.upper(), "draw.secret_form"), ("5a", "draw.secret_form")],
)
def test_another_secret_is_refused(secret: str, code: str) -> None:
    with pytest.raises(InputError) as error:
        draw_room.seed_text(planned("secret", "ceremony"), CEREMONY, secret=secret)
    assert codes(error) == [code]


def test_the_plan_shows_the_secret_by_its_hash_only(plan: Plan) -> None:
    (source,) = (one for one in plan.entropy if one.kind == "secret")
    assert source.secret_commitment == hashlib.sha256(f"onedoor-secret-commit|{SECRET}".encode()).hexdigest()
    assert SECRET not in repr(plan)
    assert draw_room.make_secret() != draw_room.make_secret()


def test_an_escrow_file_reads_back_byte_for_byte_or_not_at_all() -> None:
    escrow = draw_room.Escrow(campaign="c", slot="s", head="0" * 64, secret=SECRET)
    text = draw_room.escrow_text(escrow)
    assert draw_room.read_escrow(text) == escrow
    for damaged in (text[:-1], text + "\n", text.replace("\n", "\r\n"), text.replace("5a5a", "5A5a")):
        with pytest.raises(InputError):
            draw_room.read_escrow(damaged)


@pytest.mark.parametrize("attempt", [0, -1])
def test_attempts_count_from_one(attempt: int) -> None:
    with pytest.raises(InputError) as error:
        draw_room.commit(registers(), settings(attempt=attempt), {}, 0)
    assert codes(error) == ["draw.setting_range"]


def test_a_second_attempt_names_the_head_of_the_void_one() -> None:
    with pytest.raises(InputError) as error:
        draw_room.commit(registers(), settings(attempt=2), {}, 0)
    assert codes(error) == ["draw.attempt_head"]
    assert draw_room.commit(registers(), settings(attempt=2, previous_head="a" * 64), {}, 0)


@pytest.mark.parametrize("line", [4, 5, 6])
def test_the_judge_refuses_a_seed_text_with_any_line_changed(plan: Plan, line: int) -> None:
    lines = draw_room.seed_text(plan, CEREMONY, secret=SECRET, beacon=BEACON).splitlines(keepends=True)
    name, value = lines[line].split("=")
    other = {"secret": "5b" * 32, "ceremony": CEREMONY[1:], "drand": "a" + SIGNATURE[1:]}[name]
    changed = [*lines[:line], f"{name}={other}\n", *lines[line + 1 :]]
    assert value
    assert not seed_text_holds("".join(changed), plan)
    assert not seed_text_holds("".join([*lines[:line], *lines[line + 1 :]]), plan)


def test_the_judge_looks_at_the_committed_secret(plan: Plan) -> None:
    text = draw_room.seed_text(plan, CEREMONY, secret=SECRET, beacon=BEACON)
    others = tuple(
        replace(one, secret_commitment="0" * 64) if one.kind == "secret" else one for one in plan.entropy
    )
    assert not seed_text_holds(text, replace(plan, entropy=others))
