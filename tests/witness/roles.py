"""Roles in an account at the witness: assumed, and held against what they must and must not do."""

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
"""Trust in the account's root. The witness passes three claims of a token on, and no `repository` or `ref`."""
_REFUSALS: Final = ("AccessDenied", "UnauthorizedOperation")


class Account:
    """The account, as its root and its roles see it."""

    def __init__(self, aws: Ministack) -> None:
        self._aws = aws
        self.root = clients(aws.environment())

    def assume(self, role: str) -> dict[str, str]:
        """Return a whole environment in which Terraform works as a role."""
        self.root("iam").update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(_BY_ROOT))
        arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{role}"
        given = self.root("sts").assume_role(RoleArn=arn, RoleSessionName="witness")["Credentials"]
        return self._aws.environment(
            {
                "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
                "AWS_SESSION_TOKEN": given["SessionToken"],
            }
        )

    def as_role(self, role: str) -> Callable[..., Any]:
        """Return clients of a role."""
        return clients(self.assume(role))


def is_refused(call: Callable[[], object]) -> bool:
    """Whether IAM refuses a call. Any other error says that IAM has allowed it."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"]).startswith(_REFUSALS)
    return False


def controls(account: Account, apply_role: str) -> Iterator[tuple[str, bool]]:
    """Control runs, each with whether it went as it must: what it shows is then no accident."""
    yield from _an_empty_role(account)
    yield from _a_right_less(account, apply_role)
    yield from _deploy_role(account, "dev", "prod")


def _an_empty_role(account: Account) -> Iterator[tuple[str, bool]]:
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
        yield f"a role without rights is refused {action}", is_refused(call)


def _a_right_less(account: Account, role: str) -> Iterator[tuple[str, bool]]:
    """The apply role writes parameters of dev, and no more once that right is gone."""
    client, action, iam = account.as_role(role), "ssm:PutParameter", account.root("iam")

    def put() -> object:
        name, tags = "/wealist/dev/witness", [{"Key": "Environment", "Value": "dev"}]
        return client("ssm").put_parameter(Name=name, Value="x", Type="String", Tags=tags)

    yield f"{role} may {action}", not is_refused(put)
    for arn, document in _policies(iam, role):
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                statement["Action"] = [each for each in statement["Action"] if each != action] or ["none:None"]
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
    yield f"without that right, {role} may not {action}", is_refused(put)


def _policies(iam: Any, role: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = attached["PolicyArn"]
        if f":{ACCOUNT_ID}:" in arn:
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            yield arn, iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def _deploy_role(account: Account, own: str, other: str) -> Iterator[tuple[str, bool]]:
    """GitHub's role uploads a bundle and pushes an image of its own environment, and of no other."""
    role = f"wealist-{own}-github-actions-role"
    client = account.as_role(role)

    def upload(of: str) -> bool:
        bucket = environment(of).names.codedeploy_artifacts_bucket
        return is_refused(lambda: client("s3").put_object(Bucket=bucket, Key="user-service/bundle.zip", Body=b""))

    def push(of: str) -> bool:
        repository = f"wealist-{of}-user-service"
        return is_refused(lambda: client("ecr").initiate_layer_upload(repositoryName=repository))

    yield f"{role} uploads bundles of {own}", not upload(own)
    yield f"{role} uploads no bundle of {other}", upload(other)
    yield f"{role} pushes images of {own}", not push(own)
    yield f"{role} pushes no image of {other}", push(other)
