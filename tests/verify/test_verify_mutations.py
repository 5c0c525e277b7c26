"""Break one rule and only it: the checker names that rule and no other."""

from collections import Counter

import pytest
from verify.evidence import failed
from verify.mutations import KINDS, MUTATIONS, Mutation, lawful

from scheduler.domain.rules import RULES
from scheduler.verify import CHECKS, check


@pytest.mark.parametrize("kind", KINDS)
def test_lawful_evidence_breaks_nothing(kind: str) -> None:
    assert check(lawful(kind)).violations == ()


def test_every_rule_in_force_has_a_case_in_lawful_evidence() -> None:
    checked = Counter[str]()
    for kind in KINDS:
        checked.update({row.rule: row.checked for row in check(lawful(kind)).rules})
    in_force = {rule.rule_id for rule in RULES if rule.state == "in_force"}
    assert {rule for rule, n in checked.items() if not n} == {r.rule_id for r in RULES} - in_force
    assert set(checked) == set(CHECKS)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.name)
def test_a_mutation_breaks_what_it_says_and_nothing_else(mutation: Mutation) -> None:
    findings = check(mutation.change(lawful(mutation.given)))
    assert failed(findings) == mutation.expected, findings.violations
    assert mutation.code in {violation.code for violation in findings.violations}


def test_rules_that_fall_together_say_why() -> None:
    assert [m.name for m in MUTATIONS if len(m.expected) > 1 and not m.why] == []
