"""The roles that plan and apply this project from its own repository: enough to do it, and not more."""

from fnmatch import fnmatchcase
from typing import Final

import pytest

from tests.policies import ELSEWHERE, LIFE, Grant, allows, grants_of, operations
from tests.synthesized import Stack, stacks

ACCOUNT: Final = "290008131187"
HERE: Final = f"ap-northeast-2:{ACCOUNT}"
STATES: Final = "arn:aws:s3:::wealist-tfstate-bucket"
PLANS: Final = "arn:aws:s3:::wealist-terraform-plans"
PLAN: Final = "wealist-terraform-plan-role"
APPLY: Final = "wealist-terraform-apply-role"
SECRET: Final = f"arn:aws:ssm:{HERE}:parameter/wealist/prod/jwt/jwt_secret"
KEY: Final = f"arn:aws:kms:{HERE}:key/1234"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/wealist-prod-ec2-role"
POLICY: Final = f"arn:aws:iam::{ACCOUNT}:policy/wealist-prod-s3-policy"
BUCKET: Final = "arn:aws:s3:::wealist-app-resources"
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/wealist-terraform-boundary"


@pytest.fixture(scope="module")
def plan(account: Stack) -> set[Grant]:
    return grants_of(account, PLAN)


@pytest.fixture(scope="module")
def apply(account: Stack) -> set[Grant]:
    return grants_of(account, APPLY)


def test_there_are_two_roles_each_with_its_own_policies(account: Stack) -> None:
    assert {role["name"] for role in account.all("aws_iam_role")} == {PLAN, APPLY}
    assert set(account.policies(PLAN)) == {f"wealist-terraform-plan-{each}-policy" for each in ("read", "state")}
    assert set(account.policies(APPLY)) == {
        f"wealist-terraform-apply-{each}-policy"
        for each in ("read", "write", "identity", "buckets", "state", "denials")
    }
    # Six thousand characters without white space, and IAM refuses the policy.
    assert max(len(policy["policy"].replace(" ", "")) for policy in account.all("aws_iam_policy")) <= 6144


def test_a_plan_reads_states_but_never_writes_nor_locks_one(plan: set[Grant]) -> None:
    for key in ("wealist/dev.tfstate", "wealist/prod.tfstate", "wealist/account.tfstate"):
        assert allows(plan, "s3:GetObject", f"{STATES}/{key}")
        for verb in ("PutObject", "DeleteObject"):
            # Who may delete a lock could end an apply's, from a pull request.
            assert not allows(plan, f"s3:{verb}", f"{STATES}/{key}")
            assert not allows(plan, f"s3:{verb}", f"{STATES}/{key}.tflock")
    assert allows(plan, "s3:ListBucket", STATES)


def test_a_plan_is_put_by_who_plans_and_read_by_who_applies(plan: set[Grant], apply: set[Grant]) -> None:
    kept = f"{PLANS}/prod/{'a' * 64}.tfplan"
    assert (allows(plan, "s3:PutObject", kept), allows(apply, "s3:GetObject", kept)) == (True, True)
    # It holds what the state holds, which a pull request's job may have read, but not another's plan.
    assert not allows(plan, "s3:GetObject", kept)
    assert not allows(apply, "s3:PutObject", kept)
    assert not allows(plan, "s3:DeleteObject", kept)


def test_an_apply_writes_states_but_cannot_delete_one_nor_touch_their_bucket(apply: set[Grant]) -> None:
    for key in ("wealist/dev.tfstate", "wealist/prod.tfstate", "wealist/account.tfstate"):
        assert allows(apply, "s3:PutObject", f"{STATES}/{key}")
        assert not allows(apply, "s3:DeleteObject", f"{STATES}/{key}")
        assert not allows(apply, "s3:DeleteObjectVersion", f"{STATES}/{key}")
        assert allows(apply, "s3:DeleteObject", f"{STATES}/{key}.tflock")
    for verb in ("DeleteBucket", "DeleteBucketPolicy", "PutBucketPolicy", "PutBucketVersioning",
                 "PutBucketPublicAccessBlock", "PutLifecycleConfiguration", "PutEncryptionConfiguration"):  # fmt: skip
        assert allows(apply, f"s3:{verb}", BUCKET)
        assert not allows(apply, f"s3:{verb}", STATES)


