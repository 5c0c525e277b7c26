"""campaign.toml: all that is wrong with it is told at once."""

from typing import Any

import pytest

from scheduler.domain.errors import InputError
from scheduler.domain.messages import render
from scheduler.intake import read_campaign


def problems(campaign: Any) -> dict[str, list[str]]:
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    found: dict[str, list[str]] = {}
    for problem in error.value.problems:
        assert render(problem, "zh")
        assert render(problem, "en")
        found.setdefault(problem.code, []).append(str(problem.params.get("field", "")))
    return found


def test_settings_of_every_section_are_taken_over(campaign: Any) -> None:
    campaign.flat = 'timezone = "America/New_York"'
    campaign.sections = """
    [hours]
    pieces = ["09:00-12:00", "13:30-17:00"]
    [travel]
    speed_kmh = 40
    [teams]
    per = "visit"
    [pools]
    inspectors = "50%"
    """
    found = read_campaign(campaign.write()).settings
    assert found.timezone == "America/New_York"
    assert found.hours.pieces == ((540, 720), (810, 1020))
    assert (found.travel.speed_kmh, found.teams.per, found.pools.inspectors) == (40, "visit", "50%")


def test_pieces_of_the_day_may_be_minutes(campaign: Any) -> None:
    campaign.sections = "[hours]\npieces = [[480, 720]]\ngrid_min = 30"
    assert read_campaign(campaign.write()).settings.hours.pieces == ((480, 720),)


def test_all_wrong_settings_are_told_at_once(campaign: Any) -> None:
    campaign.flat = 'colour = "red"\ncalendar = "moon"'
    campaign.sections = """
    [travel]
    speed_kmh = "fast"
    warp = 9
    [limits]
    visits_day = true
    [hours]
    pieces = ["9 to 5"]
    [weather]
    rain = true
    """
    assert problems(campaign) == {
        "intake.setting_unknown": ["weather", "campaign.colour", "travel.warp"],
        "intake.setting_choice": ["campaign.calendar"],
        "intake.setting_type": ["hours.pieces", "travel.speed_kmh", "limits.visits_day"],
    }


