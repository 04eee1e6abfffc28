"""What cannot be read is reported with its address and value, and never passed over."""

import pytest

from tests.unit.checks.faults.edits import EGRESS, INGRESS, add, put
from tests.unit.checks.reachability.findings import findings_in

RULE = f"{INGRESS}.firewall_ec2_to_rds_5432_ingress"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (
            f"{RULE}.security_group_id",
            "${aws_vpc.network_vpc.id}",
            "security_group_id = '${aws_vpc.network_vpc.id}' is",
        ),
        (f"{RULE}.security_group_id", "sg-0123", "security_group_id = 'sg-0123' is not a reference to"),
        (f"{RULE}.ip_protocol", "gre", "ip_protocol = 'gre' is not tcp, udp, icmp, icmpv6, a number or -1"),
        (f"{RULE}.from_port", "low", "from_port = 'low' and to_port = 5432 are not a range of ports"),
        (f"{RULE}.from_port", 6000, "from_port = 6000 and to_port = 5432 are not a range of ports"),
        (f"{RULE}.cidr_ipv6", "::/0", "cidr_ipv6 = '::/0' is not an IPv4 block"),
        (f"{RULE}.referenced_security_group_id", None, "names no peer"),
        ("aws_vpc.network_vpc.cidr_block", "10.1.0.0/33", "cidr_block = '10.1.0.0/33' is not an IPv4 block"),
        ("aws_vpc.network_vpc.cidr_block", 10, "cidr_block = 10 is not an IPv4 block"),
        (
            "aws_subnet.network_private_subnet_a.availability_zone",
            "${var.zone}",
            "'${var.zone}' is not the name of a zone",
        ),
        ("aws_lb.load_balancer_alb.internal", "perhaps", "internal = 'perhaps' is neither true nor false"),
        ("aws_lb.load_balancer_alb.load_balancer_type", "network", "load_balancer_type = 'network' is not application"),
        ("aws_lb.load_balancer_alb.subnets", "subnet-1", "subnets = 'subnet-1' is not a reference to aws_subnet"),
        ("aws_vpc_endpoint.endpoints_ssm.vpc_endpoint_type", "GatewayLoadBalancer", "is neither Interface nor Gateway"),
        ("aws_autoscaling_group.backend_fleet_asg.launch_template", {"version": "1"}, "launch_template.id = '' is not"),
    ],
)
def test_a_value_that_means_nothing_is_told(path: str, value: object, words: str) -> None:
    found = findings_in("prod", put(path, to=value))
    unread = [finding for finding in found if finding.control == "reachability.coverage"]
    assert {finding.address for finding in unread} == {".".join(path.split(".")[:2])}
    assert any(words in finding.problem for finding in unread), "\n".join(map(str, unread))


def test_a_second_vpc_is_told() -> None:
    found = findings_in("prod", add("aws_vpc", cidr_block="10.5.0.0/16"))
    assert {finding.control for finding in found} == {"reachability.coverage"}
    assert "is not the one VPC" in found[0].problem


def test_a_prefix_list_of_an_interface_endpoint_is_no_peer() -> None:
    values = {"security_group_id": "${aws_security_group.firewall_ec2_sg.id}", "ip_protocol": "tcp"}
    ports = {"from_port": 443, "to_port": 443, "prefix_list_id": "${aws_vpc_endpoint.endpoints_ssm.prefix_list_id}"}
    (finding,) = findings_in("prod", add(EGRESS, **values, **ports))
    assert "is not of a gateway endpoint" in finding.problem
