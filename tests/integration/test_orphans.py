"""Orphans of a killed apply are imported, so that no object is created twice."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.integration.between import Between, Hold, kill, running
from wealist import project
from wealist.emulator.server import EmulatedAws, Seed
from wealist.operations import object_counts
from wealist.operations.emulated_stacks import ACCOUNT, EmulatedStacks, planned_changes
from wealist.operations.terraform import Terraform
from wealist.spec.account import DOMAIN

pytestmark = pytest.mark.integration

PARTS = (
    "aws_acm_certificate.frontend_cdn_certificate",
    "aws_acm_certificate.load_balancer_api_certificate",
    "aws_flow_log.flow_logs_flow_log",
    "aws_nat_gateway.network_nat",
    "aws_security_group.firewall_redis_sg",
    "aws_subnet.network_private_subnet_d",
    "aws_vpc_endpoint.endpoints_s3",
)
"""One resource of each type that AWS creates again without an error; targets include their dependencies."""
NAMED_PARTS = (
    "aws_cloudfront_distribution.frontend_distribution",
    "aws_cloudfront_origin_access_control.frontend_oac",
    "aws_cloudwatch_log_delivery_destination.frontend_log_destination",
    "aws_cloudwatch_log_delivery_source.frontend_log_source",
    "aws_codedeploy_app.deployments_user_service_app",
    "aws_codedeploy_deployment_group.deployments_user_service_group",
    "aws_db_parameter_group.database_parameter_group",
    "aws_elasticache_subnet_group.cache_subnet_group",
)
"""One resource of each type with a lookup of its own."""
BUCKET = "aws_s3_bucket.artifacts_app_artifacts_bucket"
BUCKET_TARGETS = tuple(
    f"-target={part}"
    for part in (
        BUCKET,
        "aws_s3_bucket_policy.artifacts_app_artifacts_policy",
        "aws_s3_bucket_versioning.artifacts_app_artifacts_versioning",
    )
)
NETWORK_PARTS = (
    "aws_internet_gateway.network_igw",
    "aws_nat_gateway.network_nat",
    "aws_route.network_private_default_route",
    "aws_route_table_association.network_private_rt_association_d",
    "aws_security_group.firewall_vpc_endpoints_sg",
    "aws_subnet.network_public_subnet_a",
    "aws_vpc_endpoint.endpoints_s3",
    "aws_vpc_security_group_ingress_rule.firewall_vpc_to_vpc_endpoints_443_ingress",
)
"""Resources that are found without tags, by the VPC and route tables in the state."""
TARGETS = tuple(f"-target={part}" for part in PARTS)
ZONE = "-target=aws_route53_zone.zone"
IN_AWS = (
    "aws_acm_certificate",
    "aws_eip",
    "aws_flow_log",
    "aws_internet_gateway",
    "aws_kms_key",
    "aws_nat_gateway",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_endpoint",
)
"""Types that AWS would create twice, and can list."""


@pytest.fixture
def life(synthesized: Path, tmp_path: Path) -> Iterator[EmulatedStacks]:
    """The stacks in an account with the shared stacks' resources."""
    with EmulatedAws(log=tmp_path / "aws.log") as aws:
        yield EmulatedStacks(aws.environment(), stacks=synthesized / "stacks", base=tmp_path)


def kill_apply(life: EmulatedStacks, stack: str, moment: Hold, *options: str) -> None:
    ready = life.terraform(stack)
    with Between(life.environment(), moment) as aws:
        terraform = Terraform(ready.workdir, env=aws.environment(), executable=ready.executable)
        with running(terraform, "apply", "-auto-approve", "-lock=false", *options) as process:
            assert moment.reached()
            kill(process)


def orphans(life: EmulatedStacks, stack: str, folder: Path, *options: str) -> dict[str, str]:
    """Run the command, and write its blocks into the stack's folder. Return address → id."""
    plan, out = folder / "plan.json", life.terraform(stack).workdir / "imports.tf.json"
    plan.write_text(json.dumps(life.plan(stack, *options)))
    command = [sys.executable, "-m", "wealist", "orphans", str(plan), "--out", str(out)]
    environ = os.environ | dict(life.environment())
    done = subprocess.run(command, cwd=project.ROOT, env=environ, capture_output=True, text=True, check=True)
    blocks: list[Mapping[str, str]] = json.loads(out.read_text()).get("import", [])
    assert f"{len(blocks)} objects to import" in done.stderr
    return {block["to"]: block["id"] for block in blocks}


def in_the_state(life: EmulatedStacks, stack: str) -> dict[str, int]:
    resources = life.terraform(stack).state()["resources"]
    return {kind: sum(len(each["instances"]) for each in resources if each["type"] == kind) for kind in IN_AWS}


def instances(life: EmulatedStacks, stack: str) -> dict[str, dict[str, Any]]:
    """Return the attributes of the managed resources in a state, by address."""
    resources = [each for each in life.terraform(stack).state()["resources"] if each["mode"] == "managed"]
    return {f"{each['type']}.{each['name']}": each["instances"][0]["attributes"] for each in resources}


