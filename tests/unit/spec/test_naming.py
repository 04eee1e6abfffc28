"""Physical names: the document's for prod, and AWS's limits for any environment."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.synthesized import synthesized
from tests.unit.spec.builders import build
from wealist.spec.naming import ECR_REGISTRY, LIMITS, Names
from wealist.spec.rules.names import name_is_a_dns_label, physical_names_fit_aws_limits
from wealist.spec.services import BOARD_SERVICE, USER_SERVICE

SERVICES = (USER_SERVICE, BOARD_SERVICE)
ANY_NAME = st.text(min_size=1, max_size=20) | st.from_regex(r"[a-z0-9-]{1,14}", fullmatch=True)
WORD = st.from_regex(r"[a-z][a-z0-9]{0,9}", fullmatch=True)

PROD = Names("prod")


@pytest.mark.parametrize(
    ("name", "documented"),
    [
        (PROD("public-subnet-1"), "wealist-prod-public-subnet-1"),
        (PROD("rds"), "wealist-prod-rds"),
        (PROD("redis"), "wealist-prod-redis"),
        (PROD("ec2-role"), "wealist-prod-ec2-role"),
        (PROD(USER_SERVICE.full_name), "wealist-prod-user-service"),
        (PROD(BOARD_SERVICE.full_name), "wealist-prod-board-service"),
        (PROD.frontend_bucket, "wealist-frontend"),
        (PROD.codedeploy_artifacts_bucket, "wealist-codedeploy-artifacts"),
        (PROD.app_artifacts_bucket, "wealist-app-artifacts"),
        (PROD.deploy_scripts_bucket, "wealist-deploy-scripts"),
        (PROD.app_resources_bucket, "wealist-app-resources"),
        (PROD.parameter("db/endpoint"), "/wealist/prod/db/endpoint"),
        (ECR_REGISTRY, "290008131187.dkr.ecr.ap-northeast-2.amazonaws.com"),
    ],
)
def test_names_of_prod_are_those_of_the_document(name: str, documented: str) -> None:
    assert name == documented


def test_bucket_names_of_other_environments_end_with_their_name() -> None:
    assert Names("dev").frontend_bucket == "wealist-frontend-dev"


@settings(deadline=None, max_examples=20)  # a slow machine is no counterexample
@given(WORD, WORD)
def test_two_environments_have_no_common_name(one: str, other: str) -> None:
    def names(environment: str) -> set[str]:
        return {name for _, name in Names(environment).limited(SERVICES)}

    assert one == other or not names(one) & names(other)


@settings(deadline=None, max_examples=20)  # a slow machine is no counterexample
@given(ANY_NAME)
def test_every_name_of_a_valid_environment_is_valid_in_aws(name: str) -> None:
    environment = build(name=name)
    if [*name_is_a_dns_label(environment), *physical_names_fit_aws_limits(environment)]:
        return
    assert not [made for kind, made in Names(name).limited(SERVICES) if LIMITS[kind].problem(made)]


@settings(deadline=None, max_examples=20)  # a slow machine is no counterexample
@given(WORD)
def test_every_word_of_up_to_ten_letters_is_within_the_limits(name: str) -> None:
    assert list(physical_names_fit_aws_limits(build(name=name))) == []


def test_every_limit_is_checked() -> None:
    assert {kind for kind, _ in PROD.limited(SERVICES)} == set(LIMITS)


@pytest.mark.parametrize(
    ("kind", "accepted", "rejected"),
    [
        ("load_balancer", "wealist-prod-alb", "internal-alb"),
        ("load_balancer", "a", "-alb"),
        ("target_group", "wealist-prod-user-tg", "user_tg"),
        ("target_group", "a1", "user-"),
        ("bucket", "wealist-frontend", "Wealist-frontend"),
        ("bucket", "abc", "ab"),
        ("db_instance", "wealist-prod-rds", "wealist--rds"),
        ("db_instance", "r1", "1rds"),
        ("replication_group", "wealist-prod-redis", "redis-"),
        ("role", "wealist-prod-ec2-role", "ec2 role"),
        ("policy", "a+=,.@-_", "policy/one"),
        ("security_group", "wealist-prod-alb-sg", "sg-alb"),
        ("auto_scaling_group", "wealist prod", "a:b"),
        ("launch_template", "wealist-prod-lt", "lt"),
        ("repository", "wealist-prod-user-service", "user--service"),
    ],
)
def test_a_limit_accepts_and_rejects_the_same_names_as_aws(kind: str, accepted: str, rejected: str) -> None:
    assert LIMITS[kind].problem(accepted) is None
    assert "does not match" in str(LIMITS[kind].problem(rejected))


@pytest.mark.parametrize("kind", sorted(LIMITS))
def test_a_limit_counts_characters(kind: str) -> None:
    limit = LIMITS[kind]
    assert limit.problem("a" * limit.length) is None
    problem: Any = limit.problem("a" * (limit.length + 1))
    assert problem.startswith(f"has {limit.length + 1} characters, and AWS accepts {limit.length} at most (https://")


@pytest.mark.exhaustive  # synthesizes a further environment
def test_with_the_longest_valid_name_every_name_in_the_stack_is_valid_in_aws() -> None:
    stack = synthesized(build(name="tenletters"))
    kinds = {
        "aws_lb": ("load_balancer", "name"),
        "aws_lb_target_group": ("target_group", "name"),
        "aws_s3_bucket": ("bucket", "bucket"),
        "aws_db_instance": ("db_instance", "identifier"),
        "aws_elasticache_replication_group": ("replication_group", "replication_group_id"),
        "aws_iam_role": ("role", "name"),
        "aws_iam_policy": ("policy", "name"),
        "aws_security_group": ("security_group", "name"),
        "aws_autoscaling_group": ("auto_scaling_group", "name"),
        "aws_launch_template": ("launch_template", "name"),
        "aws_codedeploy_app": ("application", "name"),
        "aws_ecr_repository": ("repository", "name"),
    }
    assert {kind for kind, _ in kinds.values()} == set(LIMITS)
    made = [(kind, each[field]) for type_, (kind, field) in kinds.items() for each in stack.all(type_)]
    assert {kind for kind, _ in made} == set(LIMITS)
    assert [problem for kind, name in made if (problem := LIMITS[kind].problem(name))] == []
