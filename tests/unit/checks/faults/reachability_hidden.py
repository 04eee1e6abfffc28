"""Ways to misdirect traffic, and to hide it from the proofs, each with the claim that it breaks."""

from typing import Final

from tests.guarded import Fault
from tests.unit.checks.faults.edits import (
    PUBLIC,
    VPC,
    WORLD,
    add,
    drop,
    group,
    let_in,
    put,
    subnet,
)

_ENDPOINTS, _FORWARDING, _COVERAGE = "reachability.endpoints", "reachability.forwarding", "reachability.coverage"

FAULTS: Final = [
    Fault(
        "ssm has no private DNS",
        "prod",
        put("aws_vpc_endpoint.endpoints_ssm.private_dns_enabled", to=False),
        _ENDPOINTS,
    ),
    Fault(
        "the VPC does not resolve private DNS",
        "prod",
        put("aws_vpc.network_vpc.enable_dns_hostnames", to=False),
        _ENDPOINTS,
    ),
    Fault(
        "the VPC does not resolve at all", "dev", put("aws_vpc.network_vpc.enable_dns_support", to=False), _ENDPOINTS
    ),
    Fault("ec2messages has no endpoint", "dev", drop("aws_vpc_endpoint", "endpoints_ec2messages"), _ENDPOINTS),
    Fault(
        "S3's endpoint is on the public table",
        "prod",
        put("aws_vpc_endpoint.endpoints_s3.route_table_ids", to=["${aws_route_table.network_public_rt.id}"]),
        _ENDPOINTS,
    ),
    Fault(
        "the load balancer listens on another port",
        "prod",
        add(
            "aws_lb_listener",
            load_balancer_arn="${aws_lb.load_balancer_alb.arn}",
            port=8443,
            default_action=[{"type": "fixed-response"}],
        ),
        _FORWARDING,
    ),
    Fault(
        "every path is forwarded",
        "prod",
        put("aws_lb_listener_rule.load_balancer_user_rule.condition.0.path_pattern.values", to=["/*"]),
        _FORWARDING,
    ),
    Fault(
        "a target group leads to SSH", "prod", put("aws_lb_target_group.load_balancer_user_tg.port", to=22), _FORWARDING
    ),
    Fault(
        "nobody registers with the monitoring target group",
        "dev",
        put("aws_autoscaling_group.monitoring_fleet_asg.target_group_arns", to=[]),
        _FORWARDING,
    ),
    Fault(
        "requests for users go to the board service",
        "prod",
        put("aws_lb_target_group.load_balancer_user_tg.port", to=8000),
        _FORWARDING,
    ),
    Fault(
        "the board service has no rule", "dev", drop("aws_lb_listener_rule", "load_balancer_board_rule"), _FORWARDING
    ),
    Fault("nothing listens on HTTPS", "prod", drop("aws_lb_listener", "load_balancer_https"), _FORWARDING),
    Fault(
        "a rule is for a host, whatever the path",
        "prod",
        add(
            "aws_lb_listener_rule",
            listener_arn="${aws_lb_listener.load_balancer_https.arn}",
            condition=[{"host_header": {"values": ["*"]}}],
            action=[{"type": "forward", "target_group_arn": "${aws_lb_target_group.load_balancer_user_tg.arn}"}],
        ),
        _FORWARDING,
    ),
    Fault(
        "health is asked on a port that nobody opens",
        "prod",
        put("aws_lb_target_group.load_balancer_user_tg.health_check.port", to="9999"),
        _FORWARDING,
    ),
    Fault(
        "a launch template has a subnet of its own",
        "prod",
        put("aws_launch_template.backend_fleet_launch_template.network_interfaces.0.subnet_id", to=PUBLIC[0]),
        _COVERAGE,
    ),
    Fault(
        "CloudFront has a way into the VPC",
        "dev",
        put("aws_cloudfront_distribution.frontend_distribution.origin.0.vpc_origin_config", to=[{"id": "x"}]),
        _COVERAGE,
    ),
    Fault("a VPC is peered", "prod", add("aws_vpc_peering_connection", vpc_id=VPC, peer_vpc_id="vpc-1"), _COVERAGE),
    Fault(
        "a transit gateway is attached", "prod", add("aws_ec2_transit_gateway_vpc_attachment", vpc_id=VPC), _COVERAGE
    ),
    Fault("the VPC has IPv6", "dev", put("aws_vpc.network_vpc.assign_generated_ipv6_cidr_block", to=True), _COVERAGE),
    Fault("IPv6 goes out", "prod", add("aws_egress_only_internet_gateway", vpc_id=VPC), _COVERAGE),
    Fault(
        "a group has inline rules",
        "prod",
        put(
            "aws_security_group.firewall_rds_sg.ingress",
            to=[{"from_port": 5432, "to_port": 5432, "protocol": "tcp", "cidr_blocks": [WORLD]}],
        ),
        "reachability.data_tier",
    ),
    Fault(
        "a rule is of the old type",
        "dev",
        add("aws_security_group_rule", type="ingress", security_group_id=group("rds")),
        _COVERAGE,
    ),
    Fault(
        "a rule names a block that nobody knows yet",
        "prod",
        let_in("redis", 6379, cidr_ipv4="${var.office}"),
        _COVERAGE,
    ),
    Fault(
        "a route leads to a part of the internet",
        "prod",
        put("aws_route.network_private_default_route.destination_cidr_block", to="8.8.8.0/24"),
        _COVERAGE,
    ),
    Fault(
        "there is a machine beside the groups",
        "prod",
        add("aws_instance", subnet_id=subnet("public", "a")),
        "reachability.tiers",
    ),
    Fault("a network ACL cuts subnets off", "dev", add("aws_network_acl", vpc_id=VPC), _COVERAGE),
    Fault(
        "a module nobody can read is called",
        "prod",
        lambda document: document["module"].update(mistake={"source": "terraform-aws-modules/vpc/aws"}),
        _COVERAGE,
    ),
    Fault(
        "the account stack opens a group of prod",
        "account",
        lambda document: document["resource"].update(
            aws_vpc_security_group_ingress_rule={"mistake": {"security_group_id": "sg-1", "cidr_ipv4": WORLD}}
        ),
        _COVERAGE,
    ),
]
"""Each is found by its claim."""
