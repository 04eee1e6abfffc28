import re
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from tests.integration.corrections import client
from wealist.emulator.corrections import rds
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import ACCOUNT_ID, REGION


def database(name: str = "test", *, multi_az: bool = False) -> dict[str, Any]:
    instance: dict[str, Any] = client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="postgres",
        ManageMasterUserPassword=True,
        MultiAZ=multi_az,
        EnablePerformanceInsights=True,
        PerformanceInsightsRetentionPeriod=7,
        PerformanceInsightsKMSKeyId="key",
    )["DBInstance"]
    return instance


def zone_after_failover() -> str:
    client("rds").reboot_db_instance(DBInstanceIdentifier="test", ForceFailover=True)
    (instance,) = client("rds").describe_db_instances()["DBInstances"]
    return str(instance["AvailabilityZone"])


def database_parameter() -> dict[str, Any]:
    group = {"DBParameterGroupName": "test"}
    client("rds").create_db_parameter_group(**group, DBParameterGroupFamily="postgres17", Description="test")
    setting = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
    client("rds").modify_db_parameter_group(**group, Parameters=[setting])
    (parameter,) = client("rds").describe_db_parameters(**group)["Parameters"]
    kept: dict[str, Any] = parameter
    return kept


def found_by_resource_id(resource_id: str) -> list[str]:
    """The instances that a search by resource id returns: Terraform looks its own one up like this."""
    searched = [{"Name": "dbi-resource-id", "Values": [resource_id]}]
    instances = client("rds").describe_db_instances(Filters=searched)["DBInstances"]
    return [instance["DBInstanceIdentifier"] for instance in instances]


def test_moto_alone_gives_all_databases_the_same_resource_id() -> None:
    assert database("one")["DbiResourceId"] == database("two")["DbiResourceId"]


def test_a_database_is_found_by_its_resource_id_alone(replace: Replace) -> None:
    rds.every_instance_has_its_own_resource_id(replace)
    ids = {name: database(name)["DbiResourceId"] for name in ("one", "two")}
    assert {name: found_by_resource_id(resource_id) for name, resource_id in ids.items()} == {
        "one": ["one"],
        "two": ["two"],
    }
    assert all(re.fullmatch(r"db-[A-Z0-9]{26}", resource_id) for resource_id in ids.values())


def test_a_database_keeps_its_resource_id_when_it_is_renamed(replace: Replace) -> None:
    rds.every_instance_has_its_own_resource_id(replace)
    resource_id = database("old")["DbiResourceId"]
    client("rds").modify_db_instance(DBInstanceIdentifier="old", NewDBInstanceIdentifier="new", ApplyImmediately=True)
    assert found_by_resource_id(resource_id) == ["new"]


def test_a_replica_has_another_resource_id_than_its_primary(replace: Replace) -> None:
    rds.every_instance_has_its_own_resource_id(replace)
    primary = database("primary")
    replica = client("rds").create_db_instance_read_replica(
        DBInstanceIdentifier="replica", SourceDBInstanceIdentifier="primary"
    )["DBInstance"]
    assert replica["DbiResourceId"] != primary["DbiResourceId"]
    assert found_by_resource_id(primary["DbiResourceId"]) == ["primary"]


def test_moto_alone_drops_performance_insights() -> None:
    assert "PerformanceInsightsEnabled" not in database()


def test_a_database_keeps_performance_insights(replace: Replace) -> None:
    rds.instances_keep_performance_insights(replace)
    kept = {key: value for key, value in database().items() if key.startswith("PerformanceInsights")}
    assert kept == {
        "PerformanceInsightsEnabled": True,
        "PerformanceInsightsRetentionPeriod": 7,
        "PerformanceInsightsKMSKeyId": "key",
    }


def test_moto_alone_gives_a_parameter_no_source() -> None:
    assert "Source" not in database_parameter()


def test_a_modified_parameter_has_the_source_user(replace: Replace) -> None:
    rds.modified_parameters_have_the_source_user(replace)
    assert database_parameter()["Source"] == "user"


def test_moto_alone_keeps_an_instance_in_its_zone_after_a_failover() -> None:
    assert database(multi_az=True)["AvailabilityZone"] == zone_after_failover()


def test_a_failover_moves_an_instance_to_another_zone_and_back(replace: Replace) -> None:
    rds.a_forced_failover_moves_the_instance(replace)
    before = database(multi_az=True)["AvailabilityZone"]
    assert zone_after_failover() != before
    assert zone_after_failover() == before


def test_an_instance_without_a_standby_does_not_fail_over(replace: Replace) -> None:
    rds.a_forced_failover_moves_the_instance(replace)
    database()
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        zone_after_failover()


def test_a_reboot_without_failover_moves_nothing(replace: Replace) -> None:
    rds.a_forced_failover_moves_the_instance(replace)
    before = database(multi_az=True)["AvailabilityZone"]
    client("rds").reboot_db_instance(DBInstanceIdentifier="test")
    (instance,) = client("rds").describe_db_instances()["DBInstances"]
    assert instance["AvailabilityZone"] == before


def orderable(engine: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client("rds").describe_orderable_db_instance_options(Engine=engine)[
        "OrderableDBInstanceOptions"
    ]
    return found


def test_unknown_orderable_options_are_refused(replace: Replace) -> None:
    assert orderable("postgres") == []
    rds.unknown_orderable_options_are_refused(replace)
    assert orderable("neptune")
    for engine in ("postgres", "mariadb"):
        with pytest.raises(NotImplementedError, match=f"orderable options of {engine}"):
            orderable(engine)


TOPIC: Final = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:alerts"


def subscribed() -> Any:
    databases = client("rds")
    databases.create_event_subscription(
        SubscriptionName="events",
        SnsTopicArn=TOPIC,
        SourceType="db-instance",
        EventCategories=["failover"],
        Enabled=True,
    )
    return databases


def test_event_subscriptions_can_be_modified(replace: Replace) -> None:
    rds.event_subscriptions_can_be_modified(replace)
    databases = subscribed()
    databases.modify_event_subscription(SubscriptionName="events", EventCategories=["failure"], Enabled=False)
    databases.add_source_identifier_to_subscription(SubscriptionName="events", SourceIdentifier="one")
    databases.add_source_identifier_to_subscription(SubscriptionName="events", SourceIdentifier="two")
    databases.remove_source_identifier_from_subscription(SubscriptionName="events", SourceIdentifier="one")
    (found,) = databases.describe_event_subscriptions(SubscriptionName="events")["EventSubscriptionsList"]
    assert (found["EventCategoriesList"], found["Enabled"], found["SourceIdsList"]) == (["failure"], False, ["two"])
    assert found["SnsTopicArn"] == TOPIC
