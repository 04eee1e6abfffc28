"""What instances read when they start is there: values that are known, generated, an operator's, or AWS's own."""

from typing import Any

import pytest

from tests.integration.applied.everything import Applied

pytestmark = pytest.mark.integration

GENERATED = ("db/user_db_password", "db/board_db_password", "jwt/jwt_secret", "cache/redis_auth_token")
OPERATORS = ("oauth/google_client_id", "oauth/google_client_secret")
PLAIN = {
    "db/port": "5432",
    "db/user_db_name": "wealist_user_db",
    "db/user_db_user": "user_service",
    "db/board_db_name": "wealist_board_db",
    "db/board_db_user": "board_service",
    "cache/redis_port": "6379",
}
ENDPOINTS = ("db/endpoint", "cache/redis_host")


def parameters(applied: Applied, name: str) -> dict[str, dict[str, Any]]:
    """Path below the environment → parameter, decrypted as an instance reads it."""
    ssm = applied.client("ssm")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=f"/wealist/{name}/", Recursive=True, WithDecryption=True
    )
    found = [parameter for page in pages for parameter in page["Parameters"]]
    return {parameter["Name"].removeprefix(f"/wealist/{name}/"): parameter for parameter in found}


def test_instances_find_every_parameter_that_they_read_at_start(applied: Applied, name: str) -> None:
    assert parameters(applied, name).keys() == {*GENERATED, *OPERATORS, *PLAIN, *ENDPOINTS}


def test_what_is_secret_is_encrypted_and_the_rest_is_not(applied: Applied, name: str) -> None:
    types = {path: parameter["Type"] for path, parameter in parameters(applied, name).items()}
    secret = {*GENERATED, *OPERATORS}
    assert types == {path: "SecureString" if path in secret else "String" for path in types}


def test_known_values_are_the_documented_ones(applied: Applied, name: str) -> None:
    found = parameters(applied, name)
    assert {path: found[path]["Value"] for path in PLAIN} == PLAIN


def test_generated_secrets_are_long_and_all_different(applied: Applied) -> None:
    values = [parameters(applied, name)[path]["Value"] for name in ("dev", "prod") for path in GENERATED]
    assert min(map(len, values)) >= 40
    assert len(set(values)) == len(values)


def test_what_only_an_operator_knows_waits_for_them(applied: Applied, name: str) -> None:
    found = parameters(applied, name)
    assert {found[path]["Value"] for path in OPERATORS} == {"unset"}


def test_services_find_redis_and_devs_database_where_aws_says_they_are(applied: Applied, name: str) -> None:
    elasticache, rds = applied.client("elasticache"), applied.client("rds")
    (group,) = elasticache.describe_replication_groups(ReplicationGroupId=f"wealist-{name}-redis")["ReplicationGroups"]
    found = parameters(applied, name)
    assert found["cache/redis_host"]["Value"] == group["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    instances = rds.describe_db_instances()["DBInstances"]
    database = {each["DBInstanceIdentifier"]: each["Endpoint"]["Address"] for each in instances}
    assert found["db/endpoint"]["Value"] == database.get(f"wealist-{name}-rds", "unset")
