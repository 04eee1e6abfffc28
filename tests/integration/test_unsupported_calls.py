"""The embedded AWS rejects unsupported calls at once, with their names, for boto3 and for Terraform."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

from wealist.emulator.server import EmulatedAws
from wealist.emulator.unsupported import CODE
from wealist.emulator.workspace import PROVIDER_SETTINGS
from wealist.model.provider import version
from wealist.operations.terraform import Terraform
from wealist.spec.account import ACCOUNT_ID, REGION

pytestmark = pytest.mark.integration

AT_ONCE: Final = 30.0
"""Time limit for Terraform in seconds, for a busy machine. Retries would take minutes."""
BLOCK_PUBLIC_ACCESS: Final = {
    "block_public_acls": True,
    "block_public_policy": True,
    "ignore_public_acls": True,
    "restrict_public_buckets": True,
}

CALLS: Final[Mapping[str, tuple[str, str, dict[str, Any]]]] = {
    # REST with JSON: an unknown service, an unknown path, and an unknown action of a service with another signing name
    "detective:CreateGraph": ("detective", "create_graph", {}),
    "securityhub:UpdateSecurityHubConfiguration": ("securityhub", "update_security_hub_configuration", {}),
    "elasticfilesystem:DescribeAccountPreferences": ("efs", "describe_account_preferences", {}),
    # JSON
    "codedeploy:CreateDeploymentConfig": ("codedeploy", "create_deployment_config", {"deploymentConfigName": "c"}),
    # the protocol of EC2
    "ec2:CreateIpam": ("ec2", "create_ipam", {}),
    "ec2:CreateVerifiedAccessInstance": ("ec2", "create_verified_access_instance", {}),
    # Query
    "elasticache:CreateUserGroup": ("elasticache", "create_user_group", {"UserGroupId": "g", "Engine": "redis"}),
    # REST with XML
    "route53:CreateCidrCollection": ("route53", "create_cidr_collection", {"Name": "c", "CallerReference": "r"}),
    "cloudfront:ListVpcOrigins": ("cloudfront", "list_vpc_origins", {}),
}
"""Unsupported call → client, method and arguments that make it, for every protocol."""

RESOURCES: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "aws_detective_graph": ("detective:CreateGraph", {}),
    "aws_securityhub_account": ("securityhub:UpdateSecurityHubConfiguration", {}),
    "aws_codedeploy_deployment_config": (
        "codedeploy:CreateDeploymentConfig",
        {"deployment_config_name": "c", "minimum_healthy_hosts": {"type": "HOST_COUNT", "value": 1}},
    ),
    "aws_vpc_ipam": ("ec2:CreateIpam", {"operating_regions": [{"region_name": REGION}]}),
    "aws_verifiedaccess_instance": ("ec2:CreateVerifiedAccessInstance", {}),
    "aws_elasticache_user_group": ("elasticache:CreateUserGroup", {"user_group_id": "g", "engine": "redis"}),
    "aws_route53_cidr_collection": ("route53:CreateCidrCollection", {"name": "c"}),
}
"""Type → the unsupported call that the AWS provider makes, and the arguments of the resource."""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    with EmulatedAws(seeds=(), log=tmp_path_factory.mktemp("unsupported") / "aws.log") as started:
        yield started


def client(aws: EmulatedAws, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=aws.endpoint,
        region_name=REGION,
        aws_access_key_id="embedded",
        aws_secret_access_key="embedded",
    )


@pytest.mark.parametrize("call", CALLS)
def test_botocore_raises_the_error_without_retries(aws: EmulatedAws, call: str) -> None:
    service, method, arguments = CALLS[call]
    with pytest.raises(ClientError) as refused:
        getattr(client(aws, service), method)(**arguments)
    answer = refused.value.response
    assert answer["Error"]["Code"] == CODE
    assert answer["Error"]["Message"] == f"not in the embedded AWS: {call}"
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["ResponseMetadata"]["RetryAttempts"]) == (400, 0)


def test_partly_supported_calls_name_the_unsupported_part(aws: EmulatedAws) -> None:
    deploy = client(aws, "codedeploy")
    deploy.create_application(applicationName="app")
    deploy.create_deployment_group(applicationName="app", deploymentGroupName="group", serviceRoleArn="role")
    with pytest.raises(ClientError, match=r"codedeploy:CreateDeployment \(a revision outside S3\)"):
        deploy.create_deployment(
            applicationName="app", deploymentGroupName="group", revision={"revisionType": "GitHub"}
        )


def test_missing_resources_are_still_errors_of_the_service(aws: EmulatedAws) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        client(aws, "s3").get_object(Bucket="absent", Key="absent")
    with pytest.raises(ClientError, match="NoSuchHostedZone"):
        client(aws, "route53").get_hosted_zone(Id="absent")


def apply(aws: EmulatedAws, folder: Path, resources: Mapping[str, dict[str, Any]]) -> tuple[int, str]:
    """Apply one resource of each type with the real AWS provider. Returns the exit code and the output."""
    configuration = {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": version()}}},
        "provider": {"aws": [PROVIDER_SETTINGS | {"region": REGION, "allowed_account_ids": [ACCOUNT_ID]}]},
        "resource": {kind: {"this": arguments} for kind, arguments in resources.items()},
    }
    (folder / "main.tf.json").write_text(json.dumps(configuration))
    terraform = Terraform(folder, env=aws.environment())
    terraform.init()
    done = terraform.run("apply", "-auto-approve", capture=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_an_apply_of_unsupported_types_fails_at_once_and_names_every_call(aws: EmulatedAws, tmp_path: Path) -> None:
    started = time.monotonic()
    code, output = apply(aws, tmp_path, {kind: arguments for kind, (_, arguments) in RESOURCES.items()})
    assert time.monotonic() - started < AT_ONCE
    assert code == 1
    # Terraform wraps long lines.
    named = re.findall(rf"api error {CODE}: not in the embedded AWS: (\S+)", " ".join(output.split()))
    assert sorted(named) == sorted(call for call, _ in RESOURCES.values()), output


def test_terraform_reaches_the_s3_control_api(aws: EmulatedAws, tmp_path: Path) -> None:
    started = time.monotonic()
    code, output = apply(aws, tmp_path, {"aws_s3_account_public_access_block": BLOCK_PUBLIC_ACCESS})
    assert code == 0, output
    assert time.monotonic() - started < AT_ONCE