@pytest.mark.parametrize("key", ["prod/network.tfstate", "dev/network.tfstate", "prod/ssm-prod-cd.tfstate"])
def test_neither_role_reaches_a_state_of_the_hand_written_hcl(plan: set[Grant], apply: set[Grant], key: str) -> None:
    for role in (plan, apply):
        for verb in ("GetObject", "PutObject", "DeleteObject"):
            assert not allows(role, f"s3:{verb}", f"{STATES}/{key}")
    assert not allows(apply, "s3:PutObject", f"{STATES}/{key}.tflock")


def test_a_plan_changes_nothing(plan: set[Grant]) -> None:
    reads = ("Get", "List", "Describe", "BatchGet", "Decrypt")
    beyond = {grant for grant in plan if not grant.action.partition(":")[2].startswith(reads)}
    assert {(grant.action, grant.resource) for grant in beyond} == {
        ("s3:PutObject", f"{PLANS}/*"),
    }
    assert not allows(plan, "s3:GetObject", f"{BUCKET}/key")
    assert not allows(plan, "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{HERE}:secret:rds")


@pytest.mark.parametrize("role", [PLAN, APPLY])
def test_parameters_are_decrypted_through_systems_manager_alone(account: Stack, role: str) -> None:
    given = grants_of(account, role)
    assert allows(given, "ssm:GetParameter", SECRET)
    assert not allows(given, "ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/another/secret")
    assert allows(given, "kms:Decrypt", KEY, ViaService="ssm.ap-northeast-2.amazonaws.com")
    assert not allows(given, "kms:Decrypt", KEY, ViaService="s3.ap-northeast-2.amazonaws.com")
    assert not allows(given, "kms:Decrypt", KEY)


def test_every_type_of_the_stacks_is_considered_here() -> None:
    made = {kind for stack in stacks().values() for kind in stack.document.get("resource", {})}
    by_name = {kind for kind in made if kind.startswith(("aws_iam_", "aws_s3_bucket"))}
    assert not made - by_name - set(LIFE) - set(ELSEWHERE)


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", LIFE)
def test_an_apply_can_make_read_change_and_delete_what_the_stacks_hold(
    plan: set[Grant], apply: set[Grant], kind: str
) -> None:
    service, *verbs = LIFE[kind].split()
    assert set(verbs) <= operations(service)
    # Where a policy can be bounded by the project's names, it may be.
    arn = {"ssm": SECRET, "ecr": f"arn:aws:ecr:{HERE}:repository/wealist-prod-user-service"}.get(service, "*")
    for verb in verbs:
        action = f"{service}:{verb}"
        assert allows(apply, action, arn), action
        assert allows(plan, action, arn) is verb.startswith(("Get", "List", "Describe"))


def test_every_pattern_begins_the_name_of_an_action(account: Stack) -> None:
    # S3's permissions are not called as its operations are; the other two are permissions without an operation.
    apart = ("s3:", "iam:PassRole", "cloudfront:AllowVendedLogDeliveryForResource")
    patterns = {grant.action for role in (PLAN, APPLY) for grant in grants_of(account, role) if grant.effect == "Allow"}
    imaginary = {
        action
        for action in patterns
        if not action.startswith(apart)
        for service, _, beginning in [action.partition(":")]
        if not any(fnmatchcase(verb, beginning) for verb in operations(service))
    }
    assert len(patterns) > 100
    assert imaginary == set()