def in_aws(life: EmulatedStacks, stack: str) -> dict[str, int]:
    own = object_counts.count_objects(life.client, object_counts.ownership_pattern(life.client, stack)).own
    return {kind: own[kind] for kind in IN_AWS}


def test_orphans_are_imported_and_not_created_twice(life: EmulatedStacks, tmp_path: Path) -> None:
    assert orphans(life, "dev", tmp_path, *TARGETS) == {}

    kill_apply(life, "dev", Hold("CreateNatGateway", done=True), *TARGETS)
    found = orphans(life, "dev", tmp_path, *TARGETS)
    assert "aws_nat_gateway.network_nat" in found  # created in AWS, but Terraform was killed before the response

    life.terraform("dev").run("apply", "-auto-approve", *TARGETS, capture=True)
    assert planned_changes(life.plan("dev", *TARGETS)) == {}
    assert orphans(life, "dev", tmp_path, *TARGETS) == {}
    assert in_aws(life, "dev") == in_the_state(life, "dev")
    assert all(in_the_state(life, "dev").values())


def test_the_provider_accepts_the_import_ids_of_named_objects(life: EmulatedStacks, tmp_path: Path) -> None:
    targets = tuple(f"-target={part}" for part in NAMED_PARTS)
    terraform = life.terraform("dev")
    terraform.run("apply", "-auto-approve", *targets, capture=True)
    terraform.run("state", "rm", *NAMED_PARTS, capture=True)
    distributions = life.client("cloudfront").list_distributions()["DistributionList"]["Items"]

    found = orphans(life, "dev", tmp_path, *targets)
    assert sorted(found) == sorted(NAMED_PARTS)
    assert [found["aws_cloudfront_distribution.frontend_distribution"]] == [each["Id"] for each in distributions]

    imported = life.plan("dev", *targets)
    assert {each["address"] for each in imported["resource_changes"] if each["change"].get("importing")} == set(found)
    terraform.run("apply", str(life.plan_file("dev")), capture=True)
    assert planned_changes(life.plan("dev", *targets)) == {}
    assert life.client("cloudfront").list_distributions()["DistributionList"]["Items"] == distributions


def test_a_bucket_is_imported_if_its_policy_is_still_in_the_state(life: EmulatedStacks, tmp_path: Path) -> None:
    terraform = life.terraform("dev")
    terraform.run("apply", "-auto-approve", *BUCKET_TARGETS, capture=True)
    bucket = instances(life, "dev")[BUCKET]["bucket"]
    life.client("s3").put_object(Bucket=bucket, Key="kept", Body=b"kept")
    terraform.run("state", "rm", BUCKET, capture=True)
    assert {values["bucket"] for values in instances(life, "dev").values()} == {bucket}  # the policy and versioning

    assert orphans(life, "dev", tmp_path, *BUCKET_TARGETS) == {BUCKET: bucket}
    imported = life.plan("dev", *BUCKET_TARGETS)
    assert [each for each, actions in planned_changes(imported).items() if "delete" in actions] == []
    terraform.run("apply", str(life.plan_file("dev")), capture=True)
    assert planned_changes(life.plan("dev", *BUCKET_TARGETS)) == {}
    assert [each["Key"] for each in life.client("s3").list_objects_v2(Bucket=bucket)["Contents"]] == ["kept"]


def test_network_objects_without_tags_are_imported(life: EmulatedStacks, tmp_path: Path) -> None:
    targets = tuple(f"-target={part}" for part in NETWORK_PARTS)
    terraform = life.terraform("dev")
    terraform.run("apply", "-auto-approve", *targets, capture=True)
    before = instances(life, "dev")
    tagged = [values["id"] for address, values in before.items() if address in NETWORK_PARTS and "tags" in values]
    life.client("ec2").delete_tags(Resources=tagged)
    terraform.run("state", "rm", *NETWORK_PARTS, capture=True)

    assert sorted(orphans(life, "dev", tmp_path, *targets)) == sorted(NETWORK_PARTS)
    terraform.run("apply", "-auto-approve", *targets, capture=True)
    assert planned_changes(life.plan("dev", *targets)) == {}
    after = instances(life, "dev")
    assert {address: after[address]["id"] for address in before} == {
        address: values["id"] for address, values in before.items()
    }


def test_a_zone_without_tags_is_imported_by_its_name(synthesized: Path, tmp_path: Path) -> None:
    with EmulatedAws(seeds={Seed.STATE_BUCKET}, log=tmp_path / "aws.log") as aws:
        life = EmulatedStacks(aws.environment(), stacks=synthesized / "stacks", base=tmp_path)
        kill_apply(life, ACCOUNT, Hold("POST /2013-04-01/hostedzone", done=True), ZONE)
        assert list(orphans(life, ACCOUNT, tmp_path, ZONE)) == ["aws_route53_zone.zone"]
        life.terraform(ACCOUNT).run("apply", "-auto-approve", ZONE, capture=True)
        assert [zone["Name"] for zone in life.client("route53").list_hosted_zones()["HostedZones"]] == [f"{DOMAIN}."]
