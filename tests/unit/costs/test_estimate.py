"""A stack's costs follow from its resources; unknown costs are reported."""

import pytest

from tests.synthesized import Stack, all_changed, environment, stacks, synthesized
from tests.unit.costs.estimates import estimated, of_resources, rows, usd
from wealist.costs.meters import is_known, meters, table
from wealist.costs.prices import prices
from wealist.spec.environment import Alerts, Network

WITHOUT_A_SOURCE = {
    "us-east-1/logs.cloudfront_to_s3",
    "us-east-1/kms.key",
    "us-east-1/kms.request",
    "backup.storage",
    "cloudtrail.data_event",
    "elasticache.snapshots",
    "ec2.t3.large",
}
"""Prices of what the tests' environments hold that were found in no source."""


@pytest.fixture(scope="module")
def everything() -> list[Stack]:
    """Return every stack, and each environment with another value of each setting."""
    return [*stacks().values(), synthesized(all_changed("dev")), synthesized(all_changed("prod"))]


def test_every_type_in_the_stacks_has_meters_or_is_free(everything: list[Stack]) -> None:
    held = {each.type for stack in everything for each in stack.resources.values()}
    assert {kind for kind in held if not is_known(kind)} == set()


def test_no_free_type_has_meters() -> None:
    assert meters().keys() & table().free.keys() == set()


def test_only_prices_without_a_source_are_missing(everything: list[Stack]) -> None:
    unknown = {row.price_id for stack in everything for row in estimated(stack).unknown}
    assert unknown <= WITHOUT_A_SOURCE
    assert not WITHOUT_A_SOURCE & prices().keys()


def test_every_charge_belongs_to_a_section(everything: list[Stack]) -> None:
    found = [row for stack in everything for each in [estimated(stack)] for row in (*each.rows, *each.unknown)]
    assert {row.address for row in found if row.section == "other"} == set()


def test_the_sections_add_up_to_the_total(stack: Stack) -> None:
    found = estimated(stack)
    in_sections = sum(row.usd or 0 for each in found.by_section().values() for row in each)
    assert in_sections == pytest.approx(found.total)


def test_instances_cost_by_number_and_instance_type(prod: Stack) -> None:
    backend = next(row for row in rows(estimated(prod), "instances") if "backend" in row.address)
    assert backend.price_id == "ec2.t3.small"
    assert backend.quantity == 2 * 730


def test_nat_gateways_share_the_traffic_of_a_stack() -> None:
    (one, three) = (
        estimated(synthesized(environment("prod", network=Network(cidr="10.1.0.0/16", nat=nat))))
        for nat in ("single", "per_zone")
    )
    assert usd(three, "NAT gateways") == pytest.approx(3 * usd(one, "NAT gateways"))
    traffic = "data through NAT gateways"
    assert usd(three, traffic) == pytest.approx(usd(one, traffic))
    assert len(rows(three, traffic)) == 3 * len(rows(one, traffic))


def test_an_interface_endpoint_costs_in_each_zone() -> None:
    network = Network(cidr="10.1.0.0/16", endpoint_zones=("a",))
    one = estimated(synthesized(environment("prod", network=network)))
    assert usd(estimated(stacks()["prod"]), "interface endpoints") == pytest.approx(3 * usd(one, "interface endpoints"))


def test_a_gateway_endpoint_is_free() -> None:
    found = of_resources(("aws_vpc_endpoint.s3", {"vpc_endpoint_type": "Gateway", "route_table_ids": ["rtb-1"]}))
    assert (found.rows, found.unknown, found.total) == ((), (), 0)


def test_multi_az_doubles_the_database_and_its_storage(dev: Stack) -> None:
    multi = estimated(synthesized(environment("dev", enable_multi_az=True)))
    for what in ("database", "database storage", "Redis nodes"):
        assert usd(multi, what) == pytest.approx(2 * usd(estimated(dev), what))


def test_an_external_database_costs_nothing_here(prod: Stack) -> None:
    assert "database" not in estimated(prod).by_section()


def test_a_resource_without_a_price_is_unknown() -> None:
    volume = ("aws_ebs_volume.known", {"type": "gp3", "size": 100})
    unpriced = ("aws_ebs_volume.unpriced", {"type": "io9", "size": 100})
    found = of_resources(volume, unpriced)
    assert found.total == pytest.approx(100 * prices()["ebs.gp3"].usd)
    (row,) = found.unknown
    assert (row.address, row.usd, row.price_id) == ("aws_ebs_volume.unpriced", None, "ebs.io9")
    assert "ebs.io9" in row.reason


@pytest.mark.parametrize("size", [None, "${var.size}", "large"])
def test_an_unknown_quantity_is_unknown(size: str | None) -> None:
    found = of_resources(("aws_ebs_volume.a", {"type": "gp3", "size": size}))
    assert [row.address for row in found.unknown] == ["aws_ebs_volume.a"]
    assert found.rows == ()


def test_an_unlisted_type_is_unknown() -> None:
    found = of_resources(("aws_quantum_computer.a", {}))
    assert [(row.address, row.usd) for row in found.unknown] == [("aws_quantum_computer.a", None)]
    assert "aws_quantum_computer" in found.unknown[0].reason


def test_resources_in_another_region_have_its_prices() -> None:
    alarm = {"metric_name": "Errors", "namespace": "AWS/CloudFront"}
    key = {"description": "elsewhere"}
    found = of_resources(
        ("aws_cloudwatch_metric_alarm.a", alarm | {"provider": "aws.cdn"}),
        ("aws_kms_key.elsewhere", key | {"provider": "aws.cdn"}),
        ("aws_kms_key.here", key),
    )
    assert [row.price_id for row in rows(found, "alarms on a single metric")] == ["us-east-1/cloudwatch.alarm"]
    assert [row.address for row in rows(found, "KMS keys")] == ["aws_kms_key.here"]
    assert {row.address for row in found.unknown} == {"aws_kms_key.elsewhere"}


def test_an_alarm_costs_by_the_metrics_that_it_reads() -> None:
    alerts = Alerts(emails=("operators@wealist.co.kr",))
    found = estimated(synthesized(environment("prod", alerts=alerts)))
    errors = next(row for row in found.rows if row.address.endswith("alarm_api_errors"))
    assert errors.quantity == 3


def test_other_assumptions_change_only_usage(prod: Stack) -> None:
    few, many = estimated(prod), estimated(prod, nat_gb=1_000)
    more = (1_000 - few.assumptions.nat_gb) * prices()["nat.gb"].usd
    assert many.total - few.total == pytest.approx(more)


def test_half_the_hours_halve_hourly_costs(prod: Stack) -> None:
    assert usd(estimated(prod, hours=365), "NAT gateways") == pytest.approx(usd(estimated(prod), "NAT gateways") / 2)


def test_each_free_type_of_a_stack_has_its_reason(prod: Stack) -> None:
    free = estimated(prod).free
    assert {"aws_vpc_security_group_ingress_rule", "aws_iam_role", "aws_ssm_parameter"} <= free.keys()
    assert all(free.values())
