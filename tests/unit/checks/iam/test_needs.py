"""Needs say who, what, where and why; they follow the environment, and cover nothing beyond themselves."""

import pytest

from tests.synthesized import environment, otherwise
from wealist.checks.iam.needs import of_environments, of_pipeline, of_services
from wealist.checks.iam.needs.need import Need, actions, beginnings
from wealist.model.iam.catalog import catalog
from wealist.model.iam.evaluate import Grant

EVERY = [
    *of_pipeline.needs([environment("dev"), environment("prod")]),
    *(need for config in (environment("dev"), otherwise("prod")) for need in of_environments.needs(config)),
    *of_services.needs(environment("prod")),
]
READ = Need(who="r", why="because", actions=("s3:GetObject",), on=("arn:aws:s3:::a/*",))
BOUND = Need(who="r", why="because", actions=("iam:PassRole",), on=("*",), when={"iam:PassedToService": ("ec2.*",)})
TO_EC2 = '{"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}'
TO_BOTH = '{"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}}'


def test_every_need_has_a_reason_an_action_and_a_resource() -> None:
    assert len(EVERY) > 80
    for need in EVERY:
        assert len(need.why) > 10, need
        assert need.actions, need
        assert need.on, need


def test_every_action_that_is_needed_exists() -> None:
    assert [action for need in EVERY for action in need.actions if not catalog().expand(action)] == []


def test_nothing_is_needed_on_everything_but_what_aws_bounds_no_other_way() -> None:
    """An action with a resource of its own is needed on `*` for a reason, by few."""
    anywhere = {need.why.partition(" (")[0] for need in of_environments.needs(otherwise("prod")) if "*" in need.on
                for action in need.actions if catalog().expand(action)[0].arns}  # fmt: skip
    assert {why.partition(";")[0] for why in anywhere} == {
        "Systems Manager's agent",
        "what is launched has no ARN before, so the template bounds it",
    }


def test_needs_follow_the_environment() -> None:
    def who(name: str) -> set[str]:
        return {need.who for need in of_environments.needs(environment(name))}

    assert {role.replace("-dev-", "-prod-") for role in who("dev")} == who("prod")
    copying = {action for need in of_environments.needs(otherwise("prod")) for action in need.actions}
    in_place = {action for need in of_environments.needs(environment("prod")) for action in need.actions}
    assert copying - in_place >= {"ec2:RunInstances", "iam:PassRole", "autoscaling:CreateAutoScalingGroup"}


@pytest.mark.parametrize(
    ("grant", "covered"),
    [
        (Grant("s3:GetObject", "arn:aws:s3:::a/*"), True),
        (Grant("s3:GetObject", "arn:aws:s3:::a/b/*"), True),
        (Grant("s3:GetObject", "arn:aws:s3:::a/b", TO_EC2), True),
        (Grant("s3:GetObject", "arn:aws:s3:::b/*"), False),
        (Grant("s3:GetObject", "*"), False),
        (Grant("s3:GetObject*", "arn:aws:s3:::a/*"), False),
        (Grant("s3:*", "arn:aws:s3:::a/*"), False),
    ],
)
def test_a_need_covers_what_is_as_narrow_as_it_is(grant: Grant, *, covered: bool) -> None:
    assert READ.covers(grant) is covered


@pytest.mark.parametrize(("condition", "covered"), [(TO_EC2, True), (TO_BOTH, False), ("", False)])
def test_a_need_with_a_condition_covers_what_is_held_to_it(condition: str, *, covered: bool) -> None:
    assert BOUND.covers(Grant("iam:PassRole", "x", condition)) is covered


def test_a_beginning_is_a_whole_word_at_least() -> None:
    assert set(beginnings("ec2:CreateVpcEndpoint")) == {
        "ec2:CreateVpcEndpoint", "ec2:Create*", "ec2:CreateVpc*", "ec2:CreateVpcEndpoint*",
    }  # fmt: skip
    need = Need(who="r", why="because", actions=("ec2:CreateVpc",), on=("*",), by_beginning=True)
    assert need.covers(Grant("ec2:Create*", "*"))
    for wider in ("ec2:*", "ec2:C*", "ec2:Cre*", "ec2:Delete*", "rds:Create*", "*"):
        assert not need.covers(Grant(wider, "*"))


def test_actions_are_written_service_by_service() -> None:
    assert actions("ecr: PutImage BatchGetImage  kms: Decrypt") == ("ecr:PutImage", "ecr:BatchGetImage", "kms:Decrypt")