def test_missing_settings_are_named(campaign: Any) -> None:
    path = campaign.write()
    path.write_text('[campaign]\nname = "x"\n', encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_campaign(path)
    missing = [p.params["field"] for p in error.value.problems if p.code == "intake.setting_missing"]
    assert missing == [f"campaign.{name}" for name in ("campaign_id", "authority", "slot", "start", "end")]
    tables = [p.params["field"] for p in error.value.problems if p.code == "intake.table_missing"]
    assert tables == [f"tables.{t}" for t in ("departments", "enterprises", "inspectors", "items", "tasks")]


@pytest.mark.parametrize(
    ("sections", "code"),
    [
        ("[pairs]\ncap_permille = 1001", "intake.setting_range"),
        ('[pairs]\nfallback = "all"', "intake.setting_choice"),
        ('[goals]\npreferred_days = ["monday"]', "intake.setting_type"),
        ("[teams]\nofficers = 1", "intake.setting_range"),
        ("[travel]\ndetour_permille = 900", "intake.setting_range"),
        ('[hours]\npieces = ["13:00-17:00", "09:00-14:00"]', "intake.setting_hours"),
        ("[hours]\npieces = [[0, 1500]]", "intake.setting_hours"),
        ('[ceremony]\nalphabet = "11"', "intake.setting_alphabet"),
        ('[ceremony]\nfile = "nowhere.txt"', "intake.file_missing"),
        ("[ceremony]\nfile = 3", "intake.setting_type"),
        ("[limits]\nvisits_week = -1", "intake.setting_range"),
    ],
)
def test_a_section_that_makes_no_sense_is_refused(campaign: Any, sections: str, code: str) -> None:
    campaign.sections = sections
    assert list(problems(campaign)) == [code]


@pytest.mark.parametrize(
    ("flat", "code"),
    [
        ('timezone = "Mars/Olympus"', "intake.setting_timezone"),
        ('previous_head = "abc"', "intake.setting_digest"),
        ("hours = 8", "intake.setting_place"),
        ("name = 3", "intake.toml"),
    ],
)
def test_a_flat_setting_that_makes_no_sense_is_refused(campaign: Any, flat: str, code: str) -> None:
    campaign.flat = flat
    assert list(problems(campaign)) == [code]


def edited(campaign: Any, old: str, new: str) -> list[str]:
    path = campaign.write()
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_campaign(path)
    return [problem.code for problem in error.value.problems]


def test_a_window_that_ends_before_it_starts_is_refused(campaign: Any) -> None:
    assert edited(campaign, "end = 2026-03-14", "end = 2026-03-02") == ["intake.setting_window"]


def test_a_date_with_a_time_is_no_date(campaign: Any) -> None:
    changed = "start = 2026-03-02T08:00:00"
    assert edited(campaign, "start = 2026-03-02", changed) == ["intake.setting_type"]


def test_a_bar_in_a_name_is_refused_because_tickets_use_it(campaign: Any) -> None:
    assert edited(campaign, "青石县小样", "青石|县") == ["intake.setting_text"]
    assert edited(campaign, "small-2026-01", "小样") == ["intake.setting_text"]


def test_chinese_keys_are_no_toml_and_the_row_is_told(campaign: Any) -> None:
    path = campaign.write()
    path.write_text("[campaign]\n名称 = 1\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_campaign(path)
    (problem,) = error.value.problems
    assert (problem.code, problem.place["row"]) == ("intake.toml", 2)


def test_a_campaign_file_that_is_missing_or_no_text_is_refused(campaign: Any) -> None:
    path = campaign.write()
    for content, code in ((None, "intake.file_missing"), (b"\xff\xfe\x00", "intake.toml")):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(InputError) as error:
            read_campaign(path)
        assert [problem.code for problem in error.value.problems] == [code]


def test_unknown_tables_are_refused_by_name(campaign: Any) -> None:
    campaign.entries = {
        "enterprise": '"e.csv"',
        "leave": "{ path = 1 }",
    }
    assert problems(campaign) == {
        "intake.table_unknown": ["tables.enterprise"],
        "intake.table_entry": ["tables.leave"],
    }


def test_settings_tables_and_headings_are_told_together(campaign: Any) -> None:
    campaign.flat = 'colour = "red"'
    campaign.entries = {"way": '"travel.csv"'}
    campaign.tables["items"][0][0] = "某列"
    campaign.tables["tasks"][0][0] = "某列"
    assert set(problems(campaign)) == {
        "intake.setting_unknown",
        "intake.table_unknown",
        "intake.column_missing",
    }


def test_sections_of_the_wrong_shape_are_refused(campaign: Any) -> None:
    path = campaign.write()
    path.write_text("campaign = 1\ntables = 2\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_campaign(path)
    assert [(p.code, p.params["field"]) for p in error.value.problems] == [
        ("intake.setting_type", "campaign"),
        ("intake.setting_type", "tables"),
    ]


def test_a_ceremony_that_is_no_text_file_is_refused(campaign: Any) -> None:
    campaign.sections = '[ceremony]\nfile = "ceremony.txt"'
    path = campaign.write()
    (path.parent / "ceremony.txt").write_bytes(b"\xff\xff")
    with pytest.raises(InputError) as error:
        read_campaign(path)
    assert [problem.code for problem in error.value.problems] == ["intake.file_unreadable"]
    campaign.sections = '[ceremony]\nfile = "."'
    assert list(problems(campaign)) == ["intake.file_unreadable"]


@pytest.mark.parametrize("written", ["", "123", "1" * 41, "x" * 40])
def test_a_rehearsals_ceremony_is_refused_before_anything_is_written(campaign: Any, written: str) -> None:
    campaign.sections = '[ceremony]\nfile = "ceremony.txt"'
    path = campaign.write()
    (path.parent / "ceremony.txt").write_text(written, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_campaign(path)
    assert [problem.code for problem in caught.value.problems] == ["intake.ceremony_text"]
    assert caught.value.problems[0].place == {"file": "ceremony.txt"}


def test_the_sources_of_the_seed_are_taken_over(campaign: Any) -> None:
    campaign.flat = f'attempt = 2\nprevious_head = "{"a" * 64}"'
    campaign.sections = '[entropy]\nsources = ["secret", "drand"]\n[drand]\nround = 5'
    found = read_campaign(campaign.write()).settings
    assert (found.entropy.sources, found.drand.round, found.attempt) == (("secret", "drand"), 5, 2)


@pytest.mark.parametrize(
    "sources", ['["dice"]', "[]", '"secret"', "[1]", '["secret", 2]', '[["secret", "drand"]]']
)
def test_sources_that_nobody_knows_are_refused(campaign: Any, sources: str) -> None:
    campaign.sections = f"[entropy]\nsources = {sources}"
    assert problems(campaign) == {"intake.setting_type": ["entropy.sources"]}
