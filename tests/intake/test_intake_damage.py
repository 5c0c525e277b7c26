"""Random damage to good files: only coded errors come out, and every row is accounted for."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.codec import read_csv, write_csv
from scheduler.domain.errors import InputError
from scheduler.domain.intake import Rejected
from scheduler.domain.messages import catalogue, render
from scheduler.domain.registers import Enterprise
from scheduler.intake import Intake, read_campaign

TABLES = ("departments", "enterprises", "inspectors", "items", "tasks", "recusals", "leave", "history")
BYTES = st.tuples(st.integers(0, 100_000), st.sampled_from([*b'",;|\n\r\0', 0x80, 0xFE, 0xFF, 0x41]))


def outcome(campaign: Any) -> Intake | None:
    """The intake, or nothing where it was refused with codes that the catalogue explains."""
    try:
        return read_campaign(campaign.write())
    except InputError as error:
        assert error.problems  # noqa: PT017 - any refusal is right, but it has to be explained
        for problem in error.problems:
            assert problem.code in catalogue()
            assert render(problem, "zh")
    return None


def check_figures(intake: Intake) -> None:
    for report in intake.report.tables:
        assert report.rows_read == report.accepted + report.rejected + report.merged
        assert report.accepted == len(getattr(intake.registers, report.table))
        lines = {line.row for line in intake.rejected if line.table == report.table}
        assert report.rejected == len(lines)


@settings(max_examples=60, deadline=None)
@given(
    table=st.sampled_from(TABLES),
    damage=st.lists(BYTES, min_size=1, max_size=4),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_damaged_bytes_give_a_coded_refusal_or_figures_that_add_up(
    make_campaign: Any, table: str, damage: list[tuple[int, int]], encoding: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        campaign = make_campaign(Path(folder))
        campaign.encoding = encoding
        data = bytearray(campaign.text(table))
        for place, byte in damage:
            data[place % len(data)] = byte
        campaign.raw[table] = bytes(data)
        intake = outcome(campaign)
        if intake is not None:
            check_figures(intake)


@settings(max_examples=60, deadline=None)
@given(
    changes=st.lists(
        st.tuples(
            st.integers(1, 12),
            st.integers(0, 14),
            st.one_of(
                st.text(
                    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
                ),
                st.sampled_from(["", "0", "E01", "9999-09-09", "是", "A", "120.2", "１２０．２", "=1+1"]),
            ),
        ),
        max_size=6,
    ),
    twins=st.lists(st.integers(1, 12), max_size=3),
)
def test_no_enterprise_vanishes_whatever_its_cells_say(
    make_campaign: Any, changes: list[tuple[int, int, str]], twins: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        campaign = make_campaign(Path(folder))
        rows = campaign.tables["enterprises"]
        campaign.tables["recusals"] = [campaign.tables["recusals"][0]]
        rows += [list(rows[twin]) for twin in twins]
        for row, column, text in changes:
            rows[row][column] = text
        n_rows = sum(any(cell.strip() for cell in row) for row in rows[1:])
        intake = outcome(campaign)
        if intake is not None:
            check_figures(intake)
            report = next(entry for entry in intake.report.tables if entry.table == "enterprises")
            assert report.rows_read == n_rows
            ids = [row.enterprise_id for row in intake.registers.enterprises]
            assert ids == sorted(set(ids))
            sealed = Path(folder) / "sealed.csv"
            write_csv(sealed, Enterprise, intake.registers.enterprises)
            assert tuple(read_csv(Enterprise, sealed)) == intake.registers.enterprises
            write_csv(sealed, Rejected, intake.rejected)
            assert len(list(read_csv(Rejected, sealed))) == len(intake.rejected)
