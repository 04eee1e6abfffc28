"""IAM policy documents and trust policies."""

import json
from typing import Any

from wealist.toolkit.policy import EVERYBODY, Statement, assumed_by_github, assumed_by_service, document, tls_only


def read(text: str) -> list[dict[str, Any]]:
    found = json.loads(text)
    assert set(found) == {"Version", "Statement"}
    assert found["Version"] == "2012-10-17"
    statements: list[dict[str, Any]] = found["Statement"]
    return statements


def test_a_statement_has_only_the_elements_it_was_given() -> None:
    assert read(document(Statement(sid="Read", why="x", actions=["s3:GetObject"], resources=["arn:aws:s3:::b/*"]))) == [
        {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}
    ]


def test_every_element_of_a_statement_is_written() -> None:
    statement = Statement(
        sid="Deny",
        why="never in the policy",
        effect="Deny",
        principals={"AWS": ["arn:aws:iam::290008131187:root"]},
        actions=("s3:*",),
        resources=("*",),
        conditions={"StringEquals": {"aws:SourceArn": "arn"}},
    )
    assert read(document(statement)) == [
        {
            "Sid": "Deny",
            "Effect": "Deny",
            "Principal": {"AWS": ["arn:aws:iam::290008131187:root"]},
            "Action": ["s3:*"],
            "Resource": ["*"],
            "Condition": {"StringEquals": {"aws:SourceArn": "arn"}},
        }
    ]


def test_everybody_is_written_as_a_star() -> None:
    (statement,) = read(document(Statement(sid="All", why="x", principals=EVERYBODY, actions=["s3:*"])))
    assert statement["Principal"] == "*"


def test_access_without_tls_is_denied_on_a_bucket_and_its_objects() -> None:
    assert read(document(tls_only("arn:aws:s3:::b"))) == [
        {
            "Sid": "DenyPlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*"],
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_only_the_named_service_assumes_a_service_role() -> None:
    (statement,) = read(assumed_by_service("ec2.amazonaws.com"))
    assert statement["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole"]
    assert "Resource" not in statement
    assert "Condition" not in statement


def test_the_trust_of_a_service_can_have_a_condition() -> None:
    condition = {"StringEquals": {"aws:SourceAccount": "290008131187"}}
    (statement,) = read(assumed_by_service("vpc-flow-logs.amazonaws.com", condition))
    assert statement["Condition"] == condition


def test_github_needs_the_audience_a_subject_and_every_claim() -> None:
    claims = {"ref": ["refs/heads/main"], "repository": ["O/R", "o/R"]}
    (statement,) = read(assumed_by_github("arn:provider", subjects=["repo:O/R:*"], claims=claims))
    assert statement["Principal"] == {"Federated": "arn:provider"}
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:ref": "refs/heads/main",
            "token.actions.githubusercontent.com:repository": ["O/R", "o/R"],
        },
        "StringLike": {"token.actions.githubusercontent.com:sub": ["repo:O/R:*"]},
    }
