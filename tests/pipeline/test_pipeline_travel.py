"""A campaign with a table of travel times, from its files to the certificate."""

from dataclasses import replace
from pathlib import Path

import pytest
from small import registers
from small_files import write_small

import solvers
from scheduler import pipeline
from scheduler.domain.registers import TravelTime
from scheduler.verify import verify_run

WAYS = (
    TravelTime(from_place="330182", to_place="330182", minutes=33),
    *(
        TravelTime(from_place=row.department_id, to_place="330182", minutes=41)
        for row in registers().departments
    ),
)


@pytest.mark.parametrize("source", ["districts", "matrix"])
def test_a_table_of_travel_times_is_committed_and_certified(tmp_path: Path, source: str) -> None:
    path = write_small(tmp_path / "in", tables=replace(registers(), travel=WAYS))
    text = path.read_text(encoding="utf-8").replace("[budget]", f'[travel]\nsource = "{source}"\n\n[budget]')
    path.write_text(text, encoding="utf-8")
    run = tmp_path / "run"
    pipeline.run_all(path, run, solvers.solve)
    assert verify_run(run).verdict == "certified"
    plan = (run / "plan" / "plan.json").read_text(encoding="utf-8")
    assert '"intake/travel.csv"' in plan
    assert f'"source":"{source}"' in plan
    table = run / "intake" / "travel.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",41\n", ",14\n"), encoding="utf-8")
    verdict = verify_run(run)
    assert verdict.verdict == "failed"
    assert {violation.rule for violation in verdict.violations} & {"digest", "ledger"}
