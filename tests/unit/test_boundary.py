"""The permissions boundary: every role of an environment is under it, and an apply cannot get around it."""

import functools
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.policies import Grant, allows, exists, grants, grants_of
from tests.synthesized import Stack, environment, otherwise, synthesized
from wealist.stacks.account import AccountStack
from wealist.toolkit.synthesis import synthesize

if TYPE_CHECKING:
    from cdktf import App

ACCOUNT: Final = "290008131187"
NAME: Final = "wealist-terraform-boundary"
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/{NAME}"
APPLY: Final = "wealist-terraform-apply-role"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/wealist-prod-ec2-role"
POLICY: Final = f"arn:aws:iam::{ACCOUNT}:policy/wealist-prod-s3-policy"
ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
TO_EC2: Final = {"PassedToService": "ec2.amazonaws.com"}
WITHOUT_A_KEY: Final = {
    "iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
    "iam:UpdateRoleDescription",
}  # fmt: skip
"""What IAM offers no key of the boundary for; none gives a role a right that it lacks."""


@functools.cache
def account_of(**deployments: str) -> Stack:
    """The account stack where environments deploy so: `account_of(dev="blue_green")`."""
    configs = [environment(name, deployment=deployments.get(name, "in_place")) for name in ("dev", "prod")]

    def build(app: "App") -> None:
        AccountStack(app, environments=configs)

    with tempfile.TemporaryDirectory() as folder:
        (path,) = synthesize(build, Path(folder) / "out")
        return Stack(json.loads(path.read_text()))


def deploying(name: str, deployment: str) -> Stack:
    """An environment's stack with either kind of deployment: as committed, or with all else changed besides."""
    (config,) = (each for each in (environment(name), otherwise(name)) if each.deployment == deployment)
    return synthesized(config)


def bound(account: Stack) -> set[Grant]:
    """All that the boundary lets through."""
    return grants(account.only("aws_iam_policy", name=NAME)["policy"])


def of_every_role(stacks: Iterable[Stack]) -> set[Grant]:
    """All that the environments' roles may do, by policies of their own and inline."""
    return {
        grant
        for stack in stacks
        for kind in ("aws_iam_policy", "aws_iam_role_policy")
        for policy in stack.all(kind)
        for grant in grants(policy["policy"])
    }


@pytest.fixture(scope="module", params=["in_place", "blue_green"])
def deployment(request: pytest.FixtureRequest) -> str:
    """Either kind of deployment: a test that asks for it runs for each."""
    return str(request.param)


@pytest.fixture(scope="module")
def both(deployment: str) -> tuple[set[Grant], set[Grant]]:
    """What the boundary lets through, and what the roles of both environments ask for."""
    stacks = [deploying(name, deployment) for name in ("dev", "prod")]
    return bound(account_of(dev=deployment, prod=deployment)), of_every_role(stacks)


@pytest.fixture(scope="module")
def apply(account: Stack) -> set[Grant]:
    return grants_of(account, APPLY)


def test_every_role_of_every_environment_carries_the_accounts_boundary(name: str, deployment: str) -> None:
    roles = deploying(name, deployment).all("aws_iam_role")
    assert len(roles) == 4
    assert [role["name"] for role in roles if role.get("permissions_boundary") != BOUNDARY] == []


def test_the_boundary_is_a_policy_of_the_account_and_gives_nobody_anything(account: Stack) -> None:
    policy = account.only("aws_iam_policy", name=NAME)
    # Environments name it by its ARN, which a path would be part of.
    assert "path" not in policy
    assert not account.pointing_at(policy, "aws_iam_role_policy_attachment", "policy_arn")
    assert policy["tags"] == {"Name": NAME}


def test_the_pipelines_own_roles_are_not_under_it(account: Stack) -> None:
    assert not [role["name"] for role in account.all("aws_iam_role") if "permissions_boundary" in role]


def test_the_boundary_lets_through_all_that_the_roles_may_do(both: tuple[set[Grant], set[Grant]]) -> None:
    boundary, asked = both
    assert len(asked) > 100
    # A refusal would not be seen in a plan: the role would fail where it works.
    assert not [grant for grant in asked if not allows(boundary, grant.action, grant.resource, **TO_EC2)]


@pytest.mark.exhaustive
def test_the_boundary_lets_through_no_action_that_no_role_has(both: tuple[set[Grant], set[Grant]]) -> None:
    boundary, asked = both
    assert {grant.action for grant in boundary} == {grant.action for grant in asked}
    assert not [action for action, *_ in boundary if "*" in action or not exists(action)]
    assert {grant.effect for grant in boundary} == {"Allow"}


