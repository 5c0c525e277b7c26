"""The column and settings that teams need: fixed groups, leaders' pools, pair cap, wishes."""

from typing import Any

from scheduler.domain.settings import Goals, Pairs
from scheduler.intake import read_campaign
from scheduler.intake.columns import heading


def test_a_fixed_group_is_read_from_its_column(campaign: Any) -> None:
    campaign.change("inspectors", 2, heading("inspectors", "fixed_group"), "FG-1")
    campaign.change("inspectors", 3, heading("inspectors", "fixed_group"), "ＦＧ－1")
    found = read_campaign(campaign.write()).registers.inspectors
    assert [row.fixed_group for row in found[:3]] == ["FG-1", "FG-1", ""]


def test_settings_of_teams_pairs_and_wishes_are_taken_over(campaign: Any) -> None:
    campaign.sections = """
    [teams]
    leader_required = true
    newcomer_with_senior = true
    fixed_groups = true
    [pools]
    leaders = "2人"
    fixed_groups = "50%"
    [pairs]
    cap_permille = 400
    fallback = "none"
    [goals]
    rotation = 0
    preferred_days = ["tue", "thu"]
    """
    found = read_campaign(campaign.write()).settings
    teams = found.teams
    assert (teams.leader_required, teams.newcomer_with_senior, teams.fixed_groups) == (True, True, True)
    assert (found.pools.leaders, found.pools.fixed_groups) == ("2人", "50%")
    assert found.pairs == Pairs(cap_permille=400, fallback="none")
    assert found.goals == Goals(rotation=0, preferred_days=("tue", "thu"))
