"""A refuted claim names the rule or resource to blame, and shows the way."""

from tests.unit.checks.faults.edits import EGRESS, INGRESS, WORLD, drop, let_in, put
from tests.unit.checks.faults.tables import FAULTS
from tests.unit.checks.reachability.findings import findings_in, problems_of, the_finding

DATABASE = "aws_db_instance.database_instance"


def test_a_refuted_claim_shows_the_shortest_way_and_what_opens_each_hop() -> None:
    finding = the_finding("prod", let_in("alb", 22, cidr_ipv4=WORLD))
    assert finding.address == "aws_vpc_security_group_ingress_rule.firewall_mistake"
    assert (
        "internet → aws_internet_gateway.network_igw"
        " → aws_subnet.network_public_subnet_a [aws_route.network_public_default_route]"
        " → aws_lb.load_balancer_alb [aws_vpc_security_group_ingress_rule.firewall_mistake] on tcp 22"
    ) in finding.problem


def test_the_way_out_through_the_nat_gateway_is_shown() -> None:
    found = findings_in("prod", put("aws_vpc_endpoint.endpoints_ssm.private_dns_enabled", to=False))
    assert {finding.address for finding in found} == {"aws_vpc_endpoint.endpoints_ssm"}
    assert (
        "→ aws_nat_gateway.network_nat [aws_route.network_private_default_route]"
        " → aws_subnet.network_public_subnet_a"
        " → aws_internet_gateway.network_igw [aws_route.network_public_default_route] → internet"
    ) in found[0].problem


def test_a_block_of_the_vpc_lets_anything_in_the_vpc_in() -> None:
    finding = the_finding("prod", let_in("redis", 6379, cidr_ipv4="10.1.0.0/16"))
    assert "anything in aws_vpc.network_vpc → " in finding.problem


def test_one_rule_is_one_finding_by_the_gravest_claim() -> None:
    """The world's way to PostgreSQL is a way of the VPC's, too."""
    found = findings_in("dev", *[f.edit for f in FAULTS if f.name == "the database is public and open to the world"])
    assert [each.control for each in found if "firewall_mistake" in each.address] == ["reachability.internet"]


def test_of_an_edge_with_one_end_the_rule_that_is_left_is_reported() -> None:
    problems = problems_of("prod", drop(INGRESS, "firewall_ec2_to_rds_5432_ingress"))
    left = problems[f"{EGRESS}.firewall_ec2_to_rds_5432_egress"]
    assert left.endswith("to aws_security_group.firewall_rds_sg, and nothing there lets them in")


def test_a_store_that_no_instance_reaches_is_reported() -> None:
    edge = "firewall_ec2_to_rds_5432"
    assert problems_of("prod", drop(INGRESS, f"{edge}_ingress"), drop(EGRESS, f"{edge}_egress")) == {
        "aws_db_subnet_group.database_subnet_group": "answers on tcp 5432, and is not reached there from instances"
    }


def test_an_edge_that_covers_a_part_of_its_source_is_half_open() -> None:
    edit = put(f"{INGRESS}.firewall_vpc_to_vpc_endpoints_443_ingress.cidr_ipv4", to="10.1.10.0/24")
    addresses = {finding.address for finding in findings_in("prod", edit) if finding.control == "reachability.edges"}
    edge = "firewall_ec2_to_vpc_endpoints_443_egress"
    assert addresses == {f"{EGRESS}.{edge}", f"{INGRESS}.firewall_vpc_to_vpc_endpoints_443_ingress"}
    unreached = [each for each in findings_in("prod", edit) if each.control == "reachability.endpoints"]
    assert {finding.address.rpartition("_")[2] for finding in unreached} == {"ssm", "ssmmessages", "ec2messages"}
    assert all("monitoring_fleet_asg cannot reach it" in finding.problem for finding in unreached)


def test_every_subnet_that_lost_its_way_is_reported() -> None:
    findings = findings_in("prod", drop("aws_route", "network_private_default_route"))
    reported = {each.address for each in findings if "has no way to 0.0.0.0/0 for " in each.problem}
    assert reported == {f"aws_subnet.network_private_subnet_{zone}" for zone in "acd"}


def test_a_public_address_can_come_from_the_subnet() -> None:
    template = "aws_launch_template.backend_fleet_launch_template"
    finding = the_finding(
        "prod",
        put(f"{template}.network_interfaces.0.associate_public_ip_address", to=None),
        put("aws_subnet.network_private_subnet_a.map_public_ip_on_launch", to=True),
    )
    assert (finding.control, finding.address) == (
        "reachability.public_address",
        "aws_autoscaling_group.backend_fleet_asg",
    )
