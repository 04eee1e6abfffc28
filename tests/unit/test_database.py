"""Section 5 of the architecture, on the synthesized JSON: PostgreSQL made by hand, and PostgreSQL made here."""

from typing import Final

import pytest

from tests.synthesized import Stack, address_of, attribute_of, environment, otherwise, synthesized, tags
from wealist.spec.environment import ManagedDatabase

KEY: Final = "aws_kms_key.encryption_key"


@pytest.fixture(scope="module")
def managed(name: str, multi_az: bool) -> Stack:  # noqa: FBT001  a fixture's value
    """An environment whose database Terraform makes: dev as committed, prod by that one setting."""
    database = environment(name).database if name == "dev" else ManagedDatabase()
    return synthesized(environment(name, database=database, enable_multi_az=multi_az))


@pytest.fixture(scope="module")
def external(name: str) -> Stack:
    """An environment whose database is made by hand: prod as committed, dev with its settings changed."""
    return synthesized(environment(name) if name == "prod" else otherwise(name))


@pytest.fixture(scope="module")
def sized() -> Stack:
    """Production with a database that Terraform makes, whose every setting is chosen."""
    return synthesized(otherwise("prod"))


def minutes(time: str) -> int:
    """`17:30` in minutes after midnight."""
    hours, _, rest = time.partition(":")
    return int(hours) * 60 + int(rest)


def test_prod_has_a_database_made_by_hand_and_dev_one_made_here(prod: Stack, dev: Stack) -> None:
    assert prod.all("aws_db_instance") == []
    assert dev.only("aws_db_instance")["identifier"] == "wealist-dev-rds"


def test_of_an_external_database_only_the_subnet_group_and_the_security_group_are_made(
    external: Stack, name: str
) -> None:
    made = {kind for kind in external.document["resource"] if kind.startswith(("aws_db_", "aws_rds_"))}
    assert made == {"aws_db_subnet_group"}
    assert external.only("aws_security_group", name=f"wealist-{name}-rds-sg")


def test_terraform_never_reads_where_an_external_database_is(external: Stack) -> None:
    assert not [address for address in external.data if "_db_" in address]


def test_the_database_may_stand_in_the_private_subnet_of_every_zone(stack: Stack, name: str) -> None:
    group = stack.only("aws_db_subnet_group", name=f"wealist-{name}-db-subnet-group")
    subnets = [stack.at(address) for address in group.refers_to("subnet_ids")]
    assert {(tags(subnet)["Name"], subnet["availability_zone"]) for subnet in subnets} == {
        (f"wealist-{name}-private-subnet-1", "ap-northeast-2a"),
        (f"wealist-{name}-private-subnet-2", "ap-northeast-2c"),
        (f"wealist-{name}-private-subnet-3", "ap-northeast-2d"),
    }
    assert {attribute_of(subnet) for subnet in group["subnet_ids"]} == {"id"}


def test_it_is_the_documented_postgresql(managed: Stack, name: str) -> None:
    instance = managed.only("aws_db_instance")
    assert instance["identifier"] == f"wealist-{name}-rds"
    assert instance["engine"] == "postgres"
    assert instance["engine_version"].split(".")[0] == "17"
    assert instance["instance_class"] == "db.t3.micro"
    assert instance["port"] == 5432


def test_a_single_database_stands_in_zone_a_and_a_standby_is_placed_by_rds(
    managed: Stack,
    multi_az: bool,  # noqa: FBT001
) -> None:
    instance = managed.only("aws_db_instance")
    assert instance["multi_az"] is multi_az
    # RDS refuses to be told a zone for an instance that is to have two.
    assert instance.get("availability_zone") == (None if multi_az else "ap-northeast-2a")


def test_a_database_that_has_failed_over_to_another_zone_is_not_replaced(managed: Stack) -> None:
    # Terraform cannot change the zone of an instance: it would destroy it and make another.
    assert managed.only("aws_db_instance")["lifecycle"]["ignore_changes"] == ["availability_zone"]


def test_it_stands_in_the_private_subnets_behind_its_own_security_group(managed: Stack, name: str) -> None:
    instance = managed.only("aws_db_instance")
    assert managed.target(instance, "db_subnet_group_name").address == managed.only("aws_db_subnet_group").address
    security_group = managed.only("aws_security_group", name=f"wealist-{name}-rds-sg")
    assert instance.refers_to("vpc_security_group_ids") == [security_group.address]
    assert instance["publicly_accessible"] is False


def test_nobody_but_aws_knows_the_master_password(managed: Stack) -> None:
    instance = managed.only("aws_db_instance")
    assert instance["manage_master_user_password"] is True
    assert address_of(instance["master_user_secret_kms_key_id"]) == KEY
    assert not {"password", "password_wo", "password_wo_version"} & set(instance)


