"""What the pipeline lacks: an action, taken out of every policy of a role."""

import json
from typing import Any, Final

from tests.syntheses import Edit, Fault


def _lacks(role: str, action: str) -> Edit:
    """Takes an action out of every policy of `plan` or `apply`."""

    def edit(document: dict[str, Any]) -> None:
        for name, values in document["resource"]["aws_iam_policy"].items():
            if name.startswith(f"pipeline_{role}_"):
                policy = json.loads(values["policy"])
                for each in policy["Statement"]:
                    each["Action"] = [held for held in each["Action"] if held != action or each["Effect"] == "Deny"]
                policy["Statement"] = [each for each in policy["Statement"] if each["Action"]]
                values["policy"] = json.dumps(policy)

    return edit


LACKING: Final = {
    "applies cannot make a subnet": ("apply", "ec2:CreateSubnet"),
    "applies cannot delete a bucket": ("apply", "s3:DeleteBucket"),
    "applies cannot find a private name for an endpoint": ("apply", "route53:AssociateVPCWithHostedZone"),
    "applies cannot look up an image": ("apply", "ssm:GetParameters"),
    "applies cannot use a key for a volume": ("apply", "kms:GenerateDataKeyWithoutPlaintext"),
    "applies cannot encrypt a secret": ("apply", "kms:Encrypt"),
    "plans cannot read a bucket's policy": ("plan", "s3:GetBucketPolicy"),
    "plans cannot make passwords up": ("plan", "secretsmanager:GetRandomPassword"),
}
FAULTS: Final = [Fault(name, "account", _lacks(*lacking), "iam.coverage") for name, lacking in LACKING.items()]
