"""Which attempt may call itself the committed one, and what its ledger line says of how it came about."""

import json
from pathlib import Path
from typing import Any

import pytest
from verify.folders import Writer, write_attempt, write_run
from verify.mutations import lawful

from scheduler.domain.canonical import canonical_json, file_sha256
from scheduler.domain.schedule import Certificate
from scheduler.verify import Evidence, verify_run


@pytest.fixture(scope="module")
def given() -> Evidence:
    return lawful()


@pytest.fixture
def writer(given: Evidence, tmp_path: Path) -> Writer:
    """A run with two attempts: the committed one, and a discretionary one."""
    made = write_run(tmp_path / "run", given, certified=False)
    write_attempt(made, given, 2)
    return made


def change(writer: Writer, number: int, report: dict[str, Any], **facts: object) -> None:
    """Another report and other facts of an attempt, the chain whole again."""
    stage = f"solve-{number:03d}"
    path = writer.run / stage / "solve.json"
    path.write_bytes(canonical_json({**json.loads(path.read_bytes()), **report}) + b"\n")
    line = next(line for line in writer.lines if line["stage"] == stage)
    line["facts"].update(facts)
    line["files"][f"{stage}/solve.json"] = file_sha256(path)
    writer.rechain()


def told(certificate: Certificate) -> set[str]:
    return {violation.code for violation in certificate.violations}


INTERRUPTED = {"reproducible": False, "discretionary": True}


@pytest.mark.parametrize("stopped", ["interrupt", "failure"])
def test_after_an_interrupted_attempt_the_second_may_be_the_committed_one(
    writer: Writer, stopped: str
) -> None:
    change(writer, 1, INTERRUPTED, discretionary=True, stopped=stopped)
    change(writer, 2, {"discretionary": False}, discretionary=False)
    first, second = (verify_run(writer.run, attempt=number) for number in (1, 2))
    assert (first.violations, first.discretionary, first.reproducible) == ((), True, False)
    assert (second.violations, second.discretionary, second.reproducible) == ((), False, True)


def test_after_the_committed_attempt_no_other_may_claim_to_be_it(writer: Writer) -> None:
    change(writer, 2, {"discretionary": False}, discretionary=False)
    assert told(verify_run(writer.run, attempt=1)) == set()
    assert told(verify_run(writer.run, attempt=2)) == {"verify.not_discretionary"}


def test_an_attempt_with_a_start_is_discretionary_and_names_an_earlier_one(writer: Writer) -> None:
    change(writer, 2, {}, warm_start=1)
    certificate = verify_run(writer.run, attempt=2)
    assert (certificate.violations, certificate.discretionary) == ((), True)
    change(writer, 1, {"discretionary": True}, discretionary=True)
    change(writer, 2, {"discretionary": False}, discretionary=False)
    assert told(verify_run(writer.run, attempt=2)) == {"verify.not_discretionary"}


@pytest.mark.parametrize("start", [2, 0, -1, 7, "1"])
def test_a_start_that_is_no_earlier_attempt_is_found(writer: Writer, start: object) -> None:
    change(writer, 2, {}, warm_start=start)
    assert told(verify_run(writer.run, attempt=2)) == {"verify.solve_fact"}


@pytest.mark.parametrize(("report", "stopped"), [({}, "clock"), (INTERRUPTED, "a friend"), (INTERRUPTED, 1)])
def test_what_ended_an_attempt_has_to_fit_its_report(
    writer: Writer, report: dict[str, Any], stopped: object
) -> None:
    change(writer, 2, report, stopped=stopped)
    assert told(verify_run(writer.run, attempt=2)) == {"verify.solve_fact"}


def test_the_certificate_names_another_solver(writer: Writer) -> None:
    change(writer, 2, {"solver_version": "9.0.1"})
    assert verify_run(writer.run, attempt=1).other_solver == ""
    assert verify_run(writer.run, attempt=2).other_solver == "ortools 9.0.1"
