"""A policy document that cannot be read is a finding with the value, never a crash or a silent pass."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.syntheses import mutated, synthesis
from tests.unit.checks.faults.tables import edit_from
from tests.unit.checks.iam.additions import HERE
from wealist.checks.iam.documents import Documents, read_documents
from wealist.model.iam.arns import resolve_references
from wealist.model.stack import parse

pytestmark = pytest.mark.exhaustive

ADDRESS: Final = "aws_iam_policy.identity_ec2_s3_policy"
POLICY: Final = "aws_iam_policy.identity_ec2_s3_policy policy"
WHOLE: Final[dict[str, Any]] = {"Effect": "Allow", "Action": "a:B", "Resource": "*"}


def documents(changes: dict[str, Any]) -> Documents:
    return read_documents(mutated(synthesis(), "prod", edit_from(changes)).stacks["prod"])


def controls(changes: dict[str, Any]) -> set[tuple[str, str]]:
    return {(finding.address, finding.control) for finding in documents(changes).findings}


def test_every_policy_document_of_the_stacks_is_read() -> None:
    for stack in synthesis().stacks.values():
        found = read_documents(stack)
        assert found.findings == []
        expected = json.dumps(stack.document).count('\\"Statement\\"')
        assert len([policy for policy in found.policies if not policy.address.startswith("module.")]) == expected
        assert all(policy.statements for policy in found.policies)


@pytest.mark.parametrize(
    "value",
    ["", "{", "[]", "7", "null", '"x"', '${file("p.json")}', None, 7, {"Statement": []},
     '{"Version": "2008-10-17", "Statement": [{}]}', '{"Version": "2012-10-17"}'],
)  # fmt: skip
def test_a_value_that_is_not_a_policy_document_is_reported(value: object) -> None:
    assert {address for address, _ in controls({POLICY: value})} == {ADDRESS}


@pytest.mark.parametrize(
    "statement",
    [
        "x",
        {"Effect": "Allow", "Action": "s3:GetObject"},
        WHOLE | {"Action": []},
        WHOLE | {"Action": [7]},
        WHOLE | {"Effect": "allow"},
        WHOLE | {"Conditions": {}},
        WHOLE | {"Condition": "x"},
        WHOLE | {"Condition": {"Bool": {"aws:SecureTransport": False}}},
        WHOLE | {"Condition": {"Bool": {"aws:SecureTransport": []}}},
        WHOLE | {"Principal": ["x"]},
        WHOLE | {"Principal": "x"},
        WHOLE | {"Principal": {"AWS": 7}},
    ],
    ids=str,
)
def test_a_malformed_statement_is_reported_at_its_address(statement: object) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert controls({POLICY: document}) == {(ADDRESS, "iam.form")}


def test_a_malformed_statement_names_the_element_and_its_value() -> None:
    (finding,) = documents({"instances ReadScripts Effect": "allow"}).findings
    assert "the statement ReadScripts has Effect = 'allow'" in finding.problem
    assert "'Allow' or 'Deny'" in finding.problem


@pytest.mark.parametrize("operator", ["StringEqualsIfExists", "StringNotEquals", "Null", "ArnNotLike", "IpAddress"])
def test_a_condition_operator_that_matches_without_its_key_is_reported(operator: str) -> None:
    changes = {f"instances ReadScripts Condition {operator} aws:SourceArn": "x"}
    assert controls(changes) == {(ADDRESS, "iam.conditions")}


@pytest.mark.parametrize("kind", ["aws_iam_user", "aws_iam_group_policy_attachment", "aws_iam_role_policies_exclusive"])
def test_rights_of_principals_other_than_roles_are_reported(kind: str) -> None:
    assert controls({f"{kind}.x": {"name": "x"}}) == {(f"{kind}.x", "iam.known")}


@pytest.mark.parametrize(
    ("kind", "argument"),
    [("aws_sqs_queue", "policy"), ("aws_sns_topic_policy", "policy"),
     ("aws_cloudwatch_log_resource_policy", "policy_document")],
)  # fmt: skip
def test_a_resource_policy_of_any_type_is_read(kind: str, argument: str) -> None:
    statement = {"Sid": "X", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    read = documents({f"{kind}.x": {argument: document}})
    assert read.findings == []
    (policy,) = [each for each in read.policies if each.address == f"{kind}.x"]
    assert (policy.kind, policy.statements[0].principals) == ("resource", [("*", "*")])
    assert controls({f"{kind}.x": {argument: "${jsonencode({})}"}}) == {(f"{kind}.x", "iam.literal")}


def test_a_principal_argument_is_read_as_the_equivalent_policy() -> None:
    source = f"arn:aws:events:{HERE}:rule/x"
    arguments = {"action": "lambda:InvokeFunction", "principal": "events.amazonaws.com", "source_arn": source}
    found = documents({"aws_lambda_permission.x": arguments})
    (policy,) = [each for each in found.policies if each.address == "aws_lambda_permission.x"]
    (statement,) = policy.statements
    assert statement.principals == [("Service", "events.amazonaws.com")]
    assert statement.conditions == {"ArnLike": {"aws:SourceArn": (source,)}}


@pytest.mark.parametrize("kind", ["aws_autoscaling_policy", "aws_ecr_lifecycle_policy"])
def test_types_with_policies_that_are_not_iam_policies_are_ignored(kind: str) -> None:
    assert controls({f"{kind}.x": {"name": "x"}}) == set()


def test_an_attachment_by_literal_name_is_reported() -> None:
    found = controls({"aws_iam_role_policy_attachment.identity_ec2_s3_attachment role": "wealist-prod-ec2-role"})
    assert ("aws_iam_role_policy_attachment.identity_ec2_s3_attachment", "iam.literal") in found


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        ("${aws_kms_key.k.arn}", "arn:aws:kms:ap-northeast-2:290008131187:key/aws_kms_key.k"),
        ("${data.aws_iam_openid_connect_provider.p.arn}",
         "arn:aws:iam::290008131187:oidc-provider/token.actions.githubusercontent.com"),
        ("${aws_kms_key.k.id}", None),
        ("${aws_kms_key.missing.arn}", None),
        ("${aws_sqs_queue.q.arn}", "arn:aws:sqs:ap-northeast-2:290008131187:wealist-prod-jobs"),
        ("${aws_ssm_parameter.s.arn}", "arn:aws:ssm:ap-northeast-2:290008131187:parameter/wealist/prod/x"),
        ("${aws_lb_cookie_stickiness_policy.c.arn}", None),
        ("${aws_kms_key.k.arn}/*", None),
        ("$${aws:username}", None),
    ],
)  # fmt: skip
def test_a_reference_is_replaced_only_by_a_whole_arn_of_its_own_stack(text: str, arn: str | None) -> None:
    stack = parse(
        {
            "//": {"metadata": {"stackName": "x"}},
            "terraform": {},
            "resource": {
                "aws_kms_key": {"k": {}},
                "aws_lb_cookie_stickiness_policy": {"c": {}},
                "aws_sqs_queue": {"q": {"name": "wealist-prod-jobs"}},
                "aws_ssm_parameter": {"s": {"name": "/wealist/prod/x"}},
            },
            "data": {"aws_iam_openid_connect_provider": {"p": {"url": "https://token.actions.githubusercontent.com"}}},
        },
        Path("x"),
    )
    assert resolve_references(stack, {"Resource": [text]}) == ({"Resource": [arn]}, [] if arn else [text])
