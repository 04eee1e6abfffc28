"""The roles that plan and apply this project from its own repository: enough to do it, and not more."""

from fnmatch import fnmatchcase
from typing import Any, Final

import pytest

from tests.policies import ELSEWHERE, LIFE, Grant, allows, grants_of, operations
from tests.synthesized import Stack, attribute_of, stacks

ACCOUNT: Final = "290008131187"
HERE: Final = f"ap-northeast-2:{ACCOUNT}"
STATES: Final = "arn:aws:s3:::wealist-tfstate-bucket"
REPOSITORY: Final = "repo:OrangesCloud/wealist-infrastructure"
IMMUTABLE: Final = "repo:OrangesCloud@12345/wealist-infrastructure@67890"
GITHUB: Final = "token.actions.githubusercontent.com"
PLAN: Final = "wealist-terraform-plan-role"
APPLY: Final = "wealist-terraform-apply-role"
SECRET: Final = f"arn:aws:ssm:{HERE}:parameter/wealist/prod/jwt/jwt_secret"
KEY: Final = f"arn:aws:kms:{HERE}:key/1234"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/wealist-prod-ec2-role"
POLICY: Final = f"arn:aws:iam::{ACCOUNT}:policy/wealist-prod-s3-policy"
BUCKET: Final = "arn:aws:s3:::wealist-app-resources"
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/wealist-terraform-boundary"


def trust(account: Stack, role: str) -> dict[str, Any]:
    """The one statement of a role's trust policy."""
    (statement,) = account.only("aws_iam_role", name=role).statements("assume_role_policy").values()
    return statement


def trusts(account: Stack, role: str, subject: str) -> bool:
    """Whether a workflow with this subject may assume a role."""
    patterns = trust(account, role)["Condition"]["StringLike"][f"{GITHUB}:sub"]
    return any(fnmatchcase(subject, pattern) for pattern in patterns)


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
        f"wealist-terraform-apply-{each}-policy" for each in ("read", "write", "identity", "state")
    }
    # Six thousand characters without white space, and IAM refuses the policy.
    assert max(len(policy["policy"].replace(" ", "")) for policy in account.all("aws_iam_policy")) <= 6144


@pytest.mark.parametrize("role", [PLAN, APPLY])
def test_only_github_with_a_token_for_aws_assumes_them(account: Stack, role: str) -> None:
    statement = trust(account, role)
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    provider = account.only("aws_iam_openid_connect_provider")
    assert statement["Principal"] == {"Federated": f"${{{provider.address}.arn}}"}
    assert attribute_of(statement["Principal"]["Federated"]) == "arn"
    assert statement["Condition"]["StringEquals"] == {f"{GITHUB}:aud": "sts.amazonaws.com"}


@pytest.mark.parametrize("form", [REPOSITORY, IMMUTABLE])
def test_pull_requests_and_main_plan_but_do_not_apply(account: Stack, form: str) -> None:
    for where in ("pull_request", "ref:refs/heads/main"):
        assert trusts(account, PLAN, f"{form}:{where}")
        assert not trusts(account, APPLY, f"{form}:{where}")
    assert not trusts(account, PLAN, f"{form}:ref:refs/heads/another")


@pytest.mark.parametrize("form", [REPOSITORY, IMMUTABLE])
def test_protected_environments_apply(account: Stack, form: str) -> None:
    for environment in ("account", "dev", "prod"):
        assert trusts(account, APPLY, f"{form}:environment:{environment}")
    assert not trusts(account, APPLY, f"{form}:environment:sandbox")
    assert not trusts(account, APPLY, f"{form}:environment:prod-2")


@pytest.mark.parametrize("role", [PLAN, APPLY])
@pytest.mark.parametrize("where", ["pull_request", "ref:refs/heads/main", "environment:prod"])
def test_no_other_repository_is_trusted(account: Stack, role: str, where: str) -> None:
    for repository in (
        "OrangesCloud/user-service",
        "OrangesCloud/wealist-infrastructure-fork",
        "evil/wealist-infrastructure",
        "OrangesCloud@1/user-service@2",
        "evil@1/wealist-infrastructure@2",
    ):
        assert not trusts(account, role, f"repo:{repository}:{where}")


def test_a_plan_reads_states_and_locks_them_but_never_writes_one(plan: set[Grant]) -> None:
    for key in ("dev/network.tfstate", "prod/network.tfstate", "account/wealist.tfstate"):
        assert allows(plan, "s3:GetObject", f"{STATES}/{key}")
        assert not allows(plan, "s3:PutObject", f"{STATES}/{key}")
        assert not allows(plan, "s3:DeleteObject", f"{STATES}/{key}")
        for verb in ("GetObject", "PutObject", "DeleteObject"):
            assert allows(plan, f"s3:{verb}", f"{STATES}/{key}.tflock")
    assert allows(plan, "s3:ListBucket", STATES)


def test_an_apply_writes_states_but_cannot_delete_one_nor_touch_their_bucket(apply: set[Grant]) -> None:
    for key in ("dev/network.tfstate", "prod/network.tfstate", "account/wealist.tfstate"):
        assert allows(apply, "s3:PutObject", f"{STATES}/{key}")
        assert not allows(apply, "s3:DeleteObject", f"{STATES}/{key}")
        assert not allows(apply, "s3:DeleteObjectVersion", f"{STATES}/{key}")
        assert allows(apply, "s3:DeleteObject", f"{STATES}/{key}.tflock")
    for verb in ("DeleteBucket", "DeleteBucketPolicy", "PutBucketPolicy", "PutBucketVersioning",
                 "PutBucketPublicAccessBlock", "PutLifecycleConfiguration", "PutEncryptionConfiguration"):  # fmt: skip
        assert allows(apply, f"s3:{verb}", BUCKET)
        assert not allows(apply, f"s3:{verb}", STATES)


def test_a_plan_changes_nothing(plan: set[Grant]) -> None:
    reads = ("Get", "List", "Describe", "BatchGet", "Decrypt")
    beyond = {grant for grant in plan if not grant.action.partition(":")[2].startswith(reads)}
    assert {(grant.action, grant.resource) for grant in beyond} == {
        ("s3:PutObject", f"{STATES}/*.tflock"),
        ("s3:DeleteObject", f"{STATES}/*.tflock"),
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
