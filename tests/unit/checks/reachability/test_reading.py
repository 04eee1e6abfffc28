"""A value that cannot be read is reported with its address, and never ignored."""

import pytest

from tests.unit.checks.reachability.findings import findings_in

pytestmark = pytest.mark.exhaustive

RULE = "aws_vpc_security_group_ingress_rule.firewall_ec2_to_rds_5432_ingress"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (f"{RULE} security_group_id", "sg-0123", "security_group_id = 'sg-0123' is not a reference to"),
        (f"{RULE} from_port", 6000, "from_port = 6000 and to_port = 5432 are not a range of ports"),
        (f"{RULE} referenced_security_group_id", None, "names no peer"),
        ("aws_vpc.network_vpc cidr_block", 10, "cidr_block = 10 is not an IPv4 block"),
        ("aws_subnet.network_private_subnet_a availability_zone", "${var.zone}", "is not the name of a zone"),
        ("aws_lb.load_balancer_alb internal", "perhaps", "internal = 'perhaps' is neither true nor false"),
        ("aws_lb.load_balancer_alb load_balancer_type", "network", "load_balancer_type = 'network' is not application"),
        ("aws_lb.load_balancer_alb subnets", "subnet-1", "subnets = 'subnet-1' is not a reference to aws_subnet"),
        ("aws_vpc_endpoint.endpoints_ssm vpc_endpoint_type", "GatewayLoadBalancer", "is neither Interface nor Gateway"),
        ("aws_autoscaling_group.backend_fleet_asg launch_template", {"version": "1"}, "launch_template.id = '' is not"),
        ("aws_vpc.network_other", {"cidr_block": "10.5.0.0/16"}, "is not the one VPC of the stack"),
    ],
)
def test_an_unreadable_value_is_reported(path: str, value: object, words: str) -> None:
    found = [each for each in findings_in("prod", {path: value}) if each.control == "reachability.coverage"]
    assert any(words in finding.problem for finding in found), "\n".join(map(str, found))
    assert {finding.address.partition(".")[0] for finding in found} == {path.partition(".")[0]}
