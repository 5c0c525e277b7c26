"""The register walked: no rule without check, solver cover, accepting and rejecting test, and doc row."""

import ast
import sys
from functools import cache
from pathlib import Path

import pytest
from verify.mutations import KINDS, MUTATIONS, lawful

import solvers
from scheduler.domain.rules import RULES, Rule
from scheduler.domain.schedule import RuleVerdict
from scheduler.verify import CHECKS, check

ROOT = Path(__file__).resolve().parents[2]
IN_FORCE = [rule for rule in RULES if rule.state == "in_force"]


@cache
def lawful_rows() -> tuple[RuleVerdict, ...]:
    return tuple(row for kind in KINDS for row in check(lawful(kind)).rules)


def name(rule: Rule) -> str:
    return rule.rule_id


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_every_rule_has_a_check_and_a_row_in_the_docs(rule: Rule) -> None:
    page = (ROOT / "docs/reference/rules.md").read_text(encoding="utf-8")
    row = next((line for line in page.splitlines() if line.startswith(f"| {rule.rule_id} |")), "")
    assert rule.rule_id in CHECKS
    assert rule.zh in row
    assert rule.en in row


@pytest.mark.parametrize("rule", IN_FORCE, ids=name)
def test_every_rule_in_force_is_kept_by_the_solver_or_cannot_be_broken_there(rule: Rule) -> None:
    assert solvers.coverage()[rule.rule_id].startswith(("constraint: ", "absent: "))


@pytest.mark.parametrize("rule", IN_FORCE, ids=name)
def test_every_check_in_force_says_its_rule(rule: Rule) -> None:
    assert (CHECKS[rule.rule_id].__doc__ or "").startswith(f"{rule.rule_id}: ")


@pytest.mark.parametrize("rule", IN_FORCE, ids=name)
def test_every_rule_in_force_is_accepted_and_rejected_by_a_test(rule: Rule) -> None:
    accepted = {row.rule for row in lawful_rows() if row.checked and not row.violations}
    rejected = {broken for mutation in MUTATIONS for broken in mutation.expected}
    assert rule.rule_id in accepted & rejected


def test_no_check_stands_for_a_rule_that_the_register_lacks() -> None:
    known = {rule.rule_id for rule in RULES} | {"plan", "draw", "merge", "goal"}
    assert set(CHECKS) == known


EXTRAS = {"py_ecc", "cryptography", "rfc3161_client"}
"""Packages that verify proofs from outside; each is imported where it is needed, or named as missing."""


def test_the_judge_imports_the_domain_and_the_standard_library_only() -> None:
    for path in sorted((ROOT / "scheduler/verify").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for imported in names:
                ours = imported.startswith(("scheduler.domain", "scheduler.verify"))
                package = imported.split(".")[0]
                assert ours or package in sys.stdlib_module_names | EXTRAS, (path.name, imported)
