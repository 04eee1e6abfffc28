"""The permissions boundary of the environments' roles."""

from typing import Final

import pytest

from tests.policies import Grant, allows, grants
from tests.synthesized import Stack, account_of, environment

NAME: Final = "wealist-terraform-boundary"
ROLES: Final = "arn:aws:iam::290008131187:role"


def account(*copying: str) -> Stack:
    """Return the account stack; the named environments use blue/green deployments."""
    deployments = {name: "blue_green" if name in copying else "in_place" for name in ("dev", "prod")}
    return account_of(*(environment(name, deployment=chosen) for name, chosen in deployments.items()))


@pytest.mark.parametrize("copying", [(), ("dev", "prod")], ids=["in_place", "blue_green"])
def test_the_boundary_is_within_the_size_limit_of_iam(copying: tuple[str, ...]) -> None:
    policy = account(*copying).only("aws_iam_policy", name=NAME)["policy"]
    assert len(policy.replace(" ", "")) <= 6144


def test_the_boundary_is_attached_to_no_role_and_has_no_path() -> None:
    policy = account().only("aws_iam_policy", name=NAME)
    # A path would be part of the ARN.
    assert "path" not in policy
    assert not account().pointing_at(policy, "aws_iam_role_policy_attachment", "policy_arn")


def test_roles_of_the_pipeline_have_no_boundary() -> None:
    assert not [role["name"] for role in account().all("aws_iam_role") if "permissions_boundary" in role]


@pytest.mark.exhaustive
@pytest.mark.parametrize("copying", [("dev",), ("prod",), ("dev", "prod")], ids="-".join)
def test_with_blue_green_the_boundary_allows_passing_only_the_instances_roles_to_ec2(
    copying: tuple[str, ...],
) -> None:
    boundary = grants(account(*copying).only("aws_iam_policy", name=NAME)["policy"])
    to_ec2 = '{"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}'
    assert {grant for grant in boundary if grant.action.startswith("iam:")} == {
        Grant("iam:PassRole", f"{ROLES}/wealist-{name}-ec2-role", to_ec2) for name in copying
    }
    # Otherwise, instances could be started with the role of an administrator.
    assert not allows(boundary, "iam:PassRole", f"{ROLES}/administrator", PassedToService="ec2.amazonaws.com")
