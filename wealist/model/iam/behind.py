"""What a service does as its caller, behind a call: the caller needs the right, limited to that service.

CreateVolume ──────────► kms:Decrypt, on a key, through EC2
CreateDBInstance ──────► secretsmanager:CreateSecret, on a name that RDS chooses
CreateLaunchTemplate ──► ssm:GetParameters, on the public parameters of images
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from wealist.model.iam.catalog import READ_LEVELS, Action
from wealist.spec.account import ACCOUNT_ID, REGION

_HERE: Final = f"{REGION}:{ACCOUNT_ID}"
_KEYS: Final = f"arn:aws:kms:{_HERE}:key/*"
_ENCRYPTS_BY: Final[Mapping[str, str]] = {"rds": "secretsmanager"}
"""Service → the one that uses a key for it: RDS has Secrets Manager encrypt the master password."""


class Behind(NamedTuple):
    """A right that a call takes besides its own.

    Attributes:
        name: Says what for; letters.
        resource: An ARN pattern.
        conditions: As in a statement of a policy.
        why: The reason.
    """

    name: str
    resource: str
    conditions: Mapping[str, Mapping[str, str]]
    why: str


def behind(action: Action, caller: str | None) -> Behind | None:
    """Where an action is done by a service; None where it is called by whoever needs it.

    Args:
        action: What is done.
        caller: The service that was called: `ec2`.
    """
    service = action.name.partition(":")[0]
    if action.name == "kms:CreateGrant":
        # For services of AWS alone: a grant for anybody else would share the key.
        # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource
        why = "services use the environments' keys by a grant of whoever creates what they encrypt"
        return Behind("LetServicesUseKeys", _KEYS, {"Bool": {"kms:GrantIsForAWSResource": "true"}}, why)
    if service == caller:
        return None
    if service == "kms" and action.level not in READ_LEVELS:
        by = _ENCRYPTS_BY.get(str(caller), str(caller))
        through = {"StringEquals": {"kms:ViaService": f"{by}.{REGION}.amazonaws.com"}}
        return Behind(
            f"UseKeysBy{by.title().replace('-', '')}", _KEYS, through, f"{by} uses the environments' keys as the caller"
        )
    if service == "secretsmanager" and caller == "rds":
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
        why = "RDS creates the master password's secret as whoever creates the database"
        return Behind("MakeMasterPassword", f"arn:aws:secretsmanager:{_HERE}:secret:rds!*", {}, why)
    if service == "ssm":
        why = "EC2 looks up the image of a launch template as whoever writes the template (ADR 0013)"
        return Behind("FindImages", f"arn:aws:ssm:{REGION}::parameter/aws/service/*", {}, why)
    return None
