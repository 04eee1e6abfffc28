"""The tables of `wealist check --rights`: each right with its reason, and who can assume each role."""

import pytest

from tests.syntheses import mutated, synthesis
from tests.unit.checks.faults.tables import edit_from
from tests.unit.spec.builders import build
from wealist.checks.iam import tables
from wealist.checks.iam.documents import Documents, read_documents
from wealist.checks.iam.tables import ANY_WORKFLOW, rights_rows, rights_table, trust_rows
from wealist.model.stack import StackJson, strings_in

pytestmark = pytest.mark.exhaustive


def test_every_right_has_a_reason_that_is_not_part_of_the_policy() -> None:
    for stack in synthesis().stacks.values():
        reasons = [row[-1] for row in rights_rows(stack)]
        assert [why for why in reasons if len(why) <= 15 or why.endswith(".")] == []
        policies = [text for each in stack.resources.values() for text in strings_in(each.get("policy"))]
        assert not [(why, text) for why in reasons for text in policies if why in text]


def test_a_right_added_to_a_statement_appears_in_the_table() -> None:
    edit = edit_from({"workflows PushOwnImages Action +": "ecr:DescribeRepositories"})
    stack = mutated(synthesis(), "prod", edit).stacks["prod"]
    (row,) = [row for row in rights_rows(stack) if "ecr:DescribeRepositories" in row[3]]
    assert row[:3] == ("allow", "PushOwnImages", "wealist-prod-github-actions-role")
    assert row[-1].startswith("workflows push the images")
    assert row in rights_table(stack).rows


def test_a_role_appears_with_its_principals_and_required_claims() -> None:
    every = trust_rows(synthesis())
    rows = {role: row for stack in ("prod", "account") for role, *row in every[stack]}
    assert rows["wealist-prod-ec2-role"] == ["ec2.amazonaws.com", "", ""]
    trusts, held_to, shared_with = rows["wealist-prod-github-actions-role"]
    assert "repo:OrangesCloud/*" in trusts
    assert (held_to, shared_with) == ("ref refs/heads/deploy-prod", "")
    assert "repository OrangesCloud/wealist-infrastructure" in rows["wealist-terraform-plan-prod-role"][1]
    assert "ref refs/heads/main" in rows["wealist-terraform-apply-role"][1]


def test_a_role_without_required_claims_and_a_shared_role_are_marked() -> None:
    other = {"name": "qa", "network": {"cidr": "10.7.0.0/16"}, "site": {"domain": "qa.wealist.co.kr"}}
    every = build(github_deploy={"every_workflow_of_the_organisation": True})
    both = synthesis(every, build(api={"domain": "api.qa.wealist.co.kr"}, **other))
    rows = {role: row for stack in ("stage", "qa") for role, *row in trust_rows(both)[stack]}
    assert rows["wealist-stage-github-actions-role"][1] == ANY_WORKFLOW
    assert rows["wealist-qa-github-actions-role"][2] == "wealist-stage-github-actions-role"


def test_each_stack_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stacks = synthesis()
    names: list[str] = []

    def counted(stack: StackJson) -> Documents:
        names.append(stack.name)
        return read_documents(stack)

    monkeypatch.setattr(tables, "read_documents", counted)
    assert trust_rows(stacks).keys() == stacks.stacks.keys()
    assert sorted(names) == sorted(stacks.stacks)
