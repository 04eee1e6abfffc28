"""Types and services are offered in every zone that the environment's subnets lie in."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.recorded_aws import RecordedAws, refusal
from tests.synthesized import environment, synthesized
from tests.unit.operations.preflight.conftest import looked, outcomes, subject
from wealist.operations.preflight.check import Outcome
from wealist.operations.preflight.offers import cache_nodes, database_classes, endpoint_services, instance_types
from wealist.spec.environment import Backend, ManagedDatabase, Monitoring

ALL = ("a", "b", "c", "d")


def zone(letter: str) -> str:
    return f"ap-northeast-2{letter}"


def offering(*letters: str) -> dict[str, Any]:
    return {"InstanceTypeOfferings": [{"Location": zone(each)} for each in letters]}


def test_an_instance_type_is_right_where_every_zone_has_it() -> None:
    found = looked(instance_types, {"ec2.describe_instance_type_offerings": offering(*ALL)})
    (row,) = found.values()
    assert (row.what, row.outcome) == ("instance type t3.small", Outcome.RIGHT)
    assert row.expected == "in ap-northeast-2a, ap-northeast-2c, ap-northeast-2d"


@pytest.mark.parametrize(("zones", "told"), [("ac", "in ap-northeast-2a, ap-northeast-2c"), ("", "nowhere")])
def test_a_zone_without_the_type_is_wrong(zones: str, told: str) -> None:
    (row,) = looked(instance_types, {"ec2.describe_instance_type_offerings": offering(*zones)}).values()
    assert row.outcome == Outcome.WRONG
    assert row.found.startswith(told)


def test_each_fleets_own_type_is_asked_for_in_its_own_zones() -> None:
    config = environment(
        "dev",
        backend=Backend(min_size=1, max_size=1, desired_capacity=1, instance_type="m7i.large"),
        monitoring=Monitoring(instance_type="t3.large"),
    )
    recorded = RecordedAws({"ec2.describe_instance_type_offerings": offering(*ALL)})
    of = subject(client=recorded, config=config, document=synthesized(config).document)
    checks = {check.what: check for check in instance_types(of)}
    assert set(checks) == {"instance type m7i.large", "instance type t3.large"}
    # The monitoring instance stands where its data volume is.
    assert checks["instance type t3.large"].expected.count("ap-northeast-2") == 1
    checks["instance type m7i.large"].look()
    ((_, parameters),) = recorded.asked
    assert parameters["Filters"] == [{"Name": "instance-type", "Values": ["m7i.large"]}]


def options(version: str, *letters: str) -> dict[str, Any]:
    zones = [{"Name": zone(each)} for each in letters]
    return {"EngineVersion": version, "AvailabilityZones": zones}


@pytest.mark.parametrize(
    ("offered", "outcome"),
    [
        ([options("17.6", *ALL)], Outcome.RIGHT),
        ([options("17.5", "a", "c"), options("17.6", "d")], Outcome.RIGHT),
        ([options("17", *ALL)], Outcome.RIGHT),
        ([options("17.6", "a", "c")], Outcome.WRONG),
        ([options("16.9", *ALL), options("18.1", *ALL)], Outcome.WRONG),
        ([options("170.1", *ALL)], Outcome.WRONG),
        ([], Outcome.WRONG),
    ],
)
def test_a_database_class_counts_for_the_version_that_is_asked_for(
    offered: list[Mapping[str, Any]], outcome: Outcome
) -> None:
    answers = {"rds.describe_orderable_db_instance_options": {"OrderableDBInstanceOptions": offered}}
    (row,) = looked(database_classes, answers).values()
    assert (row.what, row.outcome) == ("database class db.t3.micro postgres 17", outcome)


def test_a_database_that_is_made_by_hand_has_no_class_to_ask_for() -> None:
    assert not looked(database_classes, {}, "prod")


def test_the_class_and_engine_of_the_settings_are_asked_for() -> None:
    config = environment("prod", database=ManagedDatabase(instance_class="db.m7g.large", engine_version="16.4"))
    recorded = RecordedAws(
        {"rds.describe_orderable_db_instance_options": {"OrderableDBInstanceOptions": [options("16.4", *ALL)]}}
    )
    of = subject("prod", client=recorded, config=config, document=synthesized(config).document)
    (check,) = database_classes(of)
    assert check.look().right
    ((_, parameters),) = recorded.asked
    assert parameters == {"Engine": "postgres", "DBInstanceClass": "db.m7g.large", "Vpc": True}


@pytest.mark.parametrize(
    ("offers", "outcome"), [([{"CacheNodeType": "cache.t3.micro"}], Outcome.RIGHT), ([], Outcome.WRONG)]
)
def test_a_cache_node_type_is_one_that_the_region_has(offers: list[dict[str, Any]], outcome: Outcome) -> None:
    answers = {"elasticache.describe_reserved_cache_nodes_offerings": {"ReservedCacheNodesOfferings": offers}}
    (row,) = looked(cache_nodes, answers).values()
    assert (row.what, row.expected, row.outcome) == ("cache node type cache.t3.micro", "in ap-northeast-2", outcome)


def services(zones: str) -> Any:
    def answer(parameters: Mapping[str, Any]) -> Any:
        (name,) = parameters["ServiceNames"]
        return {"ServiceDetails": [{"ServiceName": name, "AvailabilityZones": [zone(each) for each in zones]}]}

    return answer


def test_endpoint_services_are_right_where_every_subnet_of_an_interface_has_them() -> None:
    found = looked(endpoint_services, {"ec2.describe_vpc_endpoint_services": services("acd")})
    names = ("ec2messages", "s3", "ssm", "ssmmessages")
    assert list(found) == [f"endpoint service com.amazonaws.ap-northeast-2.{each}" for each in names]
    assert outcomes(found) == {Outcome.RIGHT}


def test_a_zone_without_the_service_is_wrong_for_an_interface_and_right_for_a_gateway() -> None:
    found = looked(endpoint_services, {"ec2.describe_vpc_endpoint_services": services("a")})
    wrong = [what for what, row in found.items() if row.outcome == Outcome.WRONG]
    assert [what.rpartition(".")[2] for what in wrong] == ["ec2messages", "ssm", "ssmmessages"]


def test_a_service_that_aws_does_not_know_is_wrong_and_another_error_is_not() -> None:
    for code, outcome in (("InvalidServiceName", Outcome.WRONG), ("InternalError", Outcome.UNREACHABLE)):
        found = looked(endpoint_services, {"ec2.describe_vpc_endpoint_services": refusal(code)})
        assert outcomes(found) == {outcome}
