"""Roles have rights only on the resources of their environment, or of the project."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.syntheses import mutated, synthesis
from tests.synthesized import all_changed
from tests.unit.checks.faults.tables import edit_from
from tests.unit.checks.iam.additions import ACCOUNT, HERE, allowing
from wealist.checks.finding import Finding
from wealist.checks.iam.documents import read_documents
from wealist.checks.iam.least_privilege import OWN, WILDCARD, calls_of, check, covers, owner_of, rows_in_use, wider
from wealist.model.iam.evaluate import condition_values

pytestmark = pytest.mark.exhaustive

BALANCERS = f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer"
TAGGED = {"Condition": {"StringEquals": {"aws:ResourceTag/Environment": "prod"}}}
TAGGED_DEV = {"Condition": {"StringEquals": {"aws:ResourceTag/Environment": "dev"}}}
GROUPS = f"arn:aws:autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName"


def found(place: str, action: str, resource: str, **extra: Any) -> list[Finding]:
    """Return the findings about a right that is added to a policy."""
    stack = "prod" if place == "instances" else "account"
    edit = edit_from({f"{place} +": allowing("Mistake", [action], [resource], **extra)})
    changed = mutated(synthesis(), stack, edit)
    documents = read_documents(changed.stacks[stack])
    owner = owner_of(documents, "prod" if stack == "prod" else None, calls_of(rows_in_use(changed.stacks.values())))
    return list(check(documents, owner))


def controls(place: str, action: str, resource: str, **extra: Any) -> set[str]:
    return {finding.control for finding in found(place, action, resource, **extra)}


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sqs:SendMessage", f"arn:aws:sqs:{HERE}:wealist-prod-jobs"),
        ("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/wealist/prod/db/*"),
        ("s3:PutObject", "arn:aws:s3:::wealist-app-resources/uploads/*"),
        ("dynamodb:PutItem", f"arn:aws:dynamodb:{HERE}:table/wealist-prod-orders/index/*"),
        ("autoscaling:SetDesiredCapacity", f"{GROUPS}/wealist-prod-x"),
        ("ssm:GetParameters", "arn:aws:ssm:ap-northeast-2::parameter/aws/service/ami-x"),
        ("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:/aws/lambda/wealist-prod-reports:*"),
        ("elasticloadbalancing:SetSecurityGroups", f"{BALANCERS}/app/wealist-prod-alb/*"),
        ("ecr:DescribeRepositories", "*"),
    ],
)
def test_rights_on_own_and_public_resources_and_settings_are_accepted(action: str, resource: str) -> None:
    assert controls("instances", action, resource) == set()


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sqs:SendMessage", f"arn:aws:sqs:{HERE}:wealist-dev-jobs"),
        ("sqs:SendMessage", f"arn:aws:sqs:{HERE}:*"),
        ("sqs:SendMessage", f"arn:aws:sqs:{HERE}:wealist-prod*"),
        ("sqs:SendMessage", f"arn:aws:sqs:{HERE}:*-wealist-prod-jobs"),
        ("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/wealist/production/*"),
        ("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/*/wealist/prod/x"),
        ("s3:GetObject", "arn:aws:s3:::wealist-app-resources-dev/*"),
        ("s3:GetObject", "arn:aws:s3:::wealist-app-resources*/*"),
        ("s3:GetObject", "arn:aws:s3:::another-bucket/wealist-prod-x/*"),
        ("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/another/wealist-prod-x"),
        ("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:/aws/lambda/*:wealist-prod-x"),
        ("ec2:DescribeInstanceAttribute", "arn:aws:ec2:ap-northeast-2:111122223333:instance/*"),
        ("ec2:StopInstances", f"arn:aws:ec2:{HERE}:instance/*"),
        ("autoscaling:SetDesiredCapacity", f"{GROUPS}/*"),
    ],
)
def test_rights_on_resources_of_other_environments_and_accounts_are_reported(action: str, resource: str) -> None:
    assert controls("instances", action, resource) == {OWN}


@pytest.mark.parametrize(
    "action",
    ["s3:GetObject", "ssm:GetParameter", "secretsmanager:GetSecretValue", "sqs:SendMessage", "s3:Put*", "kms:Decrypt",
     "ec2:StopInstances", "dynamodb:Query", "ec2:RunInstances"],
)  # fmt: skip
def test_reading_data_or_writing_on_every_resource_is_reported(action: str) -> None:
    assert controls("instances", action, "*") == {WILDCARD}


def test_resources_with_ids_are_own_if_a_condition_requires_the_environments_tag() -> None:
    instances = f"arn:aws:ec2:{HERE}:instance/*"
    assert controls("instances", "ec2:StopInstances", instances, **TAGGED) == set()
    assert controls("instances", "ec2:StopInstances", instances, **TAGGED_DEV) == {OWN}
    assert controls("instances", "ec2:StopInstances", instances.replace(ACCOUNT, "111122223333"), **TAGGED) == {OWN}


def test_a_listed_exception_is_accepted_only_with_its_condition() -> None:
    launched = {"Condition": {"ArnLike": {"ec2:LaunchTemplate": f"arn:aws:ec2:{HERE}:launch-template/*"}}}
    assert controls("instances", "ec2:RunInstances", "*", **launched) == set()
    anybodys = {"Condition": {"ArnLike": {"ec2:LaunchTemplate": "*"}}}
    assert controls("instances", "ec2:RunInstances", "*", **anybodys) == {WILDCARD}
    assert controls("instances", "autoscaling:SetDesiredCapacity", f"{GROUPS}/CodeDeploy_x") == set()


@pytest.mark.parametrize(
    ("place", "action", "resource", "expected"),
    [
        ("apply", "ec2:CreateSubnet", "*", set()),
        ("apply", "rds:Create*", "*", set()),
        ("apply", "sqs:CreateQueue", "*", {WILDCARD}),
        ("apply", "sqs:CreateQueue", f"arn:aws:sqs:{HERE}:wealist-*", set()),
        ("apply", "ssm:PutParameter", "*", {WILDCARD}),
        ("apply", "s3:PutObject", "arn:aws:s3:::another-bucket/*", {OWN}),
        ("apply", "kms:Decrypt", f"arn:aws:kms:{HERE}:key/*", {OWN}),
        ("read", "s3:GetObject", "*", {WILDCARD}),
        ("read", "ssm:GetParametersByPath", f"arn:aws:ssm:{HERE}:parameter/*", {OWN}),
        ("read", "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{HERE}:secret:another-*", {OWN}),
    ],
)
def test_the_pipeline_writes_only_types_in_use_and_names_of_the_project(
    place: str, action: str, resource: str, expected: set[str]
) -> None:
    assert controls(place, action, resource) == expected


def test_a_finding_names_the_role_the_right_and_the_file_of_exceptions() -> None:
    (finding,) = found("instances", "s3:GetObject", "arn:aws:s3:::wealist-app-artifacts-dev/*")
    assert finding.address == "aws_iam_policy.identity_ec2_s3_policy"
    assert "wealist-prod-ec2-role s3:GetObject on arn:aws:s3:::wealist-app-artifacts-dev/*" in finding.problem
    assert "wealist-prod-*" in finding.remedy
    assert "wider.toml" in finding.remedy


@pytest.mark.parametrize("row", wider(), ids=lambda row: row["why"])
def test_every_listed_exception_is_in_use(row: Mapping[str, Any]) -> None:
    every = [
        read_documents(stack)
        for each in (synthesis(), synthesis(all_changed("prod")))
        for stack in each.stacks.values()
    ]
    is_principal = row["of"] == "principal"
    policies = [each for documents in every for each in documents.of_kind("resource" if is_principal else "identity")]
    statements = [each for policy in policies for each in policy.statements]
    if is_principal:
        assert set(row["on"]) & {
            arn for each in statements for arn in condition_values(each.conditions, "aws:SourceArn")
        }
    else:
        assert any(covers(row, grant) for each in statements for grant in each.grants)
