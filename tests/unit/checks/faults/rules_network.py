"""Network, load balancer and CloudFront, softened: each rule of theirs must notice its own."""

from typing import Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import EGRESS, INGRESS, WORLD, add, both, drop, group, let_in, put
from tests.unit.checks.faults.rows import written

_ENDPOINT: Final = "aws_vpc_endpoint.endpoints_ssm"
_RULE: Final = f"{INGRESS}.firewall_ec2_to_rds_5432_ingress"
_ALB: Final = "aws_lb.load_balancer_alb"
_HTTP: Final = "aws_lb_listener.load_balancer_http.default_action"
_HTTPS: Final = "aws_lb_listener.load_balancer_https"
_CDN: Final = "aws_cloudfront_distribution.frontend_distribution"
_SITE_ORIGIN: Final = f"{_CDN}.origin.0.origin_access_control_id"
_DELIVERY: Final = "aws_cloudwatch_log_delivery"


def _without(path: str) -> Edit:
    return put(path, to=None)


NETWORK: Final = [
    *faults(
        "EC2.15",
        {
            "a public subnet gives addresses": put(
                "aws_subnet.network_private_subnet_a.map_public_ip_on_launch", to=True
            ),
        },
    ),
    *faults(
        "EC2.6",
        {
            "nobody logs the VPC's traffic": drop("aws_flow_log", "flow_logs_flow_log"),
            "only rejected traffic is logged": put("aws_flow_log.flow_logs_flow_log.traffic_type", to="REJECT"),
        },
    ),
    *faults(
        "EC2.2",
        {
            "the default security group is left alone": drop(
                "aws_default_security_group", "network_default_security_group"
            ),
            "the default security group opens": put(
                "aws_default_security_group.network_default_security_group.egress", to=[{"protocol": "-1"}]
            ),
        },
    ),
    *faults(
        "vpc_endpoint.private_dns",
        {
            "calls to AWS miss the endpoint": put(f"{_ENDPOINT}.private_dns_enabled", to=False),
        },
    ),
    *faults(
        "vpc_endpoint.security_group",
        {
            "an endpoint without a security group": put(f"{_ENDPOINT}.security_group_ids", to=[]),
            "the endpoints let everybody in": let_in("vpc_endpoints", 443, cidr_ipv4=WORLD),
            "the endpoints let in SSH": put(f"{INGRESS}.firewall_vpc_to_vpc_endpoints_443_ingress.to_port", to=8443),
        },
    ),
    *faults(
        "vpc_endpoint.policy",
        {
            "an endpoint without a policy": _without(f"{_ENDPOINT}.policy"),
            "an endpoint for every action": written({"aws_vpc_endpoint endpoints_ssm policy 0 Action": ["*"]}),
        },
    ),
    *faults(
        "EC2.18",
        {
            "the world reaches PostgreSQL": let_in("rds", 5432, cidr_ipv4=WORLD),
            "the world reaches SSH of the load balancer": let_in("alb", 22, cidr_ipv6="::/0"),
            "the world reaches the instances by HTTPS": let_in("ec2", 443, cidr_ipv4=WORLD),
            "the load balancer is an internal one": put("aws_lb.load_balancer_alb.internal", to=True),
        },
    ),
    *faults(
        "security_group.references",
        {
            "an office reaches PostgreSQL": let_in("rds", 5432, cidr_ipv4="203.0.113.0/24"),
        },
    ),
    *faults(
        "security_group.egress",
        {
            "instances send anything anywhere": put(
                f"{EGRESS}.firewall_ec2_to_internet_443_egress.ip_protocol", to="-1"
            ),
            "instances send mail": both(
                put(f"{EGRESS}.firewall_ec2_to_internet_443_egress.from_port", to=25),
                put(f"{EGRESS}.firewall_ec2_to_internet_443_egress.to_port", to=25),
            ),
            "an edge with one end": drop(INGRESS, "firewall_ec2_to_redis_6379_ingress"),
            "an edge whose ends are of two ports": both(
                put(f"{INGRESS}.firewall_ec2_to_redis_6379_ingress.from_port", to=6380),
                put(f"{INGRESS}.firewall_ec2_to_redis_6379_ingress.to_port", to=6380),
            ),
        },
    ),
    *faults(
        "security_group.rule_resources",
        {
            "a rule in a group": put("aws_security_group.firewall_rds_sg.ingress", to=[{"from_port": 5432}]),
            "a rule of the old kind": add("aws_security_group_rule", type="ingress", security_group_id=group("rds")),
        },
    ),
    *faults(
        "security_group.description",
        {
            "a rule that nobody can explain": _without(f"{_RULE}.description"),
        },
    ),
    *faults(
        "ELB.4",
        {
            "invalid headers pass": put(f"{_ALB}.drop_invalid_header_fields", to=False),
        },
    ),
    *faults(
        "ELB.12",
        {
            "requests hide in requests": put(f"{_ALB}.desync_mitigation_mode", to="monitor"),
        },
    ),
    *faults(
        "ELB.6",
        {
            "the load balancer can be deleted": put(f"{_ALB}.enable_deletion_protection", to=False),
        },
    ),
    *faults(
        "ELB.5",
        {
            "nobody logs requests": put(f"{_ALB}.access_logs.enabled", to=False),
        },
    ),
    *faults(
        "ELB.1",
        {
            "HTTP answers": put(_HTTP, to=[{"type": "fixed-response", "fixed_response": {"status_code": "200"}}]),
            "HTTP redirects for now": put(f"{_HTTP}.0.redirect.status_code", to="HTTP_302"),
            "HTTP redirects to HTTP": put(f"{_HTTP}.0.redirect.protocol", to="HTTP"),
            "443 talks plain HTTP": put(f"{_HTTPS}.protocol", to="HTTP"),
        },
    ),
    *faults(
        "ELB.17",
        {
            "TLS of 2016": put(f"{_HTTPS}.ssl_policy", to="ELBSecurityPolicy-2016-08"),
            "TLS by default": _without(f"{_HTTPS}.ssl_policy"),
            "TLS 1.3 with old ciphers": put(f"{_HTTPS}.ssl_policy", to="ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"),
        },
    ),
    *faults(
        "load_balancer.default_action",
        {
            "unknown paths reach a service": put(
                f"{_HTTPS}.default_action",
                to=[{"type": "forward", "target_group_arn": "${aws_lb_target_group.load_balancer_user_tg.arn}"}],
            ),
        },
    ),
    *faults(
        "CloudFront.13",
        {
            "S3 answers anybody": _without(_SITE_ORIGIN),
            "requests to S3 are not signed": put(
                "aws_cloudfront_origin_access_control.frontend_oac.signing_behavior", to="never"
            ),
        },
    ),
    *faults(
        "CloudFront.15",
        {
            "the site talks TLS 1.0": put(f"{_CDN}.viewer_certificate.minimum_protocol_version", to="TLSv1"),
        },
    ),
    *faults(
        "CloudFront.7",
        {
            "the site has a certificate of CloudFront": _without(f"{_CDN}.viewer_certificate.acm_certificate_arn"),
        },
    ),
    *faults(
        "CloudFront.1",
        {
            "the root lists the bucket": _without(f"{_CDN}.default_root_object"),
        },
    ),
    *faults(
        "CloudFront.5",
        {
            "nobody logs visits": drop(_DELIVERY, "frontend_log_delivery"),
        },
    ),
    *faults(
        "cloudfront.security_headers",
        {
            "browsers are told nothing": _without(f"{_CDN}.default_cache_behavior.response_headers_policy_id"),
        },
    ),
    *faults(
        "CloudFront.3",
        {
            "the site answers HTTP": put(f"{_CDN}.default_cache_behavior.viewer_protocol_policy", to="allow-all"),
        },
    ),
]
