"""Forward access sessions: actions that an AWS service performs with the permissions of its caller.

CreateVolume ──────────► kms:Decrypt on a key, through EC2
CreateDBInstance ──────► secretsmanager:CreateSecret on a name that RDS chooses
CreateLaunchTemplate ──► ssm:GetParameters on the public parameters of images

The caller needs the permission, limited to calls that come from the service.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from wealist.model.iam.catalog import READ_LEVELS, Action
from wealist.spec.account import ACCOUNT_ID, REGION

_HERE: Final = f"{REGION}:{ACCOUNT_ID}"
_KEYS: Final = f"arn:aws:kms:{_HERE}:key/*"
_ENCRYPTS_BY: Final[Mapping[str, str]] = {"rds": "secretsmanager"}
"""Service → the service that calls KMS for it: Secrets Manager encrypts the master password of RDS."""


class ForwardAccess(NamedTuple):
    """A permission that a call needs besides its own action.

    Attributes:
        name: A name for the statement, letters only.
        resource: An ARN pattern.
        conditions: The condition block of the statement.
        why: The reason.
    """

    name: str
    resource: str
    conditions: Mapping[str, Mapping[str, str]]
    why: str


def forward_access(action: Action, caller: str | None) -> ForwardAccess | None:
    """Return the permission for an action that a service performs; None for one that the principal calls itself.

    Args:
        action: The action.
        caller: The service that the principal calls: `ec2`.
    """
    service = action.name.partition(":")[0]
    if action.name == "kms:CreateGrant":
        # Only for AWS services: a grant for any other principal would share the key.
        # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource
        why = "services use the environments' keys by a grant of whoever creates what they encrypt"
        return ForwardAccess("LetServicesUseKeys", _KEYS, {"Bool": {"kms:GrantIsForAWSResource": "true"}}, why)
    if service == caller:
        return None
    if service == "kms" and action.level not in READ_LEVELS:
        by = _ENCRYPTS_BY.get(str(caller), str(caller))
        through = {"StringEquals": {"kms:ViaService": f"{by}.{REGION}.amazonaws.com"}}
        why = f"{by} uses the environments' keys as the caller"
        return ForwardAccess(f"UseKeysBy{by.title().replace('-', '')}", _KEYS, through, why)
    if service == "secretsmanager" and caller == "rds":
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
        why = "RDS creates the master password's secret as whoever creates the database"
        return ForwardAccess("MakeMasterPassword", f"arn:aws:secretsmanager:{_HERE}:secret:rds!*", {}, why)
    if service == "ssm":
        why = "EC2 looks up the image of a launch template as whoever writes the template (ADR 0013)"
        return ForwardAccess("FindImages", f"arn:aws:ssm:{REGION}::parameter/aws/service/*", {}, why)
    return None
