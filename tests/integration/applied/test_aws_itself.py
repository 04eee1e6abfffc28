"""What AWS itself says about what was applied: sections 2 and 4, asked by its API and not of Terraform."""

import pytest

from tests.integration.applied.facts import (
    BACKEND_SIZES,
    CIDR,
    PRIVATE,
    PUBLIC,
    ZONES,
    Ask,
    auto_scaling_group,
    in_vpc,
    listeners,
    load_balancer_arn,
    named,
    subnet_blocks,
)

pytestmark = pytest.mark.integration


# --- 2. network -------------------------------------------------------------------------------------------------------


def test_the_vpc_has_the_documented_block_and_nothing_else(ask: Ask, name: str) -> None:
    (vpc,) = ask("ec2", "describe_vpcs", "Vpcs", Filters=named(name, "vpc"))
    assert [block["CidrBlock"] for block in vpc["CidrBlockAssociationSet"]] == [CIDR[name]]


@pytest.mark.parametrize(("tier", "blocks"), [("public", PUBLIC), ("private", PRIVATE)])
def test_there_are_three_subnets_of_each_tier_one_in_each_zone(
    ask: Ask, name: str, tier: str, blocks: dict[str, list[str]]
) -> None:
    filters = [*in_vpc(ask, name), {"Name": "tag:Tier", "Values": [tier]}]
    found = ask("ec2", "describe_subnets", "Subnets", Filters=filters)
    assert {subnet["CidrBlock"]: subnet["AvailabilityZone"] for subnet in found} == dict(
        zip(blocks[name], ZONES, strict=True)
    )


@pytest.mark.parametrize(
    ("table", "blocks", "gateway"), [("public-rt", PUBLIC, "igw-"), ("private-rt", PRIVATE, "nat-")]
)
def test_a_route_table_leads_its_three_subnets_to_the_internet_by_its_gateway(
    ask: Ask, name: str, table: str, blocks: dict[str, list[str]], gateway: str
) -> None:
    (found,) = ask("ec2", "describe_route_tables", "RouteTables", Filters=named(name, table))
    subnets = [link["SubnetId"] for link in found["Associations"]]
    assert subnet_blocks(ask, subnets) == sorted(blocks[name])
    by_destination = {
        route["DestinationCidrBlock"]: route.get("NatGatewayId") or route["GatewayId"]
        for route in found["Routes"]
        if "DestinationCidrBlock" in route
    }
    assert by_destination.keys() == {CIDR[name], "0.0.0.0/0"}
    assert by_destination[CIDR[name]] == "local"
    assert by_destination["0.0.0.0/0"].startswith(gateway)


def test_one_nat_gateway_stands_in_public_subnet_1(ask: Ask, name: str) -> None:
    (nat,) = ask("ec2", "describe_nat_gateways", "NatGateways", Filters=in_vpc(ask, name))
    assert subnet_blocks(ask, [nat["SubnetId"]]) == [PUBLIC[name][0]]


def test_systems_manager_answers_in_every_private_subnet_and_s3_on_the_private_table(ask: Ask, name: str) -> None:
    endpoints = ask("ec2", "describe_vpc_endpoints", "VpcEndpoints", Filters=in_vpc(ask, name))
    by_service = {endpoint["ServiceName"].rpartition(".")[2]: endpoint for endpoint in endpoints}
    assert by_service.keys() == {"ssm", "ssmmessages", "ec2messages", "s3"}
    (private,) = ask("ec2", "describe_route_tables", "RouteTables", Filters=named(name, "private-rt"))
    assert by_service.pop("s3")["RouteTableIds"] == [private["RouteTableId"]]
    for endpoint in by_service.values():
        assert subnet_blocks(ask, endpoint["SubnetIds"]) == sorted(PRIVATE[name])
        assert endpoint["PrivateDnsEnabled"]


# --- 4. backend -------------------------------------------------------------------------------------------------------


