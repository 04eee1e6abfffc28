"""Policy documents that cannot be read are findings that name what was found, and never a crash or a silent pass."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.guarded import mutated, synthesis
from tests.unit.checks.faults.edits import add, drop, put
from tests.unit.checks.faults.iam_edits import HERE, INSTANCES, policy
from wealist.checks.iam.documents import Documents, read
from wealist.model.iam.references import resolved
from wealist.model.stack import parse

pytestmark = pytest.mark.exhaustive

ADDRESS = "aws_iam_policy.identity_ec2_s3_policy"
POLICY = f"{ADDRESS}.policy"


def documents(edit: Callable[[dict[str, Any]], None]) -> Documents:
    return read(mutated(synthesis(), "prod", edit).stacks["prod"])


def controls(edit: Callable[[dict[str, Any]], None]) -> set[tuple[str, str]]:
    return {(finding.address, finding.control) for finding in documents(edit).findings}


def test_every_document_of_the_committed_system_is_read() -> None:
    for stack in synthesis().stacks.values():
        found = read(stack)
        assert found.findings == []
        written = json.dumps(stack.document).count('\\"Statement\\"')
        assert len([policy for policy in found.policies if not policy.address.startswith("module.")]) == written
        assert all(policy.statements for policy in found.policies)


@pytest.mark.parametrize("value", ["", "{", "[]", "7", "null", '"x"', '${file("p.json")}', None, 7, {"Statement": []}])
def test_what_is_no_policy_document_is_told(value: object) -> None:
    assert {address for address, _ in controls(put(POLICY, to=value))} == {ADDRESS}


@pytest.mark.parametrize(
    "document",
    [
        {"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
        {"Version": "2012-10-17"},
        {"Version": "2012-10-17", "Statement": []},
        {"Version": "2012-10-17", "Statement": ["x"]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [], "Resource": "*"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [7], "Resource": "*"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "allow", "Action": "s3:GetObject", "Resource": "*"}]},
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Conditions": {}}],
        },
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Condition": "x"}],
        },
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "a:B",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": False}},
                }
            ],
        },
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "a:B",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": []}},
                }
            ],
        },
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Principal": ["x"]}],
        },
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Principal": "x"}],
        },
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": "*", "Principal": {"AWS": 7}}],
        },
    ],
    ids=str,
)
def test_a_malformed_document_is_told_at_its_address(document: object) -> None:
    assert (ADDRESS, "iam.form") in controls(put(POLICY, to=json.dumps(document)))


@pytest.mark.parametrize("element", ["NotAction", "NotResource", "NotPrincipal"])
def test_statements_about_all_but_something_are_told(element: str) -> None:
    statement = {"Sid": "X", "Effect": "Allow", "Action": "a:B", "Resource": "*", element: "x"}
    edit = policy(INSTANCES, lambda statements: statements.append(statement))
    assert controls(edit) == {(ADDRESS, "iam.all-but")}


@pytest.mark.parametrize(
    "operator",
    ["StringEqualsIfExists", "ForAllValues:StringEquals", "StringNotEquals", "Null", "ArnNotLike", "IpAddress"],
)
def test_an_operator_that_may_hold_without_its_key_is_told(operator: str) -> None:
    statement = {"Effect": "Allow", "Action": "a:B", "Resource": "*", "Condition": {operator: {"aws:SourceArn": "x"}}}
    edit = policy(INSTANCES, lambda statements: statements.append(statement))
    assert controls(edit) == {(ADDRESS, "iam.conditions")}


@pytest.mark.parametrize(
    "kind",
    ["aws_iam_access_key", "aws_iam_user", "aws_iam_user_policy", "aws_iam_group_policy_attachment",
     "aws_iam_policy_attachment", "aws_iam_role_policies_exclusive"],
)  # fmt: skip
def test_rights_of_somebody_who_is_no_role_are_refused(kind: str) -> None:
    assert controls(add(kind, name="x")) == {(f"{kind}.mistake", "iam.known")}


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("aws_s3_object", {"acl": "public-read"}),
        ("aws_s3_bucket_acl", {"acl": "private"}),
        ("aws_s3_bucket", {"policy": "${data.aws_iam_policy_document.x.json}"}),
        ("aws_cloudwatch_dashboard", {"dashboard_body": json.dumps({"Statement": []})}),
    ],
)
def test_rights_in_an_argument_that_the_proof_does_not_read_are_refused(kind: str, arguments: dict[str, str]) -> None:
    assert controls(add(kind, **arguments)) == {(f"{kind}.mistake", "iam.known")}


@pytest.mark.parametrize(
    ("kind", "argument"),
    [
        ("aws_sqs_queue", "policy"),
        ("aws_sqs_queue_policy", "policy"),
        ("aws_sns_topic_policy", "policy"),
        ("aws_secretsmanager_secret_policy", "policy"),
        ("aws_cloudwatch_log_resource_policy", "policy_document"),
    ],
)
def test_a_resource_policy_of_any_type_is_read(kind: str, argument: str) -> None:
    statement = {"Sid": "X", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    read_ = documents(add(kind, **{argument: json.dumps({"Version": "2012-10-17", "Statement": [statement]})}))
    assert read_.findings == []
    (policy_,) = [each for each in read_.policies if each.address == f"{kind}.mistake"]
    assert (policy_.kind, policy_.statements[0].principals) == ("resource", (("*", "*"),))
    assert controls(add(kind, **{argument: "${jsonencode({})}"})) == {(f"{kind}.mistake", "iam.literal")}


def test_a_principal_in_an_argument_is_read_as_the_policy_that_aws_makes_of_it() -> None:
    source = f"arn:aws:events:{HERE}:rule/x"
    edit = add(
        "aws_lambda_permission", action="lambda:InvokeFunction", principal="events.amazonaws.com", source_arn=source
    )
    (policy_,) = [each for each in documents(edit).policies if each.address == "aws_lambda_permission.mistake"]
    (statement,) = policy_.statements
    assert statement.principals == (("Service", "events.amazonaws.com"),)
    assert statement.conditions == {"ArnLike": {"aws:SourceArn": source}}


@pytest.mark.parametrize("kind", ["aws_autoscaling_policy", "aws_ecr_lifecycle_policy", "aws_cloudfront_cache_policy"])
def test_policies_of_other_things_are_left_alone(kind: str) -> None:
    assert controls(add(kind, name="x")) == set()


def test_an_attachment_by_literal_name_is_told() -> None:
    attachment = "aws_iam_role_policy_attachment.identity_ec2_s3_attachment"
    found = controls(put(f"{attachment}.role", to="wealist-prod-ec2-role"))
    assert (attachment, "iam.literal") in found


def test_a_policy_whose_role_is_gone_is_held_by_nobody() -> None:
    found = documents(drop("aws_iam_role_policy_attachment", "identity_ec2_s3_attachment"))
    assert [each.holders for each in found.policies if each.address == ADDRESS] == [()]


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        ("${aws_kms_key.k.arn}", "arn:aws:kms:ap-northeast-2:290008131187:key/aws_kms_key.k"),
        ("${data.aws_iam_openid_connect_provider.p.arn}",
         "arn:aws:iam::290008131187:oidc-provider/token.actions.githubusercontent.com"),
        ("${aws_kms_key.k.id}", None),
        ("${aws_kms_key.missing.arn}", None),
        ("${aws_vpc.v.arn}", "arn:aws:ec2:ap-northeast-2:290008131187:vpc/aws_vpc.v"),
        ("${aws_sqs_queue.q.arn}", "arn:aws:sqs:ap-northeast-2:290008131187:wealist-prod-jobs"),
        ("${aws_ssm_parameter.s.arn}", "arn:aws:ssm:ap-northeast-2:290008131187:parameter/wealist/prod/x"),
        ("${aws_lb_cookie_stickiness_policy.c.arn}", None),
        ("${aws_kms_key.k.arn}/*", None),
        ("$${aws:username}", None),
    ],
)  # fmt: skip
def test_a_reference_stands_for_a_whole_arn_of_its_own_stack_or_for_none(text: str, arn: str | None) -> None:
    stack = parse(
        {
            "//": {"metadata": {"stackName": "x"}},
            "terraform": {},
            "resource": {
                "aws_kms_key": {"k": {}},
                "aws_lb_cookie_stickiness_policy": {"c": {}},
                "aws_sqs_queue": {"q": {"name": "wealist-prod-jobs"}},
                "aws_ssm_parameter": {"s": {"name": "/wealist/prod/x"}},
                "aws_vpc": {"v": {}},
            },
            "data": {"aws_iam_openid_connect_provider": {"p": {"url": "https://token.actions.githubusercontent.com"}}},
        },
        Path("x"),
    )
    assert resolved(stack, {"Resource": [text]}) == ({"Resource": [arn]}, [] if arn else [text])
