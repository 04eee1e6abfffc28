"""Refresh-only plans, provider actions and unread parts are reported."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.review.builders import change, planned, review_of, risks, shown, written
from wealist.errors import OperatorError
from wealist.review.command import build_review
from wealist.review.finding import Kind, Severity
from wealist.review.formatting import plain_text
from wealist.review.markdown import comment

DATABASE = change("aws_db_instance.a", "delete", before={"instance_class": "a"})
RULE = change("aws_lb_listener_rule.a", "delete", before={"priority": 1})
TAGGED = change("aws_vpc.a", "update", before={"tags": {"A": "1"}}, after={"tags": {"A": "2"}})


def about(*kinds: Kind, **parts: Any) -> list[tuple[Severity, str, str]]:
    return [(each.severity, each.address, plain_text(each.words)) for each in risks(**parts) if each.kind in kinds]


def test_a_refresh_only_plan_reports_drift_and_deletions_first() -> None:
    found = about(Kind.STATE, applyable=True, resource_drift=[TAGGED, RULE, DATABASE])
    assert [(severity, address) for severity, address, _ in found] == [
        (Severity.DANGER, "aws_db_instance.a"),
        (Severity.CAUTION, "aws_lb_listener_rule.a"),
        (Severity.NOTE, "aws_vpc.a"),
    ]
    assert found[0][2].endswith("removes it from the state; it holds the services' data")


def test_a_refresh_only_plan_is_not_without_changes(tmp_path: Path) -> None:
    text = shown(tmp_path, applyable=True, resource_drift=[TAGGED])
    assert "no changes" not in text
    assert "othing to do" not in text
    assert "**1** to refresh" in text


def test_an_applyable_plan_without_changes_is_a_caution(tmp_path: Path) -> None:
    ((severity, address, _),) = about(Kind.STATE, applyable=True)
    assert (severity, address) == (Severity.CAUTION, "the plan")
    text = shown(tmp_path, applyable=True)
    assert "no changes" not in text
    assert "othing to do" not in text


@pytest.mark.parametrize("parts", [{"applyable": False}, {}])
def test_a_plan_that_cannot_be_applied_has_no_changes(parts: dict[str, Any]) -> None:
    assert planned(resource_drift=[TAGGED], **parts).is_empty
    assert about(Kind.STATE, resource_drift=[TAGGED], **parts) == []


def test_drift_in_a_plan_with_changes_is_no_state_finding() -> None:
    assert [each for each in risks(change("aws_vpc.b", "create", after={}), applyable=True, resource_drift=[DATABASE])
            if each.kind is Kind.STATE] == []  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "severity"), [("aws_lambda_invoke", Severity.CAUTION), ("aws_unheard_of", Severity.DANGER)]
)
def test_provider_actions_are_reported(kind: str, severity: Severity) -> None:
    trigger = {"triggering_resource_address": "aws_vpc.a", "action_trigger_event": "after_update"}
    action = {"address": f"action.{kind}.a", "type": kind, "lifecycle_action_trigger": trigger}
    ((found, address, words),) = about(Kind.ACTION, action_invocations=[action])
    assert (found, address) == (severity, f"action.{kind}.a")
    assert words.startswith("is run at after_update of aws_vpc.a: ")


def test_a_plan_with_only_an_action_has_changes_and_no_secrets(tmp_path: Path) -> None:
    action = {
        "address": "action.aws_lambda_invoke.a",
        "type": "aws_lambda_invoke",
        "config_values": {"function_name": "greet", "payload": "only-for-tests-1", "client_context": "open"},
        "config_sensitive": {"payload": True},
    }
    text = shown(tmp_path, applyable=True, action_invocations=[action])
    assert "**1** to invoke" in text
    assert "function_name: " in text
    assert "only-for-tests" not in text


@pytest.mark.parametrize("part", ["deferred_changes", "deferred_action_invocations"])
def test_a_plan_with_deferred_changes_is_rejected_as_partial(tmp_path: Path, part: str) -> None:
    with pytest.raises(OperatorError, match="is a partial plan"):
        build_review(written(tmp_path, TAGGED, **{part: [{"reason": "unknown"}]}))


def test_unread_parts_of_a_plan_are_named_and_prevent_a_green_verdict(tmp_path: Path) -> None:
    calm = change("aws_kms_alias.a", "update", before={"name": "a"}, after={"name": "b"})
    text = comment(review_of(tmp_path, calm, new_part={"a": 1}), artifact_url=None)
    assert text.splitlines()[1].startswith("## 🔵 ")
    assert "parts of the plan that are not read: `new_part`" in text
