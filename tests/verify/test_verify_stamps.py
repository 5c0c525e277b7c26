"""Time stamps, judged: what they prove, and against which time."""

import datetime as dt
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import stamp_vector
from finished import finished
from small import settings
from verify.anchored import BEFORE, LATER, Campaign, beacon, codes
from witnessed import Authority

from scheduler.domain.errors import InputError, OneDoorError
from scheduler.verify import (
    read_roots,
    stamped_before,
)


def stamped(campaign: Campaign, authority: Authority) -> None:
    response = authority.stamp(campaign.plan_file).read_bytes()
    campaign.anchor({"kind": "stamp"}, {"response.tsr": response})


@pytest.mark.parametrize(
    ("at", "code"),
    [(LATER, "anchor.stamp_before"), (BEFORE, "anchor.stamp_late"), ("", "anchor.stamp_alone")],
)
def test_a_stamp_proves_the_order_against_a_committed_time_only(tmp_path: Path, at: str, code: str) -> None:
    campaign = Campaign(tmp_path, ceremony=replace(settings().ceremony, at=at))
    authority = Authority(tmp_path / "tsa")
    stamped(campaign, authority)
    verdict = campaign.judged(roots=authority.root)
    assert codes(verdict) == [code]
    assert verdict.order == ("proven" if at == LATER else "unproven")


@pytest.mark.parametrize(("year", "order"), [(2099, "proven"), (2024, "unproven")])
def test_the_round_of_a_beacon_is_a_committed_time(tmp_path: Path, year: int, order: str) -> None:
    ceremony = finished()["plan"].entropy
    source = beacon(dt.datetime(year, 1, 1, tzinfo=dt.UTC))
    campaign = Campaign(tmp_path, entropy=(*ceremony, source))
    authority = Authority(tmp_path / "tsa")
    stamped(campaign, authority)
    assert campaign.judged(roots=authority.root).order == order


def test_too_few_bits_after_the_stamp_prove_nothing(tmp_path: Path) -> None:
    few = tuple(replace(source, min_entropy_bits=63) for source in finished()["plan"].entropy)
    campaign = Campaign(tmp_path, entropy=few, ceremony=replace(settings().ceremony, at=LATER))
    authority = Authority(tmp_path / "tsa")
    stamped(campaign, authority)
    assert codes(campaign.judged(roots=authority.root)) == ["anchor.stamp_late"]


def test_entropy_entered_before_the_announced_ceremony_spoils_the_stamp(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, ceremony=replace(settings().ceremony, at=LATER))
    authority = Authority(tmp_path / "tsa")
    stamped(campaign, authority)
    campaign.entropy()  # the writer's clock says 2026
    assert codes(campaign.judged(roots=authority.root)) == ["anchor.entropy_early"]


def test_a_stamp_proves_nothing_without_roots_that_the_checker_brings(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, ceremony=replace(settings().ceremony, at=LATER))
    campaign.anchor({"kind": "stamp"}, {"response.tsr": stamp_vector.RESPONSE})
    assert codes(campaign.judged()) == ["anchor.no_roots"]
    bad = tmp_path / "bad.pem"
    bad.write_bytes(b"no certificate")
    assert codes(campaign.judged(roots=bad)) == ["anchor.roots_bad"]
    assert codes(campaign.judged(roots=tmp_path / "nowhere.pem")) == ["anchor.roots_bad"]


