"""The roles that plan and apply this project can do it, states and plans included, and no more."""

from typing import Final

import pytest

from tests.policies import Grant, allows, grants_of
from tests.synthesized import Stack

ACCOUNT: Final = "290008131187"
HERE: Final = f"ap-northeast-2:{ACCOUNT}"
STATES: Final = "arn:aws:s3:::wealist-tfstate-bucket"
PLANS: Final = "arn:aws:s3:::wealist-terraform-plans"
PLAN: Final = "wealist-terraform-plan-role"
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


def test_a_plan_reads_states_but_never_writes_nor_locks_one(plan: set[Grant]) -> None:
    for key in ("wealist/dev.tfstate", "wealist/prod.tfstate", "wealist/account.tfstate"):
        assert allows(plan, "s3:GetObject", f"{STATES}/{key}")
        for verb in ("PutObject", "DeleteObject"):
            # Who may delete a lock could end an apply's, from a pull request.
            assert not allows(plan, f"s3:{verb}", f"{STATES}/{key}")
            assert not allows(plan, f"s3:{verb}", f"{STATES}/{key}.tflock")
    assert allows(plan, "s3:ListBucket", STATES)


def test_an_apply_writes_states_and_takes_and_releases_their_locks(apply: set[Grant]) -> None:
    for key in ("wealist/dev.tfstate", "wealist/prod.tfstate", "wealist/account.tfstate"):
        assert allows(apply, "s3:PutObject", f"{STATES}/{key}")
        assert allows(apply, "s3:PutObject", f"{STATES}/{key}.tflock")
        assert allows(apply, "s3:DeleteObject", f"{STATES}/{key}.tflock")
        assert not allows(apply, "s3:DeleteObject", f"{STATES}/{key}")


@pytest.mark.parametrize("key", ["prod/network.tfstate", "dev/network.tfstate", "prod/ssm-prod-cd.tfstate"])
def test_neither_role_reaches_a_state_of_the_hand_written_hcl(plan: set[Grant], apply: set[Grant], key: str) -> None:
    for role in (plan, apply):
        for verb in ("GetObject", "PutObject", "DeleteObject"):
            assert not allows(role, f"s3:{verb}", f"{STATES}/{key}")
    assert not allows(apply, "s3:PutObject", f"{STATES}/{key}.tflock")


def test_a_plan_is_put_by_who_plans_and_read_by_who_applies(plan: set[Grant], apply: set[Grant]) -> None:
    kept = f"{PLANS}/prod/{'a' * 64}.tfplan"
    assert (allows(plan, "s3:PutObject", kept), allows(apply, "s3:GetObject", kept)) == (True, True)
    # It holds what the state holds, which a pull request's job may have read, but not another's plan.
    assert not allows(plan, "s3:GetObject", kept)
    assert not allows(apply, "s3:PutObject", kept)
    assert not allows(plan, "s3:DeleteObject", kept)


# --- rights -----------------------------------------------------------------------------------------------------------


def test_every_policy_is_no_longer_than_iam_takes(account: Stack) -> None:
    assert max(len(policy["policy"].replace(" ", "")) for policy in account.all("aws_iam_policy")) <= 6144


@pytest.mark.parametrize("role", [PLAN, APPLY])
def test_parameters_are_decrypted_through_systems_manager_alone(account: Stack, role: str) -> None:
    given = grants_of(account, role)
    assert allows(given, "ssm:GetParameter", SECRET)
    assert allows(given, "kms:Decrypt", KEY, ViaService="ssm.ap-northeast-2.amazonaws.com")
    assert not allows(given, "kms:Decrypt", KEY, ViaService="s3.ap-northeast-2.amazonaws.com")
    assert not allows(given, "kms:Decrypt", KEY)


def test_an_apply_encrypts_volumes_with_the_environments_keys_through_ec2_alone(apply: set[Grant]) -> None:
    # CreateVolume itself succeeds without: the volume then goes by itself.
    for action in ("kms:GenerateDataKeyWithoutPlaintext", "kms:Decrypt"):
        assert allows(apply, action, KEY, ViaService="ec2.ap-northeast-2.amazonaws.com")
        assert not allows(apply, action, KEY, ViaService="s3.ap-northeast-2.amazonaws.com")


@pytest.mark.parametrize("bucket", ["wealist-deploy-scripts", "wealist-deploy-scripts-dev"])
def test_an_apply_writes_what_the_monitoring_instance_runs_with_and_no_other_object(
    plan: set[Grant], apply: set[Grant], bucket: str
) -> None:
    file = f"arn:aws:s3:::{bucket}/monitoring/compose.yml"
    assert allows(plan, "s3:GetObject", file)
    for verb in ("PutObject", "PutObjectTagging", "GetObject", "GetObjectTagging", "DeleteObject"):
        assert allows(apply, f"s3:{verb}", file)
    for other in (f"arn:aws:s3:::{bucket}/another.sh", "arn:aws:s3:::wealist-app-resources/monitoring/compose.yml"):
        assert not allows(plan, "s3:GetObject", other)
        assert not allows(apply, "s3:PutObject", other)


BEHIND_THE_CALLS: Final = {
    "kms:Encrypt": (KEY, "a SecureString is encrypted with the environment's key by whoever puts it"),
    "secretsmanager:CreateSecret": (
        f"arn:aws:secretsmanager:{HERE}:secret:rds!db-1",
        "RDS makes the master password's secret as the caller",
    ),
    "secretsmanager:TagResource": (f"arn:aws:secretsmanager:{HERE}:secret:rds!db-1", "the same"),
    "ssm:GetParameters": (
        "arn:aws:ssm:ap-northeast-2::parameter/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2",
        "a launch template by resolve:ssm is validated as the caller",
    ),
    "iam:GetRole": (f"arn:aws:iam::{ACCOUNT}:role/{PLAN}", "the account stack holds it, and refreshes it"),
    "iam:CreateServiceLinkedRole": (
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/elasticache.amazonaws.com/AWSServiceRoleForElastiCache",
        "the first replication group, load balancer and Auto Scaling group of an account make one",
    ),
    "s3:DeleteObject": ("arn:aws:s3:::wealist-app-resources-dev/key", "force_destroy empties dev's buckets"),
}
"""Action → resource → why an apply needs it."""


@pytest.mark.parametrize("action", BEHIND_THE_CALLS)
def test_an_apply_can_do_what_aws_asks_of_it_behind_the_calls(apply: set[Grant], action: str) -> None:
    arn, _ = BEHIND_THE_CALLS[action]
    context = {"ViaService": "ssm.ap-northeast-2.amazonaws.com", "AWSServiceName": "elasticache.amazonaws.com"}
    assert allows(apply, action, arn, **context)
