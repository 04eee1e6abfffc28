"""IAM policy documents as literal JSON in the output, so that they can be tested before any plan.

Every statement says why it is there. `explain` writes the reasons beside the policy, into the resource's comment
(`//`), which Terraform ignores; `wealist check --rights` prints them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cdktf import TerraformElement

from wealist.spec.account import ACCOUNT_ID

Principals = Mapping[str, str | Sequence[str]]
Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy.

    Attributes:
        sid: says what the statement is for; letters and digits.
        why: the reason, as one plain sentence without a full stop.
        actions: `service:Action`, each written out.
        resources: ARNs; left out in trust policies, where AWS refuses the element.
        principals: principal type → who, for trust and resource policies.
        conditions: operator → condition key → values.
    """

    sid: str
    why: str
    actions: Sequence[str]
    resources: Sequence[str] = ()
    principals: Principals = field(default_factory=dict)
    conditions: Conditions = field(default_factory=dict)
    effect: Literal["Allow", "Deny"] = "Allow"

    def element(self) -> dict[str, object]:
        """The statement as AWS writes it."""
        element: dict[str, object] = {"Sid": self.sid, "Effect": self.effect}
        if self.principals:
            # AWS's own spelling of everybody, which it stores for {"AWS": "*"} too in some services and not in others.
            element["Principal"] = "*" if self.principals == EVERYBODY else dict(self.principals)
        element["Action"] = list(self.actions)
        if self.resources:
            element["Resource"] = list(self.resources)
        if self.conditions:
            element["Condition"] = {operator: dict(keys) for operator, keys in self.conditions.items()}
        return element


EVERYBODY: Principals = {"*": "*"}


def document(*statements: Statement) -> str:
    """The statements as one policy document in JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement.element() for statement in statements]})


def explain(resource: TerraformElement, statements: Sequence[Statement]) -> None:
    """Write the statements' reasons beside the policy that a resource holds."""
    resource.add_override("//.reasons", {statement.sid: statement.why for statement in statements})


def tls_only(bucket_arn: str) -> Statement:
    """Refuses whatever reaches a bucket without TLS (S3.5)."""
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
"""Holds a service to what it does for this account.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""


def assumed_by_service(service: str, conditions: Conditions | None = None) -> str:
    """The trust policy of a role that an AWS service assumes: `ec2.amazonaws.com`."""
    return document(
        Statement(
            sid="AssumedByService",
            why="the service works as the role",
            principals={"Service": service},
            actions=["sts:AssumeRole"],
            conditions=conditions or {},
        )
    )
