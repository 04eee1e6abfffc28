"""Section 5 of the architecture: PostgreSQL, external in prod and managed in dev, and its parameters."""

from typing import Final

import pytest

from tests.routing import subnet_names
from tests.synthesized import Resource, Stack, environment, synthesized
from wealist.spec.environment import ManagedDatabase

PARAMETERS: Final = {
    "port": "5432",
    "user_db_name": "wealist_user_db",
    "user_db_user": "user_service",
    "board_db_name": "wealist_board_db",
    "board_db_user": "board_service",
}
PASSWORDS: Final = ("user_db_password", "board_db_password")


@pytest.fixture(scope="module")
def managed(name: str) -> Stack:
    """An environment with a managed database: dev, and prod with a changed setting."""
    database = environment(name).database if name == "dev" else ManagedDatabase()
    return synthesized(environment(name, database=database))


def parameter(stack: Stack, name: str, path: str) -> Resource:
    return stack.only("aws_ssm_parameter", name=f"/wealist/{name}/db/{path}")


def test_the_database_of_prod_is_external_and_that_of_dev_managed(prod: Stack, dev: Stack) -> None:
    assert not [each for each in prod.resources.values() if each.type in {"aws_db_instance", "aws_db_parameter_group"}]
    assert dev.only("aws_db_instance", identifier="wealist-dev-rds")


def test_the_database_is_in_the_three_private_subnets_with_its_security_group(name: str, stack: Stack) -> None:
    group = stack.only("aws_db_subnet_group", name=f"wealist-{name}-db-subnet-group")
    assert subnet_names(stack, group, "subnet_ids") == [f"private-subnet-{number}" for number in (1, 2, 3)]
    assert stack.only("aws_security_group", name=f"wealist-{name}-rds-sg")


def test_the_database_is_postgresql_17_on_db_t3_micro_and_port_5432(name: str, managed: Stack) -> None:
    instance = managed.only("aws_db_instance", identifier=f"wealist-{name}-rds")
    assert (instance["engine"], instance["engine_version"].split(".")[0]) == ("postgres", "17")
    assert (instance["instance_class"], instance["port"]) == ("db.t3.micro", 5432)


def test_parameters_hold_the_databases_and_users(name: str, stack: Stack) -> None:
    assert {path: parameter(stack, name, path)["value"] for path in PARAMETERS} == PARAMETERS


def test_a_parameter_holds_the_endpoint_which_an_operator_sets_for_an_external_database(
    prod: Stack, dev: Stack
) -> None:
    assert parameter(prod, "prod", "endpoint")["value_wo"] == "unset"
    instance = dev.only("aws_db_instance")
    assert parameter(dev, "dev", "endpoint")["value"] == f"${{{instance.address}.address}}"


@pytest.mark.parametrize("path", PASSWORDS)
def test_encrypted_parameters_hold_the_passwords(name: str, stack: Stack, path: str) -> None:
    found = parameter(stack, name, path)
    assert (found["type"], stack.target(found, "key_id").address) == ("SecureString", stack.only("aws_kms_key").address)
