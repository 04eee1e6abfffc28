"""What may not be destroyed cannot be, and what may be leaves nothing behind that would stop it."""

from typing import Any, Final

from tests.synthesized import Resource, Stack
from wealist.spec.stateful import is_stateful

PARAMETER: Final = "aws_ssm_parameter"
WRITTEN_AGAIN: Final = {
    "db/endpoint", "db/port", "db/user_db_name", "db/user_db_user", "db/board_db_name", "db/board_db_user",
    "cache/redis_host", "cache/redis_port",
}  # fmt: skip
"""Parameters that an apply writes again as they were, but for the endpoint of an external database."""


def prevented(resource: Resource) -> bool:
    """Whether Terraform refuses to destroy a resource."""
    lifecycle: dict[str, Any] = resource.get("lifecycle", {})
    return lifecycle.get("prevent_destroy", False) is True


def stateful(stack: Stack) -> list[Resource]:
    return [each for each in stack.resources.values() if is_stateful(each.address.partition(".")[0], each)]


def written_again(stack: Stack, parameter: Resource) -> bool:
    """Whether an apply would write a parameter as it was; else its value exists nowhere else."""
    _, _, path = parameter["name"].removeprefix("/").split("/", 2)
    return path in WRITTEN_AGAIN and (path != "db/endpoint" or bool(stack.all("aws_db_instance")))


def test_prod_lasts_and_dev_does_not(prod: Stack, dev: Stack) -> None:
    assert all(prevented(resource) for resource in stateful(prod))
    assert not any(prevented(resource) for resource in stateful(dev))
    # Buckets, repositories, the key, Redis, the data of monitoring, flow logs, parameters; the database and its two log
    # groups where it is managed.
    assert len(stateful(prod)) == 6 + 2 + 1 + 1 + 1 + 1 + 7
    assert len(stateful(dev)) == 6 + 2 + 1 + 1 + 1 + 1 + 6 + 3


def test_of_parameters_those_are_stateful_that_no_apply_writes_again(whole: tuple[Stack, bool]) -> None:
    stack, _ = whole
    kept = {parameter.address for parameter in stack.all(PARAMETER) if not written_again(stack, parameter)}
    assert {each.address for each in stateful(stack) if each.address.startswith(PARAMETER)} == kept


def test_terraform_refuses_to_destroy_exactly_what_is_stateful_where_it_must_last(whole: tuple[Stack, bool]) -> None:
    """Beside it, where the database is: an operator writes that parameter while the database is made by hand."""
    stack, may_be_destroyed = whole
    refused = {resource.address for resource in stack.resources.values() if prevented(resource)}
    expected = {resource.address for resource in stateful(stack)} | {"aws_ssm_parameter.parameters_db_endpoint"}
    assert refused == (set() if may_be_destroyed else expected)


def test_the_database_refuses_deletion_and_leaves_a_snapshot_where_it_must_last(
    whole: tuple[Stack, bool], name: str
) -> None:
    stack, may_be_destroyed = whole
    instance = stack.only("aws_db_instance")
    assert instance["deletion_protection"] is not may_be_destroyed
    assert instance["skip_final_snapshot"] is may_be_destroyed
    assert instance.get("final_snapshot_identifier") == (None if may_be_destroyed else f"wealist-{name}-rds-final")
    assert instance["delete_automated_backups"] is may_be_destroyed


def test_redis_leaves_a_snapshot_where_it_must_last(whole: tuple[Stack, bool], name: str) -> None:
    stack, may_be_destroyed = whole
    group = stack.only("aws_elasticache_replication_group")
    assert group.get("final_snapshot_identifier") == (None if may_be_destroyed else f"wealist-{name}-redis-final")


def test_an_apply_does_what_its_plan_says_and_leaves_nothing_for_the_night(whole: tuple[Stack, bool]) -> None:
    stack, _ = whole
    for kind in ("aws_db_instance", "aws_elasticache_replication_group"):
        assert stack.only(kind)["apply_immediately"] is True


def test_the_load_balancer_refuses_deletion_where_it_must_last(whole: tuple[Stack, bool]) -> None:
    stack, may_be_destroyed = whole
    assert stack.only("aws_lb")["enable_deletion_protection"] is not may_be_destroyed


def test_buckets_and_repositories_are_emptied_only_where_they_may_go(whole: tuple[Stack, bool]) -> None:
    stack, may_be_destroyed = whole
    assert {bucket["force_destroy"] for bucket in stack.all("aws_s3_bucket")} == {may_be_destroyed}
    assert {repository["force_delete"] for repository in stack.all("aws_ecr_repository")} == {may_be_destroyed}


def test_a_key_scheduled_for_deletion_can_be_had_back_for_a_month(whole: tuple[Stack, bool]) -> None:
    stack, _ = whole
    key = stack.only("aws_kms_key")
    assert key["deletion_window_in_days"] == 30
    assert key["enable_key_rotation"] is True


def test_a_passing_environment_has_nothing_that_stops_its_destruction(whole: tuple[Stack, bool]) -> None:
    stack, may_be_destroyed = whole
    brakes = ("deletion_protection", "enable_deletion_protection", "skip_destroy", "retain_on_delete")
    pulled = [each.address for each in stack.resources.values() for brake in brakes if each.get(brake) is True]
    assert bool(pulled) is not may_be_destroyed


def test_what_all_environments_share_is_never_destroyed(account: Stack) -> None:
    assert prevented(account.only("aws_route53_zone"))
    assert prevented(account.only("aws_iam_openid_connect_provider"))
    assert all(prevented(resource) for resource in stateful(account))


def test_secrets_that_exist_nowhere_else_are_never_destroyed(prod: Stack, dev: Stack) -> None:
    secrets = prod.all(PARAMETER, type="SecureString")
    assert len(secrets) == 6
    assert [parameter.address for parameter in secrets if not prevented(parameter)] == []
    assert [parameter.address for parameter in dev.all(PARAMETER) if prevented(parameter)] == []


def test_what_an_operator_wrote_is_never_destroyed_be_it_secret_or_not(prod: Stack) -> None:
    assert prevented(prod.only(PARAMETER, name="/wealist/prod/db/endpoint"))


def test_what_an_apply_writes_again_may_go(prod: Stack) -> None:
    assert not [each.address for each in prod.all(PARAMETER) if written_again(prod, each) and prevented(each)]