def test_an_apply_manages_iam_and_buckets_of_this_project_only(apply: set[Grant]) -> None:
    for action, own in (
        ("iam:CreateRole", ROLE),
        ("iam:AttachRolePolicy", ROLE),
        ("iam:UpdateAssumeRolePolicy", ROLE),
        ("iam:CreatePolicy", POLICY),
        ("iam:CreatePolicyVersion", POLICY),
        ("iam:DeletePolicyVersion", POLICY),
        ("iam:PutRolePolicy", ROLE),
        ("iam:DeleteRolePolicy", ROLE),
        ("iam:AddRoleToInstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/wealist-prod-ec2-profile"),
        ("s3:CreateBucket", BUCKET),
    ):
        context = {"PermissionsBoundary": BOUNDARY, "PolicyARN": POLICY}
        assert allows(apply, action, own, **context), action
        assert not allows(apply, action, own.replace("wealist-", "another-"), **context)
    assert not allows(apply, "iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/wealist-user")
    assert not allows(apply, "iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/wealist-user")
    assert not allows(apply, "sts:AssumeRole", ROLE)


@pytest.mark.parametrize("bucket", ["wealist-deploy-scripts", "wealist-deploy-scripts-dev"])
def test_an_apply_writes_what_the_monitoring_instance_runs_with_and_no_other_object(
    plan: set[Grant], apply: set[Grant], bucket: str
) -> None:
    file = f"arn:aws:s3:::{bucket}/monitoring/compose.yml"
    for verb in ("GetObject", "GetObjectTagging"):
        assert allows(plan, f"s3:{verb}", file)
    for verb in ("PutObject", "PutObjectTagging", "GetObject", "GetObjectTagging", "DeleteObject"):
        assert allows(apply, f"s3:{verb}", file)
    for other in (f"arn:aws:s3:::{bucket}/another.sh", f"{BUCKET}/monitoring/compose.yml"):
        assert not allows(plan, "s3:GetObject", other)
        assert not allows(apply, "s3:PutObject", other)


def test_an_apply_encrypts_volumes_with_the_environments_keys_through_ec2_alone(apply: set[Grant]) -> None:
    # CreateVolume itself succeeds without: the volume then goes by itself.
    for action in ("kms:GenerateDataKeyWithoutPlaintext", "kms:Decrypt"):
        assert allows(apply, action, KEY, ViaService="ec2.ap-northeast-2.amazonaws.com")
        assert not allows(apply, action, KEY, ViaService="s3.ap-northeast-2.amazonaws.com")
        assert not allows(apply, action, KEY)


def test_an_apply_cannot_change_the_pipelines_own_roles(apply: set[Grant]) -> None:
    for action in (
        "CreateRole",
        "DeleteRole",
        "UpdateAssumeRolePolicy",
        "AttachRolePolicy",
        "PutRolePolicy",
        "PassRole",
    ):
        for role in (PLAN, APPLY):
            arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
            context = {"PassedToService": "ec2.amazonaws.com", "PermissionsBoundary": BOUNDARY, "PolicyARN": POLICY}
            assert not allows(apply, f"iam:{action}", arn, **context)
    for action in ("CreatePolicyVersion", "DeletePolicy"):
        arn = f"arn:aws:iam::{ACCOUNT}:policy/wealist-terraform-apply-write-policy"
        assert not allows(apply, f"iam:{action}", arn)


def test_an_apply_passes_roles_to_the_three_services_that_take_one(apply: set[Grant]) -> None:
    for service in ("ec2", "codedeploy", "vpc-flow-logs"):
        assert allows(apply, "iam:PassRole", ROLE, PassedToService=f"{service}.amazonaws.com")
    for service in ("lambda", "ecs-tasks", "cloudformation"):
        assert not allows(apply, "iam:PassRole", ROLE, PassedToService=f"{service}.amazonaws.com")
    assert not allows(apply, "iam:PassRole", ROLE)


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


def test_an_apply_cannot_push_an_image(apply: set[Grant]) -> None:
    assert not allows(apply, "ecr:PutImage", f"arn:aws:ecr:{HERE}:repository/wealist-prod-user-service")


def test_an_apply_cannot_make_itself_an_administrator(apply: set[Grant]) -> None:
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert not allows(apply, "iam:AttachRolePolicy", ROLE, PolicyARN=administrator, PermissionsBoundary=BOUNDARY)
