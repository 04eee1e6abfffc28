"""The end of dev: destroyed for real, and nothing of it is left.

Every other test of this folder needs dev, so that this file must be the last of it: by its name, since pytest collects
files by their names and one worker runs them all in that order (`tests/conftest.py`). Dev stays destroyed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.applied.everything import Applied
from tests.integration.between import Between, Request
from tests.integration.calls import authorized
from tests.policies import allows, grants_of
from tests.synthesized import stacks
from wealist.operations import inventory
from wealist.operations.life import ACCOUNT, BOOTSTRAP, changes, together
from wealist.operations.terraform import Terraform
from wealist.spec.account import ACCOUNT_ID, BOUNDARY_ARN

pytestmark = pytest.mark.integration

OTHERS = (BOOTSTRAP, ACCOUNT, "prod")
BUCKET = "wealist-frontend-dev"
APPLY = "wealist-terraform-apply-role"
OF_A_ROLE = f"arn:aws:iam::{ACCOUNT_ID}:policy/wealist-dev-ec2-policy"


@dataclass(frozen=True)
class Destroyed:
    """What a destroy of dev left, and what it asked AWS for."""

    before: inventory.Holdings
    after: inventory.Holdings
    asked: Sequence[Request]


@pytest.fixture(scope="module")
def destroyed(applied: Applied, request: pytest.FixtureRequest) -> Destroyed:
    """Dev, destroyed. Nothing is destroyed that a test of another file may still need."""
    sharing = [item.path for item in request.session.items if item.path.parent == Path(__file__).parent]
    assert sharing[-1] == Path(__file__), f"{sharing[-1]} would find dev destroyed"
    applied.client("s3").put_object(Bucket=BUCKET, Key="index.html", Body=b"of a build")
    ready = applied.terraform("dev")
    with Between(applied.environment()) as between:
        terraform = Terraform(ready.workdir, env=between.environment(), executable=ready.executable)
        before, after = inventory.around(
            applied.client, "dev", lambda: terraform.run("destroy", "-auto-approve", capture=True)
        )
    return Destroyed(before, after, between.asked)


def test_dev_can_be_destroyed_wholly_and_leaves_nothing_behind(applied: Applied, destroyed: Destroyed) -> None:
    assert destroyed.before.own.total() > 100
    assert dict(destroyed.after.own) == {}
    assert destroyed.after.others == destroyed.before.others
    assert applied.state("dev")["resources"] == []
    again = together(applied.plan, OTHERS)
    assert {stack: changes(again[stack]) for stack in OTHERS} == {stack: {} for stack in OTHERS}


def test_the_pipeline_may_do_all_that_the_destroy_asked_for(destroyed: Destroyed) -> None:
    """The embedded AWS asks IAM nothing, so the calls are held against the policies of the role that applies."""
    given = grants_of(stacks()["account"], APPLY)
    asked = {call for request in destroyed.asked for call in authorized(request)} - {("sts:GetCallerIdentity", "*")}
    assert {action for action, _ in asked} >= {
        "ec2:DeleteVolume", "ec2:DeleteVpc", "elasticache:DeleteReplicationGroup", "iam:DeleteRole",
        "kms:ScheduleKeyDeletion", "rds:DeleteDBInstance", "s3:DeleteObject", "s3:DeleteObjectVersion",
        "ssm:DeleteParameter",
    }  # fmt: skip
    context = {"PermissionsBoundary": BOUNDARY_ARN, "PolicyARN": OF_A_ROLE}
    assert {call for call in asked if not allows(given, *call, **context)} == set()
