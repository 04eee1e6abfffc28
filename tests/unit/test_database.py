"""PostgreSQL: requirements of RDS for a managed database, and effects of settings."""

import pytest

from tests.synthesized import Stack, all_changed, environment, synthesized
from tests.windows import minutes, starts_before
from wealist.spec.environment import ManagedDatabase


@pytest.fixture(scope="module")
def managed() -> Stack:
    """Production with a managed database."""
    return synthesized(environment("prod", database=ManagedDatabase()))


@pytest.fixture(scope="module")
def sized() -> Stack:
    """The same with nearly all settings changed."""
    return synthesized(all_changed("prod"))


@pytest.fixture(scope="module")
def external(name: str) -> Stack:
    """An environment with an external database: prod, and dev with changed settings."""
    return synthesized(environment(name) if name == "prod" else all_changed(name))


def test_for_an_external_database_only_its_subnet_group_and_security_group_are_created(
    external: Stack, name: str
) -> None:
    made = {each.type for each in external.resources.values() if each.type.startswith(("aws_db_", "aws_rds_"))}
    # Event subscriptions belong to the alerts.
    assert made - {"aws_db_event_subscription"} == {"aws_db_subnet_group"}
    assert external.only("aws_security_group", name=f"wealist-{name}-rds-sg")


def test_a_database_is_not_replaced_after_a_failover_to_another_zone(managed: Stack) -> None:
    # Terraform would replace the instance to change its zone.
    assert managed.only("aws_db_instance")["lifecycle"]["ignore_changes"] == ["availability_zone"]


def test_clients_must_log_in_with_scram(managed: Stack) -> None:
    group = managed.target(managed.only("aws_db_instance"), "parameter_group_name")
    settings = {setting["name"]: setting["value"] for setting in group["parameter"]}
    assert settings["rds.accepted_password_auth_method"] == "scram"
    assert settings["password_encryption"] == "scram-sha-256"


def test_a_new_major_version_has_its_own_parameter_group(sized: Stack) -> None:
    instance = sized.only("aws_db_instance", engine_version="18.1")
    group = sized.target(instance, "parameter_group_name")
    assert (group["family"], group["name"]) == ("postgres18", "wealist-prod-postgres18")
    # The old one is still in use until the instance is upgraded.
    assert group["lifecycle"]["create_before_destroy"] is True


def test_log_groups_are_created_before_the_database(managed: Stack) -> None:
    instance = managed.only("aws_db_instance")
    identifier = instance["identifier"]
    groups = {
        managed.only("aws_cloudwatch_log_group", name=f"/aws/rds/instance/{identifier}/{log}").address
        for log in instance["enabled_cloudwatch_logs_exports"]
    }
    assert groups == set(instance["depends_on"])


def test_the_backup_window_ends_before_the_maintenance_window(managed: Stack) -> None:
    instance = managed.only("aws_db_instance")
    assert minutes(instance["backup_window"]) >= 30
    assert minutes(instance["maintenance_window"]) >= 30
    assert starts_before(instance["backup_window"], instance["maintenance_window"])
