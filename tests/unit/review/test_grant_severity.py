from typing import Any

import pytest

from tests.unit.review.builders import allow, change, found, policy
from wealist.review.finding import Kind, Severity

IAM = "arn:aws:iam::290008131187"
GITHUB = "token.actions.githubusercontent.com"
BUCKET = "arn:aws:s3:::bucket/*"
CONDITION = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}


def role(statement: dict[str, Any]) -> tuple[Severity, str]:
    """Return the finding about a new policy of a role."""
    (told,) = found(change("aws_iam_role_policy.a", "create", after={"policy": policy(statement)}), kind=Kind.IAM)
    return told


def trusted(**statement: Any) -> tuple[Severity, str]:
    """Return the finding about the trust policy of a new role."""
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", **statement})
    (told,) = found(change("aws_iam_role.a", "create", after={"assume_role_policy": trust}), kind=Kind.IAM)
    return told


def bucket(**statement: Any) -> tuple[Severity, str]:
    """Return the finding about a new bucket policy."""
    text = policy(allow("s3:GetObject", BUCKET, **statement))
    (told,) = found(change("aws_s3_bucket_policy.a", "create", after={"policy": text}), kind=Kind.IAM)
    return told


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "NotAction": ["s3:GetObject"], "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "NotResource": ["arn:aws:s3:::x"]},
        allow("*", "arn:*"),
        allow("*:*", "arn:aws:*"),
        allow("i*"),
        allow("iam:*", f"{IAM}:*"),
        allow("s3:*", "arn:aws:s3:::*"),
        allow("s3:*", "arn:aws:s3:::*/*"),
    ],
)
def test_all_forms_of_administrator_rights_are_dangers(statement: dict[str, Any]) -> None:
    assert role(statement)[0] is Severity.DANGER


@pytest.mark.parametrize(
    ("statement", "severity"),
    [
        (allow("iam:PassRole"), Severity.DANGER),
        (allow(["s3:GetObject", "iam:PutRolePolicy"]), Severity.DANGER),
        (allow("iam:Create*", f"{IAM}:*"), Severity.DANGER),
        (allow("iam:PassRole", Condition=CONDITION), Severity.CAUTION),
        (allow("iam:passrole", f"{IAM}:role/*"), Severity.CAUTION),
        (allow("iam:PassRole", f"{IAM}:role/x", Condition=CONDITION), Severity.NOTE),
    ],
)
def test_wider_privilege_escalation_is_more_severe(statement: dict[str, Any], severity: Severity) -> None:
    told, words = role(statement)
    assert told is severity
    assert words.endswith("allows privilege escalation")


