"""The checks that types and services are offered in every zone of the environment's subnets."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from tests.recorded_aws import RecordedAws, refusal
from tests.unit.operations.preflight.conftest import outcomes, results, subject
from wealist.operations.preflight.check import Outcome, Subject
from wealist.operations.preflight.offerings import cache_nodes, database_classes, endpoint_services, instance_types

ALL = ("a", "b", "c", "d")


def zone(letter: str) -> str:
    return f"ap-northeast-2{letter}"


def offering(*letters: str) -> dict[str, Any]:
    return {"InstanceTypeOfferings": [{"Location": zone(each)} for each in letters]}


def test_an_instance_type_in_every_zone_is_right() -> None:
    found = results(instance_types, {"ec2.describe_instance_type_offerings": offering(*ALL)})
    (row,) = found.values()
    assert (row.what, row.outcome) == ("instance type t3.small", Outcome.RIGHT)
    assert row.expected == "in ap-northeast-2a, ap-northeast-2c, ap-northeast-2d"


@pytest.mark.parametrize(("zones", "reported"), [("ac", "in ap-northeast-2a, ap-northeast-2c"), ("", "nowhere")])
def test_an_instance_type_missing_in_a_zone_is_wrong(zones: str, reported: str) -> None:
    (row,) = results(instance_types, {"ec2.describe_instance_type_offerings": offering(*zones)}).values()
    assert row.outcome == Outcome.WRONG
    assert row.found.startswith(reported)


def changed(client: RecordedAws, kind: str, arguments: Mapping[str, Mapping[str, str]]) -> Subject:
    """Dev with other arguments of some resources: name → arguments."""
    document = copy.deepcopy(dict(subject().stack.document))
    for name, values in arguments.items():
        document["resource"][kind][name] |= values
    return subject(client=client, document=document)


def test_each_fleets_type_is_checked_in_its_own_zones() -> None:
    backend, monitoring = sorted(subject().stack.document["resource"]["aws_launch_template"])
    types = {backend: {"instance_type": "m7i.large"}, monitoring: {"instance_type": "t3.large"}}
    client = RecordedAws({"ec2.describe_instance_type_offerings": offering(*ALL)})
    checks = {check.what: check for check in instance_types(changed(client, "aws_launch_template", types))}
    assert set(checks) == {"instance type m7i.large", "instance type t3.large"}
    # The monitoring instance runs in the zone of its data volume.
    assert checks["instance type t3.large"].expected.count("ap-northeast-2") == 1
    checks["instance type m7i.large"].look()
    ((_, parameters),) = client.asked
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
def test_a_database_class_is_checked_for_its_engine_version(offered: list[Mapping[str, Any]], outcome: Outcome) -> None:
    answers = {"rds.describe_orderable_db_instance_options": {"OrderableDBInstanceOptions": offered}}
    (row,) = results(database_classes, answers).values()
    assert (row.what, row.outcome) == ("database class db.t3.micro postgres 17", outcome)


def test_an_external_database_has_no_class() -> None:
    assert not results(database_classes, {}, "prod")


def test_the_configured_class_and_engine_are_checked() -> None:
    (name,) = subject().stack.document["resource"]["aws_db_instance"]
    database = {"instance_class": "db.m7g.large", "engine_version": "16.4"}
    offered = {"OrderableDBInstanceOptions": [options("16.4", *ALL)]}
    client = RecordedAws({"rds.describe_orderable_db_instance_options": offered})
    (check,) = database_classes(changed(client, "aws_db_instance", {name: database}))
    assert check.look().right
    ((_, parameters),) = client.asked
    assert parameters == {"Engine": "postgres", "DBInstanceClass": "db.m7g.large", "Vpc": True}


@pytest.mark.parametrize(
    ("offers", "outcome"), [([{"CacheNodeType": "cache.t3.micro"}], Outcome.RIGHT), ([], Outcome.WRONG)]
)
def test_a_cache_node_type_missing_in_the_region_is_wrong(offers: list[dict[str, Any]], outcome: Outcome) -> None:
    answers = {"elasticache.describe_reserved_cache_nodes_offerings": {"ReservedCacheNodesOfferings": offers}}
    (row,) = results(cache_nodes, answers).values()
    assert (row.what, row.expected, row.outcome) == ("cache node type cache.t3.micro", "in ap-northeast-2", outcome)


def services(zones: str) -> Any:
    def answer(parameters: Mapping[str, Any]) -> Any:
        (name,) = parameters["ServiceNames"]
        return {"ServiceDetails": [{"ServiceName": name, "AvailabilityZones": [zone(each) for each in zones]}]}

    return answer


def test_endpoint_services_in_every_zone_are_right() -> None:
    found = results(endpoint_services, {"ec2.describe_vpc_endpoint_services": services("acd")})
    names = ("ec2messages", "s3", "ssm", "ssmmessages")
    assert list(found) == [f"endpoint service com.amazonaws.ap-northeast-2.{each}" for each in names]
    assert outcomes(found) == {Outcome.RIGHT}


def test_a_service_missing_in_a_zone_is_wrong_for_interfaces_only() -> None:
    found = results(endpoint_services, {"ec2.describe_vpc_endpoint_services": services("a")})
    wrong = [what for what, row in found.items() if row.outcome == Outcome.WRONG]
    assert [what.rpartition(".")[2] for what in wrong] == ["ec2messages", "ssm", "ssmmessages"]


def test_an_unknown_service_is_wrong_and_another_error_is_unreachable() -> None:
    for code, outcome in (("InvalidServiceName", Outcome.WRONG), ("InternalError", Outcome.UNREACHABLE)):
        found = results(endpoint_services, {"ec2.describe_vpc_endpoint_services": refusal(code)})
        assert outcomes(found) == {outcome}
