"""Tickets and seed: the bytes that are hashed, against the program everybody has."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import CEREMONY, registers
from small import settings as campaign

from scheduler.domain.errors import InputError
from scheduler.domain.hashes import Profile, digest_hex
from scheduler.domain.plan import SPEC_SM3
from scheduler.draw import SPEC_SHA256, commit, draw, seed_commitment, seed_of, seed_text, ticket
from scheduler.draw.tickets import digests

PAGE = Path(__file__).parents[2] / "docs" / "draw-spec.md"
SEED = "f73e025ae8f5e265027b63158a14e21b6cef2767364b973d795381ec24360db1"


def sha256sum(text: str) -> str:
    done = subprocess.run(["sha256sum"], input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode().split()[0]


def test_the_plan_names_the_page_by_its_digest_under_either_profile() -> None:
    page = PAGE.read_bytes()
    assert (digest_hex(page, "sha256"), digest_hex(page, "sm3")) == (SPEC_SHA256, SPEC_SM3)


COMMAND = r"^\$ (printf .* \| (sha256sum|openssl dgst -sm3 -r))\n([0-9a-f]{64}) (?: -|\*stdin)$"


@pytest.mark.parametrize("program", ["sha256sum", "openssl dgst -sm3 -r"])
def test_every_command_of_the_page_gives_what_stands_below_it(program: str) -> None:
    if program != "sha256sum" and not openssl_knows_sm3():
        pytest.skip("no openssl program with SM3")
    shown = re.findall(COMMAND, PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    own = [(command, digest) for command, used, digest in shown if used == program]
    assert len(own) == 8
    for command, digest in own:
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True)
        assert done.stdout.decode().split()[0] == digest


def openssl_knows_sm3() -> bool:
    if shutil.which("openssl") is None:
        return False
    done = subprocess.run(["openssl", "dgst", "-sm3", "-r"], input=b"abc", capture_output=True, check=False)
    return done.stdout.startswith(b"66c7f0f462eeedd9")


def test_the_small_campaign_has_the_seed_and_tickets_of_the_page_under_sm3() -> None:
    committed = commit(registers(), campaign(profile="sm3"), {}, 0)
    text = seed_text(committed.plan, CEREMONY)
    assert text.split("\n")[1] == "profile=sm3"
    page, seed = PAGE.read_text(encoding="utf-8"), seed_of(text, "sm3")
    result = draw(committed.plan, committed.frame, committed.excluded, registers(), seed)
    tickets = {row.enterprise_id: row.ticket for row in result.enterprises if row.task_id == "T-fire"}
    tickets |= {row.person_id: row.ticket for row in result.people}
    digests_due = (seed, seed_commitment(seed, "sm3"), tickets["E04"], tickets["E08"], tickets["EX1"])
    assert all(f"\n{digest} *stdin\n" in page for digest in digests_due)
    assert result.seed_commitment == seed_commitment(seed, "sm3")


def test_the_small_campaign_has_the_seed_and_tickets_of_the_page() -> None:
    plan = commit(registers(), campaign(), {}, 0).plan
    text = seed_text(plan, CEREMONY)
    assert text.encode() == (
        b"spec=onedoor-draw/1\nprofile=sha256\ncampaign=small-2026-01\nslot=2026-01\n"
        b"ceremony=3141592653589793238462643383279502884197\n"
    )
    assert seed_of(text) == SEED == sha256sum(text)
    assert seed_commitment(SEED) == sha256sum(f"onedoor-seed-commit|{SEED}")
    assert ticket(SEED, "E", "group:G1", "E04") == sha256sum(f"{SEED}|E|group:G1|E04")
    assert ticket(SEED, "I", "expert:电气", "EX1") == sha256sum(f"{SEED}|I|expert:电气|EX1")


def test_every_ticket_of_a_draw_is_the_one_sha256sum_gives() -> None:
    committed = commit(registers(), campaign(), {}, 0)
    result = draw(committed.plan, committed.frame, committed.excluded, registers(), SEED)
    groups = {stratum.stratum_id: stratum.group for stratum in committed.plan.strata}
    for row in result.enterprises[::7]:
        assert row.ticket == sha256sum(f"{SEED}|E|{groups[row.stratum_id]}|{row.enterprise_id}")
    for person in result.people[::5]:
        group = "expert:电气" if person.pool_id.startswith("expert/") else "officers"
        assert person.ticket == sha256sum(f"{SEED}|I|{group}|{person.person_id}")


@given(st.lists(st.text(alphabet="ABC0189", min_size=1, max_size=6), max_size=20))
@settings(max_examples=50, deadline=None)
def test_many_tickets_at_once_are_the_single_ones(profile: Profile, idents: list[str]) -> None:
    assert [raw.hex() for raw in digests(SEED, "E", "task:T", idents, profile)] == [
        digest_hex(f"{SEED}|E|task:T|{ident}".encode(), profile) for ident in idents
    ]


def test_two_spellings_of_one_name_have_one_ticket(profile: Profile) -> None:
    composed = ticket(SEED, "I", "expert:caf\u00e9", "X", profile)
    assert composed == ticket(SEED, "I", "expert:cafe\u0301", "X", profile)
    assert ticket(SEED, "E", "g", "caf\u00e9", profile) == ticket(SEED, "E", "g", "cafe\u0301", profile)


def test_profile_role_group_and_id_are_kept_apart() -> None:
    tickets = {
        ticket(SEED, "E", "group:G", "1"),
        ticket(SEED, "I", "group:G", "1"),
        ticket(SEED, "E", "task:G", "1"),
        ticket(SEED, "E", "group:G", "01"),
        ticket("0" * 64, "E", "group:G", "1"),
        ticket(SEED, "E", "group:G", "1", "sm3"),
    }
    assert len(tickets) == 6


@pytest.mark.parametrize(("role", "group", "ident"), [("E|", "g", "1"), ("E", "g|h", "1"), ("E", "g", "1|2")])
def test_a_part_with_the_separator_is_refused(role: str, group: str, ident: str) -> None:
    with pytest.raises(InputError) as caught:
        ticket(SEED, role, group, ident)
    assert caught.value.problems[0].code == "draw.bar"


@pytest.mark.parametrize("seed", ["", "F" * 64, "0" * 63, "0" * 65, "g" * 64, "0" * 64 + "\n"])
def test_a_seed_of_another_form_is_refused(seed: str) -> None:
    with pytest.raises(InputError) as caught:
        ticket(seed, "E", "g", "1")
    assert caught.value.problems[0].code == "draw.seed_form"
