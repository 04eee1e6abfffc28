"""How faults are put into policies, statement by statement."""

import json
from collections.abc import Callable
from typing import Any, Final

from tests.guarded import Edit

Statement = dict[str, Any]
Place = tuple[str, str]
"""Type and name of a resource."""

ACCOUNT: Final = "290008131187"
HERE: Final = f"ap-northeast-2:{ACCOUNT}"
GITHUB: Final = "token.actions.githubusercontent.com"
INSTANCES: Final = ("aws_iam_policy", "identity_ec2_s3_policy")
SECRETS: Final = ("aws_iam_policy", "identity_ec2_ssm_kms_policy")
WORKFLOWS: Final = ("aws_iam_policy", "pipeline_identity_github_actions_github_actions_policy")
CODEDEPLOY: Final = ("aws_iam_policy", "deploy_identity_codedeploy_codedeploy_policy")
FLOW_LOG: Final = ("aws_iam_role_policy", "flow_logs_policy")
APPLY: Final = ("aws_iam_policy", "pipeline_apply_identity_policy")
WRITE: Final = ("aws_iam_policy", "pipeline_apply_write_policy")
WRITE_2: Final = ("aws_iam_policy", "pipeline_apply_write_2_policy")
BUCKETS: Final = ("aws_iam_policy", "pipeline_apply_buckets_policy")
DENIALS: Final = ("aws_iam_policy", "pipeline_apply_denials_policy")
READ: Final = ("aws_iam_policy", "pipeline_plan_read_policy")
BOUNDARY: Final = ("aws_iam_policy", "boundary_policy")
KEY: Final = ("aws_kms_key", "encryption_key")
ROLES: Final = f"arn:aws:iam::{ACCOUNT}:role/wealist-*"


def policy(place: Place, edit: Callable[[list[Statement]], object], argument: str = "policy") -> Edit:
    """Changes the statements of a policy document in place."""
    kind, name = place

    def change(document: dict[str, Any]) -> None:
        values = document["resource"][kind][name]
        found = json.loads(values[argument])
        edit(found["Statement"])
        values[argument] = json.dumps(found)

    return change


def allow(place: Place, action: str, resource: str = "*", **extra: object) -> Edit:
    """Adds a statement."""
    statement = {"Sid": "Mistake", "Effect": "Allow", "Action": [action], "Resource": [resource], **extra}
    return policy(place, lambda statements: statements.append(statement))


def change(place: Place, sid: str, edit: Callable[[Statement], object], argument: str = "policy") -> Edit:
    """Changes one statement in place."""

    def of_sid(statements: list[Statement]) -> None:
        (found,) = (each for each in statements if each["Sid"] == sid)
        edit(found)

    return policy(place, of_sid, argument)


def without(place: Place, sid: str) -> Edit:
    """Takes a statement out."""

    def drop(statements: list[Statement]) -> None:
        statements[:] = [each for each in statements if each["Sid"] != sid]

    return policy(place, drop)


def trust(role: str, edit: Callable[[Statement], object]) -> Edit:
    """Changes the one statement of a trust policy in place."""
    return policy(("aws_iam_role", role), lambda statements: edit(statements[0]), "assume_role_policy")


def without_condition(statement: Statement) -> None:
    """Takes a statement's condition away."""
    statement.pop("Condition")
