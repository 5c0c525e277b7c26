"""Canonical bytes and ids as text: what is hashed and sealed does not depend on who wrote it."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from small import CEREMONY, registers, settings
from small_files import write_small

from scheduler import pipeline
from scheduler.domain.errors import InputError
from scheduler.domain.hashes import Profile
from scheduler.domain.registers import Registers
from scheduler.draw import commit, draw, seed_of, seed_text, ticket

SEED = "5eed" * 16
IDS = ("1", "01", "001", "1.0", "1e0", "+1", "-0", "0x1", "NaN")


def renamed(ids: tuple[str, ...]) -> Registers:
    base = registers()
    shops = tuple(
        replace(row, enterprise_id=ids[k] if k < len(ids) else row.enterprise_id)
        for k, row in enumerate(base.enterprises)
    )
    return replace(base, enterprises=shops)


def test_ids_are_text_and_never_numbers(profile: Profile) -> None:
    campaign = renamed(IDS)
    committed = commit(campaign, settings(profile=profile), {}, 0)
    known = [row.enterprise_id for row in committed.frame]
    assert set(IDS) <= set(known)
    assert known == sorted(known)
    seed = seed_of(seed_text(committed.plan, CEREMONY), profile)
    result = draw(committed.plan, committed.frame, committed.excluded, campaign, seed)
    assert len({ticket(seed, "E", "group:G1", ident, profile) for ident in IDS}) == len(IDS)
    for row in result.enterprises:
        (group,) = {s.group for s in committed.plan.strata if s.stratum_id == row.stratum_id}
        assert row.ticket == ticket(seed, "E", group, row.enterprise_id, profile)


@pytest.mark.parametrize("spelling", ["E 01", "Ｅ０１", "é", "E01\n", "\ufeffE01", "E|1", "E;1", ""])
def test_an_id_that_could_be_written_in_two_ways_is_refused(spelling: str) -> None:
    with pytest.raises(InputError) as caught:
        commit(renamed((spelling,)), settings(), {}, 0)
    assert "draw.id_form" in {problem.code for problem in caught.value.problems}


def test_a_name_in_another_normal_form_is_refused_where_it_would_be_hashed() -> None:
    base = registers()
    tasks = tuple(replace(task, group=task.group and "cafe\u0301") for task in base.tasks)
    with pytest.raises(InputError) as caught:
        commit(replace(base, tasks=tasks), settings(), {}, 0)
    assert [problem.code for problem in caught.value.problems] == ["draw.id_form"]


def test_campaigns_are_domains_of_their_own(profile: Profile) -> None:
    def seed(name: str, slot: str) -> str:
        plan = commit(registers(), settings(campaign_id=name, slot=slot, profile=profile), {}, 0).plan
        return seed_of(seed_text(plan, CEREMONY), profile)

    assert len({seed("a", "1"), seed("b", "1"), seed("a", "2"), seed("a-1", "1")}) == 4


def test_roles_are_domains_of_their_own(profile: Profile) -> None:
    assert len({ticket(SEED, role, "officers", "X", profile) for role in "EIW"}) == 3


def test_sealed_tables_are_utf8_in_nfc_with_line_feeds_and_no_mark(tmp_path: Path) -> None:
    base = registers()
    decomposed = unicodedata.normalize("NFD", "Café 局")
    departments = tuple(replace(row, authority=decomposed) for row in base.departments)
    shops = tuple(replace(row, authority=decomposed) for row in base.enterprises)
    officers = tuple(replace(row, authority=decomposed) for row in base.inspectors)
    other = replace(base, departments=departments, enterprises=shops, inspectors=officers)
    run = tmp_path / "run"
    pipeline.import_campaign(write_small(tmp_path / "c", tables=other), run)
    pipeline.commit(run)
    pipeline.draw(run, CEREMONY + "\r\n")
    for path in [*(run / "plan").iterdir(), *(run / "draw").iterdir()]:
        data = path.read_bytes()
        text = data.decode()
        assert text == unicodedata.normalize("NFC", text)
        assert data.endswith(b"\n")
        assert b"\r" not in data
        assert not data.startswith(b"\xef\xbb\xbf")
    assert "Café 局" in (run / "plan/frame.csv").read_text(encoding="utf-8")