@pytest.mark.parametrize(
    "statement",
    [
        allow("*", BUCKET),
        {"Effect": "Allow", "NotAction": "s3:Put*", "Resource": BUCKET},
        {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": BUCKET},
        allow("s3:PutBucketPolicy"),
    ],
)
def test_unbounded_permissions_are_cautions(statement: dict[str, Any]) -> None:
    assert role(statement)[0] is Severity.CAUTION


@pytest.mark.parametrize(
    "statement", [allow("s3:GetObject", BUCKET), allow("ec2:Describe*"), allow("s3:*", BUCKET), allow("ecr:Get*")]
)
def test_bounded_permissions_are_notes(statement: dict[str, Any]) -> None:
    assert role(statement)[0] is Severity.NOTE


@pytest.mark.parametrize(
    ("principal", "severity"),
    [
        ({"Service": "ec2.amazonaws.com"}, Severity.NOTE),
        ({"AWS": f"{IAM}:root"}, Severity.NOTE),
        ({"AWS": "290008131187"}, Severity.NOTE),
        ({"AWS": "arn:aws:iam::999999999999:root"}, Severity.CAUTION),
        ({"AWS": "999999999999"}, Severity.CAUTION),
        ({"AWS": "arn:aws:sts::999999999999:assumed-role/a/b"}, Severity.CAUTION),
        ({"AWS": "AROAEXAMPLE"}, Severity.CAUTION),
        ({"CanonicalUser": "79a59df9"}, Severity.CAUTION),
        ({"Federated": "cognito-identity.amazonaws.com"}, Severity.CAUTION),
        ("*", Severity.DANGER),
        ({"AWS": "*"}, Severity.DANGER),
    ],
)
def test_trust_outside_of_the_account_is_a_caution(principal: Any, severity: Severity) -> None:
    assert trusted(Principal=principal)[0] is severity


def test_not_principal_is_a_danger() -> None:
    severity, words = trusted(NotPrincipal={"AWS": f"{IAM}:root"})
    assert severity is Severity.DANGER
    assert words.endswith(": everyone who is not named has access")


@pytest.mark.parametrize(
    ("condition", "severity"),
    [
        ({"StringLike": {f"{GITHUB}:sub": "repo:OrangesCloud/*"}}, Severity.NOTE),
        ({"StringEquals": {f"{GITHUB}:sub": "repo:OrangesCloud@1/a@2:ref:refs/heads/main"}}, Severity.NOTE),
        ({"StringLike": {f"{GITHUB}:sub": "repo:OrangesCloudy/*"}}, Severity.CAUTION),
        ({"StringLike": {f"{GITHUB}:sub": ["repo:OrangesCloud/*", "repo:other/a:*"]}}, Severity.CAUTION),
        ({"StringLike": {f"{GITHUB}:sub": "repo:*"}}, Severity.DANGER),
        ({"StringLike": {f"{GITHUB}:sub": "repo:Oranges*/a:*"}}, Severity.DANGER),
        ({"StringLike": {f"{GITHUB}:sub": "*"}}, Severity.DANGER),
        ({"StringNotLike": {f"{GITHUB}:sub": "repo:OrangesCloud/*"}}, Severity.DANGER),
        ({"StringLikeIfExists": {f"{GITHUB}:sub": "repo:OrangesCloud/*"}}, Severity.DANGER),
        ({"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, Severity.DANGER),
        (None, Severity.DANGER),
    ],
)
def test_github_trust_is_judged_by_its_subject(condition: Any, severity: Severity) -> None:
    more = {"Condition": condition} if condition else {}
    assert trusted(Principal={"Federated": f"{IAM}:oidc-provider/{GITHUB}"}, **more)[0] is severity


@pytest.mark.parametrize(
    ("condition", "severity"),
    [
        ({"Bool": {"aws:SecureTransport": "true"}}, Severity.DANGER),
        ({"StringNotEquals": {"aws:PrincipalAccount": "1"}}, Severity.DANGER),
        ({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}, Severity.DANGER),
        ({"StringLike": {"aws:PrincipalArn": "*"}}, Severity.DANGER),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:*:*:*:*"}}, Severity.DANGER),
        ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"]}}, Severity.DANGER),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, Severity.DANGER),
        ({"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::1:distribution/A"}}, Severity.NOTE),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, Severity.NOTE),
        ({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpce": "vpce-1"}}, Severity.NOTE),
    ],
)
def test_a_public_bucket_needs_a_condition_on_the_principal(condition: Any, severity: Severity) -> None:
    assert bucket(Principal="*", Condition=condition)[0] is severity


def test_the_policy_of_an_endpoint_is_a_note() -> None:
    after = {"policy": policy(allow("*", Principal="*"))}
    assert [each for each, _ in found(change("aws_vpc_endpoint.a", "create", after=after))] == [Severity.NOTE]


def test_inline_policies_of_a_role_are_judged() -> None:
    inside = [{"name": "all", "policy": policy(allow("*"))}]
    ((severity, words),) = found(change("aws_iam_role.a", "create", after={"inline_policy": inside}))
    assert severity is Severity.DANGER
    assert words == "grants new permissions through inline_policy.all: * on everything"


def test_managed_policies_listed_by_a_role_are_judged() -> None:
    arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AdministratorAccess"]
    told = found(change("aws_iam_role.a", "create", after={"managed_policy_arns": arns}))
    assert told == [
        (Severity.DANGER, f"attaches {arns[1]}: * on everything"),
        (Severity.NOTE, f"attaches {arns[0]}, an AWS managed policy"),
    ]


def test_managed_policies_that_a_role_already_listed_are_no_finding() -> None:
    listed = {"managed_policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}
    update = change("aws_iam_role.a", "update", before=listed | {"tags": "a"}, after=listed | {"tags": "b"})
    assert found(update) == []
