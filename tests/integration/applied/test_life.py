"""All four stacks, applied to an empty AWS."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.applied.everything import Applied
from wealist.operations import object_counts
from wealist.operations.emulated_stacks import planned_changes, run_concurrently
from wealist.spec.account import STATE_BUCKET

pytestmark = pytest.mark.integration

STATES = {
    "bootstrap": "wealist/bootstrap.tfstate",
    "account": "wealist/account.tfstate",
    "dev": "wealist/dev.tfstate",
    "prod": "wealist/prod.tfstate",
}


GENERATED = ("db/user_db_password", "db/board_db_password", "jwt/jwt_secret", "cache/redis_auth_token")
"""Parameters with generated secrets."""


@pytest.fixture(scope="module")
def second(applied: Applied) -> Mapping[str, dict[str, Any]]:
    """A second plan of every stack, refreshed from AWS."""
    return run_concurrently(applied.plan, STATES)


def outputs(applied: Applied, stack: str) -> dict[str, Any]:
    return {name: output["value"] for name, output in applied.state(stack)["outputs"].items()}


def test_every_stack_is_applied_completely(applied: Applied) -> None:
    for stack in STATES:
        planned = planned_changes(applied.first[stack])
        assert set(planned.values()) == {("create",)}, stack
        held = applied.state(stack)["resources"]
        assert sum(len(each["instances"]) for each in held if each["mode"] == "managed") == len(planned), stack


@pytest.mark.parametrize("stack", STATES)
def test_a_second_plan_changes_nothing(second: Mapping[str, dict[str, Any]], stack: str) -> None:
    assert planned_changes(second[stack]) == {}
    outputs = second[stack].get("output_changes", {})
    assert {name for name, change in outputs.items() if change["actions"] != ["no-op"]} == set()


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_security_groups_have_only_the_rules_of_the_configuration(
    second: Mapping[str, dict[str, Any]], stack: str
) -> None:
    checks = {each["address"]["to_display"]: each["status"] for each in second[stack]["checks"]}
    assert checks["check.firewall_rules"] == "pass"


def test_all_states_are_in_the_bucket_without_locks_and_none_is_local(applied: Applied) -> None:
    listed = applied.client("s3").list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    assert {item["Key"] for item in listed} == set(STATES.values())
    local = [
        path for path in applied.base.rglob("*.tfstate*") if ".terraform" not in path.parts and path.stat().st_size
    ]
    assert local == []


def test_states_are_versioned_and_saved_during_the_apply(applied: Applied) -> None:
    s3 = applied.client("s3")
    assert s3.get_bucket_versioning(Bucket=STATE_BUCKET)["Status"] == "Enabled"
    versions = s3.list_object_versions(Bucket=STATE_BUCKET)["Versions"]
    assert all(version["VersionId"] != "null" for version in versions)
    # Terraform saves its state during an apply, so that an interrupted apply loses nothing.
    for stack in ("dev", "prod"):
        assert len([version for version in versions if version["Key"] == STATES[stack]]) > 1, stack


def test_outputs_are_the_name_servers_and_urls(applied: Applied) -> None:
    (zone,) = applied.client("route53").list_hosted_zones()["HostedZones"]
    servers = applied.client("route53").get_hosted_zone(Id=zone["Id"])["DelegationSet"]["NameServers"]
    assert sorted(outputs(applied, "account")["name_servers"]) == sorted(servers)
    for stack, site in (("dev", "dev.wealist.co.kr"), ("prod", "wealist.co.kr")):
        found = outputs(applied, stack)
        assert (found["site_url"], found["api_url"]) == (f"https://{site}", f"https://api.{site}")


def test_no_object_belongs_to_both_environments(applied: Applied) -> None:
    dev, prod = (object_counts.ownership_pattern(applied.client, name) for name in ("dev", "prod"))
    described = [json.dumps(each, default=str) for _, each in object_counts.all_objects(applied.client)]
    assert [each for each in described if dev.search(each) and prod.search(each)] == []
    assert any(map(dev.search, described))
    assert any(map(prod.search, described))


def parameters(applied: Applied, name: str) -> dict[str, dict[str, Any]]:
    """Return the decrypted parameters of an environment, by the path after its name."""
    ssm = applied.client("ssm")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=f"/wealist/{name}/", Recursive=True, WithDecryption=True
    )
    found = [parameter for page in pages for parameter in page["Parameters"]]
    return {parameter["Name"].removeprefix(f"/wealist/{name}/"): parameter for parameter in found}


def test_generated_secrets_are_long_and_distinct(applied: Applied) -> None:
    values = [parameters(applied, name)[path]["Value"] for name in ("dev", "prod") for path in GENERATED]
    assert min(map(len, values)) >= 40
    assert len(set(values)) == len(values)


def test_endpoints_in_parameters_are_those_of_redis_and_the_database(applied: Applied, name: str) -> None:
    elasticache, rds = applied.client("elasticache"), applied.client("rds")
    (group,) = elasticache.describe_replication_groups(ReplicationGroupId=f"wealist-{name}-redis")["ReplicationGroups"]
    found = parameters(applied, name)
    assert found["cache/redis_host"]["Value"] == group["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    instances = rds.describe_db_instances()["DBInstances"]
    database = {each["DBInstanceIdentifier"]: each["Endpoint"]["Address"] for each in instances}
    assert found["db/endpoint"]["Value"] == database.get(f"wealist-{name}-rds", "unset")
