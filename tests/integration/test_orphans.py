"""What a killed apply made and no state knows is taken in, so that nothing is made twice."""

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
"""With what these rest on: one of each type that AWS makes again without a word."""
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
"""One of each type that is listed in a way of its own, or elsewhere than the rest."""
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
"""What is found without tags, of a VPC and route tables that the state knows."""
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
"""Types that AWS would make twice, and lists."""


@pytest.fixture
def life(synthesized: Path, tmp_path: Path) -> Iterator[EmulatedStacks]:
    """An account in which everything is there that an environment rests on."""
    with EmulatedAws(log=tmp_path / "aws.log") as aws:
        yield EmulatedStacks(aws.environment(), stacks=synthesized / "stacks", base=tmp_path)


def killed(life: EmulatedStacks, stack: str, moment: Hold, *options: str) -> None:
    ready = life.terraform(stack)
    with Between(life.environment(), moment) as aws:
        terraform = Terraform(ready.workdir, env=aws.environment(), executable=ready.executable)
        with running(terraform, "apply", "-auto-approve", "-lock=false", *options) as process:
            assert moment.reached()
            kill(process)


def orphans(life: EmulatedStacks, stack: str, folder: Path, *options: str) -> dict[str, str]:
    """What the command finds, written where Terraform takes it in."""
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
    """The values of every managed resource in a state, by address."""
    resources = [each for each in life.terraform(stack).state()["resources"] if each["mode"] == "managed"]
    return {f"{each['type']}.{each['name']}": each["instances"][0]["attributes"] for each in resources}


def in_aws(life: EmulatedStacks, stack: str) -> dict[str, int]:
    own = object_counts.count_objects(life.client, object_counts.ownership_pattern(life.client, stack)).own
    return {kind: own[kind] for kind in IN_AWS}


def test_after_a_kill_what_aws_would_make_twice_is_taken_in_and_made_once(life: EmulatedStacks, tmp_path: Path) -> None:
    assert orphans(life, "dev", tmp_path, *TARGETS) == {}

    killed(life, "dev", Hold("CreateNatGateway", done=True), *TARGETS)
    found = orphans(life, "dev", tmp_path, *TARGETS)
    assert "aws_nat_gateway.network_nat" in found  # AWS has made it; Terraform was killed before it heard of it

    life.terraform("dev").run("apply", "-auto-approve", *TARGETS, capture=True)
    assert planned_changes(life.plan("dev", *TARGETS)) == {}
    assert orphans(life, "dev", tmp_path, *TARGETS) == {}
    assert in_aws(life, "dev") == in_the_state(life, "dev")
    assert all(in_the_state(life, "dev").values())


def test_what_is_found_by_a_name_of_its_own_is_taken_in_by_the_provider(life: EmulatedStacks, tmp_path: Path) -> None:
    targets = tuple(f"-target={part}" for part in NAMED_PARTS)
    terraform = life.terraform("dev")
    terraform.run("apply", "-auto-approve", *targets, capture=True)
    terraform.run("state", "rm", *NAMED_PARTS, capture=True)
    made = life.client("cloudfront").list_distributions()["DistributionList"]["Items"]

    found = orphans(life, "dev", tmp_path, *targets)
    assert sorted(found) == sorted(NAMED_PARTS)
    assert [found["aws_cloudfront_distribution.frontend_distribution"]] == [each["Id"] for each in made]

    taken_in = life.plan("dev", *targets)
    assert {each["address"] for each in taken_in["resource_changes"] if each["change"].get("importing")} == set(found)
    terraform.run("apply", str(life.plan_file("dev")), capture=True)
    assert planned_changes(life.plan("dev", *targets)) == {}
    assert life.client("cloudfront").list_distributions()["DistributionList"]["Items"] == made


def test_a_bucket_is_taken_in_though_the_state_still_knows_its_parts(life: EmulatedStacks, tmp_path: Path) -> None:
    terraform = life.terraform("dev")
    terraform.run("apply", "-auto-approve", *BUCKET_TARGETS, capture=True)
    bucket = instances(life, "dev")[BUCKET]["bucket"]
    life.client("s3").put_object(Bucket=bucket, Key="kept", Body=b"kept")
    terraform.run("state", "rm", BUCKET, capture=True)
    assert {values["bucket"] for values in instances(life, "dev").values()} == {bucket}  # the policy and versioning

    assert orphans(life, "dev", tmp_path, *BUCKET_TARGETS) == {BUCKET: bucket}
    taken_in = life.plan("dev", *BUCKET_TARGETS)
    assert [each for each, actions in planned_changes(taken_in).items() if "delete" in actions] == []
    terraform.run("apply", str(life.plan_file("dev")), capture=True)
    assert planned_changes(life.plan("dev", *BUCKET_TARGETS)) == {}
    assert [each["Key"] for each in life.client("s3").list_objects_v2(Bucket=bucket)["Contents"]] == ["kept"]


def test_what_has_no_tags_is_taken_in_by_the_vpc_and_by_what_it_joins(life: EmulatedStacks, tmp_path: Path) -> None:
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


def test_a_zone_that_was_killed_before_it_got_its_tags_is_taken_in_by_its_name(
    synthesized: Path, tmp_path: Path
) -> None:
    with EmulatedAws(seeds={Seed.STATE_BUCKET}, log=tmp_path / "aws.log") as aws:
        life = EmulatedStacks(aws.environment(), stacks=synthesized / "stacks", base=tmp_path)
        killed(life, ACCOUNT, Hold("POST /2013-04-01/hostedzone", done=True), ZONE)
        assert list(orphans(life, ACCOUNT, tmp_path, ZONE)) == ["aws_route53_zone.zone"]
        life.terraform(ACCOUNT).run("apply", "-auto-approve", ZONE, capture=True)
        assert [zone["Name"] for zone in life.client("route53").list_hosted_zones()["HostedZones"]] == [f"{DOMAIN}."]