def test_everything_it_stores_is_encrypted_with_the_environments_key(managed: Stack) -> None:
    instance = managed.only("aws_db_instance")
    assert instance["storage_encrypted"] is True
    for name in ("kms_key_id", "performance_insights_kms_key_id"):
        assert (address_of(instance[name]), attribute_of(instance[name])) == (KEY, "arn")


def test_clients_must_use_tls(managed: Stack) -> None:
    group = managed.target(managed.only("aws_db_instance"), "parameter_group_name")
    assert group["family"] == "postgres17"
    (forced,) = [setting for setting in group["parameter"] if setting["name"] == "rds.force_ssl"]
    assert forced["value"] == "1"


def test_clients_must_log_in_with_scram(managed: Stack) -> None:
    group = managed.target(managed.only("aws_db_instance"), "parameter_group_name")
    settings = {setting["name"]: setting["value"] for setting in group["parameter"]}
    assert settings["rds.accepted_password_auth_method"] == "scram"
    # Passwords that RDS itself sets, the master's among them, must be ones that it then accepts.
    assert settings["password_encryption"] == "scram-sha-256"


def test_a_new_major_version_brings_its_own_parameter_group(sized: Stack) -> None:
    instance = sized.only("aws_db_instance")
    assert instance["engine_version"] == "18.1"
    group = sized.target(instance, "parameter_group_name")
    assert (group["family"], group["name"]) == ("postgres18", "wealist-prod-postgres18")
    # The old one is still in use until the instance is upgraded.
    assert group["lifecycle"]["create_before_destroy"] is True


def test_its_logs_are_kept_encrypted_and_for_a_limited_time(managed: Stack, name: str) -> None:
    instance = managed.only("aws_db_instance")
    assert set(instance["enabled_cloudwatch_logs_exports"]) == {"postgresql", "upgrade"}
    groups = [managed.only("aws_cloudwatch_log_group", name=f"/aws/rds/instance/wealist-{name}-rds/{log}")
              for log in instance["enabled_cloudwatch_logs_exports"]]  # fmt: skip
    for group in groups:
        assert group["retention_in_days"] == {"dev": 30, "prod": 365}[name]
        assert address_of(group["kms_key_id"]) == KEY
    # Else RDS makes them first, without either.
    assert set(instance["depends_on"]) == {group.address for group in groups}


def test_the_log_service_may_use_the_key_for_its_logs(managed: Stack, name: str) -> None:
    condition = managed.at(KEY).statements()["LogGroups"]["Condition"]
    assert (
        f"arn:aws:logs:ap-northeast-2:290008131187:log-group:/aws/rds/instance/wealist-{name}-rds/*"
        in condition["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    )


def test_it_is_watched_upgraded_and_its_snapshots_are_tagged(managed: Stack) -> None:
    instance = managed.only("aws_db_instance")
    assert instance["performance_insights_enabled"] is True
    assert instance["performance_insights_retention_period"] == 7
    assert instance["auto_minor_version_upgrade"] is True
    assert instance["copy_tags_to_snapshot"] is True


def test_it_is_backed_up_for_at_least_14_days_in_prod(managed: Stack, name: str) -> None:
    assert managed.only("aws_db_instance")["backup_retention_period"] >= {"dev": 1, "prod": 14}[name]


def test_backup_and_maintenance_never_meet_as_rds_demands(managed: Stack) -> None:
    instance = managed.only("aws_db_instance")
    backup = [minutes(time) for time in instance["backup_window"].split("-")]
    start, end = (minutes(time.split(":", 1)[1]) for time in instance["maintenance_window"].split("-"))
    assert backup[0] + 30 <= backup[1] <= start
    assert start + 30 <= end


def test_its_storage_is_gp3_and_can_grow(managed: Stack) -> None:
    instance = managed.only("aws_db_instance")
    assert instance["storage_type"] == "gp3"
    # gp3 begins at 20 GiB, and RDS wants the ceiling at least 10 % above.
    assert instance["allocated_storage"] >= 20
    assert instance["max_allocated_storage"] >= 1.1 * instance["allocated_storage"]


def test_its_host_name_without_a_port_is_what_instances_read(managed: Stack, name: str) -> None:
    parameter = managed.only("aws_ssm_parameter", name=f"/wealist/{name}/db/endpoint")
    assert managed.target(parameter, "value").address == managed.only("aws_db_instance").address
    # `endpoint` would be host:port.
    assert attribute_of(parameter["value"]) == "address"


def test_sizes_follow_the_settings(sized: Stack) -> None:
    instance = sized.only("aws_db_instance")
    assert instance["instance_class"] == "db.t3.medium"
    assert (instance["allocated_storage"], instance["max_allocated_storage"]) == (50, 200)
    assert instance["backup_retention_period"] == 35