def test_nothing_of_iam_is_let_through(account: Stack) -> None:
    assert {grant.action.partition(":")[0] for grant in bound(account)}.isdisjoint({"iam", "sts", "organizations"})


@pytest.mark.exhaustive
@pytest.mark.parametrize("copying", [["dev"], ["prod"], ["dev", "prod"]])
def test_where_groups_are_copied_their_instances_roles_are_passed_to_ec2_and_no_others(copying: list[str]) -> None:
    boundary = bound(account_of(**dict.fromkeys(copying, "blue_green")))
    assert {grant for grant in boundary if grant.action.startswith("iam:")} == {
        Grant(
            "iam:PassRole",
            f"arn:aws:iam::{ACCOUNT}:role/wealist-{name}-ec2-role",
            '{"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}',
        )
        for name in copying
    }
    # With any role of the account, instances could be started as its administrator.
    assert not allows(boundary, "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/administrator", **TO_EC2)


def test_the_boundary_is_no_longer_than_iam_takes(deployment: str) -> None:
    policy = account_of(dev=deployment, prod=deployment).only("aws_iam_policy", name=NAME)["policy"]
    assert len(policy.replace(" ", "")) <= 6144


@pytest.mark.parametrize(
    "action",
    ["CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy",
     "DetachRolePolicy"],
)  # fmt: skip
def test_an_apply_makes_and_fills_roles_only_under_the_boundary(apply: set[Grant], action: str) -> None:
    assert allows(apply, f"iam:{action}", ROLE, PolicyARN=POLICY, PermissionsBoundary=BOUNDARY)
    assert not allows(apply, f"iam:{action}", ROLE, PolicyARN=POLICY)
    for another in (POLICY, ADMINISTRATOR, f"{BOUNDARY}-2", BOUNDARY.replace(ACCOUNT, "111122223333")):
        assert not allows(apply, f"iam:{action}", ROLE, PolicyARN=POLICY, PermissionsBoundary=another)


@pytest.mark.parametrize("action", ["AttachRolePolicy", "DetachRolePolicy"])
def test_an_apply_attaches_policies_of_this_project_alone(apply: set[Grant], action: str) -> None:
    others = (ADMINISTRATOR, POLICY.replace("wealist-", "another-"), POLICY.replace(ACCOUNT, "111122223333"))
    for policy in others:
        assert not allows(apply, f"iam:{action}", ROLE, PolicyARN=policy, PermissionsBoundary=BOUNDARY)
    assert not allows(apply, f"iam:{action}", ROLE, PermissionsBoundary=BOUNDARY)


def test_an_apply_cannot_change_nor_delete_the_boundary(apply: set[Grant]) -> None:
    for verb in ("CreatePolicy", "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "TagPolicy"):
        assert allows(apply, f"iam:{verb}", POLICY)
        assert not allows(apply, f"iam:{verb}", BOUNDARY)
    assert not allows(apply, "iam:SetDefaultPolicyVersion", BOUNDARY)


def test_an_apply_cannot_take_a_role_from_under_the_boundary(apply: set[Grant]) -> None:
    for context in ({}, {"PermissionsBoundary": BOUNDARY}):
        assert not allows(apply, "iam:DeleteRolePermissionsBoundary", ROLE, **context)


def test_an_apply_gives_roles_nothing_that_is_not_held_to_the_boundary(apply: set[Grant]) -> None:
    reads = ("iam:Get", "iam:List", "iam:PassRole", "iam:CreateServiceLinkedRole")
    on_roles = {
        grant
        for grant in apply
        if grant.action.startswith("iam:") and grant.effect == "Allow" and ":role/" in grant.resource
        if not grant.action.startswith(reads)
    }
    assert {grant.action for grant in on_roles if "iam:PermissionsBoundary" not in grant.condition} == WITHOUT_A_KEY
    assert {grant.resource for grant in on_roles} == {f"arn:aws:iam::{ACCOUNT}:role/wealist-*"}


def test_an_apply_can_make_every_role_of_every_environment(apply: set[Grant], stack: Stack) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}"
    attached = 0
    for role in stack.all("aws_iam_role"):
        own, under = f"{arn}:role/{role['name']}", {"PermissionsBoundary": role["permissions_boundary"]}
        for verb in ("CreateRole", "PutRolePermissionsBoundary", "PutRolePolicy", "TagRole", "DeleteRole"):
            assert allows(apply, f"iam:{verb}", own, **under)
        for policy in stack.policies(role["name"]):
            attached += 1
            assert allows(apply, "iam:CreatePolicy", f"{arn}:policy/{policy}")
            assert allows(apply, "iam:AttachRolePolicy", own, PolicyARN=f"{arn}:policy/{policy}", **under)
    assert attached == 7