def test_port_80_redirects_to_https_for_good(ask: Ask, name: str) -> None:
    (action,) = listeners(ask, name)[80]["DefaultActions"]
    redirect = action["RedirectConfig"]
    assert (redirect["Protocol"], redirect["Port"], redirect["StatusCode"]) == ("HTTPS", "443", "HTTP_301")


def test_the_load_balancer_listens_on_80_and_443_in_the_public_subnets(ask: Ask, name: str) -> None:
    assert listeners(ask, name).keys() == {80, 443}
    (found,) = ask("elbv2", "describe_load_balancers", "LoadBalancers", Names=[f"wealist-{name}-alb"])
    assert found["Scheme"] == "internet-facing"
    subnets = [zone["SubnetId"] for zone in found["AvailabilityZones"]]
    assert subnet_blocks(ask, subnets) == sorted(PUBLIC[name])


def test_port_443_forwards_three_paths_and_answers_404_to_internal_ones_and_everything_else(
    ask: Ask, name: str
) -> None:
    rules = ask("elbv2", "describe_rules", "Rules", ListenerArn=listeners(ask, name)[443]["ListenerArn"])
    groups = ask("elbv2", "describe_target_groups", "TargetGroups", LoadBalancerArn=load_balancer_arn(ask, name))
    ports = {group["TargetGroupArn"]: group["Port"] for group in groups}
    found: list[tuple[str, str | int]] = []
    # The default rule, whose priority is no number, comes last.
    for rule in sorted(rules, key=lambda rule: (rule["IsDefault"], int(rule["Priority"].replace("default", "0")))):
        (action,) = rule["Actions"]
        paths = [path for condition in rule["Conditions"] for path in condition["PathPatternConfig"]["Values"]]
        closed = action["Type"] == "fixed-response"
        answer = action["FixedResponseConfig"]["StatusCode"] if closed else ports[action["TargetGroupArn"]]
        found.append((" ".join(paths), answer))
    assert found == [
        ("/api/users/*actuator*", "404"),
        ("/api/users/*", 8080),
        ("/api/boards/metrics*", "404"),
        ("/api/boards/*", 8000),
        ("/monitoring/*", 3001),
        ("", "404"),
    ]


def test_health_is_checked_every_10_seconds_at_each_services_own_path(ask: Ask, name: str) -> None:
    groups = ask("elbv2", "describe_target_groups", "TargetGroups", LoadBalancerArn=load_balancer_arn(ask, name))
    assert {group["Port"]: group["HealthCheckPath"] for group in groups} == {
        8080: "/api/users/actuator/health",
        8000: "/api/boards/health",
        3001: "/monitoring/api/health",
    }
    for group in groups:
        assert (group["HealthCheckIntervalSeconds"], group["HealthCheckTimeoutSeconds"]) == (10, 5)
        assert (group["HealthyThresholdCount"], group["UnhealthyThresholdCount"]) == (2, 2)
        assert (group["Matcher"]["HttpCode"], group["TargetType"], group["Protocol"]) == ("200", "instance", "HTTP")


def test_the_backend_scales_within_its_sizes_over_the_three_private_subnets(ask: Ask, name: str) -> None:
    group = auto_scaling_group(ask, name, "backend")
    assert (group["MinSize"], group["MaxSize"], group["DesiredCapacity"]) == BACKEND_SIZES[name]
    assert subnet_blocks(ask, group["VPCZoneIdentifier"].split(",")) == sorted(PRIVATE[name])
    assert group["HealthCheckType"] == "ELB"
    targets = sorted(arn.split("/")[1] for arn in group["TargetGroupARNs"])
    assert targets == [f"wealist-{name}-board-tg", f"wealist-{name}-user-tg"]


def test_monitoring_is_one_instance_in_private_subnet_3(ask: Ask, name: str) -> None:
    group = auto_scaling_group(ask, name, "monitoring")
    assert (group["MinSize"], group["MaxSize"], group["DesiredCapacity"]) == (1, 1, 1)
    assert subnet_blocks(ask, group["VPCZoneIdentifier"].split(",")) == [PRIVATE[name][2]]
