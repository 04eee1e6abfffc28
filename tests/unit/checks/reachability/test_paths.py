"""A refuted claim names the rule or resource to change, and shows the path."""

from tests.unit.checks.faults.tables import table
from tests.unit.checks.reachability.findings import findings_in, problems_of, the_finding

INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"


def test_a_refuted_claim_shows_the_shortest_path_and_what_opens_each_hop() -> None:
    finding = the_finding("prod", {"ingress": "alb 22 from 0.0.0.0/0"})
    assert finding.address == "aws_vpc_security_group_ingress_rule.firewall_mistake"
    assert (
        "internet → aws_internet_gateway.network_igw"
        " → aws_subnet.network_public_subnet_a [aws_route.network_public_default_route]"
        " → aws_lb.load_balancer_alb [aws_vpc_security_group_ingress_rule.firewall_mistake] on tcp 22"
    ) in finding.problem


def test_the_path_through_the_nat_gateway_is_shown() -> None:
    found = findings_in("prod", {"aws_vpc_endpoint.endpoints_ssm private_dns_enabled": False})
    assert {finding.address for finding in found} == {"aws_vpc_endpoint.endpoints_ssm"}
    assert (
        "→ aws_nat_gateway.network_nat [aws_route.network_private_default_route]"
        " → aws_subnet.network_public_subnet_a"
        " → aws_internet_gateway.network_igw [aws_route.network_public_default_route] → internet"
    ) in found[0].problem


def test_a_rule_for_the_vpcs_block_allows_anything_in_the_vpc() -> None:
    finding = the_finding("prod", {"ingress": "redis 6379 from 10.1.0.0/16"})
    assert "anything in aws_vpc.network_vpc → " in finding.problem


def test_a_rule_that_violates_several_claims_is_one_finding_by_the_most_severe() -> None:
    found = findings_in(
        "dev", table("network")["reachability.internet"]["the database is public and open to the world"]
    )
    assert [each.control for each in found if "firewall_mistake" in each.address] == ["reachability.internet"]


def test_a_rule_without_its_counterpart_is_reported() -> None:
    problems = problems_of("prod", {f"{INGRESS}.firewall_ec2_to_rds_5432_ingress": None})
    left = problems[f"{EGRESS}.firewall_ec2_to_rds_5432_egress"]
    assert left.endswith("to aws_security_group.firewall_rds_sg, but no ingress rule of the other end allows it")


def test_a_database_that_no_instance_reaches_is_reported() -> None:
    edge = "firewall_ec2_to_rds_5432"
    assert problems_of("prod", {f"{INGRESS}.{edge}_ingress": None, f"{EGRESS}.{edge}_egress": None}) == {
        "aws_db_subnet_group.database_subnet_group": "listens on tcp 5432, which instances cannot reach"
    }


def test_a_rule_for_a_part_of_its_source_is_reported() -> None:
    edit = {f"{INGRESS}.firewall_vpc_to_vpc_endpoints_443_ingress cidr_ipv4": "10.1.10.0/24"}
    addresses = {finding.address for finding in findings_in("prod", edit) if finding.control == "reachability.edges"}
    edge = "firewall_ec2_to_vpc_endpoints_443_egress"
    assert addresses == {f"{EGRESS}.{edge}", f"{INGRESS}.firewall_vpc_to_vpc_endpoints_443_ingress"}
    unreached = [each for each in findings_in("prod", edit) if each.control == "reachability.endpoints"]
    assert {finding.address.rpartition("_")[2] for finding in unreached} == {"ssm", "ssmmessages", "ec2messages"}
    assert all("monitoring_fleet_asg cannot reach it" in finding.problem for finding in unreached)


def test_every_subnet_without_a_route_is_reported() -> None:
    findings = findings_in("prod", {"aws_route.network_private_default_route": None})
    reported = {each.address for each in findings if "has no path to 0.0.0.0/0 for " in each.problem}
    assert reported == {f"aws_subnet.network_private_subnet_{zone}" for zone in "acd"}


def test_a_public_address_can_come_from_the_subnet() -> None:
    subnet_default = {
        "template network_interfaces 0 associate_public_ip_address": None,
        "aws_subnet.network_private_subnet_a map_public_ip_on_launch": True,
    }
    finding = the_finding("prod", subnet_default)
    assert (finding.control, finding.address) == (
        "reachability.public_address",
        "aws_autoscaling_group.backend_fleet_asg",
    )
