"""Rights that nobody should have, and what the pipeline lacks: the rows of iam.toml, and actions that a role lacks."""

import json
from pathlib import Path
from typing import Final

from tests.guarded import Edit, Fault, faults
from tests.unit.checks.faults.edits import Document
from tests.unit.checks.faults.rows import read


def _lacks(role: str, action: str) -> Edit:
    """Takes an action out of every policy of `plan` or `apply`."""

    def edit(document: Document) -> None:
        for name, values in document["resource"]["aws_iam_policy"].items():
            if name.startswith(f"pipeline_{role}_"):
                policy = json.loads(values["policy"])
                for each in policy["Statement"]:
                    each["Action"] = [held for held in each["Action"] if held != action or each["Effect"] == "Deny"]
                policy["Statement"] = [each for each in policy["Statement"] if each["Action"]]
                values["policy"] = json.dumps(policy)

    return edit


COVERAGE: Final = "iam.coverage"
FAULTS: Final[list[Fault]] = [
    *read(Path(__file__).with_suffix(".toml")),
    *faults(
        COVERAGE,
        {
            "applies cannot make a subnet": _lacks("apply", "ec2:CreateSubnet"),
            "applies cannot delete a bucket": _lacks("apply", "s3:DeleteBucket"),
            "applies cannot find a private name for an endpoint": _lacks("apply", "route53:AssociateVPCWithHostedZone"),
            "applies cannot look up an image": _lacks("apply", "ssm:GetParameters"),
            "applies cannot use a key for a volume": _lacks("apply", "kms:GenerateDataKeyWithoutPlaintext"),
            "applies cannot encrypt a secret": _lacks("apply", "kms:Encrypt"),
            "plans cannot read a bucket's policy": _lacks("plan", "s3:GetBucketPolicy"),
            "plans cannot make passwords up": _lacks("plan", "secretsmanager:GetRandomPassword"),
        },
        stack="account",
    ),
]
