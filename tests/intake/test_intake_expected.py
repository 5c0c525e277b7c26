"""How many rows there have to be, and how many may be rejected."""

from typing import Any

import pytest

from scheduler.domain.errors import InputError, UsageError
from scheduler.domain.intake import TableReport
from scheduler.intake import read_campaign, reject_limit, reject_problems


def codes(campaign: Any) -> list[tuple[str, dict[str, Any]]]:
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    return [(problem.code, problem.params) for problem in error.value.problems]


def test_a_table_with_the_rows_it_should_have_is_accepted(campaign: Any) -> None:
    campaign.entries["enterprises"] = '{ file = "enterprises.csv", rows = 12 }'
    assert len(read_campaign(campaign.write()).registers.enterprises) == 12


def test_every_table_with_other_rows_than_expected_is_refused_by_name(campaign: Any) -> None:
    campaign.entries["enterprises"] = '{ file = "enterprises.csv", rows = 13 }'
    campaign.entries["inspectors"] = '{ file = "inspectors.csv", rows = 0 }'
    assert codes(campaign) == [
        ("intake.rows_expected", {"table": "enterprises", "n_rows": 12, "expected": 13}),
        ("intake.rows_expected", {"table": "inspectors", "n_rows": 12, "expected": 0}),
    ]


def test_rejected_and_repeated_rows_count_as_rows_of_the_file(campaign: Any) -> None:
    campaign.entries["enterprises"] = '{ file = "enterprises.csv", rows = 13 }'
    campaign.change("enterprises", 3, "信用风险等级", "E")
    campaign.tables["enterprises"].append(list(campaign.tables["enterprises"][1]))
    assert len(read_campaign(campaign.write()).registers.enterprises) == 11


@pytest.mark.parametrize("rows", ['"12"', "-1", "true", "1.5"])
def test_a_number_of_rows_that_is_none_is_refused(campaign: Any, rows: str) -> None:
    campaign.entries["enterprises"] = f'{{ file = "enterprises.csv", rows = {rows} }}'
    assert "intake.table_entry" in [code for code, _ in codes(campaign)]


def table(name: str, rows_read: int, rejected: int) -> TableReport:
    return TableReport(
        table=name,
        file=f"{name}.csv",
        sheet="",
        sha256="",
        rows_read=rows_read,
        accepted=rows_read - rejected,
        rejected=rejected,
        merged=0,
        warnings=0,
    )


TABLES = (table("enterprises", 1_000, 6), table("inspectors", 10, 1))


@pytest.mark.parametrize(
    ("limit", "n_rejected"),
    [
        ("7", []),
        ("6", [7]),
        ("0", [7]),
        ("10%", []),
        ("0.6%", [1]),
        ("0.599999%", [6, 1]),
        ("100%", []),
        ("0%", [6, 1]),
    ],
)
def test_the_limit_is_a_number_in_all_or_a_share_of_each_table(limit: str, n_rejected: list[int]) -> None:
    found = list(reject_problems(TABLES, reject_limit(limit)))
    assert [problem.code for problem in found] == ["intake.too_many_rejects"] * len(n_rejected)
    assert [problem.params["n_rejected"] for problem in found] == n_rejected


def test_a_table_without_rows_passes_any_share() -> None:
    assert not list(reject_problems([table("leave", 0, 0)], reject_limit("0%")))


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "101%", "1 %%", "５%"])
def test_any_other_limit_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as error:
        reject_limit(text)
    assert [problem.code for problem in error.value.problems] == ["intake.max_rejects"]
