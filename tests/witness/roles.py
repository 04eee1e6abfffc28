"""Roles in ministack's account: assume them, and check what they may and may not do."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from tests.synthesized import environment
from tests.witness.server import Ministack
from wealist.operations.aws import clients
from wealist.spec.account import ACCOUNT_ID

_BY_ROOT: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}, "Action": "sts:AssumeRole"}
    ],
}
"""Trust in the account's root. ministack does not support the token claims `repository` and `ref`."""
_DENIED_CODES: Final = ("AccessDenied", "UnauthorizedOperation")


class Account:
    """The account, with clients for its root and its roles."""

    def __init__(self, aws: Ministack) -> None:
        self._aws = aws
        self.root = clients(aws.environment())

    def assume(self, role: str) -> dict[str, str]:
        """Return a process environment for Terraform with the credentials of a role."""
        self.root("iam").update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(_BY_ROOT))
        arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{role}"
        credentials = self.root("sts").assume_role(RoleArn=arn, RoleSessionName="witness")["Credentials"]
        return self._aws.environment(
            {
                "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
                "AWS_SESSION_TOKEN": credentials["SessionToken"],
            }
        )

    def as_role(self, role: str) -> Callable[..., Any]:
        """Return clients with the credentials of a role."""
        return clients(self.assume(role))


def is_denied(call: Callable[[], object]) -> bool:
    """Return whether IAM denies a call. Any other error means that IAM allowed it."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"]).startswith(_DENIED_CODES)
    return False


def controls(account: Account, apply_role: str) -> Iterator[tuple[str, bool]]:
    """Return control runs, each with whether it passed: they prove that IAM is enforced."""
    yield from _empty_role(account)
    yield from _removed_right(account, apply_role)
    yield from _deploy_role(account, "dev", "prod")


def _empty_role(account: Account) -> Iterator[tuple[str, bool]]:
    account.root("iam").create_role(RoleName="empty", AssumeRolePolicyDocument=json.dumps(_BY_ROOT))
    client = account.as_role("empty")
    calls: Mapping[str, Callable[[], object]] = {
        "ec2:DescribeVpcs": client("ec2").describe_vpcs,
        "iam:ListRoles": client("iam").list_roles,
        "s3:ListAllMyBuckets": client("s3").list_buckets,
        "ssm:GetParameter": lambda: client("ssm").get_parameter(Name="/wealist/dev/jwt/jwt_secret"),
        "rds:DescribeDBInstances": client("rds").describe_db_instances,
    }
    for action, call in calls.items():
        yield f"a role without rights may not {action}", is_denied(call)


def _removed_right(account: Account, role: str) -> Iterator[tuple[str, bool]]:
    """The apply role may write parameters of dev, until this right is removed."""
    client, action, iam = account.as_role(role), "ssm:PutParameter", account.root("iam")

    def put() -> object:
        name, tags = "/wealist/dev/witness", [{"Key": "Environment", "Value": "dev"}]
        return client("ssm").put_parameter(Name=name, Value="x", Type="String", Tags=tags)

    yield f"{role} may {action}", not is_denied(put)
    for arn, document in _policies(iam, role):
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                statement["Action"] = [each for each in statement["Action"] if each != action] or ["none:None"]
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
    yield f"without this right, {role} may not {action}", is_denied(put)


def _policies(iam: Any, role: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = attached["PolicyArn"]
        if f":{ACCOUNT_ID}:" in arn:
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            yield arn, iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def _deploy_role(account: Account, own: str, other: str) -> Iterator[tuple[str, bool]]:
    """GitHub's role may upload bundles and push images of its own environment only."""
    role = f"wealist-{own}-github-actions-role"
    client = account.as_role(role)

    def upload_denied(of: str) -> bool:
        bucket = environment(of).names.codedeploy_artifacts_bucket
        return is_denied(lambda: client("s3").put_object(Bucket=bucket, Key="user-service/bundle.zip", Body=b""))

    def push_denied(of: str) -> bool:
        repository = f"wealist-{of}-user-service"
        return is_denied(lambda: client("ecr").initiate_layer_upload(repositoryName=repository))

    yield f"{role} may upload bundles of {own}", not upload_denied(own)
    yield f"{role} may not upload bundles of {other}", upload_denied(other)
    yield f"{role} may push images of {own}", not push_denied(own)
    yield f"{role} may not push images of {other}", push_denied(other)
