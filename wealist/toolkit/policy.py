"""IAM policy documents, as literal JSON in the output, so that checks read them before any plan.

Each statement has a reason (`why`). `explain` writes the reasons into the comment (`//`) of the resource that holds the
policy, which Terraform ignores; `wealist check --rights` prints them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cdktf import TerraformElement

from wealist.spec.account import ACCOUNT_ID, OIDC_AUDIENCE, OIDC_HOST

Principals = Mapping[str, str | Sequence[str]]
Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy.

    Attributes:
        sid: Id of the statement, which names its purpose; letters and digits.
        why: The reason, as one sentence without a full stop.
        actions: `service:Action`, each written out.
        resources: ARNs; empty in trust policies, where AWS rejects the element.
        principals: Type of principal → principals, in trust policies and resource policies.
        conditions: Operator → condition key → values.
        effect: Defaults to Allow.
    """

    sid: str
    why: str
    actions: Sequence[str]
    resources: Sequence[str] = ()
    principals: Principals = field(default_factory=dict)
    conditions: Conditions = field(default_factory=dict)
    effect: Literal["Allow", "Deny"] = "Allow"

    def element(self) -> dict[str, object]:
        """Return the statement in AWS's form."""
        element: dict[str, object] = {"Sid": self.sid, "Effect": self.effect}
        if self.principals:
            # Some services of AWS store {"AWS": "*"} as "*", others do not. All keep "*".
            element["Principal"] = "*" if self.principals == EVERYBODY else dict(self.principals)
        element["Action"] = list(self.actions)
        if self.resources:
            element["Resource"] = list(self.resources)
        if self.conditions:
            element["Condition"] = {operator: dict(keys) for operator, keys in self.conditions.items()}
        return element


EVERYBODY: Principals = {"*": "*"}


def document(*statements: Statement) -> str:
    """Return a policy document of these statements, as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement.element() for statement in statements]})


def explain(resource: TerraformElement, statements: Sequence[Statement]) -> None:
    """Write the reasons of the statements into the comment of the resource that holds the policy."""
    resource.add_override("//.reasons", {statement.sid: statement.why for statement in statements})


def tls_only(bucket_arn: str) -> Statement:
    """Return the statement that denies all access to a bucket without TLS (S3.5)."""
    return Statement(
        sid="DenyPlainHttp",
        why="nothing travels unencrypted (S3.5)",
        effect="Deny",
        principals=EVERYBODY,
        actions=["s3:*"],
        resources=[bucket_arn, f"{bucket_arn}/*"],
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )


OWN_ACCOUNT: Conditions = {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}
"""Limits an AWS service to requests that it makes for this account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""


def assumed_by_service(service: str, conditions: Conditions | None = None) -> str:
    """Return the trust policy of a role that an AWS service assumes, such as `ec2.amazonaws.com`."""
    return document(
        Statement(
            sid="AssumedByService",
            why="the service works as the role",
            principals={"Service": service},
            actions=["sts:AssumeRole"],
            conditions=conditions or {},
        )
    )


def assumed_by_github(provider_arn: str, *, subjects: Sequence[str], claims: Mapping[str, Sequence[str]]) -> str:
    """Return the trust policy of a role that GitHub Actions assumes by OpenID Connect.

    The token must be issued for AWS (`aud`), match one of the subjects, and hold every other claim. A repository can
    customise its `sub`, but no other claim. AWS reads `ref`, `environment`, `repository` and a few more:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    https://docs.github.com/en/actions/reference/security/oidc

    Args:
        provider_arn: ARN of the account's OIDC provider.
        subjects: Patterns of the claim `sub`, with `*` and `?`: `repo:OWNER/REPO:ref:refs/heads/main`; or in the
            immutable form of repositories created since 2026-07-15, `repo:OWNER@ID/REPO@ID:ref:…`. For a job in a
            GitHub environment, `environment:NAME` stands in place of the ref.
        claims: Claim → allowed values, each compared exactly.
    """
    exact = {f"{OIDC_HOST}:aud": OIDC_AUDIENCE} | {
        f"{OIDC_HOST}:{claim}": values[0] if len(values) == 1 else list(values) for claim, values in claims.items()
    }
    return document(
        Statement(
            sid="GitHubActions",
            why="workflows show by a token who they are",
            principals={"Federated": provider_arn},
            actions=["sts:AssumeRoleWithWebIdentity"],
            conditions={"StringEquals": exact, "StringLike": {f"{OIDC_HOST}:sub": subjects}},
        )
    )
