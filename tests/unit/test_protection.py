"""Protected environments cannot be destroyed; nothing prevents the destruction of others."""

from typing import Final

from tests.synthesized import Resource, Stack
from wealist.model.types import data_lost

WRITTEN_AGAIN: Final = {
    "db/endpoint", "db/port", "db/user_db_name", "db/user_db_user", "db/board_db_name", "db/board_db_user",
    "cache/redis_host", "cache/redis_port",
}  # fmt: skip
"""Parameters that an apply can write again, except the endpoint of an external database."""
BRAKES: Final = ("deletion_protection", "enable_deletion_protection", "skip_destroy", "retain_on_delete")
Whole = tuple[Stack, bool]
"""An environment with every stateful part, and whether it may be destroyed."""


def stateful(stack: Stack) -> set[str]:
    return {address for address, each in stack.resources.items() if data_lost(each.type, each.values)}


def written_again(stack: Stack, parameter: Resource) -> bool:
    """Whether an apply would write the same value again. Otherwise, the parameter is its only copy."""
    path = parameter["name"].split("/", 3)[3]
    return path in WRITTEN_AGAIN and (path != "db/endpoint" or bool(stack.all("aws_db_instance")))


def test_only_parameters_that_no_apply_writes_again_are_stateful(whole: Whole, prod: Stack) -> None:
    for stack in (whole[0], prod):
        parameters = stack.all("aws_ssm_parameter")
        kept = {each.address for each in parameters if not written_again(stack, each)}
        assert kept == stateful(stack) & {each.address for each in parameters}


def test_a_destroyable_environment_has_no_deletion_protection(whole: Whole) -> None:
    stack, may_be_destroyed = whole
    pulled = [each.address for each in stack.resources.values() for brake in BRAKES if each.get(brake) is True]
    assert bool(pulled) is not may_be_destroyed


def test_only_destroyable_buckets_and_repositories_are_emptied(whole: Whole) -> None:
    stack, may_be_destroyed = whole
    assert {bucket["force_destroy"] for bucket in stack.all("aws_s3_bucket")} == {may_be_destroyed}
    assert {repository["force_delete"] for repository in stack.all("aws_ecr_repository")} == {may_be_destroyed}


def test_changes_of_databases_are_applied_immediately(whole: Whole) -> None:
    for kind in ("aws_db_instance", "aws_elasticache_replication_group"):
        assert whole[0].only(kind)["apply_immediately"] is True
