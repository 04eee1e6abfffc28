"""Faults of the pipeline's rights: an action is removed from every policy of a role."""

import json
from typing import Any, Final

from tests.syntheses import Edit, Fault


def _without_action(role: str, action: str) -> Edit:
    """Return an edit that removes an action from every policy of `plan` or `apply`."""

    def edit(document: dict[str, Any]) -> None:
        for name, values in document["resource"]["aws_iam_policy"].items():
            if name.startswith(f"pipeline_{role}_"):
                policy = json.loads(values["policy"])
                for each in policy["Statement"]:
                    each["Action"] = [held for held in each["Action"] if held != action or each["Effect"] == "Deny"]
                policy["Statement"] = [each for each in policy["Statement"] if each["Action"]]
                values["policy"] = json.dumps(policy)

    return edit


REMOVED: Final = {
    "the apply role cannot create a subnet": ("apply", "ec2:CreateSubnet"),
    "the apply role cannot delete a bucket": ("apply", "s3:DeleteBucket"),
    "the apply role cannot associate a private hosted zone": ("apply", "route53:AssociateVPCWithHostedZone"),
    "the apply role cannot look up an image": ("apply", "ssm:GetParameters"),
    "the apply role cannot use a key for a volume": ("apply", "kms:GenerateDataKeyWithoutPlaintext"),
    "the apply role cannot encrypt a secret": ("apply", "kms:Encrypt"),
    "the plan role cannot read a bucket's policy": ("plan", "s3:GetBucketPolicy"),
    "the plan role cannot generate passwords": ("plan", "secretsmanager:GetRandomPassword"),
}
FAULTS: Final = [Fault(name, "account", _without_action(*removed), "iam.coverage") for name, removed in REMOVED.items()]
