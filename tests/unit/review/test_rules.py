"""Newly broken rules are reported. The rules are defined in these tests."""

from typing import Any

import pytest

from tests.unit.review.builders import allow, change, configuration, found, planned, policy, risks
from wealist.checks import waivers
from wealist.checks.rules.rule import Condition, Rule
from wealist.checks.waivers import Waiver
from wealist.review.finding import Finding, Kind, Severity
from wealist.review.formatting import plain_text
from wealist.review.risks import rules

ADDRESS = "aws_thing.a"
LOCKED = Rule("T.1", ("aws_thing",), Condition("lock.enabled", "equals", True), "danger", "lock it", why="It opens.")  # noqa: FBT003
SAFE, OPEN = {"lock": [{"enabled": True}]}, {"lock": [{"enabled": False}]}


@pytest.fixture(autouse=True)
def rules_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "rules_of", lambda kind: (LOCKED,) if kind == "aws_thing" else ())


def broken(*actions: str, **parts: Any) -> list[Finding]:
    return [each for each in risks(change(ADDRESS, *actions, **parts)) if each.kind is Kind.RULE]


def test_a_newly_broken_rule_is_reported() -> None:
    (finding,) = broken("update", before=SAFE, after=OPEN)
    assert finding.severity is Severity.DANGER
    assert plain_text(finding.words) == "no longer meets T.1: lock.enabled is False. It opens."
    assert [str(each) for each in finding.lines] == ["- lock.enabled: true", "+ lock.enabled: false"]


@pytest.mark.parametrize(("before", "after"), [(OPEN, OPEN | {"a": 1}), (OPEN, SAFE), (SAFE, SAFE | {"a": 1})])
def test_a_rule_that_was_already_broken_is_not_reported(before: Any, after: Any) -> None:
    assert broken("update", before=before, after=after) == []


def test_a_rule_broken_by_a_new_resource_is_reported() -> None:
    (finding,) = broken("create", after=OPEN)
    assert plain_text(finding.words) == "does not meet T.1: lock.enabled is False. It opens."
    assert broken("create", after=SAFE) == []


@pytest.mark.parametrize("actions", [("delete",), ("forget",)])
def test_destroyed_resources_break_no_rule(actions: tuple[str, ...]) -> None:
    assert broken(*actions, before=SAFE) == []


def test_hidden_values_break_no_rule() -> None:
    unknown = {"lock": [{"enabled": True}]}
    assert broken("update", before=SAFE, after={"lock": [{}]}, after_unknown=unknown) == []
    assert broken("update", before=SAFE, after=OPEN, after_sensitive=unknown) == []


def test_rules_for_protected_environments_skip_new_resources(monkeypatch: pytest.MonkeyPatch) -> None:
    protected = Rule("T.2", ("aws_thing",), LOCKED.demand, "caution", "", where="protected")
    monkeypatch.setattr(rules, "rules_of", lambda _: (protected,))
    assert broken("create", after=OPEN) == []
    assert [each.severity for each in broken("update", before=SAFE, after=OPEN)] == [Severity.CAUTION]


def test_rules_that_need_the_whole_stack_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    refers = Rule("T.3", ("aws_thing",), Condition("lock", "refers_to", ["aws_lock"]), "danger", "")
    monkeypatch.setattr(rules, "rules_of", lambda _: (refers,))
    assert broken("update", before=SAFE, after=OPEN) == []


def test_waived_controls_are_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    (real,) = {each.expires for each in waivers.read()[:1]}
    waiver = Waiver(("T.1",), ("dev",), ("aws_thing.*",), "It is closed", "the tests leave it open", real, 1)
    monkeypatch.setattr(rules, "_waivers", lambda: dict.fromkeys(waiver.controls, (waiver,)))
    for environment, count in (("dev", 0), ("prod", 1)):
        plan = planned(change(ADDRESS, "create", after=OPEN), configuration=configuration(environment))
        assert len(list(rules.find(plan.changes[0], plan))) == count


def test_only_the_worst_finding_about_an_argument_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    flag = Rule("T.4", ("aws_db_instance",), Condition("deletion_protection", "equals", True), "danger", "")  # noqa: FBT003
    monkeypatch.setattr(rules, "rules_of", lambda _: (flag,))
    update = change(
        "aws_db_instance.a", "update", before={"deletion_protection": True}, after={"deletion_protection": False}
    )
    ((severity, words),) = [(each.severity, plain_text(each.words)) for each in risks(update)]
    assert (severity, words) == (Severity.DANGER, "no longer meets T.4: deletion_protection is False")


def test_grants_of_a_policy_are_shown_in_addition_to_its_broken_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = Rule("T.5", ("aws_iam_policy",), Condition(), "danger", "", check="does_not_allow_everything")
    monkeypatch.setattr(rules, "rules_of", lambda _: (everything,))
    made = change("aws_iam_policy.a", "create", after={"policy": policy(allow("s3:Get*"))})
    assert found(made, kind=Kind.RULE) == []
    made = change("aws_iam_policy.a", "create", after={"policy": policy(allow("*"))})
    assert [severity for severity, _ in found(made, kind=Kind.IAM)] == [Severity.DANGER]
