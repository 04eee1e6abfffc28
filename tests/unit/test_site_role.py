"""The policies of GitHub's role allow a deployment of the site and no other access to S3; moto enforces them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.synthesized import Stack
from wealist.spec.account import REGION
from wealist.spec.naming import Names

pytestmark = pytest.mark.integration  # loads all of moto

UNKNOWN: Final = "arn:aws:kms:ap-northeast-2:290008131187:key/known-after-the-apply"
"""Replaces the ARNs of the key and of the distribution, which no S3 call uses."""
TRUST: Final = '{"Version": "2012-10-17", "Statement": []}'
SYNC: Final[Mapping[str, Mapping[str, Any]]] = {
    "list_objects_v2": {},
    "put_object": {"Key": "assets/index-0a1b2c3d.js", "Body": b"new"},
    "delete_object": {"Key": "assets/index-former.js"},
    "create_multipart_upload": {"Key": "assets/video.mp4"},
}
"""The calls of `aws s3 sync --delete` and `aws s3 cp`: compare, upload, delete, upload a large file."""


@pytest.fixture
def workflow(monkeypatch: pytest.MonkeyPatch, stack: Stack, name: str) -> Iterator[Any]:
    """An S3 client with GitHub's role of an environment. Every bucket of both environments exists."""
    from moto import mock_aws, settings  # noqa: PLC0415  loads all of moto

    for setting in ("AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(setting, raising=False)
    with mock_aws():
        s3, iam, sts = (boto3.client(service, region_name=REGION) for service in ("s3", "iam", "sts"))
        for bucket in (*Names("dev").buckets, *Names("prod").buckets):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        role = iam.create_role(RoleName="github", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        for policy, resource in stack.policies(f"wealist-{name}-github-actions-role").items():
            document = re.sub(r"\$\{[^}]*\}", UNKNOWN, resource["policy"])
            iam.put_role_policy(RoleName="github", PolicyName=policy, PolicyDocument=document)
        credentials = sts.assume_role(RoleArn=role, RoleSessionName="deploy")["Credentials"]
        monkeypatch.setattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)
        yield boto3.client(
            "s3",
            region_name=REGION,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )


def denied(workflow: Any, bucket: str) -> dict[str, str]:
    """Return the calls of a synchronization that S3 denies, each with the error code."""
    errors = {}
    for call, arguments in SYNC.items():
        try:
            getattr(workflow, call)(Bucket=bucket, **arguments)
        except ClientError as error:
            errors[call] = error.response["Error"]["Code"]
    return errors


def test_the_role_can_synchronize_the_site_of_its_environment(workflow: Any, name: str) -> None:
    assert denied(workflow, Names(name).frontend_bucket) == {}


def test_the_role_cannot_synchronize_any_other_bucket(workflow: Any, name: str) -> None:
    own, other = Names(name), Names("prod" if name == "dev" else "dev")
    others = (*other.buckets, own.access_logs_bucket, own.deploy_scripts_bucket, own.app_resources_bucket)
    everything = dict.fromkeys(SYNC, "AccessDenied")
    assert [bucket for bucket in others if denied(workflow, bucket) != everything] == []


def test_the_role_can_list_only_the_sites_bucket(workflow: Any, name: str) -> None:
    own = Names(name)
    for bucket in (own.codedeploy_artifacts_bucket, own.app_artifacts_bucket):
        assert denied(workflow, bucket) == {"list_objects_v2": "AccessDenied"}
