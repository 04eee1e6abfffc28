"""Physical names: the document's own for prod, and AWS's limits for whatever an environment may be called."""

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
def test_prods_names_are_the_documents(name: str, documented: str) -> None:
    assert name == documented


def test_the_buckets_of_every_other_environment_end_with_its_name() -> None:
    assert Names("dev").frontend_bucket == "wealist-frontend-dev"


@settings(deadline=None, max_examples=50)  # a slow machine is no counterexample
@given(WORD, WORD)
def test_two_environments_share_no_name(one: str, other: str) -> None:
    def names(environment: str) -> set[str]:
        return {name for _, name in Names(environment).limited(SERVICES)}

    assert one == other or not names(one) & names(other)


@settings(deadline=None, max_examples=50)  # a slow machine is no counterexample
@given(ANY_NAME)
def test_a_name_that_passes_the_rules_makes_only_names_that_aws_takes(name: str) -> None:
    environment = build(name=name)
    if [*name_is_a_dns_label(environment), *physical_names_fit_aws_limits(environment)]:
        return
    assert not [made for kind, made in Names(name).limited(SERVICES) if LIMITS[kind].problem(made)]


@settings(deadline=None, max_examples=50)  # a slow machine is no counterexample
@given(WORD)
def test_every_word_of_up_to_ten_letters_passes_the_limits(name: str) -> None:
    assert list(physical_names_fit_aws_limits(build(name=name))) == []


def test_every_kind_with_a_limit_has_a_name_held_to_it() -> None:
    assert {kind for kind, _ in PROD.limited(SERVICES)} == set(LIMITS)


@pytest.mark.parametrize(
    ("kind", "taken", "refused"),
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
def test_a_limit_takes_what_aws_takes_and_refuses_what_it_refuses(kind: str, taken: str, refused: str) -> None:
    assert LIMITS[kind].problem(taken) is None
    assert "does not match" in str(LIMITS[kind].problem(refused))


@pytest.mark.parametrize("kind", sorted(LIMITS))
def test_a_limit_counts_characters(kind: str) -> None:
    limit = LIMITS[kind]
    assert limit.problem("a" * limit.length) is None
    problem: Any = limit.problem("a" * (limit.length + 1))
    assert problem.startswith(f"has {limit.length + 1} characters, and AWS accepts {limit.length} at most (https://")


def test_the_longest_name_that_passes_makes_only_names_that_aws_takes_in_the_whole_stack() -> None:
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
