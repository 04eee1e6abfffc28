"""Every right has a reason, which `wealist check --rights` prints beside it and which no policy holds."""

import json

import pytest
from rich.console import Console

from tests.guarded import mutated, synthesis
from tests.unit.checks.faults.edits import drop, put
from tests.unit.checks.faults.iam_edits import INSTANCES, WORKFLOWS, allow, change
from tests.unit.checks.iam.additions import QUEUE, allowing, right
from wealist.checks.iam.documents import read
from wealist.checks.iam.rights import UNATTACHED, WHY, check, rows_of, table_of
from wealist.model.stack import strings_in

pytestmark = pytest.mark.exhaustive

POLICY = "aws_iam_policy.identity_ec2_s3_policy"


def controls(edit: object) -> set[tuple[str, str]]:
    documents = read(mutated(synthesis(), "prod", edit).stacks["prod"])  # type: ignore[arg-type]
    return {(finding.address, finding.control) for finding in check(documents)}


def test_every_right_of_every_role_has_a_plain_reason() -> None:
    for stack in synthesis().stacks.values():
        assert list(check(read(stack))) == []
        for row in rows_of(stack):
            assert len(row.why) > 15, row
            assert not row.why.endswith("."), row


def test_no_policy_holds_a_reason() -> None:
    for stack in synthesis().stacks.values():
        reasons = {row.why for row in rows_of(stack)}
        policies = [text for each in stack.resources.values() for text in strings_in(each.get("policy"))]
        assert not [(why, text) for why in reasons for text in policies if why in text]


def test_a_right_without_a_reason_is_found() -> None:
    assert controls(allow(INSTANCES, "s3:GetObject", "arn:aws:s3:::wealist-app-resources/*")) == {(POLICY, WHY)}
    unexplained = right("jobs", allowing("SendJobs", ["sqs:SendMessage"], [QUEUE]), reasons=False)
    assert controls(unexplained) == {("aws_iam_policy.jobs", WHY)}
    assert controls(put(f"{POLICY}.//", to={})) == {(POLICY, WHY)}


def test_a_refusal_needs_no_reason() -> None:
    def refuse(statements: list[dict[str, object]]) -> None:
        statements.append({"Sid": "Never", "Effect": "Deny", "Action": ["s3:DeleteObject"], "Resource": ["*"]})

    def edit(stack: dict[str, dict[str, dict[str, dict[str, str]]]]) -> None:
        values = stack["resource"]["aws_iam_policy"]["identity_ec2_s3_policy"]
        document = json.loads(values["policy"])
        refuse(document["Statement"])
        values["policy"] = json.dumps(document)

    assert controls(edit) == set()


def test_a_policy_that_no_role_has_is_found() -> None:
    edit = drop("aws_iam_role_policy_attachment", "identity_ec2_s3_attachment")
    assert controls(edit) == {(POLICY, UNATTACHED)}


def test_a_right_that_is_added_to_a_statement_shows_in_the_table() -> None:
    edit = change(WORKFLOWS, "PushOwnImages", lambda each: each["Action"].append("ecr:DescribeRepositories"))
    stack = mutated(synthesis(), "prod", edit).stacks["prod"]
    (row,) = [row for row in rows_of(stack) if "ecr:DescribeRepositories" in row.actions]
    assert (row.role, row.statement) == ("wealist-prod-github-actions-role", "PushOwnImages")
    assert "workflows push the images" in row.why
    console = Console(width=250)
    with console.capture() as capture:
        console.print(table_of(stack))
    assert "ecr:DescribeRepositories" in capture.get()
    assert "workflows push the images" in capture.get()
