"""An apply after an interrupted or killed one."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.between import PATIENCE, Between, Hold, kill, running
from tests.synthesized import stacks
from wealist.emulator.server import EmulatedAws, Seed
from wealist.operations.emulated_stacks import ACCOUNT, EmulatedStacks, planned_changes
from wealist.operations.terraform import Terraform
from wealist.spec.account import STATE_BUCKET

pytestmark = pytest.mark.integration

STATE = "wealist/account.tfstate"
APPLY = ("apply", "-auto-approve")
ZONE = "aws_route53_zone.zone"
ZONE_IS_MADE = "GET /2013-04-01/change/"
"""The request that the provider repeats until a zone is in sync."""
APPLY_ROLE, PLAN_ROLE = "wealist-terraform-apply-role", "wealist-terraform-plan-"
"""The apply role, and the prefix of the plan roles."""
STATE_SECONDS = 21
"""A running apply writes its state at most every 20 seconds, when a resource is done; plus one."""


@pytest.fixture
def life(synthesized: Path, tmp_path: Path) -> Iterator[EmulatedStacks]:
    """The stacks in an account with the state bucket only."""
    with EmulatedAws(seeds={Seed.STATE_BUCKET}, log=tmp_path / "aws.log") as aws:
        yield EmulatedStacks(aws.environment(), stacks=synthesized / "stacks", base=tmp_path)


def through(between: Between, life: EmulatedStacks) -> Terraform:
    ready = life.terraform(ACCOUNT)
    return Terraform(ready.workdir, env=between.environment(), executable=ready.executable)


def resources(life: EmulatedStacks) -> set[str]:
    held = life.terraform(ACCOUNT).state()["resources"]
    managed = [each for each in held if each["mode"] == "managed" and each["instances"]]
    return {f"{each['type']}.{each['name']}" for each in managed}


def keys(life: EmulatedStacks) -> list[str]:
    return [item["Key"] for item in life.client("s3").list_objects_v2(Bucket=STATE_BUCKET).get("Contents", [])]


def assert_complete(life: EmulatedStacks) -> None:
    """Assert that every object exists once, and that a plan has no changes."""
    iam = life.client("iam")
    assert planned_changes(life.plan(ACCOUNT)) == {}
    assert len(life.client("route53").list_hosted_zones()["HostedZones"]) == 1
    assert len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]) == 1
    assert len(iam.list_policies(Scope="Local")["Policies"]) == len(stacks()["account"].all("aws_iam_policy"))
    assert len(iam.list_roles()["Roles"]) == len(stacks()["account"].all("aws_iam_role"))
    assert keys(life) == [STATE]


def test_the_next_apply_completes_an_interrupted_one(life: EmulatedStacks) -> None:
    waiting, unmade = Hold(ZONE_IS_MADE), Hold("CreateRole", PLAN_ROLE)
    with Between(life.environment(), waiting, unmade) as aws, running(through(aws, life), *APPLY) as process:
        assert waiting.reached()
        assert unmade.reached()
        process.send_signal(signal.SIGINT)
        output = process.ended()
    assert "Interrupt received." in output
    assert keys(life) == [STATE]
    assert {ZONE, "aws_iam_role.pipeline_apply_role", "aws_iam_openid_connect_provider.github"} <= resources(life)

    # Terraform has tainted the zone and would replace it, which prevent_destroy refuses.
    terraform = life.terraform(ACCOUNT)
    refused = terraform.run(*APPLY, capture=True, check=False)
    assert f"Resource {ZONE} has lifecycle.prevent_destroy set" in " ".join(refused.stderr.split())
    terraform.run("untaint", ZONE, capture=True)
    completed = dict(planned_changes(life.apply(ACCOUNT)))
    assert completed.pop(ZONE) == ("update",)  # the tags are set last
    assert set(completed.values()) == {("create",)}
    assert_complete(life)


def test_objects_missing_in_the_state_of_a_killed_apply_can_be_imported(life: EmulatedStacks) -> None:
    waiting, unmade = Hold(ZONE_IS_MADE), Hold("CreateRole", PLAN_ROLE)
    orphan = Hold("CreateRole", APPLY_ROLE, done=True)
    with Between(life.environment(), waiting, unmade, orphan) as aws, running(through(aws, life), *APPLY) as process:
        assert orphan.reached()
        assert unmade.reached()
        time.sleep(STATE_SECONDS)
        waiting.release()
        until(lambda: STATE in keys(life))
        kill(process)
    assert [role["RoleName"] for role in life.client("iam").list_roles()["Roles"]] == [APPLY_ROLE]
    assert ZONE in resources(life)
    assert resources(life).isdisjoint({"aws_iam_role.pipeline_apply_role", "aws_iam_role.pipeline_plan_prod_role"})

    terraform = life.terraform(ACCOUNT)
    locked = terraform.run(*APPLY, capture=True, check=False)
    held = re.search(r"^ +ID: +(\S+)$", locked.stderr, re.MULTILINE)
    assert held, locked.stderr
    terraform.run("force-unlock", "-force", held[1], capture=True)

    refused = terraform.run(*APPLY, capture=True, check=False)
    assert refused.stderr.count("Error: ") == 1
    assert f"Role with name {APPLY_ROLE} already exists" in " ".join(refused.stderr.split())
    terraform.run("import", "aws_iam_role.pipeline_apply_role", APPLY_ROLE, capture=True)
    terraform.run(*APPLY, capture=True)
    assert_complete(life)


def until(condition: Callable[[], bool]) -> None:
    late = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < late
        time.sleep(0.2)
