"""The plan roles and the apply role have the rights that they need on states, plans and secrets, and no others."""

from typing import Final

import pytest

from tests.policies import Grant, allows, grants_of
from tests.synthesized import Stack

ACCOUNT: Final = "290008131187"
HERE: Final = f"ap-northeast-2:{ACCOUNT}"
STATES: Final = "arn:aws:s3:::wealist-tfstate-bucket"
PLANS: Final = "arn:aws:s3:::wealist-terraform-plans"
PLAN: Final = "wealist-terraform-plan-prod-role"
APPLY: Final = "wealist-terraform-apply-role"
SECRET: Final = f"arn:aws:ssm:{HERE}:parameter/wealist/prod/jwt/jwt_secret"
KEY: Final = f"arn:aws:kms:{HERE}:key/1234"


@pytest.fixture(scope="module")
def plan(account: Stack) -> set[Grant]:
    return grants_of(account, PLAN)


@pytest.fixture(scope="module")
def apply(account: Stack) -> set[Grant]:
    return grants_of(account, APPLY)


# --- states and plans -------------------------------------------------------------------------------------------------


def test_a_plan_role_reads_only_its_state_and_writes_and_locks_none(plan: set[Grant]) -> None:
    for key in ("wealist/dev.tfstate", "wealist/prod.tfstate", "wealist/account.tfstate"):
        assert allows(plan, "s3:GetObject", f"{STATES}/{key}") is (key == "wealist/prod.tfstate")
        for verb in ("PutObject", "DeleteObject"):
            # Otherwise a pull request could delete the lock of an apply.
            assert not allows(plan, f"s3:{verb}", f"{STATES}/{key}")
            assert not allows(plan, f"s3:{verb}", f"{STATES}/{key}.tflock")
    assert allows(plan, "s3:ListBucket", STATES)


def test_the_apply_role_writes_and_locks_states(apply: set[Grant]) -> None:
    for key in ("wealist/dev.tfstate", "wealist/prod.tfstate", "wealist/account.tfstate"):
        assert allows(apply, "s3:PutObject", f"{STATES}/{key}")
        assert allows(apply, "s3:PutObject", f"{STATES}/{key}.tflock")
        assert allows(apply, "s3:DeleteObject", f"{STATES}/{key}.tflock")
        assert not allows(apply, "s3:DeleteObject", f"{STATES}/{key}")


@pytest.mark.parametrize("key", ["prod/network.tfstate", "dev/network.tfstate", "prod/ssm-prod-cd.tfstate"])
def test_no_role_can_access_states_of_the_hand_written_hcl(plan: set[Grant], apply: set[Grant], key: str) -> None:
    for role in (plan, apply):
        for verb in ("GetObject", "PutObject", "DeleteObject"):
            assert not allows(role, f"s3:{verb}", f"{STATES}/{key}")
    assert not allows(apply, "s3:PutObject", f"{STATES}/{key}.tflock")


def test_plan_roles_write_plans_and_the_apply_role_reads_them(plan: set[Grant], apply: set[Grant]) -> None:
    kept = f"{PLANS}/prod/{'a' * 64}.tfplan"
    assert (allows(plan, "s3:PutObject", kept), allows(apply, "s3:GetObject", kept)) == (True, True)
    # A plan contains secrets of its stack, which other jobs must not read.
    assert not allows(plan, "s3:GetObject", kept)
    assert not allows(apply, "s3:PutObject", kept)
    assert not allows(plan, "s3:DeleteObject", kept)
    assert not allows(plan, "s3:PutObject", kept.replace("/prod/", "/dev/"))


def test_a_plan_role_reads_no_secret_of_another_environment(account: Stack) -> None:
    for stack, other in (("prod", "dev"), ("dev", "prod")):
        role = grants_of(account, f"wealist-terraform-plan-{stack}-role")
        for name, may in ((stack, True), (other, False)):
            secret = SECRET.replace("/prod/", f"/{name}/")
            assert allows(role, "ssm:GetParameter", secret) is may
            assert not allows(role, "ssm:GetParametersByPath", secret)
            assert allows(role, "s3:GetObject", f"{STATES}/wealist/{name}.tfstate") is may
    for stack in ("account", "bootstrap"):
        role = grants_of(account, f"wealist-terraform-plan-{stack}-role")
        assert not allows(role, "ssm:GetParameter", SECRET)
        assert allows(role, "s3:GetObject", f"{STATES}/wealist/{stack}.tfstate")


# --- rights -----------------------------------------------------------------------------------------------------------


def test_every_policy_is_within_iams_size_limit(account: Stack) -> None:
    assert max(len(policy["policy"].replace(" ", "")) for policy in account.all("aws_iam_policy")) <= 6144


@pytest.mark.parametrize("bucket", ["wealist-deploy-scripts", "wealist-deploy-scripts-dev"])
def test_the_apply_role_writes_only_the_objects_of_the_monitoring_instance(
    plan: set[Grant], apply: set[Grant], bucket: str
) -> None:
    file = f"arn:aws:s3:::{bucket}/monitoring/compose.yml"
    assert allows(plan, "s3:GetObject", file) is (bucket == "wealist-deploy-scripts")
    for verb in ("PutObject", "PutObjectTagging", "GetObject", "GetObjectTagging", "DeleteObject"):
        assert allows(apply, f"s3:{verb}", file)
    for other in (f"arn:aws:s3:::{bucket}/another.sh", "arn:aws:s3:::wealist-app-resources/monitoring/compose.yml"):
        assert not allows(plan, "s3:GetObject", other)
        assert not allows(apply, "s3:PutObject", other)
