"""The life of all four stacks in one AWS: from nothing, applied, and complete."""

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


@pytest.fixture(scope="module")
def second(applied: Applied) -> Mapping[str, dict[str, Any]]:
    """A second plan of every stack, with everything read from AWS again."""
    return run_concurrently(applied.plan, STATES)


def outputs(applied: Applied, stack: str) -> dict[str, Any]:
    return {name: output["value"] for name, output in applied.state(stack)["outputs"].items()}


def test_every_stack_is_applied_from_nothing(applied: Applied) -> None:
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
def test_the_security_groups_hold_the_rules_of_the_code_and_no_others(
    second: Mapping[str, dict[str, Any]], stack: str
) -> None:
    checks = {each["address"]["to_display"]: each["status"] for each in second[stack]["checks"]}
    assert checks["check.firewall_rules"] == "pass"


def test_every_state_lies_in_the_bucket_that_bootstrap_made_and_none_beside_the_configuration(applied: Applied) -> None:
    listed = applied.client("s3").list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    assert {item["Key"] for item in listed} == set(STATES.values())
    local = [
        path for path in applied.base.rglob("*.tfstate*") if ".terraform" not in path.parts and path.stat().st_size
    ]
    assert local == []


def test_every_state_is_versioned_and_those_of_the_environments_have_earlier_versions(applied: Applied) -> None:
    s3 = applied.client("s3")
    assert s3.get_bucket_versioning(Bucket=STATE_BUCKET)["Status"] == "Enabled"
    versions = s3.list_object_versions(Bucket=STATE_BUCKET)["Versions"]
    assert all(version["VersionId"] != "null" for version in versions)
    # Terraform saves what it has made so far as it goes: whoever is interrupted loses nothing.
    for stack in ("dev", "prod"):
        assert len([version for version in versions if version["Key"] == STATES[stack]]) > 1, stack


def test_the_bootstrap_state_was_moved_with_all_that_it_holds(applied: Applied) -> None:
    s3 = applied.client("s3")
    state = json.loads(s3.get_object(Bucket=STATE_BUCKET, Key=STATES["bootstrap"])["Body"].read())
    held = {resource["type"] for resource in state["resources"]}
    assert {"aws_s3_bucket", "aws_s3_bucket_versioning", "aws_s3_bucket_policy"} <= held


def test_no_lock_is_left_behind(applied: Applied) -> None:
    listed = applied.client("s3").list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    assert [item["Key"] for item in listed if item["Key"].endswith(".tflock")] == []


def test_the_outputs_are_where_users_and_the_registrar_are_sent(applied: Applied) -> None:
    (zone,) = applied.client("route53").list_hosted_zones()["HostedZones"]
    servers = applied.client("route53").get_hosted_zone(Id=zone["Id"])["DelegationSet"]["NameServers"]
    assert sorted(outputs(applied, "account")["name_servers"]) == sorted(servers)
    for stack, site in (("dev", "dev.wealist.co.kr"), ("prod", "wealist.co.kr")):
        found = outputs(applied, stack)
        assert (found["site_url"], found["api_url"]) == (f"https://{site}", f"https://api.{site}")


def test_no_generated_secret_stands_in_a_state(applied: Applied) -> None:
    ssm, s3 = applied.client("ssm"), applied.client("s3")
    for name in ("dev", "prod"):
        state = s3.get_object(Bucket=STATE_BUCKET, Key=STATES[name])["Body"].read().decode()
        for path in ("db/user_db_password", "db/board_db_password", "jwt/jwt_secret"):
            secret = ssm.get_parameter(Name=f"/wealist/{name}/{path}", WithDecryption=True)["Parameter"]["Value"]
            assert secret not in state, f"{name}: {path}"


def test_nothing_in_aws_belongs_to_both_environments(applied: Applied) -> None:
    dev, prod = (object_counts.ownership_pattern(applied.client, name) for name in ("dev", "prod"))
    things = [json.dumps(thing, default=str) for _, thing in object_counts.all_objects(applied.client)]
    assert [thing for thing in things if dev.search(thing) and prod.search(thing)] == []
    assert any(dev.search(thing) for thing in things)
    assert any(prod.search(thing) for thing in things)
