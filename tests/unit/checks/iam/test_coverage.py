"""A finding about missing rights of the pipeline names the actions, the resource and the remedy."""

from dataclasses import replace

import pytest

from tests.syntheses import mutated, synthesis
from tests.unit.checks.faults.tables import edit_from
from wealist.checks.accepted import Accepted
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.iam import prove

pytestmark = pytest.mark.exhaustive


def findings(asked: Synthesis) -> list[Finding]:
    return sorted(finding for finding in prove(asked) if finding.control == "iam.coverage")


def after(changes: dict[str, object], stack: str = "prod") -> list[Finding]:
    return findings(mutated(synthesis(), stack, edit_from(changes)))


def test_a_type_unknown_to_the_account_stack_is_one_finding_for_each_role() -> None:
    queues = {"jobs": {"name": "wealist-prod-jobs"}, "mail": {"name": "wealist-prod-mail"}}
    applies, plans = after({"aws_sqs_queue": queues})
    assert "sqs:GetQueueAttributes" in plans.problem
    assert "sqs:CreateQueue" not in plans.problem
    assert "sqs:CreateQueue" in applies.problem
    assert "prod: aws_sqs_queue.jobs" in applies.problem
    assert "synthesize the account's stack again" in applies.remedy


def test_the_remedy_for_a_foreign_name_is_the_prefix_or_the_row_of_the_type() -> None:
    (finding,) = after({"aws_elasticache_replication_group.cache_replication_group replication_group_id": "redis"})
    assert "replicationgroup:redis" in finding.problem
    assert "begin its name with wealist-" in finding.remedy
    assert "[aws_elasticache_replication_group] in wealist/model/types.toml" in finding.remedy


def test_the_remedy_mentions_a_deny() -> None:
    (finding,) = after({"apply +": "Deny ec2:ModifyVpcAttribute"}, "account")
    assert "a Deny refuses it" in finding.remedy


def test_rights_to_destroy_removed_resources_are_required() -> None:
    gone = Accepted(removed={"prod": frozenset({"aws_sqs_queue.jobs"})})
    assert any("sqs:DeleteQueue" in finding.problem for finding in findings(replace(synthesis(), accepted=gone)))


def test_types_that_an_operator_creates_need_no_right_to_create_them() -> None:
    found = after({"aws_iam_user.mistake": {"name": "wealist-x"}})
    assert all("iam:CreateUser" not in finding.problem for finding in found)
    assert any("iam:GetUser" in finding.problem for finding in found)