def test_a_stamp_over_other_bytes_an_unknown_root_and_an_expired_one_are_named(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, ceremony=replace(settings().ceremony, at=LATER))
    good, other = Authority(tmp_path / "good"), Authority(tmp_path / "other")
    old = Authority(tmp_path / "old", since=-30, until=-10)
    stamped(campaign, good)
    assert codes(campaign.judged(roots=other.root)) == ["anchor.root_unknown"]
    ledger = good.stamp(campaign.run / "ledger.jsonl").read_bytes()
    campaign.anchor({"kind": "stamp"}, {"response.tsr": ledger})
    stamped(campaign, old)
    verdict = campaign.judged(roots=good.root)
    assert verdict.order == "proven"
    assert codes(verdict) == ["anchor.stamp_before", "anchor.stamp_other", "anchor.root_unknown"]
    assert codes(campaign.judged(roots=old.root))[-1] == "anchor.root_expired"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("-sha512", "-cert"), ""),
        (("-sha256",), "anchor.stamp_bare"),
        (("-sm3", "-cert"), ""),
        (("-sha3-256", "-cert"), "anchor.stamp_hash"),
        (("-sha384", "-cert"), "anchor.stamp_refused"),
    ],
)
def test_digests_bare_stamps_and_refusals(tmp_path: Path, options: tuple[str, ...], code: str) -> None:
    authority, data = Authority(tmp_path / "tsa"), tmp_path / "plan.json"
    data.write_bytes(b"{}\n")
    response = authority.stamp(data, *options).read_bytes()
    roots = read_roots(authority.root.read_bytes(), "")
    if code:
        with pytest.raises(InputError) as caught:
            stamped_before(response, b"{}\n", roots, "x.tsr")
        assert caught.value.problems[0].code == code
    else:
        gap = stamped_before(response, b"{}\n", roots, "x.tsr") - dt.datetime.now(dt.UTC)
        assert abs(gap) < dt.timedelta(minutes=5)


def test_a_stamp_made_by_others_is_read_as_they_meant_it() -> None:
    roots = read_roots(stamp_vector.ROOTS, "")
    time = stamped_before(stamp_vector.RESPONSE, stamp_vector.MESSAGE, roots, "")
    assert time == dt.datetime(2024, 10, 8, 15, 40, 33, tzinfo=dt.UTC)  # its second, and one of accuracy
    with pytest.raises(InputError, match=r"anchor\.stamp_other"):
        stamped_before(stamp_vector.RESPONSE, b"hallo", roots, "")


@pytest.mark.external
def test_the_vectors_given_are_those_of_this_repository() -> None:
    folder = os.environ.get("ONEDOOR_EXTERNAL")
    if not folder:
        pytest.skip("ONEDOOR_EXTERNAL is not set")
    given = Path(folder) / "vectors/rfc3161"
    assert (given / "response.tsr").read_bytes() == stamp_vector.RESPONSE
    roots = read_roots((given / "ts_chain.pem").read_bytes(), "")
    assert roots == read_roots(stamp_vector.ROOTS, "")
    assert stamped_before((given / "response.tsr").read_bytes(), b"hello", roots, "").year == 2024


def test_random_damage_to_a_stamp_gives_coded_errors_only_and_never_another_time() -> None:
    roots, dice = read_roots(stamp_vector.ROOTS, ""), random.Random(4)  # noqa: S311 - damage, not chance that counts
    due = stamped_before(stamp_vector.RESPONSE, stamp_vector.MESSAGE, roots, "")
    told: set[str] = set()
    for _ in range(400):
        data = bytearray(stamp_vector.RESPONSE)
        for _ in range(dice.randint(1, 3)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        cut = len(data) if dice.random() < 0.8 else dice.randrange(len(data))
        try:
            found = stamped_before(bytes(data[:cut]), stamp_vector.MESSAGE, roots, "")
        except OneDoorError as error:
            found, code = due, error.problems[0].code
            told.add(code.partition(".")[0])
        # What may change unseen is the copy of the signer's certificate, which the roots hold as well.
        assert found == due
    assert told == {"anchor"}


# --- the extra ---------------------------------------------------------------------------------------------

WITHOUT = """
import sys
for name in {hidden!r}:
    sys.modules[name] = None
from scheduler.domain.errors import UsageError
from scheduler.verify import keys, read_roots, stamped_before
try:
    {call}
except UsageError as error:
    print(error.problems[0].code, error.problems[0].params["package"])
"""


@pytest.mark.parametrize(
    ("hidden", "call", "package"),
    [
        (["cryptography"], "read_roots(b'', '')", "cryptography"),
        (["cryptography"], "keys.holds(keys.key_of(keys.ED25519 + bytes(32)), b'', b'')", "cryptography"),
        (["rfc3161_client"], "stamped_before(b'', b'', (), '')", "rfc3161-client"),
    ],
)
def test_a_missing_extra_is_named_and_the_room_loads_without_it(
    hidden: list[str], call: str, package: str
) -> None:
    script = WITHOUT.format(hidden=hidden, call=call)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["anchor.extra_missing", package], done.stderr
